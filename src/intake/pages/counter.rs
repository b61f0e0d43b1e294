//! The counter: one page, made for speed, that works without a script too.

mod typed;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use entities::enums::{Condition, DeviceKind, DonorKind, EnteredAs};
use serde::{Deserialize, Serialize};

use self::typed::{Do, Typed};
use crate::access::{self, Actor};
use crate::app::App;
use crate::devices;
use crate::error::{Error, FieldError, Result};
use crate::intake::input::{Accessory, DonationInput};
use crate::intake::{actions, rules, suggestions, words};
use crate::web::extract::validate;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with};
use crate::web::{ApiResult, Form, FormState, Frame, Json, PageResult, Query, Visit, see_other};

#[derive(Template)]
#[template(path = "intake/pages/counter.html")]
struct CounterPage {
    frame: Frame,
    form: FormState,
    rows: Vec<typed::Row>,
    kinds: Vec<Choice>,
    conditions: Vec<Choice>,
    donors: Vec<Choice>,
    entered: Vec<Choice>,
    accessories: Vec<AccessoryField>,
    /// Fields that only some gifts need are open when one of them is filled in or wrong.
    more: bool,
}

/// How many of an accessory.
struct AccessoryField {
    kind_name: String,
    kind: &'static str,
    count_name: String,
    word: &'static str,
}

impl CounterPage {
    async fn of(
        app: &App,
        actor: &Actor,
        visit: &Visit,
        typed: &Typed,
        form: FormState,
    ) -> Result<Self> {
        let rare = [
            "donor[phone]",
            "donor[siret]",
            "legal_basis",
            "unit_value_cents",
            "transfer_reference",
        ];
        Ok(Self {
            frame: access::frame(app, actor, visit).await?,
            rows: typed.rows(&form),
            more: rare
                .iter()
                .any(|name| !form.value(name).is_empty() || form.error(name).is_some())
                || form.is("entered_as", EnteredAs::Waste.as_str()),
            form,
            kinds: choices(DeviceKind::ALL, |k| {
                (k.as_str(), words::kind_key(k).to_owned())
            }),
            conditions: choices(Condition::ALL, |c| {
                (c.as_str(), words::capital(devices::words::condition(c)))
            }),
            donors: std::iter::once(Choice::new("", "Anonyme"))
                .chain(choices(DonorKind::ALL, |k| {
                    (k.as_str(), words::donor(k).to_owned())
                }))
                .collect(),
            entered: choices(EnteredAs::ALL, |e| {
                (e.as_str(), words::entered_as(e).to_owned())
            }),
            accessories: Accessory::ALL
                .into_iter()
                .enumerate()
                .map(|(n, kind)| AccessoryField {
                    kind_name: format!("accessories[{n}][kind]"),
                    kind: kind.as_str(),
                    count_name: format!("accessories[{n}][count]"),
                    word: words::accessory(kind),
                })
                .collect(),
        })
    }
}

fn choices<T: Copy>(all: &[T], word: impl Fn(T) -> (&'static str, String)) -> Vec<Choice> {
    all.iter()
        .map(|value| {
            let (value, word) = word(*value);
            Choice::new(value, word)
        })
        .collect()
}

/// An empty counter, with the identity of the gift to come.
pub(super) async fn show(State(app): State<App>, actor: Actor, visit: Visit) -> PageResult {
    let typed = Typed::empty(app.clock.new_id());
    let form = typed.state(&visit);
    crate::web::page(&CounterPage::of(&app, &actor, &visit, &typed, form).await?)
}

/// Adds a device to the list, takes one out, or takes the gift.
pub(super) async fn send(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    form: Form<Typed>,
) -> PageResult {
    let mut typed = form.read().0?;
    let (status, error) = match typed.act() {
        Do::Add => {
            let refused = typed.add_draft().err();
            (
                refused
                    .as_ref()
                    .map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY),
                refused,
            )
        }
        Do::Remove(n) => {
            typed.remove(n);
            (StatusCode::OK, None)
        }
        Do::Register => match register(&app, &actor, &mut typed).await {
            Ok(reference) => return Ok(see_other(&format!("/donations/{reference}?fresh=true"))),
            Err(error) => {
                let error = if matches!(
                    error,
                    Error::Refused {
                        code: "id-reused",
                        ..
                    }
                ) {
                    typed.renew(app.clock.new_id());
                    Error::refused(
                        "id-reused",
                        "Ce formulaire a déjà enregistré un don (voir « Dons »). Validez à nouveau pour en enregistrer un autre avec cette liste.",
                    )
                } else {
                    at_its_label(&app, &typed, error).await
                };
                let (status, error) = form_status(error)?;
                (status, Some(error))
            }
        },
    };
    let mut state = typed.state(&visit);
    if let Some(error) = &error {
        state = state.refused(error);
    }
    page_with(
        status,
        &CounterPage::of(&app, &actor, &visit, &typed, state).await?,
    )
}

/// Takes the gift and answers its reference.
async fn register(app: &App, actor: &Actor, typed: &mut Typed) -> Result<String> {
    if typed.has_draft() {
        typed.add_draft()?;
    }
    let (input, mut faults) = typed.input();
    let input = rules::tidied(input);
    if let Err(Error::Invalid(more)) = validate(&input) {
        faults.extend(more);
    }
    faults.extend(rules::faults(&input));
    for (n, device) in input.devices.iter().enumerate() {
        if device
            .code
            .as_deref()
            .is_some_and(|code| devices::store::read_code(code).is_err())
        {
            faults.push(FieldError::new(
                format!("#/devices/{n}/code"),
                "Code mal lu : scannez l’étiquette à nouveau.",
            ));
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(actions::take(app, actor, input)
        .await?
        .gift
        .donation
        .reference)
}

/// Puts a refused pre-printed label beside the field it was typed in.
async fn at_its_label(app: &App, typed: &Typed, error: Error) -> Error {
    let label = matches!(
        error,
        Error::UnknownCode
            | Error::WrongCheckCharacter
            | Error::Refused {
                code: "code-taken",
                ..
            }
    );
    if !label {
        return error;
    }
    let input: DonationInput = typed.input().0;
    for (n, device) in input.devices.iter().enumerate() {
        let Some(text) = &device.code else { continue };
        let words = match devices::store::item(app.db.read(), text).await {
            Ok(devices::store::Item::Blank(_)) => continue,
            Ok(_) => "Cette étiquette est déjà sur un autre objet.",
            Err(Error::WrongCheckCharacter) => "Code mal lu : scannez l’étiquette à nouveau.",
            Err(_) => "Aucune étiquette ne porte ce code.",
        };
        return Error::Invalid(vec![FieldError::new(format!("#/devices/{n}/code"), words)]);
    }
    error
}

/// What is being typed.
#[derive(Debug, Deserialize)]
pub(super) struct SuggestQuery {
    field: String,
    #[serde(default)]
    q: String,
    kind: Option<DeviceKind>,
    make: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Suggestions {
    items: Vec<String>,
}

/// Makes, or models of a make, as they were given before.
pub(super) async fn suggest(
    State(app): State<App>,
    _: Actor,
    Query(query): Query<SuggestQuery>,
) -> ApiResult<Json<Suggestions>> {
    let make = query.make.as_deref().filter(|_| query.field == "model");
    let items = match (query.field.as_str(), query.kind, make) {
        ("make", Some(kind), _) | ("model", Some(kind), Some(_)) => {
            suggestions::of(app.db.read(), kind, make, &query.q).await?
        }
        _ => Vec::new(),
    };
    Ok(Json(Suggestions { items }))
}
