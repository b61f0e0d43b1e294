//! Every real file at hand is read without a panic, and what is known of it by other means is found
//! in it. The files are not part of the repository: where they are absent the tests say so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::rules::{
    Declared, Identity, MediumFacts, Policy, Verdict, judge, judge_declared, same_medium,
};
use super::*;

fn fixtures(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("REBOND_FIXTURES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    #[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
    {
        eprintln!("skipped: {test}, no real files at {}", folder.display());
    }
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

fn load(path: &Path) -> Reading {
    read(&std::fs::read(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_real_file_is_read_or_refused_without_a_panic() {
    let Some(folder) = fixtures("every_real_file_is_read_or_refused_without_a_panic") else {
        return;
    };
    let mut counts = BTreeMap::new();
    for path in files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        *counts.entry(recognise(&bytes).code()).or_insert(0) += 1;
        let _ = read(&bytes);
        // A cut file, as a full stick or a pulled cable leaves it.
        let _ = read(&bytes[..bytes.len() / 2]);
        let _ = read(&bytes[..bytes.len().saturating_sub(200)]);
    }
    assert!(counts["nwipe_log"] >= 20, "{counts:?}");
    assert!(counts["ereuse_snapshot"] >= 30, "{counts:?}");
    assert!(
        counts["lshw"] >= 30 && counts["smartctl"] >= 100,
        "{counts:?}"
    );
    assert_eq!(counts["usody_report"], 1);
}

fn disk(serial: &str) -> MediumFacts {
    MediumFacts {
        kind: DiskKind::Hdd,
        serial: Some(serial.to_owned()),
        model: Some("Loopback device".to_owned()),
        capacity_bytes: None,
        rotational: Some(true),
    }
}

/// The log as it would be had the drives serial numbers: loop devices have none, real disks do.
fn with_serials(log: &str) -> String {
    let lines = log.lines().map(|line| {
        let serial = if line.contains("loop2") {
            "SECOND-DISK"
        } else {
            "FIRST-DISK"
        };
        if line.ends_with("S/N=") || line.ends_with("| Loopback device/") {
            format!("{line}{serial}")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_run_of_nwipe_gets_the_verdict_it_deserves() {
    let Some(folder) = fixtures("each_run_of_nwipe_gets_the_verdict_it_deserves") else {
        return;
    };
    // Exit codes beside: the aborted run, the unverified ones and the verify-only one all exit 0.
    let failed = vec!["failed", "errors", "verification-not-shown", "error-logged"];
    let partial = vec![
        "failed",
        "errors",
        "verification-not-shown",
        "partial",
        "error-logged",
    ];
    let expected: Vec<(&str, Vec<Vec<&str>>)> = vec![
        (
            "33-abort-sigint.log",
            vec![vec!["aborted", "verification-not-shown"]],
        ),
        ("33-ioerror-one-of-two.log", vec![vec![], failed]),
        ("33-ops2.log", vec![vec![]]),
        ("33-quiet-anon.log", vec![vec!["serial-hidden"]]),
        (
            "33-verifyzero-fails.log",
            vec![vec!["failed", "errors", "verify-only", "error-logged"]],
        ),
        (
            "42-dodshort-noblank-noverify.log",
            vec![vec!["no-verification"]],
        ),
        ("42-dodshort-noblank.log", vec![vec!["no-verification"]]),
        ("42-ioerror-one-of-two.log", vec![vec![], partial]),
        ("42-nodevice.log", vec![]),
        ("42-ops2.log", vec![vec![]]),
        (
            "42-verifyzero-fails.log",
            vec![vec!["failed", "errors", "verify-only", "error-logged"]],
        ),
        ("42-verifyzero-ok.log", vec![vec!["verify-only"]]),
        ("42-zero-ok_TWO-RUNS-APPENDED.log", vec![vec![]]),
    ];
    let folder = folder.join("diagnostics/nwipe/selfrun");
    for (name, verdicts) in expected {
        let log = std::fs::read_to_string(folder.join(name)).unwrap();
        let bare = read(log.as_bytes()).unwrap();
        for erasure in &bare.erasures {
            let codes = judge(erasure, &disk("FIRST-DISK"), Policy::default()).codes();
            let nameless = codes.contains(&"serial-missing") || codes.contains(&"serial-hidden");
            assert!(
                nameless,
                "{name}: a log without serial number proves nothing: {codes:?}"
            );
        }
        let reading = read(with_serials(&log).as_bytes()).unwrap();
        let found: Vec<_> = reading
            .erasures
            .iter()
            .map(|erasure| {
                let serial = erasure.serial.text().unwrap_or("FIRST-DISK");
                judge(erasure, &disk(serial), Policy::default()).codes()
            })
            .collect();
        assert_eq!(found, verdicts, "{name}");
        let other = disk("ANOTHER-DISK");
        assert!(
            reading
                .erasures
                .iter()
                .all(|erasure| !judge(erasure, &other, Policy::default()).accepted())
        );
    }
}

#[test]
fn quoted_logs_are_cut_and_prove_nothing() {
    let Some(folder) = fixtures("quoted_logs_are_cut_and_prove_nothing") else {
        return;
    };
    for path in files(&folder.join("diagnostics/nwipe/threads")) {
        let reading = load(&path);
        assert_eq!(reading.kind, Kind::NwipeLog, "{}", path.display());
        for erasure in &reading.erasures {
            let medium = disk(erasure.serial.text().unwrap_or("ANY"));
            assert!(
                !judge(erasure, &medium, Policy::default()).accepted(),
                "{}",
                path.display()
            );
        }
    }
}

/// Kind, make, model, serial of a machine, memory in GiB, and its own disks.
type Known<'a> = (
    &'a str,
    Option<MachineKind>,
    Option<&'a str>,
    Option<&'a str>,
    Option<i64>,
    Vec<(&'a str, Option<&'a str>, DiskKind)>,
);

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "a table of machines, one after the other"
)]
fn snapshots_of_all_generations_tell_the_machine_and_its_disks() {
    use DiskKind::{Hdd, Nvme, Ssd};
    let Some(folder) = fixtures("snapshots_of_all_generations_tell_the_machine_and_its_disks")
    else {
        return;
    };
    let laptop = Some(MachineKind::Laptop);
    let desktop = Some(MachineKind::Desktop);
    let known: Vec<Known<'_>> = vec![
        (
            "wb-10-and-older/school-lot-2015-12-09_22.json",
            desktop,
            Some("OptiPlex 320"),
            Some("03f82e4ed7245f99eb1342e96f3a50d09bbabc3366d06b2d03edd657"),
            Some(1),
            vec![(
                "ST3500820AS",
                Some("eb3a61042763170fef98508c0de4c7411cdd6ab05475721f070f0fc6"),
                Hdd,
            )],
        ),
        (
            "wb-11-12/hp-dc7900_three-disks.json",
            desktop,
            Some("HP Compaq dc7900 Small Form Factor"),
            Some("CZC901381R"),
            Some(2),
            vec![
                ("ST3160815AS", Some("6RX7AWEZ"), Hdd),
                ("WDC WD3200AAJS-0", Some("WD-WCARW0244414"), Hdd),
                ("WDC WD5000AAKX-6", Some("WD-WCC2ETY84203"), Hdd),
            ],
        ),
        (
            "wb-11-12/hp-probook-430-g4.json",
            laptop,
            Some("ProBook 430 G4"),
            Some("5CD7314HDY"),
            Some(8),
            vec![("SAMSUNG MZNTY256", Some("S2ZPNB0J121952"), Ssd)],
        ),
        (
            "wb-11-12/render-pinetrail_junk-serial-0123456789.json",
            None,
            Some("Pinetrail"),
            None,
            Some(1),
            vec![("MK1665GS", Some("907HT0RKT"), Hdd)],
        ),
        (
            "wb-11-12/whitebox_null-vendor-model-serial.json",
            desktop,
            None,
            None,
            Some(4),
            vec![("ST500DM002-1BD14", Some("Z3TCEZAC"), Hdd)],
        ),
        (
            "wb-2022-lite/acer-aohappy_bad-timestamp-format.json",
            laptop,
            Some("AOHAPPY"),
            Some("LUSEA0D010038879A01601"),
            Some(1),
            vec![("WDC WD1600BEVT-22A23T0", Some("WD-WX11A80W7430"), Hdd)],
        ),
        (
            "wb-2022-lite/lenovo-x1carbon5_wb14-first-format_wbid.json",
            laptop,
            Some("20HRCTO1WW"),
            Some("PF0QMY5N"),
            None,
            vec![("SAMSUNG MZVLW1T0HMLH-000L7", Some("S35ANX0J401001"), Nvme)],
        ),
        (
            "wb-2022-lite/qemu-vm_lshw-as-string_no-serial.json",
            None,
            Some("Standard PC (i440FX + PIIX, 1996)"),
            None,
            Some(4),
            vec![("QEMU HARDDISK", Some("QM00001"), Ssd)],
        ),
        (
            "wb-2022-lite/whitebox-amd_placeholder-serial.json",
            desktop,
            None,
            None,
            None,
            vec![("HDT722520DLAT80", Some("VD051GTF024B4L"), Hdd)],
        ),
        (
            "wbscript-2024-26/acer-aspire-a315-53_rescan-2_same-machine_8GB.json",
            laptop,
            Some("Aspire A315-53"),
            Some("NXH9KAL0079150DA7D3400"),
            Some(8),
            vec![("WDC WDS240G2G0A-00JH30", Some("192267801547"), Ssd)],
        ),
        (
            "wbscript-2024-26/dell-latitude-e7240_native.json",
            laptop,
            Some("Latitude E7240"),
            Some("5CQ6VY1"),
            Some(16),
            vec![
                (
                    "LITEONIT LMT-256M6M mSATA 256GB",
                    Some("TW0XXM305508539G1361"),
                    Ssd,
                ),
                (
                    "Samsung SSD 850 EVO mSATA 500GB",
                    Some("S33HNX0J203755R"),
                    Ssd,
                ),
            ],
        ),
        (
            "wbscript-2024-26/hp-elitebook-2570p_windows-agent.json",
            laptop,
            Some("HP EliteBook 2570p"),
            Some("CNU4069Y46"),
            Some(8),
            vec![
                ("KINGSTON SA400S37480G", Some("50026B7783ACBD56"), Ssd),
                ("Samsung SSD 840 EVO 250GB", Some("S1DBNSADB32286P"), Ssd),
            ],
        ),
        (
            "wbscript-2024-26/lenovo-0679_usb-boot-stick.json",
            laptop,
            Some("0679"),
            Some("2426481202607"),
            Some(6),
            vec![("Crucial_CT275MX300SSD1", Some("1651150FC220"), Ssd)],
        ),
        (
            "wbscript-2024-26/lenovo-x1carbon5_pre-vc-wrapper_smartctl-empty.json",
            laptop,
            Some("20HRCTO1WW"),
            Some("PF0QMY5N"),
            Some(16),
            vec![("Samsung MZVLW1T0HMLH-000L7", Some("S35ANX0J401001"), Nvme)],
        ),
        (
            "lshw-raw/nec.lshw.json",
            desktop,
            Some("Powermate MLxxx"),
            Some("SN 123456789ABC"),
            Some(2),
            vec![("Hitachi HDT72103", Some("STA2L7MV39LL6D"), Hdd)],
        ),
        (
            "lshw-raw/boxnuc6cayh.lshw.json",
            desktop,
            Some("NUC6CAYH"),
            Some("G6AY80800F4D"),
            Some(4),
            vec![("KINGSTON SA400S3", Some("50026B77821CF9DE"), Ssd)],
        ),
    ];
    for (name, kind, model, serial, memory, disks) in known {
        let reading = load(&folder.join("ereuse").join(name));
        let machine = reading.machine.clone().unwrap();
        assert_eq!(machine.kind, kind, "{name}");
        assert_eq!(machine.model.as_deref(), model, "{name}");
        assert_eq!(machine.serial.as_deref(), serial, "{name}");
        if let Some(memory) = memory {
            assert_eq!(machine.memory_bytes, Some(memory << 30), "{name}");
        }
        let own: Vec<_> = reading
            .own_disks()
            .map(|disk| {
                (
                    disk.model.as_deref().unwrap(),
                    disk.serial.as_deref(),
                    disk.kind,
                )
            })
            .collect();
        assert_eq!(own, disks, "{name}");
        assert!(
            reading
                .own_disks()
                .all(|disk| disk.capacity_bytes > Some(1_000_000_000)),
            "{name}"
        );
    }
}

#[test]
fn what_a_tool_cannot_see_is_asked_of_the_person() {
    let Some(folder) = fixtures("what_a_tool_cannot_see_is_asked_of_the_person") else {
        return;
    };
    let codes = |name: &str| -> Vec<&'static str> {
        let reading = load(&folder.join("ereuse").join(name));
        reading
            .warnings
            .iter()
            .map(|warning| warning.code)
            .collect()
    };
    assert!(codes("lshw-raw/asus-e200h.lshw.json").contains(&"no_disk_seen"));
    assert!(codes("lshw-raw/TM1613.lshw.json").contains(&"controller_without_disk"));
    assert!(codes("lshw-raw/nec.lshw.json").contains(&"optical_drive"));
    assert!(
        codes("wb-2022-lite/qemu-vm_lshw-as-string_no-serial.json").contains(&"lshw_unreadable")
    );
    assert!(
        codes("wb-2022-lite/lenovo-x1carbon5_wb14-first-format_wbid.json").contains(&"card_reader")
    );
    assert!(codes("wbscript-2024-26/lenovo-0679_usb-boot-stick.json").contains(&"card_reader"));
    assert!(codes("wbscript-2024-26/lenovo-80E5_wb-2022.12.2.json").contains(&"removable_disk"));
    assert!(codes("wb-11-12/dell-inspiron-1210_smart-failed.json").contains(&"disk_failing"));
    let x1 = load(
        &folder.join("ereuse/wbscript-2024-26/lenovo-x1carbon5_pre-vc-wrapper_smartctl-empty.json"),
    );
    assert_eq!(x1.machine.unwrap().batteries[0].health_percent, Some(94));
}

#[test]
fn erasures_of_ereuse_and_usody_are_judged() {
    let Some(folder) = fixtures("erasures_of_ereuse_and_usody_are_judged") else {
        return;
    };
    let verdict = |name: &str| -> Verdict {
        let reading = load(&folder.join("ereuse").join(name));
        let [erasure] = reading.erasures.as_slice() else {
            panic!("{name}: {} erasures", reading.erasures.len());
        };
        let medium = MediumFacts {
            kind: DiskKind::Hdd,
            serial: erasure.serial.text().map(str::to_owned),
            model: None,
            capacity_bytes: erasure.capacity_bytes,
            rotational: None,
        };
        judge(erasure, &medium, Policy::default())
    };
    assert!(verdict("erasure/hp-dc7900_wb10_erase-sectors.json").accepted());
    assert!(verdict("wb-11-12/hp-probook-450-g2_erase-sectors.json").accepted());
    assert_eq!(
        verdict("wb-11-12/lenovo-2988D6G_erase-basic.json").codes(),
        ["no-verification"]
    );
    let sanitised = "erasure/usody-sanitize_toshiba-mk3259_FAILED_bridge-serial-differs.json";
    assert_eq!(
        verdict(sanitised).codes(),
        [
            "never-ran",
            "sampling-only",
            "verification-not-shown",
            "step-failed"
        ]
    );
    let reading = load(&folder.join("ereuse").join(sanitised));
    assert_eq!(
        reading.erasures[0].serial,
        Clue::Exact("42T9CPEGT".to_owned())
    );
    assert_eq!(
        reading.erasures[0].other_serial.as_deref(),
        Some("152D00539000")
    );
}

/// The log of one loop device, told of a real disk: its names, its serial number, its size, and the
/// time that such a size takes.
fn told_of(log: &str, disk: &Disk) -> String {
    let model = disk.model.as_deref().unwrap();
    let serial = disk.serial.as_deref().unwrap();
    let cut = |text: &str, width: usize| text.chars().take(width).collect::<String>();
    log.replace("loop0", "  sda")
        .replace("/dev/  sda", "/dev/sda")
        .replace("67108864", &disk.capacity_bytes.unwrap().to_string())
        .replace("| 00:00:0", "| 02:10:0")
        .replace(
            "| Loopback device/",
            &format!("| {}/{}", cut(model, 17), cut(serial, 20)),
        )
        .replace("Loopback device,", &format!("{model},"))
        .lines()
        .map(|line| {
            format!(
                "{line}{}\n",
                if line.ends_with("S/N=") { serial } else { "" }
            )
        })
        .collect::<Vec<_>>()
        .concat()
}

/// As the workshop would record it.
fn recorded(disk: &Disk) -> MediumFacts {
    MediumFacts {
        kind: disk.kind,
        serial: disk.serial.clone(),
        model: disk.model.clone(),
        capacity_bytes: disk.capacity_bytes,
        rotational: disk.rotation_rpm.map(|rate| rate > 0),
    }
}

#[test]
fn three_computers_go_from_inventory_to_erasure() {
    let Some(folder) = fixtures("three_computers_go_from_inventory_to_erasure") else {
        return;
    };
    let log = |name: &str| {
        std::fs::read_to_string(folder.join("diagnostics/nwipe/selfrun").join(name)).unwrap()
    };
    // A desktop with three turning disks; a netbook with one, beside a USB stick.
    let turning = [
        (
            "wb-11-12/hp-dc7900_three-disks.json",
            [
                "33-ops2.log",
                "42-ops2.log",
                "42-zero-ok_TWO-RUNS-APPENDED.log",
            ]
            .as_slice(),
        ),
        (
            "wb-2022-lite/acer-aohappy_bad-timestamp-format.json",
            &["42-zero-ok_TWO-RUNS-APPENDED.log"],
        ),
    ];
    for (name, logs) in turning {
        let reading = load(&folder.join("ereuse").join(name));
        let disks: Vec<_> = reading.own_disks().collect();
        assert_eq!(disks.len(), logs.len(), "{name}");
        for (disk, file) in disks.iter().zip(logs) {
            let report = read(told_of(&log(file), disk).as_bytes()).unwrap();
            let [erasure] = report.erasures.as_slice() else {
                panic!("{file}: {:?}", report.erasures);
            };
            for candidate in &disks {
                let medium = recorded(candidate);
                let verdict = judge(erasure, &medium, Policy::default());
                let same = same_medium(erasure, &medium) == Identity::Same;
                assert_eq!(same, candidate.serial == disk.serial, "{file}");
                assert_eq!(verdict.accepted(), same, "{file}: {verdict:?}");
            }
            // Verified and unverified runs of the same disk are told apart.
            let unverified =
                read(told_of(&log("42-dodshort-noblank.log"), disk).as_bytes()).unwrap();
            let codes = judge(&unverified.erasures[0], &recorded(disk), Policy::default()).codes();
            assert_eq!(codes, ["no-verification"], "{file}");
        }
    }
    // A laptop with two flash disks: overwriting them is not enough, their own command is.
    let laptop = load(&folder.join("ereuse/wbscript-2024-26/dell-latitude-e7240_native.json"));
    assert_eq!(laptop.own_disks().count(), 2);
    for disk in laptop.own_disks() {
        let report = read(told_of(&log("42-ops2.log"), disk).as_bytes()).unwrap();
        let medium = recorded(disk);
        let codes = judge(&report.erasures[0], &medium, Policy::default()).codes();
        assert_eq!(codes, ["overwrite-on-flash"]);
        let own = Declared::parse("block_erase", "purge", "drive_status", "success").unwrap();
        assert!(judge_declared(own, &medium, Policy::default()).accepted());
    }
}
