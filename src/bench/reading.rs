//! Questions that change nothing: each is asked once on the stage for its statements, then again and again.

use axum::body::Body;
use axum::http::{Request, header};
use tower::ServiceExt;

use crate::bench::client::Ask;
use crate::bench::raw::Script;
use crate::bench::rehearsal::Stage;
use crate::error::{Error, Result};
use crate::routes;

/// Questions that change nothing.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) name: &'static str,
    pub(super) asks: Vec<Ask>,
    pub(super) scripts: Vec<Script>,
}

impl Reading {
    pub(super) const fn new(name: &'static str, asks: Vec<Ask>) -> Self {
        Self {
            name,
            asks,
            scripts: Vec::new(),
        }
    }

    /// Asks each question once on the stage, for its statements.
    pub(super) async fn rehearse(&mut self, stage: &Stage) -> Result<()> {
        let Some(first) = self.asks.first() else {
            return Err(Error::broken(format!("{}: nothing to ask for", self.name)));
        };
        // Who asks is looked up first, whatever is asked: a code that is none goes no further.
        let stranger = Ask {
            path: "/api/v1/devices/none".to_owned(),
            ..first.clone()
        };
        look(stage, &stranger).await?;
        let known = stage.read().statements.len();
        for ask in &self.asks {
            look(stage, ask).await?;
            let mut script = stage.read();
            script
                .statements
                .drain(..known.min(script.statements.len()));
            self.scripts.push(script);
        }
        Ok(())
    }
}

/// Asks the instance itself, without a network.
async fn look(stage: &Stage, ask: &Ask) -> Result<()> {
    let request = Request::get(&ask.path)
        .header(header::AUTHORIZATION, format!("Bearer {}", ask.token))
        .body(Body::empty())
        .map_err(Error::internal)?;
    let router = routes::router(&stage.app);
    let answer = router.oneshot(request).await.map_err(Error::internal)?;
    axum::body::to_bytes(answer.into_body(), usize::MAX)
        .await
        .map_err(Error::internal)?;
    Ok(())
}
