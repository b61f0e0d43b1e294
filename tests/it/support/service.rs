//! The real program, started and killed.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::TestApp;

/// The service as a process of its own.
pub(crate) struct Service {
    /// The process.
    pub(crate) child: Child,
    /// Where it answers.
    pub(crate) url: String,
}

impl Service {
    /// Starts it and waits until it answers.
    pub(crate) async fn start(app: &TestApp) -> Self {
        let listen = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        Self::start_at(app, &listen.to_string()).await
    }

    /// Starts it at an address, as after a crash.
    #[expect(clippy::zombie_processes, reason = "killed on purpose")]
    pub(crate) async fn start_at(app: &TestApp, listen: &str) -> Self {
        let child = command(app, "serve")
            .args(["--listen", listen])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = format!("http://{listen}");
        let http = reqwest::Client::new();
        for _ in 0..200 {
            if http.get(format!("{url}/sign-in")).send().await.is_ok() {
                return Self { child, url };
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the service did not answer within ten seconds");
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `rebond serve` or `rebond verify` on the database of the story.
pub(crate) fn command(app: &TestApp, what: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rebond"));
    command
        .arg(what)
        .args(["--dir", app.folder.path().to_str().unwrap()])
        .args(["--database", app.db.url()])
        .env_remove("REBOND_DATABASE__URL")
        .env("REBOND_MAIL__TRANSPORT", "smtp")
        .env("REBOND_MAIL__SMTP_URL", "smtp://127.0.0.1:25")
        .env("REBOND_LOG", "error");
    command
}
