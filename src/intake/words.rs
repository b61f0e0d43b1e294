//! The words of giving on the screen and on paper, in French.

use entities::device;
use entities::enums::{CustodyKind, DeviceKind, DonationStatus, DonorKind, EnteredAs, LineOutcome};

use crate::devices;
use crate::french::counted;
use crate::intake::input::Accessory;

/// A legal kind of donor.
pub(crate) const fn donor(kind: DonorKind) -> &'static str {
    match kind {
        DonorKind::Individual => "Particulier",
        DonorKind::Company => "Entreprise",
        DonorKind::Association => "Association",
        DonorKind::State => "État",
        DonorKind::LocalAuthority => "Collectivité",
        DonorKind::PublicBody => "Établissement public",
    }
}

/// A status of a donation.
pub(crate) const fn status(status: DonationStatus) -> &'static str {
    match status {
        DonationStatus::Open => "ouvert",
        DonationStatus::Closed => "clos",
    }
}

/// How it was taken in.
pub(crate) const fn entered_as(entered: EnteredAs) -> &'static str {
    match entered {
        EnteredAs::Product => "Produit (réemploi)",
        EnteredAs::Waste => "Déchet (réutilisation)",
    }
}

/// What came of a line.
pub(crate) const fn outcome(outcome: LineOutcome) -> &'static str {
    match outcome {
        LineOutcome::Announced => "annoncé",
        LineOutcome::New => "reçu",
        LineOutcome::AlreadyKnown => "déjà connu",
        LineOutcome::SameAs => "en double",
        LineOutcome::WithoutSerial => "sans numéro de série",
        LineOutcome::Absent => "absent",
        LineOutcome::Surplus => "en plus",
    }
}

/// A kind of device as a large key says it: one or two words.
pub(crate) const fn kind_key(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Laptop => "Portable",
        DeviceKind::Desktop => "Fixe",
        DeviceKind::AllInOne => "Tout-en-un",
        DeviceKind::Tablet => "Tablette",
        DeviceKind::Smartphone => "Téléphone",
        DeviceKind::Monitor => "Écran",
        DeviceKind::Other => "Autre",
    }
}

/// A kind of accessory, as the counter's field says it.
pub(crate) const fn accessory(kind: Accessory) -> &'static str {
    match kind {
        Accessory::Charger => "Chargeurs",
        Accessory::Mouse => "Souris",
        Accessory::Keyboard => "Claviers",
        Accessory::Bag => "Sacoches",
        Accessory::Other => "Autres accessoires",
    }
}

/// So many accessories of a kind: « 2 chargeurs ».
pub(crate) fn accessories(kind: &str, count: i32) -> String {
    let (one, many) = match kind {
        "charger" => ("chargeur", "chargeurs"),
        "mouse" => ("souris", "souris"),
        "keyboard" => ("clavier", "claviers"),
        "bag" => ("sacoche", "sacoches"),
        _ => ("autre accessoire", "autres accessoires"),
    };
    counted(i64::from(count), one, many)
}

/// Make and model, or the kind when neither is known.
pub(crate) fn name(make: Option<&str>, model: Option<&str>, kind: DeviceKind) -> String {
    let known: Vec<&str> = [make, model].into_iter().flatten().collect();
    if known.is_empty() {
        capital(devices::words::kind(kind))
    } else {
        known.join(" ")
    }
}

/// With a capital letter.
pub(crate) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// That a serial number is another device's already, and what to do about it.
pub(crate) fn serial_known(serial: &str, other: &device::Model) -> String {
    let code = grouped(&other.code);
    match other.custody {
        CustodyKind::Household => format!(
            "Le n° {serial} est celui de {code}, remis à un foyer. S’il revient, scannez son ancienne étiquette et choisissez « Reprendre au foyer »."
        ),
        CustodyKind::Missing => format!(
            "Le n° {serial} est celui de {code}, introuvable. Si c’est lui, scannez son ancienne étiquette et choisissez « Signaler retrouvé »."
        ),
        CustodyKind::Gone => format!("Le n° {serial} est celui de {code}, parti en recyclage."),
        CustodyKind::Site | CustodyKind::Shipment => format!(
            "Le n° {serial} est déjà celui de {code}. Vérifiez que ce n’est pas le même équipement."
        ),
    }
}

/// A code as people read it, `7KD3-BX0R`.
pub(crate) fn grouped(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((head, tail)) => format!("{head}-{tail}"),
        None => code.to_owned(),
    }
}

/// The button that prints so many labels.
pub(crate) fn print_labels(count: usize) -> String {
    match count {
        1 => "Imprimer l’étiquette".to_owned(),
        count => {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            format!("Imprimer {}", counted(count, "étiquette", "étiquettes"))
        }
    }
}
