//! What leaves the outbox: by mail or text, forgotten once it is gone, tried again when it can't leave.

use chrono::TimeDelta;
use entities::enums::Role;
use rebond::app::App;
use rebond::chance::Chance;
use rebond::clock::Clock;
use rebond::config::Config;

use crate::support::tables::texts;
use crate::support::welcome::request;
use crate::support::{TestApp, start};

const PHONE: &str = "0601020342";

/// The files that messages became, by name, with what is in them.
fn left(app: &TestApp) -> Vec<(String, String)> {
    let Ok(folder) = std::fs::read_dir(app.folder.path().join("mail")) else {
        return Vec::new();
    };
    let mut files: Vec<_> = folder
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (
                name,
                String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned(),
            )
        })
        .collect();
    files.sort();
    files
}

/// How a file's name ends.
fn extension(name: &str) -> &str {
    name.rsplit('.').next().unwrap()
}

/// A household that is told of its request, in this language and by this channel.
async fn told(app: &TestApp, language: &str, channel: &str) {
    let worker = app.person(Role::SocialWorker).await;
    let mut filed = request(PHONE);
    filed["household"]["language"] = language.into();
    filed["household"]["contact"]["channel"] = channel.into();
    filed["household"]["contact"]["email"] = "ada@example.org".into();
    worker.post("/api/v1/requests", filed).await.created();
}

/// What is kept of the messages, each in a word.
async fn kept(app: &TestApp) -> Vec<String> {
    let query = "select case when delivered_at is not null then 'delivered' when gave_up_at is not null then 'given up' else 'waiting' end
        || case when content is null and recipient is null then ', forgotten' else ', sealed' end
        || case when last_error is null then '' else ', failed' end from message order by id";
    texts(app.db.read(), query).await
}

both_databases! {
    async fn a_text_leaves_and_is_forgotten(app: TestApp) {
        told(&app, "fr", "text").await;
        assert_eq!(kept(&app).await, ["waiting, sealed"]);
        app.run_jobs().await;
        let [(name, text)] = &left(&app)[..] else { panic!("one text") };
        assert!(extension(name) == "txt" && name.contains("-decided-"), "{name}");
        assert!(text.starts_with("SMS ") && text.contains("R-2026-"), "{text}");
        assert_eq!(kept(&app).await, ["delivered, forgotten"]);
        app.run_jobs().await;
        assert_eq!(left(&app).len(), 1, "once");
    }

    async fn a_mail_leaves_in_the_language_of_its_household(app: TestApp) {
        told(&app, "en", "email").await;
        app.run_jobs().await;
        let [(name, mail)] = &left(&app)[..] else { panic!("one mail") };
        assert!(extension(name) == "eml", "{name}");
        assert!(mail.contains("To: ada@example.org") && mail.contains("From: Rebond <"), "{mail}");
        assert!(mail.contains("Your request"), "{mail}");
        assert_eq!(kept(&app).await, ["delivered, forgotten"]);
    }

    async fn what_can_not_leave_is_tried_again_and_shown(app: TestApp) {
        told(&app, "fr", "text").await;
        // A file where the folder should be: nothing can leave.
        let way_out = app.folder.path().join("mail");
        std::fs::write(&way_out, b"").unwrap();
        let attempts = async || app.count("select cast(attempts as bigint) from message").await;
        app.run_jobs().await;
        app.run_jobs().await;
        assert_eq!(attempts().await, 1, "not at once again");
        assert_eq!(kept(&app).await, ["waiting, sealed, failed"]);
        for error in texts(app.db.read(), "select last_error from message").await {
            assert!(!error.contains(&PHONE[1..]), "{error}");
        }
        // Each pause is longer than the one before.
        app.pass(TimeDelta::minutes(2));
        app.run_jobs().await;
        assert_eq!(attempts().await, 2);
        app.pass(TimeDelta::minutes(2));
        app.run_jobs().await;
        assert_eq!(attempts().await, 2);
        std::fs::remove_file(&way_out).unwrap();
        app.pass(TimeDelta::minutes(2));
        app.run_jobs().await;
        assert_eq!(left(&app).len(), 1);
        assert!(kept(&app).await[0].starts_with("delivered, forgotten"));
    }

    async fn what_never_leaves_is_shown_to_the_administrator(app: TestApp) {
        told(&app, "fr", "text").await;
        // What a household must know becomes a letter; an acknowledgement is worth nothing that late.
        app.sql("update message set kind = 'received'").await.unwrap();
        std::fs::write(app.folder.path().join("mail"), b"").unwrap();
        for _ in 0..8 {
            app.run_jobs().await;
            app.pass(TimeDelta::hours(20));
        }
        assert_eq!(kept(&app).await, ["given up, forgotten, failed"]);
        let administrator = app.person(Role::Administrator).await;
        administrator.sign_in().await;
        assert!(administrator.page("/").await.html().contains("courrier n’est pas parti"));
        let metrics = app.person(Role::Auditor).await.get("/metrics").await;
        metrics.is(200);
        assert!(metrics.text().contains("rebond_messages{state=\"failed\"} 1\n"), "{}", metrics.text());
    }

    async fn a_wrong_sender_is_told_at_the_start(app: TestApp) {
        let mut config = Config::load(None).unwrap();
        config.data.dir = app.folder.path().join("other");
        "nobody at all".clone_into(&mut config.mail.from);
        let refused = App::open(config, Clock::manual(start()), Chance::fixed(1)).await.unwrap_err();
        assert!(refused.to_string().starts_with("mail.from: \"nobody at all\""), "{refused}");
    }
}
