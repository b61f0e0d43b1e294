use proptest::prelude::*;

use super::*;
use crate::workshop::evidence::nwipe::sample::{DISK, good};
use crate::workshop::evidence::{Clue, Errors, Fault, HiddenSectors, Outcome, read};

fn erasure() -> Erasure {
    read(good().write().as_bytes()).unwrap().erasures.remove(0)
}

fn medium(kind: DiskKind) -> MediumFacts {
    MediumFacts {
        kind,
        serial: Some(DISK.serial.to_owned()),
        model: None,
        capacity_bytes: Some(DISK.bytes),
        rotational: None,
    }
}

const TYPED: Declared = Declared {
    method: Method::Overwrite,
    level: Level::Clear,
    verification: Verification::LastPass,
    success: true,
};

#[test]
fn a_medium_is_compared_without_case_or_blanks() {
    let mut own = medium(DiskKind::Hdd);
    own.serial = Some(format!(" {} ", DISK.serial.to_lowercase()));
    assert!(judge(&erasure(), &own, Policy::default()).accepted());
    own.serial = Some("To Be Filled By O.E.M.".to_owned());
    assert_eq!(
        judge(&erasure(), &own, Policy::default()).codes(),
        ["medium-without-serial"]
    );
    own = medium(DiskKind::Hdd);
    own.capacity_bytes = Some(250_059_350_016);
    assert_eq!(
        judge(&erasure(), &own, Policy::default()).codes(),
        ["other-capacity"]
    );
    own.capacity_bytes = None;
    assert!(judge(&erasure(), &own, Policy::default()).accepted());
}

#[test]
fn a_bridge_serial_is_named_as_such() {
    let mut report = erasure();
    report.serial = Clue::Exact("42T9TEST".to_owned());
    report.other_serial = Some(DISK.serial.to_owned());
    assert_eq!(
        judge(&report, &medium(DiskKind::Hdd), Policy::default()).codes(),
        ["bridge-serial"]
    );
}

#[test]
fn each_method_reaches_what_the_tables_say() {
    use DiskKind::{Emmc, Hdd, Nvme, Ssd};
    use Level::{Clear, Purge};
    use Method::{
        BlockErase, CryptoErase, FactoryReset, Format, Overwrite, SecureErase, SecureEraseEnhanced,
    };
    let open = Policy {
        accept_overwrite_on_flash: true,
        ..Policy::default()
    };
    let rows = [
        (
            Overwrite,
            [Some(Clear), Some(Clear), Some(Clear), Some(Clear)],
        ),
        (SecureErase, [Some(Clear), Some(Clear), None, Some(Clear)]),
        (
            SecureEraseEnhanced,
            [Some(Purge), Some(Clear), None, Some(Clear)],
        ),
        (BlockErase, [None, Some(Purge), Some(Purge), Some(Clear)]),
        (
            CryptoErase,
            [Some(Purge), Some(Purge), Some(Purge), Some(Clear)],
        ),
        (Format, [None, None, Some(Purge), None]),
        (FactoryReset, [None, None, None, None]),
    ];
    for (method, reached) in rows {
        for (kind, expected) in [Hdd, Ssd, Nvme, Emmc].into_iter().zip(reached) {
            for level in [Clear, Purge] {
                let declared = Declared {
                    method,
                    level,
                    ..TYPED
                };
                let accepted = judge_declared(declared, &medium(kind), open).accepted();
                assert_eq!(
                    accepted,
                    expected.is_some_and(|most| level <= most),
                    "{method:?} {kind:?} {level:?}"
                );
            }
        }
    }
}

#[test]
fn a_typed_erasure_is_held_to_the_rule_too() {
    let hdd = medium(DiskKind::Hdd);
    let codes = |declared, policy| judge_declared(declared, &hdd, policy).codes();
    let open = Policy::default();
    assert!(codes(TYPED, open).is_empty());
    assert_eq!(
        codes(
            Declared {
                success: false,
                ..TYPED
            },
            open
        ),
        ["failed"]
    );
    assert_eq!(
        codes(
            Declared {
                level: Level::Purge,
                ..TYPED
            },
            open
        ),
        ["level-too-high"]
    );
    assert_eq!(
        codes(
            Declared {
                verification: Verification::None,
                ..TYPED
            },
            open
        ),
        ["no-verification"]
    );
    assert_eq!(
        codes(
            Declared {
                verification: Verification::DriveStatus,
                ..TYPED
            },
            open
        ),
        ["verification-unknown"]
    );
    assert_eq!(
        codes(
            Declared {
                method: Method::VerifyOnly,
                ..TYPED
            },
            open
        ),
        ["verify-only"]
    );
    assert_eq!(
        codes(
            TYPED,
            Policy {
                accept_declared: false,
                ..open
            }
        ),
        ["declared-not-accepted"]
    );
    assert!(judge_declared(TYPED, &medium(DiskKind::Ssd), open).codes() == ["overwrite-on-flash"]);
    assert_eq!(
        Declared::parse("overwrite", "clear", "last_pass", "success"),
        Ok(TYPED)
    );
    let fields: Vec<_> = Declared::parse("burn", "gone", "maybe", "fine")
        .unwrap_err()
        .into_iter()
        .map(|fault| fault.0)
        .collect();
    assert_eq!(fields, ["method", "level", "verification", "result"]);
}

/// Ways in which a report may fall short; each alone must keep it from being accepted.
fn spoil(erasure: &mut Erasure, way: usize) {
    let faults = [
        Fault::NoResult,
        Fault::TableDamaged,
        Fault::NoErrorCount,
        Fault::NoByteCount,
        Fault::NoEnd,
        Fault::RunAborted,
        Fault::NoVersion,
        Fault::ErrorLogged,
        Fault::Contradiction,
        Fault::LaterRunUnclear,
        Fault::StepFailed,
        Fault::NoStep,
    ];
    let outcomes = [
        Outcome::Failed,
        Outcome::Aborted,
        Outcome::Insane,
        Outcome::NotRun,
        Outcome::Unknown,
    ];
    match way {
        0..12 => erasure.faults.push(faults[way]),
        12..17 => erasure.outcome = outcomes[way - 12],
        17 => erasure.verified = false,
        18 => erasure.verification = Verification::None,
        19 => erasure.verification = Verification::Unknown,
        20 => erasure.verification = Verification::Sampling,
        21 => erasure.method = Method::VerifyOnly,
        22 => erasure.method = Method::Other,
        23 => erasure.serial = Clue::Hidden,
        24 => erasure.serial = Clue::Missing,
        25 => erasure.serial = Clue::Exact("OTHER-DISK".to_owned()),
        26 => {
            erasure.errors = Errors {
                pass: Some(0),
                verify: Some(1),
                sync: Some(0),
            }
        }
        27 => erasure.bytes_erased = Some(1),
        28 => erasure.hidden_sectors = HiddenSectors::Detected,
        29 => erasure.hidden_sectors = HiddenSectors::Indeterminate,
        30 => erasure.capacity_bytes = Some(500_107_862_016),
        31 => erasure.duration_seconds = Some(1),
        _ => erasure.rotational = Some(false),
    }
}

proptest! {
    #[test]
    fn whatever_is_missing_is_not_evidence(ways in prop::collection::vec(0_usize..33, 1..5), flash in any::<bool>()) {
        let policy = Policy { accept_declared: true, accept_overwrite_on_flash: flash, accept_sampling: false };
        let mut report = erasure();
        for way in &ways {
            spoil(&mut report, *way);
        }
        // A later way may overwrite an earlier one, never mend it: the report is spoilt in any case.
        let verdict = judge(&report, &medium(DiskKind::Hdd), policy);
        prop_assert!(!verdict.accepted(), "{ways:?}");
        prop_assert!(!verdict.codes().is_empty());
    }

    #[test]
    fn an_overwrite_is_never_purge(kind in 0_usize..5, open in any::<bool>()) {
        let kinds = [DiskKind::Hdd, DiskKind::Ssd, DiskKind::Nvme, DiskKind::Emmc, DiskKind::Card];
        let policy = Policy { accept_overwrite_on_flash: open, ..Policy::default() };
        if let Verdict::Accepted { level, .. } = judge(&erasure(), &medium(kinds[kind]), policy) {
            prop_assert_eq!(level, Level::Clear);
        }
    }
}
