//! What a gift must be, on plain values.

use entities::enums::{CustodyKind, DonorKind, LineOutcome};

use crate::devices::serial;
use crate::devices::state::may_hold_data;
use crate::error::{Error, FieldError, Result};
use crate::intake::input::{DeviceInput, DonationInput, DonorInput};

/// Most devices of one gift at the counter; more come by a spreadsheet.
pub(crate) const MOST_DEVICES: usize = 500;

/// Unit value above which a public body may not give freely (decree 2022-791): 300 €.
pub(crate) const PUBLIC_UNIT_VALUE_CENTS: i64 = 30_000;

/// Whether a donor is a public person, whose gift needs a legal basis (CG3P L3212-2 and L3212-3).
pub(crate) const fn is_public(kind: DonorKind) -> bool {
    match kind {
        DonorKind::State | DonorKind::LocalAuthority | DonorKind::PublicBody => true,
        DonorKind::Individual | DonorKind::Company | DonorKind::Association => false,
    }
}

/// The same gift with blanks taken out, so that two ways of typing it are one.
pub(crate) fn tidied(mut input: DonationInput) -> DonationInput {
    tidy(&mut input.site);
    tidy(&mut input.legal_basis);
    tidy(&mut input.transfer_reference);
    if let Some(donor) = &mut input.donor {
        for text in [&mut donor.name, &mut donor.email, &mut donor.phone] {
            tidy(text);
        }
        donor.siret = donor
            .siret
            .take()
            .map(|s| s.chars().filter(|c| !c.is_whitespace()).collect())
            .filter(|s: &String| !s.is_empty());
    }
    for device in &mut input.devices {
        tidy_device(device);
    }
    input
}

/// The same for one device.
pub(crate) fn tidy_device(device: &mut DeviceInput) {
    for text in [
        &mut device.make,
        &mut device.model,
        &mut device.serial,
        &mut device.asset_tag,
        &mut device.code,
    ] {
        tidy(text);
    }
}

/// One blank between words, none around; nothing when nothing is left.
fn tidy(text: &mut Option<String>) {
    *text = text
        .take()
        .map(|t| t.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|t| !t.is_empty());
}

/// Refuses a gift that is not one, with every fault at its field.
pub(crate) fn check(input: &DonationInput) -> Result<()> {
    let faults = faults(input);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Every fault of a tidied gift beyond the lengths of its texts.
pub(crate) fn faults(input: &DonationInput) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if input.devices.is_empty() && input.accessories.is_empty() {
        faults.push(FieldError::new(
            "#/devices",
            "Ajoutez au moins un équipement.",
        ));
    }
    if input.devices.len() > MOST_DEVICES {
        faults.push(FieldError::new(
            "#/devices",
            format!("Au plus {MOST_DEVICES} équipements à la fois : au-delà, importez un fichier."),
        ));
    }
    let holds_data = input.devices.iter().any(|d| may_hold_data(d.kind));
    if holds_data && !input.consent_to_erasure {
        faults.push(FieldError::new(
            "#/consent_to_erasure",
            "Sans cet accord, un équipement qui garde des données ne peut pas être pris.",
        ));
    }
    if let Some(donor) = &input.donor {
        faults.extend(donor_faults(donor));
        if is_public(donor.kind) && input.legal_basis.is_none() {
            faults.push(FieldError::new(
                "#/legal_basis",
                "Un don public se fonde sur un texte : article L3212-2 ou L3212-3 du CG3P.",
            ));
        }
    }
    for (n, device) in input.devices.iter().enumerate() {
        faults.extend(device_faults(device, &format!("#/devices/{n}")));
        let same = |other: &DeviceInput| device.code.is_some() && other.code == device.code;
        if let Some(first) = input.devices[..n].iter().position(same) {
            faults.push(FieldError::new(
                format!("#/devices/{n}/code"),
                format!(
                    "Cette étiquette est déjà celle de l’équipement {}.",
                    first + 1
                ),
            ));
        }
    }
    for (n, accessory) in input.accessories.iter().enumerate() {
        if input.accessories[..n]
            .iter()
            .any(|a| a.kind == accessory.kind)
        {
            faults.push(FieldError::new(
                format!("#/accessories/{n}/kind"),
                "Ce type d’accessoire est compté deux fois.",
            ));
        }
    }
    faults
}

fn donor_faults(donor: &DonorInput) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if donor.email.as_deref().is_some_and(|e| !is_mail_address(e)) {
        faults.push(FieldError::new(
            "#/donor/email",
            "Cette adresse n’est pas complète. Exemple : nom@exemple.fr",
        ));
    }
    if donor.phone.as_deref().is_some_and(|p| !is_phone(p)) {
        faults.push(FieldError::new(
            "#/donor/phone",
            "Un numéro comme 04 67 00 00 00 ou +33 4 67 00 00 00.",
        ));
    }
    match (donor.kind, &donor.siret) {
        (DonorKind::Individual, Some(_)) => faults.push(FieldError::new(
            "#/donor/siret",
            "Un particulier n’a pas de SIRET.",
        )),
        (_, Some(siret)) if !is_siret(siret) => faults.push(FieldError::new(
            "#/donor/siret",
            "Ce SIRET n’est pas juste : 14 chiffres, dont le dernier vérifie les autres.",
        )),
        (_, None | Some(_)) => {}
    }
    faults
}

/// The faults of one device, beyond the lengths of its texts.
pub(crate) fn device_faults(device: &DeviceInput, at: &str) -> Vec<FieldError> {
    let fields = [
        ("make", &device.make),
        ("model", &device.model),
        ("serial", &device.serial),
        ("asset_tag", &device.asset_tag),
    ];
    fields
        .into_iter()
        .filter_map(|(name, text)| {
            let text = text.as_deref()?;
            let words = if text.chars().any(char::is_control) {
                "Ce texte contient des caractères invisibles."
            } else if is_social_security_number(text) {
                "Ceci ressemble à un numéro de sécurité sociale : il n’a rien à faire ici."
            } else {
                return None;
            };
            Some(FieldError::new(format!("{at}/{name}"), words))
        })
        .collect()
}

/// A SIRET: 14 digits whose Luhn sum is a multiple of ten. La Poste's own have a plain sum that is a multiple of five.
pub(crate) fn is_siret(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|d| d.len() == 14) else {
        return false;
    };
    let luhn: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) => double / 10 + double % 10,
        })
        .sum();
    luhn.is_multiple_of(10)
        || (text.starts_with("356000000") && digits.iter().sum::<u32>().is_multiple_of(5))
}

/// An address that mail can be sent to: the form of HTML, and a domain with a dot.
pub(crate) fn is_mail_address(text: &str) -> bool {
    use validator::ValidateEmail;
    let domain = text.rsplit_once('@').map_or("", |(_, domain)| domain);
    text.validate_email() && domain.contains('.') && !domain.ends_with('.')
}

/// A telephone number: 9 to 15 digits, with the usual separators.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let usual = |(at, c): (usize, char)| {
        c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '(' | ')') || (at == 0 && c == '+')
    };
    (9..=15).contains(&digits) && text.char_indices().all(usual)
}

/// A French social security number: 15 digits that begin as one and whose key fits (97 minus the rest by 97).
/// An IMEI has 15 digits too, but its first tells another story.
fn is_social_security_number(text: &str) -> bool {
    let bare: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '.' | '-'))
        .collect();
    if bare.len() != 15 || !bare.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let number = |range: std::ops::Range<usize>| bare[range].parse::<u64>().unwrap_or(0);
    let month = number(3..5);
    matches!(&bare[..1], "1" | "2")
        && ((1..=12).contains(&month) || (20..=42).contains(&month))
        && number(13..15) == 97 - number(0..13) % 97
}

/// A device that carries the same serial number as one just given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// Manufacturer.
    pub(crate) make: Option<String>,
    /// Serial number.
    pub(crate) serial: String,
    /// Where it is.
    pub(crate) custody: CustodyKind,
}

/// Whether a device given now is one we had: same serial, and no other make.
pub(crate) fn is_same(make: Option<&str>, real_serial: &str, known: &Known) -> bool {
    let makes = make
        .zip(known.make.as_deref())
        .is_none_or(|(a, b)| a.to_uppercase() == b.to_uppercase());
    makes && serial::comparable(real_serial) == serial::comparable(&known.serial)
}

/// How a line of the counter is reconciled: new, or one that had left the chain and came back.
pub(crate) fn outcome(device: &DeviceInput, known: &[Known]) -> LineOutcome {
    let real = device.serial.as_deref().and_then(serial::clean);
    let came_back = real.is_some_and(|real| {
        known.iter().any(|k| {
            is_same(device.make.as_deref(), &real, k)
                && matches!(
                    k.custody,
                    CustodyKind::Gone | CustodyKind::Household | CustodyKind::Missing
                )
        })
    });
    if came_back {
        LineOutcome::AlreadyKnown
    } else {
        LineOutcome::New
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
