//! A person before a screen or behind a script: keeps cookies, carries a token.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use entities::{account, account_role};
use rebond::app::App;
use serde_json::Value;
use tower::ServiceExt;

use super::page::Page;
use super::world::PASSWORD;
use super::{Answer, contract, recording};

/// Somebody who asks the service over HTTP.
pub(crate) struct Client {
    router: Router,
    account: Option<(account::Model, account_role::Model)>,
    token: Option<String>,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Client {
    pub(super) fn new(
        app: &App,
        account: Option<(account::Model, account_role::Model)>,
        token: Option<String>,
    ) -> Self {
        Self {
            router: rebond::routes::router(app),
            account,
            token,
            cookies: Mutex::default(),
        }
    }

    /// The same person at another window: same account and token, no cookies.
    pub(crate) fn again(&self) -> Self {
        Self {
            router: self.router.clone(),
            account: self.account.clone(),
            token: self.token.clone(),
            cookies: Mutex::default(),
        }
    }

    /// The same person before another door of the instance.
    pub(crate) fn through(&self, app: &App) -> Self {
        Self {
            router: rebond::routes::router(app),
            ..self.again()
        }
    }

    /// The person's account.
    pub(crate) fn account(&self) -> &account::Model {
        &self.account.as_ref().expect("somebody with an account").0
    }

    /// What the person does, for whom and where: their first role.
    pub(crate) fn part(&self) -> &account_role::Model {
        &self.account.as_ref().expect("somebody with an account").1
    }

    /// The same person and window, with another token.
    pub(crate) fn with_bearer(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.again()
        }
    }

    /// The person's API token, as a witness gives it.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().expect("somebody with a token")
    }

    /// Asks the API.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(
            self.with_token(Method::GET, path)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// Posts JSON to the API.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_bytes(path, "application/json", body.to_string().into_bytes())
            .await
    }

    /// Posts any body to the API.
    pub(crate) async fn post_bytes(&self, path: &str, media_type: &str, body: Vec<u8>) -> Answer {
        let request = self
            .with_token(Method::POST, path)
            .header(header::CONTENT_TYPE, media_type)
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// Signs in on the page for it.
    pub(crate) async fn sign_in(&self) {
        let form = self.page("/sign-in").await;
        let answer = self
            .submit(
                &form,
                "/sign-in",
                &[("email", &self.account().email), ("password", PASSWORD)],
            )
            .await;
        assert_eq!(answer.status(), 303, "{}", answer.text());
    }

    /// Opens a page that must be there.
    pub(crate) async fn page(&self, path: &str) -> Page {
        let answer = self.visit(path).await;
        assert_eq!(answer.status(), 200, "{path}: {}", answer.text());
        Page::new(answer.text())
    }

    /// Asks for a page, whatever the answer is; follows nothing.
    pub(crate) async fn visit(&self, path: &str) -> Answer {
        self.send(
            self.with_cookies(Method::GET, path)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// Sends a form that stands on a page, with its hidden fields.
    pub(crate) async fn submit(
        &self,
        page: &Page,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut all: Vec<(String, String)> = page.hidden(action);
        all.retain(|(name, _)| !fields.iter().any(|(given, _)| given == name));
        all.extend(
            fields
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
        );
        let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.post_form(action, &all).await
    }

    /// Sends exactly these fields.
    pub(crate) async fn post_form(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .with_cookies(Method::POST, action)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// Opens a page, fills its form and sends it: the usual way of a person.
    pub(crate) async fn fill(&self, path: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.page(path).await;
        self.submit(&page, action, fields).await
    }

    /// Hands a file in by a form of a page, with this form token.
    pub(crate) async fn upload(&self, action: &str, csrf: &str, file: &[u8]) -> Answer {
        const EDGE: &str = "----------------rebond";
        let mut body = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
             --{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../a.html\"\r\n\
             Content-Type: text/html\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{EDGE}--\r\n").as_bytes());
        let request = self
            .with_cookies(Method::POST, action)
            .header(
                header::CONTENT_TYPE,
                format!("multipart/form-data; boundary={EDGE}"),
            )
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let asked = format!("{method} {}", request.uri());
        let (request, sent) = recording::listen(request).await;
        let response = self.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let answer = Answer::read(asked, response).await;
        contract::hold(&method, &path, &answer);
        recording::keep(&method, &path, sent.as_ref(), &answer);
        answer
    }

    /// The cookies of the browser, as a header carries them.
    pub(crate) fn cookies(&self) -> String {
        let jar = self.cookies.lock().unwrap();
        let cookies: Vec<String> = jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
        cookies.join("; ")
    }

    fn keep(&self, cookie: &str) {
        let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let mut jar = self.cookies.lock().unwrap();
        if value.is_empty() || rest.contains("Max-Age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }

    fn with_token(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path);
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    fn with_cookies(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies = self.cookies();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080");
        if cookies.is_empty() {
            request
        } else {
            request.header(header::COOKIE, cookies)
        }
    }
}
