//! Clients that mean harm, or do it by accident: at the socket, in their headers, with other people's cookies.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use entities::enums::Role;
use rebond::serve::connections::{self, Bounds};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::support::welcome::request;
use crate::support::world::PASSWORD;
use crate::support::{Client, TestApp};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A listener of the instance in this process, with tighter bounds than in earnest.
struct Listener {
    address: SocketAddr,
    end: CancellationToken,
}

impl Listener {
    async fn start(app: &TestApp, bounds: Bounds) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let end = CancellationToken::new();
        let router = rebond::routes::router(&app.app);
        tokio::spawn(connections::answer(listener, router, bounds, end.clone()));
        Self { address, end }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes on a connection of their own; everything that comes back until it closes.
    async fn say(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // The service may close before it has read everything.
        let _ = stream.write_all(bytes).await;
        read_all(&mut stream).await
    }

    /// The status of the first answer; 0 when the connection closed without one.
    async fn status(&self, bytes: &[u8]) -> u16 {
        first_status(&self.say(bytes).await)
    }

    async fn lives(&self) -> bool {
        self.status(b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await
            == 200
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

async fn read_all(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    // A reset is an end, too.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said))
        .await
        .expect("the connection stays open");
    String::from_utf8_lossy(&said).into_owned()
}

fn first_status(said: &str) -> u16 {
    said.strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3))
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

fn tight() -> Bounds {
    Bounds {
        connections: 16,
        head: Duration::from_millis(800),
    }
}

/// A GET with one more header line, closing afterwards.
fn get(path: &str, line: &[u8]) -> Vec<u8> {
    let mut bytes = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n").into_bytes();
    bytes.extend_from_slice(line);
    bytes.extend_from_slice(b"\r\n");
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_without_measure_are_refused() {
    let app = TestApp::sqlite(module_path!()).await;
    let service = Listener::start(&app, tight()).await;
    let many = "X-Word: y\r\n".repeat(200);
    assert_eq!(
        service.status(&get("/health/live", many.as_bytes())).await,
        431
    );
    let huge = format!("X: {}\r\n", "y".repeat(200_000));
    let status = service.status(&get("/health/live", huge.as_bytes())).await;
    assert!([0, 431].contains(&status), "{status}");
    let long = format!("/{}", "y".repeat(200_000));
    let status = service.status(&get(&long, b"")).await;
    assert!([0, 414, 431].contains(&status), "{status}");
    let odd = service
        .status(&get(
            "/api/v1/devices",
            b"Authorization: Bearer \xff\xfe\r\nCookie: rebond=\xff\r\n",
        ))
        .await;
    assert_eq!(odd, 401);
    assert!(service.lives().await);
}

/// What two readers of the same bytes could take for different requests is read by nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_hides_in_another() {
    let app = TestApp::sqlite(module_path!()).await;
    let service = Listener::start(&app, tight()).await;
    let post = |lines: &str, body: &str| {
        format!("POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n{lines}\r\n{body}")
            .into_bytes()
    };
    let hidden = "0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    for lines in [
        "Content-Length: 3\r\nContent-Length: 60\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 6\r\n",
        "X: y\r\n Content-Length: 5\r\n",
    ] {
        let said = service.say(&post(lines, hidden)).await;
        // With a length beside its chunks a body is read by its chunks, and nothing after it.
        let both = lines.contains("Length") && lines.contains("chunked\r\n");
        assert!(first_status(&said) == 400 || both, "{lines:?}: {said}");
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{lines:?}: {said}");
    }
    assert_eq!(service.status(b"GET /\r\n\r\n").await, 400);
    assert_eq!(
        service
            .status(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            .await,
        400
    );
    assert!(service.lives().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_does_not_end_ends_its_connection() {
    let app = TestApp::sqlite(module_path!()).await;
    let service = Listener::start(&app, tight()).await;
    let mut slow = service.connect().await;
    slow.write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\n")
        .await
        .unwrap();
    let mut silent = service.connect().await;
    let drip = async {
        // Each byte alone is in time; the head is not.
        while slow.write_all(b"X").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, drip)
        .await
        .expect("a slow head is waited for");
    assert_eq!(read_all(&mut silent).await, "");
    // One that was answered and says nothing more ends as well.
    let mut idle = service.connect().await;
    idle.write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(first_status(&read_all(&mut idle).await), 200);
    assert!(service.lives().await);
}

/// 16 places, 200 who say nothing: whoever comes with a question is answered, and no more than 16 stay.
/// `REBOND_IDLE=10000` tries as many; they need file descriptors (`ulimit -n`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_idles_keeps_nobody_out() {
    let many: usize = std::env::var("REBOND_IDLE").map_or(200, |n| n.parse().unwrap());
    let app = TestApp::sqlite(module_path!()).await;
    let bounds = Bounds {
        head: Duration::from_mins(1),
        ..tight()
    };
    let service = Listener::start(&app, bounds).await;
    let mut idle = Vec::new();
    for n in 0..many {
        idle.push(service.connect().await);
        if n % 50 == 0 {
            assert!(service.lives().await, "not after {n}");
        }
    }
    assert!(service.lives().await);
    let mut open = 0;
    for stream in &mut idle {
        let mut byte = [0];
        match tokio::time::timeout(Duration::from_millis(2), stream.read(&mut byte)).await {
            Err(_) => open += 1,
            Ok(read) => assert!(matches!(read, Ok(0) | Err(_))),
        }
    }
    assert!(open <= bounds.connections, "{open} are still open");
}

/// Asks with a header more than usual.
async fn with_header(
    who: &Client,
    method: Method,
    path: &str,
    lines: &[(&str, &str)],
    body: &str,
) -> crate::support::Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    who.send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

both_databases! {
    /// Links that are sent begin with the address of the settings, whatever host the request named.
    async fn no_host_of_a_request_gets_into_a_message(app: TestApp) {
        let worker = app.person(Role::SocialWorker).await;
        let token = format!("Bearer {}", worker.token());
        let evil = [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example")];
        let lines = [&evil[..], &[("authorization", token.as_str()), ("content-type", "application/json")]].concat();
        with_header(&worker, Method::POST, "/api/v1/requests", &lines, &request("0601020304").to_string()).await.created();
        app.run_jobs().await;
        let mut found = 0;
        for entry in std::fs::read_dir(app.folder.path().join("mail")).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(!text.contains("evil"), "{text}");
            found += text.matches(&app.config.server.base_url).count();
        }
        assert!(found > 0, "no message with a link");
        let page = with_header(&app.nobody(), Method::GET, "/devices", &evil, "").await;
        assert_eq!(page.leads(), "/sign-in?next=%2Fdevices");
        assert!(!with_header(&app.nobody(), Method::GET, "/sign-in", &evil, "").await.text().contains("evil"));
    }

    /// A session that somebody brings along before signing in is not the one they have afterwards.
    async fn a_session_brought_along_is_never_adopted(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        let nobody = app.nobody();
        let planted = "PLANTEDPLANTEDPLANTEDPLANTED";
        let form = bench.page("/sign-in").await;
        let cookies = format!("{}; rebond={planted}", bench.cookies());
        let fields = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("csrf", form.csrf().as_str()), ("email", &bench.account().email), ("password", PASSWORD)])
            .finish();
        let lines = [("cookie", cookies.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let answer = with_header(&bench, Method::POST, "/sign-in", &lines, &fields).await;
        answer.leads();
        assert!(!bench.cookies().contains(planted));
        assert!(bench.cookies().contains("rebond="));
        bench.page("/").await;
        let planted = format!("rebond={planted}");
        let answer = with_header(&nobody, Method::GET, "/", &[("cookie", &planted)], "").await;
        assert!(answer.leads().starts_with("/sign-in"));
        // Signing in again is another session, and the one before is over with its sign-out.
        let first = bench.cookies();
        let again = bench.again();
        again.sign_in().await;
        assert_ne!(first, again.cookies());
    }

    /// A token counts in its own header, once; in an address, a cookie or a body it is a word.
    async fn a_token_counts_in_its_header_only(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        let nobody = app.nobody();
        let token = bench.token().to_owned();
        for path in ["token", "access_token", "api_key", "bearer", "authorization"] {
            nobody.get(&format!("/api/v1/devices?{path}={token}")).await.refused(401, "sign-in");
        }
        let (basic, bearer) = (format!("Basic {token}"), format!("Bearer {token}"));
        let cookie = format!("rebond={token}; token={token}");
        for line in [("authorization", basic.as_str()), ("authorization", token.as_str()), ("x-api-key", token.as_str()), ("cookie", cookie.as_str())] {
            with_header(&nobody, Method::GET, "/api/v1/devices", &[line], "").await.refused(401, "sign-in");
        }
        let good = ("authorization", bearer.as_str());
        with_header(&nobody, Method::GET, "/api/v1/devices", &[good], "").await.ok();
        for other in ["Bearer nobody", bearer.as_str()] {
            for lines in [[good, ("authorization", other)], [("authorization", other), good]] {
                with_header(&nobody, Method::GET, "/api/v1/devices", &lines, "").await.refused(401, "sign-in");
            }
        }
        // A wrong token beside a good session is somebody else, not the session's owner.
        bench.sign_in().await;
        let cookies = bench.cookies();
        let lines = [("cookie", cookies.as_str()), ("authorization", "Bearer nobody")];
        with_header(&nobody, Method::GET, "/api/v1/devices", &lines, "").await.refused(401, "sign-in");
    }

    /// What nobody guessed yet and what nobody ever made look alike, and tries are counted.
    async fn guesses_learn_nothing(app: TestApp) {
        let nobody = app.nobody();
        let mut shown = Vec::new();
        for secret in ["0000000000000000", "ZZZZZZZZZZZZZZZZ"] {
            let answer = nobody.visit(&format!("/h/{secret}")).await;
            shown.push((answer.status(), answer.text().replace(secret, "")));
        }
        assert_eq!(shown[0], shown[1]);
        let token = regex::Regex::new("name=\"csrf\" value=\"[^\"]*\"").unwrap();
        let known = app.person(Role::Refurbisher).await;
        let mut said = Vec::new();
        for email in [known.account().email.as_str(), "nobody@rebond.example"] {
            let who = app.nobody();
            let mut tries = Vec::new();
            for _ in 0..14 {
                let answer = who.fill("/sign-in", "/sign-in", &[("email", email), ("password", "faux")]).await;
                let text = answer.text().replace(email, "EMAIL");
                // The form token is the browser's own.
                tries.push((answer.status(), token.replace_all(&text, "").into_owned()));
            }
            assert_eq!(tries.last().unwrap().0, 429, "tries are not bounded");
            said.push(tries);
        }
        assert_eq!(said[0], said[1]);
    }
}

/// The service as it is run: what is secret in an address does not get into its log, at any level.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_of_addresses_are_not_logged() {
    let app = TestApp::sqlite(module_path!()).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let log = app.folder.path().join("log");
    let mut child = Command::new(env!("CARGO_BIN_EXE_rebond"))
        .args(["serve", "--listen", &port.to_string()])
        .args(["--dir", app.folder.path().to_str().unwrap()])
        .args(["--database", app.db.url()])
        .env("REBOND_MAIL__TRANSPORT", "smtp")
        .env("REBOND_MAIL__SMTP_URL", "smtp://127.0.0.1:25")
        .env("REBOND_LOG", "trace")
        .stdout(std::fs::File::create(&log).unwrap())
        .stderr(std::fs::File::create(app.folder.path().join("errors")).unwrap())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let http = reqwest::Client::new();
    let url = format!("http://{port}");
    let mut answered = false;
    for _ in 0..200 {
        answered = http.get(format!("{url}/health/live")).send().await.is_ok();
        if answered {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let secret = "SECRETSECRETSECRET";
    for path in ["/api/v1/devices?token=", "/h/", "/sign-in?next=/h/"] {
        let asked = http
            .get(format!("{url}{path}{secret}"))
            .bearer_auth(format!("B{secret}"));
        asked
            .header("cookie", format!("rebond=C{secret}"))
            .send()
            .await
            .unwrap();
    }
    let body = json!({"code": secret}).to_string();
    let scan = http.post(format!("{url}/api/v1/scans")).body(body);
    assert_eq!(
        scan.header("content-type", "application/json")
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(answered);
    for name in ["log", "errors"] {
        let text = std::fs::read_to_string(app.folder.path().join(name)).unwrap();
        assert!(!text.contains(secret), "{name}: {text}");
    }
}
