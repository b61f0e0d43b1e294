//! The log tells how requests ended, and nothing of anybody.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{HeaderName, Request};
use entities::enums::Role;
use rebond::web::routes::Access;
use serde_json::{Value, json};

use crate::support::welcome::handover;
use crate::support::world::PASSWORD;

const PHONE: &str = "0601020377";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Keeps what this thread logs from now on, as `rebond serve` writes it when nobody looks, and more of it.
    fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_env_filter("trace,sqlx=warn,sea_orm=info,hyper=info,mio=info,h2=info")
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines that say how a request ended.
    fn answered(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|line| line["fields"]["message"] == "answered")
            .collect()
    }
}

both_databases! {
    async fn a_whole_story_leaves_no_name_and_no_secret_in_the_log(app: TestApp) {
        let (log, _guard) = Log::begin();
        let welcome = app.welcome(1).await;
        let device = app.device().ready().serial("PF0SECRET").at(&app.world.desk).build().await;
        let gift = json!({
            "consent_to_erasure": true,
            "donor": {"kind": "individual", "name": "Odile Vigneronne", "email": "odile@example.org", "phone": "0612131415"},
            "devices": [{"kind": "laptop", "condition": "working"}],
        });
        app.person(Role::CollectionAgent).await.post("/api/v1/donations", gift).await.created();
        let request = welcome.waiting(PHONE).await;
        welcome.hold(&request, &device.code).await;
        let appointment = welcome.book(&request).await;
        let code = app.pickup_code(PHONE).await;
        let link = std::fs::read_dir(app.folder.path().join("mail")).unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .find_map(|text| {
                let (_, rest) = text.split_once("/h/")?;
                rest.split_whitespace().next().map(str::to_owned)
            })
            .expect("a household's link");

        // Right and wrong, found and not found, signed in and not.
        let nobody = app.nobody();
        nobody.visit(&format!("/h/{link}")).await;
        let page = nobody.page("/sign-in").await;
        let email = welcome.worker.account().email.clone();
        nobody.submit(&page, "/sign-in", &[("email", &email), ("password", "not-the-password")]).await;
        welcome.worker.sign_in().await;
        nobody.get(&format!("/nowhere/{PHONE}?name=Foyer{PHONE}")).await.is(404);
        nobody.visit(&format!("/p/{}", device.code)).await;
        let search = format!("/api/v1/devices?q=PF0SECRET&x={link}");
        app.person(Role::Refurbisher).await.get(&search).await;
        let wrong = handover(&appointment["id"], &request, &device.code, "000000");
        welcome.mediator.post("/api/v1/handovers", wrong).await;
        let right = handover(&appointment["id"], &request, &device.code, &code);
        welcome.mediator.post("/api/v1/handovers", right).await.created();
        app.run_jobs().await;
        // And each declared route once, its parameters filled with what must not be told.
        let mut tried = 0;
        for route in rebond::routes::declared() {
            if route.method != "GET" || matches!(route.access, Access::Household) {
                continue;
            }
            let mut path = route.path.replace("{*path}", &link);
            while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
                path.replace_range(from..=to, &link);
            }
            welcome.coordinator.send(Request::get(format!("{path}?q={PHONE}")).header("authorization", format!("Bearer {}", welcome.coordinator.token())).body(Body::empty()).unwrap()).await;
            tried += 1;
        }
        assert!(tried > 50, "{tried}");

        let text = log.text();
        let answered = log.answered();
        assert!(answered.len() > tried + 10, "{} lines", answered.len());
        assert!(answered.iter().any(|l| l["fields"]["role"] == "coordinator" && l["fields"]["route"] == "/metrics"));
        assert!(answered.iter().any(|l| l["fields"]["route"] == "/h/{secret}" || l["fields"]["route"].as_str().is_some_and(|r| r.starts_with("/h/{"))));
        for line in &answered {
            let mut fields: Vec<_> = line["fields"].as_object().unwrap().keys().map(String::as_str).collect();
            fields.sort_unstable();
            assert_eq!(fields, ["message", "method", "milliseconds", "role", "route", "status"]);
            assert!(line["span"]["id"].as_str().is_some_and(|id| id.len() >= 16), "{line}");
        }
        let secrets = [
            PHONE, "601020377", "Foyer", "Odile", "odile@example.org", "0612131415", "1984-05-02", "PF0SECRET",
            PASSWORD, "not-the-password", &email, &link, &request, &device.code,
            welcome.worker.token(), welcome.coordinator.token(), &welcome.worker.cookies(),
        ];
        for secret in secrets {
            assert!(secret.len() > 4, "{secret}");
            assert!(!text.contains(secret), "{secret} was logged: {:?}", text.lines().find(|l| l.contains(secret)));
        }
        // Six digits may stand in a hash or an id by accident, not as a word.
        assert!(!text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == code), "the pickup code was logged");
    }

    async fn an_answer_says_its_id_and_a_problem_repeats_it(app: TestApp) {
        let id = HeaderName::from_static("x-request-id");
        let nobody = app.nobody();
        let ask = async |brought: &str| {
            let asked = Request::get("/api/v1/devices/00000000").header("x-request-id", brought).body(Body::empty()).unwrap();
            let answer = nobody.send(asked).await;
            assert_eq!(answer.json()["request_id"].as_str(), Some(answer.header(id.clone())));
            answer.header(id.clone()).to_owned()
        };
        let good = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(ask(good).await, good);
        for odd in ["0601020343", "ada@example.org", "a b"] {
            let given = ask(odd).await;
            assert!(given != odd && given.len() == 36, "{given}");
        }
        assert_ne!(ask("").await, ask("").await);
        // A page says it, too.
        assert_eq!(nobody.visit("/nowhere").await.header(id.clone()).len(), 36);
        // A refused scan that is kept keeps no id: its replay is another request.
        let scan = json!({"scan_id": uuid::Uuid::new_v4(), "code": app.device().build().await.code, "action": "make_ready"});
        let bench = app.person(Role::Refurbisher).await;
        let first = bench.post("/api/v1/scans", scan.clone()).await;
        let again = bench.post("/api/v1/scans", scan).await;
        assert_eq!(first.status(), again.status());
        assert_ne!(first.header(id.clone()), again.header(id.clone()));
        if let Some(said) = again.json()["request_id"].as_str() {
            assert_eq!(said, again.header(id));
        }
    }
}
