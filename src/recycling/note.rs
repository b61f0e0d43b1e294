//! The note that goes with a collected lot, with what the register of outgoing waste asks
//! (order of 31 May 2021; kept at least three years).

use entities::enums::LotStatus;
use entities::{organisation, site};

use super::rules;
use super::view::{ItemView, LotView};
use crate::french;
use crate::papers::{Block, Paper};

/// The note of a lot.
pub(super) fn paper(lot: &LotView, site: &site::Model, sender: &organisation::Model) -> Paper {
    let (code, dangerous) = rules::waste_code(lot.category);
    let mut issuer = vec![sender.name.clone()];
    issuer.extend(sender.postal_address.clone());
    issuer.extend(sender.siret.as_ref().map(|s| format!("SIRET {s}")));
    issuer.extend(sender.contact_email.clone());
    let mut facts = vec![
        ("Lot".to_owned(), lot.reference.clone()),
        (
            "Déchet".to_owned(),
            rules::category(lot.category).to_owned(),
        ),
        (
            "Code déchet (proposé)".to_owned(),
            format!(
                "{code}, {}",
                if dangerous {
                    "dangereux"
                } else {
                    "non dangereux"
                }
            ),
        ),
        (
            "Poids pesé".to_owned(),
            lot.weight_grams.map_or_else(|| "—".to_owned(), tonnes),
        ),
        (
            "Lieu d’enlèvement".to_owned(),
            [Some(site.name.clone()), site.postal_address.clone()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", "),
        ),
    ];
    if lot.status == LotStatus::Open || lot.status == LotStatus::Closed {
        facts.push(("Enlèvement".to_owned(), "pas encore enlevé".to_owned()));
    } else {
        facts.extend([
            (
                "Enlevé le".to_owned(),
                lot.collected_at.map(french::date_time).unwrap_or_default(),
            ),
            (
                "Transporteur".to_owned(),
                lot.carrier.clone().unwrap_or_default(),
            ),
            (
                "Destination".to_owned(),
                lot.operator.clone().unwrap_or_default(),
            ),
            (
                if dangerous {
                    "Bon ou bordereau (BSD)"
                } else {
                    "Bon"
                }
                .to_owned(),
                lot.collection_reference.clone().unwrap_or_default(),
            ),
        ]);
    }
    let mut blocks = vec![
        Block::KeyValues(facts),
        Block::Heading("Contenu".to_owned()),
        Block::Table {
            head: ["Code", "Nature", "Désignation", "Poids"]
                .map(str::to_owned)
                .to_vec(),
            rows: lot.items.iter().rev().map(row).collect(),
            widths: vec![1.0, 1.2, 2.2, 0.8],
        },
        Block::Heading("Signatures".to_owned()),
        Block::KeyValues(vec![
            ("Remis par".to_owned(), "\n\n".to_owned()),
            ("Reçu par le transporteur".to_owned(), "\n\n".to_owned()),
        ]),
    ];
    if dangerous {
        blocks.push(Block::Fine(
            "Déchet dangereux\u{a0}: il voyage avec un bordereau électronique (Trackdéchets), sauf remise à un collecteur \
             agissant pour un éco-organisme, au fournisseur ou à une déchetterie publique\u{a0}: conservez alors ce bon."
                .to_owned(),
        ));
    }
    Paper {
        title: "Bon d’enlèvement de déchets".to_owned(),
        lang: "fr".to_owned(),
        issuer,
        footer: format!(
            "Lot {}. À conserver au moins trois ans avec le registre des déchets sortants.",
            lot.reference
        ),
        blocks,
    }
}

fn row(item: &ItemView) -> Vec<String> {
    let nature = match (item.what, item.kind) {
        (_, Some(kind)) => crate::devices::words::kind(kind).to_owned(),
        ("medium", None) => "support de données".to_owned(),
        (_, None) => "vrac".to_owned(),
    };
    vec![
        item.code.as_deref().map(grouped).unwrap_or_default(),
        nature,
        item.name.clone(),
        item.weight_grams.map(french::weight).unwrap_or_default(),
    ]
}

/// A code as it stands on the label.
pub(super) fn grouped(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((first, rest)) => format!("{first}-{rest}"),
        None => code.to_owned(),
    }
}

/// The register wants tonnes; people read kilograms.
fn tonnes(grams: i64) -> String {
    let thousandths = (grams + 500) / 1000;
    format!(
        "{} ({},{:03}\u{a0}t)",
        french::weight(grams),
        thousandths / 1000,
        thousandths % 1000
    )
}
