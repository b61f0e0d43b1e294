//! The laws on the real databases: random histories, a journal that can't be rewritten, checks that tell their name.

use std::collections::BTreeMap;

use entities::custody_event;
use entities::enums::{DeviceKind, Role};
use rebond::chance::Chance;
use rebond::devices::{State, journal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Client, TestApp};

/// Histories of a run, and steps of a history.
const HISTORIES: u64 = 4;
const STEPS: usize = 60;

/// Who takes part in a history, and what it is about.
struct Cast {
    people: Vec<Client>,
    devices: Vec<String>,
    loose: Vec<String>,
    chance: Chance,
}

impl Cast {
    async fn gather(app: &TestApp, seed: u64) -> Self {
        let mut people = Vec::new();
        for &role in Role::ALL {
            people.push(app.person(role).await);
        }
        people.push(app.stranger(Role::Refurbisher).await);
        let mut devices = Vec::new();
        for device in [
            app.device().build().await,
            app.device().inventoried().media(2).build().await,
            app.device().checked().build().await,
            app.device().ready().build().await,
            app.device().kind(DeviceKind::Monitor).build().await,
        ] {
            devices.push(device.code);
        }
        Self {
            people,
            devices,
            loose: Vec::new(),
            chance: Chance::fixed(seed),
        }
    }

    fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        let n = self.chance.below(u32::try_from(from.len()).unwrap());
        &from[n as usize]
    }

    /// One thing that somebody tries; most of it is refused, as it should be.
    #[expect(clippy::too_many_lines, reason = "one list told in one go")]
    async fn step(&mut self) -> Answer {
        // Somebody of the bench more often than the others, or little would ever happen.
        let who = if self.chance.below(3) > 0 {
            self.pick(&self.people[2..5])
        } else {
            self.pick(&self.people)
        };
        let code = self.pick(&self.devices).clone();
        let device = format!("/api/v1/devices/{code}");
        match self.chance.below(12) {
            0..=4 => {
                let action = self.pick(&rebond::devices::lifecycle::Action::ALL).as_str();
                let reason = self.pick(&[
                    "beyond_repair",
                    "too_old",
                    "tool_failed",
                    "mistake",
                    "part_found",
                    "fault",
                ]);
                let data = match action {
                    "return" => json!({"reason": reason, "may_wipe": true}),
                    "stop_sanitisation" | "declare_end_of_life" | "rescue" => {
                        json!({"reason": reason})
                    }
                    _ => json!({}),
                };
                let sites = [
                    Value::Null,
                    Value::Null,
                    json!("montpellier-magasin"),
                    json!("montpellier-atelier"),
                ];
                let site = self.pick(&sites);
                who.post("/api/v1/scans", json!({
                    "scan_id": self.chance.random_id(), "code": code, "action": action, "site": site, "data": data,
                })).await
            }
            5 => {
                let serial = format!("S{:06}", self.chance.below(1_000_000));
                let complete = self.chance.below(2) == 0;
                let body = if self.chance.below(4) == 0 {
                    json!({"none_seen": true})
                } else {
                    json!({"kind": "ssd", "serial": serial, "capacity_bytes": 240_057_409_536_i64, "complete": complete})
                };
                who.post(&format!("{device}/media"), body).await
            }
            6 | 7 => {
                let Some(medium) = self.medium(&device).await else {
                    return who.get(&device).await;
                };
                let result = self.pick(&["success", "success", "failure"]);
                who.post(
                    &format!("{device}/media/{medium}/sanitisations"),
                    json!({
                        "method": "overwrite", "level": "clear", "tool": "nwipe 0.34",
                        "verification": "last_pass", "result": result,
                    }),
                )
                .await
            }
            8 => {
                let locks = if self.chance.below(4) == 0 {
                    json!([{"kind": "bios", "state": self.pick(&["open", "cleared"])}])
                } else {
                    json!([])
                };
                who.post(
                    &format!("{device}/checks"),
                    json!({
                        "locks_checked": true, "locks": locks, "tests": [],
                    }),
                )
                .await
            }
            9 => {
                let appearance = self.pick(&["clean", "minor_wear", "visible_wear", "damaged"]);
                who.post(
                    &format!("{device}/gradings"),
                    json!({
                        "observations": {"appearance": appearance, "screen": "clean"},
                    }),
                )
                .await
            }
            10 => {
                let Some(medium) = self.medium(&device).await else {
                    return who.get(&device).await;
                };
                let to = self.pick(&["stock", "destruction"]);
                let answer = who
                    .post(
                        &format!("{device}/media/{medium}/removal"),
                        json!({"to": to}),
                    )
                    .await;
                if answer.status() == 200
                    && let Some(code) = answer.json()["medium"]["code"].as_str()
                {
                    self.loose.push(code.to_owned());
                }
                answer
            }
            _ => {
                let Some(medium) = self.loose.last().cloned() else {
                    return who.get(&device).await;
                };
                who.post(&format!("{device}/media"), json!({"code": medium}))
                    .await
            }
        }
    }

    /// A medium in a device, when there is one.
    async fn medium(&self, device: &str) -> Option<String> {
        let shown = self.people[3].get(device).await.ok();
        let media = shown["media"].as_array()?;
        if media.is_empty() {
            return None;
        }
        Some(self.pick(media)["id"].as_str()?.to_owned())
    }
}

async fn lines(app: &TestApp, item: Uuid) -> Vec<custody_event::Model> {
    custody_event::Entity::find()
        .filter(custody_event::Column::ItemId.eq(item))
        .order_by_asc(custody_event::Column::N)
        .all(app.db.read())
        .await
        .unwrap()
}

both_databases! {
    async fn no_history_breaks_a_law(app: TestApp) {
        let mut happened: BTreeMap<String, u32> = BTreeMap::new();
        for seed in 0..HISTORIES {
            let mut cast = Cast::gather(&app, seed).await;
            for n in 0..STEPS {
                let answer = cast.step().await;
                assert!(answer.status() < 500, "history {seed}, step {n}: {answer:?}");
                app.pass(chrono::TimeDelta::seconds(40));
            }
            app.verified().await;
        }
        for row in entities::device::Entity::find().all(app.db.read()).await.unwrap() {
            let lines = lines(&app, row.id.0).await;
            assert_eq!(journal::check(&lines), Ok(()));
            assert_eq!(journal::replay(&lines).unwrap().last(), Some(&State::of(&row)), "{}", row.code);
            for line in lines {
                *happened.entry(line.event).or_default() += 1;
            }
        }
        assert!(happened.len() >= 12, "histories too poor to prove anything: {happened:?}");
    }

    async fn the_journal_cannot_be_rewritten(app: TestApp) {
        let device = app.device().sanitised().build().await;
        let id = app.id(device.id.0);
        let before = lines(&app, device.id.0).await;
        let last = before.last().unwrap();
        for statement in [
            "update custody_event set data = '{}'".to_owned(),
            format!("update custody_event set hash = previous where item_id = {id}"),
            format!("update custody_event set n = n + 100 where item_id = {id}"),
            "delete from custody_event".to_owned(),
            format!("delete from custody_event where item_id = {id} and n = {}", last.n),
        ] {
            app.refuses("custody_event_append_only", &statement).await;
        }
        // A line out of order, a second line of a number, a line that links to nothing.
        let insert = |seq: &str, n: i64, previous: &str| {
            let (column, value) = if seq.is_empty() { ("", String::new()) } else { ("seq, ", format!("{seq}, ")) };
            format!(
                "insert into custody_event ({column}item_id, item_kind, n, event, version, occurred_at, recorded_at, actor_role, data, previous, hash)
                 values ({value}{id}, 'device', {n}, 'reopened', 1, '2026-11-24T09:00:00Z', '2026-11-24T09:00:00Z', 'clock', '{{}}', '{previous}', 'x')"
            )
        };
        app.refuses("custody_event_in_order", &insert("", last.n + 2, &last.hash)).await;
        app.refuses("custody_event_in_order", &insert("", last.n, &last.previous)).await;
        app.refuses("custody_event_in_order", &insert("", last.n + 1, &last.previous)).await;
        if app.db.is_postgres() {
            app.refuses("custody_event_append_only", "truncate custody_event").await;
            app.refuses("custody_event_append_only", "truncate custody_event, device cascade").await;
        } else {
            let replace = insert(&last.seq.to_string(), last.n + 1, &last.hash).replace("insert into", "insert or replace into");
            app.refuses("custody_event_in_order", &replace).await;
            let replace = insert(&last.seq.to_string(), last.n, &last.previous).replace("insert into", "replace into");
            app.refuses("custody_event_in_order", &replace).await;
        }
        assert_eq!(lines(&app, device.id.0).await, before);
    }

    async fn a_row_changed_behind_the_journal_is_found(app: TestApp) {
        let device = app.device().inventoried().build().await;
        app.verified().await;
        let id = app.id(device.id.0);
        app.sql(&format!("update device set open_media = 0, stage = 'sanitised' where id = {id}")).await.unwrap();
        let report = rebond::verify::verify(&app.app).await.unwrap();
        assert!(!report.is_clean(), "{report}");
        assert!(report.to_string().contains(&device.code), "{report}");
    }

    async fn a_medium_opened_behind_the_journal_is_found(app: TestApp) {
        let device = app.device().ready().build().await;
        let id = app.id(device.id.0);
        app.sql(&format!("update medium set open = true, closed_by = null where device_id = {id}")).await.unwrap();
        let report = rebond::verify::verify(&app.app).await.unwrap();
        assert!(!report.is_clean(), "{report}");
    }

    async fn every_check_of_a_device_tells_its_name(app: TestApp) {
        let ready = app.device().ready().build().await;
        let open = app.device().inventoried().build().await;
        let waste = app.device().end_of_life().build().await;
        let (ready, open, waste) = (app.id(ready.id.0), app.id(open.id.0), app.id(waste.id.0));
        let some = app.id(Uuid::from_u128(1));
        let other = app.id(Uuid::from_u128(2));
        for (name, set, device) in [
            ("device_clean_when_sanitised", "stage = 'sanitised'".to_owned(), &open),
            ("device_clean_when_sanitised", "open_media = 1".to_owned(), &ready),
            ("device_clean_when_sanitised", "media_known = false".to_owned(), &ready),
            ("device_ready_is_graded", "grade = null".to_owned(), &ready),
            ("device_ready_is_graded", "locks_checked = false".to_owned(), &ready),
            ("device_ready_is_graded", "open_locks = 1".to_owned(), &ready),
            ("device_held_is_ready", format!("held_for = {some}, allocation_id = {some}"), &open),
            ("device_held_by_allocation", format!("held_for = {some}"), &ready),
            ("device_held_by_allocation", format!("allocation_id = {some}"), &ready),
            ("device_household_is_holder", format!("custody = 'household', handed_over_by = {some}, allocation_id = null"), &ready),
            ("device_household_by_handover", format!("custody = 'household', held_for = {some}, allocation_id = {some}"), &ready),
            ("device_household_by_handover", format!("custody = 'household', held_for = {some}, allocation_id = {some}, handed_over_by = {other}"), &ready),
            ("device_household_by_handover", format!("handed_over_by = {some}"), &waste),
            ("device_gone_is_clean", "custody = 'gone'".to_owned(), &open),
            ("device_gone_is_clean", "custody = 'gone'".to_owned(), &ready),
            ("device_gone_is_clean", "custody = 'gone', media_known = false".to_owned(), &waste),
            ("device_at_a_site", "site_id = null".to_owned(), &ready),
            ("device_in_a_shipment", "custody = 'shipment'".to_owned(), &ready),
            ("device_open_media_positive", "open_media = -1".to_owned(), &open),
            ("device_open_locks_positive", "open_locks = -1".to_owned(), &open),
            ("device_version_positive", "version = 0".to_owned(), &open),
            ("device_stage_known", "stage = 'lost'".to_owned(), &open),
            ("device_custody_known", "custody = 'somewhere'".to_owned(), &open),
            ("device_kind_known", "kind = 'fridge'".to_owned(), &open),
        ] {
            app.refuses(name, &format!("update device set {set} where id = {device}")).await;
        }
        for (name, set) in [
            ("medium_in_a_device", "custody = 'site'"),
            ("medium_loose_has_code", "custody = 'site', device_id = null"),
            ("medium_gone_is_closed", "custody = 'gone', device_id = null, code = '7KD3BX0R'"),
            ("medium_destroyed_is_gone", "destroyed_at = '2026-11-24T09:00:00Z'"),
            ("medium_version_positive", "version = 0"),
        ] {
            app.refuses(name, &format!("update medium set {set} where device_id = {open}")).await;
        }
    }

    async fn every_check_of_people_tells_its_name(app: TestApp) {
        let id = app.id(Uuid::from_u128(1));
        let other = app.id(Uuid::from_u128(2));
        let at = "'2026-11-24T09:00:00Z'";
        let handover = |kept: bool, paid: i64, cap: i64, public: bool, means: &str, exception: &str, witness: &str| format!(
            "insert into handover (allocation_id, device_id, request_id, appointment_id, kept, contribution_cents, cap_cents,
               public_donor, seller_may_sell, means, checklist, mediator_id, exception, witness_id, organisation_id, at)
             values ({id}, {id}, {id}, {id}, {kept}, {paid}, {cap}, {public}, false, {means}, '{{}}', {id}, {exception}, {witness}, {id}, {at})"
        );
        let (none, cash, lost) = ("null", "'cash'", "'lost_code'");
        app.refuses("handover_is_kept", &handover(false, 0, 100, false, none, none, none)).await;
        app.refuses("handover_contribution_capped", &handover(true, 101, 100, false, cash, none, none)).await;
        app.refuses("handover_contribution_capped", &handover(true, -1, 100, false, cash, none, none)).await;
        app.refuses("handover_lawful_sale", &handover(true, 50, 100, true, cash, none, none)).await;
        app.refuses("handover_paid_by_some_means", &handover(true, 50, 100, false, none, none, none)).await;
        app.refuses("handover_exception_has_witness", &handover(true, 0, 100, false, none, lost, none)).await;
        app.refuses("handover_exception_has_witness", &handover(true, 0, 100, false, none, none, &other)).await;
        app.refuses("handover_witness_is_another", &handover(true, 0, 100, false, none, lost, &id)).await;
        for n in [0, 3] {
            app.refuses("seat_within_capacity", &format!(
                "insert into seat (opening_id, starts_at, n, capacity, appointment_id) values ({id}, 0, {n}, 2, {id})"
            )).await;
        }
        app.refuses("household_link_two", &format!(
            "insert into household_link (id, household_id, other_id, verdict, at) values ({id}, {id}, {id}, 'candidate', {at})"
        )).await;
    }
}
