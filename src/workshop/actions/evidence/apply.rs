//! Applying what a file says to a device or to loose media, within the caller's transaction.

use std::collections::BTreeSet;

use entities::enums::{CustodyKind, EvidenceKind, Level, OpenedBecause, SanitisationResult, Stage};
use entities::{device, evidence, medium};
use schemars::JsonSchema;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;

use super::age::{self, Age};
use crate::access::Actor;
use crate::app::App;
use crate::db::Tx;
use crate::devices::event::InventoriedMedium;
use crate::devices::{self, At, Event, media};
use crate::error::Result;
use crate::workshop::actions::media::{Made, Seen, on_record_elsewhere, register};
use crate::workshop::actions::sanitise::{self, Row};
use crate::workshop::evidence::{Erasure, Reading};
use crate::workshop::proposal::{Fact, Inventory, Proposal, Question, propose};
use crate::workshop::rules::{Identity, Reason, Verdict, judge, same_medium};
use crate::workshop::{store, words};

/// One thing that was taken over from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Said {
    /// Stable name: `model`, `medium`, `sanitisation`, …
    pub(crate) code: &'static str,
    /// The same in French.
    pub(crate) text: String,
}

/// One erasure that is no evidence for anything here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Refused {
    /// The medium it was held against, when it is about one.
    pub(crate) medium: Option<entities::ids::MediumId>,
    /// The serial number that the file gives.
    pub(crate) serial: Option<String>,
    /// Every reason.
    pub(crate) reasons: Vec<Reason>,
}

/// What followed from a file.
#[derive(Debug)]
pub(crate) struct Applied {
    /// The device as it is now.
    pub(crate) device: device::Model,
    /// What was taken over.
    pub(crate) taken: Vec<Said>,
    /// Not evidence.
    pub(crate) refused: Vec<Refused>,
    /// For a person.
    pub(crate) questions: Vec<Question>,
}

/// What every step of applying a file needs: who hands which file in, when.
#[derive(Debug, Clone, Copy)]
pub(in crate::workshop) struct Handing<'a> {
    pub(in crate::workshop) app: &'a App,
    pub(in crate::workshop) tx: &'a Tx,
    pub(in crate::workshop) actor: &'a Actor,
    pub(in crate::workshop) evidence: &'a evidence::Model,
    pub(in crate::workshop) at: At,
}

/// Applies a file to a device: facts, inventory, erasures; and when its last open medium is closed by
/// it while the device waits to be wiped, `sanitised`.
pub(in crate::workshop) async fn apply(
    by: Handing<'_>,
    device: device::Model,
    reading: &Reading,
    confirmed: &BTreeSet<String>,
) -> Result<Applied> {
    let Handing { tx, at, .. } = by;
    let proposal = proposed(tx, by.evidence, &device, reading, confirmed).await?;
    let Proposal {
        facts,
        questions,
        inventory,
    } = proposal;
    let mut applied = Vec::new();
    let device = take_facts(tx, device, &facts, &mut applied).await?;
    let device = take_inventory(by, device, inventory, &mut applied).await?;
    let mut done = Applied {
        device,
        taken: applied,
        refused: Vec::new(),
        questions,
    };
    let mut closed = 0;
    let media = media::of_device(tx, done.device.id).await?;
    for erasure in &reading.erasures {
        closed += erase(by, &media, erasure, confirmed, &mut done).await?;
    }
    if closed > 0 {
        let before = done.device.stage;
        done.device = sanitise::conclude(tx, by.actor, done.device, at).await?;
        if done.device.stage != before {
            done.taken.push(Said {
                code: "sanitised",
                text: "Tous les supports sont effacés : l’équipement passe à l’étape « effacé »."
                    .to_owned(),
            });
        }
    }
    Ok(done)
}

/// Takes over what a report says of a device that nobody looked into yet: facts and disks. The tool lists what it
/// saw, so the inventory stays open until a person has looked; and whether an erasure of the report counts
/// is asked at the bench.
pub(in crate::workshop) async fn take_over(
    by: Handing<'_>,
    device: device::Model,
    reading: &Reading,
) -> Result<Applied> {
    let nothing = BTreeSet::new();
    let mut proposal = proposed(by.tx, by.evidence, &device, reading, &nothing).await?;
    proposal.inventory.complete = false;
    let untouched = device.custody == CustodyKind::Site
        && device.stage == Stage::Intake
        && device.held_for.is_none();
    if !untouched {
        proposal.inventory.add.clear();
    }
    let mut taken = Vec::new();
    let device = take_facts(by.tx, device, &proposal.facts, &mut taken).await?;
    let device = take_inventory(by, device, proposal.inventory, &mut taken).await?;
    Ok(Applied {
        device,
        taken,
        refused: Vec::new(),
        questions: proposal.questions,
    })
}

async fn take_facts(
    tx: &Tx,
    device: device::Model,
    facts: &[Fact],
    applied: &mut Vec<Said>,
) -> Result<device::Model> {
    if facts.is_empty() {
        return Ok(device);
    }
    let mut device = device;
    let mut changed = device::ActiveModel::default();
    for fact in facts {
        let (code, text) = match fact {
            Fact::Make(make) => {
                device.make = Some(make.clone());
                changed.make = Set(device.make.clone());
                ("make", format!("Marque : {make}"))
            }
            Fact::Model(model) => {
                device.model = Some(model.clone());
                changed.model = Set(device.model.clone());
                ("model", format!("Modèle : {model}"))
            }
            Fact::Serial(serial) => {
                device.serial = Some(serial.clone());
                changed.serial = Set(device.serial.clone());
                ("serial", format!("Numéro de série : {serial}"))
            }
            Fact::Processor(processor) => {
                device.processor = Some(processor.clone());
                changed.processor = Set(device.processor.clone());
                ("processor", format!("Processeur : {processor}"))
            }
            Fact::Memory(bytes) => {
                device.memory_bytes = Some(*bytes);
                changed.memory_bytes = Set(device.memory_bytes);
                let shown = crate::french::memory(bytes.unsigned_abs());
                ("memory_bytes", format!("Mémoire vive : {shown}"))
            }
        };
        applied.push(Said { code, text });
    }
    device::Entity::update_many()
        .set(changed)
        .filter(device::Column::Id.eq(device.id))
        .exec(tx)
        .await?;
    devices::steps::reindex(tx, &device).await?;
    Ok(device)
}

/// What a file proposes for a device, held against what only the database knows: disks on record elsewhere,
/// and whether a household had the device since.
pub(in crate::workshop) async fn proposed(
    db: &impl ConnectionTrait,
    evidence: &evidence::Model,
    device: &device::Model,
    reading: &Reading,
    confirmed: &BTreeSet<String>,
) -> Result<Proposal> {
    let media = media::of_device(db, device.id).await?;
    let mut proposal = propose(reading, device, &media, confirmed);
    not_elsewhere(db, device, &mut proposal).await?;
    since_return(db, evidence, device, reading, &mut proposal).await?;
    Ok(proposal)
}

/// A disk that is on record elsewhere is a question: the file may be of another computer, or the disk
/// was moved without a word.
async fn not_elsewhere(
    db: &impl ConnectionTrait,
    device: &device::Model,
    proposal: &mut Proposal,
) -> Result<()> {
    for new in std::mem::take(&mut proposal.inventory.add) {
        let elsewhere = match &new.serial {
            Some(serial) => on_record_elsewhere(db, serial, device).await?,
            None => None,
        };
        match elsewhere {
            None => proposal.inventory.add.push(new),
            Some(text) => {
                proposal.inventory.complete = false;
                proposal.questions.push(Question {
                    code: "medium-elsewhere".to_owned(),
                    text,
                    can_confirm: false,
                });
            }
        }
    }
    Ok(())
}

/// What a tool saw before a household had the device says nothing of what is in it now.
async fn since_return(
    db: &impl ConnectionTrait,
    evidence: &evidence::Model,
    device: &device::Model,
    reading: &Reading,
    proposal: &mut Proposal,
) -> Result<()> {
    let inventory = &mut proposal.inventory;
    if inventory.add.is_empty() && !inventory.complete {
        return Ok(());
    }
    if age::before_return(db, evidence, device, reading).await? {
        inventory.add.clear();
        inventory.complete = false;
        proposal
            .questions
            .retain(|question| question.code != "look-here");
        proposal.questions.push(Question {
            code: "before-return".to_owned(),
            text: "Ce fichier date d’avant le retour de l’équipement : faites un nouveau relevé."
                .to_owned(),
            can_confirm: false,
        });
    }
    Ok(())
}

async fn take_inventory(
    by: Handing<'_>,
    device: device::Model,
    inventory: Inventory,
    applied: &mut Vec<Said>,
) -> Result<device::Model> {
    let Handing {
        app, tx, actor, at, ..
    } = by;
    for learned in &inventory.learn {
        let mut changed = medium::ActiveModel::default();
        if let Some(kind) = learned.kind {
            changed.kind = Set(kind);
        }
        if learned.model.is_some() {
            changed.model = Set(learned.model.clone());
        }
        if learned.capacity_bytes.is_some() {
            changed.capacity_bytes = Set(learned.capacity_bytes);
        }
        medium::Entity::update_many()
            .set(changed)
            .filter(medium::Column::Id.eq(learned.medium))
            .exec(tx)
            .await?;
    }
    if inventory.add.is_empty() && !inventory.complete {
        return Ok(device);
    }
    let mut listed = Vec::new();
    for new in inventory.add {
        let seen = Seen {
            made: Made::default(),
            kind: new.kind,
            serial: new.serial,
            make: None,
            model: new.model,
            capacity_bytes: new.capacity_bytes,
        };
        let medium = register(app, tx, actor, &device, seen, OpenedBecause::Donated, at).await?;
        applied.push(Said {
            code: "medium",
            text: format!(
                "Support inventorié : {}, n° {}",
                words::medium_line(&medium),
                medium
                    .serial
                    .as_deref()
                    .or(medium.code.as_deref())
                    .unwrap_or("illisible")
            ),
        });
        listed.push(InventoriedMedium {
            medium: medium.id,
            kind: medium.kind,
            open: true,
        });
    }
    if inventory.complete {
        applied.push(Said {
            code: "media_known",
            text: "Inventaire des supports terminé".to_owned(),
        });
    }
    let event = Event::MediaInventoried {
        media: listed,
        complete: inventory.complete,
    };
    devices::record(tx, &device, &event, &actor.by(), at).await
}

/// Holds one erasure against the media of a device. Answers how many it closed.
async fn erase(
    by: Handing<'_>,
    media: &[medium::Model],
    erasure: &Erasure,
    confirmed: &BTreeSet<String>,
    done: &mut Applied,
) -> Result<usize> {
    let Handing { tx, actor, at, .. } = by;
    let Some(medium) = about(media, erasure) else {
        done.refused.push(Refused {
            medium: None,
            serial: erasure.serial.text().map(str::to_owned),
            reasons: vec![no_medium(erasure)],
        });
        return Ok(0);
    };
    // As it is now: an earlier erasure of the same file may have closed it.
    let Some(medium) = medium::Entity::find_by_id(medium.id).one(tx).await? else {
        return Ok(0);
    };
    let here = confirmed.contains(age::BEFORE_DONATION);
    let (accepted, row) = match verdict(by, &medium, erasure, here).await? {
        Outcome::Asked => {
            done.questions.push(age::before_donation(erasure));
            return Ok(0);
        }
        Outcome::AlreadyClosed => {
            done.taken.push(Said {
                code: "already_sanitised",
                text: format!("{} : déjà effacé", words::medium_line(&medium)),
            });
            return Ok(0);
        }
        Outcome::Accepted(row) => (true, row),
        Outcome::Refused(row, reasons) => {
            done.refused.push(Refused {
                medium: Some(medium.id),
                serial: erasure.serial.text().map(str::to_owned),
                reasons,
            });
            (false, row)
        }
    };
    if !accepted {
        keep_refusal(by, &medium, Some(&done.device), row).await?;
        return Ok(0);
    }
    let kept = sanitise::keep(tx, actor, &medium, Some(&done.device), row, at).await?;
    let (device, medium) = sanitise::close(tx, actor, &done.device, &medium, &kept, at).await?;
    done.device = device;
    done.taken.push(Said {
        code: "sanitisation",
        text: format!(
            "{}, n° {} : effacement prouvé, {}",
            words::medium_line(&medium),
            medium.serial.as_deref().unwrap_or("illisible"),
            words::level_word(kept.level)
        ),
    });
    Ok(1)
}

/// Applies the erasures of a file to a loose medium. Answers whether it is about this medium at all.
pub(in crate::workshop) async fn apply_loose(
    by: Handing<'_>,
    medium: &medium::Model,
    erasure: &Erasure,
) -> Result<(Vec<Said>, Vec<Refused>)> {
    let Handing { tx, actor, at, .. } = by;
    match verdict(by, medium, erasure, false).await? {
        // Nobody can answer for a pulled disk here: it is wiped again.
        Outcome::Asked => Ok((
            Vec::new(),
            vec![Refused {
                medium: Some(medium.id),
                serial: erasure.serial.text().map(str::to_owned),
                reasons: vec![Reason {
                    code: age::BEFORE_DONATION,
                    text: "D’après l’horloge de l’outil, cet effacement date d’avant le don : effacez-le à nouveau."
                        .to_owned(),
                }],
            }],
        )),
        Outcome::AlreadyClosed => Ok((
            vec![Said {
                code: "already_sanitised",
                text: format!("{} : déjà effacé", words::medium_line(medium)),
            }],
            Vec::new(),
        )),
        Outcome::Refused(row, reasons) => {
            keep_refusal(by, medium, None, row).await?;
            Ok((
                Vec::new(),
                vec![Refused {
                    medium: Some(medium.id),
                    serial: erasure.serial.text().map(str::to_owned),
                    reasons,
                }],
            ))
        }
        Outcome::Accepted(row) => {
            let kept = sanitise::keep(tx, actor, medium, None, row, at).await?;
            let medium = sanitise::close_loose(tx, actor, medium, &kept, at).await?;
            Ok((
                vec![Said {
                    code: "sanitisation",
                    text: format!(
                        "{} : effacement prouvé, {}",
                        words::medium_line(&medium),
                        words::level_word(kept.level)
                    ),
                }],
                Vec::new(),
            ))
        }
    }
}

/// A refusal is kept once for each file and medium, however often the file is handed in.
async fn keep_refusal(
    by: Handing<'_>,
    medium: &medium::Model,
    device: Option<&device::Model>,
    row: Row,
) -> Result<()> {
    let Handing { tx, actor, at, .. } = by;
    let codes = serde_json::json!(row.reasons).to_string();
    if let Some(evidence) = row.evidence
        && store::already_judged(tx, evidence, medium.id, &codes).await?
    {
        return Ok(());
    }
    sanitise::keep(tx, actor, medium, device, row, at).await?;
    Ok(())
}

enum Outcome {
    AlreadyClosed,
    /// For a person: was it made here?
    Asked,
    Accepted(Row),
    Refused(Row, Vec<Reason>),
}

/// `here`: somebody said that the file was made here, whatever its clock says.
async fn verdict(
    by: Handing<'_>,
    medium: &medium::Model,
    erasure: &Erasure,
    here: bool,
) -> Result<Outcome> {
    let Handing {
        app, tx, evidence, ..
    } = by;
    if !medium.open {
        return Ok(Outcome::AlreadyClosed);
    }
    let tool = match &erasure.tool_version {
        Some(version) => format!("{} {version}", erasure.tool),
        None => erasure.tool.clone(),
    };
    let row = |level, result, reasons| Row {
        id: None,
        body_hash: None,
        evidence: Some(evidence.id),
        kind: EvidenceKind::Tool,
        method: erasure.method.code(),
        level,
        tool: Some(tool),
        verification: words::verification(erasure.verification),
        result,
        reasons,
    };
    let judged = judge(erasure, &words::facts(medium), words::accepted(app));
    let reasons = match judged {
        Verdict::Accepted { level, .. } => match age::age(tx, medium, evidence, erasure).await? {
            Age::BeforeDonation if !here => return Ok(Outcome::Asked),
            Age::Since | Age::BeforeDonation => {
                let level = words::level(level);
                return Ok(Outcome::Accepted(row(
                    level,
                    SanitisationResult::Success,
                    Vec::new(),
                )));
            }
            Age::TooOld(reason) => vec![reason],
        },
        Verdict::NotEvidenced { reasons } => reasons,
    };
    let codes = reasons.iter().map(|reason| reason.code).collect();
    Ok(Outcome::Refused(
        row(Level::Clear, SanitisationResult::NotEvidenced, codes),
        reasons,
    ))
}

/// The medium that an erasure speaks of. Where it names none of them and only one is open, that one: the
/// person handed the file in for this device, and deserves to read why it does not count.
pub(in crate::workshop) fn about<'a>(
    media: &'a [medium::Model],
    erasure: &Erasure,
) -> Option<&'a medium::Model> {
    let which = |wanted: &[Identity]| {
        media
            .iter()
            .find(|medium| wanted.contains(&same_medium(erasure, &words::facts(medium))))
    };
    which(&[Identity::Same])
        .or_else(|| which(&[Identity::Truncated, Identity::Bridge]))
        .or_else(|| {
            let mut open = media.iter().filter(|medium| medium.open);
            match (open.next(), open.next()) {
                (Some(only), None) => Some(only),
                _ => None,
            }
        })
}

/// Why an erasure can't be held against any medium of the device.
pub(in crate::workshop) fn no_medium(erasure: &Erasure) -> Reason {
    match erasure.serial.text() {
        Some(serial) => Reason {
            code: "other-disk",
            text: format!(
                "Le rapport parle d’un disque qui n’est pas dans cet équipement (numéro de série {serial})."
            ),
        },
        None => Reason {
            code: "serial-missing",
            text: "Le rapport ne dit pas de quel disque il parle.".to_owned(),
        },
    }
}
