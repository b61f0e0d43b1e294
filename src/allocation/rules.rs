//! The match, on plain values: same inputs, same pairs, whatever the order they come in.
//!
//! The queue: greater weight of the use first (policy), then the request filed earlier, then the smaller id. Each
//! takes, of the devices of its kind that are left, the best grade if its use calls for one (policy), else the
//! plainest, so that good ones stay for who needs them; then the one that has been ready longest, then the smaller
//! id. A screen that accompanies a desktop waits until the desktop has its device.

mod hold;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use entities::enums::{CustodyKind, DeviceKind, Grade, NeedUse, RequestStatus, Stage};
use entities::ids::{AccountId, DeviceId, RequestId};
use serde::{Deserialize, Serialize};

use crate::{
    error::Missing,
    french,
    requests::{
        rules::Reason,
        words::{kind_label, use_label},
    },
};

pub use self::hold::{Hold, hold, hold_ends_at};

const QUOTA_REACHED: &str = "Ce foyer a déjà reçu le nombre d’équipements prévu pour la période\u{a0}: une personne de la \
     coordination doit décider que le besoin est distinct.";

const WAITS_FOR_DESKTOP: &str = "L’écran suit l’ordinateur fixe, qui n’est pas encore attribué.";

/// What the match needs of a device. No serial, no code: runs are frozen and read by auditors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceFacts {
    /// Which.
    pub id: DeviceId,
    /// What it is.
    pub kind: DeviceKind,
    /// How far.
    pub stage: Stage,
    /// Where.
    pub custody: CustodyKind,
    /// For whom it is held already.
    pub held_for: Option<RequestId>,
    /// Disputed: nothing moves until settled.
    pub frozen: bool,
    /// Its grade.
    pub grade: Option<Grade>,
    /// Since when it is ready.
    pub ready_since: DateTime<Utc>,
}

/// What the match needs of a request. No name, no figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestFacts {
    /// Which.
    pub id: RequestId,
    /// Kind asked for.
    pub kind: DeviceKind,
    /// What for.
    pub need_use: NeedUse,
    /// Where it stands.
    pub status: RequestStatus,
    /// It holds a device already.
    pub holds_device: bool,
    /// Weight in the queue, as the policy gave it when it was decided.
    pub weight: i64,
    /// When it was filed: a review costs nobody their place.
    pub filed_at: DateTime<Utc>,
    /// The human who approved it; none when the policy did.
    pub approved_by: Option<AccountId>,
    /// The desktop this screen goes with.
    pub companion: Option<Companion>,
    /// Its household has as many devices as its period allows, and nobody decided that its need is a distinct one.
    pub over_quota: bool,
}

/// The desktop of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Companion {
    /// Its request.
    pub of: RequestId,
    /// Whether that one holds or has received its device.
    pub has_device: bool,
}

/// What a run found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// By rank.
    pub pairs: Vec<Pair>,
    /// By rank.
    pub unserved: Vec<Unserved>,
}

/// A device for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// For whom.
    pub request: RequestId,
    /// Which.
    pub device: DeviceId,
    /// Place in the queue, from 1.
    pub rank: usize,
    /// Why this request now, and why this device.
    pub reasons: Vec<Reason>,
}

/// A request that goes on waiting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unserved {
    /// Who.
    pub request: RequestId,
    /// Place in the queue, from 1.
    pub rank: usize,
    /// `no-device-of-kind`, `no-device-left`, `waits-for-desktop` or `quota-reached`.
    pub missing: Vec<Missing>,
}

/// Pairs the requests that wait with the devices that are free; whatever else is passed in is left alone.
pub fn run(requests: &[RequestFacts], devices: &[DeviceFacts], best_grade_for: &[NeedUse]) -> Run {
    let mut queue = requests.iter().filter(|one| waits(one)).collect::<Vec<_>>();
    queue.sort_by_key(|one| (Reverse(one.weight), one.filed_at, one.id));
    queue.dedup_by_key(|one| one.id);
    let mut ranked = queue.into_iter().zip(1..).collect::<Vec<_>>();
    // a kind knows nothing of the others, but for screens: their desktops come first
    ranked.sort_by_key(|(one, rank)| (one.kind == DeviceKind::Monitor, *rank));

    let mut left = devices
        .iter()
        .filter(|one| is_free(one))
        .collect::<Vec<_>>();
    left.sort_by_key(|one| (one.ready_since, one.id));
    left.dedup_by_key(|one| one.id);
    let ready = left.clone();
    let mut result = Run::default();
    for (request, rank) in ranked {
        match choose(request, &mut left, &result, best_grade_for) {
            Some((device, best)) => result.pairs.push(Pair {
                request: request.id,
                device: device.id,
                rank,
                reasons: vec![rank_reason(request, rank), device_reason(device, best)],
            }),
            None => result.unserved.push(Unserved {
                request: request.id,
                rank,
                missing: vec![lack(request, &ready, &result)],
            }),
        }
    }
    result.pairs.sort_by_key(|one| one.rank);
    result.unserved.sort_by_key(|one| one.rank);
    result
}

/// Takes the device of a request out of those left; says whether the best grade was wanted.
fn choose<'a>(
    request: &RequestFacts,
    left: &mut Vec<&'a DeviceFacts>,
    so_far: &Run,
    best_grade_for: &[NeedUse],
) -> Option<(&'a DeviceFacts, bool)> {
    if request.over_quota || !desktop_is_served(request, so_far) {
        return None;
    }
    let best = best_grade_for.contains(&request.need_use);
    let fits = left
        .iter()
        .enumerate()
        .filter(|(_, one)| one.kind == request.kind);
    // A sorts before B, and none after all; the first of equals is the one ready longest
    let grade = |one: &DeviceFacts| (one.grade.is_none(), one.grade);
    let (index, _) = if best {
        fits.min_by_key(|(_, one)| grade(one))
    } else {
        fits.rev()
            .max_by_key(|(_, one)| (one.grade.is_some(), one.grade))
    }?;
    Some((left.remove(index), best))
}

fn waits(request: &RequestFacts) -> bool {
    request.status == RequestStatus::Waiting && !request.holds_device
}

fn is_free(device: &DeviceFacts) -> bool {
    device_lacks(device).is_empty() && device.held_for.is_none()
}

fn desktop_is_served(request: &RequestFacts, so_far: &Run) -> bool {
    request.companion.is_none_or(|desktop| {
        desktop.has_device || so_far.pairs.iter().any(|pair| pair.request == desktop.of)
    })
}

fn rank_reason(request: &RequestFacts, rank: usize) -> Reason {
    Reason::new(
        "rank",
        format!(
            "Rang {rank}\u{a0}: {} (poids {}), demande du {}.",
            use_label(request.need_use),
            request.weight,
            french::date(french::local_date(request.filed_at)),
        ),
    )
}

fn device_reason(device: &DeviceFacts, best: bool) -> Reason {
    let since = french::date(french::local_date(device.ready_since));
    let grade = device
        .grade
        .map_or_else(String::new, |grade| format!(", grade {grade}"));
    let (code, why) = if best {
        (
            "best_grade",
            "le meilleur grade disponible, car l’usage le demande",
        )
    } else {
        (
            "plainest_grade",
            "le grade le plus simple qui convient, puis le plus ancien",
        )
    };
    let mut kind = String::from(kind_label(device.kind));
    if let Some(first) = kind.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Reason::new(
        code,
        format!("{kind}{grade}, prêt depuis le {since}\u{a0}: {why}."),
    )
}

fn lack(request: &RequestFacts, ready: &[&DeviceFacts], so_far: &Run) -> Missing {
    if request.over_quota {
        return Missing::new("quota-reached", QUOTA_REACHED);
    }
    if !desktop_is_served(request, so_far) {
        return Missing::new("waits-for-desktop", WAITS_FOR_DESKTOP);
    }
    let kind = kind_label(request.kind);
    match ready.iter().filter(|one| one.kind == request.kind).count() {
        0 => Missing::new(
            "no-device-of-kind",
            format!("Aucun équipement prêt de type «\u{a0}{kind}\u{a0}»."),
        ),
        count => Missing::new(
            "no-device-left",
            format!(
                "Équipements prêts de type «\u{a0}{kind}\u{a0}»\u{a0}: {count}, tous attribués à des demandes mieux \
                 placées."
            ),
        ),
    }
}

/// What a device lacks to be held by anybody: codes and sentences.
fn device_lacks(device: &DeviceFacts) -> Vec<(&'static str, &'static str)> {
    let mut lacks = Vec::new();
    if device.stage != Stage::Ready {
        lacks.push(("not-ready", "L’équipement n’est pas prêt."));
    }
    let elsewhere = match device.custody {
        CustodyKind::Site | CustodyKind::Shipment => None,
        CustodyKind::Household => Some("L’équipement est déjà dans un foyer."),
        CustodyKind::Missing => Some("L’équipement est signalé manquant."),
        CustodyKind::Gone => Some("L’équipement a quitté la filière."),
    };
    lacks.extend(elsewhere.map(|text| ("wrong-place", text)));
    if device.frozen {
        lacks.push((
            "frozen",
            "L’équipement est gelé tant que le litige n’est pas réglé.",
        ));
    }
    lacks
}
