//! The ending: what is beyond use leaves weighed, sealed and on paper, and never with data on it.

use entities::enums::Role;
use serde_json::{Value, json};

use crate::support::Client;

const LOTS: &str = "/api/v1/recycling/lots";

async fn open(keeper: &Client, site: &str) -> String {
    let lot = keeper
        .post(LOTS, json!({"site": site, "category": "screens"}))
        .await
        .created();
    lot["reference"].as_str().unwrap().to_owned()
}

async fn put_in(keeper: &Client, lot: &str, code: &str) -> crate::support::Answer {
    keeper
        .post(&format!("{LOTS}/{lot}/items"), json!({ "code": code }))
        .await
}

fn papers() -> Value {
    json!({"carrier": "Transports Mistral", "operator": "Éco-organisme", "reference": "BON-0042"})
}

both_databases! {
    /// A laptop at its end of life leaves in a weighed and collected lot.
    async fn a_lot_is_filled_weighed_and_collected(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let site = app.world.workshop.slug.clone();
        let laptop = app.device().end_of_life().build().await;
        let lot = open(&keeper, &site).await;
        let filled = put_in(&keeper, &lot, &laptop.code).await.created();
        assert_eq!(filled["items"][0]["code"], laptop.code.as_str());
        assert_eq!(filled["items"][0]["usual_category"], "screens");
        // The same label scanned twice is in once.
        let again = put_in(&keeper, &lot, &laptop.code).await.ok();
        assert_eq!(again["items"].as_array().unwrap().len(), 1);
        let bulk = json!({"bulk": {"category": "câbles", "weight_grams": 1200}});
        keeper.post(&format!("{LOTS}/{lot}/items"), bulk).await.created();
        // What was weighed apart is part of the whole.
        let close = format!("{LOTS}/{lot}/close");
        keeper.post(&close, json!({"weight_grams": 900})).await.refused(422, "invalid");
        let closed = keeper.post(&close, json!({"weight_grams": 3400})).await.ok();
        assert_eq!(closed["status"], "closed");
        keeper.post(&close, json!({"weight_grams": 3400})).await.ok();
        let other = app.device().end_of_life().build().await;
        put_in(&keeper, &lot, &other.code).await.refused(409, "lot-not-open");
        let collect = format!("{LOTS}/{lot}/collect");
        let gone = keeper.post(&collect, papers()).await.ok();
        assert_eq!(gone["status"], "collected");
        keeper.post(&collect, papers()).await.ok();
        let device = keeper.get(&format!("/api/v1/devices/{}", laptop.code)).await.ok();
        assert_eq!(device["status"], "recycled");
        assert!(rebond::verify::verify(&app.app).await.unwrap().is_clean());
    }

    /// A lot is neither sealed empty nor collected open, and only by those who may.
    async fn a_lot_goes_in_its_order(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let lead = app.person(Role::WorkshopLead).await;
        let lot = open(&keeper, &app.world.workshop.slug).await;
        let weight = json!({"weight_grams": 1000});
        keeper.post(&format!("{LOTS}/{lot}/close"), weight.clone()).await.refused(409, "lot-empty");
        keeper.post(&format!("{LOTS}/{lot}/collect"), papers()).await.refused(409, "lot-not-closed");
        let laptop = app.device().end_of_life().build().await;
        put_in(&lead, &lot, &laptop.code).await.created();
        lead.post(&format!("{LOTS}/{lot}/close"), weight).await.ok();
        lead.post(&format!("{LOTS}/{lot}/collect"), papers()).await.refused(403, "forbidden");
        let stranger = app.stranger(Role::Storekeeper).await;
        stranger.get(&format!("{LOTS}/{lot}")).await.refused(404, "not-found");
        stranger.post(&format!("{LOTS}/{lot}/collect"), papers()).await.refused(404, "not-found");
    }

    /// Law 2: nothing with data on it gets near the dock, and what is not waste neither.
    async fn what_may_hold_data_does_not_enter_a_lot(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let lot = open(&keeper, &app.world.workshop.slug).await;
        let ready = app.device().ready().build().await;
        put_in(&keeper, &lot, &ready.code).await.refused(409, "wrong-state");
        let bench = app.person(Role::Refurbisher).await;
        let full = app.device().inventoried().build().await;
        let declared = json!({
            "scan_id": app.chance.random_id(), "code": full.code, "action": "declare_end_of_life",
            "site": app.world.workshop.slug, "data": {"reason": "beyond_repair"},
        });
        bench.post("/api/v1/scans", declared).await.ok();
        let problem = put_in(&keeper, &lot, &full.code).await.refused(409, "not-sanitised");
        assert_eq!(problem["missing"][0]["code"], "open-media");
    }

    /// What was rescued after it was put in keeps the whole lot back, until it is taken out.
    async fn a_rescued_device_keeps_its_lot_back(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let lead = app.person(Role::WorkshopLead).await;
        let lot = open(&keeper, &app.world.workshop.slug).await;
        let mut codes = Vec::new();
        for _ in 0..2 {
            let laptop = app.device().end_of_life().build().await;
            put_in(&keeper, &lot, &laptop.code).await.created();
            codes.push(laptop.code);
        }
        let weight = json!({"weight_grams": 3600});
        keeper.post(&format!("{LOTS}/{lot}/close"), weight.clone()).await.ok();
        let rescued = json!({
            "scan_id": app.chance.random_id(), "code": codes[0], "action": "rescue",
            "site": app.world.workshop.slug, "data": {"reason": "repairable"},
        });
        lead.post("/api/v1/scans", rescued).await.ok();
        let collect = format!("{LOTS}/{lot}/collect");
        let problem = keeper.post(&collect, papers()).await.refused(409, "lot-item-not-ready");
        assert!(problem["missing"][0]["detail"].as_str().unwrap().starts_with(&codes[0]));
        let other = keeper.get(&format!("/api/v1/devices/{}", codes[1])).await.ok();
        assert_eq!(other["status"], "end_of_life", "nothing left by halves");
        keeper.post(&format!("{LOTS}/{lot}/reopen"), json!({})).await.ok();
        let out = format!("{LOTS}/{lot}/items/{}/removal", codes[0]);
        keeper.post(&out, json!({})).await.ok();
        keeper.post(&format!("{LOTS}/{lot}/close"), weight).await.ok();
        keeper.post(&collect, papers()).await.ok();
    }

    /// What was received at another site since stands on a shelf there: it does not leave with a lot from here.
    async fn what_stands_elsewhere_keeps_its_lot_back(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let bench = app.person(Role::Refurbisher).await;
        let site = app.world.workshop.slug.clone();
        let laptop = app.device().end_of_life().build().await;
        let lot = open(&keeper, &site).await;
        put_in(&keeper, &lot, &laptop.code).await.created();
        let weight = json!({"weight_grams": 1800});
        keeper.post(&format!("{LOTS}/{lot}/close"), weight.clone()).await.ok();
        let received = json!({
            "code": laptop.code, "action": "receive", "site": app.world.warehouse.slug, "data": {},
        });
        keeper.post("/api/v1/scans", received.clone()).await.ok();
        let collect = format!("{LOTS}/{lot}/collect");
        let problem = keeper.post(&collect, papers()).await.refused(409, "lot-item-not-ready");
        let why = problem["missing"][0]["detail"].as_str().unwrap();
        assert_eq!(why, format!("{} : est inscrit sur un autre site.", laptop.code));
        let device = keeper.get(&format!("/api/v1/devices/{}", laptop.code)).await.ok();
        assert_eq!(device["status"], "end_of_life");
        // Scanned here again, it leaves.
        let back = json!({"code": laptop.code, "action": "receive", "site": site, "data": {}});
        keeper.post("/api/v1/scans", back).await.ok();

        // A wiped disk in a lot of its own, mounted again since: the refusal names it.
        let donor = app.device().sanitised().build().await;
        let media = bench.get(&format!("/api/v1/devices/{}", donor.code)).await.ok()["media"].clone();
        let removal = format!("/api/v1/devices/{}/media/{}/removal", donor.code, media[0]["id"].as_str().unwrap());
        let disk = bench.post(&removal, json!({"to": "stock"})).await.ok()["medium"]["code"].as_str().unwrap().to_owned();
        let disks = keeper.post(LOTS, json!({"site": site, "category": "media"})).await.created();
        let disks = disks["reference"].as_str().unwrap().to_owned();
        put_in(&keeper, &disks, &disk).await.created();
        keeper.post(&format!("{LOTS}/{disks}/close"), weight).await.ok();
        let fitted = format!("/api/v1/devices/{}/media", donor.code);
        bench.post(&fitted, json!({"code": disk})).await.created();
        let collect_disks = format!("{LOTS}/{disks}/collect");
        let problem = keeper.post(&collect_disks, papers()).await.refused(409, "lot-item-not-ready");
        assert!(problem["missing"][0]["detail"].as_str().unwrap().starts_with(&disk), "{problem:#}");
        bench.post(&removal, json!({"to": "stock"})).await.ok();
        keeper.post(&collect_disks, papers()).await.ok();
        keeper.post(&collect, papers()).await.ok();
        assert!(rebond::verify::verify(&app.app).await.unwrap().is_clean());
    }

    /// What a lot was built on is not taken back under it.
    async fn what_a_lot_was_built_on_is_not_undone(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        let keeper = app.person(Role::Storekeeper).await;
        let laptop = app.device().sanitised().build().await;
        let scan = |action: &str| json!({
            "code": laptop.code, "action": action, "site": app.world.workshop.slug,
            "data": if action == "undo" { json!({}) } else { json!({"reason": "beyond_repair"}) },
        });
        bench.post("/api/v1/scans", scan("declare_end_of_life")).await.ok();
        let lot = open(&keeper, &app.world.workshop.slug).await;
        put_in(&keeper, &lot, &laptop.code).await.created();
        let no = bench.post("/api/v1/scans", scan("undo")).await.refused(409, "nothing-to-undo");
        assert!(no["detail"].as_str().unwrap().contains(&lot), "{no:#}");
        keeper.post(&format!("{LOTS}/{lot}/items/{}/removal", laptop.code), json!({})).await.ok();
        bench.post("/api/v1/scans", scan("undo")).await.ok();
        assert_eq!(app.device_now(laptop.id).await.stage, entities::enums::Stage::Sanitised);
    }

    /// A client's own id is one line of bulk, and another weighing is another line.
    async fn a_weighing_sent_twice_counts_once(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let lot = open(&keeper, &app.world.workshop.slug).await;
        let items = format!("{LOTS}/{lot}/items");
        let id = app.chance.random_id();
        let bulk = |grams: i64| json!({"id": id, "bulk": {"category": "câbles", "weight_grams": grams}});
        keeper.post(&items, bulk(1200)).await.created();
        keeper.post(&items, bulk(1200)).await.ok();
        keeper.post(&items, bulk(2400)).await.refused(409, "id-reused");
        assert_eq!(app.count("select count(*) from lot_item").await, 1);
    }

    /// One thing, two lots, many hands at once: it is in one.
    async fn a_device_is_in_one_lot_only(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let site = app.world.workshop.slug.clone();
        let lots = [open(&keeper, &site).await, open(&keeper, &site).await];
        let laptop = app.device().end_of_life().build().await;
        let mut tries = Vec::new();
        for n in 0..16 {
            let lot = lots[n % 2].clone();
            let (code, keeper) = (laptop.code.clone(), app.person(Role::Storekeeper).await);
            tries.push(tokio::spawn(async move { put_in(&keeper, &lot, &code).await }));
        }
        let mut entered = 0;
        for one in tries {
            let answer = one.await.unwrap();
            match answer.problem().as_deref() {
                None => entered += u32::from(answer.status() == 201),
                Some(code) => assert_eq!(code, "already-in-a-lot"),
            }
        }
        assert_eq!(entered, 1);
        let live = "select count(*) from lot_item where taken_out_at is null";
        assert_eq!(app.count(live).await, 1);
    }

    /// A client's own id makes one lot, however often it is sent.
    async fn a_lot_opened_twice_by_the_same_id_is_one(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let id = app.chance.random_id();
        let body = json!({"id": id, "site": app.world.workshop.slug, "category": "small_it"});
        let first = keeper.post(LOTS, body.clone()).await.created();
        let second = keeper.post(LOTS, body).await.ok();
        assert_eq!(first["reference"], second["reference"]);
        let other = json!({"id": id, "site": app.world.workshop.slug, "category": "screens"});
        keeper.post(LOTS, other).await.refused(409, "id-reused");
        let unknown = json!({"site": app.world.workshop.slug, "category": "fridges"});
        keeper.post(LOTS, unknown).await.refused(422, "invalid");
    }

    /// The pages do the same: scan in, weigh, collect, print.
    async fn the_pages_of_a_lot_lead_to_its_note(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        keeper.sign_in().await;
        let laptop = app.device().end_of_life().build().await;
        let site = app.world.workshop.slug.as_str();
        let fields = [("category", "screens"), ("site", site)];
        let lot = keeper.fill("/lots", "/lots", &fields).await.leads();
        let action = format!("{lot}/items");
        keeper.fill(&lot, &action, &[("code", &laptop.code)]).await.leads();
        let wrong = keeper.fill(&lot, &action, &[("code", "7KD3BX0Z")]).await;
        wrong.is(422);
        keeper.fill(&lot, &format!("{lot}/close"), &[("weight", "3,4")]).await.leads();
        let fields = [("carrier", "Mistral"), ("operator", "Éco-organisme"), ("reference", "B-1")];
        keeper.fill(&lot, &format!("{lot}/collect"), &fields).await.leads();
        let note = keeper.visit(&format!("{lot}/note.pdf")).await;
        note.is(200);
        assert!(note.bytes().starts_with(b"%PDF"));
    }
}
