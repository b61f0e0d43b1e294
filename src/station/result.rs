//! The result of a scan as it is read at arm's length: a word, a colour, the item, the next steps.

use askama::Template;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::devices::event::{EndOfLifeReason, RescueReason, StopReason};
use crate::devices::lifecycle::Action;
use crate::devices::{State, words};
use crate::error::{Error, Result};
use crate::french;
use crate::station::actions::{Fate, Outcome};
use crate::web::frame::{Choice, Tone};

/// One step that the scanner can take next.
#[derive(Clone, Debug)]
pub(super) struct Step {
    action: &'static str,
    word: &'static str,
    class: &'static str,
    reasons: Vec<Choice>,
}

/// A page where a missing need is met.
#[derive(Clone, Debug)]
pub(super) struct Way {
    href: String,
    word: &'static str,
}

/// The block that shows one result.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "station/pages/result.html")]
pub(super) struct ResultBlock {
    tone: Tone,
    /// What is shouted.
    pub(super) word: String,
    code: String,
    grouped: String,
    name: String,
    lines: Vec<String>,
    missing: Vec<String>,
    steps: Vec<Step>,
    ways: Vec<Way>,
    undo: bool,
    csrf: String,
    /// Where its forms post.
    url: String,
}

impl ResultBlock {
    /// Before the first scan.
    pub(super) fn ready(what: &str) -> Self {
        Self {
            word: "Scannez une étiquette".to_owned(),
            lines: vec![what.to_owned()],
            ..Self::default()
        }
    }

    /// The result of a scan.
    pub(super) fn of(
        fate: &Fate,
        action: Option<Action>,
        csrf: &str,
        url: &str,
        now: DateTime<Utc>,
    ) -> Self {
        let mut block = Self {
            csrf: csrf.to_owned(),
            url: url.to_owned(),
            ..Self::default()
        };
        block.say(fate, action, now);
        block.show(fate);
        block
    }

    /// A refusal without a fate: malformed, busy, an id used before.
    pub(super) fn refused(error: &Error, csrf: &str, url: &str) -> Self {
        let problem = crate::web::problem::body(error);
        Self {
            tone: Tone::Refused,
            word: refusal(&problem).to_owned(),
            lines: detail(&problem).into_iter().collect(),
            csrf: csrf.to_owned(),
            url: url.to_owned(),
            ..Self::default()
        }
    }

    /// The block as HTML.
    pub(super) fn html(&self) -> Result<String> {
        self.render().map_err(Error::internal)
    }

    fn say(&mut self, fate: &Fate, action: Option<Action>, now: DateTime<Utc>) {
        let done = action.map_or_else(String::new, |a| words::capital(words::done(a)));
        match fate.outcome {
            Outcome::AlreadyRecorded if fate.was_here && action == Some(Action::Receive) => {
                self.tone = Tone::Already;
                "Déjà ici".clone_into(&mut self.word);
            }
            Outcome::Recorded => {
                self.tone = Tone::Done;
                self.word = done;
            }
            Outcome::AlreadyRecorded => {
                self.tone = Tone::Already;
                "Déjà fait".clone_into(&mut self.word);
                let when = fate
                    .event
                    .as_ref()
                    .map(|e| french::ago(e.line.recorded_at, now));
                self.lines
                    .push(format!("{done}, {}.", when.unwrap_or_default()));
            }
            Outcome::Shown => {
                self.tone = Tone::Shown;
                if let Some(row) = &fate.row {
                    self.word = words::capital(words::status(State::of(row).status()));
                }
            }
            Outcome::Refused => {
                let problem = fate.problem.clone().unwrap_or_default();
                self.tone = Tone::Refused;
                refusal(&problem).clone_into(&mut self.word);
                self.lines.extend(detail(&problem));
                self.need(&problem["missing"]);
                for fault in problem["errors"].as_array().into_iter().flatten() {
                    self.lines
                        .extend(fault["detail"].as_str().map(str::to_owned));
                }
            }
        }
        if fate.occurred_at_adjusted {
            self.lines.push(
                "L’heure de cet appareil n’est pas juste : celle du service a été gardée."
                    .to_owned(),
            );
        }
    }

    fn need(&mut self, missing: &Value) {
        for item in missing.as_array().into_iter().flatten() {
            self.missing
                .extend(item["detail"].as_str().map(str::to_owned));
        }
    }

    fn show(&mut self, fate: &Fate) {
        let (Some(row), Some(view)) = (&fate.row, &fate.device) else {
            return;
        };
        self.code.clone_from(&row.code);
        self.grouped = words::grouped(&row.code);
        self.name = words::name(row);
        for medium in view.media.iter().flatten() {
            let size = medium
                .capacity_bytes
                .and_then(|b| u64::try_from(b).ok())
                .map(|b| format!(" · {}", french::bytes(b)));
            let serial = medium.serial.as_deref().map(|s| format!(" {s}"));
            self.lines.push(format!(
                "{}{}{} : {}",
                words::capital(words::medium(medium.kind)),
                serial.unwrap_or_default(),
                size.unwrap_or_default(),
                if medium.open { "à effacer" } else { "effacé" },
            ));
        }
        for next in &fate.next_actions {
            if !next.allowed {
                if self.missing.is_empty() && fate.outcome != Outcome::Refused {
                    self.missing
                        .extend(next.missing.iter().map(|m| m.detail.clone()));
                }
                continue;
            }
            if let Some(reasons) = reasons(next.action) {
                self.steps.push(Step {
                    action: next.action.as_str(),
                    word: words::action(next.action),
                    class: "button step",
                    reasons,
                });
            }
        }
        if let Some(first) = self.steps.iter_mut().find(|s| s.reasons.is_empty()) {
            first.class = "button primary step";
        }
        self.find_ways(fate);
        self.undo = fate.outcome == Outcome::Recorded
            && fate
                .next_actions
                .iter()
                .any(|next| next.action == Action::Undo);
    }

    /// Where what is missing is met: of the refusal first, else of the steps that are not allowed yet.
    fn find_ways(&mut self, fate: &Fate) {
        let refused: Vec<String> = fate
            .problem
            .iter()
            .flat_map(|p| p["missing"].as_array().cloned().unwrap_or_default())
            .filter_map(|m| m["code"].as_str().map(str::to_owned))
            .collect();
        let later = fate
            .next_actions
            .iter()
            .filter(|n| !n.allowed)
            .flat_map(|n| n.missing.iter().map(|m| m.code.to_string()));
        for code in refused.into_iter().chain(later) {
            let Some((page, word)) = words::remedy(&code) else {
                continue;
            };
            let href = format!("/devices/{}/{page}", self.code);
            if !self.ways.iter().any(|w| w.href == href) {
                self.ways.push(Way { href, word });
            }
        }
    }
}

/// The reasons of a step taken at the station, none for one that needs no reason; steps that end something are taken
/// on the device's own page, where their consequence is said.
fn reasons(action: Action) -> Option<Vec<Choice>> {
    match action {
        Action::StopSanitisation => Some(choices(StopReason::ALL, |r| (r.as_str(), r.french()))),
        Action::Rescue => Some(choices(RescueReason::ALL, |r| (r.as_str(), r.french()))),
        Action::Receive
        | Action::StartSanitisation
        | Action::ConfirmSanitisation
        | Action::StartRefurbishment
        | Action::MakeReady
        | Action::Find => Some(Vec::new()),
        Action::Move
        | Action::Reopen
        | Action::AgreeToWipe
        | Action::DeclareEndOfLife
        | Action::DeclareMissing
        | Action::Undo
        | Action::Return => None,
    }
}

/// The reasons that an action asks for on a device's page; none for an action without.
pub(crate) fn all_reasons(action: Action) -> Vec<Choice> {
    match action {
        Action::DeclareEndOfLife => choices(EndOfLifeReason::ALL, |r| (r.as_str(), r.french())),
        Action::Return => choices(crate::devices::event::ReturnReason::ALL, |r| {
            (r.as_str(), r.french())
        }),
        Action::StopSanitisation | Action::Rescue => reasons(action).unwrap_or_default(),
        Action::Receive
        | Action::Move
        | Action::StartSanitisation
        | Action::ConfirmSanitisation
        | Action::StartRefurbishment
        | Action::MakeReady
        | Action::Reopen
        | Action::DeclareMissing
        | Action::Find
        | Action::AgreeToWipe
        | Action::Undo => Vec::new(),
    }
}

fn choices<R: Copy>(all: &[R], words: impl Fn(R) -> (&'static str, &'static str)) -> Vec<Choice> {
    all.iter()
        .map(|r| {
            let (value, word) = words(*r);
            Choice::new(value, word)
        })
        .collect()
}

fn detail(problem: &Value) -> Option<String> {
    problem["detail"].as_str().map(str::to_owned)
}

/// The code of a stored problem.
fn code(problem: &Value) -> &str {
    problem["type"]
        .as_str()
        .and_then(|t| t.rsplit('/').next())
        .unwrap_or_default()
}

/// A refusal in two or three words.
pub(super) fn refusal(problem: &Value) -> &'static str {
    match code(problem) {
        "unknown-code" => "Code inconnu",
        "wrong-check-character" => "Code mal lu",
        "forbidden" => "Pas votre rôle",
        "site-foreign" => "Pas votre site",
        "not-a-workshop" => "Pas en atelier",
        "wrong-state" => "Pas à cette étape",
        "wrong-place" => "Pas ici",
        "not-sanitised" => "Pas effacé",
        "not-ready" => "Pas encore prêt",
        "held" => "Réservé",
        "frozen" => "Bloqué",
        "wipe-refused" => "Foyer pas d’accord",
        "nothing-to-undo" => "Rien à annuler",
        "one-person-two-steps" => "À deux",
        "invalid" => "Il manque un choix",
        "stale" | "busy" => "À rescanner",
        _ => "Refusé",
    }
}
