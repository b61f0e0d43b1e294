//! The page as it is shown again: every field as it was typed, the list renumbered.

use super::reading::label;
use super::{Draft, Typed};
use crate::intake::input::Accessory;
use crate::intake::words;
use crate::web::{FormState, Visit};

/// A device in the list of the page.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Place in the list.
    pub(crate) n: usize,
    /// Make and model.
    pub(crate) name: String,
    /// Kind and serial.
    pub(crate) detail: String,
    /// What is sent again as it is: name and value.
    pub(crate) kept: Vec<(String, String)>,
    /// What is to be corrected: name and label.
    pub(crate) wrong: Vec<(String, &'static str)>,
}

impl Typed {
    /// The page's fields as they were typed, the list renumbered.
    pub(crate) fn state(&self, visit: &Visit) -> FormState {
        let mut state =
            FormState::new(visit).with("id", self.id.map(|id| id.to_string()).unwrap_or_default());
        let mut keep = |name: &str, value: &Option<String>| {
            state = std::mem::take(&mut state).with(name, value.clone().unwrap_or_default());
        };
        // A script sends no draft: the keys stand where the last device left them.
        let last = self.devices.last().unwrap_or(&self.draft);
        let draft = Draft {
            kind: self.draft.kind.clone().or_else(|| last.kind.clone()),
            condition: self
                .draft
                .condition
                .clone()
                .or_else(|| last.condition.clone()),
            ..self.draft.clone()
        };
        for (field, value) in draft.fields() {
            keep(&format!("draft[{field}]"), value);
        }
        for (n, device) in self.devices.iter().enumerate() {
            for (field, value) in device.fields() {
                keep(&format!("devices[{n}][{field}]"), value);
            }
        }
        for (n, kind) in Accessory::ALL.iter().enumerate() {
            let typed = self
                .accessories
                .iter()
                .find(|a| a.kind.as_deref() == Some(kind.as_str()));
            keep(
                &format!("accessories[{n}][count]"),
                &typed.and_then(|a| a.count.clone()),
            );
        }
        for (field, value) in [
            ("donor[kind]", &self.donor.kind),
            ("donor[name]", &self.donor.name),
            ("donor[email]", &self.donor.email),
            ("donor[phone]", &self.donor.phone),
            ("donor[siret]", &self.donor.siret),
            ("entered_as", &self.entered_as),
            ("legal_basis", &self.legal_basis),
            ("unit_value_cents", &self.unit_value_cents),
            ("transfer_reference", &self.transfer_reference),
        ] {
            keep(field, value);
        }
        let consent = self.consent_to_erasure.then(|| "true".to_owned());
        keep("consent_to_erasure", &consent);
        state
    }

    /// The list as it is shown.
    pub(crate) fn rows(&self, form: &FormState) -> Vec<Row> {
        self.devices
            .iter()
            .enumerate()
            .map(|(n, device)| device.row(n, form))
            .collect()
    }
}

impl Draft {
    fn row(&self, n: usize, form: &FormState) -> Row {
        let (input, _) = self.input("#");
        let serial = match &self.serial {
            Some(serial) => format!("n° {serial}"),
            None => "sans numéro de série".to_owned(),
        };
        let mut row = Row {
            n,
            name: words::name(self.make.as_deref(), self.model.as_deref(), input.kind),
            detail: format!("{} · {serial}", words::kind_key(input.kind)),
            kept: Vec::new(),
            wrong: Vec::new(),
        };
        for (field, value) in self.fields() {
            let name = format!("devices[{n}][{field}]");
            if form.error(&name).is_some() {
                row.wrong.push((name, label(field)));
            } else if let Some(value) = value {
                row.kept.push((name, value.clone()));
            }
        }
        row
    }
}
