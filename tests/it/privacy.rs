//! What nobody else learns: of households, of accounts, of messages.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use chrono::TimeDelta;
use entities::enums::Role;
use rebond::config::Transport;
use serde_json::{Value, json};

use crate::support::welcome::{Welcome, handover, hold, request};
use crate::support::world::PASSWORD;
use crate::support::{Client, TestApp};

/// An instance as it is served: messages leave by a server, which answers nobody here.
async fn served(app: TestApp) -> TestApp {
    app.with_settings(|config| {
        config.mail.transport = Transport::Smtp;
        "smtp://127.0.0.1:9".clone_into(&mut config.mail.smtp_url);
    })
    .await
}

/// The secret that a page tells once.
fn told(html: &str) -> String {
    let (_, rest) = html.split_once("class=\"mono once\">").expect("a secret");
    rest.split('<').next().unwrap().to_owned()
}

/// A household with a visit booked today: its request, the device and the appointment.
async fn booked(app: &TestApp, welcome: &Welcome, phone: &str) -> (String, String, Value) {
    let device = app.device().ready().at(&app.world.desk).build().await;
    let request = welcome.waiting(phone).await;
    welcome.hold(&request, &device.code).await;
    let appointment = welcome.book(&request).await;
    (request, device.code, appointment["id"].clone())
}

async fn sign_in(who: &Client, email: &str, password: &str) -> crate::support::Answer {
    let fields = [("email", email), ("password", password)];
    who.fill("/sign-in", "/sign-in", &fields).await
}

/// Messages in a folder reach nobody and lie in clear: only the demo does that.
#[test]
fn serve_refuses_mail_in_a_folder() {
    let folder = tempfile::TempDir::new().unwrap();
    let dir = folder.path().join("new");
    let done = Command::new(env!("CARGO_BIN_EXE_rebond"))
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(&dir)
        .env_remove("REBOND_MAIL__TRANSPORT")
        .output()
        .unwrap();
    assert!(!done.status.success());
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("REBOND_MAIL__SMTP_URL"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!dir.exists());
}

both_databases! {
    async fn messages_in_a_folder_are_their_owner_s(app: TestApp) {
        let worker = app.person(Role::SocialWorker).await;
        worker.post("/api/v1/requests", request("0601020304")).await.created();
        app.run_jobs().await;
        let folder = app.folder.path().join("mail");
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
        assert!(!files.is_empty());
        for file in files {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }

    /// No gateway, no text: said beside its field. What mail can't deliver is printed, or forgotten when it is worth
    /// nothing late.
    async fn what_can_not_leave_becomes_a_letter_or_is_forgotten(app: TestApp) {
        let app = Box::pin(served(app)).await;
        let worker = app.person(Role::SocialWorker).await;
        let problem = worker.post("/api/v1/requests", request("0601020304")).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "#/household/contact/channel");
        worker.sign_in().await;
        let form = worker.page("/requests/new").await;
        assert!(!form.html().contains("value=\"text\""));

        let mut decided = request("0601020304");
        decided["household"]["contact"] = json!({"phone": null, "email": "foyer@rebond.example", "channel": "email"});
        worker.post("/api/v1/requests", decided.clone()).await.created();
        let mut received = decided;
        received["household"]["people"][0]["family_name"] = json!("Autre");
        received["resources"] = json!({"net_monthly_cents": null, "quotient_familial": null, "low_income_status": false});
        received["evidence"] = json!([]);
        let filed = worker.post("/api/v1/requests", received).await.created();
        assert_eq!(filed["status"], "needs_review");
        for _ in 0..8 {
            app.run_jobs().await;
            app.pass(TimeDelta::hours(3));
        }
        let letters = "select count(*) from message where channel = 'letter' and kind = 'decided' and content is not null and gave_up_at is null";
        assert_eq!(app.count(letters).await, 1);
        let forgotten = "select count(*) from message where gave_up_at is not null and content is null and recipient is null";
        assert_eq!(app.count(forgotten).await, 1);
        // The session ended meanwhile.
        worker.sign_in().await;
        assert!(worker.page("/letters").await.says("le message n’a pas pu partir"));
    }

    /// Whoever guesses gains nothing: a quarter of an hour after five misses, and no more codes after three renewals.
    async fn a_pickup_code_is_not_guessed(app: TestApp) {
        let welcome = app.welcome(1).await;
        let phone = "0601020311";
        let (request, device, appointment) = booked(&app, &welcome, phone).await;
        let mediator = &welcome.mediator;
        let try_code = async |code: &str| {
            mediator.post("/api/v1/handovers", handover(&appointment, &request, &device, code)).await
        };
        for round in 1..=4 {
            let right = app.pickup_code(phone).await;
            let wrong = if right == "000000" { "000001" } else { "000000" };
            for _ in 0..4 {
                try_code(wrong).await.refused(409, "wrong-pickup-code");
            }
            try_code(wrong).await.refused(409, "pickup-code-locked");
            // Neither the new code nor another is looked at now.
            let new = app.pickup_code(phone).await;
            assert_eq!(new == right, round == 4, "the fourth time none is sent");
            try_code(&new).await.refused(409, "pickup-code-locked");
            app.pass(TimeDelta::minutes(16));
        }
        let last = app.pickup_code(phone).await;
        try_code(&last).await.refused(409, "pickup-code-locked");
        let misses = "select cast(sum(pickup_code_misses) as bigint) from appointment";
        assert_eq!(app.count(misses).await, 20);
        welcome.coordinator.sign_in().await;
        assert!(welcome.coordinator.page("/").await.says("aux codes de retrait souvent faux"));
        // The household is served all the same, before a second person.
        let colleague = app.person(Role::Mediator).await;
        let mut body = handover(&appointment, &request, &device, "");
        body["pickup_code"] = Value::Null;
        body["exception"] = json!({"reason": "lost_code", "witness": colleague.token()});
        mediator.post("/api/v1/handovers", body).await.created();
    }

    async fn a_new_pickup_code_is_good_after_its_wait(app: TestApp) {
        let welcome = app.welcome(1).await;
        let phone = "0601020312";
        let (request, device, appointment) = booked(&app, &welcome, phone).await;
        let right = app.pickup_code(phone).await;
        let wrong = if right == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            welcome.mediator.post("/api/v1/handovers", handover(&appointment, &request, &device, wrong)).await.is(409);
        }
        let new = app.pickup_code(phone).await;
        app.pass(TimeDelta::minutes(16));
        welcome.mediator.post("/api/v1/handovers", handover(&appointment, &request, &device, &new)).await.created();
    }

    /// The second person is there: a code they made minutes ago, for one act. Their token is nothing to a form.
    async fn a_witness_code_is_good_for_one_act(app: TestApp) {
        let welcome = app.welcome(2).await;
        let (request, device, appointment) = booked(&app, &welcome, "0601020313").await;
        let mediator = &welcome.mediator;
        mediator.sign_in().await;
        let colleague = app.person(Role::Mediator).await;
        colleague.sign_in().await;
        let make = async || told(&colleague.fill("/account", "/account/witness", &[]).await.text());
        let id = appointment.as_str().unwrap();
        let (path, action) = (format!("/handovers/{id}?request={request}"), format!("/handovers/{id}"));
        let hand = async |witness: &str| {
            let fields = [
                ("code", device.as_str()),
                ("checklist[charger]", "true"),
                ("contribution[means]", "cash"),
                ("exception[reason]", "lost_code"),
                ("exception[witness]", witness),
            ];
            mediator.fill(&path, &action, &fields).await
        };
        hand(colleague.token()).await.is(422);
        let old = make().await;
        app.pass(TimeDelta::minutes(11));
        hand(&old).await.is(422);
        let replaced = make().await;
        let code = make().await;
        assert_eq!(code.len(), 9, "{code}");
        hand(&replaced).await.is(422);
        let own = told(&mediator.fill("/account", "/account/witness", &[]).await.text());
        hand(&own).await.is(409);
        assert_eq!(app.count("select count(*) from witness_code where used_at is not null").await, 0);
        hand(&code.to_lowercase().replace('-', " ")).await.leads();
        assert_eq!(app.count("select count(*) from witness_code where used_at is not null").await, 1);
        // Spent, for a program too.
        let (request, device, appointment) = booked(&app, &welcome, "0601020314").await;
        let mut body = handover(&appointment, &request, &device, "");
        body["pickup_code"] = Value::Null;
        body["exception"] = json!({"reason": "lost_code", "witness": code});
        mediator.post("/api/v1/handovers", body).await.refused(422, "invalid");
    }

    /// Tokens end with the password and with the role they were made for.
    async fn tokens_end_with_what_they_were_made_for(app: TestApp) {
        let administrator = app.person(Role::Administrator).await;
        administrator.sign_in().await;
        let works = async |who: &Client| who.get("/api/v1/devices").await.status();

        let changed = app.person(Role::Storekeeper).await;
        assert_eq!(works(&changed).await, 200);
        let page = format!("/accounts/{}", changed.account().id);
        let shown = administrator.page(&page).await;
        assert!(shown.says("test") && shown.says("utilisé le"));
        let fields = [
            ("role", "driver"),
            ("organisation", app.world.association.slug.as_str()),
            ("site", app.world.warehouse.slug.as_str()),
        ];
        administrator.fill(&page, &format!("{page}/roles"), &fields).await.leads();
        assert_eq!(works(&changed).await, 200, "one more role");
        let end = format!("{page}/roles/{}/end", changed.part().id);
        administrator.fill(&page, &end, &[]).await.leads();
        assert_eq!(works(&changed).await, 401, "the role it was made for ended");

        let reset = app.person(Role::Storekeeper).await;
        let page = format!("/accounts/{}", reset.account().id);
        administrator.fill(&page, &format!("{page}/password"), &[]).await.is(200);
        assert_eq!(works(&reset).await, 401, "a new password");

        let own = app.person(Role::Storekeeper).await;
        own.sign_in().await;
        let make = async |password: &str| {
            let fields = [("label", "station"), ("token_password", password)];
            own.fill("/account", "/account/tokens", &fields).await
        };
        make("faux").await.is(422);
        make(PASSWORD).await.is(200);
        let fields = [("old", PASSWORD), ("password", "girafe-brouette-nuage")];
        own.fill("/account", "/account/password", &fields).await.leads();
        assert_eq!(works(&own).await, 401, "one's own new password");

        let other = app.person(Role::Storekeeper).await;
        let page = format!("/accounts/{}", other.account().id);
        let shown = administrator.page(&page).await;
        let (_, after) = shown.html().split_once(&format!("{page}/tokens/")).unwrap();
        let action = format!("{page}/tokens/{}/removal", after.split('/').next().unwrap());
        administrator.submit(&shown, &action, &[]).await.leads();
        assert_eq!(works(&other).await, 401, "revoked by the administration");
    }

    /// A password that somebody else gave opens one page: the one that changes it; its holder is told who gave it.
    async fn a_given_password_is_changed_before_anything_else(app: TestApp) {
        let administrator = app.person(Role::Administrator).await;
        administrator.sign_in().await;
        let keeper = app.person(Role::Storekeeper).await;
        let page = format!("/accounts/{}", keeper.account().id);
        let reset = async || {
            told(&administrator.fill(&page, &format!("{page}/password"), &[]).await.text())
        };
        let late = reset().await;
        app.pass(TimeDelta::hours(73));
        let answer = sign_in(&app.nobody(), &keeper.account().email, &late).await;
        answer.is(422);
        assert!(answer.text().contains("n’est plus valable"));

        // The administrator's session ended meanwhile.
        administrator.sign_in().await;
        let given = reset().await;
        let who = app.nobody();
        sign_in(&who, &keeper.account().email, &given).await.leads();
        assert_eq!(who.visit("/devices").await.leads(), "/account/password");
        assert_eq!(who.visit("/account").await.leads(), "/account/password");
        let change = async |new: &str| {
            let fields = [("old", given.as_str()), ("password", new)];
            who.fill("/account/password", "/account/password", &fields).await
        };
        change("court").await.is(422);
        change("girafe-brouette-nuage").await.leads();
        who.visit("/devices").await.is(200);

        app.run_jobs().await;
        let mails: Vec<String> = std::fs::read_dir(app.folder.path().join("mail"))
            .unwrap()
            .map(|file| file.unwrap().path())
            .filter(|path| path.to_str().unwrap().contains("password_given"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        assert_eq!(mails.len(), 2);
        for mail in mails {
            assert!(mail.contains(&format!("To: {}", keeper.account().email)), "{mail}");
            assert!(mail.contains(&administrator.account().display_name), "{mail}");
            assert!(!mail.contains(&given) && !mail.contains(&late));
        }
    }

    /// Trying passwords tells nobody which addresses are ours.
    async fn an_address_of_ours_answers_like_any_other(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let answers = async |email: &str| {
            let who = app.nobody();
            let page = who.page("/sign-in").await;
            let mut answers = Vec::new();
            for _ in 0..15 {
                let fields = [("email", email), ("password", "pas-le-bon-du-tout")];
                let answer = who.submit(&page, "/sign-in", &fields).await;
                let text = answer.text().replace(email, "").replace(&page.csrf(), "");
                answers.push((answer.status(), text));
            }
            answers
        };
        let ours = answers(&keeper.account().email).await;
        let theirs = answers("personne@rebond.example").await;
        assert_eq!(ours, theirs);
        assert!(ours.iter().any(|(status, _)| *status == 429));
        // Locked, the right password is as wrong as any.
        let again = app.person(Role::Storekeeper).await;
        let who = app.nobody();
        for _ in 0..5 {
            sign_in(&who, &again.account().email, "pas-le-bon-du-tout").await.is(422);
        }
        sign_in(&who, &again.account().email, PASSWORD).await.is(422);
        app.pass(TimeDelta::minutes(16));
        sign_in(&who, &again.account().email, PASSWORD).await.leads();
    }

    async fn a_social_security_number_is_no_telephone_and_no_payment(app: TestApp) {
        let welcome = app.welcome(1).await;
        let mut body = request("0601020315");
        body["household"]["contact"]["phone"] = json!("1840534172001");
        let problem = welcome.worker.post("/api/v1/requests", body).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "#/household/contact/phone");
        let (request, device, appointment) = booked(&app, &welcome, "0601020315").await;
        let mut body = handover(&appointment, &request, &device, "123456");
        body["contribution"]["reference"] = json!("1 84 05 34 172 001");
        let problem = welcome.mediator.post("/api/v1/handovers", body).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "#/contribution/reference");
    }

    /// A letter holds an address, a link, a code: who looked at it is written, and the list says so.
    async fn a_letter_looked_at_leaves_its_record(app: TestApp) {
        let worker = app.person(Role::SocialWorker).await;
        worker.sign_in().await;
        let mut body = request("0601020316");
        body["household"]["contact"] =
            json!({"phone": null, "email": null, "postal_address": "1 rue de la Paix\n34000 Montpellier", "channel": "letter"});
        worker.post("/api/v1/requests", body).await.created();
        let page = worker.page("/letters").await;
        assert!(!page.says("ouverte"));
        let (_, rest) = page.html().split_once("href=\"/letters/").unwrap();
        let id = rest.split('"').next().unwrap().to_owned();
        worker.visit(&format!("/letters/{id}")).await.is(200);
        assert_eq!(app.count("select count(*) from read_record where purpose = 'letter' and account_id is not null").await, 1);
        assert!(worker.page("/letters").await.says("ouverte"));
        app.stranger(Role::SocialWorker).await.get(&format!("/letters/{id}")).await.is(404);
    }

    /// What an algorithm took part in says so, and leads to the rules, which anybody may read.
    async fn an_answer_says_that_an_algorithm_took_part(app: TestApp) {
        let welcome = app.welcome(1).await;
        let device = app.device().ready().at(&app.world.desk).build().await;
        let request = welcome.waiting("0601020317").await;
        welcome.hold(&request, &device.code).await;
        app.run_jobs().await;
        let texts = texts(&app, "0601020317");
        assert_eq!(texts.len(), 2, "decided, held");
        for text in texts {
            assert!(text.contains("algorithme") && text.contains("/rules"), "{text}");
        }
        let rules = app.nobody().page("/rules").await;
        assert!(rules.says("L. 311-3-1") && rules.says("[priority]"));
    }

    /// One account approves or allocates, never both, in whatever order and however long ago. A hold that a
    /// coordinator ends is nobody's absence.
    async fn who_allocated_does_not_decide_and_the_other_way_round(app: TestApp) {
        let welcome = app.welcome(1).await;
        let device = app.device().ready().at(&app.world.desk).build().await;
        let request = welcome.waiting("0601020318").await;
        let held = welcome.hold(&request, &device.code).await;
        let release = format!("/api/v1/allocations/{}/release", held["id"].as_str().unwrap());
        welcome.coordinator.post(&release, json!({"reason": "no_show"})).await.ok();
        assert_eq!(app.count("select cast(sum(no_shows) as bigint) from request").await, 0);
        assert_eq!(app.count("select count(*) from request where status = 'waiting'").await, 1);

        let again = "update request set status = 'needs_review', waits_since = null where status = 'waiting'";
        let path = format!("/api/v1/requests/{request}/decision");
        let yes = json!({"outcome": "eligible", "reason": "proof_seen"});
        app.sql(again).await.unwrap();
        welcome.coordinator.post(&path, yes.clone()).await.refused(409, "one-person-two-steps");
        let second = app.person(Role::Coordinator).await;
        second.post(&path, yes.clone()).await.ok();
        app.sql(again).await.unwrap();
        let third = app.person(Role::Coordinator).await;
        third.post(&path, yes).await.ok();
        for decider in [&second, &third] {
            let body = hold(&request, &device.code);
            decider.post("/api/v1/allocations", body).await.refused(409, "one-person-two-steps");
        }
        welcome.hold(&request, &device.code).await;
    }

    /// A coordinator sees who lives there where that is the question, and says why otherwise.
    async fn a_file_that_waits_stays_closed(app: TestApp) {
        let welcome = app.welcome(1).await;
        let request = welcome.waiting("0601020319").await;
        let coordinator = &welcome.coordinator;
        coordinator.sign_in().await;
        let reads = format!(
            "select count(*) from read_record where account_id = {}",
            app.id(coordinator.account().id.0)
        );
        let path = format!("/queue/{request}");
        let page = coordinator.page(&path).await;
        assert!(!page.says("Foyer0601020319") && !page.says("1984"));
        let shown = coordinator.get(&format!("/api/v1/requests/{request}")).await.ok();
        assert!(!shown.to_string().contains('€'), "{shown}");
        assert_eq!(app.count(&reads).await, 0);
        let open = format!("{path}/open");
        let refused = coordinator.submit(&page, &open, &[("why", "")]).await;
        refused.is(422);
        assert!(refused.text().contains("Choisissez un motif"));
        let opened = coordinator.submit(&page, &open, &[("why", "complaint")]).await;
        opened.is(200);
        assert!(opened.page().says("Foyer0601020319"));
        assert_eq!(app.count(&format!("{reads} and purpose = 'complaint'")).await, 1);
        assert_eq!(app.count(&reads).await, 1);
    }

    /// A new link ends the older ones; wrong days of birth count together, over all links of the household.
    async fn a_link_ends_with_the_next_and_misses_count_together(app: TestApp) {
        let welcome = app.welcome(1).await;
        let phone = "0601020320";
        let device = app.device().ready().at(&app.world.desk).build().await;
        let request = welcome.waiting(phone).await;
        welcome.hold(&request, &device.code).await;
        app.pass(TimeDelta::minutes(1));
        welcome.book(&request).await;
        app.run_jobs().await;
        let links = links(&app, phone);
        let [first, second] = &links[..] else { panic!("held, booked: {links:?}") };
        let nobody = app.nobody();
        let born = async |link: &str, day: &str| {
            let page = nobody.page(link).await;
            let fields = [("day", day), ("month", "5"), ("year", "1984")];
            nobody.submit(&page, &format!("{link}?lang=fr"), &fields).await
        };
        // In the visit that booked, the first one goes on; both count together.
        for link in [first, first, first, second] {
            born(link, "3").await.is(422);
        }
        born(second, "3").await.is(429);
        nobody.visit(first).await.is(429);
        app.pass(TimeDelta::minutes(61));
        nobody.visit(first).await.is(404);
        born(second, "2").await.leads();

        // A link in wrong hands is dead as soon as another is asked for.
        welcome.worker.sign_in().await;
        let page = format!("/requests/{request}");
        welcome.worker.fill(&page, &format!("{page}/link"), &[]).await.leads();
        app.run_jobs().await;
        nobody.visit(second).await.is(404);
        let links = self::links(&app, phone);
        let newest = links.last().unwrap();
        assert_eq!(links.len(), 3);
        let stranger = app.stranger(Role::SocialWorker).await;
        stranger.sign_in().await;
        let csrf = stranger.page("/").await.csrf();
        stranger.post_form(&format!("{page}/link"), &[("csrf", &csrf)]).await.is(404);

        born(newest, "3").await.is(422);
        app.sql("update household_access set failures = 19 where failures = 1").await.unwrap();
        born(newest, "3").await.is(422);
        nobody.visit(newest).await.is(404);
        app.verified().await;
    }

    /// A mediator sees the visits of their own venues: another's is not there.
    async fn a_visit_elsewhere_is_not_there(app: TestApp) {
        let welcome = app.welcome(1).await;
        let (request, _, _) = booked(&app, &welcome, "0601020322").await;
        let path = format!("/requests/{request}/book");
        welcome.mediator.sign_in().await;
        welcome.mediator.visit(&path).await.is(200);
        let stranger = app.stranger(Role::Mediator).await;
        stranger.sign_in().await;
        stranger.visit(&path).await.is(404);
    }

    /// A household not heard of for two years is forgotten, and one that asks for it at once; what counts stays.
    async fn a_household_is_forgotten_after_its_term_or_when_it_asks(app: TestApp) {
        let welcome = app.welcome(1).await;
        let withdrawn = async |phone: &str| {
            let request = welcome.waiting(phone).await;
            let path = format!("/api/v1/requests/{request}/withdraw");
            welcome.worker.post(&path, json!({})).await.ok();
            request
        };
        let asks = withdrawn("0601020323").await;
        let open = welcome.waiting("0601020324").await;
        withdrawn("0601020325").await;
        let coordinator = &welcome.coordinator;
        coordinator.sign_in().await;
        let csrf = coordinator.page("/queue").await.csrf();
        let post = async |path: String, fields: &[(&str, &str)]| {
            let mut all = vec![("csrf", csrf.as_str())];
            all.extend(fields);
            coordinator.post_form(&path, &all).await
        };
        post(format!("/queue/{asks}/erasure"), &[]).await.is(409);
        for request in [&asks, &open] {
            post(format!("/queue/{request}/open"), &[("why", "data_request")]).await.is(200);
        }
        post(format!("/queue/{open}/erasure"), &[]).await.is(409);
        post(format!("/queue/{asks}/erasure"), &[]).await.leads();
        let erased = "select count(*) from household where erased_at is not null and data_key is null";
        assert_eq!(app.count(erased).await, 1);
        assert_eq!(app.count("select count(*) from person where family_name is null and blind_index is null").await, 1);
        coordinator.visit(&format!("/queue/{asks}")).await.is(200);

        app.run_jobs().await;
        assert_eq!(app.count(erased).await, 1);
        app.pass(TimeDelta::days(725));
        app.run_jobs().await;
        assert_eq!(app.count(erased).await, 1);
        app.pass(TimeDelta::days(10));
        app.run_jobs().await;
        assert_eq!(app.count(erased).await, 2, "the request that waits keeps its household");
        assert_eq!(app.count("select count(*) from request").await, 3);
        app.verified().await;
    }

    /// What a device is for says nothing of anybody's health.
    async fn no_need_names_health(app: TestApp) {
        let worker = app.person(Role::SocialWorker).await;
        let mut body = request("0601020321");
        body["need"]["use"] = json!("health");
        worker.post("/api/v1/requests", body).await.refused(422, "invalid");
        worker.sign_in().await;
        assert!(!worker.page("/requests/new").await.html().contains("value=\"health\""));
    }
}

/// Texts sent to a telephone, the oldest first.
fn texts(app: &TestApp, phone: &str) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(app.folder.path().join("mail"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort_by_key(|path| std::fs::metadata(path).unwrap().modified().unwrap());
    files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .filter(|text| text.starts_with(&format!("SMS {phone}")))
        .collect()
}

/// Paths of the links sent to a telephone, the oldest first.
fn links(app: &TestApp, phone: &str) -> Vec<String> {
    texts(app, phone)
        .iter()
        .filter_map(|text| {
            let (_, rest) = text.split_once("/h/")?;
            Some(format!("/h/{}", rest.split_whitespace().next()?))
        })
        .collect()
}
