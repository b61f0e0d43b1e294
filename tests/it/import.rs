//! `rebond import`: a folder of machine reports becomes devices, once, whatever lies between them.

use std::path::{Path, PathBuf};
use std::process::Command;

use entities::enums::Role;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::TestApp;

fn own_reports() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reports")
}

/// Runs the command beside the open instance; answers what it printed and whether no file was refused.
fn import(app: &TestApp, paths: &[&Path], more: &[&str]) -> (Value, bool) {
    let output = Command::new(env!("CARGO_BIN_EXE_rebond"))
        .arg("import")
        .args(paths)
        .args(["--site", &app.world.workshop.slug, "--json"])
        .args(["--database", app.db.url(), "--dir"])
        .arg(app.folder.path())
        .args(more)
        .env("REBOND_LOG", "error")
        .output()
        .unwrap();
    let said = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (said, output.status.success())
}

fn row<'a>(said: &'a Value, file: &str) -> &'a Value {
    let mut rows = said["rows"].as_array().unwrap().iter();
    rows.find(|row| row["file"].as_str().unwrap().ends_with(file))
        .unwrap_or_else(|| panic!("no row of {file}"))
}

async fn counts(app: &TestApp) -> [i64; 5] {
    let mut counts = [0; 5];
    for (count, table) in
        counts
            .iter_mut()
            .zip(["device", "medium", "custody_event", "evidence", "donation"])
    {
        *count = app.count(&format!("select count(*) from {table}")).await;
    }
    counts
}

both_databases! {
    /// Four generations, a tree, an XML: each machine is one device with what the report says of it, and a second
    /// run adds nothing.
    async fn a_folder_of_reports_becomes_devices_once(app: TestApp) {
        let folder = own_reports();
        let before = counts(&app).await;
        let (tried, _) = import(&app, &[&folder], &["--dry-run"]);
        assert_eq!(counts(&app).await, before, "a trial writes nothing");
        let (said, clean) = import(&app, &[&folder], &[]);
        assert!(!clean, "a file was refused");
        assert_eq!(said["totals"], tried["totals"], "the trial said what would be");
        assert_eq!(said["totals"], serde_json::json!({
            "files": 13, "registered": 7, "known": 1, "repeated": 0, "added": 2, "unmatched": 1, "refused": 2,
        }));
        let [devices, media, ..] = counts(&app).await;
        assert_eq!((devices - before[0], media - before[1]), (7, 7));
        assert_eq!(row(&said, "virtual.lshw.json")["code"], "virtual-machine");
        assert_eq!(row(&said, "cut.json")["code"], "damaged");
        assert!(row(&said, "cut.json")["why"].as_str().unwrap().contains("line "), "{}", row(&said, "cut.json"));
        assert_eq!(row(&said, "disk-of-nobody.smartctl.json")["outcome"], "unmatched");
        assert_ne!(row(&said, "whitebox-1.lshw.json")["devices"], row(&said, "whitebox-2.lshw.json")["devices"]);
        let of_2022 = &row(&said, "generation-2022.json")["devices"];
        for file in ["same-machine-without-serial.lshw.json", "disk-of-2022.smartctl.json"] {
            assert_eq!(&row(&said, file)["devices"], of_2022, "{file}");
        }

        let person = app.person(Role::Refurbisher).await;
        let known = [
            ("generation-10.json", "desktop", "Exemple SA", "Bureau 320", "EX10-0001", 2, "hdd", "9QM0TEST1"),
            ("generation-11.json", "laptop", "Hewlett-Packard", "ProBook 450 G2", "CND4TEST11", 8, "ssd", "SSDTEST11"),
            ("generation-2022.json", "laptop", "LENOVO", "ThinkPad T440", "PF0TEST22", 8, "ssd", "S1DTEST22"),
            ("generation-2024.json", "laptop", "Dell Inc.", "Latitude E7240", "5CQTEST", 8, "nvme", "NVTEST24"),
            ("tree.lshw.xml", "laptop", "LENOVO", "ThinkPad T61", "L3TEST1", 0, "hdd", "SB2TESTX"),
        ];
        for (file, kind, make, model, serial, gib, disk, number) in known {
            let code = row(&said, file)["devices"][0].as_str().unwrap();
            let device = person.get(&format!("/api/v1/devices/{code}")).await.ok();
            let told = ["kind", "make", "model", "serial"].map(|field| device[field].as_str().unwrap().to_owned());
            assert_eq!(told, [kind, make, model, serial], "{file}");
            assert_eq!(device["memory_bytes"].as_i64().unwrap_or(0), gib << 30, "{file}");
            let media = device["media"].as_array().unwrap();
            assert_eq!(media.len(), 1, "sticks and optical drives are no media: {file}");
            assert_eq!((media[0]["kind"].as_str(), media[0]["serial"].as_str()), (Some(disk), Some(number)), "{file}");
            assert_eq!(device["open_media"], 1);
            assert_eq!(device["media_known"], false, "a report lists what the tool saw: {file}");
            person.sign_in().await;
            let bench = person.visit(&format!("/devices/{code}/evidence")).await;
            bench.is(200);
            let found = person.get(&format!("/api/v1/devices?q={}", number.to_lowercase())).await.ok();
            assert_eq!(found["items"][0]["code"], code, "a disk finds its device");
        }

        let after = counts(&app).await;
        let (again, _) = import(&app, &[&folder], &[]);
        assert_eq!(counts(&app).await, after, "a second run adds nothing");
        assert_eq!(again["totals"]["repeated"], 10);
        assert_eq!(again["totals"]["registered"], 0);
        assert_eq!(again["donation"], Value::Null);
        app.verified().await;
    }

    /// Whatever lies in the folder is named, and costs the others nothing.
    async fn hostile_files_cost_the_others_nothing(app: TestApp) {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("empty.json"), "").unwrap();
        std::fs::write(at("deep.json"), "[".repeat(200_000)).unwrap();
        std::fs::write(at("bytes.bin"), [0, 159, 146, 150]).unwrap();
        std::fs::write(at("huge.json"), vec![b' '; 17 << 20]).unwrap();
        let twice = r#"{"id":"pc","class":"system","product":"Twice","product":"Once","serial":"DUP1","serial":"DUP2","vendor":"X"}"#;
        std::fs::write(at("twice.json"), twice).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            std::os::unix::fs::symlink(folder.path(), at("circle")).unwrap();
            let name = std::ffi::OsStr::from_bytes(b"\xff\x1b[2J.json");
            std::fs::copy(own_reports().join("generation-11.json"), folder.path().join(name)).unwrap();
        }
        let (said, clean) = import(&app, &[folder.path()], &[]);
        assert!(!clean);
        let codes = ["empty.json", "deep.json", "bytes.bin", "huge.json", "circle"]
            .map(|file| row(&said, file)["code"].as_str().unwrap().to_owned());
        assert_eq!(codes, ["empty", "damaged", "not-recognised", "too-large", "unreadable"]);
        assert_eq!(said["totals"]["registered"], 2, "{said:#}");
        assert!(!said.to_string().contains("\\u001b"), "a name gives the terminal no orders");
        app.verified().await;
    }

    /// Every file of real machines at hand: read without a fault, and again without a change.
    async fn real_reports_are_imported(app: TestApp) {
        let Some(folder) = crate::workshop::fixtures("real_reports_are_imported") else {
            return;
        };
        let (ereuse, diagnostics) = (folder.join("ereuse"), folder.join("diagnostics"));
        let (said, _) = import(&app, &[&ereuse, &diagnostics], &[]);
        let totals = &said["totals"];
        assert_eq!((totals["registered"].as_i64(), totals["known"].as_i64()), (Some(46), Some(19)), "{totals}");
        for row in said["rows"].as_array().unwrap() {
            assert_ne!(row["code"], "not-written", "{row}");
        }
        let after = counts(&app).await;
        import(&app, &[&ereuse, &diagnostics], &[]);
        assert_eq!(counts(&app).await, after);
        app.verified().await;
    }
}
