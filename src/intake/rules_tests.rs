use entities::enums::{Condition, DeviceKind, EnteredAs};

use super::*;
use crate::intake::input::{Accessory, AccessoryInput};

fn laptop() -> DeviceInput {
    DeviceInput {
        kind: DeviceKind::Laptop,
        make: Some("Lenovo".into()),
        model: Some("ThinkPad T440".into()),
        serial: Some("PF0QMY5N".into()),
        asset_tag: None,
        condition: Condition::Working,
        code: None,
    }
}

fn gift() -> DonationInput {
    DonationInput {
        id: None,
        site: None,
        donor: None,
        entered_as: EnteredAs::Product,
        legal_basis: None,
        unit_value_cents: None,
        transfer_reference: None,
        consent_to_erasure: true,
        devices: vec![laptop()],
        accessories: Vec::new(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the same shape as its neighbours")]
fn donor(kind: DonorKind) -> Option<DonorInput> {
    Some(DonorInput {
        kind,
        name: None,
        email: None,
        phone: None,
        siret: None,
    })
}

fn pointers(input: &DonationInput) -> Vec<String> {
    faults(input).into_iter().map(|f| f.pointer).collect()
}

#[test]
fn an_anonymous_laptop_is_a_gift_and_nothing_is_none() {
    assert_eq!(pointers(&gift()), Vec::<String>::new());
    let nothing = DonationInput {
        devices: Vec::new(),
        ..gift()
    };
    assert_eq!(pointers(&nothing), ["#/devices"]);
    let only_chargers = DonationInput {
        accessories: vec![AccessoryInput {
            kind: Accessory::Charger,
            count: 2,
        }],
        consent_to_erasure: false,
        ..nothing
    };
    assert_eq!(pointers(&only_chargers), Vec::<String>::new());
}

#[test]
fn data_are_only_taken_with_the_consent_to_erase_them() {
    let without = DonationInput {
        consent_to_erasure: false,
        ..gift()
    };
    assert_eq!(pointers(&without), ["#/consent_to_erasure"]);
    let screen = DeviceInput {
        kind: DeviceKind::Monitor,
        ..laptop()
    };
    assert!(
        faults(&DonationInput {
            devices: vec![screen],
            ..without
        })
        .is_empty()
    );
}

#[test]
fn a_public_donor_says_by_which_law_it_gives() {
    for kind in DonorKind::ALL {
        let given = DonationInput {
            donor: donor(*kind),
            ..gift()
        };
        let wanted: &[&str] = if is_public(*kind) {
            &["#/legal_basis"]
        } else {
            &[]
        };
        assert_eq!(pointers(&given), wanted, "{kind}");
        let grounded = DonationInput {
            legal_basis: Some("CG3P L3212-3".into()),
            ..given
        };
        assert!(faults(&grounded).is_empty(), "{kind}");
    }
}

#[test]
fn a_siret_is_checked_by_luhn_and_la_poste_by_its_own_sum() {
    for right in ["73282932000074", "35600000000048", "35600000009075"] {
        assert!(is_siret(right), "{right}");
    }
    for wrong in [
        "73282932000075",
        "7328293200007",
        "732829320000740",
        "ABCDEFGHIJKLMN",
        "",
    ] {
        assert!(!is_siret(wrong), "{wrong}");
    }
    let mut input = DonationInput {
        donor: donor(DonorKind::Company),
        ..gift()
    };
    if let Some(donor) = &mut input.donor {
        donor.siret = Some("732 829 320 00075".into());
    }
    assert_eq!(pointers(&tidied(input)), ["#/donor/siret"]);
}

#[test]
fn a_mail_address_has_a_domain_with_a_dot() {
    for right in ["parc@example.org", "a.b+c@mairie.beziers.fr"] {
        assert!(is_mail_address(right), "{right}");
    }
    for wrong in [
        "parc",
        "parc@example",
        "@example.org",
        "a b@example.org",
        "a@example.",
        "a@b@c.fr",
    ] {
        assert!(!is_mail_address(wrong), "{wrong}");
    }
}

#[test]
fn a_person_number_never_becomes_a_serial() {
    // The specimen printed on the sample Vitale card, and an IMEI that only looks like one.
    for (text, refused) in [
        ("2 69 05 49 588 157 80", true),
        ("269054958815781", false),
        ("356938035643809", false),
        ("PF0QMY5N", false),
    ] {
        let device = DeviceInput {
            serial: Some(text.into()),
            ..laptop()
        };
        assert_eq!(!device_faults(&device, "#").is_empty(), refused, "{text}");
    }
}

#[test]
fn one_label_is_for_one_device() {
    let labelled = DeviceInput {
        code: Some("7KD3BX0R".into()),
        ..laptop()
    };
    let twice = DonationInput {
        devices: vec![labelled.clone(), labelled],
        ..gift()
    };
    assert_eq!(pointers(&twice), ["#/devices/1/code"]);
}

#[test]
fn blanks_do_not_make_another_gift() {
    let mut typed = gift();
    typed.devices[0].model = Some("  ThinkPad   T440 ".into());
    typed.devices[0].asset_tag = Some("   ".into());
    let (a, b) = (tidied(typed), gift());
    assert_eq!(a.devices[0].model, b.devices[0].model);
    assert_eq!(a.devices[0].asset_tag, None);
}

#[test]
fn only_what_had_left_the_chain_came_back() {
    let known = |make: &str, serial: &str, custody| Known {
        make: Some(make.into()),
        serial: serial.into(),
        custody,
    };
    for (other, expected) in [
        (
            known("LENOVO", "pf0 qmy5n", CustodyKind::Gone),
            LineOutcome::AlreadyKnown,
        ),
        (
            known("Lenovo", "PF0QMY5N", CustodyKind::Household),
            LineOutcome::AlreadyKnown,
        ),
        (
            known("Lenovo", "PF0QMY5N", CustodyKind::Site),
            LineOutcome::New,
        ),
        (
            known("Dell", "PF0QMY5N", CustodyKind::Gone),
            LineOutcome::New,
        ),
        (
            known("Lenovo", "PF0QMY5X", CustodyKind::Gone),
            LineOutcome::New,
        ),
    ] {
        assert_eq!(
            outcome(&laptop(), std::slice::from_ref(&other)),
            expected,
            "{other:?}"
        );
    }
    let junk = DeviceInput {
        serial: Some("System Serial Number".into()),
        ..laptop()
    };
    let other = known("Lenovo", "System Serial Number", CustodyKind::Gone);
    assert_eq!(outcome(&junk, &[other]), LineOutcome::New);
}
