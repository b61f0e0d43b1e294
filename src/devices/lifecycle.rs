//! The one table of what may happen to a device: from which stage, where, by whom, and what it needs.
//!
//! Buttons, refusals, `next_actions` and the replay of journals are all made from it.

use entities::enums::{CustodyKind, Role, Stage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::devices::event::Event;
use crate::devices::state::{State, may_hold_data};
use crate::error::{Error, Missing, Result};

/// What a scan can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the API")]
pub enum Action {
    Receive,
    Move,
    StartSanitisation,
    StopSanitisation,
    ConfirmSanitisation,
    StartRefurbishment,
    MakeReady,
    Reopen,
    DeclareEndOfLife,
    Rescue,
    DeclareMissing,
    Find,
    Undo,
    Return,
    AgreeToWipe,
}

impl Action {
    /// All actions, in the order in which a device usually meets them.
    pub const ALL: [Self; 15] = [
        Self::Receive,
        Self::AgreeToWipe,
        Self::StartSanitisation,
        Self::ConfirmSanitisation,
        Self::StopSanitisation,
        Self::StartRefurbishment,
        Self::MakeReady,
        Self::Reopen,
        Self::Return,
        Self::Find,
        Self::Move,
        Self::Rescue,
        Self::DeclareEndOfLife,
        Self::DeclareMissing,
        Self::Undo,
    ];

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Move => "move",
            Self::StartSanitisation => "start_sanitisation",
            Self::StopSanitisation => "stop_sanitisation",
            Self::ConfirmSanitisation => "confirm_sanitisation",
            Self::StartRefurbishment => "start_refurbishment",
            Self::MakeReady => "make_ready",
            Self::Reopen => "reopen",
            Self::DeclareEndOfLife => "declare_end_of_life",
            Self::Rescue => "rescue",
            Self::DeclareMissing => "declare_missing",
            Self::Find => "find",
            Self::Undo => "undo",
            Self::Return => "return",
            Self::AgreeToWipe => "agree_to_wipe",
        }
    }
}

/// What an event needs of the row, beyond stage and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    MediaKnown,
    NoOpenMedia,
    Graded,
    LocksChecked,
    NoOpenLocks,
    NotHeld,
    Held,
    NotReady,
    MayWipe,
    WipeRefused,
}

/// One row of the table.
struct Row {
    event: &'static str,
    action: Option<Action>,
    roles: &'static [Role],
    from: &'static [Stage],
    custody: &'static [CustodyKind],
    needs: &'static [Need],
    /// Whether its author may take it back.
    undo: bool,
}

use CustodyKind as C;
use Role as R;
use Stage as S;

const BENCH: &[Role] = &[R::Refurbisher, R::WorkshopLead];
const LEAD: &[Role] = &[R::WorkshopLead];
const HANDLES: &[Role] = &[
    R::CollectionAgent,
    R::Driver,
    R::Storekeeper,
    R::Refurbisher,
    R::WorkshopLead,
    R::Mediator,
    R::Recycler,
];
const ANY_STAGE: &[Stage] = &[
    S::Intake,
    S::Sanitising,
    S::Sanitised,
    S::Refurbishing,
    S::Ready,
    S::EndOfLife,
];
const ALIVE: &[Stage] = &[
    S::Intake,
    S::Sanitising,
    S::Sanitised,
    S::Refurbishing,
    S::Ready,
];
const AT_SITE: &[CustodyKind] = &[C::Site];
const AT_HAND: &[CustodyKind] = &[C::Site, C::Shipment];

const fn row(event: &'static str, roles: &'static [Role], from: &'static [Stage]) -> Row {
    Row {
        event,
        action: None,
        roles,
        from,
        custody: AT_SITE,
        needs: &[],
        undo: false,
    }
}

impl Row {
    const fn by(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }
    const fn at(mut self, custody: &'static [CustodyKind]) -> Self {
        self.custody = custody;
        self
    }
    const fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }
    const fn undo(mut self) -> Self {
        self.undo = true;
        self
    }
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    row("sanitisation_started", BENCH, &[S::Intake, S::Refurbishing]).by(Action::StartSanitisation)
        .needs(&[Need::MayWipe]).undo(),
    row("sanitised", BENCH, &[S::Intake, S::Sanitising, S::Refurbishing]).by(Action::ConfirmSanitisation)
        .needs(&[Need::MediaKnown, Need::NoOpenMedia]).undo(),
    row("sanitisation_stopped", BENCH, &[S::Sanitising]).by(Action::StopSanitisation).undo(),
    row("refurbishment_started", BENCH, &[S::Intake, S::Sanitising, S::Sanitised]).by(Action::StartRefurbishment).undo(),
    row("made_ready", BENCH, &[S::Sanitised, S::Refurbishing]).by(Action::MakeReady)
        .needs(&[Need::MediaKnown, Need::NoOpenMedia, Need::Graded, Need::LocksChecked, Need::NoOpenLocks]).undo(),
    row("reopened", LEAD, &[S::Ready]).by(Action::Reopen).at(AT_HAND).needs(&[Need::NotHeld]).undo(),
    row("medium_found", HANDLES, ANY_STAGE).at(&[C::Site, C::Shipment, C::Household]),
    row("end_of_life_declared", BENCH, ALIVE).by(Action::DeclareEndOfLife).needs(&[Need::NotHeld]).undo(),
    row("rescued", LEAD, &[S::EndOfLife]).by(Action::Rescue).undo(),
    row("allocated", &[R::Coordinator], &[S::Ready]).at(AT_HAND).needs(&[Need::NotHeld]),
    row("released", &[R::Mediator, R::SocialWorker, R::Coordinator], &[S::Ready]).at(AT_HAND).needs(&[Need::Held]),
    row("handed_over", &[R::Mediator], &[S::Ready]).needs(&[Need::Held]),
    row("returned", &[R::Mediator, R::Storekeeper, R::CollectionAgent], ANY_STAGE).by(Action::Return)
        .at(&[C::Household]).needs(&[Need::Held]),
    row("wiping_agreed", &[R::Mediator, R::Storekeeper, R::CollectionAgent, R::WorkshopLead], ANY_STAGE)
        .by(Action::AgreeToWipe).at(AT_HAND).needs(&[Need::WipeRefused]).undo(),
    row("dispatched", &[R::Driver, R::Storekeeper], ANY_STAGE),
    row("received", &[R::Driver, R::Storekeeper], ANY_STAGE).at(&[C::Shipment]),
    row("moved", HANDLES, ANY_STAGE).by(Action::Receive).undo(),
    row("declared_missing", &[R::Storekeeper, R::WorkshopLead], ANY_STAGE).by(Action::DeclareMissing)
        .at(&[C::Site, C::Shipment, C::Household]),
    row("found", HANDLES, ANY_STAGE).by(Action::Find).at(&[C::Missing]),
    row("recycled", &[R::Recycler, R::Storekeeper], &[S::EndOfLife]).needs(&[Need::MediaKnown, Need::NoOpenMedia]),
    row("media_inventoried", BENCH, ANY_STAGE).needs(&[Need::NotHeld, Need::NotReady]),
    row("medium_removed", BENCH, ANY_STAGE).needs(&[Need::NotHeld]),
    row("medium_unlisted", BENCH, &[S::Intake, S::Sanitising, S::Refurbishing, S::EndOfLife]).needs(&[Need::NotHeld]),
    row("medium_fitted", BENCH, ANY_STAGE).needs(&[Need::NotHeld]),
    row("medium_sanitised", BENCH, ANY_STAGE),
    row("checked", BENCH, ALIVE).needs(&[Need::NotHeld]),
    row("graded", BENCH, ALIVE).needs(&[Need::NotHeld]).undo(),
    row("relabelled", HANDLES, ANY_STAGE),
    row("disputed", &[R::Mediator, R::Coordinator], ANY_STAGE).at(AT_HAND),
    row("settled", &[R::WorkshopLead, R::Coordinator], ANY_STAGE).at(AT_HAND),
];

/// Whether a role may cause an event. The clock and the household cause what their domain lets them.
pub fn role_may(event: &str, role: Role) -> bool {
    match event {
        "registered" => matches!(role, R::CollectionAgent | R::Storekeeper),
        "undone" => HANDLES.contains(&role),
        _ => TABLE
            .iter()
            .any(|r| r.event == event && r.roles.contains(&role)),
    }
}

/// Whether its author may take an event back.
pub fn can_be_undone(event: &str) -> bool {
    TABLE.iter().any(|r| r.event == event && r.undo)
}

/// The facts after an event, or why it can't happen now.
///
/// # Errors
/// A refusal whose code names the law, with everything that is missing.
pub fn apply(state: &State, event: &Event) -> Result<State> {
    let name = event.name();
    let Some(row) = TABLE.iter().find(|r| r.event == name) else {
        return Err(Error::broken(format!(
            "{name} is no row of the lifecycle table"
        )));
    };
    if state.frozen && name != "settled" {
        return Err(Error::refused("frozen", ""));
    }
    if !row.custody.contains(&state.custody) {
        return Err(Error::refused("wrong-place", place_words(state.custody)));
    }
    if !row.from.contains(&state.stage) {
        return Err(Error::refused(
            "wrong-state",
            format!(
                "L’équipement est à l’étape « {} ».",
                crate::devices::words::stage(state.stage)
            ),
        ));
    }
    let missing = missing(state, row.needs);
    if !missing.is_empty() {
        return Err(Error::missing(refusal_code(row, &missing), "", missing));
    }
    let next = effect(state.clone(), event);
    match next.broken_laws().first() {
        None => Ok(next),
        Some(law) => Err(Error::missing(
            "wrong-state",
            "",
            vec![Missing::new("law", *law)],
        )),
    }
}

/// What changes. Every step out of `ready` drops the grade.
#[expect(clippy::too_many_lines, reason = "one list told in one go")]
fn effect(mut next: State, event: &Event) -> State {
    let was_ready = next.stage == Stage::Ready;
    match event {
        Event::SanitisationStarted {} => next.stage = Stage::Sanitising,
        Event::Sanitised {} => next.stage = Stage::Sanitised,
        Event::SanitisationStopped { .. } | Event::Rescued { .. } => next.stage = Stage::Intake,
        Event::RefurbishmentStarted {} | Event::Reopened {} => next.stage = Stage::Refurbishing,
        Event::MadeReady { .. } => next.stage = Stage::Ready,
        Event::EndOfLifeDeclared { .. } => next.stage = Stage::EndOfLife,
        Event::MediumFound { wiped_before, .. } => {
            next.open_media += 1;
            next.stage = match (next.stage, next.custody, wiped_before) {
                (Stage::EndOfLife, _, _) => Stage::EndOfLife,
                (_, CustodyKind::Household, _) | (_, _, false) => Stage::Intake,
                (_, _, true) => Stage::Refurbishing,
            };
        }
        Event::Allocated {
            allocation,
            request,
        } => {
            next.held_for = Some(*request);
            next.allocation = Some(*allocation);
        }
        Event::Released { .. } => {
            next.held_for = None;
            next.allocation = None;
        }
        Event::HandedOver { allocation, .. } => {
            next.custody = CustodyKind::Household;
            next.site = None;
            next.handed_over_by = Some(*allocation);
            next.wipe_refused = false;
        }
        Event::WipingAgreed {} => next.wipe_refused = false,
        Event::Returned {
            site,
            reopened,
            may_wipe,
            ..
        } => {
            next.wipe_refused = !may_wipe;
            next.custody = CustodyKind::Site;
            next.site = Some(*site);
            next.held_for = None;
            next.allocation = None;
            next.handed_over_by = None;
            used_by_household(&mut next, reopened.len());
        }
        Event::Dispatched { shipment } => {
            next.custody = CustodyKind::Shipment;
            next.shipment = Some(*shipment);
            next.site = None;
        }
        Event::Received { site, .. } | Event::Moved { site } | Event::Found { site } => {
            next.custody = CustodyKind::Site;
            next.site = Some(*site);
            next.shipment = None;
        }
        Event::DeclaredMissing { reopened } => {
            if next.custody == CustodyKind::Household {
                used_by_household(&mut next, reopened.len());
            }
            next.custody = CustodyKind::Missing;
            next.shipment = None;
            next.held_for = None;
            next.allocation = None;
            next.handed_over_by = None;
        }
        Event::Recycled { .. } => {
            next.custody = CustodyKind::Gone;
            next.site = None;
        }
        Event::MediaInventoried { media, complete } => {
            next.open_media += media.iter().map(|m| i32::from(m.open)).sum::<i32>();
            next.media_known |= *complete;
            if next.open_media > 0 && next.stage == Stage::Sanitised {
                next.stage = Stage::Intake;
            }
        }
        Event::MediumRemoved { was_open, .. } => {
            next.open_media -= i32::from(*was_open);
            if was_ready {
                next.stage = Stage::Refurbishing;
            }
        }
        Event::MediumUnlisted { was_open, .. } => {
            next.open_media -= i32::from(*was_open);
            next.media_known = false;
        }
        Event::MediumFitted { open, .. } => {
            next.open_media += i32::from(*open);
            if was_ready || (*open && next.stage != Stage::EndOfLife) {
                next.stage = Stage::Refurbishing;
            }
        }
        Event::MediumSanitised { was_open, .. } => next.open_media -= i32::from(*was_open),
        Event::Checked {
            locks_checked,
            open_locks,
            ..
        } => {
            next.locks_checked |= *locks_checked;
            next.open_locks = *open_locks;
            if was_ready && next.open_locks > 0 {
                next.stage = Stage::Refurbishing;
            }
        }
        Event::Graded { grade, .. } => next.grade = Some(*grade),
        Event::Disputed {} => next.frozen = true,
        Event::Settled { .. } => next.frozen = false,
        Event::Registered { .. } | Event::Relabelled { .. } | Event::Undone { .. } => {}
    }
    if was_ready && next.stage != Stage::Ready {
        next.grade = None;
    }
    next
}

/// A household had it: its media are open again and to be inventoried again, its grade is dropped.
fn used_by_household(next: &mut State, reopened: usize) {
    if next.stage != Stage::EndOfLife {
        next.stage = Stage::Intake;
    }
    next.grade = None;
    next.open_media += i32::try_from(reopened).unwrap_or(i32::MAX);
    if may_hold_data(next.kind) {
        next.media_known = false;
        next.locks_checked = false;
    }
}

/// One thing that can be asked of a device now, and what it still needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NextAction {
    /// What can be asked.
    pub action: Action,
    /// Nothing is missing.
    pub allowed: bool,
    /// What the law still wants.
    pub missing: Vec<Missing>,
}

/// What is usually done next at a stage, the best first.
pub const fn usual(stage: Stage) -> &'static [Action] {
    match stage {
        Stage::Intake => &[Action::ConfirmSanitisation, Action::StartSanitisation],
        Stage::Sanitising => &[Action::ConfirmSanitisation],
        Stage::Sanitised => &[Action::MakeReady, Action::StartRefurbishment],
        Stage::Refurbishing => &[Action::MakeReady],
        Stage::Ready | Stage::EndOfLife => &[],
    }
}

/// What a role can do next with a device. `outside` are needs that the row doesn't know (minimum specification).
pub fn next_actions(state: &State, role: Role, outside: &[Missing]) -> Vec<NextAction> {
    let mut next = Vec::new();
    for action in Action::ALL {
        let Some(row) = TABLE.iter().find(|r| r.action == Some(action)) else {
            continue;
        };
        let applies = row.roles.contains(&role)
            && row.custody.contains(&state.custody)
            && row.from.contains(&state.stage)
            && (state.wipe_refused || !row.needs.contains(&Need::WipeRefused));
        if !applies || state.frozen {
            continue;
        }
        let mut missing = missing(state, row.needs);
        if action == Action::MakeReady {
            missing.extend_from_slice(outside);
        }
        next.push(NextAction {
            action,
            allowed: missing.is_empty(),
            missing,
        });
    }
    // What is allowed comes first; the order of the table decides among equals.
    next.sort_by_key(|n| !n.allowed);
    next
}

fn missing(state: &State, needs: &[Need]) -> Vec<Missing> {
    needs
        .iter()
        .filter_map(|need| match need {
            Need::MayWipe => state.wipe_refused.then(|| {
                Missing::new("wipe-refused", "Le foyer n’a pas encore accepté que ses données soient effacées.")
            }),
            Need::WipeRefused => (!state.wipe_refused)
                .then(|| Missing::new("wipe-agreed", "Le foyer n’a rien refusé.")),
            Need::MediaKnown => (!state.media_known)
                .then(|| Missing::new("media-unknown", "L’inventaire des supports de données n’est pas fait.")),
            Need::NoOpenMedia => (state.open_media > 0).then(|| {
                let words = if state.open_media == 1 {
                    "Un support n’est pas effacé.".to_owned()
                } else {
                    format!("{} supports ne sont pas effacés.", state.open_media)
                };
                Missing::new("open-media", words)
            }),
            Need::Graded => state.grade.is_none().then(|| Missing::new("grade", "Le grade n’est pas attribué.")),
            Need::LocksChecked => {
                (!state.locks_checked).then(|| Missing::new("locks-unchecked", "Les verrous n’ont pas été vérifiés."))
            }
            Need::NoOpenLocks => {
                (state.open_locks > 0).then(|| Missing::new("open-locks", "Un verrou n’est pas levé."))
            }
            Need::NotHeld => {
                state.held_for.is_some().then(|| Missing::new("held", "L’équipement est réservé pour une demande."))
            }
            Need::Held => {
                state.held_for.is_none().then(|| Missing::new("not-held", "L’équipement n’est réservé pour aucune demande."))
            }
            Need::NotReady => (state.stage == Stage::Ready)
                .then(|| Missing::new("ready", "L’équipement est prêt : un support oublié se signale comme « support trouvé ».")),
        })
        .collect()
}

fn refusal_code(row: &Row, missing: &[Missing]) -> &'static str {
    if row.event == "made_ready" {
        return "not-ready";
    }
    match missing.first().map(|m| m.code.as_ref()) {
        Some("media-unknown" | "open-media") => "not-sanitised",
        Some("held") => "held",
        Some("wipe-refused") => "wipe-refused",
        Some("not-held") => "not-held",
        _ => "wrong-state",
    }
}

const fn place_words(custody: CustodyKind) -> &'static str {
    match custody {
        CustodyKind::Site => "L’équipement est sur un site.",
        CustodyKind::Shipment => "L’équipement est en transport.",
        CustodyKind::Household => "L’équipement est chez un foyer.",
        CustodyKind::Missing => {
            "L’équipement est déclaré introuvable : signalez d’abord qu’il est retrouvé."
        }
        CustodyKind::Gone => "L’équipement a quitté la filière.",
    }
}
