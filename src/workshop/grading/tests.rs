use super::*;
use proptest::prelude::*;

fn table() -> Table {
    Table::parse(DEFAULT).unwrap()
}

fn observed(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(code, value)| ((*code).to_owned(), (*value).to_owned()))
        .collect()
}

const ALL_GOOD: [(&str, &str); 6] = [
    ("appearance", "clean"),
    ("screen", "clean"),
    ("battery", "92"),
    ("keyboard", "clean"),
    ("hinges", "firm"),
    ("missing_parts", "none"),
];

#[test]
fn the_worst_observation_decides_and_is_the_reason() {
    let table = table();
    let best = table.grade("laptop", &observed(&ALL_GOOD)).unwrap();
    assert_eq!(
        (best.grade, best.reasons[0].code.as_str()),
        (Grade::A, "nothing_against")
    );
    let mut worse = ALL_GOOD;
    worse[0].1 = "minor_wear";
    worse[2].1 = "55 %";
    let graded = table.grade("laptop", &observed(&worse)).unwrap();
    assert_eq!(graded.grade, Grade::C);
    let codes: Vec<_> = graded
        .reasons
        .iter()
        .map(|reason| reason.code.as_str())
        .collect();
    assert_eq!(codes, ["battery.weak"]);
    assert_eq!(graded.table_version, table.version);
}

#[test]
fn what_was_not_observed_allows_b_at_best() {
    let graded = table()
        .grade(
            "laptop",
            &observed(&[("appearance", "clean"), ("screen", "clean")]),
        )
        .unwrap();
    assert_eq!(
        (graded.grade, graded.reasons[0].code.as_str()),
        (Grade::B, "unobserved")
    );
}

#[test]
fn battery_thresholds_are_80_60_40() {
    let table = table();
    for (percent, grade) in [
        ("100", Grade::A),
        ("80", Grade::A),
        ("79", Grade::B),
        ("60", Grade::B),
        ("59", Grade::C),
        ("40", Grade::C),
        ("39", Grade::D),
        ("0", Grade::D),
    ] {
        let mut pairs = ALL_GOOD;
        pairs[2].1 = percent;
        assert_eq!(
            table.grade("laptop", &observed(&pairs)).unwrap().grade,
            grade,
            "{percent}"
        );
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let problems = table()
        .grade(
            "desktop",
            &observed(&[
                ("battery", "good"),
                ("missing_parts", "few"),
                ("appearance", "101"),
            ]),
        )
        .unwrap_err();
    let fields: Vec<_> = problems
        .iter()
        .map(|problem| problem.observation.as_str())
        .collect();
    assert_eq!(fields, ["battery", "appearance", "missing_parts"]);
    assert!(table().grade("laptop", &BTreeMap::new()).is_err());
    assert!(table().grade("toaster", &BTreeMap::new()).is_err());
}

#[test]
fn a_table_that_makes_no_sense_is_refused() {
    for (from, to) in [
        ("version = \"2026-11\"", "version = \"\""),
        ("from_percent = 60", "from_percent = 90"),
        ("from_percent = 0,", "from_percent = 10,"),
        (
            "value = \"worn\", allows = \"B\", text",
            "value = \"clean\", allows = \"B\", text",
        ),
        ("\"other\"]", "\"toaster\"]"),
        ("sans marque visible", "comme neuf"),
        ("Très bon état", "État neuf"),
        (
            "allows = \"A\", text = \"stable\"",
            "allows = \"B\", text = \"stable\"",
        ),
        ("[grades.D]\nready = false\n", "[grades.E]\nready = false\n"),
    ] {
        assert!(DEFAULT.contains(from), "{from}");
        assert!(
            Table::parse(&DEFAULT.replacen(from, to, 1)).is_err(),
            "{from} → {to}"
        );
    }
}

proptest! {
    /// Making one observation worse never makes the grade better.
    #[test]
    fn a_worse_observation_never_helps(choices in prop::collection::vec(0_usize..6, 6), at in 0_usize..6, other in 0_usize..6) {
        let table = table();
        let pick = |index: usize, choice: usize| {
            let observation = table.of_kind("laptop").nth(index).unwrap();
            let value = &observation.values[choice % observation.values.len()];
            (observation.code.clone(), value)
        };
        let build = |choices: &[usize]| -> BTreeMap<String, String> {
            (0..6).map(|index| pick(index, choices[index])).map(|(code, value)| (code, value.value.clone())).collect()
        };
        let before = table.grade("laptop", &build(&choices)).unwrap().grade;
        let mut changed = choices.clone();
        changed[at] = other;
        let after = table.grade("laptop", &build(&changed)).unwrap().grade;
        if pick(at, other).1.allows >= pick(at, choices[at]).1.allows {
            prop_assert!(after >= before);
        } else {
            prop_assert!(after <= before);
        }
    }
}
