//! A client on loopback: one connection that stays open, HTTP/1.1.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::error::{Error, Result};

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) path: String,
    /// JSON, posted; nothing is got.
    pub(super) body: Option<String>,
    pub(super) token: String,
    /// A word that the answer must hold: a benchmark of refusals would be fast.
    pub(super) expects: &'static str,
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Client(SendRequest<Full<Bytes>>);

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream))
            .await
            .map_err(Error::internal)?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Asks, and reads the whole answer.
    ///
    /// # Errors
    /// When the answer is no success or not the one expected.
    pub(super) async fn ask(&mut self, ask: &Ask) -> Result<()> {
        let method = if ask.body.is_some() { "POST" } else { "GET" };
        let request = Request::builder()
            .method(method)
            .uri(&ask.path)
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, format!("Bearer {}", ask.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(ask.body.clone().unwrap_or_default()))
            .map_err(Error::internal)?;
        let answer = self
            .0
            .send_request(request)
            .await
            .map_err(Error::internal)?;
        let status = answer.status();
        let body = answer
            .into_body()
            .collect()
            .await
            .map_err(Error::internal)?
            .to_bytes();
        let text = String::from_utf8_lossy(&body);
        if status.is_success() && text.contains(ask.expects) {
            return Ok(());
        }
        let start: String = text.chars().take(400).collect();
        Err(Error::broken(format!(
            "{method} {} answered {status} without {:?}: {start}",
            ask.path, ask.expects
        )))
    }
}
