//! Whether a report is recent enough: an erasure from before somebody used a medium proves nothing
//! about what they left on it.

use chrono::{DateTime, NaiveDateTime, Utc};
use entities::{device, evidence, medium};
use sea_orm::ConnectionTrait;

use crate::devices;
use crate::devices::medium_event::MediumEvent;
use crate::error::Result;
use crate::workshop::evidence::{Erasure, Reading};
use crate::workshop::proposal::Question;
use crate::workshop::rules::{Reason, Verdict, judge};
use crate::workshop::store;
use crate::workshop::words;

use super::about;

/// What the age of an erasure says of it.
pub(in crate::workshop) enum Age {
    /// Made since the medium came.
    Since,
    /// No evidence.
    TooOld(Reason),
    /// Its own clock says that it was made before the gift: a person knows whether it was made here.
    BeforeDonation,
}

/// The code of the question that [`Age::BeforeDonation`] asks.
pub(in crate::workshop) const BEFORE_DONATION: &str = "before-donation";

/// When a medium last came from somebody who used it.
struct Came {
    at: DateTime<Utc>,
    /// From a household; else from its donor.
    back: bool,
}

/// Holds the time of an erasure against the time at which its medium came.
///
/// After a return nothing is forgiven. A time with a zone is taken at its word; one without is read as
/// UTC, which for a stick set to the time of France is an hour or two later than the truth and never
/// earlier. A stick whose clock is slow costs one more erasure; a day of grace would let the log of the
/// erasure before a short loan through. And what was handed in before the return can't tell of what
/// came after it, whatever clock it carries.
pub(in crate::workshop) async fn age(
    db: &impl ConnectionTrait,
    medium: &medium::Model,
    evidence: &evidence::Model,
    erasure: &Erasure,
) -> Result<Age> {
    let old = |code, text: &str| {
        Ok(Age::TooOld(Reason {
            code,
            text: text.to_owned(),
        }))
    };
    if store::already_used(db, &evidence.sha256, medium.id).await? {
        return old(
            "already-used",
            "Ce fichier a déjà servi pour ce support, qui a été utilisé depuis : effacez-le à nouveau.",
        );
    }
    let Some(came) = came(db, medium).await? else {
        return Ok(Age::Since);
    };
    let ended = erasure
        .ended
        .as_deref()
        .or(erasure.started.as_deref())
        .and_then(moment);
    if !came.back {
        return Ok(match ended {
            Some(ended) if ended < came.at => Age::BeforeDonation,
            _ => Age::Since,
        });
    }
    if store::received_before(db, &evidence.sha256, came.at).await?
        || ended.is_some_and(|ended| ended < came.at)
    {
        return old(
            "before-return",
            "Cet effacement date d’avant le retour de l’équipement : effacez-le à nouveau.",
        );
    }
    if ended.is_none() {
        return old(
            "no-end",
            "Le rapport ne dit pas quand l’effacement a eu lieu : rien ne prouve qu’il suit le retour de l’équipement.",
        );
    }
    Ok(Age::Since)
}

/// The question about an erasure that seems older than the gift.
pub(in crate::workshop) fn before_donation(erasure: &Erasure) -> Question {
    let serial = erasure.serial.text().unwrap_or("sans numéro");
    Question {
        code: BEFORE_DONATION.to_owned(),
        text: format!(
            "D’après l’horloge de l’outil, l’effacement du disque {serial} date d’avant le don. A-t-il bien été fait ici, depuis le don ?"
        ),
        can_confirm: true,
    }
}

/// The erasures of a file that wait for the answer to that question, by their place in the file.
pub(in crate::workshop) async fn asked(
    db: &impl ConnectionTrait,
    media: &[medium::Model],
    evidence: &evidence::Model,
    reading: &Reading,
    policy: crate::workshop::rules::Policy,
) -> Result<Vec<usize>> {
    let mut asked = Vec::new();
    for (n, erasure) in reading.erasures.iter().enumerate() {
        let Some(medium) = about(media, erasure).filter(|medium| medium.open) else {
            continue;
        };
        let good = matches!(
            judge(erasure, &words::facts(medium), policy),
            Verdict::Accepted { .. }
        );
        if good
            && matches!(
                age(db, medium, evidence, erasure).await?,
                Age::BeforeDonation
            )
        {
            asked.push(n);
        }
    }
    Ok(asked)
}

/// Whether a file tells of a device as it was before a household had it.
pub(super) async fn before_return(
    db: &impl ConnectionTrait,
    evidence: &evidence::Model,
    device: &device::Model,
    reading: &Reading,
) -> Result<bool> {
    let Some(returned) = last_return(db, device.id.0).await? else {
        return Ok(false);
    };
    let made = reading.recorded.as_deref().and_then(moment);
    Ok(made.is_some_and(|made| made < returned)
        || store::received_before(db, &evidence.sha256, returned).await?)
}

/// When an item last came back from a household.
async fn last_return(db: &impl ConnectionTrait, item: uuid::Uuid) -> Result<Option<DateTime<Utc>>> {
    let lines = devices::record::lines_of(db, item).await?;
    Ok(lines
        .iter()
        .rev()
        .find(|line| line.event == "returned")
        .map(|line| line.recorded_at))
}

/// By its own return; else by that of the device it was first seen in, or by the gift of it.
async fn came(db: &impl ConnectionTrait, medium: &medium::Model) -> Result<Option<Came>> {
    if let Some(at) = last_return(db, medium.id.0).await? {
        return Ok(Some(Came { at, back: true }));
    }
    let own = devices::record::lines_of(db, medium.id.0).await?;
    let Some(first) = own.first() else {
        return Ok(None);
    };
    let mut came = Came {
        at: first.recorded_at,
        back: false,
    };
    let data = serde_json::from_str(&first.data).unwrap_or_default();
    let Ok(MediumEvent::MediaInventoried {
        device: Some(device),
        ..
    }) = MediumEvent::read(&first.event, &data)
    else {
        return Ok(Some(came));
    };
    let lines = devices::record::lines_of(db, device.0).await?;
    if let Some(line) = lines
        .iter()
        .rev()
        .filter(|line| line.recorded_at <= first.recorded_at)
        .find(|line| line.n == 1 || line.event == "returned")
    {
        came.at = line.recorded_at;
        came.back = line.event == "returned";
    }
    Ok(Some(came))
}

/// A time as tools write it; without a zone it is taken as UTC.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(exact) = DateTime::parse_from_rfc3339(text.trim()) {
        return Some(exact.with_timezone(&Utc));
    }
    naive_moment(text).map(|naive| naive.and_utc())
}

/// A time as the tool wrote it, its zone left aside.
pub(in crate::workshop) fn naive_moment(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
        return Some(exact.naive_local());
    }
    [
        "%Y/%m/%d %H:%M:%S",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
    ]
    .iter()
    .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
}
