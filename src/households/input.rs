//! What is sent of a household: the same for the form and the API.

use chrono::NaiveDate;
use entities::enums::{Channel, FamilyTie};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::rules;
use crate::error::{Error, FieldError, Result};

/// A household as told by who files for it.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
pub(crate) struct HouseholdInput {
    /// Who lives there; exactly one is the applicant.
    #[serde(default)]
    #[validate(
        nested,
        length(min = 1, max = 20, message = "Entre 1 et 20 personnes.")
    )]
    pub(crate) people: Vec<PersonInput>,
    /// INSEE code of the commune, five characters.
    #[validate(length(max = 80, message = "Choisissez une commune de la liste."))]
    pub(crate) commune: String,
    /// Language of letters and pages.
    #[serde(default = "french")]
    #[validate(length(min = 2, max = 10, message = "Langue inconnue."))]
    pub(crate) language: String,
    /// How to reach it.
    #[validate(nested)]
    pub(crate) contact: ContactInput,
}

/// Somebody of the household.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
pub(crate) struct PersonInput {
    /// Day of birth.
    pub(crate) birth_date: NaiveDate,
    /// Family name; of those who don't ask, it is not needed.
    #[serde(default)]
    #[validate(
        length(max = 80, message = "Au plus 80 caractères."),
        custom(function = "no_nir")
    )]
    pub(crate) family_name: String,
    /// Given name; of those who don't ask, it is not needed.
    #[serde(default)]
    #[validate(
        length(max = 80, message = "Au plus 80 caractères."),
        custom(function = "no_nir")
    )]
    pub(crate) given_name: String,
    /// To the applicant.
    pub(crate) relation: FamilyTie,
}

/// How a household is reached.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
pub(crate) struct ContactInput {
    /// Telephone.
    #[validate(
        length(max = 30, message = "Numéro trop long."),
        custom(function = "no_nir")
    )]
    pub(crate) phone: Option<String>,
    /// Address of mail.
    #[validate(
        length(max = 254, message = "Adresse trop longue."),
        custom(function = "no_nir")
    )]
    pub(crate) email: Option<String>,
    /// Address for letters, several lines.
    #[validate(
        length(max = 300, message = "Au plus 300 caractères."),
        custom(function = "no_nir")
    )]
    pub(crate) postal_address: Option<String>,
    /// How it wants to be written to.
    pub(crate) channel: Channel,
}

fn french() -> String {
    String::from("fr")
}

/// Refuses a text that holds what looks like a social security number.
pub(crate) fn no_nir(text: &str) -> std::result::Result<(), ValidationError> {
    if rules::holds_nir(text) {
        Err(ValidationError::new("nir").with_message(rules::NIR_REFUSED.into()))
    } else {
        Ok(())
    }
}

impl HouseholdInput {
    /// Checks what a field alone can't tell; `at` is the pointer of the household, `#/household`.
    ///
    /// # Errors
    /// Every fault with its pointer.
    pub(crate) fn check(&self, at: &str, today: NaiveDate) -> Result<()> {
        let mut faults = Vec::new();
        let applicants = self
            .people
            .iter()
            .filter(|one| one.relation == FamilyTie::Applicant)
            .count();
        if applicants != 1 {
            faults.push(FieldError::new(
                format!("{at}/people"),
                "Une personne, et une seule, est celle qui demande.",
            ));
        }
        for (n, person) in self.people.iter().enumerate() {
            let wrong = if person.birth_date > today {
                Some("La date de naissance est après aujourd’hui.")
            } else if today
                .years_since(person.birth_date)
                .is_none_or(|age| age > 120)
            {
                Some("La date de naissance est trop ancienne.")
            } else {
                None
            };
            if let Some(text) = wrong {
                faults.push(FieldError::new(format!("{at}/people/{n}/birth_date"), text));
            }
            if person.relation == FamilyTie::Applicant {
                for (field, name) in [
                    ("family_name", &person.family_name),
                    ("given_name", &person.given_name),
                ] {
                    if name.trim().is_empty() {
                        faults.push(FieldError::new(
                            format!("{at}/people/{n}/{field}"),
                            "Ce champ est obligatoire.",
                        ));
                    }
                }
            }
        }
        if !rules::LANGUAGES
            .iter()
            .any(|(code, _)| *code == self.language)
        {
            faults.push(FieldError::new(
                format!("{at}/language"),
                "Langue inconnue.",
            ));
        }
        self.contact.check(&format!("{at}/contact"), &mut faults);
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(faults))
        }
    }
}

impl ContactInput {
    fn check(&self, at: &str, faults: &mut Vec<FieldError>) {
        let phone = self.phone.as_deref().map(rules::phone);
        if matches!(phone, Some(None)) {
            faults.push(FieldError::new(
                format!("{at}/phone"),
                "Un numéro de téléphone a entre 6 et 14 chiffres.",
            ));
        }
        let email = self.email.as_deref();
        if email.is_some_and(|text| !rules::is_mail_address(text)) {
            faults.push(FieldError::new(
                format!("{at}/email"),
                "Cette adresse de courriel n’est pas complète.",
            ));
        }
        let (field, text) = match self.channel {
            Channel::Text if self.phone.is_none() => {
                ("phone", "Pour écrire par SMS, il faut un numéro.")
            }
            Channel::Email if self.email.is_none() => {
                ("email", "Pour écrire par courriel, il faut une adresse.")
            }
            Channel::Letter if self.postal_address.is_none() => (
                "postal_address",
                "Pour écrire par courrier, il faut une adresse postale.",
            ),
            Channel::Text | Channel::Email | Channel::Letter => return,
        };
        faults.push(FieldError::new(format!("{at}/{field}"), text));
    }
}
