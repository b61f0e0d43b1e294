//! Reads of gifts, and the rows a gift is made of. Personal columns are opened here and nowhere else.

use std::collections::HashMap;

use entities::enums::{DonationStatus, DonorKind};
use entities::ids::{DeviceId, DonationId, DonorId, SiteId};
use entities::{device, donation, donation_accessory, donation_line, donor, site};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access;
use crate::app::App;
use crate::error::{Error, Result};
use crate::intake::warnings::{self, Warning};
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
    let warnings = warnings::of(db, &donation, &lines).await?;
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

/// Whether a word can be the reference of a gift.
pub(crate) fn is_reference(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let [letter, year, number] = parts.as_slice() else {
        return false;
    };
    *letter == "D"
        && year.len() == 4
        && year.bytes().all(|b| b.is_ascii_digit())
        && (6..=12).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_alphanumeric())
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
