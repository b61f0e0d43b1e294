//! The form of a request: fewer words than the API's input, the same action behind it.

use chrono::{Months, NaiveDate};
use entities::enums::{DeviceKind, FamilyTie, NeedUse};
use serde::Deserialize;
use uuid::Uuid;
use validator::Validate;

use super::communes;
use super::input::{EvidenceInput, NeedInput, QuotientInput, RequestInput, ResourcesInput};
use super::rules::{Evidence, Facts, Person};
use super::words::{Origin, Proof};
use crate::error::{Error, FieldError, Result};
use crate::french;
use crate::households::steps::HouseholdInput;
use crate::web::FormState;

/// Rows for the other people of a household that the page shows at once; a script adds more.
pub(super) const OTHERS: usize = 2;
/// Most people of a household.
pub(super) const MOST_PEOPLE: usize = 20;

/// What the page sends.
#[derive(Debug, Deserialize, Validate)]
pub(super) struct RequestForm {
    id: Option<Uuid>,
    #[validate(nested)]
    household: HouseholdInput,
    #[serde(default)]
    resources: ResourcesForm,
    need: NeedInput,
}

/// Resources as people say them, in euros.
#[derive(Debug, Default, Deserialize)]
struct ResourcesForm {
    /// Net resources of the household in a month, in euros.
    net_monthly: Option<String>,
    /// Somebody saw a proof of them.
    #[serde(default)]
    seen: bool,
    /// As printed on the paper.
    quotient_familial: Option<String>,
    /// A benefit that proves low income was seen.
    #[serde(default)]
    low_income_status: bool,
}

impl RequestForm {
    /// The API's input, or the fields that can't be read.
    pub(super) fn into_input(self, today: NaiveDate, valid_months: u32) -> Result<RequestInput> {
        let mut faults = Vec::new();
        let net = self.resources.net_monthly.as_deref().map(french::cents);
        if net == Some(None) {
            faults.push(FieldError::new(
                "#/resources/net_monthly",
                "Une somme en euros, comme 980 ou 980,50.",
            ));
        }
        let quotient = self
            .resources
            .quotient_familial
            .as_deref()
            .map(|text| text.trim().parse::<i64>().ok());
        if quotient == Some(None) {
            faults.push(FieldError::new(
                "#/resources/quotient_familial",
                "Un nombre sans décimale, comme 540.",
            ));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let resources = ResourcesInput {
            net_monthly_cents: net.flatten(),
            quotient_familial: quotient.flatten().map(QuotientInput::Figure),
            low_income_status: self.resources.low_income_status,
        };
        let evidence = seen(&resources, self.resources.seen, today, valid_months);
        let mut household = self.household;
        household.commune = commune_code(&household.commune);
        Ok(RequestInput {
            id: self.id,
            household,
            resources,
            evidence,
            need: self.need,
        })
    }
}

/// What was seen today: a status is ticked only once it was seen, a quotient is read from its paper.
fn seen(
    resources: &ResourcesInput,
    net_seen: bool,
    today: NaiveDate,
    valid_months: u32,
) -> Vec<EvidenceInput> {
    let until = today
        .checked_add_months(Months::new(valid_months))
        .unwrap_or(today);
    let proofs = [
        (resources.low_income_status, Proof::LowIncomeStatus),
        (
            resources.quotient_familial.is_some(),
            Proof::QuotientFamilial,
        ),
        (
            net_seen && resources.net_monthly_cents.is_some(),
            Proof::Resources,
        ),
    ];
    proofs
        .into_iter()
        .filter(|(was_seen, _)| *was_seen)
        .map(|(_, kind)| EvidenceInput {
            kind,
            seen_on: today,
            valid_until: until,
        })
        .collect()
}

/// The INSEE code of what was typed: a code, or a commune's name.
fn commune_code(typed: &str) -> String {
    let typed = typed.trim();
    communes::communes()
        .iter()
        .find(|c| c.code == typed || c.name.to_lowercase() == typed.to_lowercase())
        .map_or_else(|| typed.to_owned(), |c| c.code.to_owned())
}

/// What the rules can say of a form that is still being filled; none before the applicant's day of birth.
pub(super) fn facts_so_far(form: &FormState, today: NaiveDate, valid_months: u32) -> Option<Facts> {
    let people: Vec<Person> = (0..MOST_PEOPLE)
        .filter_map(|n| {
            let born = form
                .value(&format!("household[people][{n}][birth_date]"))
                .parse()
                .ok()?;
            let relation = form
                .value(&format!("household[people][{n}][relation]"))
                .parse();
            Some(Person {
                born,
                relation: relation.unwrap_or(FamilyTie::Other),
            })
        })
        .collect();
    people
        .iter()
        .find(|one| one.relation == FamilyTie::Applicant)?;
    let resources = ResourcesInput {
        net_monthly_cents: french::cents(form.value("resources[net_monthly]")),
        quotient_familial: form
            .value("resources[quotient_familial]")
            .parse()
            .ok()
            .map(QuotientInput::Figure),
        low_income_status: form.is("resources[low_income_status]", "true"),
    };
    let net_seen = form.is("resources[seen]", "true");
    let evidence = seen(&resources, net_seen, today, valid_months);
    Some(Facts {
        people,
        net_monthly_cents: resources.net_monthly_cents,
        quotient_familial: resources.quotient_familial.map(|qf| qf.full(today)),
        low_income_status: resources.low_income_status,
        evidence: evidence
            .into_iter()
            .map(|one| Evidence {
                kind: one.kind,
                seen_on: one.seen_on,
                valid_until: one.valid_until,
            })
            .collect(),
        commune: commune_code(form.value("household[commune]")),
        kind: form
            .value("need[kind]")
            .parse()
            .unwrap_or(DeviceKind::Laptop),
        need_use: form.value("need[use]").parse().unwrap_or(NeedUse::Other),
        received_on: Vec::new(),
        open_requests: 0,
        possible_duplicate: false,
        origin: Origin::Filed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commune_is_found_by_its_name_or_code() {
        assert_eq!(commune_code("béziers"), "34032");
        assert_eq!(commune_code("34172"), "34172");
        assert_eq!(commune_code("Ailleurs"), "Ailleurs");
    }
}
