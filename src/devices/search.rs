//! Lists of devices, the newest first, by page: what people filter by, and what they type.
//!
//! Ids are ordered by time, so the id is the key of a page. Each filter has an index that ends in the id; a search
//! begins with the word that finds the fewest devices. A word that finds many is not gathered and sorted: the
//! devices are walked from the newest, a window at a time, and each is asked whether the word is its own. A page is
//! done when it is full, or after so many windows: then it is shorter, and its cursor goes on from there.

use entities::enums::{CustodyKind, DeviceKind, Grade, Stage};
use entities::ids::{DeviceId, SiteId};
use entities::{device, device_code, device_term};
use labels::code::Code;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, Statement,
};

use crate::db::Db;
use crate::devices::state::Status;
use crate::devices::terms;
use crate::error::Result;

/// A word that finds more terms than this is walked for, not gathered.
const FEW: u64 = 2_000;
/// Gathered devices looked at in one statement.
const CHUNK: usize = 200;
/// Devices in one window of a walk, and most windows of one page.
const WINDOW: u64 = 20_000;
const WINDOWS: usize = 10;

/// What to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Words: code, serial of the device or of a disk in it, tag, make, model; each must begin a term.
    pub(crate) q: Option<String>,
    /// Derived status.
    pub(crate) status: Option<Status>,
    /// How far.
    pub(crate) stage: Option<Stage>,
    /// Where.
    pub(crate) custody: Option<CustodyKind>,
    /// At which site.
    pub(crate) site: Option<SiteId>,
    /// What.
    pub(crate) kind: Option<DeviceKind>,
    /// Grade.
    pub(crate) grade: Option<Grade>,
    /// Whether data may still be on a medium in it.
    pub(crate) open_media: Option<bool>,
    /// Continue after this one.
    pub(crate) after: Option<DeviceId>,
}

impl Filter {
    /// How many filters beside the words: one has an index that gives the order, two may not.
    fn narrows(&self) -> usize {
        let given = [
            self.status.is_some(),
            self.stage.is_some(),
            self.custody.is_some(),
            self.site.is_some(),
            self.kind.is_some(),
            self.grade.is_some(),
            self.open_media.is_some(),
        ];
        given.into_iter().filter(|given| *given).count()
    }
}

/// One page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// The newest first.
    pub(crate) devices: Vec<device::Model>,
    /// Where the next page begins; none when nothing is left.
    pub(crate) next: Option<DeviceId>,
}

/// One page of devices.
pub(crate) async fn page(db: &impl ConnectionTrait, filter: &Filter, limit: usize) -> Result<Page> {
    let q = filter.q.as_deref().unwrap_or_default();
    if let Some(id) = coded(db, q).await? {
        let query = narrowed(device::Entity::find_by_id(id), filter);
        return Ok(Page {
            devices: query.all(db).await?,
            next: None,
        });
    }
    let mut counted = Vec::new();
    for word in terms::typed(q) {
        counted.push((found_by(db, &word).await?, word));
    }
    // What was typed holds nothing that could be a word: it finds nothing.
    if counted.is_empty() && !q.trim().is_empty() {
        return Ok(Page::default());
    }
    counted.sort();
    let rarest = counted.first().cloned();
    let words: Vec<String> = counted.into_iter().map(|(_, word)| word).collect();
    match rarest {
        Some((0, _)) => Ok(Page::default()),
        Some((few, word)) if few <= FEW => gather(db, filter, &word, &words[1..], limit).await,
        Some(_) => walk(db, filter, &words, limit).await,
        None if filter.narrows() > 1 => walk(db, filter, &[], limit).await,
        None => {
            let query = ordered(filter, &[]).limit(one_more(limit));
            Ok(full(query.all(db).await?, limit).0)
        }
    }
}

/// The device of a code typed in any way, a garbled or former one included.
async fn coded(db: &impl ConnectionTrait, q: &str) -> Result<Option<DeviceId>> {
    let Ok(code) = Code::parse(q) else {
        return Ok(None);
    };
    let row = device_code::Entity::find_by_id(code.as_str().to_owned())
        .one(db)
        .await?;
    Ok(row.and_then(|row| row.device_id))
}

fn one_more(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1)
}

/// A page out of what was found, and whether it is full: one more than asked tells whether there is another.
fn full(mut devices: Vec<device::Model>, limit: usize) -> (Page, bool) {
    let more = devices.len() > limit;
    devices.truncate(limit);
    let next = devices.last().filter(|_| more).map(|last| last.id);
    (Page { devices, next }, more)
}

/// How many terms a word begins, counted no further than matters.
async fn found_by(db: &impl ConnectionTrait, word: &str) -> Result<u64> {
    let count = count(word);
    let row = db.query_one(&count).await?;
    let found: i64 = match row {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    };
    Ok(u64::try_from(found).unwrap_or(0))
}

fn count(word: &str) -> SelectStatement {
    let some = begun(word).expr(Expr::val(1)).limit(FEW + 1).to_owned();
    Query::select()
        .expr(Expr::cust("count(*)"))
        .from_subquery(some, "some")
        .to_owned()
}

/// The terms that a word begins. Bounds instead of LIKE: they use the key on both databases.
fn begun(word: &str) -> SelectStatement {
    Query::select()
        .from(device_term::Entity)
        .and_where(device_term::Column::Term.gte(word))
        .and_where(device_term::Column::Term.lt(format!("{word}\u{10FFFF}")))
        .to_owned()
}

/// The rarest word gives the devices; the others and the filters choose among them.
async fn gather(
    db: &impl ConnectionTrait,
    filter: &Filter,
    word: &str,
    others: &[String],
    limit: usize,
) -> Result<Page> {
    let query = begun(word).column(device_term::Column::DeviceId).to_owned();
    let rows = db.query_all(&query).await?;
    let mut ids = rows
        .iter()
        .map(|row| row.try_get_by_index::<DeviceId>(0))
        .collect::<Result<Vec<_>, _>>()?;
    ids.retain(|id| filter.after.is_none_or(|after| *id < after));
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids.dedup();
    let mut devices = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = ordered(filter, others)
            .filter(device::Column::Id.is_in(chunk.iter().copied()))
            .limit(one_more(limit - devices.len()));
        devices.extend(query.all(db).await?);
        if devices.len() > limit {
            break;
        }
    }
    Ok(full(devices, limit).0)
}

/// From the newest on, a window at a time.
async fn walk(
    db: &impl ConnectionTrait,
    filter: &Filter,
    words: &[String],
    limit: usize,
) -> Result<Page> {
    let mut filter = filter.clone();
    let mut devices = Vec::new();
    for _ in 0..WINDOWS {
        let end: Option<DeviceId> = window(filter.after).into_tuple().one(db).await?;
        let mut query = ordered(&filter, words).limit(one_more(limit - devices.len()));
        if let Some(end) = end {
            query = query.filter(device::Column::Id.gte(end));
        }
        devices.extend(query.all(db).await?);
        if devices.len() > limit || end.is_none() {
            return Ok(full(devices, limit).0);
        }
        filter.after = end;
    }
    Ok(Page {
        devices,
        next: filter.after,
    })
}

/// The last device of a window.
fn window(after: Option<DeviceId>) -> Select<device::Entity> {
    let mut query = device::Entity::find()
        .select_only()
        .column(device::Column::Id);
    if let Some(after) = after {
        query = query.filter(device::Column::Id.lt(after));
    }
    query
        .order_by_desc(device::Column::Id)
        .offset(WINDOW)
        .limit(1)
}

/// The devices that pass, the newest first.
fn ordered(filter: &Filter, words: &[String]) -> Select<device::Entity> {
    let mut query = narrowed(device::Entity::find(), filter);
    for word in words {
        // One value for each device: written as EXISTS, a planner may turn it into a join that sorts all it finds.
        let own = begun(word)
            .expr(Expr::val(1))
            .and_where(
                Expr::col((device_term::Entity, device_term::Column::DeviceId))
                    .equals((device::Entity, device::Column::Id)),
            )
            .limit(1)
            .to_owned();
        query = query.filter(Expr::expr(own).is_not_null());
    }
    if let Some(after) = filter.after {
        query = query.filter(device::Column::Id.lt(after));
    }
    query.order_by_desc(device::Column::Id)
}

fn narrowed(query: Select<device::Entity>, filter: &Filter) -> Select<device::Entity> {
    let mut query = match filter.status {
        None => query,
        Some(Status::Missing) => query.filter(device::Column::Custody.eq(CustodyKind::Missing)),
        Some(Status::HandedOver) => {
            query.filter(device::Column::Custody.eq(CustodyKind::Household))
        }
        Some(Status::Recycled) => query.filter(device::Column::Custody.eq(CustodyKind::Gone)),
        Some(Status::InTransit) => query.filter(device::Column::Custody.eq(CustodyKind::Shipment)),
        // In so many words, as its index says it: what is bound, a planner can't compare with that.
        Some(Status::Allocated) => query.filter(Expr::cust(
            "device.custody = 'site' and device.held_for is not null",
        )),
        Some(Status::Intake) => at_stage(query, Stage::Intake),
        Some(Status::Sanitising) => at_stage(query, Stage::Sanitising),
        Some(Status::Sanitised) => at_stage(query, Stage::Sanitised),
        Some(Status::Refurbishing) => at_stage(query, Stage::Refurbishing),
        Some(Status::Ready) => at_stage(query, Stage::Ready),
        Some(Status::EndOfLife) => at_stage(query, Stage::EndOfLife),
    };
    if let Some(stage) = filter.stage {
        query = query.filter(device::Column::Stage.eq(stage));
    }
    if let Some(custody) = filter.custody {
        query = query.filter(device::Column::Custody.eq(custody));
    }
    if let Some(site) = filter.site {
        query = query.filter(device::Column::SiteId.eq(site));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(device::Column::Kind.eq(kind));
    }
    if let Some(grade) = filter.grade {
        query = query.filter(device::Column::Grade.eq(grade));
    }
    match filter.open_media {
        Some(true) => query.filter(Expr::cust("device.open_media > 0")),
        Some(false) => query.filter(Expr::cust("device.open_media = 0")),
        None => query,
    }
}

fn at_stage(query: Select<device::Entity>, stage: Stage) -> Select<device::Entity> {
    query
        .filter(device::Column::Stage.eq(stage))
        .filter(device::Column::Custody.eq(CustodyKind::Site))
        .filter(device::Column::HeldFor.is_null())
}

/// How the database would answer each shape of list: its name and the plan, a step a line. For whoever wonders why a
/// list is slow, and for the test that none reads all there is.
///
/// # Errors
/// When the database does not answer.
pub async fn plans(db: &Db) -> Result<Vec<(String, String)>> {
    let id = DeviceId(uuid::Uuid::from_u128(u128::MAX / 2));
    let of = |filter: Filter| ordered(&filter, &[]).limit(51);
    let with = |change: &dyn Fn(&mut Filter)| {
        let mut filter = Filter {
            after: Some(id),
            ..Filter::default()
        };
        change(&mut filter);
        of(filter)
    };
    let words = ["DELL".to_owned(), "LATI".to_owned()];
    let mut shapes: Vec<(String, Select<device::Entity>)> = vec![
        ("first page".to_owned(), of(Filter::default())),
        ("next page".to_owned(), with(&|_| {})),
        ("site".to_owned(), with(&|f| f.site = Some(SiteId(id.0)))),
        (
            "custody".to_owned(),
            with(&|f| f.custody = Some(CustodyKind::Site)),
        ),
        ("stage".to_owned(), with(&|f| f.stage = Some(Stage::Ready))),
        (
            "kind".to_owned(),
            with(&|f| f.kind = Some(DeviceKind::Laptop)),
        ),
        ("grade".to_owned(), with(&|f| f.grade = Some(Grade::A))),
        (
            "open media".to_owned(),
            with(&|f| f.open_media = Some(true)),
        ),
        (
            "closed media".to_owned(),
            with(&|f| f.open_media = Some(false)),
        ),
        (
            "site and stage".to_owned(),
            with(&|f| (f.site, f.stage) = (Some(SiteId(id.0)), Some(Stage::Ready))),
        ),
        ("window".to_owned(), window(Some(id))),
        (
            "walk".to_owned(),
            ordered(&Filter::default(), &words)
                .filter(device::Column::Id.gte(id))
                .limit(51),
        ),
        (
            "gather".to_owned(),
            ordered(&Filter::default(), &words[1..])
                .filter(device::Column::Id.is_in([id, DeviceId(uuid::Uuid::nil())]))
                .limit(51),
        ),
    ];
    for status in Status::ALL {
        let shape = with(&|f| f.status = Some(status));
        shapes.push((format!("status {}", status.as_str()), shape));
    }
    let backend = db.read().get_database_backend();
    let mut statements: Vec<(String, Statement)> = shapes
        .into_iter()
        .map(|(name, shape)| (name, shape.build(backend)))
        .collect();
    let terms = begun("DELL")
        .column(device_term::Column::DeviceId)
        .to_owned();
    for (name, query) in [("count", count("DELL")), ("terms", terms)] {
        statements.push((name.to_owned(), backend.build(&query)));
    }
    let tx = db.write().await?;
    if backend == DbBackend::Postgres {
        // A small table is read whole, and rightly: what is asked is whether it could be done otherwise.
        tx.execute_unprepared("set local enable_seqscan = off; set local enable_sort = off")
            .await?;
    }
    let mut plans = Vec::new();
    for (name, statement) in statements {
        plans.push((name, explained(&tx, statement).await?));
    }
    Ok(plans)
}

async fn explained(db: &impl ConnectionTrait, statement: Statement) -> Result<String> {
    let backend = db.get_database_backend();
    let (word, column) = if backend == DbBackend::Postgres {
        ("explain", "QUERY PLAN")
    } else {
        ("explain query plan", "detail")
    };
    let asked = Statement {
        sql: format!("{word} {}", statement.sql),
        ..statement
    };
    let rows = db.query_all_raw(asked).await?;
    let lines = rows
        .iter()
        .map(|row| row.try_get::<String>("", column))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(lines.join("\n"))
}
