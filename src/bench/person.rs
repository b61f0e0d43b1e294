//! Who asks in a benchmark.

use serde_json::Value;

use crate::access::{Actor, tokens};
use crate::app::App;
use crate::bench::client::Ask;
use crate::error::{Error, Result};
use crate::operator;

/// Somebody who asks, with a token.
#[derive(Clone, Debug)]
pub(super) struct Person {
    token: String,
    /// Who that is.
    pub(super) actor: Actor,
}

impl Person {
    /// A new account of the instance.
    pub(super) async fn new(
        app: &App,
        role: &str,
        organisation: &str,
        site: Option<String>,
    ) -> Result<Self> {
        let email = format!("bench-{}@rebond.example", app.clock.new_id());
        operator::add_account(
            app,
            (email.clone(), None),
            role,
            organisation.to_owned(),
            site,
        )
        .await?;
        let token = operator::add_token(app, &email, "benchmark", tokens::DAYS).await?;
        let actor = tokens::by_token(app, &token).await?;
        Ok(Self {
            actor: actor.ok_or_else(|| Error::broken("a new token is unknown"))?,
            token,
        })
    }

    pub(super) fn get(&self, path: String, expects: &'static str) -> Ask {
        Ask {
            path,
            body: None,
            token: self.token.clone(),
            expects,
        }
    }

    pub(super) fn post(&self, path: &str, body: &Value, expects: &'static str) -> Ask {
        Ask {
            path: path.to_owned(),
            body: Some(body.to_string()),
            token: self.token.clone(),
            expects,
        }
    }
}
