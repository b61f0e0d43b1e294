//! What a scan asks for, decided on plain values.

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::{CustodyKind, Role};
use entities::ids::SiteId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::devices::event::{EndOfLifeReason, RescueReason, ReturnReason, StopReason};
use crate::devices::lifecycle::{self, Action, NextAction};
use crate::devices::{Event, State};
use crate::error::{Error, Missing, Result};

/// How far ahead of ours a client's clock may go.
pub(crate) const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Most scans in one batch.
pub(crate) const BATCH: usize = 500;

/// One scan as it is sent.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScanInput {
    /// Made by the client; the same again is the same scan.
    #[schemars(with = "Option<String>")]
    pub(crate) scan_id: Option<Uuid>,
    /// The label, in any reading.
    #[validate(length(min = 1, max = 200, message = "Scannez ou tapez un code."))]
    pub(crate) code: String,
    /// What is asked; none shows.
    pub(crate) action: Option<Action>,
    /// Where one stands; by default the site of the session or account.
    #[validate(length(max = 80, message = "Site inconnu."))]
    pub(crate) site: Option<String>,
    /// When it is said to have happened; by default now.
    #[schemars(with = "Option<String>")]
    pub(crate) occurred_at: Option<DateTime<Utc>>,
    /// What the action asks for.
    pub(crate) data: Option<ScanData>,
}

/// What some actions ask for. No free text.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScanData {
    /// A word of the action's closed list.
    pub(crate) reason: Option<String>,
    /// At a return: may the household's data be wiped?
    pub(crate) may_wipe: Option<bool>,
    /// Witness code of the second person, where one is asked for; a program may bring their API token.
    pub(crate) second: Option<String>,
}

/// The name of the event that an action records.
pub(crate) const fn event_name(action: Action) -> &'static str {
    match action {
        Action::Receive | Action::Move => "moved",
        Action::StartSanitisation => "sanitisation_started",
        Action::StopSanitisation => "sanitisation_stopped",
        Action::ConfirmSanitisation => "sanitised",
        Action::StartRefurbishment => "refurbishment_started",
        Action::MakeReady => "made_ready",
        Action::Reopen => "reopened",
        Action::DeclareEndOfLife => "end_of_life_declared",
        Action::Rescue => "rescued",
        Action::DeclareMissing => "declared_missing",
        Action::Find => "found",
        Action::AgreeToWipe => "wiping_agreed",
        Action::Undo => "undone",
        Action::Return => "returned",
    }
}

/// What an action does to the device, beyond the lifecycle's own table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// One event.
    Record(Event),
    /// The hold is lost first, then nobody knows where it is.
    Missing,
    /// One's own last event is taken back.
    Undo,
    /// The household gives it back.
    Return {
        /// Why.
        reason: ReturnReason,
        /// May its data be wiped?
        may_wipe: bool,
    },
}

/// Reads what a scan asks for.
///
/// # Errors
/// A field error at `#/data/…` for a reason that is missing or in no list.
pub(crate) fn ask(action: Action, data: &ScanData, site: SiteId) -> Result<Ask> {
    let event = match action {
        Action::Receive | Action::Move => Event::Moved { site },
        Action::StartSanitisation => Event::SanitisationStarted {},
        Action::StopSanitisation => Event::SanitisationStopped {
            reason: reason(
                data,
                StopReason::parse,
                &words(
                    StopReason::ALL,
                    super::super::devices::event::StopReason::as_str,
                ),
            )?,
        },
        Action::ConfirmSanitisation => Event::Sanitised {},
        Action::StartRefurbishment => Event::RefurbishmentStarted {},
        Action::MakeReady => Event::MadeReady { seconded_by: None },
        Action::Reopen => Event::Reopened {},
        Action::DeclareEndOfLife => Event::EndOfLifeDeclared {
            reason: reason(
                data,
                EndOfLifeReason::parse,
                &words(
                    EndOfLifeReason::ALL,
                    super::super::devices::event::EndOfLifeReason::as_str,
                ),
            )?,
            seconded_by: None,
        },
        Action::Rescue => Event::Rescued {
            reason: reason(
                data,
                RescueReason::parse,
                &words(
                    RescueReason::ALL,
                    super::super::devices::event::RescueReason::as_str,
                ),
            )?,
        },
        Action::DeclareMissing => return Ok(Ask::Missing),
        Action::Find => Event::Found { site },
        Action::AgreeToWipe => Event::WipingAgreed {},
        Action::Undo => return Ok(Ask::Undo),
        Action::Return => {
            return Ok(Ask::Return {
                reason: reason(
                    data,
                    ReturnReason::parse,
                    &words(
                        ReturnReason::ALL,
                        super::super::devices::event::ReturnReason::as_str,
                    ),
                )?,
                may_wipe: data.may_wipe.ok_or_else(|| {
                    Error::field(
                        "#/data/may_wipe",
                        "Demandez au foyer si ses données peuvent être effacées.",
                    )
                })?,
            });
        }
    };
    Ok(Ask::Record(event))
}

fn words<R: Copy>(all: &[R], word: impl Fn(R) -> &'static str) -> String {
    all.iter().map(|r| word(*r)).collect::<Vec<_>>().join(", ")
}

fn reason<R>(data: &ScanData, parse: impl Fn(&str) -> Option<R>, list: &str) -> Result<R> {
    match data.reason.as_deref() {
        None => Err(Error::field(
            "#/data/reason",
            format!("Donnez une raison : {list}."),
        )),
        Some(word) => parse(word).ok_or_else(|| {
            Error::field(
                "#/data/reason",
                format!("Raison inconnue. Attendu : {list}."),
            )
        }),
    }
}

/// Whether an action is only done in a workshop.
pub(crate) const fn needs_workshop(action: Action) -> bool {
    matches!(action, Action::StartSanitisation)
}

/// Refuses a step at a device that is on the books of another site: whoever holds it receives it first.
/// Receiving, finding, taking back, declaring missing, noting what a household says and undoing are done from wherever one stands.
///
/// # Errors
/// `wrong-place` with `receive-first`.
pub(crate) fn must_be_here(
    action: Action,
    custody: CustodyKind,
    device_site: Option<SiteId>,
    here: SiteId,
) -> Result<()> {
    if may_be_done_here(action, custody, device_site, here) {
        return Ok(());
    }
    Err(Error::missing(
        "wrong-place",
        "L’équipement est inscrit sur un autre site.",
        vec![receive_first()],
    ))
}

fn may_be_done_here(
    action: Action,
    custody: CustodyKind,
    device_site: Option<SiteId>,
    here: SiteId,
) -> bool {
    let anywhere = matches!(
        action,
        Action::Receive
            | Action::Move
            | Action::Find
            | Action::Return
            | Action::DeclareMissing
            | Action::AgreeToWipe
            | Action::Undo
    );
    anywhere || custody != CustodyKind::Site || device_site == Some(here)
}

/// The site where somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Here {
    /// Which.
    pub(crate) site: SiteId,
    /// Whether it is a workshop.
    pub(crate) workshop: bool,
}

impl Here {
    /// A site as somebody stands at it.
    pub(crate) fn at(site: &entities::site::Model) -> Self {
        Self {
            site: site.id,
            workshop: site.kind == entities::enums::SiteKind::Workshop,
        }
    }
}

/// Whether a device is at a site already: then nobody receives it there.
pub(crate) fn is_at(state: &State, site: SiteId) -> bool {
    state.custody == CustodyKind::Site && state.site == Some(site)
}

/// What a role can do next with a device where they stand: the lifecycle's answer, and what the place wants. What is
/// allowed here is what the next scan records.
pub(crate) fn next_actions(
    state: &State,
    role: Role,
    here: Option<Here>,
    outside: &[Missing],
) -> Vec<NextAction> {
    let mut next = lifecycle::next_actions(state, role, outside);
    let Some(here) = here else {
        return next;
    };
    next.retain(|n| n.action != Action::Receive || !is_at(state, here.site));
    for one in &mut next {
        if needs_workshop(one.action) && !here.workshop {
            one.missing.insert(
                0,
                Missing::new("not-a-workshop", "Cela ne se fait que dans un atelier."),
            );
        }
        if !may_be_done_here(one.action, state.custody, state.site, here.site) {
            one.missing.insert(0, receive_first());
        }
        one.allowed = one.missing.is_empty();
    }
    next.sort_by_key(|n| !n.allowed);
    next
}

fn receive_first() -> Missing {
    Missing::new("receive-first", "Réceptionnez-le d’abord ici.")
}

/// A claimed moment, brought within what can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The moment that is kept.
    pub(crate) occurred: DateTime<Utc>,
    /// Another one was claimed.
    pub(crate) adjusted: bool,
}

/// Bounds a claimed moment: not before the device got its label, not ahead of now by more than [`AHEAD`].
pub(crate) fn claim(
    claimed: Option<DateTime<Utc>>,
    registered: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Claim {
    let at = crate::clock::to_millisecond(claimed.unwrap_or(now));
    let occurred = if at > now + AHEAD {
        now
    } else {
        at.max(registered.min(now))
    };
    Claim {
        occurred,
        adjusted: occurred != at,
    }
}

/// Whether a refusal is the scan's fate: kept, and answered again to a replay. What may pass at the next try
/// (somebody was faster, busy, broken) is not.
pub(crate) const fn is_fate(error: &Error) -> bool {
    match error {
        Error::NotFound(_)
        | Error::UnknownCode
        | Error::WrongCheckCharacter
        | Error::Forbidden(_)
        | Error::Invalid(_)
        | Error::Refused { .. } => true,
        Error::SignedOut
        | Error::Unreadable(_)
        | Error::Stale(_)
        | Error::TooMany(_)
        | Error::Busy
        | Error::Setup(_)
        | Error::Internal(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 24, hour, minute, 0).unwrap()
    }

    #[test]
    fn a_claim_is_kept_between_registration_and_a_little_ahead() {
        let claim_at = |claimed| claim(Some(claimed), at(8, 0), at(9, 0));
        assert_eq!(claim_at(at(8, 30)).occurred, at(8, 30));
        assert!(!claim_at(at(9, 5)).adjusted);
        assert_eq!(
            (claim_at(at(9, 6)).occurred, claim_at(at(9, 6)).adjusted),
            (at(9, 0), true)
        );
        assert_eq!(
            (claim_at(at(7, 0)).occurred, claim_at(at(7, 0)).adjusted),
            (at(8, 0), true)
        );
    }

    #[test]
    fn a_reason_comes_from_its_closed_list() {
        let site = SiteId(Uuid::nil());
        let with = |reason: Option<&str>| ScanData {
            reason: reason.map(str::to_owned),
            ..ScanData::default()
        };
        assert!(ask(Action::StopSanitisation, &with(Some("disk_faulty")), site).is_ok());
        for wrong in [None, Some("parce que")] {
            let error = ask(Action::StopSanitisation, &with(wrong), site).unwrap_err();
            assert!(
                matches!(error, Error::Invalid(faults) if faults[0].pointer == "#/data/reason")
            );
        }
    }

    #[test]
    fn only_who_holds_a_device_steps_on() {
        let (here, there) = (SiteId(Uuid::nil()), SiteId(Uuid::max()));
        let refused = |action| must_be_here(action, CustodyKind::Site, Some(there), here).is_err();
        assert!(refused(Action::StartSanitisation));
        assert!(!refused(Action::Receive));
        assert!(must_be_here(Action::MakeReady, CustodyKind::Site, Some(here), here).is_ok());
        // What is said to be allowed is what such a scan does.
        let state = State::born(entities::enums::DeviceKind::Laptop, there);
        for workshop in [true, false] {
            for site in [here, there] {
                let standing = Some(Here { site, workshop });
                for next in next_actions(&state, Role::Refurbisher, standing, &[]) {
                    let action = next.action;
                    let placed = must_be_here(action, state.custody, state.site, site).is_ok();
                    let suits = workshop || !needs_workshop(action);
                    assert!(!next.allowed || (placed && suits), "{action:?}");
                    assert!(action != Action::Receive || site == here);
                }
            }
        }
    }

    #[test]
    fn what_may_pass_at_the_next_try_is_no_fate() {
        assert!(is_fate(&Error::UnknownCode));
        assert!(!is_fate(&Error::Busy));
        assert!(!is_fate(&Error::Stale("device")));
    }
}
