//! Whether a device may change hands: every law at once, on plain values.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entities::enums::{AppointmentState, CustodyKind, OnboardingState, RequestStatus, Stage};
use entities::ids::{DeviceId, SiteId};

use super::checklist::Item;
use crate::appointments::rules::same_local_day;
use crate::error::Missing;

/// Misses of the pickup code before it is locked and a new one is sent.
pub(crate) const CODE_MISSES: i32 = 5;

/// Codes sent anew before only the exception is left.
pub(crate) const CODE_RENEWALS: i32 = 3;
/// Minutes after a fifth miss in which no code is looked at.
const CODE_WAIT: TimeDelta = TimeDelta::minutes(15);

/// Whether six digits are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeDoor {
    /// They are.
    Open,
    /// Not before this: somebody has just missed five times.
    Wait(DateTime<Utc>),
    /// No more: every code of this visit was missed five times.
    Shut,
}

/// Whether a pickup code is looked at, after so many renewals, the last one sent then.
pub(crate) fn code_door(
    renewals: i32,
    sent_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> CodeDoor {
    if renewals > CODE_RENEWALS {
        return CodeDoor::Shut;
    }
    match sent_at.map(|sent| sent + CODE_WAIT) {
        Some(until) if renewals > 0 && until > now => CodeDoor::Wait(until),
        _ => CodeDoor::Open,
    }
}

/// What the counter knows before the code is tried.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'a> {
    /// The device scanned.
    pub(crate) device: DeviceId,
    /// How far it is.
    pub(crate) stage: Stage,
    /// Where it is.
    pub(crate) custody: CustodyKind,
    /// At which site.
    pub(crate) site: Option<SiteId>,
    /// The site the venue hands out from.
    pub(crate) venue_site: SiteId,
    /// The device held for the request, if any.
    pub(crate) held: Option<DeviceId>,
    /// Where the request stands.
    pub(crate) request: RequestStatus,
    /// Where the pickup stands.
    pub(crate) appointment: AppointmentState,
    /// When the pickup is.
    pub(crate) starts_at: DateTime<Utc>,
    /// Where the onboarding stands.
    pub(crate) onboarding: OnboardingState,
    /// The household still has the device that this one replaces.
    pub(crate) old_device_out: bool,
    /// The household has as many devices as its period allows.
    pub(crate) quota_reached: bool,
    /// What the household has to pay, in cents.
    pub(crate) contribution_cents: i64,
    /// How it was paid is said.
    pub(crate) means_said: bool,
    /// What was ticked.
    pub(crate) ticked: &'a BTreeMap<String, bool>,
    /// What belongs to the kind.
    pub(crate) checklist: &'a [Item],
}

/// Everything that still stands between the household and its device, the code apart.
pub(crate) fn missing(facts: &Facts<'_>, now: DateTime<Utc>, timezone: Tz) -> Vec<Missing> {
    let mut missing = Vec::new();
    let mut unless = |holds: bool, code: &'static str, words: &str| {
        if !holds {
            missing.push(Missing::new(code, words));
        }
    };
    unless(
        facts.request == RequestStatus::Waiting,
        "request",
        "La demande n’attend pas d’équipement.",
    );
    match facts.held {
        None => unless(
            false,
            "allocation",
            "Aucun équipement n’est réservé pour cette demande.",
        ),
        Some(held) => unless(
            held == facts.device,
            "other-device",
            "Cet équipement n’est pas celui qui est réservé pour cette demande : scannez l’autre étiquette.",
        ),
    }
    unless(
        facts.stage == Stage::Ready,
        "not-ready",
        "L’équipement n’est pas prêt.",
    );
    unless(
        facts.custody == CustodyKind::Site && facts.site == Some(facts.venue_site),
        "device-elsewhere",
        "L’équipement n’est pas enregistré au site de ce lieu d’accueil : réceptionnez-le d’abord.",
    );
    unless(
        matches!(
            facts.appointment,
            AppointmentState::Booked | AppointmentState::Attended
        ),
        "appointment",
        "Le rendez-vous est annulé ou manqué : prenez-en un autre.",
    );
    unless(
        same_local_day(facts.starts_at, now, timezone),
        "pickup-day",
        "Le retrait est prévu un autre jour : déplacez d’abord le rendez-vous.",
    );
    unless(
        matches!(
            facts.onboarding,
            OnboardingState::Booked | OnboardingState::Attended
        ),
        "onboarding",
        "Aucune prise en main n’est prévue ni faite : réservez-en une autre.",
    );
    unless(
        !facts.old_device_out,
        "return-first",
        "L’ancien équipement doit être repris d’abord.",
    );
    unless(
        !facts.quota_reached,
        "quota",
        "Ce foyer a déjà reçu le nombre d’équipements prévu pour la période.",
    );
    for item in facts.checklist.iter().filter(|item| item.compulsory) {
        if facts.ticked.get(&item.key) != Some(&true) {
            unless(
                false,
                "checklist",
                &format!("À remettre avec l’équipement : {}.", item.word),
            );
        }
    }
    unless(
        facts.contribution_cents == 0 || facts.means_said,
        "contribution",
        "Dites comment la contribution est payée.",
    );
    missing
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;
    use entities::enums::DeviceKind;
    use uuid::Uuid;

    use super::*;

    fn facts(ticked: &BTreeMap<String, bool>) -> Facts<'_> {
        let device = DeviceId(Uuid::from_u128(1));
        let site = SiteId(Uuid::from_u128(2));
        Facts {
            device,
            stage: Stage::Ready,
            custody: CustodyKind::Site,
            site: Some(site),
            venue_site: site,
            held: Some(device),
            request: RequestStatus::Waiting,
            appointment: AppointmentState::Booked,
            starts_at: "2027-01-12T13:30:00Z".parse().unwrap(),
            onboarding: OnboardingState::Booked,
            old_device_out: false,
            quota_reached: false,
            contribution_cents: 0,
            means_said: false,
            ticked,
            checklist: crate::handover::checklist::of(DeviceKind::Laptop),
        }
    }

    fn codes(facts: &Facts<'_>, now: &str) -> Vec<String> {
        missing(facts, now.parse().unwrap(), Paris)
            .into_iter()
            .map(|m| m.code.into_owned())
            .collect()
    }

    #[test]
    fn nothing_is_missing_when_all_is_there_at_any_hour_of_the_day() {
        let ticked = BTreeMap::from([("charger".to_owned(), true)]);
        for now in [
            "2027-01-11T23:00:00Z",
            "2027-01-12T08:00:00Z",
            "2027-01-12T22:59:59Z",
        ] {
            assert_eq!(codes(&facts(&ticked), now), Vec::<String>::new(), "{now}");
        }
        for now in ["2027-01-11T22:59:59Z", "2027-01-12T23:00:00Z"] {
            assert_eq!(codes(&facts(&ticked), now), ["pickup-day"], "{now}");
        }
    }

    #[test]
    fn each_need_has_its_word_and_all_are_told_at_once() {
        let none = BTreeMap::new();
        let all = Facts {
            stage: Stage::Refurbishing,
            custody: CustodyKind::Shipment,
            held: Some(DeviceId(Uuid::from_u128(9))),
            request: RequestStatus::Withdrawn,
            appointment: AppointmentState::Cancelled,
            onboarding: OnboardingState::NoShow,
            old_device_out: true,
            quota_reached: true,
            contribution_cents: 2000,
            ..facts(&none)
        };
        let expected = [
            "request",
            "other-device",
            "not-ready",
            "device-elsewhere",
            "appointment",
            "pickup-day",
            "onboarding",
            "return-first",
            "quota",
            "checklist",
            "contribution",
        ];
        assert_eq!(codes(&all, "2027-02-01T10:00:00Z"), expected);
    }

    #[test]
    fn an_onboarding_already_held_is_as_good_as_one_booked() {
        let ticked = BTreeMap::from([("charger".to_owned(), true)]);
        for (state, good) in [
            (OnboardingState::Booked, true),
            (OnboardingState::Attended, true),
            (OnboardingState::NoShow, false),
            (OnboardingState::Cancelled, false),
        ] {
            let facts = Facts {
                onboarding: state,
                ..facts(&ticked)
            };
            assert_eq!(
                codes(&facts, "2027-01-12T10:00:00Z").is_empty(),
                good,
                "{state}"
            );
        }
    }
}
