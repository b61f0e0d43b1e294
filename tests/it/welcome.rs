//! From the request to the handover, and what sixteen at once want of the same device, request, slot or visit.

use entities::device;
use entities::enums::{CustodyKind, DeviceKind, Role};
use serde_json::{Value, json};

use crate::races::{MANY, at_once, with};
use crate::support::welcome::{Welcome, booking, handover, hold};
use crate::support::{Answer, TestApp};

fn phone(n: usize) -> String {
    format!("06010203{n:02}")
}

/// Everybody but the winners is told so, with one of these codes.
#[track_caller]
fn losers(answers: &[Answer], won: u16, codes: &[&str]) {
    for answer in answers.iter().filter(|a| a.status() != won) {
        let code = answer.problem().unwrap_or_default();
        assert!(
            answer.status() == 409 && codes.contains(&code.as_str()),
            "{answer:?}"
        );
    }
}

/// A household that waits with a device held and a visit booked.
async fn booked(app: &TestApp, welcome: &Welcome, n: usize) -> (String, device::Model, Value) {
    let device = app.there(DeviceKind::Laptop).await;
    let request = welcome.waiting(&phone(n)).await;
    welcome.hold(&request, &device.code).await;
    let appointment = welcome.book(&request).await;
    (request, device, appointment)
}

both_databases! {
    async fn a_household_gets_its_device_and_gives_it_back(app: TestApp) {
        let welcome = app.welcome(1).await;
        let (request, device, appointment) = booked(&app, &welcome, 1).await;
        let code = app.pickup_code(&phone(1)).await;
        let id = &appointment["id"];

        // Law 3: the right device, the right code, the right person.
        let other = app.there(DeviceKind::Laptop).await;
        welcome.mediator.post("/api/v1/handovers", handover(id, &request, &other.code, &code)).await.refused(409, "handover-incomplete");
        let wrong = if code == "000000" { "000001" } else { "000000" };
        welcome.mediator.post("/api/v1/handovers", handover(id, &request, &device.code, wrong)).await.refused(409, "wrong-pickup-code");
        let stranger = app.stranger(Role::Mediator).await;
        stranger.post("/api/v1/handovers", handover(id, &request, &device.code, &code)).await.refused(404, "not-found");
        assert_eq!(app.device_now(device.id).await.custody, CustodyKind::Site);

        let done = welcome.mediator.post("/api/v1/handovers", handover(id, &request, &device.code, &code)).await.created();
        assert_eq!(done["device"], device.code.as_str());
        assert_eq!(app.device_now(device.id).await.custody, CustodyKind::Household);
        welcome.mediator.post("/api/v1/handovers", handover(id, &request, &device.code, &code)).await.ok();
        app.verified().await;

        // It comes back: its data are a household's now, its grade is gone.
        app.pass(chrono::TimeDelta::days(30));
        let scan = json!({"code": device.code, "action": "return", "data": {"reason": "no_longer_needed", "may_wipe": true}});
        welcome.mediator.post("/api/v1/scans", scan).await.ok();
        let back = app.device_now(device.id).await;
        assert_eq!((back.custody, back.open_media, back.grade), (CustodyKind::Site, 1, None));
        assert!(!back.media_known);
        app.verified().await;
    }

    async fn a_device_is_held_for_one_of_many_requests(app: TestApp) {
        let welcome = app.welcome(1).await;
        let device = app.there(DeviceKind::Laptop).await;
        let mut posts = Vec::new();
        for n in 0..MANY {
            let request = welcome.waiting(&phone(n)).await;
            posts.push((welcome.coordinator.again(), "/api/v1/allocations".to_owned(), hold(&request, &device.code)));
        }
        let answers = at_once(posts).await;
        assert_eq!(with(&answers, 201), 1, "{answers:?}");
        losers(&answers, 201, &["device-already-held", "held", "stale"]);
        assert_eq!(app.count("select count(*) from allocation where ended_at is null").await, 1);
        app.verified().await;
    }

    async fn a_request_holds_one_of_many_devices(app: TestApp) {
        let welcome = app.welcome(1).await;
        let request = welcome.waiting(&phone(0)).await;
        let mut posts = Vec::new();
        for _ in 0..MANY {
            let device = app.there(DeviceKind::Laptop).await;
            posts.push((welcome.coordinator.again(), "/api/v1/allocations".to_owned(), hold(&request, &device.code)));
        }
        let answers = at_once(posts).await;
        assert_eq!(with(&answers, 201), 1, "{answers:?}");
        losers(&answers, 201, &["request-already-held", "request-not-waiting", "stale"]);
        assert_eq!(app.count("select count(*) from device where held_for is not null").await, 1);
        app.verified().await;
    }

    async fn one_seat_is_booked_once(app: TestApp) {
        book_at_once(&app, 1).await;
    }

    async fn twelve_seats_are_booked_twelve_times(app: TestApp) {
        book_at_once(&app, 12).await;
    }

    async fn cancelling_and_handing_over_exclude_each_other(app: TestApp) {
        let welcome = app.welcome(1).await;
        let (request, device, appointment) = booked(&app, &welcome, 1).await;
        let code = app.pickup_code(&phone(1)).await;
        let id = &appointment["id"];
        let cancel = format!("/api/v1/appointments/{}/cancel", id.as_str().unwrap());
        let posts = (0..MANY)
            .map(|n| if n % 2 == 0 {
                (welcome.mediator.again(), "/api/v1/handovers".to_owned(), handover(id, &request, &device.code, &code))
            } else {
                (welcome.worker.again(), cancel.clone(), json!({}))
            })
            .collect();
        let answers = at_once(posts).await;
        let handed = app.count("select count(*) from handover").await;
        let cancelled = app.count("select count(*) from appointment where state = 'cancelled'").await;
        assert_eq!(handed + cancelled, 1, "{answers:?}");
        let now = app.device_now(device.id).await;
        assert_eq!(now.custody == CustodyKind::Household, handed == 1);
        assert_eq!(now.held_for.is_some(), handed == 1);
        assert_eq!(with(&answers, 201), usize::try_from(handed).unwrap(), "{answers:?}");
        for answer in answers.iter().filter(|a| a.status() >= 300) {
            answer.is(409);
        }
        assert_eq!(app.count("select count(*) from seat").await, handed);
        app.verified().await;
    }
}

/// Sixteen households want the same slot: as many get it as there are seats, and nobody is told "full" before.
async fn book_at_once(app: &TestApp, seats: usize) {
    let welcome = app.welcome(i32::try_from(seats).unwrap()).await;
    let mut requests = Vec::new();
    for n in 0..MANY {
        let device = app.there(DeviceKind::Laptop).await;
        let request = welcome.waiting(&phone(n)).await;
        welcome.hold(&request, &device.code).await;
        requests.push(request);
    }
    let slot = welcome.slots(&requests[0]).await[0]["id"].clone();
    let posts = requests
        .iter()
        .map(|request| {
            (
                welcome.worker.again(),
                "/api/v1/appointments".to_owned(),
                booking(request, &slot),
            )
        })
        .collect();
    let answers = at_once(posts).await;
    assert_eq!(with(&answers, 201), seats, "{answers:?}");
    losers(&answers, 201, &["slot-full"]);
    let taken = i64::try_from(seats).unwrap();
    assert_eq!(app.count("select count(*) from seat").await, taken);
    assert_eq!(app.count("select count(*) from appointment").await, taken);
    app.verified().await;
}
