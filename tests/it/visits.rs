//! What becomes of a visit: noted, moved, cancelled, missed, given up, by professionals and by its household.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::{AppointmentState, DeviceKind, Role};
use entities::{appointment, device, opening, request as request_row, venue};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::races::MANY;
use crate::support::welcome::{Welcome, booking, handover, request};
use crate::support::{Client, TestApp};

const PHONE: &str = "0601020304";

/// A household that waits with a laptop held and a visit booked.
async fn booked(app: &TestApp, welcome: &Welcome) -> (String, device::Model, Value) {
    let device = app.there(DeviceKind::Laptop).await;
    let request = welcome.waiting(PHONE).await;
    welcome.hold(&request, &device.code).await;
    let appointment = welcome.book(&request).await;
    (request, device, appointment)
}

/// A desktop and its screen of one household, both held; references and devices.
async fn pair(app: &TestApp, welcome: &Welcome, phone: &str) -> [(String, device::Model); 2] {
    let mut body = request(phone);
    body["need"]["kind"] = json!("desktop");
    let filed = welcome
        .worker
        .post("/api/v1/requests", body)
        .await
        .created();
    let [desktop, screen] =
        ["reference", "companion"].map(|field| filed[field].as_str().unwrap().to_owned());
    let computer = app.there(DeviceKind::Desktop).await;
    let monitor = app.there(DeviceKind::Monitor).await;
    welcome.hold(&desktop, &computer.code).await;
    welcome.hold(&screen, &monitor.code).await;
    [(desktop, computer), (screen, monitor)]
}

/// Books one visit for several requests on the earliest slot of a day, or of all.
async fn book_all(welcome: &Welcome, requests: &[&str], day: &str) -> Value {
    let slots = welcome.slots(requests[0]).await;
    let found = slots
        .iter()
        .find(|slot| slot["starts_at"].as_str().unwrap().starts_with(day));
    let slot = found.expect("a slot on that day")["id"].clone();
    let mut body = booking(requests[0], &slot);
    body["requests"] = json!(requests);
    welcome
        .worker
        .post("/api/v1/appointments", body)
        .await
        .created()
}

fn path(appointment: &Value, step: &str) -> String {
    format!(
        "/api/v1/appointments/{}/{step}",
        appointment["id"].as_str().unwrap()
    )
}

fn noted(outcome: &str, part: &str) -> Value {
    json!({"outcome": outcome, "part": part})
}

/// Lets time pass until some minutes after the pickup's start.
fn pass_to_pickup(app: &TestApp, appointment: &Value, minutes: i64) {
    let at: DateTime<Utc> = appointment["pickup"]["starts_at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    app.pass(at + TimeDelta::minutes(minutes) - app.clock.now());
}

async fn status(who: &Client, reference: &str) -> String {
    let shown = who.get(&format!("/api/v1/requests/{reference}")).await.ok();
    shown["status"].as_str().unwrap().to_owned()
}

/// Opens a venue every day, for one half of a visit.
async fn open_at(app: &TestApp, slug: &str, pickup: bool, onboarding: bool) {
    let venue = venue::Entity::find()
        .filter(venue::Column::Slug.eq(slug))
        .one(app.db.read())
        .await
        .unwrap()
        .unwrap();
    app.opens(opening::Model {
        pickup,
        onboarding,
        ..app.every_day(venue.id)
    })
    .await;
}

/// The texts sent to the household so far, the newest first.
async fn texts(app: &TestApp) -> Vec<String> {
    app.run_jobs().await;
    let mut files: Vec<_> = std::fs::read_dir(app.folder.path().join("mail"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .rev()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect()
}

/// The household before its own pages, behind the newest link and its second factor; and their address.
async fn at_home(app: &TestApp) -> (Client, String) {
    let link = texts(app)
        .await
        .into_iter()
        .find_map(|text| {
            let (_, rest) = text.split_once("/h/")?;
            Some(format!("/h/{}", rest.split_whitespace().next()?))
        })
        .expect("a text with a link");
    let household = app.nobody();
    let fields = [("day", "2"), ("month", "5"), ("year", "1984")];
    let action = format!("{link}?lang=fr");
    household.fill(&link, &action, &fields).await.leads();
    (household, link)
}

/// The address of the first link of a page that leads to one of its own pages.
fn way(page: &crate::support::page::Page, to: &str) -> String {
    let html = page.html();
    let found = html
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    found
        .map(|href| href.replace("&#38;", "&").replace("&amp;", "&"))
        .find(|href| href.contains(to))
        .unwrap_or_else(|| panic!("no way to {to}: {html}"))
}

both_databases! {
    async fn an_onboarding_is_noted_from_the_morning_of_its_day(app: TestApp) {
        let welcome = app.welcome(1).await;
        let (request, _, appointment) = booked(&app, &welcome).await;
        let attendance = path(&appointment, "attendance");
        // Absent is nobody before the slot has begun; whoever came early was there.
        welcome.mediator.post(&attendance, noted("no_show", "onboarding")).await.refused(409, "slot-not-begun");
        welcome.mediator.post(&attendance, noted("no_show", "pickup")).await.refused(409, "slot-not-begun");
        let done = welcome.mediator.post(&attendance, noted("attended", "onboarding")).await.ok();
        assert_eq!(done["onboarding"]["state"], "attended");

        let slots = welcome.slots(&request).await;
        let tomorrow = slots.iter().find(|s| s["starts_at"].as_str().unwrap().starts_with("2026-11-25")).unwrap();
        let both = json!({"pickup_slot": tomorrow["id"], "onboarding_slot": tomorrow["id"]});
        welcome.worker.post(&path(&appointment, "move"), both).await.ok();
        welcome.mediator.post(&attendance, noted("attended", "onboarding")).await.refused(409, "slot-not-begun");
    }

    async fn a_professional_moves_and_cancels_after_the_slot_has_begun(app: TestApp) {
        let welcome = app.welcome(1).await;
        let (request, device, appointment) = booked(&app, &welcome).await;
        pass_to_pickup(&app, &appointment, 20);
        let later = welcome.slots(&request).await[0]["id"].clone();
        let both = json!({"pickup_slot": later, "onboarding_slot": later});
        let moved = welcome.worker.post(&path(&appointment, "move"), both).await.ok();
        assert_eq!(moved["pickup"]["slot"], later);
        pass_to_pickup(&app, &moved, 20);
        welcome.mediator.post(&path(&appointment, "cancel"), json!({})).await.ok();
        assert_eq!(status(&welcome.worker, &request).await, "waiting");
        assert_eq!(app.device_now(device.id).await.held_for, None);
        assert_eq!(app.count("select count(*) from request where no_shows > 0").await, 0);
        app.verified().await;
    }

    async fn each_half_is_noted_by_those_who_receive_it(app: TestApp) {
        let welcome = app.welcome(1).await;
        open_at(&app, "ales-mediatheque", false, true).await;
        let elsewhere = app.stranger(Role::Mediator).await;
        let device = app.there(DeviceKind::Laptop).await;
        let request = welcome.waiting(PHONE).await;
        welcome.hold(&request, &device.code).await;
        let slots = welcome.slots(&request).await;
        let at = |venue: &str| slots.iter().find(|s| s["venue"] == venue).unwrap()["id"].clone();
        let mut body = booking(&request, &at("montpellier-mediatheque"));
        body["onboarding_slot"] = at("ales-mediatheque");
        let appointment = welcome.worker.post("/api/v1/appointments", body).await.created();
        pass_to_pickup(&app, &appointment, 20);
        let attendance = path(&appointment, "attendance");
        for part in ["pickup", "both"] {
            elsewhere.post(&attendance, noted("no_show", part)).await.refused(409, "site-foreign");
        }
        welcome.mediator.post(&attendance, noted("no_show", "onboarding")).await.refused(409, "site-foreign");
        assert!(app.device_now(device.id).await.held_for.is_some());
        elsewhere.post(&attendance, noted("attended", "onboarding")).await.ok();
        welcome.mediator.post(&attendance, noted("no_show", "pickup")).await.ok();
        assert_eq!(app.device_now(device.id).await.held_for, None);
    }

    async fn an_onboarding_missed_after_the_pickup_is_offered_again(app: TestApp) {
        let welcome = app.welcome(1).await;
        let (request, device, appointment) = booked(&app, &welcome).await;
        let code = app.pickup_code(PHONE).await;
        welcome.mediator.post("/api/v1/handovers", handover(&appointment["id"], &request, &device.code, &code)).await.created();
        pass_to_pickup(&app, &appointment, 20);
        welcome.mediator.post(&path(&appointment, "attendance"), noted("no_show", "onboarding")).await.ok();

        let slots = welcome.slots(&request).await;
        let shift = path(&appointment, "move");
        let slot = slots[0]["id"].clone();
        welcome.worker.post(&shift, json!({"pickup_slot": slot})).await.refused(409, "appointment-over");
        welcome.worker.post(&path(&appointment, "cancel"), json!({})).await.refused(409, "appointment-over");
        let moved = welcome.mediator.post(&shift, json!({"onboarding_slot": slot})).await.ok();
        assert_eq!((&moved["onboarding"]["slot"], &moved["onboarding"]["state"]), (&slot, &json!("booked")));
        assert_eq!((&moved["status"], &moved["pickup"]), (&json!("attended"), &appointment["pickup"]));
        assert!(texts(&app).await[0].contains("prise en main"));

        // The same on the pages of the social worker.
        welcome.worker.sign_in().await;
        let page = welcome.worker.page(&format!("/requests/{request}")).await;
        let page = welcome.worker.page(&way(&page, "/book")).await;
        assert!(page.says("L’équipement a été remis."));
        let page = welcome.worker.page(&way(&page, "move=1")).await;
        let page = welcome.worker.page(&way(&page, "onboarding=")).await;
        let action = format!("/requests/{request}/move");
        let to = welcome.worker.submit(&page, &action, &[]).await.leads();
        assert!(welcome.worker.page(&to).await.says("Le rendez-vous est déplacé."));

        welcome.mediator.post(&path(&appointment, "attendance"), noted("attended", "onboarding")).await.ok();
        welcome.worker.post(&shift, json!({"onboarding_slot": slot})).await.refused(409, "appointment-over");
        app.verified().await;
    }

    async fn what_an_attended_visit_left_behind_is_given_up(app: TestApp) {
        let welcome = app.welcome(1).await;
        for (phone, step, body, no_shows) in [
            ("0601020305", "cancel", json!({}), 0),
            ("0601020306", "attendance", noted("no_show", "pickup"), 1),
        ] {
            let [(desktop, computer), (screen, monitor)] = pair(&app, &welcome, phone).await;
            let appointment = book_all(&welcome, &[&desktop, &screen], "").await;
            let code = app.pickup_code(phone).await;
            let mut given = handover(&appointment["id"], &desktop, &computer.code, &code);
            given["checklist"] = json!({"charger": true, "power_cable": true});
            welcome.mediator.post("/api/v1/handovers", given).await.created();
            pass_to_pickup(&app, &appointment, 20);
            welcome.mediator.post(&path(&appointment, step), body.clone()).await.ok();
            assert_eq!(status(&welcome.worker, &desktop).await, "served");
            assert_eq!(status(&welcome.worker, &screen).await, "waiting");
            assert_eq!(app.device_now(monitor.id).await.held_for, None);
            assert_eq!(app.count("select count(*) from request where no_shows > 0").await, no_shows);
            welcome.mediator.post(&path(&appointment, step), body).await.refused(409, "appointment-over");
            app.verified().await;
        }
    }

    async fn a_request_is_withdrawn_with_what_is_held_and_booked_for_it(app: TestApp) {
        let welcome = app.welcome(1).await;
        let [(desktop, computer), (screen, monitor)] = pair(&app, &welcome, PHONE).await;
        book_all(&welcome, &[&desktop, &screen], "").await;
        welcome.worker.sign_in().await;
        let action = format!("/requests/{desktop}/withdraw");
        welcome.worker.fill(&format!("/requests/{desktop}"), &action, &[]).await.leads();
        for reference in [&desktop, &screen] {
            assert_eq!(status(&welcome.worker, reference).await, "withdrawn");
        }
        for device in [&computer, &monitor] {
            assert_eq!(app.device_now(device.id).await.held_for, None);
        }
        assert_eq!(app.count("select count(*) from seat").await, 0);
        assert_eq!(app.count("select count(*) from appointment where state = 'cancelled'").await, 1);
        assert_eq!(app.count("select count(*) from allocation where end_reason = 'withdrawn'").await, 2);
        let told = texts(&app).await;
        assert_eq!(told.iter().filter(|text| text.contains("est retirée")).count(), 1, "{told:?}");
        let again = format!("/api/v1/requests/{desktop}/withdraw");
        welcome.worker.post(&again, json!({})).await.refused(409, "request-not-waiting");
        app.stranger(Role::SocialWorker).await.post(&again, json!({})).await.refused(404, "not-found");
        app.verified().await;
    }

    async fn a_household_says_that_it_no_longer_needs_it(app: TestApp) {
        let welcome = app.welcome(1).await;
        let device = app.there(DeviceKind::Laptop).await;
        let request = welcome.waiting(PHONE).await;
        welcome.hold(&request, &device.code).await;
        let (household, home) = at_home(&app).await;
        let asked = way(&household.page(&home).await, "/withdraw");
        let page = household.page(&asked).await;
        assert!(page.says("Votre demande") || page.says("votre demande sera retirée"), "{}", page.html());
        assert!(app.device_now(device.id).await.held_for.is_some(), "asking changes nothing");
        let done = household.submit(&page, &asked, &[]).await;
        done.is(200);
        assert!(done.text().contains("Votre demande est retirée"));
        assert_eq!(status(&welcome.worker, &request).await, "withdrawn");
        let now = app.device_now(device.id).await;
        assert_eq!(now.held_for, None);
        let journal = app.person(Role::Storekeeper).await.get(&format!("/api/v1/devices/{}/journal", device.code)).await.ok();
        let last = journal["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["event"], &last["actor"]["role"]), (&json!("released"), &json!("household")));
        app.verified().await;
    }

    async fn a_household_sees_its_visit_and_what_is_held_meanwhile(app: TestApp) {
        let welcome = app.welcome(1).await;
        let [(desktop, _), (screen, _)] = pair(&app, &welcome, PHONE).await;
        book_all(&welcome, &[&desktop], "2026-11-27").await;
        let (household, home) = at_home(&app).await;
        let page = household.page(&home).await;
        assert!(page.says("Votre rendez-vous"), "{}", page.html());
        assert!(page.says("Votre écran est réservé.") || page.says("Votre équipement est réservé."), "{}", page.html());
        way(&page, "/choose");
        way(&page, "/cancel");

        // Two visits: each is shown, moved and cancelled by itself.
        let second = book_all(&welcome, &[&screen], "2026-11-28").await;
        let id = second["id"].as_str().unwrap();
        let page = household.page(&home).await;
        let page = household.page(&way(&page, &format!("visit={id}"))).await;
        let asked = way(&page, "/cancel");
        let page = household.page(&asked).await;
        household.submit(&page, &asked, &[]).await.is(200);
        assert_eq!(status(&welcome.worker, &screen).await, "waiting");
        assert_eq!(status(&welcome.worker, &desktop).await, "booked");
    }

    async fn a_coordinator_releases_what_was_missed(app: TestApp) {
        let welcome = app.welcome(1).await;
        let (request, device, appointment) = booked(&app, &welcome).await;
        let hold = app.device_now(device.id).await.allocation_id.unwrap();
        let release = format!("/api/v1/allocations/{hold}/release");
        let reason = |word: &str| json!({"reason": word});
        let problem = welcome.coordinator.post(&release, reason("no_show")).await.refused(409, "already-booked");
        assert!(problem["detail"].as_str().unwrap().contains("/attendance"), "{problem:#}");
        pass_to_pickup(&app, &appointment, 20);
        welcome.coordinator.post(&release, reason("wrong_device")).await.refused(409, "already-booked");
        let problem = welcome.coordinator.post(&release, reason("expired")).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "#/reason");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("wrong_device"), "{problem:#}");
        welcome.coordinator.post(&release, reason("no_show")).await.ok();
        assert_eq!(status(&welcome.worker, &request).await, "waiting");
        assert_eq!(app.device_now(device.id).await.held_for, None);
        assert_eq!(app.count("select count(*) from appointment where state = 'no_show'").await, 1);
        assert_eq!(app.count("select count(*) from request where no_shows = 1").await, 1);
        app.verified().await;
    }

    async fn slots_are_paged_and_no_venue_hides_another(app: TestApp) {
        let welcome = app.welcome(1).await;
        // Twelve a day for a month at one venue; the other opens last of all.
        open_at(&app, "ales-mediatheque", true, true).await;
        app.sql("update opening set slot_minutes = 20 where id = (select id from opening order by valid_from, id limit 1)").await.unwrap();
        let device = app.there(DeviceKind::Laptop).await;
        let request = welcome.waiting(PHONE).await;
        welcome.hold(&request, &device.code).await;
        let mut seen: Vec<(String, String)> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = welcome.worker.get(&format!("/api/v1/slots?request={request}&limit=200{cursor}")).await.ok();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 200);
            seen.extend(items.iter().map(|s| {
                let text = |field: &str| s[field].as_str().unwrap().to_owned();
                (text("starts_at"), text("id"))
            }));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert!(seen.len() > 500, "{}", seen.len());
        assert!(seen.windows(2).all(|two| two[0] < two[1]), "in order, none twice");
        let first = welcome.worker.get(&format!("/api/v1/slots?request={request}")).await.ok();
        assert_eq!(first["items"].as_array().unwrap().len(), 50);
        let problem = welcome.worker.get(&format!("/api/v1/slots?request={request}&cursor=nonsense")).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "#/cursor");
        // A mediator's pages hold their own venues alone, full pages all the same.
        let stranger = app.stranger(Role::Mediator).await;
        let theirs = stranger.get(&format!("/api/v1/slots?request={request}")).await.ok();
        let theirs = theirs["items"].as_array().unwrap();
        assert_eq!(theirs.len(), 50);
        assert!(theirs.iter().all(|s| s["venue"] == "ales-mediatheque"));
    }

    async fn a_household_is_reminded_two_days_before(app: TestApp) {
        let welcome = app.welcome(1).await;
        let device = app.there(DeviceKind::Laptop).await;
        let request = welcome.waiting(PHONE).await;
        welcome.hold(&request, &device.code).await;
        let appointment = book_all(&welcome, &[&request], "2026-11-29").await;
        let reminders = async || texts(&app).await.into_iter().filter(|text| text.contains("Vous avez rendez-vous")).count();
        assert_eq!(reminders().await, 0);
        // Moved, it is reminded of at its new time only; once.
        let slots = welcome.slots(&request).await;
        let later = slots.iter().find(|s| s["starts_at"].as_str().unwrap().starts_with("2026-12-01")).unwrap();
        let both = json!({"pickup_slot": later["id"], "onboarding_slot": later["id"]});
        let moved = welcome.worker.post(&path(&appointment, "move"), both).await.ok();
        pass_to_pickup(&app, &moved, -49 * 60);
        assert_eq!(reminders().await, 0);
        app.pass(TimeDelta::hours(1));
        assert_eq!(reminders().await, 1);
        app.pass(TimeDelta::hours(1));
        assert_eq!(reminders().await, 1);

        // Cancelled, or booked for tomorrow: nobody is reminded.
        welcome.worker.post(&path(&appointment, "cancel"), json!({})).await.ok();
        welcome.hold(&request, &device.code).await;
        let far = book_all(&welcome, &[&request], "2026-12-05").await;
        welcome.worker.post(&path(&far, "cancel"), json!({})).await.ok();
        app.pass(TimeDelta::days(4));
        welcome.hold(&request, &device.code).await;
        welcome.book(&request).await;
        app.pass(TimeDelta::hours(1));
        assert_eq!(reminders().await, 1);
        assert_eq!(app.count("select count(*) from job where done_at is null and kind = 'remind'").await, 0);
    }

    async fn closing_a_day_and_booking_it_exclude_each_other(app: TestApp) {
        let welcome = app.welcome(16).await;
        let opening = opening::Entity::find().one(app.db.read()).await.unwrap().unwrap().id;
        let host = Arc::new(app.person(Role::Mediator).await);
        host.sign_in().await;
        let csrf = host.page(&format!("/openings/{opening}")).await.csrf();
        let close = format!("/openings/{opening}/close-day");
        let mut waiting = Vec::new();
        for n in 0..MANY {
            let device = app.there(DeviceKind::Laptop).await;
            let request = welcome.waiting(&format!("06010204{n:02}")).await;
            welcome.hold(&request, &device.code).await;
            waiting.push((request, device));
        }
        let slots = welcome.slots(&waiting[0].0).await;
        for (round, day) in ["2026-11-27", "2026-11-28", "2026-11-29"].into_iter().enumerate() {
            let slot = slots.iter().find(|s| s["starts_at"].as_str().unwrap().starts_with(day)).unwrap()["id"].clone();
            let start = Arc::new(Barrier::new(MANY + 1));
            let mut running = Vec::new();
            for (n, (request, _)) in waiting.iter().enumerate() {
                if n == round * 4 {
                    let (host, start, csrf, close) = (host.clone(), start.clone(), csrf.clone(), close.clone());
                    running.push(tokio::spawn(async move {
                        start.wait().await;
                        host.post_form(&close, &[("csrf", &csrf), ("day", day)]).await
                    }));
                }
                let (worker, start, body) = (welcome.worker.again(), start.clone(), booking(request, &slot));
                running.push(tokio::spawn(async move {
                    start.wait().await;
                    worker.post("/api/v1/appointments", body).await
                }));
            }
            for run in running {
                let answer = run.await.unwrap();
                assert!(matches!(answer.status(), 201 | 303 | 409), "{answer:?}");
            }
            let closed = app.count(&format!("select count(*) from opening where closed_days like '%{day}%'")).await;
            let booked = appointment::Entity::find()
                .filter(appointment::Column::State.eq(AppointmentState::Booked))
                .all(app.db.read())
                .await
                .unwrap();
            assert!(closed == 0 || booked.is_empty(), "{} booked on a day that is closed", booked.len());
            for one in &booked {
                welcome.worker.post(&format!("/api/v1/appointments/{}/cancel", one.id), json!({})).await.ok();
            }
            if !booked.is_empty() {
                for (request, device) in &waiting {
                    if app.device_now(device.id).await.held_for.is_none() {
                        welcome.hold(request, &device.code).await;
                    }
                }
            }
        }
        app.verified().await;
    }

    /// The same, told step by step: a booking that has read its slot is waited for.
    async fn a_booking_under_way_keeps_its_day_open(app: TestApp) {
        let welcome = app.welcome(1).await;
        let opening = opening::Entity::find().one(app.db.read()).await.unwrap().unwrap().id;
        let host = app.person(Role::Mediator).await;
        host.sign_in().await;
        let csrf = host.page(&format!("/openings/{opening}")).await.csrf();
        let close = format!("/openings/{opening}/close-day");
        let device = app.there(DeviceKind::Laptop).await;
        let request = welcome.waiting(PHONE).await;
        welcome.hold(&request, &device.code).await;
        let slots = welcome.slots(&request).await;
        let slot = slots.iter().find(|s| s["starts_at"].as_str().unwrap().starts_with("2026-11-27")).unwrap()["id"].clone();

        // Somebody else has the request's row, so that the booking stops between its slot and its seat.
        let other = app.db.write().await.unwrap();
        request_row::Entity::update_many()
            .set(request_row::ActiveModel { priority: Set(1), ..Default::default() })
            .filter(request_row::Column::Reference.eq(&request))
            .exec(&other)
            .await
            .unwrap();
        let (worker, body) = (welcome.worker.again(), booking(&request, &slot));
        let books = tokio::spawn(async move { worker.post("/api/v1/appointments", body).await });
        let pause = || tokio::time::sleep(std::time::Duration::from_millis(400));
        pause().await;
        let shutting = tokio::spawn(async move {
            host.post_form(&close, &[("csrf", &csrf), ("day", "2026-11-27")]).await
        });
        pause().await;
        other.commit().await.unwrap();
        let (booked, closed) = (books.await.unwrap(), shutting.await.unwrap());
        assert!(matches!((booked.status(), closed.status()), (201 | 409, 303 | 409)), "{booked:?} {closed:?}");
        let closed = app.count("select count(*) from opening where closed_days like '%2026-11-27%'").await;
        let booked = app.count("select count(*) from appointment where state = 'booked'").await;
        assert_eq!(closed + booked, 1, "{booked} booked on a day closed {closed} times");
    }
}
