//! Who asks, and of what: drawn from all over the instance, not from what was written last.

use entities::enums::{CustodyKind, RequestStatus, SiteKind, Stage};
use entities::{device, organisation, request, site};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::bench::booking::Booking;
use crate::bench::client::Ask;
use crate::bench::operations::Operation;
use crate::bench::person::Person;
use crate::bench::reading::Reading;
use crate::bench::scanning::Scanning;
use crate::error::{Error, Result};

/// Devices that are scanned in turn, at most.
const SCANNED: u64 = 1_024;
/// Devices that are looked at in turn.
const LOOKED_AT: usize = 256;

/// All operations that the instance has something for.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) operations: Vec<Operation>,
    pub(super) left_out: Vec<String>,
}

/// Hires people and chooses their subjects.
pub(super) async fn cast(app: &App) -> Result<Cast> {
    let mut operations = Vec::new();
    let mut left_out = Vec::new();
    let (workshop, devices) = busiest_workshop(app).await?;
    let owner = crate::access::store::organisation(app.db.read(), workshop.organisation_id).await?;
    let bench = Person::new(app, "refurbisher", &owner.slug, Some(workshop.slug.clone())).await?;
    operations.push(Operation::Scan(Scanning {
        who: bench.clone(),
        devices: devices.into_iter().map(|code| (code, false)).collect(),
        clock: app.clock.clone(),
    }));
    operations.extend(reads(app, &bench, &workshop).await?);

    let coordinator = Person::new(app, "coordinator", &owner.slug, None).await?;
    match busiest_service(app).await? {
        None => left_out.push("booking: nobody waits".to_owned()),
        Some(service) => {
            let helper = Person::new(app, "social_worker", &service.slug, None).await?;
            match Booking::of(app, helper, coordinator.clone()).await? {
                Some(booking) => operations.push(Operation::Book(booking)),
                None => left_out.push("booking: no slot for those who wait".to_owned()),
            }
        }
    }
    operations.push(Operation::Run(coordinator));
    Ok(Cast {
        operations,
        left_out,
    })
}

/// The workshop where most devices wait to be wiped, and their codes.
async fn busiest_workshop(app: &App) -> Result<(site::Model, Vec<String>)> {
    let db = app.db.read();
    let mut best: Option<(site::Model, Vec<String>)> = None;
    let workshops = site::Entity::find()
        .filter(site::Column::Kind.eq(SiteKind::Workshop))
        .filter(site::Column::Active.eq(true))
        .all(db)
        .await?;
    for workshop in workshops {
        let codes: Vec<String> = device::Entity::find()
            .select_only()
            .column(device::Column::Code)
            .filter(device::Column::SiteId.eq(workshop.id))
            .filter(device::Column::Custody.eq(CustodyKind::Site))
            .filter(device::Column::Stage.eq(Stage::Intake))
            .filter(device::Column::WipeRefused.eq(false))
            .filter(device::Column::Frozen.eq(false))
            .limit(SCANNED)
            .into_tuple()
            .all(db)
            .await?;
        if best
            .as_ref()
            .is_none_or(|(_, most)| codes.len() > most.len())
        {
            best = Some((workshop, codes));
        }
    }
    best.filter(|(_, codes)| !codes.is_empty())
        .ok_or_else(|| Error::setup("no workshop has a device to wipe"))
}

/// The service with most requests that wait.
async fn busiest_service(app: &App) -> Result<Option<organisation::Model>> {
    let most = request::Entity::find()
        .select_only()
        .column(request::Column::OrganisationId)
        .filter(request::Column::Status.eq(RequestStatus::Waiting))
        .group_by(request::Column::OrganisationId)
        .order_by_desc(request::Column::Id.count())
        .into_tuple()
        .one(app.db.read())
        .await?;
    match most {
        None => Ok(None),
        Some(id) => Ok(Some(
            crate::access::store::organisation(app.db.read(), id).await?,
        )),
    }
}

/// Pages and lists, asked for by somebody of a workshop.
async fn reads(app: &App, who: &Person, workshop: &site::Model) -> Result<Vec<Operation>> {
    let devices = spread(app).await?;
    let each = |name, expects, path: &dyn Fn(&device::Model) -> Option<String>| {
        let asks: Vec<Ask> = devices
            .iter()
            .filter_map(path)
            .map(|path| who.get(path, expects))
            .collect();
        Operation::Read(Reading::new(name, asks))
    };
    let one = |name, path: String, expects| {
        Operation::Read(Reading::new(name, vec![who.get(path, expects)]))
    };
    let api = "/api/v1/devices";
    let usual = devices
        .iter()
        .find_map(|d| d.make.clone())
        .unwrap_or_else(|| "dell".to_owned())
        .to_lowercase();
    Ok(vec![
        each("device", "\"next_actions\"", &|d| {
            Some(format!("{api}/{}", d.code))
        }),
        each("device page", "</html>", &|d| {
            Some(format!("/devices/{}", d.code))
        }),
        each("journal", "\"previous\"", &|d| {
            Some(format!("{api}/{}/journal", d.code))
        }),
        each("search, hit", "\"serial\"", &|d| {
            d.serial
                .as_ref()
                .filter(|s| s.chars().all(char::is_alphanumeric))
                .map(|s| format!("{api}?q={s}"))
        }),
        one(
            "search, miss",
            format!("{api}?q=zzqq0000zz"),
            "\"items\":[]",
        ),
        one(
            "search, broad",
            format!("{api}?q={}", usual.split(' ').next().unwrap_or("dell")),
            "\"code\"",
        ),
        one(
            "list, filters",
            format!("{api}?stage=intake&kind=laptop&site={}", workshop.slug),
            "\"items\"",
        ),
    ])
}

/// Devices from all over the instance: one after each of as many random places in the order of codes.
async fn spread(app: &App) -> Result<Vec<device::Model>> {
    let mut found = Vec::new();
    for _ in 0..LOOKED_AT {
        let from = app.chance.secret(8).to_uppercase();
        let next = device::Entity::find()
            .filter(device::Column::Code.gte(from))
            .order_by_asc(device::Column::Code)
            .one(app.db.read())
            .await?;
        found.extend(next);
    }
    if found.is_empty() {
        return Err(Error::setup("the instance has no device"));
    }
    Ok(found)
}
