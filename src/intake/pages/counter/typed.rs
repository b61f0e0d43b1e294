//! What is on the counter's page: nothing that is typed there is ever lost, however wrong.

mod reading;
mod shown;

use entities::enums::{Condition, DeviceKind, DonorKind, EnteredAs};
use serde::Deserialize;
use uuid::Uuid;
use validator::Validate;

use self::reading::read;
pub(super) use self::shown::Row;
use crate::error::{Error, FieldError, Result};
use crate::french;
use crate::intake::input::{Accessory, AccessoryInput, DeviceInput, DonationInput, DonorInput};
use crate::intake::{rules, words};

/// The page as it was sent: texts, whatever they say.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
pub(crate) struct Typed {
    id: Option<Uuid>,
    #[serde(default)]
    draft: Draft,
    #[serde(default)]
    devices: Vec<Draft>,
    #[serde(default)]
    accessories: Vec<Counted>,
    #[serde(default)]
    donor: Donor,
    entered_as: Option<String>,
    legal_basis: Option<String>,
    unit_value_cents: Option<String>,
    transfer_reference: Option<String>,
    #[serde(default)]
    consent_to_erasure: bool,
    r#do: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Draft {
    kind: Option<String>,
    make: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    asset_tag: Option<String>,
    condition: Option<String>,
    code: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Counted {
    kind: Option<String>,
    count: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Donor {
    kind: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    siret: Option<String>,
}

/// Which button was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Do {
    /// The draft goes to the list.
    Add,
    /// The device at this place leaves the list.
    Remove(usize),
    /// The gift is taken.
    Register,
}

impl Typed {
    /// The page before anybody typed.
    pub(super) fn empty(id: Uuid) -> Self {
        Self {
            id: Some(id),
            draft: Draft {
                kind: Some(DeviceKind::Laptop.as_str().to_owned()),
                condition: Some(Condition::Unknown.as_str().to_owned()),
                ..Draft::default()
            },
            entered_as: Some(EnteredAs::Product.as_str().to_owned()),
            consent_to_erasure: true,
            ..Self::default()
        }
    }

    /// Gives the gift to come another identity.
    pub(super) fn renew(&mut self, id: Uuid) {
        self.id = Some(id);
    }

    /// Which button was pressed. Enter in a field is "add".
    pub(super) fn act(&self) -> Do {
        match self.r#do.as_deref() {
            Some("register") => Do::Register,
            Some(word) => match word.strip_prefix("remove:").and_then(|n| n.parse().ok()) {
                Some(n) => Do::Remove(n),
                None => Do::Add,
            },
            None => Do::Add,
        }
    }

    /// Whether something is typed that is not in the list yet.
    pub(super) fn has_draft(&self) -> bool {
        let draft = &self.draft;
        [
            &draft.make,
            &draft.model,
            &draft.serial,
            &draft.asset_tag,
            &draft.code,
        ]
        .into_iter()
        .any(Option::is_some)
    }

    /// Moves the draft to the list; the kind stays for the next of the pile.
    pub(super) fn add_draft(&mut self) -> Result<()> {
        if !self.has_draft() {
            return Err(Error::field(
                "#/draft/make",
                "Il manque la marque, le modèle ou le numéro de série.",
            ));
        }
        let (mut input, mut faults) = self.draft.input("#/draft");
        rules::tidy_device(&mut input);
        if let Err(Error::Invalid(more)) = crate::web::extract::validate(&input) {
            faults.extend(more.into_iter().map(|fault| FieldError {
                pointer: fault.pointer.replacen('#', "#/draft", 1),
                ..fault
            }));
        }
        faults.extend(rules::device_faults(&input, "#/draft"));
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let rest = Draft {
            kind: self.draft.kind.clone(),
            condition: self.draft.condition.clone(),
            ..Draft::default()
        };
        self.devices.push(std::mem::replace(&mut self.draft, rest));
        Ok(())
    }

    /// Takes a device out of the list.
    pub(super) fn remove(&mut self, n: usize) {
        if n < self.devices.len() {
            self.devices.remove(n);
        }
    }

    /// What is meant, and what can't be read.
    pub(super) fn input(&self) -> (DonationInput, Vec<FieldError>) {
        let mut faults = Vec::new();
        let mut devices = Vec::new();
        for (n, device) in self.devices.iter().enumerate() {
            let (input, more) = device.input(&format!("#/devices/{n}"));
            devices.push(input);
            faults.extend(more);
        }
        let input = DonationInput {
            id: self.id,
            site: None,
            donor: self.donor.input(&mut faults),
            entered_as: read(
                self.entered_as.as_deref(),
                EnteredAs::Product,
                "#/entered_as",
                &mut faults,
            ),
            legal_basis: self.legal_basis.clone(),
            unit_value_cents: self.unit_value_cents.as_deref().and_then(|text| {
                let cents = french::cents(text);
                if cents.is_none() {
                    faults.push(FieldError::new(
                        "#/unit_value_cents",
                        "Un montant en euros, comme 250 ou 249,90.",
                    ));
                }
                cents
            }),
            transfer_reference: self.transfer_reference.clone(),
            consent_to_erasure: self.consent_to_erasure,
            devices,
            accessories: self.counted(&mut faults),
        };
        (input, faults)
    }

    fn counted(&self, faults: &mut Vec<FieldError>) -> Vec<AccessoryInput> {
        let mut list = Vec::new();
        for (n, counted) in self.accessories.iter().enumerate() {
            let kind = Accessory::ALL
                .into_iter()
                .find(|kind| counted.kind.as_deref() == Some(kind.as_str()));
            let (Some(kind), Some(text)) = (kind, counted.count.as_deref()) else {
                continue;
            };
            match text.parse::<i32>() {
                Ok(0) => {}
                Ok(count) if (1..=10_000).contains(&count) => {
                    list.push(AccessoryInput { kind, count });
                }
                Ok(_) | Err(_) => faults.push(FieldError::new(
                    format!("#/accessories/{n}/count"),
                    format!("{} : un nombre entre 0 et 10 000.", words::accessory(kind)),
                )),
            }
        }
        list
    }
}

impl Draft {
    fn fields(&self) -> [(&'static str, &Option<String>); 7] {
        [
            ("kind", &self.kind),
            ("make", &self.make),
            ("model", &self.model),
            ("serial", &self.serial),
            ("asset_tag", &self.asset_tag),
            ("condition", &self.condition),
            ("code", &self.code),
        ]
    }

    fn input(&self, at: &str) -> (DeviceInput, Vec<FieldError>) {
        let mut faults = Vec::new();
        let input = DeviceInput {
            kind: read(
                self.kind.as_deref(),
                DeviceKind::Laptop,
                &format!("{at}/kind"),
                &mut faults,
            ),
            make: self.make.clone(),
            model: self.model.clone(),
            serial: self.serial.clone(),
            asset_tag: self.asset_tag.clone(),
            condition: read(
                self.condition.as_deref(),
                Condition::Unknown,
                &format!("{at}/condition"),
                &mut faults,
            ),
            code: self.code.clone(),
        };
        (input, faults)
    }
}

impl Donor {
    fn input(&self, faults: &mut Vec<FieldError>) -> Option<DonorInput> {
        let Some(kind) = self.kind.as_deref() else {
            let typed = [&self.name, &self.email, &self.phone, &self.siret];
            if typed.into_iter().any(Option::is_some) {
                faults.push(FieldError::new(
                    "#/donor/kind",
                    "Dites qui donne, ou videz ces champs pour un don anonyme.",
                ));
            }
            return None;
        };
        Some(DonorInput {
            kind: read(Some(kind), DonorKind::Individual, "#/donor/kind", faults),
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            siret: self.siret.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_is_read_and_enter_adds() {
        let pressed = |word: Option<&str>| {
            Typed {
                r#do: word.map(str::to_owned),
                ..Typed::default()
            }
            .act()
        };
        assert_eq!(pressed(Some("register")), Do::Register);
        assert_eq!(pressed(Some("remove:3")), Do::Remove(3));
        assert_eq!(pressed(Some("add")), Do::Add);
        assert_eq!(pressed(None), Do::Add);
    }

    #[test]
    fn the_draft_goes_to_the_list_and_leaves_only_its_kind() {
        let mut typed = Typed::empty(Uuid::from_u128(1));
        assert!(typed.add_draft().is_err());
        typed.draft.model = Some("ThinkPad T440".into());
        typed.add_draft().unwrap();
        assert!(!typed.has_draft());
        let (input, faults) = typed.input();
        assert_eq!((input.devices.len(), faults.len()), (1, 0));
        assert_eq!(input.devices[0].model.as_deref(), Some("ThinkPad T440"));
        assert_eq!(typed.draft.kind.as_deref(), Some("laptop"));
    }

    #[test]
    fn who_gives_is_asked_once_something_is_said_of_them() {
        let mut typed = Typed::empty(Uuid::from_u128(1));
        typed.donor.name = Some("Cave des Vignerons".into());
        let (input, faults) = typed.input();
        assert!(input.donor.is_none());
        assert_eq!(faults[0].pointer, "#/donor/kind");
    }
}
