//! `rebond seed` as whoever tries a size meets it: several chapters, each law kept, figures in proportion, and
//! nothing half full that looks whole.

use std::process::{Command, Output};

use rebond::db::Db;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::databases::empty_postgres_url;

/// Devices of the seed, and of each of its chapters.
const DEVICES: i64 = 300;
const A_YEAR: &str = "80";

fn rebond(folder: &TempDir, url: &str, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rebond"))
        .args(words)
        .args(["--dir", "data", "--database", url, "--json"])
        .current_dir(folder.path())
        .env("REBOND_LOG", "error")
        .output()
        .unwrap()
}

fn seed(folder: &TempDir, url: &str) -> Output {
    let devices = DEVICES.to_string();
    rebond(
        folder,
        url,
        &["seed", "--devices", &devices, "--a-year", A_YEAR],
    )
}

/// What a command answers when all is well.
fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a command says when it refuses.
fn refusal(output: Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

async fn number(db: &Db, sql: &str) -> i64 {
    let statement = Statement::from_string(db.read().get_database_backend(), sql);
    let row = db.read().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn sqlite() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("seed.sqlite").display());
    a_seed_is_whole_and_in_proportion(&folder, &url).await;
}

#[tokio::test]
async fn postgres() {
    if let Some(url) = empty_postgres_url(module_path!(), "seed").await {
        a_seed_is_whole_and_in_proportion(&TempDir::new().unwrap(), &url).await;
    }
}

async fn a_seed_is_whole_and_in_proportion(folder: &TempDir, url: &str) {
    let figures = told(&seed(folder, url));
    assert_eq!(figures["devices"], DEVICES);
    // Two years of two parts.
    assert_eq!(figures["chapters"], 4);
    let verified = told(&rebond(folder, url, &["verify"]));
    assert_eq!(verified["lines"], figures["lines"]);

    let db = Db::open(url).await.unwrap();
    let count = async |what: &str| number(&db, &format!("select count(*) from {what}")).await;
    let of = |what: &str| figures[what].as_i64().unwrap();
    for table in [
        "device",
        "medium",
        "donation",
        "household",
        "request",
        "appointment",
        "handover",
    ] {
        let plural = match table {
            "medium" => "media".to_owned(),
            one => format!("{one}s"),
        };
        assert_eq!(count(table).await, of(&plural), "{table}");
    }

    // Registered is at sites, with households, gone and missing.
    let mut placed = 0;
    for custody in ["site", "household", "gone", "missing"] {
        let devices = count(&format!("device where custody = '{custody}'")).await;
        assert!(devices > 0 || custody == "missing", "{custody}");
        placed += devices;
    }
    assert_eq!(placed, DEVICES);
    assert_eq!(
        count("custody_event where item_kind = 'device' and n = 1").await,
        DEVICES
    );

    // Who was served came, and has a device.
    let with_households = count("device where custody = 'household'").await;
    assert_eq!(
        count("request where status = 'served'").await,
        with_households
    );
    assert_eq!(
        count("handover h where not exists (select 1 from appointment a where a.id = h.appointment_id and a.state = 'attended')").await,
        0
    );
    // Between a fifth and a half of what is given is given on; fewer than half of the households still wait.
    assert!(
        (DEVICES / 5..=DEVICES / 2).contains(&with_households),
        "{with_households}"
    );
    let waiting = count("request where status = 'waiting'").await;
    assert!(waiting < of("households") / 2, "{waiting}");

    // Two parts of equal weight, each with people and places of its own.
    let agents = count("(select distinct received_by from donation) as agents").await;
    assert!(agents >= 4, "{agents}");
    let sites = count("(select distinct site_id from donation) as sites").await;
    assert!(sites >= 4, "{sites}");

    // Whoever numbers next goes on where the story ended: no series is behind its rows.
    let behind = "select count(*) from reference_counter c where c.last < \
        (select count(*) from donation d where d.reference like c.series || '-%') + \
        (select count(*) from request r where r.reference like c.series || '-%')";
    assert_eq!(number(&db, behind).await, 0);
    assert!(count("reference_counter where series like 'D-%'").await >= 2);

    // A second seed would mix two stories.
    let again = refusal(seed(folder, url));
    assert!(again.contains("has accounts"), "{again}");

    // As after a cut: nothing takes it for whole.
    let cut = Statement::from_string(
        db.read().get_database_backend(),
        "update seeding set ended_at = null",
    );
    let tx = db.write().await.unwrap();
    tx.execute_raw(cut).await.unwrap();
    tx.commit().await.unwrap();
    for words in [&["verify"][..], &["migrate"], &["seed", "--devices", "1"]] {
        let said = refusal(rebond(folder, url, words));
        assert!(
            said.contains("half full") && said.lines().count() == 1,
            "{said}"
        );
    }
}
