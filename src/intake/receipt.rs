//! The récépissé de don: what was given, to whom and when, and what becomes of the data. No tax receipt.

use entities::organisation;

use crate::access;
use crate::app::App;
use crate::devices;
use crate::error::{Error, Result};
use crate::french;
use crate::intake::store::Gift;
use crate::intake::words;
use crate::papers::{self, Block, Paper};

/// Writes the receipt. Slow: never inside a transaction.
pub(crate) async fn pdf(app: &App, gift: Gift) -> Result<Vec<u8>> {
    let organisation =
        access::store::organisation(app.db.read(), gift.site.organisation_id).await?;
    let base_url = app.config.server.base_url.clone();
    tokio::task::spawn_blocking(move || papers::pdf(&paper(&gift, &organisation, &base_url)))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
}

/// The receipt before it is laid out.
pub(crate) fn paper(gift: &Gift, organisation: &organisation::Model, base_url: &str) -> Paper {
    let reference = &gift.donation.reference;
    let issuer = [
        Some(&organisation.name),
        organisation.postal_address.as_ref(),
        organisation.contact_email.as_ref(),
        organisation.contact_phone.as_ref(),
    ];
    let mut blocks = vec![Block::KeyValues(facts(gift))];
    if gift.devices().next().is_some() {
        blocks.push(Block::Heading("Équipements remis".to_owned()));
        blocks.push(table(gift));
    }
    if !gift.accessories.is_empty() {
        let list: Vec<String> = gift
            .accessories
            .iter()
            .map(|a| words::accessories(&a.kind, a.count))
            .collect();
        blocks.push(Block::Heading("Accessoires".to_owned()));
        blocks.push(Block::Paragraph(format!("{}.", list.join(", "))));
    }
    if gift.devices().next().is_some() {
        blocks.extend(promise(gift, base_url));
    }
    blocks.extend(small_print(gift, organisation));
    Paper {
        title: "Récépissé de don".to_owned(),
        lang: "fr".to_owned(),
        issuer: issuer.into_iter().flatten().cloned().collect(),
        footer: format!("Récépissé {reference}. Ce document n’est pas un reçu fiscal."),
        blocks,
    }
}

fn facts(gift: &Gift) -> Vec<(String, String)> {
    let donation = &gift.donation;
    let place = match &gift.site.postal_address {
        Some(address) => format!("{}, {address}", gift.site.name),
        None => gift.site.name.clone(),
    };
    let donor = match &gift.donor {
        None => Some("Don anonyme".to_owned()),
        Some(donor) => donor.name.clone(),
    };
    let kind = gift.donor.as_ref().map(|d| words::donor(d.kind).to_owned());
    let siret = gift.donor.as_ref().and_then(|d| d.siret.clone());
    [
        ("Don", Some(donation.reference.clone())),
        ("Reçu le", Some(french::date_time(donation.received_at))),
        ("Lieu", Some(place)),
        ("Donateur", donor),
        ("Qualité", kind),
        ("SIRET", siret),
        ("Fondement", donation.legal_basis.clone()),
        (
            "Valeur unitaire déclarée",
            donation.unit_value_cents.map(french::euros),
        ),
        ("Référence de cession", donation.transfer_reference.clone()),
        (
            "Reçu comme",
            Some(words::entered_as(donation.entered_as).to_owned()),
        ),
    ]
    .into_iter()
    .filter_map(|(word, value)| value.map(|value| (word.to_owned(), value)))
    .collect()
}

fn table(gift: &Gift) -> Block {
    let texts = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
    Block::Table {
        head: texts([
            "Code",
            "Type",
            "Marque et modèle",
            "Numéro de série",
            "État annoncé",
        ]),
        rows: gift
            .devices()
            .map(|device| {
                let named: Vec<&str> = [device.make.as_deref(), device.model.as_deref()]
                    .into_iter()
                    .flatten()
                    .collect();
                texts([
                    &words::grouped(&device.code),
                    &words::capital(devices::words::kind(device.kind)),
                    &named.join(" "),
                    device.serial.as_deref().unwrap_or("—"),
                    &words::capital(devices::words::condition(device.condition)),
                ])
            })
            .collect(),
        widths: vec![1.1, 1.2, 2.0, 1.6, 1.1],
    }
}

fn promise(gift: &Gift, base_url: &str) -> Vec<Block> {
    let shown = base_url
        .trim_start_matches("https://")
        .trim_start_matches("http://");
    let mut blocks = vec![
        Block::Heading("Ce que nous faisons de vos données".to_owned()),
        Block::Paragraph(
            "Chaque support de données est effacé, et l’effacement vérifié, avant qu’un équipement ne change de \
             mains. Un support qui ne peut pas être effacé est détruit."
                .to_owned(),
        ),
    ];
    let mut devices = gift.devices();
    if let (Some(device), None) = (devices.next(), devices.next()) {
        blocks.push(Block::Qr {
            data: format!("{base_url}/p/{}", device.code),
            caption: format!(
                "Scannez pour voir ce que devient votre équipement, ou ouvrez\n{shown}/p/{}",
                device.code
            ),
        });
    } else {
        blocks.push(Block::Paragraph(format!(
            "Pour voir ce que devient un équipement, ouvrez {shown}/p/ suivi de son code."
        )));
    }
    blocks
}

fn small_print(gift: &Gift, organisation: &organisation::Model) -> Vec<Block> {
    let mut blocks = vec![Block::Fine(
        "Ce récépissé atteste de la remise des biens ci-dessus. Il n’est pas un reçu fiscal au sens des articles \
         200 et 238 bis du code général des impôts et n’ouvre droit à aucune réduction d’impôt."
            .to_owned(),
    )];
    let named = gift
        .donor
        .as_ref()
        .is_some_and(|d| d.name.is_some() || d.email.is_some() || d.phone.is_some());
    if named {
        let contact = organisation.data_protection_contact.as_deref();
        let contact = contact.or(organisation.contact_email.as_deref());
        let whom = contact.map_or(String::new(), |c| format!(" : {c}"));
        blocks.push(Block::Fine(format!(
            "Vos coordonnées ne servent qu’à établir et envoyer ce récépissé. Vous pouvez les consulter, les faire \
             corriger ou effacer auprès de la structure qui a reçu le don{whom}."
        )));
    }
    blocks
}
