//! Reads of gifts, and the rows a gift is made of. Personal columns are opened here and nowhere else.

use std::collections::HashMap;

use entities::enums::{DeviceKind, DonationStatus, DonorKind};
use entities::ids::{DeviceId, DonationId, DonorId, SiteId};
use entities::{device, device_term, donation, donation_accessory, donation_line, donor, site};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::access;
use crate::app::App;
use crate::devices::{self, serial};
use crate::error::{Error, Result};
use crate::intake::rules::{self, Known};
use crate::seal::KeyRing;

/// A gift with all that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Gift {
    /// The row.
    pub(crate) donation: donation::Model,
    /// Where it was given.
    pub(crate) site: site::Model,
    /// Who gave, none when anonymous.
    pub(crate) donor: Option<Donor>,
    /// What was announced, each with the device that came.
    pub(crate) lines: Vec<Line>,
    /// What is counted.
    pub(crate) accessories: Vec<donation_accessory::Model>,
    /// What somebody should look at.
    pub(crate) warnings: Vec<Warning>,
}

impl Gift {
    /// The devices that came, in the order of the lines.
    pub(crate) fn devices(&self) -> impl Iterator<Item = &device::Model> {
        self.lines.iter().filter_map(|line| line.device.as_ref())
    }
}

/// A line and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// As announced.
    pub(crate) line: donation_line::Model,
    /// The device.
    pub(crate) device: Option<device::Model>,
}

/// A donor in clear.
#[derive(Clone, Debug)]
pub(crate) struct Donor {
    /// Legal kind.
    pub(crate) kind: DonorKind,
    /// Name.
    pub(crate) name: Option<String>,
    /// Address of mail.
    pub(crate) email: Option<String>,
    /// Telephone.
    pub(crate) phone: Option<String>,
    /// SIRET.
    pub(crate) siret: Option<String>,
}

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

/// A gift by its reference.
pub(crate) async fn by_reference(
    db: &impl ConnectionTrait,
    reference: &str,
) -> Result<donation::Model> {
    donation::Entity::find()
        .filter(donation::Column::Reference.eq(reference))
        .one(db)
        .await?
        .ok_or(Error::NotFound("donation"))
}

/// A gift by its id, if there is one.
pub(crate) async fn by_id(
    db: &impl ConnectionTrait,
    id: DonationId,
) -> Result<Option<donation::Model>> {
    Ok(donation::Entity::find_by_id(id).one(db).await?)
}

/// Everything about a gift.
pub(crate) async fn gift(
    app: &App,
    db: &impl ConnectionTrait,
    donation: donation::Model,
) -> Result<Gift> {
    let site = access::store::site_by_id(db, donation.site_id).await?;
    let donor = match donation.donor_id {
        None => None,
        Some(id) => donor::Entity::find_by_id(id).one(db).await?,
    };
    let donor = donor.map(|row| open(&app.keys, row)).transpose()?;
    let rows = donation_line::Entity::find()
        .filter(donation_line::Column::DonationId.eq(donation.id))
        .order_by_asc(donation_line::Column::N)
        .all(db)
        .await?;
    let devices = device::Entity::find()
        .filter(device::Column::DonationId.eq(donation.id))
        .all(db)
        .await?;
    let mut by_id: HashMap<DeviceId, device::Model> =
        devices.into_iter().map(|d| (d.id, d)).collect();
    let lines: Vec<Line> = rows
        .into_iter()
        .map(|line| Line {
            device: line.device_id.and_then(|id| by_id.remove(&id)),
            line,
        })
        .collect();
    let accessories = donation_accessory::Entity::find()
        .filter(donation_accessory::Column::DonationId.eq(donation.id))
        .order_by_asc(donation_accessory::Column::Kind)
        .all(db)
        .await?;
    let warnings = warnings(db, &donation, &lines).await?;
    Ok(Gift {
        donation,
        site,
        donor,
        lines,
        accessories,
        warnings,
    })
}

fn open(keys: &KeyRing, row: donor::Model) -> Result<Donor> {
    let text = |place: &str, sealed: Option<Vec<u8>>| -> Result<Option<String>> {
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let plain = keys.open_sealed(place, row.id.0, &sealed)?;
        String::from_utf8(plain).map(Some).map_err(Error::internal)
    };
    Ok(Donor {
        kind: row.kind,
        name: text("donor.name", row.name)?,
        email: text("donor.email", row.email)?,
        phone: text("donor.phone", row.phone)?,
        siret: row.siret,
    })
}

async fn warnings(
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
    // The term that tells most: the longest of a serial.
    let terms: Vec<String> = real
        .iter()
        .filter_map(|s| {
            devices::store::terms_of(s)
                .into_iter()
                .max_by_key(String::len)
        })
        .collect();
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

/// A gift in a list.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// The row.
    pub(crate) donation: donation::Model,
    /// Who gave, none when anonymous.
    pub(crate) donor: Option<Donor>,
    /// How many devices came.
    pub(crate) devices: i64,
}

/// What to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// At these sites; all when none.
    pub(crate) sites: Option<Vec<SiteId>>,
    /// Open or closed.
    pub(crate) status: Option<DonationStatus>,
    /// Older than this reference.
    pub(crate) after: Option<String>,
}

/// One page of gifts, the newest first. References count up, so the reference is the key of the page.
pub(crate) async fn list(
    app: &App,
    db: &impl ConnectionTrait,
    filter: Filter,
    limit: u64,
) -> Result<Vec<Listed>> {
    let mut query = donation::Entity::find();
    if let Some(sites) = filter.sites {
        query = query.filter(donation::Column::SiteId.is_in(sites));
    }
    if let Some(status) = filter.status {
        query = query.filter(donation::Column::Status.eq(status));
    }
    if let Some(after) = filter.after {
        query = query.filter(donation::Column::Reference.lt(after));
    }
    let rows = query
        .order_by_desc(donation::Column::Reference)
        .limit(limit)
        .all(db)
        .await?;
    let ids: Vec<DonationId> = rows.iter().map(|d| d.id).collect();
    let counts: HashMap<DonationId, i64> = device::Entity::find()
        .select_only()
        .column(device::Column::DonationId)
        .column_as(device::Column::Id.count(), "count")
        .filter(device::Column::DonationId.is_in(ids))
        .group_by(device::Column::DonationId)
        .into_tuple::<(DonationId, i64)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let named = rows.iter().filter_map(|d| d.donor_id);
    let mut donors: HashMap<DonorId, Donor> = donor::Entity::find()
        .filter(donor::Column::Id.is_in(named))
        .all(db)
        .await?
        .into_iter()
        .map(|row| Ok((row.id, open(&app.keys, row)?)))
        .collect::<Result<_>>()?;
    Ok(rows
        .into_iter()
        .map(|donation| Listed {
            devices: counts.get(&donation.id).copied().unwrap_or(0),
            donor: donation.donor_id.and_then(|id| donors.remove(&id)),
            donation,
        })
        .collect())
}

/// Most suggestions at a time.
const SUGGESTIONS: usize = 8;

#[derive(Debug, FromQueryResult)]
struct Suggested {
    word: String,
}

/// Makes given before that begin like this, or models of a make. Each is one step along the index
/// `device_by_name`: never a scan, however many devices there are.
pub(crate) async fn suggestions(
    db: &impl ConnectionTrait,
    kind: DeviceKind,
    make: Option<&str>,
    q: &str,
) -> Result<Vec<String>> {
    let column = if make.is_some() {
        device::Column::Model
    } else {
        device::Column::Make
    };
    let upper = |c: device::Column| SimpleExpr::from(Func::upper(Expr::col(c)));
    let from = q.to_uppercase();
    let end = format!("{from}\u{10FFFF}");
    let mut words: Vec<String> = Vec::new();
    while words.len() < SUGGESTIONS {
        let mut query = device::Entity::find()
            .select_only()
            .column_as(column, "word")
            .filter(device::Column::Kind.eq(kind))
            .filter(upper(column).lt(end.clone()));
        query = match words.last() {
            None => query.filter(upper(column).gte(from.clone())),
            Some(last) => query.filter(upper(column).gt(last.to_uppercase())),
        };
        if let Some(make) = make {
            query = query.filter(upper(device::Column::Make).eq(make.to_uppercase()));
        }
        let next = query
            .order_by_asc(upper(column))
            .limit(1)
            .into_model::<Suggested>()
            .one(db)
            .await?;
        let Some(next) = next else { break };
        words.push(next.word);
    }
    Ok(words)
}
