//! What has run out opens nothing: every route × a personal token, a program's token and a session past their end is
//! answered exactly as it is to nobody, and changes nothing.

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use entities::enums::Role;
use rebond::web::routes::{Access, Declared, is_api};

use super::addressed;
use super::things::Things;
use crate::support::{Answer, Client, TestApp};

/// Somebody whose way in has run out, and how it is carried.
struct Late {
    word: &'static str,
    who: Client,
    token: Option<String>,
    cookies: String,
    csrf: String,
}

/// What of an answer tells one asker from another: its status, where it leads, what kind of problem it is.
fn heard(answer: &Answer) -> (u16, String, Option<String>) {
    let to = answer.header(header::LOCATION).to_owned();
    (answer.status(), to, answer.problem())
}

impl Late {
    /// A person or program of a role whose token is still good.
    async fn by_token(app: &TestApp, word: &'static str, who: Client) -> Self {
        let secret = app.token_of(who.part(), "all").await;
        who.with_bearer(&secret)
            .get("/api/v1/checklists")
            .await
            .ok();
        Self::carrying(word, who, Some(secret))
    }

    /// A person of a role before their screen.
    async fn by_session(who: Client) -> Self {
        who.sign_in().await;
        who.visit("/account").await.is(200);
        Self::carrying("a session", who, None)
    }

    const fn carrying(word: &'static str, who: Client, token: Option<String>) -> Self {
        Self {
            word,
            who,
            token,
            cookies: String::new(),
            csrf: String::new(),
        }
    }

    /// Nobody at all.
    fn nobody(app: &TestApp) -> Self {
        Self::carrying("nobody", app.nobody(), None)
    }

    /// Opens the page for signing in, for its form token, with whatever the browser still carries.
    async fn takes_a_form(&mut self) {
        self.csrf = self.who.page("/sign-in").await.csrf();
        self.cookies = self.who.cookies();
    }

    /// Asks for a route, with a form that is in order and nothing else in the body.
    async fn ask(&self, route: &Declared, address: &str) -> Answer {
        let mut request = Request::builder().method(route.method.clone()).uri(address);
        request = request.header(header::HOST, "127.0.0.1:8080");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        request = request.header(header::COOKIE, &self.cookies);
        let (kind, body) = match (route.method.as_str(), is_api(route.path)) {
            ("POST", true) => ("application/json", "{}".to_owned()),
            ("POST", false) => (
                "application/x-www-form-urlencoded",
                format!("csrf={}", self.csrf),
            ),
            _ => return self.who.send(request.body(Body::empty()).unwrap()).await,
        };
        let request = request
            .header(header::CONTENT_TYPE, kind)
            .header("x-csrf", &self.csrf);
        self.who.send(request.body(Body::from(body)).unwrap()).await
    }
}

both_databases! {
    async fn what_has_run_out_opens_nothing(app: TestApp) {
        let things = Things::of(&app).await;
        let mut late = Vec::new();
        for &role in Role::ALL {
            let word = "a personal token";
            late.push((role, Late::by_token(&app, word, app.person(role).await).await));
            late.push((role, Late::by_session(app.person(role).await).await));
        }
        for role in [Role::CollectionAgent, Role::Storekeeper, Role::WorkshopLead, Role::Recycler, Role::Auditor] {
            let program = app.person(role).await;
            let change = format!("update account set service = true, password_hash = '' where id = {}", app.id(program.account().id.0));
            assert_eq!(app.sql(&change).await.unwrap(), 1);
            late.push((role, Late::by_token(&app, "a program's token", program).await));
        }
        // A token is given for 90 days; what people are shown of themselves tells that it is over.
        app.pass(TimeDelta::days(90));
        let mut nobody = Late::nobody(&app);
        nobody.takes_a_form().await;
        for (_, one) in &mut late {
            one.takes_a_form().await;
            assert!(one.token.is_some() || one.cookies.contains("rebond="), "{}", one.cookies);
        }
        let before = app.everything().await;
        let (mut findings, mut tried) = (Vec::new(), 0);
        for (route, address) in addressed(&things) {
            if !matches!(route.access, Access::Needs(_) | Access::SignedIn) {
                continue;
            }
            let right = heard(&nobody.ask(&route, &address).await);
            assert!(right.0 == 401 || right.1.starts_with("/sign-in"), "{} {address}: {right:?}", route.method);
            // Whoever might use it were they not late, and each kind of late once.
            let mut seen = Vec::new();
            for (role, one) in &late {
                let may = match route.access {
                    Access::Needs(permission) => permission.roles().contains(role),
                    Access::Public | Access::Household | Access::SignedIn => true,
                };
                let is_program_of_no_use = one.word == "a program's token" && !seen.contains(&one.word);
                if !may && !is_program_of_no_use {
                    continue;
                }
                seen.push(one.word);
                tried += 1;
                let answer = heard(&one.ask(&route, &address).await);
                if answer != right {
                    findings.push(format!("{} {address} answers {answer:?} to {} of a {role} that has run out, {right:?} to nobody", route.method, one.word));
                }
            }
            for word in ["a personal token", "a program's token", "a session"] {
                assert!(seen.contains(&word), "{} {address}: nobody tried {word}", route.method);
            }
        }
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
        assert!(tried > 500, "only {tried} tries");
        assert!(app.everything().await == before, "somebody late changed something");
        assert_eq!(app.count("select count(*) from api_token where used_at > expires_at").await, 0);
    }
}
