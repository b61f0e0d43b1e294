//! The pages of those who file: a new request with its answer beside it, one's own requests, one of them.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use validator::Validate;

use super::form::{MOST_PEOPLE, OTHERS, RequestForm, facts_so_far};
use super::input::ExchangeInput;
use super::rules::Reason;
use super::view::{RequestView, Status};
use super::{actions, communes, letter, words};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::devices::event::ReturnReason;
use crate::devices::words::capital;
use crate::error::{Error, Result};
use crate::french;
use crate::households::steps::File;
use crate::web::frame::{Choice, Tone};
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{
    Access, Flash, Form, FormState, Frame, PageResult, Path, Query, Routes, Visit, page,
};
use entities::enums::{Channel, DeviceKind, FamilyTie, NeedUse, Outcome};

/// Lines of a page of one's own requests.
const LINES: u64 = 40;

/// Routes of those who file.
pub(crate) fn routes() -> Routes {
    let files = Access::Needs(Permission::FileRequests);
    Routes::new()
        .get("/requests", files, list)
        .get("/requests/new", files, new)
        .post("/requests/new", files, file)
        .post("/requests/preview", files, preview)
        .get("/requests/{reference}", files, show)
        .get("/requests/{reference}/decision.pdf", files, decision_letter)
        .post("/requests/{reference}/exchange", files, exchange)
        .post("/requests/{reference}/link", files, send_link)
}

#[derive(Template)]
#[template(path = "requests/pages/new.html")]
struct NewPage {
    frame: Frame,
    form: FormState,
    others: Vec<usize>,
    communes: Vec<(&'static str, &'static str)>,
    ties: Vec<Choice>,
    kinds: Vec<Choice>,
    uses: Vec<Choice>,
    languages: Vec<Choice>,
    channels: Vec<Choice>,
    answer: Answer,
}

/// The answer beside the form.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "requests/pages/answer.html")]
struct Answer {
    tone: Tone,
    word: String,
    reasons: Vec<String>,
    missing: Vec<String>,
    contribution: Option<String>,
}

impl Answer {
    fn of(
        outcome: Outcome,
        reasons: &[Reason],
        missing: &[Reason],
        contribution: Option<i64>,
    ) -> Self {
        let (tone, word) = outcome_words(outcome);
        Self {
            tone,
            word: word.to_owned(),
            reasons: reasons.iter().map(|r| r.text.clone()).collect(),
            missing: missing.iter().map(|r| r.text.clone()).collect(),
            contribution: contribution
                .filter(|_| outcome != Outcome::NotEligible)
                .map(french::euros),
        }
    }

    fn waiting() -> Self {
        Self {
            tone: Tone::Plain,
            word: "La réponse s’affiche ici".to_owned(),
            reasons: vec!["Dès que la date de naissance est donnée.".to_owned()],
            ..Self::default()
        }
    }
}

/// An outcome as its chip says it.
pub(crate) const fn outcome_words(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Eligible => (Tone::Done, "Éligible"),
        Outcome::NeedsReview => (Tone::Already, "À examiner par une personne"),
        Outcome::NotEligible => (Tone::Refused, "Non éligible"),
    }
}

/// A status as its chip says it.
pub(crate) const fn status_words(status: Status) -> (Tone, &'static str) {
    match status {
        Status::NeedsReview => (Tone::Already, "à examiner"),
        Status::Waiting => (Tone::Plain, "en attente d’un équipement"),
        Status::Held => (Tone::Shown, "équipement réservé"),
        Status::Booked => (Tone::Shown, "rendez-vous pris"),
        Status::Served => (Tone::Done, "remis"),
        Status::NotEligible => (Tone::Refused, "non éligible"),
        Status::Withdrawn => (Tone::Plain, "retirée"),
        Status::Closed => (Tone::Plain, "close"),
    }
}

async fn new(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let channel = if app.config.mail.sends_texts() {
        Channel::Text
    } else {
        Channel::Email
    };
    let form = FormState::new(&visit)
        .with("id", app.clock.new_id().to_string())
        .with("need[kind]", "laptop")
        .with("household[language]", "fr")
        .with("household[contact][channel]", channel.as_str());
    new_page(
        &app,
        &visit,
        &actor,
        form,
        Answer::waiting(),
        axum::http::StatusCode::OK,
    )
    .await
}

async fn new_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
    answer: Answer,
    status: axum::http::StatusCode,
) -> PageResult {
    let people = form.count("household[people]").min(MOST_PEOPLE);
    let template = NewPage {
        frame: access::frame(app, actor, visit).await?,
        others: (1..people.max(OTHERS + 1)).collect(),
        communes: communes::communes()
            .iter()
            .map(|c| (c.code, c.name))
            .collect(),
        ties: [
            (FamilyTie::Partner, "Conjoint"),
            (FamilyTie::Child, "Enfant"),
            (FamilyTie::Other, "Autre"),
        ]
        .map(|(tie, word)| Choice::new(tie.as_str(), word))
        .into(),
        kinds: [
            DeviceKind::Laptop,
            DeviceKind::Desktop,
            DeviceKind::Tablet,
            DeviceKind::Smartphone,
            DeviceKind::Monitor,
        ]
        .map(|kind| Choice::new(kind.as_str(), capital(words::kind_label(kind))))
        .into(),
        uses: NeedUse::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), capital(words::use_label(*one))))
            .collect(),
        languages: vec![Choice::new("fr", "Français"), Choice::new("en", "English")],
        channels: [
            (Channel::Text, "SMS"),
            (Channel::Email, "Courriel"),
            (Channel::Letter, "Lettre imprimée ici"),
        ]
        .into_iter()
        .filter(|(channel, _)| *channel != Channel::Text || app.config.mail.sends_texts())
        .map(|(channel, word)| Choice::new(channel.as_str(), word))
        .collect(),
        form,
        answer,
    };
    page_with(status, &template)
}

fn so_far(app: &App, actor: &Actor, form: &FormState) -> Result<Answer> {
    let today = french::local_date(app.clock.now());
    let months = super::steps::policy(app).evidence.valid_months;
    let Some(facts) = facts_so_far(form, today, months) else {
        return Ok(Answer::waiting());
    };
    let decided = actions::preview(app, actor, &facts)?;
    Ok(Answer::of(
        decided.outcome,
        &decided.reasons,
        &decided.missing,
        decided.contribution_cents,
    ))
}

/// Takes any form: the preview looks at what was typed so far.
#[derive(Debug, Deserialize, Validate)]
struct Anything {}

async fn preview(State(app): State<App>, actor: Actor, form: Form<Anything>) -> PageResult {
    let (_, state) = form.read();
    let answer = so_far(&app, &actor, &state)?;
    Ok(Html(answer.render().map_err(Error::internal)?).into_response())
}

async fn file(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<RequestForm>,
) -> PageResult {
    let (input, state) = form.read();
    let today = french::local_date(app.clock.now());
    let months = super::steps::policy(&app).evidence.valid_months;
    let result = match input.and_then(|form| form.into_input(today, months)) {
        Ok(input) => actions::file(&app, &actor, input).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(filed) => {
            let to = format!("/requests/{}", filed.view.reference);
            let flash = Flash::done(format!("Demande {} enregistrée.", filed.view.reference));
            Ok(see_other_saying(&to, &flash, visit.secure))
        }
        Err(error) => {
            let (status, error) = form_status(error)?;
            let answer = so_far(&app, &actor, &state)?;
            new_page(&app, &visit, &actor, state.refused(&error), answer, status).await
        }
    }
}

#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

struct Line {
    reference: String,
    applicant: String,
    need: String,
    tone: Tone,
    status: &'static str,
    filed: String,
}

#[derive(Template)]
#[template(path = "requests/pages/list.html")]
struct ListPage {
    frame: Frame,
    lines: Vec<Line>,
    after: Option<String>,
}

async fn list(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Query(query): Query<After>,
) -> PageResult {
    let cases = actions::caseload(&app, &actor, query.after.as_deref(), LINES).await?;
    let full = cases.len() as u64 == LINES;
    let after = cases
        .last()
        .filter(|_| full)
        .map(|case| case.request.reference.clone());
    let lines = cases
        .into_iter()
        .map(|case| {
            let (tone, status) = status_words(case.status);
            Line {
                need: super::view::need_words(&case.request),
                reference: case.request.reference,
                applicant: case.applicant,
                tone,
                status,
                filed: french::short_date(french::local_date(case.request.filed_at)),
            }
        })
        .collect();
    page(&ListPage {
        frame: access::frame(&app, &actor, &visit).await?,
        lines,
        after,
    })
}

#[derive(Template)]
#[template(path = "requests/pages/show.html")]
struct ShowPage {
    frame: Frame,
    form: FormState,
    view: RequestView,
    tone: Tone,
    status: &'static str,
    answer: Answer,
    need: String,
    people: Vec<String>,
    contact: Vec<(&'static str, String)>,
    filed: String,
    held_until: Option<String>,
    next: &'static str,
    /// The word of the way to its appointment.
    booking: Option<&'static str>,
    can_exchange: bool,
    /// The device to exchange has come back already.
    brought_back: bool,
    can_withdraw: bool,
    /// What withdrawing does, before it is done.
    withdrawing: &'static str,
    withdraw_url: String,
    link_url: String,
    reasons: Vec<Choice>,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
) -> PageResult {
    let opened = actions::open(&app, &actor, &reference).await?;
    let view = opened.view;
    let (tone, status) = status_words(view.status);
    let next = match view.status {
        Status::NeedsReview => {
            "Une personne de la coordination examine la demande. Vous verrez sa réponse ici."
        }
        Status::Waiting => {
            "La demande est dans la file. Le foyer reçoit un message dès qu’un équipement est réservé."
        }
        Status::Held => {
            "Un équipement est réservé\u{a0}: choisissez avec le foyer un lieu et une heure."
        }
        Status::Booked => "Le rendez-vous est pris. Le foyer a reçu son code de retrait.",
        Status::Served => "Le foyer a reçu son équipement.",
        Status::NotEligible => "La décision peut être contestée\u{a0}: voyez la lettre.",
        Status::Withdrawn | Status::Closed => "Cette demande est terminée.",
    };
    let template = ShowPage {
        frame: access::frame(&app, &actor, &visit).await?,
        form: FormState::new(&visit),
        tone,
        status,
        answer: Answer::of(
            view.decision.outcome,
            &view.decision.reasons,
            &view.decision.missing,
            view.decision.contribution_cents,
        ),
        need: super::view::need_words(&opened.request),
        people: people(&opened.file),
        contact: contact(&opened.file),
        filed: french::date(french::local_date(view.filed_at)),
        held_until: view.held.as_ref().map(|held| french::until(held.ends_at)),
        next,
        booking: match view.status {
            Status::Held => Some("Prendre rendez-vous"),
            Status::Booked => Some("Voir le rendez-vous"),
            Status::Served => Some("Voir la prise en main"),
            Status::NeedsReview
            | Status::Waiting
            | Status::NotEligible
            | Status::Withdrawn
            | Status::Closed => None,
        },
        can_exchange: actions::may_exchange(app.db.read(), &opened.request).await?,
        brought_back: view.status == Status::Closed,
        link_url: format!("/requests/{}/link", view.reference),
        withdraw_url: format!("/requests/{}/withdraw", view.reference),
        can_withdraw: matches!(
            view.status,
            Status::NeedsReview | Status::Waiting | Status::Held | Status::Booked
        ),
        withdrawing: match view.status {
            Status::Held => {
                "L’équipement réservé est libre pour un autre foyer et la demande quitte la file. Le foyer est \
                 prévenu. Pour la reprendre, il faudra en déposer une autre."
            }
            Status::Booked => {
                "Le rendez-vous est annulé, l’équipement est libre pour un autre foyer et la demande quitte la file. \
                 Le foyer est prévenu. Pour la reprendre, il faudra en déposer une autre."
            }
            Status::NeedsReview
            | Status::Waiting
            | Status::Served
            | Status::NotEligible
            | Status::Withdrawn
            | Status::Closed => {
                "La demande quitte la file. Pour la reprendre, il faudra en déposer une autre."
            }
        },
        reasons: ReturnReason::ALL
            .iter()
            .map(|r| Choice::new(r.as_str(), r.french()))
            .collect(),
        view,
    };
    page(&template)
}

/// The people of a file as a page says them.
pub(super) fn people(file: &File) -> Vec<String> {
    file.people
        .iter()
        .map(|one| {
            let name = one.name();
            let who = if name.trim().is_empty() {
                tie(one.relation).to_owned()
            } else {
                name
            };
            format!("{who}, né·e le {}", french::date(one.birth_date))
        })
        .collect()
}

const fn tie(relation: FamilyTie) -> &'static str {
    match relation {
        FamilyTie::Applicant => "Demandeur",
        FamilyTie::Partner => "Conjoint",
        FamilyTie::Child => "Enfant",
        FamilyTie::Other => "Autre personne",
    }
}

fn contact(file: &File) -> Vec<(&'static str, String)> {
    let channel = match file.channel {
        Channel::Text => "SMS",
        Channel::Email => "courriel",
        Channel::Letter => "lettre",
    };
    let mut facts = vec![("Joindre par", channel.to_owned())];
    let values = [
        ("Téléphone", &file.phone),
        ("Courriel", &file.email),
        ("Adresse", &file.postal_address),
    ];
    facts.extend(
        values
            .into_iter()
            .filter_map(|(word, value)| Some((word, value.clone()?))),
    );
    let commune = communes::commune_name(&file.commune)
        .unwrap_or(&file.commune)
        .to_owned();
    facts.push(("Commune", commune));
    facts
}

async fn decision_letter(
    State(app): State<App>,
    actor: Actor,
    Path(reference): Path<String>,
) -> PageResult<Response> {
    let opened = actions::open(&app, &actor, &reference).await?;
    let bytes = letter::decision(&app, &opened).await?;
    Ok(crate::web::download::inline(
        bytes,
        "application/pdf",
        &format!("decision-{reference}.pdf"),
    ))
}

async fn exchange(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
    form: Form<ExchangeInput>,
) -> PageResult {
    let input = form.read().0?;
    let filed = actions::exchange(&app, &actor, &reference, input).await?;
    let flash = Flash::done(format!(
        "Échange demandé\u{a0}: la demande {} attend un équipement.",
        filed.view.reference
    ));
    Ok(see_other_saying(
        &format!("/requests/{}", filed.view.reference),
        &flash,
        visit.secure,
    ))
}

async fn send_link(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
    form: Form<crate::access::pages::Empty>,
) -> PageResult {
    form.read().0?;
    actions::send_link(&app, &actor, &reference).await?;
    Ok(see_other_saying(
        &format!("/requests/{reference}"),
        &Flash::done("Un nouveau lien part au foyer ; les précédents ne servent plus."),
        visit.secure,
    ))
}
