//! One message for the next page, carried by a cookie that the next page takes away.

use axum_extra::extract::cookie::{Cookie, CookieJar};
use serde::{Deserialize, Serialize};

use crate::web::cookies;
use crate::web::frame::{Notice, Tone};

/// A message with its colour, shown where the eye is and announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flash {
    /// `done`, `already`, `refused` or `info`.
    pub(crate) kind: String,
    /// One or two sentences.
    pub(crate) text: String,
}

impl Flash {
    /// It was done.
    pub(crate) fn done(text: impl Into<String>) -> Self {
        Self {
            kind: "done".to_owned(),
            text: text.into(),
        }
    }

    /// It was done before.
    pub(crate) fn already(text: impl Into<String>) -> Self {
        Self {
            kind: "already".to_owned(),
            text: text.into(),
        }
    }

    /// It was refused.
    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self {
            kind: "refused".to_owned(),
            text: text.into(),
        }
    }

    /// Something to know.
    pub(crate) fn info(text: impl Into<String>) -> Self {
        Self {
            kind: "info".to_owned(),
            text: text.into(),
        }
    }

    /// As the frame shows it.
    pub(crate) fn notice(&self) -> Notice {
        let tone = match self.kind.as_str() {
            "done" => Tone::Done,
            "already" => Tone::Already,
            "refused" => Tone::Refused,
            _ => Tone::Shown,
        };
        Notice {
            tone,
            text: self.text.clone(),
        }
    }

    /// The cookie that carries it. Hexadecimal: any letter survives the header.
    pub(crate) fn cookie(&self, secure: bool) -> Cookie<'static> {
        let text = serde_json::to_vec(self)
            .map(hex::encode)
            .unwrap_or_default();
        cookies::cookie(cookies::FLASH, text, secure)
    }

    /// Reads the cookie of the last page, if any.
    pub(crate) fn read(jar: &CookieJar) -> Option<Self> {
        let bytes = hex::decode(jar.get(cookies::FLASH)?.value()).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}
