use proptest::prelude::*;

use super::nwipe::sample::{DISK, Drive, Log, good};
use super::*;
use crate::workshop::rules::{Level, MediumFacts, Policy, Verdict, judge};

/// The medium that a sample drive is.
fn medium(drive: &Drive) -> MediumFacts {
    MediumFacts {
        kind: DiskKind::Hdd,
        serial: Some(drive.serial.to_owned()),
        model: Some(drive.model.to_owned()),
        capacity_bytes: Some(drive.bytes),
        rotational: Some(true),
    }
}

/// The verdicts of a log on the disk of the samples, one for each erasure it reports.
fn verdicts(log: &str) -> Vec<Vec<&'static str>> {
    let reading = read(log.as_bytes()).unwrap();
    let on_disk = |erasure| judge(erasure, &medium(&DISK), Policy::default()).codes();
    reading.erasures.iter().map(on_disk).collect()
}

fn spoilt(spoil: impl Fn(&mut Log)) -> Vec<Vec<&'static str>> {
    let mut log = good();
    spoil(&mut log);
    verdicts(&log.write())
}

fn replaced(from: &str, to: &str) -> Vec<Vec<&'static str>> {
    let log = good().write();
    assert!(log.contains(from), "{from}");
    verdicts(&log.replace(from, to))
}

const ACCEPTED: [Vec<&str>; 1] = [vec![]];

#[test]
fn a_whole_and_verified_run_is_evidence_of_clear() {
    let reading = read(good().write().as_bytes()).unwrap();
    assert_eq!(
        (reading.kind, reading.tool_version.as_deref()),
        (Kind::NwipeLog, Some("0.42"))
    );
    let erasure = &reading.erasures[0];
    assert_eq!(erasure.passes, Some(1));
    assert_eq!(erasure.started.as_deref(), Some("2026-11-24T09:00:00"));
    assert_eq!(erasure.ended.as_deref(), Some("2026-11-24T09:43:12"));
    let verdict = judge(erasure, &medium(&DISK), Policy::default());
    let accepted = Verdict::Accepted {
        level: Level::Clear,
        method: Method::Overwrite,
        verification: Verification::LastPass,
    };
    assert_eq!(verdict, accepted);
    // Before 0.41 no bytes are counted, and 0.33 prints 0 B/s for short runs.
    assert_eq!(spoilt(|log| log.version = "0.34"), ACCEPTED);
    assert_eq!(replaced("|  61 MB/s |", "|   0 B/s |"), ACCEPTED);
    assert_eq!(spoilt(|log| log.suffix = "1R+NB+VA"), ACCEPTED);
}

#[test]
fn each_trap_of_the_field_is_seen() {
    let aborted = spoilt(|log| {
        log.drives[0].status = "UABORTED";
        log.last = "Nwipe was aborted by the user. Check the summary table for the drive status.";
    });
    assert_eq!(
        aborted,
        [["aborted", "error-logged"]],
        "an aborted run exits 0 and shows 100 %"
    );
    let last = "Nwipe was aborted by the user prior to the wipe starting.";
    assert_eq!(spoilt(|log| log.last = last), [["aborted"]]);
    assert_eq!(
        spoilt(|log| log.method = "Verify Zeros (0x00)"),
        [["verify-only"]]
    );
    assert_eq!(
        spoilt(|log| log.method = "Secure-Erase"),
        [["method-unknown"]]
    );
    assert_eq!(spoilt(|log| log.suffix = "1R+NB+NV"), [["no-verification"]]);
    assert_eq!(
        spoilt(|log| log.drives[0].verified = false),
        [["verification-not-shown"]]
    );
    assert_eq!(
        spoilt(|log| log.drives[0].status = "-FAILED-"),
        [["failed", "error-logged"]]
    );
    assert_eq!(
        spoilt(|log| log.drives[0].status = "INSANITY"),
        [["insanity", "error-logged"]]
    );
    assert_eq!(
        replaced("       sda | Erased ", "!      sda | Erased "),
        [["failed"]]
    );
    let hidden = "warning:  *** HIDDEN SECTORS DETECTED ! *** on /dev/sda";
    assert_eq!(
        replaced("info: No hidden sectors on /dev/sda", hidden),
        [["hidden-sectors"]]
    );
    let unsure = "warning: HIDDEN SECTORS INDETERMINATE! on /dev/sda";
    assert_eq!(
        replaced("info: No hidden sectors on /dev/sda", unsure),
        [["hidden-sectors-unknown"]]
    );
    assert_eq!(replaced("|           0 |", "|           3 |"), [["errors"]]);
    assert_eq!(
        replaced(
            "160041885696 |     160041885696",
            "160041885184 |     160041885696"
        ),
        [["partial"]]
    );
    assert_eq!(
        replaced("Erasure Summary", "Erasure-Summary"),
        [["no-byte-count"]]
    );
    assert_eq!(
        replaced("Error Summary", "Error-Summary"),
        [["no-error-count"]]
    );
    assert_eq!(replaced("nwipe 0.42", "nwipe"), [["no-version"]]);
    assert_eq!(replaced("Nwipe successfully", "Nwipe"), [["no-end"]]);
    assert_eq!(
        replaced("Verified that /dev/sda is", "Verified that /dev/sdaa is"),
        [["verification-not-shown"]]
    );
    assert_eq!(
        replaced(
            "Invoking method 'Fill With Zeros'",
            "Invoking method 'Verify Zeros (0x00)'"
        ),
        [["contradiction"]]
    );
}

#[test]
fn a_serial_is_the_whole_identity() {
    assert_eq!(
        spoilt(|log| log.drives[0].serial = "6RX7OTHER"),
        [["other-disk"]]
    );
    assert_eq!(
        spoilt(|log| log.drives[0].serial = ""),
        [["serial-missing"]]
    );
    assert_eq!(
        spoilt(|log| log.drives[0].serial = "XXXXXXXXXXXXXXX"),
        [["serial-hidden"]]
    );
    assert_eq!(
        spoilt(|log| log.drives[0].serial = "???????????????"),
        [["serial-hidden"]]
    );
    // The table alone names another disk than the enumeration.
    assert_eq!(replaced("AS/6RX7TEST", "AS/6RX7REST"), [["contradiction"]]);
}

#[test]
fn a_cut_serial_needs_the_model_to_agree() {
    let cut = Drive {
        model: "MODEL/WITH/SLASHES 9000",
        serial: "0123ABCDEFGHIJKLMNOP",
        ..DISK
    };
    let mut log = good();
    log.drives = vec![cut.clone()];
    let reading = read(log.write().as_bytes()).unwrap();
    let erasure = &reading.erasures[0];
    assert_eq!(erasure.serial, Clue::Prefix(cut.serial.to_owned()));
    let mut whole = medium(&cut);
    let codes = |medium: &MediumFacts| judge(erasure, medium, Policy::default()).codes();
    assert!(
        codes(&whole).is_empty(),
        "the serial may have exactly twenty characters"
    );
    whole.serial = Some(format!("{}QRST", cut.serial));
    assert!(codes(&whole).is_empty());
    whole.model = None;
    assert_eq!(codes(&whole), ["serial-truncated"]);
    whole.model = Some("ANOTHER 2000".to_owned());
    assert_eq!(codes(&whole), ["other-disk"]);
}

#[test]
fn only_the_last_run_of_a_drive_counts() {
    let first = good().write();
    let mut second = good();
    second.drives[0].status = "UABORTED";
    second.last = "Nwipe was aborted by the user. Check the summary table for the drive status.";
    assert_eq!(
        verdicts(&(first.clone() + &second.write())),
        [["aborted", "error-logged"]]
    );
    assert_eq!(verdicts(&(second.write() + &first)), ACCEPTED);

    // A run that was pulled out of the wall: it began to write and has no table.
    let crashed: Vec<&str> = first.lines().take(9).collect();
    let crashed = crashed.join(
        "
",
    );
    assert!(crashed.contains("Invoking method"));
    let codes = verdicts(&(first.clone() + &crashed));
    assert_eq!(codes.len(), 1);
    assert!(codes[0].contains(&"no-result"), "{codes:?}");

    // Another disk afterwards leaves the first alone; a nameless one does not.
    let mut other = good();
    other.drives[0].serial = "OTHERSERIAL";
    assert_eq!(
        verdicts(&(first.clone() + &other.write())),
        [vec!["other-disk"], vec![]]
    );
    other.drives[0].serial = "XXXXXXXXXXXXXXX";
    other.drives[0].name = "sdb";
    assert_eq!(
        verdicts(&(first + &other.write())),
        [["serial-hidden"], ["later-run-unclear"]]
    );
}

#[test]
fn a_model_name_cannot_forge_a_row() {
    let row = "       sda | Erased |  61 MB/s | 00:43:12 | ST3160815AS/6RX7TEST";
    // A row outside the table is nothing.
    let mut evil = good();
    evil.drives[0].serial = "EVILDRIVE";
    let log = evil.write().replace(
        "notice: Program options",
        &format!("notice: x\n{row}\nnotice: Program options"),
    );
    assert_eq!(verdicts(&log), [["other-disk"]]);
    // Inside, what is not a row spoils the table, and so does the same device twice.
    let true_row = "       sda | Erased |  61 MB/s | 00:43:12 | ST3160815AS/EVILDRIVE";
    let broken = format!("       sda | Erased |  61 MB/s | 00:43:12 | EVIL\n{row}");
    for forged in [
        broken,
        format!("{true_row}\n{row}"),
        format!("{true_row}\nMODEL/X"),
    ] {
        let log = evil.write().replace(true_row, &forged);
        assert!(log.contains(&forged));
        for codes in verdicts(&log) {
            assert!(codes.contains(&"table-damaged"), "{codes:?}");
        }
    }
}

#[test]
fn an_overwrite_of_flash_is_never_more_than_clear() {
    let reading = read(good().write().as_bytes()).unwrap();
    let open = Policy {
        accept_overwrite_on_flash: true,
        ..Policy::default()
    };
    for kind in [
        DiskKind::Ssd,
        DiskKind::Nvme,
        DiskKind::Emmc,
        DiskKind::Card,
    ] {
        let medium = MediumFacts {
            kind,
            rotational: None,
            ..medium(&DISK)
        };
        assert_eq!(
            judge(&reading.erasures[0], &medium, Policy::default()).codes(),
            ["overwrite-on-flash"]
        );
        let Verdict::Accepted { level, .. } = judge(&reading.erasures[0], &medium, open) else {
            panic!("{kind:?}");
        };
        assert_eq!(level, Level::Clear);
    }
    let unknown = MediumFacts {
        kind: DiskKind::Unknown,
        rotational: None,
        ..medium(&DISK)
    };
    assert_eq!(
        judge(&reading.erasures[0], &unknown, open).codes(),
        ["medium-kind-unknown"]
    );
    // The log knows better than the inventory.
    assert_eq!(
        spoilt(|log| log.drives[0].bus = "ATA-SSD"),
        [["kind-contradiction"]]
    );
}

#[test]
fn files_of_no_known_form_are_refused_in_plain_words() {
    assert_eq!(recognise(b"%PDF-1.4"), Kind::NwipePdf);
    assert_eq!(recognise(b"[2026/11/24 09:00:00] hello"), Kind::Unknown);
    assert_eq!(recognise(b"{\"type\":\"Snapshot\"}"), Kind::Unknown);
    assert_eq!(recognise(b""), Kind::Unknown);
    assert!(matches!(read(b"%PDF-1.4"), Err(ReadError::NotRead(_))));
    assert_eq!(read(b"hello"), Err(ReadError::Unknown));
    assert_eq!(read(&vec![b' '; LARGEST + 1]), Err(ReadError::TooLarge));
}

fn snapshot(action: &str) -> Vec<u8> {
    format!(
        r#"{{"type":"Snapshot","software":"Workbench","version":"11.0b11","endTime":"2022-01-13T10:24:04+00:00",
        "device":{{"type":"Laptop","chassis":"Netbook","manufacturer":"Hewlett-Packard","model":"HP ProBook","serialNumber":"CND4TEST12"}},
        "components":[{{"type":"RamModule","size":"4096.0 mebibyte"}},
        {{"type":"HardDrive","model":"{}","serialNumber":"{}","size":160041.885696,"interface":"ATA","actions":[{action}]}}]}}"#,
        DISK.model, DISK.serial
    )
    .into_bytes()
}

#[test]
fn erasures_inside_a_snapshot_are_held_to_the_same_rule() {
    let step = |severity: &str| {
        format!(
            r#"{{"type":"StepRandom","severity":"{severity}","startTime":"2022-01-13T09:00:00","endTime":"2022-01-13T11:00:00"}}"#
        )
    };
    let record = |name: &str, severity: &str, steps: &str| {
        format!(
            r#"{{"type":"{name}","severity":"{severity}","startTime":"2022-01-13T09:00:00","endTime":"2022-01-13T11:00:00","steps":[{steps}]}}"#
        )
    };
    let codes = |record: &str| -> Vec<&'static str> {
        let reading = read(&snapshot(record)).unwrap();
        assert_eq!(
            reading.machine.as_ref().unwrap().memory_bytes,
            Some(4 << 30)
        );
        judge(&reading.erasures[0], &medium(&DISK), Policy::default()).codes()
    };
    assert!(codes(&record("EraseSectors", "Info", &step("Info"))).is_empty());
    assert_eq!(
        codes(&record("EraseBasic", "Info", &step("Info"))),
        ["no-verification"]
    );
    assert_eq!(
        codes(&record("EraseSectors", "Error", &step("Error"))),
        ["failed", "verification-not-shown", "step-failed"]
    );
    assert_eq!(
        codes(&record("EraseSectors", "Info", &step("Error"))),
        ["verification-not-shown", "step-failed"]
    );
    assert_eq!(
        codes(&record("EraseSectors", "Info", "")),
        ["never-ran", "verification-not-shown"]
    );
    let instant = record("EraseSectors", "Info", &step("Info")).replace("T11:00:00", "T09:00:00");
    assert_eq!(codes(&instant), ["too-fast"]);
    let backwards = record("EraseSectors", "Info", &step("Info")).replace("T11:00:00", "T08:00:00");
    assert_eq!(
        codes(&backwards),
        ["verification-not-shown", "contradiction"]
    );
}

proptest! {
    #[test]
    fn whatever_the_bytes_nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    /// A log cut anywhere before its final line is not evidence.
    #[test]
    fn a_cut_log_is_never_evidence(at in 0_usize..4000, two in any::<bool>()) {
        let mut log = good();
        if two {
            log.drives.push(Drive { name: "sdb", serial: "SECOND", ..DISK });
        }
        let text = log.write();
        let end = text.rfind("Nwipe successfully").unwrap();
        let cut = &text[..at.min(end)];
        if let Ok(reading) = read(cut.as_bytes()) {
            for erasure in &reading.erasures {
                prop_assert!(!judge(erasure, &medium(&DISK), Policy::default()).accepted());
            }
        }
    }

    /// Lines in another order, lost or doubled, never make a disk that failed pass.
    #[test]
    fn no_shuffle_makes_a_failure_pass(order in prop::collection::vec(0_usize..60, 0..90)) {
        let mut log = good();
        log.drives[0].status = "-FAILED-";
        let text = log.write();
        let lines: Vec<&str> = text.lines().collect();
        let shuffled: Vec<&str> = order.iter().filter_map(|at| lines.get(*at).copied()).collect();
        if let Ok(reading) = read(shuffled.join("\n").as_bytes()) {
            for erasure in &reading.erasures {
                prop_assert!(!judge(erasure, &medium(&DISK), Policy::default()).accepted());
            }
        }
    }
}

/// The files that tests of other parts send to the workshop say what their names say.
#[test]
fn the_files_kept_for_other_tests_say_what_their_names_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/evidence/");
    let codes = |name: &str| verdicts(&std::fs::read_to_string(format!("{folder}{name}")).unwrap());
    assert_eq!(codes("nwipe-0.42-clear.txt"), ACCEPTED);
    assert!(codes("nwipe-0.42-aborted.txt")[0].contains(&"aborted"));
    let two = codes("nwipe-0.34-one-of-two-failed.txt");
    assert!(two[0].is_empty() && two[1].contains(&"failed"), "{two:?}");
    assert_eq!(codes("ereuse-11-erase-sectors.json"), ACCEPTED);
    assert!(codes("ereuse-11-inventory.json").is_empty());
}

/// A file of the largest size made to be slow is read in the time of a request.
#[test]
fn a_hostile_file_is_read_quickly() {
    let rows: Vec<String> = (0..100_000)
        .map(|at| format!("  {at:>8} | Erased |  61 MB/s | 00:43:12 | A/{at}"))
        .collect();
    let title = format!(
        "[2026/11/24 09:00:00]    info: nwipe 0.42\n{:*^80}\n",
        " Drive Status "
    );
    let runs: String = (0..60_000)
        .map(|at| format!("[2026/11/24 09:00:00]    info: nwipe 0.42\n[2026/11/24 09:00:00]  notice: Found /dev/sd{at}, ATA, M, 1 GB, S/N=S{at}\n[2026/11/24 09:00:00]  notice: Invoking method 'PRNG Stream' on /dev/sd{at}\n"))
        .collect::<Vec<_>>()
        .concat();
    let disks = r#"{"type":"HardDrive","model":"M","interface":"usb"},"#.repeat(200_000);
    let parts = format!(r#"{{"type":"Snapshot","components":[{disks}{{}}]}}"#);
    let started = std::time::Instant::now();
    for hostile in [title + &rows.join("\n"), runs, parts] {
        assert!(hostile.len() < LARGEST);
        read(hostile.as_bytes()).unwrap();
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn only_names_that_no_flash_drive_has_are_taken_for_turning_disks() {
    for turning in [
        "ST3500820AS",
        "ST500LT012-1DG14",
        "ST160LM000 HM161",
        "WDC WD5000AAKX-0",
        "Hitachi HDT72103",
        "FUJITSU MHZ2250B",
    ] {
        assert!(smartctl::turning_model(turning), "{turning}");
        assert!(!flash_model(turning), "{turning}");
    }
    for flash in [
        "ST240HM000",
        "ST120FN0021",
        "WDC WDS240G2G0A-00JH30",
        "WDC  WDBNCE5000PNC",
        "Crucial_CT275MX300SSD1",
        "SAMSUNG MZNTY256",
        "",
    ] {
        assert!(!smartctl::turning_model(flash), "{flash}");
    }
}
