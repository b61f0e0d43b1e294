//! The journal of a device as a story: sentences by day, the newest first.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entities::custody_event;
use entities::enums::Role;
use sea_orm::ConnectionTrait;

use crate::access::{self, Actor};
use crate::desk::store::{self, Names};
use crate::devices::event::Event;
use crate::devices::{journal, words};
use crate::error::Result;
use crate::french;
use crate::web::frame::Tone;

/// One day of a story.
#[derive(Clone, Debug)]
pub(super) struct Day {
    pub(super) word: String,
    pub(super) entries: Vec<Entry>,
}

/// One sentence of a story.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) tone: Tone,
    pub(super) iso: String,
    pub(super) time: String,
    pub(super) sentence: String,
    pub(super) who: String,
}

/// Tells the lines of a device to an actor. A colleague is named; somebody of another organisation is a role there.
pub(super) async fn tell(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lines: &[custody_event::Model],
    now: DateTime<Utc>,
) -> Result<Vec<Day>> {
    let mut told = Vec::with_capacity(lines.len());
    for line in lines {
        let data = serde_json::from_str(&line.data).map_err(crate::error::Error::internal)?;
        let event = Event::read(&line.event, &data).map_err(crate::error::Error::internal)?;
        told.push((line, event));
    }
    let colleagues = lines
        .iter()
        .filter(|l| l.actor_organisation == Some(actor.organisation))
        .filter_map(|l| l.actor_account);
    let names = store::names(
        db,
        colleagues.collect(),
        lines.iter().filter_map(|l| l.actor_organisation).collect(),
        told.iter()
            .filter_map(|(_, event)| site_of(event))
            .collect::<BTreeSet<_>>(),
    )
    .await?;
    let today = french::local_date(now);
    let mut days: Vec<(NaiveDate, Day)> = Vec::new();
    for (line, event) in told.iter().rev() {
        let day = french::local_date(line.occurred_at);
        let entry = entry(line, event, &names, actor);
        match days.last_mut() {
            Some((last, at)) if *last == day => at.entries.push(entry),
            Some(_) | None => days.push((
                day,
                Day {
                    word: day_word(day, today),
                    entries: vec![entry],
                },
            )),
        }
    }
    Ok(days.into_iter().map(|(_, day)| day).collect())
}

fn day_word(day: NaiveDate, today: NaiveDate) -> String {
    let date = words::capital(&french::weekday_date(day));
    if day == today {
        format!("Aujourd’hui, {}", french::weekday_date(day))
    } else {
        date
    }
}

fn entry(line: &custody_event::Model, event: &Event, names: &Names, actor: &Actor) -> Entry {
    let mut sentence = words::capital(&words::event(event));
    if let Some(site) = site_of(event).and_then(|id| names.sites.get(&id)) {
        sentence.push_str(" · ");
        sentence.push_str(&site.name);
    }
    Entry {
        tone: tone(event),
        iso: journal::moment(line.occurred_at),
        time: french::time(line.occurred_at),
        sentence,
        who: who(line, names, actor),
    }
}

fn who(line: &custody_event::Model, names: &Names, actor: &Actor) -> String {
    let role = match line.actor_role.as_str() {
        "clock" => "automatiquement".to_owned(),
        "household" => "par le foyer".to_owned(),
        word => word
            .parse::<Role>()
            .map_or_else(|_| word.to_owned(), |r| access::role_word(r).to_owned()),
    };
    // An auditor reads proof without personal data.
    let colleague = line
        .actor_account
        .filter(|_| actor.role != Role::Auditor)
        .and_then(|id| names.accounts.get(&id))
        .map(|a| a.display_name.clone());
    let organisation = line
        .actor_organisation
        .and_then(|id| names.organisations.get(&id));
    match (colleague, organisation) {
        (Some(name), _) => format!("{name}, {}", role.to_lowercase()),
        (None, Some(organisation)) => format!("{role}, {organisation}"),
        (None, None) => role,
    }
}

const fn site_of(event: &Event) -> Option<entities::ids::SiteId> {
    match event {
        Event::Registered { site, .. }
        | Event::Returned { site, .. }
        | Event::Received { site, .. }
        | Event::Moved { site }
        | Event::Found { site } => Some(*site),
        Event::SanitisationStarted {}
        | Event::Sanitised {}
        | Event::SanitisationStopped { .. }
        | Event::RefurbishmentStarted {}
        | Event::MadeReady { .. }
        | Event::Reopened {}
        | Event::MediumFound { .. }
        | Event::EndOfLifeDeclared { .. }
        | Event::Rescued { .. }
        | Event::Allocated { .. }
        | Event::Released { .. }
        | Event::HandedOver { .. }
        | Event::Dispatched { .. }
        | Event::DeclaredMissing { .. }
        | Event::Recycled { .. }
        | Event::MediaInventoried { .. }
        | Event::MediumRemoved { .. }
        | Event::MediumUnlisted { .. }
        | Event::WipingAgreed {}
        | Event::MediumFitted { .. }
        | Event::MediumSanitised { .. }
        | Event::Checked { .. }
        | Event::Graded { .. }
        | Event::Relabelled { .. }
        | Event::Disputed {}
        | Event::Settled { .. }
        | Event::Undone { .. } => None,
    }
}

const fn tone(event: &Event) -> Tone {
    match event {
        Event::Sanitised {}
        | Event::MadeReady { .. }
        | Event::HandedOver { .. }
        | Event::MediumSanitised { .. }
        | Event::Found { .. }
        | Event::Settled { .. }
        | Event::Graded { .. } => Tone::Done,
        Event::MediumFound { .. }
        | Event::Reopened {}
        | Event::SanitisationStopped { .. }
        | Event::EndOfLifeDeclared { .. }
        | Event::Released { .. }
        | Event::Undone { .. }
        | Event::Returned { .. } => Tone::Already,
        Event::DeclaredMissing { .. } | Event::Disputed {} => Tone::Refused,
        Event::SanitisationStarted {}
        | Event::RefurbishmentStarted {}
        | Event::Allocated { .. }
        | Event::Checked { .. } => Tone::Shown,
        Event::Dispatched { .. } => Tone::Queued,
        Event::Registered { .. }
        | Event::Rescued { .. }
        | Event::Received { .. }
        | Event::Moved { .. }
        | Event::Recycled { .. }
        | Event::MediaInventoried { .. }
        | Event::MediumRemoved { .. }
        | Event::MediumUnlisted { .. }
        | Event::WipingAgreed {}
        | Event::MediumFitted { .. }
        | Event::Relabelled { .. } => Tone::Plain,
    }
}
