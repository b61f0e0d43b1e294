//! The command line as an operator meets it.

use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// Runs `rebond` in a folder of its own.
fn rebond(folder: &TempDir, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rebond"))
        .args(words)
        .current_dir(folder.path())
        .env_remove("REBOND_DATABASE__URL")
        .env("REBOND_LOG", "error")
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn an_error_is_one_line_and_help_is_whole() {
    let folder = TempDir::new().unwrap();
    for words in [
        &["seed"][..],
        &["explode"],
        &[],
        &["verify", "--database", "nowhere://x"],
    ] {
        let refused = rebond(&folder, words);
        assert!(!refused.status.success(), "{words:?}");
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.starts_with("rebond: "), "{said}");
    }
    let help = rebond(&folder, &["--help"]);
    assert!(help.status.success());
    let said = String::from_utf8(help.stdout).unwrap();
    assert!(
        said.contains("doctor") && said.lines().count() > 5,
        "{said}"
    );
}

#[test]
fn what_computes_answers_as_json() {
    let folder = TempDir::new().unwrap();
    let migrated = rebond(&folder, &["migrate", "--dir", "data", "--json"]);
    assert_eq!(json(&migrated)["pending"], 0);
    let seeded = rebond(
        &folder,
        &["seed", "--dir", "data", "--devices", "20", "--json"],
    );
    assert!(seeded.status.success(), "{seeded:?}");
    assert_eq!(json(&seeded)["devices"], 20);
    let verified = rebond(&folder, &["verify", "--dir", "data", "--json"]);
    assert!(verified.status.success(), "{verified:?}");
    assert!(json(&verified)["items"].as_u64().is_some_and(|n| n >= 20));
    // Neither the demo's accounts nor its folder of mail work in production: the doctor says so.
    let looked = rebond(&folder, &["doctor", "--dir", "data", "--json"]);
    let said = json(&looked);
    assert_eq!(said["well"], looked.status.success());
    let wrong = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["well"] == false);
    assert_eq!(wrong.count(), 2, "{said:#}");
}
