//! The field's words on the screen, in French.

use entities::enums::{
    Condition, CustodyKind, DeviceKind, LockKind, MediumKind, OpenedBecause, ReleaseReason, Stage,
};

use crate::devices::event::Event;
use crate::devices::lifecycle::Action;
use crate::devices::state::Status;
use crate::web::frame::Tone;

/// A stage.
pub(crate) const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Intake => "à effacer",
        Stage::Sanitising => "effacement en cours",
        Stage::Sanitised => "effacé",
        Stage::Refurbishing => "en remise en état",
        Stage::Ready => "prêt",
        Stage::EndOfLife => "fin de vie",
    }
}

/// A status, as its chip says it.
pub(crate) const fn status(status: Status) -> &'static str {
    match status {
        Status::Missing => "introuvable",
        Status::HandedOver => "remis",
        Status::Recycled => "recyclé",
        Status::InTransit => "en transport",
        Status::Allocated => "attribué",
        Status::Intake => "à effacer",
        Status::Sanitising => "effacement en cours",
        Status::Sanitised => "effacé",
        Status::Refurbishing => "en remise en état",
        Status::Ready => "prêt",
        Status::EndOfLife => "fin de vie",
    }
}

/// How a status looks.
pub(crate) const fn status_tone(status: Status) -> Tone {
    match status {
        Status::Intake | Status::Recycled => Tone::Plain,
        Status::Sanitising | Status::Refurbishing | Status::Allocated => Tone::Shown,
        Status::Sanitised | Status::Ready | Status::HandedOver => Tone::Done,
        Status::InTransit => Tone::Queued,
        Status::EndOfLife => Tone::Already,
        Status::Missing => Tone::Refused,
    }
}

/// A kind of device with its article, within a sentence.
pub(crate) const fn the_kind(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Laptop => "l’ordinateur portable",
        DeviceKind::Desktop => "l’ordinateur fixe",
        DeviceKind::AllInOne => "l’ordinateur tout-en-un",
        DeviceKind::Tablet => "la tablette",
        DeviceKind::Smartphone => "le smartphone",
        DeviceKind::Monitor => "l’écran",
        DeviceKind::Other => "l’équipement",
    }
}

/// A kind of device.
pub(crate) const fn kind(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Laptop => "ordinateur portable",
        DeviceKind::Desktop => "ordinateur fixe",
        DeviceKind::AllInOne => "tout-en-un",
        DeviceKind::Tablet => "tablette",
        DeviceKind::Smartphone => "smartphone",
        DeviceKind::Monitor => "écran",
        DeviceKind::Other => "autre",
    }
}

/// A condition as said at the counter.
pub(crate) const fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Working => "fonctionne",
        Condition::Faulty => "en panne",
        Condition::Unknown => "non testé",
    }
}

/// A kind of medium.
pub(crate) const fn medium(kind: MediumKind) -> &'static str {
    match kind {
        MediumKind::Hdd => "disque dur",
        MediumKind::Ssd => "SSD",
        MediumKind::Nvme => "SSD NVMe",
        MediumKind::Emmc => "mémoire eMMC",
        MediumKind::Ufs => "mémoire UFS",
        MediumKind::Card => "carte mémoire",
        MediumKind::Other => "autre support",
    }
}

/// Why a medium is open.
pub(crate) const fn opened_because(because: OpenedBecause) -> &'static str {
    match because {
        OpenedBecause::Donated => "le donateur l’a utilisé",
        OpenedBecause::Returned => "un foyer l’a utilisé",
        OpenedBecause::Found => "trouvé après l’inventaire",
        OpenedBecause::NewPart => "pièce neuve",
        OpenedBecause::Mistake => "inscrit par erreur",
    }
}

/// A kind of lock.
pub(crate) const fn lock(kind: LockKind) -> &'static str {
    match kind {
        LockKind::Bios => "mot de passe BIOS",
        LockKind::DiskPassword => "mot de passe disque",
        LockKind::Activation => "verrou d’activation",
        LockKind::Mdm => "gestion à distance (MDM)",
        LockKind::Autopilot => "Windows Autopilot",
    }
}

/// An action as its button says it.
pub(crate) const fn action(action: Action) -> &'static str {
    match action {
        Action::Receive => "Réceptionner ici",
        Action::Move => "Déplacer ici",
        Action::StartSanitisation => "Lancer l’effacement",
        Action::StopSanitisation => "Interrompre l’effacement",
        Action::ConfirmSanitisation => "Confirmer l’effacement",
        Action::StartRefurbishment => "Commencer la remise en état",
        Action::MakeReady => "Déclarer prêt",
        Action::Reopen => "Remettre en atelier",
        Action::DeclareEndOfLife => "Déclarer en fin de vie",
        Action::Rescue => "Sauver de la fin de vie",
        Action::DeclareMissing => "Déclarer introuvable",
        Action::Find => "Signaler retrouvé",
        Action::AgreeToWipe => "Noter l’accord du foyer pour l’effacement",
        Action::Undo => "Annuler le dernier scan",
        Action::Return => "Reprendre au foyer",
    }
}

/// An action once done, as the station shouts it.
pub(crate) const fn done(action: Action) -> &'static str {
    match action {
        Action::Receive => "réceptionné",
        Action::Move => "déplacé",
        Action::StartSanitisation => "effacement lancé",
        Action::StopSanitisation => "effacement interrompu",
        Action::ConfirmSanitisation => "effacé",
        Action::StartRefurbishment => "en remise en état",
        Action::MakeReady => "prêt",
        Action::Reopen => "remis en atelier",
        Action::DeclareEndOfLife => "fin de vie",
        Action::Rescue => "sauvé",
        Action::DeclareMissing => "déclaré introuvable",
        Action::Find => "retrouvé",
        Action::AgreeToWipe => "accord noté",
        Action::Undo => "annulé",
        Action::Return => "repris",
    }
}

/// Why a hold ended.
pub(crate) const fn release(reason: ReleaseReason) -> &'static str {
    match reason {
        ReleaseReason::NoShow => "rendez-vous manqué",
        ReleaseReason::Cancelled => "rendez-vous annulé",
        ReleaseReason::Expired => "délai dépassé",
        ReleaseReason::WrongDevice => "équipement inadapté",
        ReleaseReason::Missing => "équipement introuvable",
        ReleaseReason::MediumFound => "support non effacé trouvé",
        ReleaseReason::Withdrawn => "demande retirée",
        ReleaseReason::Returned => "équipement rendu",
        ReleaseReason::Lost => "équipement perdu",
    }
}

/// Where a device is, without naming the place.
pub(crate) const fn custody(custody: CustodyKind) -> &'static str {
    match custody {
        CustodyKind::Site => "sur site",
        CustodyKind::Shipment => "en transport",
        CustodyKind::Household => "chez un foyer",
        CustodyKind::Missing => "introuvable",
        CustodyKind::Gone => "sorti de la filière",
    }
}

/// An event as the story tells it: the beginning of a sentence without its who and where.
pub(crate) fn event(event: &Event) -> String {
    match event {
        Event::Registered { .. } => "pris en charge et étiqueté".to_owned(),
        Event::SanitisationStarted {} => "effacement lancé".to_owned(),
        Event::Sanitised {} => "effacement confirmé, aucun support ouvert".to_owned(),
        Event::SanitisationStopped { reason } => {
            format!("effacement interrompu ({})", lower(reason.french()))
        }
        Event::RefurbishmentStarted {} => "remise en état commencée".to_owned(),
        Event::MadeReady { .. } => "déclaré prêt".to_owned(),
        Event::Reopened {} => "remis en atelier, grade retiré".to_owned(),
        Event::MediumFound { kind, .. } => {
            format!("support trouvé après l’inventaire ({})", medium(*kind))
        }
        Event::EndOfLifeDeclared { reason, .. } => {
            format!("déclaré en fin de vie ({})", lower(reason.french()))
        }
        Event::Rescued { reason } => format!("sauvé de la fin de vie ({})", lower(reason.french())),
        Event::Allocated { .. } => "attribué à une demande".to_owned(),
        Event::Released { reason, .. } => format!("attribution levée ({})", release(*reason)),
        Event::HandedOver { .. } => "remis à son foyer, avec sa prise en main".to_owned(),
        Event::Returned { reason, .. } => {
            format!("rendu par le foyer ({})", lower(reason.french()))
        }
        Event::WipingAgreed {} => "le foyer accepte l’effacement".to_owned(),
        Event::Dispatched { .. } => "parti en transport".to_owned(),
        Event::Received { .. } => "reçu".to_owned(),
        Event::Moved { .. } => "réceptionné".to_owned(),
        Event::DeclaredMissing { .. } => "déclaré introuvable".to_owned(),
        Event::Found { .. } => "retrouvé".to_owned(),
        Event::Recycled { .. } => "parti en recyclage".to_owned(),
        Event::MediaInventoried { media, .. } if media.is_empty() => {
            "inventaire des supports terminé".to_owned()
        }
        Event::MediaInventoried { media, .. } => match media.as_slice() {
            [one] => format!("support inventorié : {}", medium(one.kind)),
            many => format!("{} supports inventoriés", many.len()),
        },
        Event::MediumRemoved { .. } => "support retiré".to_owned(),
        Event::MediumUnlisted { .. } => "support inscrit par erreur : rayé".to_owned(),
        Event::MediumFitted { .. } => "support monté".to_owned(),
        Event::MediumSanitised { .. } => "support effacé, preuve acceptée".to_owned(),
        Event::Checked { open_locks, .. } if *open_locks > 0 => {
            "contrôlé : un verrou reste à lever".to_owned()
        }
        Event::Checked { .. } => "contrôlé".to_owned(),
        Event::Graded { grade, .. } => format!("grade {grade} attribué"),
        Event::Relabelled { .. } => "réétiqueté".to_owned(),
        Event::Disputed {} => "remise contestée : bloqué".to_owned(),
        Event::Settled { .. } => "litige réglé".to_owned(),
        Event::Undone { .. } => "dernier événement annulé".to_owned(),
    }
}

/// A code as people read it, `7KD3-BX0R`.
pub(crate) fn grouped(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((head, tail)) if !tail.is_empty() => format!("{head}-{tail}"),
        Some(_) | None => code.to_owned(),
    }
}

/// What a device is called: make and model, or its kind where nobody knows them.
pub(crate) fn name(device: &entities::device::Model) -> String {
    let known: Vec<&str> = [device.make.as_deref(), device.model.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    if known.is_empty() {
        capital(kind(device.kind))
    } else {
        known.join(" ")
    }
}

/// The page below a device's own where a missing need is met, and the words of its button.
pub(crate) fn remedy(need: &str) -> Option<(&'static str, &'static str)> {
    Some(match need {
        "media-unknown" => ("media", "Inventorier les supports"),
        "open-media" => ("evidence", "Déposer la preuve d’effacement"),
        "grade" => ("grading", "Attribuer le grade"),
        "locks-unchecked" | "open-locks" => ("checks", "Contrôler les verrous"),
        "memory-unknown" | "disk-unknown" => ("evidence", "Déposer un relevé matériel"),
        _ => return None,
    })
}

/// A sentence's beginning.
pub(crate) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn lower(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}
