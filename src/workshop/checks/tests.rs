use super::*;

fn table() -> Table {
    Table::parse(DEFAULT).unwrap()
}

fn all(outcome: Outcome, kind: &str) -> Vec<(String, Outcome)> {
    let table = table();
    table
        .kind(kind)
        .unwrap()
        .tests
        .iter()
        .map(|test| (test.clone(), outcome))
        .collect()
}

fn progress(kind: &str, recorded: &[(String, Outcome)]) -> Result<Progress, Vec<Problem>> {
    table().progress(
        kind,
        recorded
            .iter()
            .map(|(test, outcome)| (test.as_str(), *outcome)),
    )
}

#[test]
fn the_word_needs_every_function_to_work() {
    for kind in KINDS {
        let mut recorded = all(Outcome::Pass, kind);
        assert!(progress(kind, &recorded).unwrap().all_work(), "{kind}");
        let last = recorded.pop().unwrap();
        assert_eq!(
            progress(kind, &recorded).unwrap().missing,
            std::slice::from_ref(&last.0),
            "{kind}"
        );
        recorded.push((last.0.clone(), Outcome::Fail));
        assert!(!progress(kind, &recorded).unwrap().all_work(), "{kind}");
        recorded.push((last.0, Outcome::Repaired));
        assert!(
            progress(kind, &recorded).unwrap().all_work(),
            "{kind}: the last outcome counts"
        );
    }
}

#[test]
fn a_function_that_always_exists_cannot_be_skipped() {
    let problems = progress(
        "laptop",
        &[
            ("keyboard".into(), Outcome::NotApplicable),
            ("touch".into(), Outcome::Pass),
        ],
    )
    .unwrap_err();
    let codes: Vec<_> = problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect();
    assert_eq!(codes, ["keyboard", "touch"]);
    assert!(progress("toaster", &[]).is_err());
    assert!(progress("laptop", &[("camera".into(), Outcome::NotApplicable)]).is_ok());
}

#[test]
fn a_monitor_holds_no_data_and_has_no_lock() {
    let table = table();
    for kind in KINDS {
        let plain = ["monitor", "other"].contains(&kind);
        assert_eq!(table.born_with_media_known(kind), plain, "{kind}");
        assert_eq!(table.born_with_locks_checked(kind), plain, "{kind}");
    }
    assert!(!table.born_with_media_known("toaster"));
    assert_eq!(table.unknown_locks("tablet", ["mdm", "bios"]).len(), 1);
}

#[test]
fn too_little_inside_is_refused_and_an_unknown_is_asked() {
    let table = table();
    let enough = |memory: Option<i64>, disk: Option<i64>| {
        table.enough(
            "laptop",
            Inside {
                memory_bytes: memory,
                disk_bytes: disk,
            },
        )
    };
    assert_eq!(
        enough(Some(8 << 30), Some(240_057_409_536)),
        Enough::default()
    );
    let codes = |notes: Vec<Note>| notes.into_iter().map(|note| note.code).collect::<Vec<_>>();
    assert_eq!(
        codes(enough(Some(1 << 30), Some(0)).refusals),
        ["memory-too-small", "disk-too-small"]
    );
    assert_eq!(
        codes(enough(Some(4 << 30), Some(64_000_000_000)).questions),
        ["memory-small", "disk-small"]
    );
    assert_eq!(
        codes(enough(None, None).questions),
        ["memory-unknown", "disk-unknown"]
    );
    let strict =
        Table::parse(&DEFAULT.replace("unknown = \"ask\"", "unknown = \"refuse\"")).unwrap();
    assert_eq!(strict.enough("laptop", Inside::default()).refusals.len(), 2);
    assert_eq!(
        table.enough("monitor", Inside::default()),
        Enough::default()
    );
}

#[test]
fn a_table_that_makes_no_sense_is_refused() {
    for (from, to) in [
        ("[kinds.other]", "[kinds.toaster]"),
        ("tests = [\"power\", \"main_function\"]", "tests = []"),
        ("\"main_function\"]", "\"dancing\"]"),
        ("\"main_function\"]", "\"power\"]"),
        ("memory_bytes = 4_294_967_296", "memory_bytes = 0"),
        (
            "recommended_disk_bytes = 120_000_000_000",
            "recommended_disk_bytes = 12",
        ),
        ("locks = [\"activation\", \"mdm\"]", "locks = [\"padlock\"]"),
    ] {
        assert!(DEFAULT.contains(from), "{from}");
        assert!(
            Table::parse(&DEFAULT.replacen(from, to, 1)).is_err(),
            "{from} → {to}"
        );
    }
}
