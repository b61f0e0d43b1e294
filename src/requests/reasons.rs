//! Why: the closed lists of reasons with their French, and the mention of the algorithm.
//!
//! The texts here carry no figure of anybody: they serve the auditor's pages and letters where the person's own
//! sentences are sealed or erased. The codes are kept in clear with each decision.

use entities::enums::Outcome;

/// A reason that a human may give.
#[derive(Debug, PartialEq, Eq)]
pub struct HumanReason {
    /// Stable word, as the API says it.
    pub code: &'static str,
    /// The answer it goes with.
    pub outcome: Outcome,
    /// For the list and the letter.
    pub text: &'static str,
}

/// The reason that lets a household have a device beyond its quota.
pub const DISTINCT_NEED: &str = "distinct_need";

/// What a coordinator may answer with. A missing proof is not among the grounds of a refusal.
pub const HUMAN_REASONS: &[HumanReason] = &[
    HumanReason {
        code: "proof_seen",
        outcome: Outcome::Eligible,
        text: "Le justificatif qui manquait a été vu.",
    },
    HumanReason {
        code: "resources_checked",
        outcome: Outcome::Eligible,
        text: "Les ressources par unité de consommation ont été vérifiées et ne dépassent pas le seuil.",
    },
    HumanReason {
        code: "left_to_live",
        outcome: Outcome::Eligible,
        text: "Le reste à vivre, une fois payées les charges fixes, justifie l’aide.",
    },
    HumanReason {
        code: "situation_changed",
        outcome: Outcome::Eligible,
        text: "La situation du foyer a changé depuis la période que regardent les justificatifs.",
    },
    HumanReason {
        code: DISTINCT_NEED,
        outcome: Outcome::Eligible,
        text: "Le foyer a un besoin distinct de celui auquel l’équipement déjà reçu répond.",
    },
    HumanReason {
        code: "distinct_household",
        outcome: Outcome::Eligible,
        text: "Il s’agit d’un autre foyer que celui du dossier ressemblant.",
    },
    HumanReason {
        code: "agreed_elsewhere",
        outcome: Outcome::Eligible,
        text: "Le foyer est accepté en accord avec le territoire où il habite.",
    },
    HumanReason {
        code: "resources_too_high",
        outcome: Outcome::NotEligible,
        text: "Les ressources par unité de consommation, vérifiées, dépassent le seuil fixé par le territoire.",
    },
    HumanReason {
        code: "already_equipped",
        outcome: Outcome::NotEligible,
        text: "Le foyer a déjà reçu le nombre d’équipements prévu pour la période.",
    },
    HumanReason {
        code: "elsewhere",
        outcome: Outcome::NotEligible,
        text: "Le foyer habite hors du territoire ouvert\u{a0}; il est orienté vers le dispositif du sien.",
    },
    HumanReason {
        code: "same_household",
        outcome: Outcome::NotEligible,
        text: "Le même foyer a déjà une demande en cours pour le même besoin.",
    },
];

/// What the rules may say, without figures.
const MACHINE_REASONS: &[(&str, &str)] = &[
    (
        "status_proved",
        "Un statut qui prouve de faibles ressources a été vu.",
    ),
    (
        "status_claimed",
        "Un statut qui prouve de faibles ressources est indiqué\u{a0}; le justificatif reste à voir.",
    ),
    (
        "quotient_proved",
        "Le quotient familial ouvre droit à un équipement.",
    ),
    (
        "quotient_claimed",
        "Le quotient familial indiqué ouvrirait droit à un équipement\u{a0}; l’attestation reste à voir.",
    ),
    (
        "quotient_by_resources",
        "Le quotient familial ne suffit pas\u{a0}: les ressources par unité de consommation comptent.",
    ),
    (
        "quotient_high",
        "Le quotient familial est au-dessus de la borne du territoire.",
    ),
    (
        "consumption_units",
        "Le foyer a été compté en unités de consommation.",
    ),
    (
        "resources_below",
        "Les ressources par unité de consommation ne dépassent pas le seuil.",
    ),
    (
        "resources_near",
        "Les ressources par unité de consommation dépassent un peu le seuil.",
    ),
    (
        "resources_above",
        "Les ressources par unité de consommation dépassent nettement le seuil.",
    ),
    (
        "refusal_proposed",
        "Les règles du territoire proposent un refus\u{a0}; une personne nommée doit le confirmer ou accepter la demande.",
    ),
    (
        "household_unclear",
        "La composition du foyer est à vérifier.",
    ),
    (
        "no_proof",
        "Il faut un justificatif parmi trois, au choix\u{a0}: un statut qui prouve de faibles ressources, le quotient \
         familial, ou les ressources du mois.",
    ),
    (
        "outside_territory",
        "La commune du foyer n’est pas ouverte par la politique du territoire.",
    ),
    (
        "applicant_minor",
        "La personne qui demande est mineure\u{a0}: un représentant doit porter la demande.",
    ),
    (
        "possible_duplicate",
        "Un autre dossier ressemble à celui-ci\u{a0}: il faut vérifier s’il s’agit du même foyer.",
    ),
    (
        "over_quota",
        "Le foyer a déjà reçu un équipement dans la période.",
    ),
    (
        "open_request",
        "Le foyer a déjà une autre demande en cours.",
    ),
    (
        "exchange",
        "Échange d’un équipement déjà remis\u{a0}: la première décision tient.",
    ),
    (
        "companion",
        "Écran qui accompagne l’ordinateur fixe\u{a0}: remis le même jour, sans participation.",
    ),
];

/// The text of a code, human or machine; none for a code that is on no list.
pub fn reason_text(code: &str) -> Option<&'static str> {
    human_reason(code).map(|one| one.text).or_else(|| {
        MACHINE_REASONS
            .iter()
            .find(|(one, _)| *one == code)
            .map(|(_, text)| *text)
    })
}

/// A human reason by its code.
pub fn human_reason(code: &str) -> Option<&'static HumanReason> {
    HUMAN_REASONS.iter().find(|one| one.code == code)
}

/// The reasons that go with an answer, for its list.
pub fn human_reasons(outcome: Outcome) -> impl Iterator<Item = &'static HumanReason> {
    HUMAN_REASONS
        .iter()
        .filter(move |one| one.outcome == outcome)
}

/// The mention that every page, letter and PDF of a decision or of a rank in the queue carries.
///
/// Articles L311-3-1 and R311-3-1-1 of the CRPA ask for it: purpose, right to the rules, how to ask, the CADA. A
/// decision taken by a machine without it is void.
pub const fn mention() -> &'static str {
    "Un traitement algorithmique a participé à cette décision. Il compare la situation déclarée du foyer aux règles \
     publiques du territoire, calcule la participation demandée et le rang dans la file d’attente. Aucun refus n’est \
     décidé par lui seul\u{a0}: une personne nommée le confirme. Vous avez le droit d’obtenir communication des règles qui \
     définissent ce traitement et des principales caractéristiques de sa mise en œuvre dans votre cas (articles \
     L. 311-3-1 et R. 311-3-1-1 du code des relations entre le public et l’administration). Pour cela, écrivez au \
     service dont l’adresse figure sur ce document. S’il ne vous les communique pas, vous pouvez saisir la Commission \
     d’accès aux documents administratifs (CADA)."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_texts_are_sentences() {
        let human = HUMAN_REASONS.iter().map(|one| (one.code, one.text));
        let all = human
            .chain(MACHINE_REASONS.iter().copied())
            .collect::<Vec<_>>();
        for (index, (code, text)) in all.iter().enumerate() {
            assert!(
                all.iter().skip(index + 1).all(|(other, _)| other != code),
                "{code} twice"
            );
            assert!(text.ends_with('.'), "{code}");
            for sign in [" :", " ;", " !", " ?"] {
                assert!(
                    !text.contains(sign),
                    "{code}: a breakable space before {sign:?}"
                );
            }
        }
        assert!(!mention().contains(" :"));
        assert_eq!(reason_text("because"), None);
    }

    #[test]
    fn no_human_refuses_for_want_of_a_proof() {
        assert_eq!(human_reasons(Outcome::NotEligible).count(), 4);
        assert!(human_reasons(Outcome::NotEligible).all(|one| !one.code.contains("proof")));
        assert!(human_reasons(Outcome::NeedsReview).next().is_none());
    }

    #[test]
    fn the_mention_says_what_the_law_asks() {
        for part in [
            "algorithmique",
            "L. 311-3-1",
            "règles",
            "principales caractéristiques",
            "écrivez",
            "CADA",
        ] {
            assert!(mention().contains(part), "{part}");
        }
    }
}
