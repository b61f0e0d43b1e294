//! The récépissé de don: what was given, to whom and when, and what becomes of the data. No tax receipt.

use chrono::{DateTime, Utc};
use entities::ids::DonationId;
use entities::organisation;
use serde::{Deserialize, Serialize};

use crate::access;
use crate::app::App;
use crate::db::Tx;
use crate::devices;
use crate::error::{Error, Result};
use crate::french;
use crate::intake::store::{self, Gift};
use crate::intake::words;
use crate::jobs;
use crate::notifications::{self, message::Attachment};
use crate::papers::{self, Block, Paper};

/// The job that mails a donor the receipt.
pub(crate) const MAIL: &str = "donation_receipt";

/// What the job needs to know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MailJob {
    donation: DonationId,
}

/// Queues the mail with the gift it is for.
pub(crate) async fn send_later(tx: &Tx, donation: DonationId, now: DateTime<Utc>) -> Result<()> {
    let job = serde_json::to_value(MailJob { donation }).map_err(Error::internal)?;
    jobs::enqueue(tx, MAIL, &job, now).await
}

/// Writes the receipt and puts it into the outbox, from the server to the donor: nobody hands it on.
pub(crate) async fn send(app: &App, job: &str) -> Result<()> {
    let job: MailJob = serde_json::from_str(job).map_err(Error::internal)?;
    let Some(donation) = store::by_id(app.db.read(), job.donation).await? else {
        return Ok(());
    };
    let gift = store::gift(app, app.db.read(), donation).await?;
    // A donor who was forgotten meanwhile gets nothing.
    let Some(to) = gift.donor.as_ref().and_then(|d| d.email.clone()) else {
        return Ok(());
    };
    let organisation =
        access::store::organisation(app.db.read(), gift.site.organisation_id).await?;
    let reference = gift.donation.reference.clone();
    let text = letter(&gift, &organisation.name);
    let attachment = Attachment {
        name: format!("recepisse-{reference}.pdf"),
        media_type: "application/pdf".to_owned(),
        bytes: pdf(app, gift).await?,
    };
    let subject = format!("Récépissé de votre don {reference}");
    let now = app.clock.now();
    let tx = app.db.write().await?;
    notifications::steps::mail(app, &tx, MAIL, &to, &subject, &text, vec![attachment], now).await?;
    tx.commit().await
}

/// What the mail says around the receipt.
fn letter(gift: &Gift, organisation: &str) -> String {
    let count = i64::try_from(gift.devices().count()).unwrap_or(i64::MAX);
    let what = if count == 0 {
        "Vos accessoires ont été reçus".to_owned()
    } else {
        format!(
            "Nous avons reçu {}",
            french::counted(count, "équipement", "équipements")
        )
    };
    format!(
        "Bonjour,\n\nMerci pour votre don {}. {what}, {}, à {}.\n\nLe récépissé est joint à ce message. Il n’est pas un \
         reçu fiscal. Chaque support de données sera effacé, et l’effacement vérifié, avant qu’un équipement ne change \
         de mains.\n\n{organisation}\n",
        gift.donation.reference,
        french::date_time(gift.donation.received_at),
        gift.site.name,
    )
}

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
