//! Why each type of problem exists and what to do now: the rest of its page. What happened stands in `problems`.

/// Why a refusal exists, and what to do about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Advice {
    /// Code of the problem's type.
    pub(crate) code: &'static str,
    /// Why the rule is there.
    pub(crate) why: &'static str,
    /// What to do now.
    pub(crate) now: &'static str,
}

/// The advice for a type of problem.
pub(crate) fn of(code: &str) -> Option<&'static Advice> {
    ALL.iter().find(|advice| advice.code == code)
}

macro_rules! advice {
    ($($code:literal $why:literal $now:literal;)+) => {
        const ALL: &[Advice] = &[$(Advice { code: $code, why: $why, now: $now },)+];
    };
}

advice! {
    "invalid" "Une donnée fausse enregistrée se paie plus tard ; rien n’a donc été enregistré." "Corrigez chaque champ nommé dans « errors » (son « pointer » dit lequel) et renvoyez le tout.";
    "unreadable" "Ce qui ne se lit pas entièrement n’est pas enregistré à moitié." "Vérifiez que le corps est du JSON complet, en UTF-8, puis renvoyez-le.";
    "not-found" "Ce qui n’est pas à votre structure n’est pas distingué de ce qui n’existe pas : on n’apprend rien des autres." "Vérifiez l’adresse ou la référence ; si la chose existe ailleurs, demandez à la structure qui la suit.";
    "unknown-code" "Une étiquette n’est connue qu’une fois posée sur un objet." "Relisez l’étiquette ; si elle est vierge, enregistrez d’abord l’équipement avec ce code.";
    "wrong-check-character" "Le dernier caractère se calcule des autres : il fait voir une erreur de lecture avant qu’elle ne touche un autre équipement." "Scannez à nouveau, ou retapez les huit caractères.";
    "sign-in" "Chaque geste a un auteur." "Connectez-vous, ou envoyez un jeton valide dans l’en-tête « Authorization: Bearer … ». Un jeton retiré ou expiré se remplace sous « Mon compte ».";
    "forbidden" "Chaque rôle ne fait que ce que son travail demande ; « permission » nomme ce qui manque." "Demandez à un collègue qui a ce rôle, ou à l’administration de l’instance s’il devrait être le vôtre.";
    "form-token" "Un autre site pourrait faire agir votre navigateur à votre place : chaque formulaire porte donc la marque de votre session." "Rechargez la page et recommencez. Un programme envoie un jeton plutôt qu’un cookie.";
    "method-not-allowed" "Chaque adresse ne fait qu’une chose." "Voyez dans la description de l’interface quelle méthode cette adresse connaît.";
    "too-large" "Un envoi sans limite arrêterait le service pour tous : 8 Mio au plus." "Réduisez ou découpez l’envoi.";
    "too-slow" "Des envois qui n’en finissent pas occuperaient toutes les places." "Renvoyez ; le même « id » ne compte pas deux fois.";
    "unsupported-media-type" "Seul ce qui se dit JSON est lu comme tel." "Ajoutez l’en-tête « Content-Type: application/json ».";
    "too-many-tries" "On ne devine ni mot de passe ni code en essayant souvent." "Attendez ce que dit « Retry-After », puis recommencez une fois.";
    "busy" "La base était prise par un autre travail ; rien n’a été enregistré." "Renvoyez la même demande dans un instant ; le même « id » ne compte pas deux fois.";
    "internal" "Quelque chose s’est cassé chez nous ; ce qui était en cours a été annulé en entier." "Réessayez une fois. Si cela se répète, signalez l’heure et l’adresse à l’administration.";
    "stale" "Deux personnes ne s’écrasent pas l’une l’autre : la première l’emporte, la seconde regarde à nouveau." "Rechargez, voyez ce qui a changé, et refaites votre geste s’il a encore un sens.";
    "id-reused" "Un « id » désigne une seule demande, pour qu’un renvoi ne compte pas deux fois." "Tirez un nouvel « id » pour une nouvelle demande ; gardez l’ancien pour renvoyer exactement la même.";
    "wrong-state" "Les étapes se suivent dans un ordre qui garantit l’effacement et le contrôle." "Regardez « next_actions » de l’équipement : ce qui est possible maintenant y est dit.";
    "wrong-place" "Le journal ne dit un équipement quelque part que si quelqu’un l’y a scanné." "Recevez d’abord l’équipement là où il est, ou faites faire le geste par qui s’y trouve.";
    "wipe-refused" "Les données d’un foyer restent à lui tant qu’il n’a pas dit oui." "Demandez l’accord du foyer et notez-le, ou rendez-lui l’équipement tel quel.";
    "frozen" "Un litige fige les preuves." "Attendez que la coordination l’ait réglé, ou demandez-lui où il en est.";
    "not-sanitised" "Aucune donnée ne sort : ni réemploi ni recyclage tant qu’un support peut en contenir." "Terminez l’inventaire des supports, puis effacez ou détruisez chacun ; « missing » dit ce qui manque.";
    "not-ready" "Un foyer reçoit un équipement contrôlé, gradé et sans verrou." "Faites ce que « missing » énumère, puis recommencez.";
    "held" "Un équipement promis à un foyer ne part pas ailleurs." "Libérez d’abord la réservation, avec son motif, si elle ne doit plus tenir.";
    "not-held" "Ce geste suit une réservation, et il n’y en a pas." "Attribuez d’abord un équipement à la demande.";
    "nothing-to-undo" "On n’annule que son propre dernier geste, peu après, quand rien ne repose dessus." "Corrigez par le geste contraire : il laissera lui aussi sa trace.";
    "site-foreign" "On n’agit que là où l’on travaille." "Choisissez un de vos sites, ou demandez à l’administration d’ajouter celui-ci à votre compte.";
    "own-account" "Une instance sans administration ne s’ouvre plus." "Demandez à une autre personne de l’administration de le faire.";
    "not-a-workshop" "Effacer et réparer demandent un lieu équipé et responsable." "Envoyez l’équipement à un atelier, ou choisissez le bon site.";
    "code-taken" "Une étiquette désigne un seul objet." "Prenez une autre étiquette ; si deux objets portent la même, réétiquetez l’un des deux.";
    "donation-closed" "Un don clos a son récépissé : il ne change plus." "Enregistrez un nouveau don pour ce qui arrive après.";
    "request-not-waiting" "Seule une demande acceptée et en attente reçoit un équipement." "Regardez où en est la demande : à décider, servie ou retirée.";
    "request-already-held" "Une demande, un équipement." "Libérez la première réservation si elle doit être remplacée.";
    "device-already-held" "Un équipement, une demande." "Choisissez-en un autre : quelqu’un a été plus rapide.";
    "kind-mismatch" "Le foyer a demandé un type précis, et son prix en dépend." "Choisissez un équipement du type demandé.";
    "waits-for-desktop" "Un écran seul ne sert à rien : il suit son ordinateur." "Attribuez d’abord l’ordinateur fixe.";
    "quota-reached" "Les équipements sont rares ; chaque foyer en reçoit ce que la politique permet." "Si le besoin est distinct, demandez à la coordination de le décider.";
    "file-not-opened" "Chaque ouverture d’un dossier est enregistrée avec son motif." "Ouvrez le dossier depuis la file, puis recommencez.";
    "file-in-use" "On n’efface pas un foyer que l’on sert encore." "Retirez ou décidez d’abord ses demandes.";
    "one-person-two-steps" "Personne ne décide, attribue et remet seul pour une même demande : deux regards valent mieux." "Demandez à un collègue de faire cette étape.";
    "already-decided" "Une décision notifiée ne se change pas en silence." "Si elle est fausse, déposez une nouvelle demande ou passez par le recours.";
    "not-served" "On n’échange que ce qui a été remis." "Attendez la remise, ou libérez la réservation s’il faut un autre équipement.";
    "already-exchanged" "Un équipement n’est remplacé qu’une fois." "Suivez la demande d’échange qui existe déjà.";
    "slot-full" "Une place ne se donne pas deux fois." "Choisissez un autre créneau dans la liste rechargée.";
    "slot-unknown" "Les créneaux viennent des horaires du lieu, qui ont pu changer." "Rechargez la liste des créneaux et choisissez-en un.";
    "slot-too-early" "L’équipement doit avoir le temps d’arriver au lieu." "Choisissez un créneau plus tardif : la liste ne montre que les possibles.";
    "slot-too-far" "Une réservation trop lointaine bloque un équipement pour rien." "Choisissez un créneau plus proche.";
    "slot-without-pickup" "Ce créneau ne sert qu’à la prise en main." "Choisissez un créneau dont « purpose » contient « pickup ».";
    "slot-without-onboarding" "Ce créneau ne sert qu’au retrait." "Choisissez un créneau dont « purpose » contient « onboarding ».";
    "slot-not-begun" "Nul n’est absent avant l’heure." "Revenez quand le créneau a commencé.";
    "opening-in-use" "On ne ferme pas la porte devant un foyer attendu." "Déplacez d’abord les rendez-vous énumérés, puis changez les horaires.";
    "already-booked" "Une demande a un seul rendez-vous." "Déplacez celui qui existe plutôt que d’en prendre un autre.";
    "appointment-over" "Un rendez-vous passé, honoré ou annulé reste ce qu’il fut." "Prenez un nouveau rendez-vous.";
    "too-late-to-cancel" "Le lieu a déjà préparé la visite." "Téléphonez au lieu.";
    "too-late-to-move" "Le lieu a déjà préparé la visite." "Téléphonez au lieu.";
    "handover-incomplete" "Pas de remise sans accueil : le bon équipement, sa prise en main et le code du foyer, ensemble." "Faites ce que « missing » énumère, puis recommencez.";
    "wrong-pickup-code" "Le code est la preuve que seul le foyer détient." "Redemandez les six chiffres. S’ils sont perdus, une seconde personne peut permettre la remise.";
    "pickup-code-locked" "On ne devine pas six chiffres en essayant." "Attendez le nouveau code, ou demandez à une seconde personne.";
    "price-above-cap" "La loi plafonne ce que paie un foyer, par type d’équipement." "Demandez à la coordination de revoir la contribution.";
    "sale-not-allowed" "Un bien donné par une personne publique n’est vendu que par qui y est habilité." "Remettez-le gratuitement, ou faites-le remettre par une structure habilitée.";
    "breach-case-settled" "Un incident clos a été notifié tel quel." "Ouvrez un nouvel incident si un fait nouveau apparaît.";
    "lot-not-open" "Un lot fermé a été pesé : son contenu ne bouge plus." "Rouvrez le lot tant qu’il n’est pas enlevé, ou prenez-en un autre.";
    "lot-not-closed" "Ce qui part est pesé et scellé." "Pesez et fermez le lot, puis recommencez.";
    "lot-empty" "Un bordereau sans objet ne dit rien." "Ajoutez un objet, ou gardez le lot ouvert.";
    "wrong-waste-category" "Chaque filière ne reçoit que ses déchets." "Mettez l’objet dans un lot de la bonne catégorie.";
    "lot-item-not-ready" "Rien ne part avec des données, ni ce qui n’est pas en fin de vie." "Retirez du lot les objets énumérés dans « missing », ou finissez-en avec eux.";
    "already-in-a-lot" "Un objet ne part qu’une fois." "Retirez-le d’abord de l’autre lot.";
    "not-evidenced" "Un effacement se prouve par le fichier de l’outil, pour ce support-là." "Lisez chaque raison ; refaites l’effacement s’il le faut, puis remettez le nouveau fichier.";
    "declared-not-accepted" "La politique du territoire veut la preuve d’un outil." "Remettez le fichier de l’outil, ou détruisez le support devant témoin.";
    "medium-known" "Un support garde son histoire quand il change d’équipement." "Montez-le par son propre code, ou sortez-le d’abord de l’autre équipement.";
    "medium-proved" "Ce qui a une histoire n’a pas été inscrit par erreur." "Déclarez-le introuvable : un incident s’ouvre, et c’est voulu.";
    "shared-bench" "Un poste partagé est à plusieurs : ce qui touche un compte s’y ferait sous les yeux de tous." "Ouvrez votre propre session, par mot de passe, sur un autre poste.";
    "not-a-bench-role" "Le poste partagé sert aux gestes d’un site, pas à la coordination ni à l’administration." "Choisissez d’abord un de vos rôles qui travaille à un site.";
    "no-sign-in" "Un badge ou un lien ne sert qu’à qui peut se connecter." "Réactivez le compte, ou attendez que la personne ait choisi son mot de passe.";
    "address-taken" "Une adresse désigne un seul compte." "Prenez une autre adresse, ou demandez à l’administration.";
    "second-factor-set" "Un second facteur en place ne se remplace pas en silence." "Retirez d’abord l’ancien sous « Mon compte », puis recommencez.";
    "medium-unknown" "Un geste sur un support vise un support de cet équipement-là." "Rechargez l’équipement et prenez l’identité du support dans « media ».";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::problems;

    #[test]
    fn each_problem_says_why_and_what_to_do() {
        let silent: Vec<_> = problems::ALL
            .iter()
            .map(|problem| problem.code)
            .filter(|code| of(code).is_none_or(|a| a.why.is_empty() || a.now.is_empty()))
            .collect();
        assert!(
            silent.is_empty(),
            "no advice in web/advice.rs for {silent:?}"
        );
    }

    #[test]
    fn no_advice_is_about_nothing_or_given_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for advice in ALL {
            assert!(
                problems::ALL.iter().any(|p| p.code == advice.code),
                "{}",
                advice.code
            );
            assert!(seen.insert(advice.code), "{} twice", advice.code);
        }
    }
}
