//! The receipt of a contribution: number, amount, guarantee; nothing of the household's need.

use entities::{device, handover, organisation};

use super::pages::means_word;
use crate::app::App;
use crate::devices::words;
use crate::error::{Error, Result};
use crate::papers::{self, Block, Paper};
use crate::{access, devices, french};

/// What the law gives a buyer of used goods from a professional (Code de la consommation, L217-3 and L217-7; the
/// mention is of D211-6 and D211-7).
const GUARANTEE: &str = "Cet équipement est vendu d’occasion. Le vendeur répond de la garantie légale de conformité \
    pendant deux ans à compter de la remise (articles L217-3 et suivants du code de la consommation). Un défaut qui \
    apparaît dans les douze mois est présumé exister au moment de la remise : vous n’avez rien à prouver. Vous pouvez \
    demander la réparation ou le remplacement, sinon le remboursement. Rapportez l’équipement à l’adresse ci-dessus.";

/// Writes the receipt. Slow: never inside a transaction.
pub(super) async fn pdf(app: &App, row: handover::Model) -> Result<Vec<u8>> {
    let db = app.db.read();
    let device = devices::store::by_id(db, row.device_id).await?;
    let organisation = access::store::organisation(db, row.organisation_id).await?;
    tokio::task::spawn_blocking(move || papers::pdf(&paper(&row, &device, &organisation)))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
}

fn paper(row: &handover::Model, device: &device::Model, by: &organisation::Model) -> Paper {
    let number = row.receipt_number.clone().unwrap_or_default();
    let issuer = [
        Some(&by.name),
        by.postal_address.as_ref(),
        by.contact_phone.as_ref(),
        by.contact_email.as_ref(),
    ];
    let mut issuer: Vec<String> = issuer.into_iter().flatten().cloned().collect();
    issuer.extend(by.siret.as_ref().map(|siret| format!("SIRET {siret}")));
    let day = french::local_date(row.at);
    let facts = [
        ("Reçu numéro", Some(number.clone())),
        ("Date", Some(french::date(day))),
        (
            "Équipement",
            Some(format!(
                "{} {}, d’occasion",
                words::kind(device.kind),
                words::name(device)
            )),
        ),
        ("Code", Some(words::grouped(&device.code))),
        ("Numéro de série", device.serial.clone()),
        (
            "Montant payé, TTC",
            Some(french::euros(row.contribution_cents)),
        ),
        ("Réglé par", row.means.map(|m| means_word(m).to_lowercase())),
        ("Référence du règlement", row.payment_reference.clone()),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(word, value)| Some((word.to_owned(), value?)))
        .collect();
    let mut blocks = vec![Block::KeyValues(facts)];
    blocks.extend(by.vat_mention.clone().map(Block::Paragraph));
    blocks.push(Block::Heading("Garantie".to_owned()));
    blocks.push(Block::Paragraph(GUARANTEE.to_owned()));
    Paper {
        title: "Reçu".to_owned(),
        lang: "fr".to_owned(),
        issuer,
        footer: format!("Reçu {number}"),
        blocks,
    }
}
