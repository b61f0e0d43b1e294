//! Anchors: what a chain of hashes can't show, because whoever holds the database can write it anew, shows against
//! a list that was signed before.

use std::io::{Read, Write};
use std::path::PathBuf;

use chrono::TimeDelta;
use entities::custody_event;
use entities::enums::Role;
use entities::ids::DeviceId;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rebond::devices::journal::{GENESIS, Line};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::TestApp;

impl TestApp {
    /// Lets the night pass; answers the list of the anchor it took.
    async fn anchored(&self) -> PathBuf {
        self.run_jobs().await;
        self.pass(TimeDelta::hours(18));
        self.run_jobs().await;
        let number = self.count("select max(number) from anchor").await;
        let list = self
            .folder
            .path()
            .join(format!("anchors/anchor-{number:06}.jsonl.gz"));
        assert!(list.exists(), "{}", list.display());
        list
    }

    /// Takes the guards of the journal away, as somebody may who owns the database.
    async fn unguarded(&self) {
        let triggers: &[&str] = if self.db.is_postgres() {
            &[
                "drop trigger custody_event_append_only on custody_event",
                "drop trigger custody_event_in_order on custody_event",
            ]
        } else {
            &[
                "drop trigger custody_event_no_update",
                "drop trigger custody_event_no_delete",
                "drop trigger custody_event_in_order",
            ]
        };
        for drop in triggers {
            self.sql(drop).await.unwrap();
        }
    }

    /// What `verify --against` finds beyond `verify`.
    async fn found_against(&self, anchor: &std::path::Path) -> Vec<String> {
        let report = rebond::verify::verify_against(&self.app, anchor)
            .await
            .unwrap();
        let what = "each journal goes on";
        let check = report
            .checks
            .iter()
            .find(|c| c.what.starts_with(what))
            .unwrap();
        assert!(check.tried > 0, "{report}");
        check.findings.clone()
    }

    async fn journal(&self, id: DeviceId) -> Vec<custody_event::Model> {
        custody_event::Entity::find()
            .filter(custody_event::Column::ItemId.eq(id.0))
            .order_by_asc(custody_event::Column::N)
            .all(self.db.read())
            .await
            .unwrap()
    }
}

/// Changes the text of a list.
fn rewritten(list: &std::path::Path, change: impl FnOnce(String) -> String) -> PathBuf {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(list).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let forged = list.with_file_name("forged.gz");
    let mut out = GzEncoder::new(std::fs::File::create(&forged).unwrap(), Compression::fast());
    out.write_all(change(text).as_bytes()).unwrap();
    out.finish().unwrap();
    forged
}

both_databases! {
    async fn work_that_goes_on_fits_the_anchor(app: TestApp) {
        let app = app.with_settings(|config| config.anchors.mail_to = vec!["greffe@example.org".to_owned()]).await;
        app.nobody().get("/api/v1/anchors/latest").await.refused(404, "not-found");
        let device = app.device().sanitised().at(&app.world.warehouse).build().await;
        let first = app.anchored().await;
        let scan = json!({"code": device.code, "action": "receive", "site": "montpellier-atelier"});
        app.person(Role::Storekeeper).await.post("/api/v1/scans", scan).await.ok();
        app.device().build().await;
        assert!(app.found_against(&first).await.is_empty());

        // The next one names it, and everybody may read it.
        app.pass(TimeDelta::hours(6));
        app.anchored().await;
        let latest = app.nobody().get("/api/v1/anchors/latest").await.ok();
        assert_eq!(latest["anchor"]["number"], 2);
        assert_eq!(latest["anchor"]["devices"], 2);
        assert_eq!(latest["anchor"]["media"], 1);
        let before: Value = serde_json::from_str(
            &crate::support::tables::texts(app.db.read(), "select statement from anchor where number = 1").await[0],
        ).unwrap();
        assert_eq!(before["anchor"]["previous"], GENESIS);
        app.verified().await;

        // The certificate names it, and the mail carries it out of the house.
        let certificate = app.person(Role::Auditor).await
            .get(&format!("/api/v1/devices/{}/certificate.json", device.code)).await.ok();
        assert_eq!(certificate["certificate"]["anchor"]["root"], latest["anchor"]["root"]);
        let mails: Vec<_> = std::fs::read_dir(app.folder.path().join("mail")).unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .filter(|mail| mail.contains("greffe@example.org"))
            .collect();
        assert_eq!(mails.len(), 2);
        assert!(mails.iter().any(|mail| mail.contains("ancre-2.json")));
        let mailed = app.folder.path().join("mailed.json");
        std::fs::write(&mailed, latest.to_string()).unwrap();
        assert!(app.found_against(&mailed).await.is_empty());
    }

    async fn what_was_dropped_cut_or_built_anew_is_named(app: TestApp) {
        let store = app.person(Role::Storekeeper).await;
        let mut devices = Vec::new();
        for _ in 0..4 {
            let device = app.device().at(&app.world.warehouse).build().await;
            let scan = json!({"code": device.code, "action": "receive", "site": "montpellier-atelier"});
            store.post("/api/v1/scans", scan).await.ok();
            devices.push(device);
        }
        let [dropped, cut, rebuilt, _] = devices.as_slice() else { panic!("four") };
        let anchor = app.anchored().await;
        assert!(app.found_against(&anchor).await.is_empty());

        app.unguarded().await;
        let id = app.id(dropped.id.0);
        for sql in [
            format!("delete from scan where device_id = {id}"),
            format!("delete from custody_event where item_id = {id}"),
            format!("delete from device_term where device_id = {id}"),
            format!("delete from device_code where device_id = {id}"),
            format!("delete from device where id = {id}"),
        ] {
            app.sql(&sql).await.unwrap();
        }

        let (id, warehouse) = (app.id(cut.id.0), app.id(app.world.warehouse.id.0));
        let lines = app.journal(cut.id).await;
        let (last, before) = (&lines[lines.len() - 1], &lines[lines.len() - 2]);
        for sql in [
            format!("delete from scan where device_id = {id}"),
            format!("delete from custody_event where item_id = {id} and n = {}", last.n),
            format!("update device set version = {}, head = '{}', site_id = {warehouse} where id = {id}", before.n, before.hash),
        ] {
            app.sql(&sql).await.unwrap();
        }

        // Backdated by a day, and every hash after it made anew.
        let id = app.id(rebuilt.id.0);
        let mut previous = GENESIS.to_owned();
        for mut row in app.journal(rebuilt.id).await {
            row.occurred_at -= TimeDelta::days(1);
            row.previous.clone_from(&previous);
            let hash = Line::of(&row).unwrap().hash().unwrap();
            let tx = app.db.write().await.unwrap();
            custody_event::Entity::update_many()
                .col_expr(custody_event::Column::OccurredAt, Expr::value(row.occurred_at))
                .col_expr(custody_event::Column::Previous, Expr::value(previous.as_str()))
                .col_expr(custody_event::Column::Hash, Expr::value(hash.as_str()))
                .filter(custody_event::Column::Seq.eq(row.seq))
                .exec(&tx)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            previous = hash;
        }
        app.sql(&format!("update device set head = '{previous}' where id = {id}")).await.unwrap();

        // Whoever has the database alone sees nothing.
        app.verified().await;
        let mut found = app.found_against(&anchor).await;
        found.sort();
        let mut wanted = [
            format!("{}: dropped, with the 3 lines it had", dropped.code),
            format!("{}: cut: it had 3 lines and has 2", cut.code),
            format!("{}: built anew: line 3 is another than it was", rebuilt.code),
        ];
        wanted.sort();
        assert_eq!(found, wanted);
    }

    async fn a_forged_anchor_is_refused(app: TestApp) {
        let device = app.device().build().await;
        let list = app.anchored().await;
        let other = app.device().build().await;
        let wrong = |list: PathBuf, why: &'static str| {
            let app = &app;
            async move {
                let error = rebond::verify::verify_against(&app.app, &list).await.unwrap_err().to_string();
                assert!(error.contains(why), "{error}");
            }
        };
        wrong(rewritten(&list, |text| text.replace(&device.code, &other.code)), "not those that were signed").await;
        wrong(rewritten(&list, |text| text.lines().skip(1).fold(String::new(), |t, l| t + l + "\n")), "not those that were signed").await;
        wrong(rewritten(&list, |text| text.replace("\"number\":1", "\"number\":2")), "no key of this instance").await;
        wrong(rewritten(&list, |text| text.lines().take(1).fold(String::new(), |t, l| t + l + "\n")), "breaks off").await;
        // Signed by another instance.
        let foreign = TestApp::sqlite(&format!("foreign {}", Uuid::new_v4())).await;
        foreign.device().build().await;
        wrong(foreign.anchored().await, "no key of this instance").await;
        // A chain of anchors that was cut or written over.
        app.refuses("anchor_append_only", "update anchor set root = 'x'").await;
        app.refuses("anchor_append_only", "delete from anchor").await;
        app.sql(if app.db.is_postgres() { "drop trigger anchor_append_only on anchor" } else { "drop trigger anchor_no_delete" }).await.unwrap();
        app.sql("delete from anchor").await.unwrap();
        let report = rebond::verify::verify_against(&app.app, &list).await.unwrap();
        let found: Vec<_> = report.checks.iter().flat_map(|c| &c.findings).collect();
        assert_eq!(found, ["anchor 1 is not there"], "{report}");
    }
}
