//! Forms of pages: read into the same input as the API's JSON, given only after the form token was
//! checked, and kept as typed so that a refused form comes back filled in.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use validator::Validate;

use crate::error::{Error, FieldError};
use crate::web::extract::{body_bytes, field_fault, plain_serde, validate};
use crate::web::layers::Visit;
use crate::web::page::PageError;

/// Name of the hidden field with the form token.
pub(crate) const TOKEN_FIELD: &str = "csrf";

/// Most entries of a list that a page shows again.
const MOST_ENTRIES: usize = 100;

/// One fault beside its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldFault {
    /// JSON pointer, `#/devices/0/serial`.
    pub(crate) pointer: String,
    /// The field's name in the form, `devices[0][serial]`; also the anchor of the summary's link.
    pub(crate) name: String,
    /// What is wrong.
    pub(crate) detail: String,
}

/// What was typed and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormState {
    csrf: String,
    values: Vec<(String, String)>,
    errors: Vec<FieldFault>,
}

impl FormState {
    /// An empty form of this visit.
    pub(crate) fn new(visit: &Visit) -> Self {
        Self {
            csrf: visit.form_token.as_str().to_owned(),
            ..Self::default()
        }
    }

    /// The same with a value filled in before anybody typed.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.retain(|(n, _)| n != name);
        self.values.push((name.to_owned(), value.into()));
        self
    }

    /// The same with the faults of a refusal. Faults of no field, and rules that said no, stand in the summary.
    #[must_use]
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only these are told apart here"
    )]
    pub(crate) fn refused(mut self, error: &Error) -> Self {
        self.errors = match error {
            Error::Invalid(errors) => errors
                .iter()
                .map(|e| FieldFault {
                    name: name_of(&e.pointer),
                    pointer: e.pointer.clone(),
                    detail: e.detail.clone(),
                })
                .collect(),
            other => {
                let mut faults = vec![FieldFault {
                    pointer: "#".to_owned(),
                    name: String::new(),
                    detail: crate::web::problem::detail(other),
                }];
                if let Error::Refused { missing, .. } = other {
                    faults.extend(missing.iter().map(|m| FieldFault {
                        pointer: "#".to_owned(),
                        name: String::new(),
                        detail: m.detail.clone(),
                    }));
                }
                faults
            }
        };
        self
    }

    /// What was typed in a field; empty when nothing was.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.values
            .iter()
            .rev()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v)
    }

    /// Whether a field has this value: for radios, options and boxes.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.values.iter().any(|(n, v)| n == name && v == value)
    }

    /// The fault of a field.
    pub(crate) fn error(&self, name: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|e| e.name == name)
            .map(|e| e.detail.as_str())
    }

    /// All faults, for the summary.
    pub(crate) fn errors(&self) -> &[FieldFault] {
        &self.errors
    }

    /// The form token for the hidden field.
    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }

    /// How many entries of a list were sent: 2 for `devices[0]…` and `devices[1]…`. At most [`MOST_ENTRIES`],
    /// whatever number a client writes between the brackets.
    pub(crate) fn count(&self, list: &str) -> usize {
        let prefix = format!("{list}[");
        let index = |name: &str| {
            name.strip_prefix(&prefix)?
                .split(']')
                .next()?
                .parse::<usize>()
                .ok()
        };
        self.values
            .iter()
            .filter_map(|(n, _)| index(n))
            .max()
            .map_or(0, |last| last.saturating_add(1).min(MOST_ENTRIES))
    }
}

/// A form whose token was right. The input may still be wrong: `read()` says so.
#[derive(Debug)]
pub(crate) struct Form<T> {
    input: Result<T, Error>,
    /// What was typed.
    pub(crate) state: FormState,
}

impl<T> Form<T> {
    /// The input, or the faults, with what was typed.
    pub(crate) fn read(self) -> (Result<T, Error>, FormState) {
        (self.input, self.state)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Validate> FromRequest<S> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let visit = request
            .extensions()
            .get::<Visit>()
            .cloned()
            .ok_or(Error::Forbidden("form-token"))?;
        // A script that previews a form sends the token as a header.
        let header = request
            .headers()
            .get("x-csrf")
            .and_then(|v| v.to_str().ok())
            .map(str::to_owned);
        let bytes = body_bytes(request, state).await?;
        let pairs = pairs(&bytes);
        let field = pairs
            .iter()
            .find(|(n, _)| n == TOKEN_FIELD)
            .map(|(_, v)| v.clone());
        visit
            .form_token
            .check(&field.or(header).unwrap_or_default())?;
        let typed: Vec<_> = pairs
            .into_iter()
            .filter(|(n, _)| n != TOKEN_FIELD)
            .collect();
        let input = decode::<T>(&typed)
            .map_err(Error::Invalid)
            .and_then(|input| validate(&input).map(|()| input));
        let form = FormState {
            values: typed,
            ..FormState::new(&visit)
        };
        let form = match &input {
            Ok(_) => form,
            Err(error) => form.refused(error),
        };
        Ok(Self { input, state: form })
    }
}

/// The pairs of a form or query, trimmed.
pub(crate) fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes)
        .map(|(n, v)| (n.into_owned(), v.trim().to_owned()))
        .collect()
}

/// Reads pairs into an input. Empty values count as absent.
pub(crate) fn decode<T: DeserializeOwned>(
    pairs: &[(String, String)],
) -> Result<T, Vec<FieldError>> {
    let mut kept = form_urlencoded::Serializer::new(String::new());
    kept.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    let text = kept.finish();
    let config = serde_qs::Config::new().max_depth(6).use_form_encoding(true);
    let reader = serde_qs::Deserializer::with_config(config, text.as_bytes())
        .map_err(|e| vec![FieldError::new("#", plain_serde(&e.to_string()))])?;
    serde_path_to_error::deserialize(reader).map_err(|error| {
        vec![field_fault(
            &error.path().to_string(),
            &error.inner().to_string(),
        )]
    })
}

/// `#/devices/0/serial` as the field's name `devices[0][serial]`.
fn name_of(pointer: &str) -> String {
    let mut parts = pointer
        .trim_start_matches("#/")
        .trim_start_matches('#')
        .split('/');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| format!("{name}[{part}]"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Line {
        kind: String,
        serial: Option<String>,
        #[serde(default)]
        ok: bool,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Input {
        name: Option<String>,
        count: Option<u32>,
        #[serde(default)]
        devices: Vec<Line>,
    }

    #[test]
    fn nested_lists_and_empty_fields_are_read() {
        let body = b"name=&count=3&devices%5B0%5D%5Bkind%5D=laptop&devices[0][serial]=&devices[1][kind]=%C3%A9cran+plat&devices[1][ok]=true";
        let input: Input = decode(&pairs(body)).unwrap();
        assert_eq!(input.name, None);
        assert_eq!(input.count, Some(3));
        assert_eq!(
            input.devices[1],
            Line {
                kind: "écran plat".into(),
                serial: None,
                ok: true
            }
        );
    }

    #[test]
    fn a_missing_field_is_named() {
        let errors = decode::<Input>(&pairs(b"devices[0][serial]=X")).unwrap_err();
        assert_eq!(errors[0].pointer, "#/devices/0/kind");
        assert_eq!(errors[0].detail, "Ce champ est obligatoire.");
    }

    #[test]
    fn what_was_typed_comes_back_beside_its_fault() {
        let state = FormState {
            values: pairs(b"devices[0][serial]=X"),
            ..FormState::default()
        }
        .refused(&Error::field("#/devices/0/serial", "Trop court."));
        assert_eq!(state.value("devices[0][serial]"), "X");
        assert_eq!(state.error("devices[0][serial]"), Some("Trop court."));
        assert_eq!(state.count("devices"), 1);
    }

    #[test]
    fn an_index_of_a_client_does_not_size_a_page() {
        for index in ["4000000000", "18446744073709551615", "99999999999999999999"] {
            let state = FormState::default().with(&format!("people[{index}][birth_date]"), "");
            assert!(state.count("people") <= MOST_ENTRIES, "{index}");
        }
    }
}
