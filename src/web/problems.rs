//! The table of problem types: each `type` of the API is a page that explains it.

use axum::http::StatusCode;

/// One type of problem.
#[derive(Clone, Copy, Debug)]
pub struct ProblemType {
    /// Last part of its address, stable.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Constant title.
    pub title: &'static str,
    /// What it means and what to do, in French.
    pub meaning: &'static str,
}

macro_rules! problems {
    ($($code:literal $status:literal $title:literal $meaning:literal;)+) => {
        /// All types, for the pages and the tests.
        pub const ALL: &[ProblemType] = &[
            $(ProblemType { code: $code, status: $status, title: $title, meaning: $meaning },)+
        ];
    };
}

problems! {
    "invalid" 422 "Invalid input" "Un ou plusieurs champs sont à corriger ; chacun est nommé dans « errors ».";
    "unreadable" 400 "Unreadable body" "Le corps de la requête n’est pas lisible : JSON mal formé ou type inattendu.";
    "not-found" 404 "Not found" "Cette ressource n’existe pas, ou votre compte ne peut pas la voir.";
    "unknown-code" 404 "Unknown code" "Ce code est bien formé mais aucune étiquette ne le porte.";
    "wrong-check-character" 422 "Wrong check character" "Le dernier caractère ne correspond pas aux autres : code mal lu ou mal tapé. Scannez à nouveau.";
    "sign-in" 401 "Sign in first" "Connectez-vous, ou joignez un jeton valide.";
    "forbidden" 403 "Forbidden" "Votre rôle ne permet pas cette action.";
    "form-token" 403 "Forged or expired form token" "Le formulaire ne vient pas de cette session. Rechargez la page et recommencez.";
    "method-not-allowed" 405 "Method not allowed" "Cette adresse ne connaît pas cette méthode.";
    "too-large" 413 "Body too large" "Le fichier ou le texte envoyé dépasse la taille acceptée.";
    "unsupported-media-type" 415 "Unsupported media type" "Envoyez du JSON avec « Content-Type: application/json ».";
    "too-slow" 408 "Body too slow" "Le corps de la requête n’est pas arrivé à temps. Recommencez, avec une meilleure connexion s’il le faut.";
    "too-many-tries" 429 "Too many tries" "Trop d’essais. Attendez le temps indiqué puis recommencez.";
    "busy" 503 "Busy" "Le service est momentanément occupé. Réessayez dans un instant.";
    "internal" 500 "Internal error" "Une erreur de notre côté. Donnez l’identifiant de la requête à l’administrateur.";
    "stale" 409 "Somebody was faster" "Quelqu’un a modifié cet élément entre-temps. Rechargez et regardez où il en est.";
    "id-reused" 409 "Identifier used for something else" "Cet identifiant a déjà servi pour une autre demande.";
    "wrong-state" 409 "Not possible in this state" "L’équipement n’est pas à une étape où cela se fait.";
    "wrong-place" 409 "Not possible at this place" "L’équipement n’est pas là où cela se fait.";
    "wipe-refused" 409 "The household does not agree yet" "Le foyer n’a pas encore accepté que ses données soient effacées : notez d’abord son accord.";
    "frozen" 409 "Frozen until settled" "L’équipement est bloqué tant qu’un litige n’est pas réglé.";
    "not-sanitised" 409 "Data may remain" "Un support n’est pas effacé, ou l’inventaire des supports n’est pas fait.";
    "not-ready" 409 "Not ready" "Il manque quelque chose avant que l’équipement soit prêt.";
    "held" 409 "Held for a request" "L’équipement est réservé pour une demande.";
    "not-held" 409 "Not held" "L’équipement n’est réservé pour aucune demande.";
    "nothing-to-undo" 409 "Nothing to undo" "Le dernier événement n’est pas le vôtre, est trop ancien ou ne s’annule pas.";
    "site-foreign" 409 "Not your site" "Ce site n’est pas un de ceux où vous travaillez.";
    "shared-bench" 409 "Not at a shared bench" "Sur un poste partagé, on ne change pas son compte : connectez-vous ailleurs par votre mot de passe.";
    "not-a-bench-role" 409 "Not a role of a bench" "Un poste partagé s’ouvre dans un rôle qui travaille à un site.";
    "no-sign-in" 409 "Account does not sign in" "Ce compte ne se connecte pas : c’est un programme, il est désactivé, ou son mot de passe n’est pas encore choisi.";
    "address-taken" 409 "Address already used" "Cette adresse ne peut pas être prise : voyez avec l’administration.";
    "second-factor-set" 409 "Second factor already set up" "Le second facteur est déjà en place.";
    "own-account" 409 "Not on one's own account" "On ne se retire pas soi-même l’administration : demandez à quelqu’un d’autre.";
    "not-a-workshop" 409 "Not a workshop" "Cela ne se fait que dans un atelier.";
    "code-taken" 409 "Code already used" "Cette étiquette est déjà sur un autre objet.";
    "donation-closed" 409 "Donation closed" "Ce don est clos.";
    "request-not-waiting" 409 "Request is not waiting" "Cette demande n’attend pas d’équipement.";
    "request-already-held" 409 "Request already has a device" "Un équipement est déjà réservé pour cette demande.";
    "device-already-held" 409 "Device already held" "Cet équipement est déjà réservé pour une autre demande.";
    "kind-mismatch" 409 "Not the kind asked for" "Cet équipement n’est pas du type demandé.";
    "waits-for-desktop" 409 "Waits for its desktop" "Un écran d’accompagnement suit l’ordinateur fixe, qui n’est pas encore attribué.";
    "quota-reached" 409 "The household has its devices" "Ce foyer a reçu ce que la période permet ; la coordination peut décider que le besoin est distinct.";
    "file-not-opened" 409 "Open the file first" "Ouvrez d’abord le dossier du foyer, avec le motif de sa demande.";
    "file-in-use" 409 "A request of it is open" "Une demande de ce foyer est en cours : retirez-la ou décidez-la d’abord.";
    "one-person-two-steps" 409 "Another person must do this" "Une même personne ne peut pas faire deux étapes de la même demande.";
    "already-decided" 409 "Already decided" "Cette demande est déjà décidée.";
    "not-served" 409 "No device was handed over" "Aucun équipement de cette demande n’est chez le foyer ni n’en est revenu.";
    "already-exchanged" 409 "Already exchanged" "Un échange est déjà demandé pour cet équipement.";
    "slot-full" 409 "Slot is full" "Il n’y a plus de place sur ce créneau. Choisissez-en un autre.";
    "slot-unknown" 409 "No such slot" "Ce créneau n’existe pas ou n’est plus proposé.";
    "slot-too-early" 409 "Too early" "L’équipement ne peut pas être arrivé à ce moment.";
    "slot-too-far" 409 "Too far ahead" "Ce créneau est trop lointain pour être réservé dès maintenant.";
    "slot-without-pickup" 409 "No pickup there" "Aucun équipement n’est remis sur ce créneau.";
    "slot-without-onboarding" 409 "No onboarding there" "Aucune prise en main n’est proposée sur ce créneau.";
    "slot-not-begun" 409 "Slot has not begun" "Une absence se note une fois le créneau commencé, une prise en main à partir du jour prévu.";
    "opening-in-use" 409 "Somebody is expected then" "Des foyers ont réservé à ces moments : déplacez d’abord leurs rendez-vous.";
    "already-booked" 409 "Already booked" "Un rendez-vous est déjà pris pour cette demande.";
    "appointment-over" 409 "Appointment is over" "Ce rendez-vous est déjà passé, honoré ou annulé.";
    "too-late-to-cancel" 409 "Too late" "Il est trop tard pour changer ce rendez-vous en ligne. Appelez le lieu.";
    "too-late-to-move" 409 "Too late to move" "Il est trop tard pour déplacer ce rendez-vous en ligne. Appelez le lieu.";
    "handover-incomplete" 409 "Handover not possible yet" "Il manque quelque chose pour remettre l’équipement ; voir « missing ».";
    "wrong-pickup-code" 409 "Wrong pickup code" "Le code de retrait n’est pas le bon.";
    "pickup-code-locked" 409 "Pickup code locked" "Trop d’essais. Un nouveau code a été envoyé au foyer, accepté après un quart d’heure ; après trois renvois, seule une seconde personne permet la remise.";
    "price-above-cap" 409 "Above the legal cap" "La contribution dépasse le plafond légal de ce type d’équipement.";
    "sale-not-allowed" 409 "Sale not allowed" "Votre structure ne peut pas vendre un équipement donné par une personne publique.";
    "breach-case-settled" 409 "Case already settled" "Cet incident de données est déjà clos.";
    "lot-not-open" 409 "Lot is not open" "Ce lot est déjà fermé.";
    "lot-not-closed" 409 "Lot is not closed" "Pesez et fermez le lot avant l’enlèvement.";
    "lot-empty" 409 "Lot is empty" "Un lot vide ne se ferme pas.";
    "wrong-waste-category" 409 "Not in this kind of lot" "Ce type de lot ne reçoit pas ce type d’objet.";
    "lot-item-not-ready" 409 "Something must stay" "Un objet du lot ne peut pas partir ; voir « missing ».";
    "already-in-a-lot" 409 "Already in a lot" "Cet équipement est déjà dans un lot.";
    "not-evidenced" 409 "Not evidenced" "Le fichier ne prouve pas l’effacement de ce support ; chaque raison est donnée.";
    "declared-not-accepted" 409 "Declaration not accepted" "La politique n’accepte pas d’effacement déclaré sans fichier d’outil.";
    "medium-known" 409 "Medium on record elsewhere" "Ce support est déjà inscrit ailleurs : montez-le par son code, avec son histoire.";
    "medium-proved" 409 "The medium has a history" "Ce support a déjà une histoire : il ne peut pas avoir été inscrit par erreur. Déclarez-le introuvable.";
    "medium-unknown" 404 "No such medium" "Ce support n’est pas dans cet équipement.";
}

/// With what the one table of the lifecycle, and the one writer behind it, say no: for all that records on an item.
pub(crate) const RECORDING: &[&str] = &[
    "wrong-state",
    "wrong-place",
    "frozen",
    "not-sanitised",
    "not-ready",
    "held",
    "not-held",
    "not-a-workshop",
    "site-foreign",
    "stale",
    "code-taken",
    "id-reused",
    "not-found",
    "unknown-code",
    "wrong-check-character",
];

/// The type of a code; unknown codes are internal errors.
pub fn find(code: &str) -> &'static ProblemType {
    ALL.iter().find(|p| p.code == code).unwrap_or(&INTERNAL)
}

static INTERNAL: ProblemType = ProblemType {
    code: "internal",
    status: 500,
    title: "Internal error",
    meaning: "Une erreur de notre côté.",
};

impl ProblemType {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
