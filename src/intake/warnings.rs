//! What somebody should look at in a gift. Computed from what is stored, so that a replay says the same.

use entities::ids::DeviceId;
use entities::{device, device_term, donation};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::devices::{self, serial};
use crate::error::Result;
use crate::intake::rules::{self, Known};
use crate::intake::store::Line;

/// Something to look at that refuses nothing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(crate) struct Warning {
    /// What it is about, as a JSON pointer into the gift.
    pub(crate) pointer: String,
    /// Stable code.
    pub(crate) code: &'static str,
    /// In words.
    pub(crate) detail: String,
}

/// The warnings of a gift.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    donation: &donation::Model,
    lines: &[Line],
) -> Result<Vec<Warning>> {
    let mut warnings = Vec::new();
    if donation.public_donor {
        let over = donation
            .unit_value_cents
            .map(|v| v > rules::PUBLIC_UNIT_VALUE_CENTS);
        let words = match over {
            Some(true) => Some((
                "unit-value-above-300",
                "Valeur unitaire de plus de 300 € : une personne publique ne peut pas donner librement au-delà.",
            )),
            None => Some((
                "unit-value-unknown",
                "Demandez la valeur unitaire : une personne publique ne donne librement que jusqu’à 300 €.",
            )),
            Some(false) => None,
        };
        if let Some((code, detail)) = words {
            warnings.push(Warning {
                pointer: "#/unit_value_cents".to_owned(),
                code,
                detail: detail.to_owned(),
            });
        }
    }
    let given: Vec<&device::Model> = lines.iter().filter_map(|l| l.device.as_ref()).collect();
    let serials: Vec<&str> = given.iter().filter_map(|d| d.serial.as_deref()).collect();
    let known = with_serials(db, &serials).await?;
    for (n, line) in lines.iter().enumerate() {
        let Some(device) = &line.device else { continue };
        let Some(real) = device.serial.as_deref().and_then(serial::clean) else {
            continue;
        };
        let other = known.iter().find(|other| {
            other.id != device.id && rules::is_same(device.make.as_deref(), &real, &as_known(other))
        });
        if let Some(other) = other {
            warnings.push(Warning {
                pointer: format!("#/devices/{n}/serial"),
                code: "serial-known",
                detail: crate::intake::words::serial_known(&real, other),
            });
        }
    }
    Ok(warnings)
}

/// What the rules compare of a device.
pub(crate) fn as_known(device: &device::Model) -> Known {
    Known {
        make: device.make.clone(),
        serial: device.serial.clone().unwrap_or_default(),
        custody: device.custody,
    }
}

/// Devices that carry one of these serial numbers. Placeholders of firmware find nothing.
pub(crate) async fn with_serials(
    db: &impl ConnectionTrait,
    serials: &[&str],
) -> Result<Vec<device::Model>> {
    let real: Vec<String> = serials.iter().filter_map(|s| serial::clean(s)).collect();
    let terms: Vec<String> = real.iter().map(|s| devices::terms::whole(s)).collect();
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<DeviceId> = device_term::Entity::find()
        .select_only()
        .column(device_term::Column::DeviceId)
        .filter(device_term::Column::Term.is_in(terms))
        .limit(2_000)
        .into_tuple()
        .all(db)
        .await?;
    let found = device::Entity::find()
        .filter(device::Column::Id.is_in(ids))
        .all(db)
        .await?;
    let wanted: Vec<String> = real.iter().map(|s| serial::comparable(s)).collect();
    Ok(found
        .into_iter()
        .filter(|d| {
            let serial = d.serial.as_deref().map(serial::comparable);
            serial.is_some_and(|s| wanted.contains(&s))
        })
        .collect())
}
