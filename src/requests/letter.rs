//! The letter of a decision: the answer, every reason, that an algorithm took part, how to contest (france.md 9.1).

use entities::enums::{DecidingBody, Outcome};
use entities::organisation;

use super::actions::Opened;
use super::view::need_words;
use crate::access;
use crate::app::App;
use crate::error::{Error, Result};
use crate::french;
use crate::papers::{self, Block, Paper};

/// How a refusal of this body is contested.
pub(super) fn remedies(of: &organisation::Model) -> String {
    of.remedies.clone().unwrap_or_else(|| match of.deciding_body {
        DecidingBody::Public => "Vous pouvez demander à notre service de revoir cette décision, puis saisir le \
             tribunal administratif dans les deux mois qui suivent cette lettre (www.telerecours.fr)."
            .to_owned(),
        DecidingBody::Private => "Vous pouvez demander à notre structure de revoir cette décision\u{a0}: écrivez-nous \
             ou venez nous voir."
            .to_owned(),
    })
}

/// The letter as PDF.
#[expect(clippy::too_many_lines, reason = "one list told in one go")]
pub(super) async fn decision(app: &App, opened: &Opened) -> Result<Vec<u8>> {
    let db = app.db.read();
    let organisation = access::store::organisation(db, opened.request.organisation_id).await?;
    let agent = access::store::account(db, opened.request.filed_by).await?;
    let view = &opened.view;
    let name = opened
        .file
        .applicant()
        .map(crate::households::steps::Person::name)
        .unwrap_or_default();
    let mut window = vec![name];
    window.extend(
        opened
            .file
            .postal_address
            .iter()
            .flat_map(|a| a.lines().map(str::to_owned)),
    );
    let answer = match view.decision.outcome {
        Outcome::Eligible => "Votre demande est acceptée.",
        Outcome::NotEligible => "Votre demande n’est pas acceptée.",
        Outcome::NeedsReview => {
            "Votre demande est reçue. Une personne l’examine\u{a0}; aucune décision n’est prise."
        }
    };
    let mut blocks = vec![
        Block::AddressWindow(window),
        Block::Dateline(format!(
            "Le {}",
            french::date(french::local_date(view.decision.decided_at))
        )),
        Block::KeyValues(vec![
            ("Référence".to_owned(), view.reference.clone()),
            ("Demande".to_owned(), need_words(&opened.request)),
            (
                "Reçue le".to_owned(),
                french::date(french::local_date(view.filed_at)),
            ),
            ("Suivie par".to_owned(), agent.display_name),
        ]),
        Block::Paragraph(answer.to_owned()),
        Block::Heading("Pourquoi".to_owned()),
    ];
    blocks.extend(
        view.decision
            .reasons
            .iter()
            .map(|r| Block::Paragraph(r.text.clone())),
    );
    if !view.decision.missing.is_empty() {
        blocks.push(Block::Heading("Ce qui manque".to_owned()));
        blocks.extend(
            view.decision
                .missing
                .iter()
                .map(|r| Block::Paragraph(r.text.clone())),
        );
    }
    if let Some(cents) = view
        .decision
        .contribution_cents
        .filter(|_| view.decision.outcome == Outcome::Eligible)
    {
        blocks.push(Block::Paragraph(format!(
            "Votre participation\u{a0}: {}.",
            french::euros(cents)
        )));
    }
    if let Some(person) = &view.decision.decided_by {
        blocks.push(Block::Paragraph(format!(
            "Cette décision a été confirmée par {person}."
        )));
    }
    blocks.push(Block::Heading(
        "Comment cette décision est prise".to_owned(),
    ));
    blocks.push(Block::Paragraph(view.decision.algorithm.to_owned()));
    if view.decision.outcome == Outcome::NotEligible {
        blocks.push(Block::Heading("Si vous n’êtes pas d’accord".to_owned()));
        blocks.push(Block::Paragraph(remedies(&organisation)));
    }
    if let Some(contact) = &organisation.data_protection_contact {
        blocks.push(Block::Fine(format!("Vos données\u{a0}: {contact}")));
    }
    let issuer = [
        Some(&organisation.name),
        organisation.postal_address.as_ref(),
        organisation.contact_phone.as_ref(),
        organisation.contact_email.as_ref(),
    ];
    let paper = Paper {
        title: "Réponse à votre demande d’équipement".to_owned(),
        lang: "fr".to_owned(),
        issuer: issuer.into_iter().flatten().cloned().collect(),
        footer: format!("Demande {}", view.reference),
        blocks,
    };
    tokio::task::spawn_blocking(move || papers::pdf(&paper))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
}
