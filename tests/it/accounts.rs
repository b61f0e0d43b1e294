//! Accounts in real life: several roles, invitations, forgotten passwords, the second factor, sessions, tokens, badges.

use axum::http::header;
use chrono::TimeDelta;
use entities::enums::{DeviceKind, Role};
use rebond::seal::sha256;
use serde_json::json;
use totp_rs::{Builder, Secret};

use crate::support::tables::texts;
use crate::support::welcome::{handover, hold, request};
use crate::support::world::PASSWORD;
use crate::support::{Answer, Client, TestApp};

const NEW_PASSWORD: &str = "piano-brouette-nuage";

/// Mails that left to an address, the newest last, with their soft line ends undone.
async fn mails(app: &TestApp, to: &str) -> Vec<String> {
    app.run_jobs().await;
    let Ok(folder) = std::fs::read_dir(app.folder.path().join("mail")) else {
        return Vec::new();
    };
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .filter(|text| text.to_lowercase().contains(&format!("to: {to}")))
        .map(|text| {
            text.replace("=\r\n", "")
                .replace("=\n", "")
                .replace("=3D", "=")
        })
        .collect()
}

/// The path of the link in the newest mail to an address.
async fn link(app: &TestApp, to: &str) -> String {
    let mail = mails(app, to).await.pop().expect("a mail");
    let (_, rest) = mail.split_once("/link/").expect("a link in the mail");
    let secret: String = rest
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    assert_eq!(secret.len(), 32, "{mail}");
    format!("/link/{secret}")
}

/// Signs in with a password, whatever comes of it.
async fn sign_in(who: &Client, email: &str, password: &str) -> Answer {
    who.fill(
        "/sign-in",
        "/sign-in",
        &[("email", email), ("password", password)],
    )
    .await
}

/// The secret shown on a page.
fn shown(answer: &Answer) -> Vec<String> {
    answer.is(200);
    let text = answer.text();
    text.split("mono once\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

/// The code that a telephone shows now.
fn code(app: &TestApp, letters: &str) -> String {
    let secret = Secret::try_from_base32(letters).unwrap();
    let seconds = u64::try_from(app.clock.now().timestamp()).unwrap();
    Builder::new()
        .with_secret(secret)
        .build()
        .unwrap()
        .generate(seconds)
        .to_string()
}

/// Sets the second factor up and answers the telephone's secret and the recovery codes.
async fn set_up(app: &TestApp, who: &Client) -> (String, Vec<String>) {
    let page = who.page("/account/second-factor").await;
    let letters = page.html().split("mono once\">").nth(1).unwrap();
    let letters = letters.split('<').next().unwrap().to_owned();
    let fields = [
        ("code", code(app, &letters)),
        ("password", PASSWORD.to_owned()),
    ];
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let done = who.submit(&page, "/account/second-factor", &fields).await;
    (letters, shown(&done))
}

/// An administrator before their screen.
async fn administrator(app: &TestApp) -> Client {
    let who = app.person(Role::Administrator).await;
    who.sign_in().await;
    who
}

both_databases! {
    /// One session acts in one role at a time; each role opens its own doors and no other's.
    async fn several_roles_one_at_a_time(app: TestApp) {
        let who = app.person(Role::Storekeeper).await;
        let part = app.also(&who, Role::Mediator, app.world.place(Role::Mediator)).await;
        who.sign_in().await;
        who.visit("/lots").await.is(200);
        who.visit("/agenda").await.is(403);
        let home = who.page("/").await;
        assert!(home.says("Médiation numérique, montpellier accueil"), "the menu offers the other role");
        let to = part.id.to_string();
        assert_eq!(who.submit(&home, "/role", &[("assignment", &to)]).await.leads(), "/");
        who.visit("/agenda").await.is(200);
        who.visit("/lots").await.is(403);
        // The next sign-in goes on where the last one was.
        let again = who.again();
        again.sign_in().await;
        again.visit("/agenda").await.is(200);
        // The token was made for the first role and stays there.
        who.get("/api/v1/slots").await.refused(403, "forbidden");
        // Somebody else's role is none of one's own.
        let other = app.person(Role::Coordinator).await.part().id.to_string();
        who.fill("/account", "/role", &[("assignment", &other)]).await.is(404);
    }

    /// A role counts on its days and not on others, and one that is ended is out at once.
    async fn a_role_counts_on_its_days(app: TestApp) {
        let administrator = administrator(&app).await;
        let keeper = app.person(Role::Storekeeper).await;
        let page = format!("/accounts/{}", keeper.account().id);
        app.pass(TimeDelta::minutes(1));
        let give = async |role: &str, from: &str, to: &str| {
            let fields = [
                ("role", role),
                ("organisation", "envie"),
                ("site", "montpellier-magasin"),
                ("starts_on", from),
                ("ends_on", to),
            ];
            administrator.fill(&page, &format!("{page}/roles"), &fields).await
        };
        give("driver", "2026-11-24", "2026-11-25").await.leads();
        give("driver", "2026-11-24", "").await.is(422);
        give("recycler", "2026-11-26", "").await.leads();
        give("recycler", "2026-11-28", "2026-11-27").await.is(422);
        keeper.sign_in().await;
        let account = keeper.page("/account").await;
        assert_eq!(account.html().matches("Passer à ce rôle").count(), 1, "today: the driver's alone");
        app.pass(TimeDelta::days(2));
        keeper.sign_in().await;
        let account = keeper.page("/account").await;
        assert!(!account.says("Transport") && account.says("Recyclage"));
        // Ended: session and token of that role are out with the next request, the other role is not.
        let first = keeper.part().id;
        administrator.sign_in().await;
        administrator.fill(&page, &format!("{page}/roles/{first}/end"), &[]).await.leads();
        keeper.visit("/account").await.is(303);
        keeper.get("/api/v1/devices").await.refused(401, "sign-in");
        keeper.sign_in().await;
        assert!(keeper.page("/account").await.says("Recyclage"));
        // Nobody ends the role they act in, or gives themselves one.
        let own = format!("/accounts/{}", administrator.account().id);
        let mine = administrator.part().id;
        administrator.fill(&own, &format!("{own}/roles/{mine}/end"), &[]).await.is(409);
        let fields = [("role", "coordinator"), ("organisation", "herault")];
        administrator.fill(&own, &format!("{own}/roles"), &fields).await.is(409);
    }

    /// Separation of duties is by account: who holds three roles still does one step of a request.
    async fn one_person_with_three_roles_does_one_step(app: TestApp) {
        let welcome = app.welcome(1).await;
        let me = app.person(Role::Coordinator).await;
        let as_worker = app.also(&me, Role::SocialWorker, app.world.place(Role::SocialWorker)).await;
        let as_mediator = app.also(&me, Role::Mediator, app.world.place(Role::Mediator)).await;
        let worker = me.with_bearer(&app.token_of(&as_worker, "all").await);
        let mediator = me.with_bearer(&app.token_of(&as_mediator, "all").await);
        let elsewhere = app.also(&me, Role::Coordinator, (&app.world.other, None)).await;
        let elsewhere = me.with_bearer(&app.token_of(&elsewhere, "all").await);
        let review = "update request set status = 'needs_review', waits_since = null where status = 'waiting'";
        let yes = json!({"outcome": "eligible", "reason": "proof_seen"});
        // What I filed I don't decide.
        let filed = worker.post("/api/v1/requests", request("0601020301")).await.created();
        let filed = format!("/api/v1/requests/{}/decision", filed["reference"].as_str().unwrap());
        app.sql(review).await.unwrap();
        me.post(&filed, yes.clone()).await.refused(409, "one-person-two-steps");
        welcome.coordinator.post(&filed, yes.clone()).await.ok();
        // What I decided in one role I don't hold a device for in another.
        let device = app.there(DeviceKind::Laptop).await;
        let decided = welcome.waiting("0601020303").await;
        app.sql(review).await.unwrap();
        me.post(&format!("/api/v1/requests/{decided}/decision"), yes).await.ok();
        elsewhere.post("/api/v1/allocations", hold(&decided, &device.code)).await.refused(409, "one-person-two-steps");
        // What I held a device for I don't hand over.
        let held = welcome.waiting("0601020302").await;
        me.post("/api/v1/allocations", hold(&held, &device.code)).await.created();
        let appointment = welcome.book(&held).await;
        let digits = app.pickup_code("0601020302").await;
        let body = handover(&appointment["id"], &held, &device.code, &digits);
        mediator.post("/api/v1/handovers", body.clone()).await.refused(409, "one-person-two-steps");
        welcome.mediator.post("/api/v1/handovers", body).await.created();
    }

    /// An invitation opens once, for the one who holds the mail, and looking at it spends nothing.
    async fn an_invitation_opens_once(app: TestApp) {
        let administrator = administrator(&app).await;
        let email = "nouvelle@rebond.example";
        let fields = [
            ("email", email),
            ("display_name", "Nouvelle Personne"),
            ("role", "storekeeper"),
            ("organisation", "envie"),
            ("site", "montpellier-magasin"),
        ];
        administrator.fill("/accounts/new", "/accounts", &fields).await.leads();
        let path = link(&app, email).await;
        // The secret stands in the mail alone.
        let secret = path.trim_start_matches("/link/");
        for column in ["payload from job", "kind from message", "coalesce(address, '') from account_link"] {
            let kept = texts(app.db.read(), &format!("select {column}")).await;
            assert!(kept.iter().all(|text| !text.contains(secret)), "{column}");
        }
        let nobody = app.nobody();
        nobody.page(&path).await;
        let page = nobody.page(&path).await;
        assert!(page.says(email));
        assert_eq!(nobody.visit(&path).await.header(header::REFERRER_POLICY), "no-referrer");
        assert!(nobody.submit(&page, &path, &[("password", "court")]).await.page().says("Au moins 12 caractères."));
        assert!(sign_in(&nobody, email, "").await.status() == 422, "no password is none");
        assert_eq!(nobody.submit(&page, &path, &[("password", NEW_PASSWORD)]).await.leads(), "/sign-in");
        nobody.submit(&page, &path, &[("password", "autre-mot-de-passe-long")]).await.is(404);
        nobody.visit(&path).await.is(404);
        sign_in(&nobody, email, NEW_PASSWORD).await.leads();
        nobody.visit("/lots").await.is(200);
    }

    /// An invitation is over after three days, and an older one when a newer is sent.
    async fn an_old_invitation_is_dead(app: TestApp) {
        let administrator = administrator(&app).await;
        let keeper = app.person(Role::Storekeeper).await;
        let email = keeper.account().email.clone();
        let page = format!("/accounts/{}", keeper.account().id);
        let invite = format!("{page}/invitation");
        administrator.fill(&page, &invite, &[]).await.leads();
        let first = link(&app, &email).await;
        app.pass(TimeDelta::minutes(1));
        administrator.fill(&page, &invite, &[]).await.leads();
        let second = link(&app, &email).await;
        assert_ne!(first, second);
        let nobody = app.nobody();
        nobody.visit(&first).await.is(404);
        nobody.visit(&second).await.is(200);
        app.pass(TimeDelta::hours(73));
        nobody.visit(&second).await.is(404);
    }

    /// Asking for a new password says the same to everybody, and the link ends what was open before.
    async fn a_forgotten_password_is_chosen_again(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        keeper.sign_in().await;
        let email = keeper.account().email.clone();
        let nobody = app.nobody();
        let ask = async |email: &str| nobody.fill("/sign-in/forgotten", "/sign-in/forgotten", &[("email", email)]).await;
        let known = ask(&email).await;
        let unknown = ask("personne@rebond.example").await;
        assert_eq!(known.status(), unknown.status());
        assert_eq!(known.text(), unknown.text());
        assert_eq!(app.count("select count(*) from job where kind = 'password-forgotten'").await, 2);
        for text in texts(app.db.read(), "select payload from job").await {
            assert!(!text.contains("rebond.example"), "{text}");
        }
        let path = link(&app, &email).await;
        assert!(mails(&app, "personne@rebond.example").await.is_empty());
        assert_eq!(app.nobody().fill(&path, &path, &[("password", NEW_PASSWORD)]).await.leads(), "/sign-in");
        keeper.visit("/lots").await.is(303);
        keeper.get("/api/v1/devices").await.refused(401, "sign-in");
        sign_in(&nobody, &email, PASSWORD).await.is(422);
        sign_in(&nobody, &email, NEW_PASSWORD).await.leads();
        // Not without end, for known and unknown addresses alike.
        for address in [email.as_str(), "personne@rebond.example"] {
            let answers = [ask(address).await, ask(address).await, ask(address).await];
            assert_eq!(answers[2].status(), 429, "{address}");
        }
    }

    /// A mailed link leads to the instance's own address, whatever host the request names.
    async fn a_mailed_link_ignores_the_host_asked(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let nobody = app.nobody();
        let csrf = nobody.page("/sign-in/forgotten").await.csrf();
        let request = axum::http::Request::builder()
            .method("POST")
            .uri("/sign-in/forgotten")
            .header(header::HOST, "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header(header::COOKIE, nobody.cookies())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(format!("csrf={csrf}&email={}", keeper.account().email)))
            .unwrap();
        nobody.send(request).await.is(200);
        let mail = mails(&app, &keeper.account().email).await.pop().unwrap();
        assert!(mail.contains(&format!("{}/link/", app.config.server.base_url)) && !mail.contains("evil"), "{mail}");
    }

    /// Another address counts once its link was opened; the old one is told, and its links die.
    async fn an_address_is_confirmed_before_it_counts(app: TestApp) {
        let keeper = app.person(Role::Storekeeper).await;
        let old = keeper.account().email.clone();
        keeper.sign_in().await;
        let ask = async |password: &str| {
            let fields = [("email", "ailleurs@rebond.example"), ("address_password", password)];
            keeper.fill("/account", "/account/address", &fields).await
        };
        ask("faux").await.is(422);
        ask(PASSWORD).await.leads();
        let path = link(&app, "ailleurs@rebond.example").await;
        let told = mails(&app, &old).await.pop().expect("the old address is told");
        assert!(!told.contains("/link/"));
        sign_in(&app.nobody(), "ailleurs@rebond.example", PASSWORD).await.is(422);
        app.nobody().fill(&path, &path, &[]).await.leads();
        sign_in(&app.nobody(), &old, PASSWORD).await.is(422);
        sign_in(&app.nobody(), "ailleurs@rebond.example", PASSWORD).await.leads();
        app.nobody().visit(&path).await.is(404);
    }

    /// Whoever owes a second factor does nothing before it is set up; then each sign-in asks for a code, once each.
    async fn a_role_may_ask_for_a_second_factor(app: TestApp) {
        let app = app.with_settings(|c| c.security.second_factor_for = vec![Role::Coordinator]).await;
        let who = app.person(Role::Coordinator).await;
        who.sign_in().await;
        assert_eq!(who.visit("/queue").await.leads(), "/account/second-factor");
        assert_eq!(who.visit("/account").await.leads(), "/account/second-factor");
        let before = who.cookies();
        let (letters, recovery) = set_up(&app, &who).await;
        assert_eq!(recovery.len(), 10);
        assert_ne!(who.cookies(), before, "the session's secret is another one");
        who.visit("/queue").await.is(200);
        who.get("/api/v1/devices").await.ok();

        let desk = who.again();
        let email = who.account().email.clone();
        assert!(sign_in(&desk, &email, PASSWORD).await.leads().starts_with("/sign-in/code"));
        desk.visit("/queue").await.is(303);
        let typed = code(&app, &letters);
        let type_in = async |desk: &Client, code: &str| desk.fill("/sign-in/code", "/sign-in/code", &[("code", code)]).await;
        // The code that set it up is not taken again.
        type_in(&desk, &typed).await.is(422);
        app.pass(TimeDelta::seconds(60));
        let typed = code(&app, &letters);
        assert_eq!(type_in(&desk, &typed).await.leads(), "/");
        desk.visit("/queue").await.is(200);
        // Nor a code twice, whoever saw it typed.
        let thief = who.again();
        sign_in(&thief, &email, PASSWORD).await.leads();
        type_in(&thief, &typed).await.is(422);
        // A recovery code opens once.
        assert_eq!(type_in(&thief, &recovery[3].to_lowercase()).await.leads(), "/");
        let again = who.again();
        sign_in(&again, &email, PASSWORD).await.leads();
        type_in(&again, &recovery[3]).await.is(422);
        // What is kept is neither secret nor code.
        let id = app.id(who.account().id.0);
        assert_eq!(app.count(&format!("select count(*) from recovery_code where account_id = {id} and used_at is null")).await, 9);
    }

    /// Guessing codes ends with the account waiting, whatever step is begun anew.
    async fn codes_are_not_guessed_without_end(app: TestApp) {
        let who = app.person(Role::Coordinator).await;
        who.sign_in().await;
        let (letters, _) = set_up(&app, &who).await;
        let email = who.account().email.clone();
        app.pass(TimeDelta::seconds(90));
        let mut tries = 0;
        let thief = who.again();
        while sign_in(&thief, &email, PASSWORD).await.status() == 303 {
            let wrong = if code(&app, &letters) == "000000" { "000001" } else { "000000" };
            thief.fill("/sign-in/code", "/sign-in/code", &[("code", wrong)]).await.is(422);
            tries += 1;
            assert!(tries < 20, "no end of it");
        }
        assert_eq!(tries, 5);
    }

    /// Somebody sees where they are signed in and ends it from elsewhere; a session ends some day even when used.
    async fn sessions_are_seen_and_ended_by_their_owner(app: TestApp) {
        let here = app.person(Role::Storekeeper).await;
        let there = here.again();
        let third = here.again();
        for window in [&here, &there, &third] {
            window.sign_in().await;
        }
        let stranger = app.person(Role::Storekeeper).await;
        stranger.sign_in().await;
        let page = here.page("/account").await;
        let ids: Vec<String> = page.html().split("/account/sessions/").skip(1)
            .map(|rest| rest.split('/').next().unwrap().to_owned()).filter(|id| id != "others").collect();
        assert_eq!(ids.len(), 2, "the two others");
        stranger.fill("/account", &format!("/account/sessions/{}/removal", ids[0]), &[]).await.is(404);
        here.submit(&page, &format!("/account/sessions/{}/removal", ids[0]), &[]).await.leads();
        let open = [there.visit("/account").await.status(), third.visit("/account").await.status()];
        assert_eq!(open.iter().filter(|s| **s == 200).count(), 1, "{open:?}");
        here.submit(&page, "/account/sessions/others/removal", &[]).await.leads();
        there.visit("/account").await.is(303);
        third.visit("/account").await.is(303);
        // Used every few hours, it ends all the same after a week.
        for _ in 0..20 {
            app.pass(TimeDelta::hours(8));
            here.visit("/account").await.is(200);
        }
        app.pass(TimeDelta::hours(9));
        here.visit("/account").await.is(303);
    }

    /// A session's secret is another one after sign-in and after the password was changed: none is fixed beforehand.
    async fn a_session_is_not_fixed_beforehand(app: TestApp) {
        let who = app.person(Role::Storekeeper).await;
        let session = |client: &Client| client.cookies().split("; ").find(|c| c.starts_with("rebond=")).map(str::to_owned);
        who.sign_in().await;
        let first = session(&who);
        who.sign_in().await;
        let second = session(&who);
        assert!(first.is_some() && first != second);
        let fields = [("old", PASSWORD), ("password", NEW_PASSWORD)];
        who.fill("/account", "/account/password", &fields).await.leads();
        assert_ne!(session(&who), second);
        who.visit("/account").await.is(200);
        // A cookie somebody else planted is not taken up.
        let planted = axum::http::Request::builder().uri("/account").header(header::COOKIE, second.unwrap())
            .body(axum::body::Body::empty()).unwrap();
        who.again().send(planted).await.is(303);
    }

    /// A token does what it was given and no more, for as long as it was given.
    async fn a_token_is_limited_and_ends(app: TestApp) {
        let who = app.person(Role::Storekeeper).await;
        who.sign_in().await;
        let make = async |fields: &[(&str, &str)]| {
            let all = [&[("label", "station"), ("token_password", PASSWORD)], fields].concat();
            who.fill("/account", "/account/tokens", &all).await
        };
        make(&[("scope", "chosen"), ("permissions[]", "administer")]).await.is(422);
        make(&[("scope", "all"), ("days", "366")]).await.is(422);
        make(&[("scope", "chosen")]).await.is(422);
        let read = who.with_bearer(&shown(&make(&[("scope", "read"), ("days", "30")]).await)[0]);
        let some = [("scope", "chosen"), ("permissions[]", "see-devices")];
        let some = who.with_bearer(&shown(&make(&some).await)[0]);
        read.get("/api/v1/devices").await.ok();
        let lot = json!({"site": "montpellier-magasin", "category": "small_it"});
        read.post("/api/v1/recycling/lots", lot.clone()).await.refused(403, "forbidden");
        some.get("/api/v1/devices").await.ok();
        some.post("/api/v1/recycling/lots", lot.clone()).await.refused(403, "forbidden");
        who.post("/api/v1/recycling/lots", lot).await.created();
        assert!(who.page("/account").await.says("utilisé le"));
        app.pass(TimeDelta::days(31));
        read.get("/api/v1/devices").await.refused(401, "sign-in");
        some.get("/api/v1/devices").await.ok();
        app.pass(TimeDelta::days(60));
        some.get("/api/v1/devices").await.refused(401, "sign-in");
    }

    /// The administrator gives programs tokens, in roles that see no household, and never in a person's name.
    async fn a_program_has_tokens_and_no_password(app: TestApp) {
        let administrator = administrator(&app).await;
        let program = |role: &'static str, site: &'static str| [
            ("display_name", "Station de l’atelier"), ("service", "true"), ("role", role),
            ("organisation", "envie"), ("site", site),
        ];
        let seeing = program("mediator", "montpellier-accueil");
        administrator.fill("/accounts/new", "/accounts", &seeing).await.is(422);
        let bench = program("refurbisher", "montpellier-atelier");
        let page = administrator.fill("/accounts/new", "/accounts", &bench).await.leads();
        let fields = [("label", "station"), ("scope", "all"), ("token_password", PASSWORD)];
        let secret = shown(&administrator.fill(&page, &format!("{page}/tokens"), &fields).await).remove(0);
        let station = app.nobody().with_bearer(&secret);
        station.get("/api/v1/devices").await.ok();
        administrator.fill(&page, &format!("{page}/invitation"), &[]).await.is(409);
        administrator.fill(&page, &format!("{page}/password"), &[]).await.is(409);
        let keeper = app.person(Role::Storekeeper).await;
        let theirs = format!("/accounts/{}", keeper.account().id);
        administrator.fill(&theirs, &format!("{theirs}/tokens"), &fields).await.is(404);
        administrator.fill(&page, &format!("{page}/disable"), &[]).await.leads();
        station.get("/api/v1/devices").await.refused(401, "sign-in");
    }

    /// At a shared bench a badge and six digits change who works; nowhere else, and not for long.
    async fn a_badge_changes_who_is_at_the_bench(app: TestApp) {
        let lead = app.person(Role::WorkshopLead).await;
        let worker = app.person(Role::Refurbisher).await;
        lead.sign_in().await;
        worker.sign_in().await;
        let issue = format!("/badges/{}", worker.account().id);
        let badge = shown(&lead.fill("/badges", &issue, &[]).await).remove(0);
        // Not to somebody of another organisation.
        let stranger = app.stranger(Role::Refurbisher).await;
        lead.fill("/badges", &format!("/badges/{}", stranger.account().id), &[]).await.is(404);
        let pin = async |digits: &str| worker.fill("/account", "/account/pin", &[("pin", digits), ("pin_password", PASSWORD)]).await;
        pin("123456").await.is(422);
        pin("493027").await.leads();
        // No bench, no badge.
        assert_eq!(app.nobody().visit("/badge").await.leads(), "/sign-in");

        let bench = lead.again();
        bench.sign_in().await;
        bench.fill("/account", "/bench", &[("bench", "open")]).await.leads();
        let enter = async |badge: &str, digits: &str| bench.fill("/badge", "/badge", &[("badge", badge), ("pin", digits)]).await;
        let wrong = enter(&badge, "000001").await;
        let unknown = enter("BCDFGHJK0123456789", "000001").await;
        wrong.is(422);
        assert_eq!((wrong.status(), wrong.text()), (unknown.status(), unknown.text()));
        let opener = bench.cookies();
        enter(&badge.to_lowercase(), "493027").await.leads();
        assert!(bench.page("/").await.says(&worker.account().display_name));
        let old = opener.split("; ").find(|c| c.starts_with("rebond=")).unwrap();
        let request = axum::http::Request::builder().uri("/").header(header::COOKIE, old).body(axum::body::Body::empty()).unwrap();
        assert!(app.nobody().send(request).await.leads().starts_with("/sign-in"), "the lead's session was replaced");
        // One's account is not changed from there.
        bench.fill("/account", "/account/password", &[("old", PASSWORD), ("password", NEW_PASSWORD)]).await.is(409);
        bench.visit("/account/second-factor").await.is(409);
        // A quarter of an hour without use ends it; the bench stays one until the night.
        app.pass(TimeDelta::minutes(16));
        assert!(bench.visit("/").await.leads().starts_with("/sign-in"));
        enter(&badge, "493027").await.leads();
        bench.fill("/account", "/sign-out", &[]).await.leads();
        // Five misses lock the badge, in silence.
        for _ in 0..5 {
            enter(&badge, "000002").await.is(422);
        }
        enter(&badge, "493027").await.is(422);
        assert!(worker.page("/account").await.says("bloqué après cinq erreurs"));
        pin("840153").await.leads();
        enter(&badge, "840153").await.leads();
        app.pass(TimeDelta::hours(15));
        assert_eq!(bench.visit("/badge").await.leads(), "/sign-in", "another day");
    }

    /// No badge opens an office role, whoever has one.
    async fn a_badge_opens_no_office(app: TestApp) {
        let lead = app.person(Role::WorkshopLead).await;
        lead.sign_in().await;
        let coordinator = app.person(Role::Coordinator).await;
        coordinator.sign_in().await;
        let administrator = administrator(&app).await;
        let page = format!("/accounts/{}", coordinator.account().id);
        let badge = shown(&administrator.fill(&page, &format!("{page}/badge"), &[]).await).remove(0);
        coordinator.fill("/account", "/account/pin", &[("pin", "493027"), ("pin_password", PASSWORD)]).await.leads();
        lead.fill("/account", "/bench", &[("bench", "open")]).await.leads();
        lead.fill("/badge", "/badge", &[("badge", &badge), ("pin", "493027")]).await.is(422);
        coordinator.fill("/account", "/bench", &[("bench", "open")]).await.is(409);
    }

    /// A thousand accounts are a list with pages, found by name or address.
    async fn a_long_list_has_pages(app: TestApp) {
        for _ in 0..60 {
            app.person(Role::Driver).await;
        }
        let administrator = administrator(&app).await;
        let first = administrator.page("/accounts?q=driver").await;
        assert_eq!(first.html().matches("<tr><th scope=\"row\"").count(), 50);
        let next = first.html().split("rel=\"next\" href=\"").nth(1).unwrap();
        let next = next.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        let second = administrator.page(&next).await;
        let lines = second.html().matches("<tr><th scope=\"row\"").count();
        assert!((10..50).contains(&lines), "{lines}");
    }

    /// Only hashes are kept of what opens something.
    async fn nothing_that_opens_is_kept_in_clear(app: TestApp) {
        let who = app.person(Role::Storekeeper).await;
        who.sign_in().await;
        let cookies = who.cookies();
        let secret = cookies.split("; ").find_map(|c| c.strip_prefix("rebond=")).unwrap();
        let hash = hex(&sha256(secret.as_bytes()));
        let column = if app.db.is_postgres() { "encode(token_hash, 'hex')" } else { "lower(hex(token_hash))" };
        assert_eq!(texts(app.db.read(), &format!("select {column} from session")).await, [hash]);
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
