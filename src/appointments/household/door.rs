//! The door of a household's pages: its link, the second factor, the visit it opens.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::cookie::CookieJar;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entities::household_access;
use entities::ids::{HouseholdAccessId, HouseholdId, OrganisationId};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use validator::Validate;

use super::words::Words;
use crate::access;
use crate::app::App;
use crate::error::{Error, Result};
use crate::households::{self, steps::SecondFactor};
use crate::notifications::translations::LANGUAGES;
use crate::web::frame::{Leaf, Tongue};
use crate::web::layers::set_cookie;
use crate::web::page::page_with;
use crate::web::{Form, FormState, PageError, PageResult, Path, Query, Visit, cookies, see_other};

/// Minutes a visit lasts after the second factor.
const VISIT_MINUTES: i64 = 30;

/// What was chosen so far, and the language: all in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Trail {
    /// Language asked for.
    pub(super) lang: Option<String>,
    /// Slug of the venue.
    pub(super) place: Option<String>,
    /// Day, `2027-01-12`.
    pub(super) day: Option<String>,
    /// Slot of the pickup.
    pub(super) slot: Option<String>,
    /// Slot of the onboarding.
    pub(super) lesson: Option<String>,
    /// Which of several visits.
    pub(super) visit: Option<String>,
    /// Which of several requests.
    pub(super) request: Option<String>,
}

/// A household inside its pages.
#[derive(Debug)]
pub(super) struct Guest {
    /// Who.
    pub(super) household: HouseholdId,
    /// The link's secret, as it stands in the address.
    pub(super) secret: String,
    /// Its words.
    pub(super) words: Words,
}

impl Guest {
    /// The address of one of its pages, in the language it reads.
    pub(super) fn href(&self, page: &str, pairs: &[(&str, &str)]) -> String {
        href(&self.secret, page, self.words.lang(), pairs)
    }

    /// The frame of its page; `pairs` lead to the same page in another language, none when it can't be shown again.
    pub(super) fn leaf(&self, page: &str, pairs: Option<&[(&str, &str)]>, help: String) -> Leaf {
        leaf(&self.secret, self.words, page, pairs, help)
    }
}

#[derive(Template)]
#[template(path = "appointments/pages/household/plain.html")]
pub(super) struct PlainPage {
    pub(super) leaf: Leaf,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) lines: Vec<String>,
    /// Where to go on to, and its word.
    pub(super) next: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "appointments/pages/household/birth.html")]
struct BirthPage {
    leaf: Leaf,
    w: Words,
    form: FormState,
    action: String,
    fault: String,
}

/// A day of birth as three fields: no picker has to be scrolled through fifty years.
#[derive(Debug, Deserialize, Validate)]
pub(super) struct Birth {
    day: Option<String>,
    month: Option<String>,
    year: Option<String>,
}

impl Birth {
    fn date(&self) -> Option<NaiveDate> {
        let day = self.day.as_deref()?.parse().ok()?;
        let month = self.month.as_deref()?.parse().ok()?;
        NaiveDate::from_ymd_opt(self.year.as_deref()?.parse().ok()?, month, day)
    }
}

/// Looks whether a visit stands open; asks for the second factor otherwise, on a page that comes instead.
pub(super) async fn open(
    app: &App,
    visit: &Visit,
    jar: &CookieJar,
    secret: &str,
    trail: &Trail,
) -> PageResult<Guest> {
    let now = app.clock.now();
    let link = find(app, secret, trail, now).await?;
    let words = words_of(app, &link, trail).await?;
    let kept = jar.get(cookies::HOUSEHOLD).map(|c| c.value().to_owned());
    if kept.is_some_and(|value| opens(app, &value, link.id, now)) {
        return Ok(Guest {
            household: link.household_id,
            secret: secret.to_owned(),
            words,
        });
    }
    if app.limits.link(secret).is_err() {
        return instead(soon(app, secret, words).await?);
    }
    if let Some(until) = link.locked_until.filter(|until| *until > now) {
        return instead(wait(app, secret, words, until).await?);
    }
    let form = FormState::new(visit);
    let page = birth(app, &link, secret, words, form, "").await?;
    instead(page_with(StatusCode::OK, &page)?)
}

fn instead<T>(page: Response) -> PageResult<T> {
    Err(PageError::Instead(Box::new(page)))
}

/// The second factor, sent.
pub(super) async fn enter(
    State(app): State<App>,
    visit: Visit,
    Path(secret): Path<String>,
    Query(trail): Query<Trail>,
    form: Form<Birth>,
) -> PageResult {
    let now = app.clock.now();
    let (input, state) = form.read();
    let link = find(&app, &secret, &trail, now).await?;
    let words = words_of(&app, &link, &trail).await?;
    if app.limits.link(&secret).is_err() {
        return soon(&app, &secret, words).await;
    }
    let Some(date) = input.ok().and_then(|birth| birth.date()) else {
        let page = birth(&app, &link, &secret, words, state, "page-birth-unreal").await?;
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let tx = app.db.write().await?;
    let answer = households::steps::second_factor(&app, &tx, &secret, date, now).await?;
    tx.commit().await?;
    match answer {
        SecondFactor::Right(id) => {
            let ends = now + TimeDelta::minutes(VISIT_MINUTES);
            let mut cookie =
                cookies::cookie(cookies::HOUSEHOLD, sign(&app, id, ends), visit.secure);
            cookie.set_path("/h");
            let mut response = see_other(&href(&secret, "", words.lang(), &[]));
            set_cookie(&mut response, &cookie.to_string());
            Ok(response)
        }
        SecondFactor::Wrong => {
            let page = birth(&app, &link, &secret, words, state, "page-birth-wrong").await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        SecondFactor::Wait(until) => wait(&app, &secret, words, until).await,
    }
}

/// The link; the same kind page instead of one that never was, is over or was taken back.
async fn find(
    app: &App,
    secret: &str,
    trail: &Trail,
    now: DateTime<Utc>,
) -> PageResult<household_access::Model> {
    match households::steps::by_link(app, app.db.read(), secret, now).await {
        Ok(link) => Ok(link),
        Err(Error::NotFound(_)) => {
            let words = Words::of(trail.lang.as_deref(), "fr");
            let page = PlainPage {
                leaf: leaf(secret, words, "", Some(&[]), String::new()),
                title: words.t("page-link-title"),
                text: words.t("page-link-text"),
                lines: phones(app).await?,
                next: None,
            };
            instead(page_with(StatusCode::NOT_FOUND, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

async fn words_of(app: &App, link: &household_access::Model, trail: &Trail) -> Result<Words> {
    let own = households::steps::find(app.db.read(), link.household_id).await?;
    Ok(Words::of(trail.lang.as_deref(), &own.language))
}

async fn birth(
    app: &App,
    link: &household_access::Model,
    secret: &str,
    words: Words,
    form: FormState,
    fault: &str,
) -> Result<BirthPage> {
    let help = help(app, words, service(app, link.household_id).await?).await?;
    Ok(BirthPage {
        leaf: leaf(secret, words, "", Some(&[]), help),
        w: words,
        form,
        action: href(secret, "", words.lang(), &[]),
        fault: if fault.is_empty() {
            String::new()
        } else {
            words.t(fault)
        },
    })
}

async fn wait(app: &App, secret: &str, words: Words, until: DateTime<Utc>) -> PageResult {
    let text = words.with("page-wait-text", &[("time", &words.time(until))]);
    too_many(app, secret, words, text).await
}

async fn soon(app: &App, secret: &str, words: Words) -> PageResult {
    too_many(app, secret, words, words.t("page-wait-soon")).await
}

async fn too_many(app: &App, secret: &str, words: Words, text: String) -> PageResult {
    let page = PlainPage {
        leaf: leaf(secret, words, "", Some(&[]), String::new()),
        title: words.t("page-wait-title"),
        text,
        lines: phones(app).await?,
        next: None,
    };
    page_with(StatusCode::TOO_MANY_REQUESTS, &page)
}

/// The service that follows the household's request: whom to call.
pub(super) async fn service(app: &App, household: HouseholdId) -> Result<Option<OrganisationId>> {
    let waiting = crate::requests::steps::waiting_of(app.db.read(), household).await?;
    Ok(waiting.first().map(|request| request.organisation_id))
}

/// Whom to call, at the foot of a page.
pub(super) async fn help(
    app: &App,
    words: Words,
    organisation: Option<OrganisationId>,
) -> Result<String> {
    let Some(id) = organisation else {
        return Ok(String::new());
    };
    let row = access::store::organisation(app.db.read(), id).await?;
    Ok(match &row.contact_phone {
        Some(phone) => words.with("page-help", &[("name", &row.name), ("phone", phone)]),
        None => words.with("page-help-short", &[("name", &row.name)]),
    })
}

/// Organisations that receive people, with their telephone: all public.
async fn phones(app: &App) -> Result<Vec<String>> {
    let db = app.db.read();
    let mut lines = Vec::new();
    for venue in access::store::venues(db).await? {
        let row = access::store::organisation(db, venue.organisation_id).await?;
        let line = match row.contact_phone {
            Some(phone) => format!("{}\u{a0}: {phone}", row.name),
            None => row.name,
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    Ok(lines)
}

/// The value of a visit's cookie: which link, until when, sealed with our key.
fn sign(app: &App, link: HouseholdAccessId, ends: DateTime<Utc>) -> String {
    let said = format!("{}.{}", link.0.simple(), ends.timestamp());
    let seal = app.keys.keyed_hash("household-visit", said.as_bytes());
    format!("{said}.{}", hex::encode(seal))
}

fn opens(app: &App, value: &str, link: HouseholdAccessId, now: DateTime<Utc>) -> bool {
    let ends = value
        .split('.')
        .nth(1)
        .and_then(|seconds| seconds.parse().ok())
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let Some(ends) = ends.filter(|ends| *ends > now) else {
        return false;
    };
    bool::from(sign(app, link, ends).as_bytes().ct_eq(value.as_bytes()))
}

fn href(secret: &str, page: &str, lang: &str, pairs: &[(&str, &str)]) -> String {
    let secret: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("lang", lang)
        .extend_pairs(pairs)
        .finish();
    format!("/h/{secret}{page}?{query}")
}

fn leaf(
    secret: &str,
    words: Words,
    page: &str,
    pairs: Option<&[(&str, &str)]>,
    help: String,
) -> Leaf {
    let tongues = pairs.map_or_else(Vec::new, |pairs| {
        LANGUAGES
            .iter()
            .map(|(code, name)| Tongue {
                code,
                name,
                href: href(secret, page, code, pairs),
                current: *code == words.lang(),
            })
            .collect()
    });
    Leaf {
        lang: words.lang(),
        dir: "ltr",
        tongues,
        flash: None,
        language_word: words.t("page-language"),
        help,
    }
}
