//! What other domains do with households inside their transaction.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entities::enums::{Channel, FamilyTie, LinkVerdict};
use entities::ids::{AccountId, HouseholdAccessId, HouseholdId, HouseholdLinkId};
use entities::{household, household_access, household_link};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{store, vault};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::seal::DataKey;

pub(crate) use super::input::HouseholdInput;
pub(crate) use super::vault::Sealed;

/// Letters of a household's link: 5 bits each, 80 in all.
const LINK_LETTERS: usize = 16;
/// Days a link opens the pages: a hold, the booking horizon, the visit and some weeks after it.
const LINK_DAYS: i64 = 120;
/// Minutes that an older link goes on opening after another was sent: the visit in which that was asked for.
const LINK_GRACE_MINUTES: i64 = 60;
/// Wrong second factors before a household's links wait, and minutes they wait.
const TRIES: i32 = 5;
const WAIT_MINUTES: i64 = 60;
/// Wrong second factors in all before its links are dead.
const LAST_MISS: i32 = 20;

/// A household's file, opened.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Who lives there, in the order they were told.
    pub(crate) people: Vec<Person>,
    /// Telephone.
    pub(crate) phone: Option<String>,
    /// Address of mail.
    pub(crate) email: Option<String>,
    /// Address for letters.
    pub(crate) postal_address: Option<String>,
    /// How it wants to be written to.
    pub(crate) channel: Channel,
    /// INSEE code of its commune.
    pub(crate) commune: String,
}

/// Somebody of a household.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// To the applicant.
    pub(crate) relation: FamilyTie,
    /// Family name.
    pub(crate) family_name: String,
    /// Given name.
    pub(crate) given_name: String,
    /// Day of birth.
    pub(crate) birth_date: NaiveDate,
}

/// How to write to a household: for the outbox alone.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    /// How it wants to be written to.
    pub(crate) channel: Channel,
    /// In which language.
    pub(crate) language: String,
    /// Telephone.
    pub(crate) phone: Option<String>,
    /// Address of mail.
    pub(crate) email: Option<String>,
    /// Address for letters.
    pub(crate) postal_address: Option<String>,
}

impl File {
    /// Who asks.
    pub(crate) fn applicant(&self) -> Option<&Person> {
        self.people
            .iter()
            .find(|one| one.relation == FamilyTie::Applicant)
    }
}

impl Person {
    /// Given name and family name.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// Seals a new household.
pub(crate) async fn create(
    app: &App,
    tx: &Tx,
    input: &HouseholdInput,
    now: DateTime<Utc>,
) -> Result<household::Model> {
    vault::insert(app, tx, input, now).await
}

/// A new household as rows, sealed, before anything is written: for who writes many at once.
pub(crate) fn sealed(app: &App, input: &HouseholdInput, now: DateTime<Utc>) -> Result<Sealed> {
    vault::seal(app, input, now)
}

/// Opens a household's file and writes who read it and why. `account` is none for the household itself; `purpose` is
/// `serve`, `decide`, `duplicate`, `complaint`, `data_request`, `hand_over` or `break_glass`.
///
/// # Errors
/// Not found when there is none or it was erased.
pub(crate) async fn read(
    app: &App,
    tx: &Tx,
    account: Option<AccountId>,
    household: HouseholdId,
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<File> {
    let row = store::by_id(tx, household).await?;
    let file = vault::open(app, tx, &row).await?;
    store::record_read(tx, household, account, purpose, now).await?;
    Ok(file)
}

/// Writes that somebody read of a household what is kept outside its file: a letter with its address and codes.
pub(crate) async fn note_read(
    tx: &Tx,
    household: HouseholdId,
    account: AccountId,
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    store::record_read(tx, household, Some(account), purpose, now).await
}

/// How to write to a household: for the outbox, which shows it to nobody.
pub(crate) async fn contact(
    app: &App,
    db: &impl ConnectionTrait,
    household: HouseholdId,
) -> Result<Contact> {
    vault::contact(app, &store::by_id(db, household).await?)
}

/// The key that seals what other tables keep of a household (a decision's sentences); gone once it is erased.
pub(crate) async fn data_key(
    app: &App,
    db: &impl ConnectionTrait,
    household: HouseholdId,
) -> Result<DataKey> {
    vault::data_key(app, &store::by_id(db, household).await?)
}

/// A household's row: its commune and language, nothing sealed.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    household: HouseholdId,
) -> Result<household::Model> {
    store::by_id(db, household).await
}

/// Looks for files that may be the same household and notes each for a coordinator; says how many there are.
pub(crate) async fn note_candidates(
    app: &App,
    tx: &Tx,
    household: HouseholdId,
    input: &HouseholdInput,
    now: DateTime<Utc>,
) -> Result<usize> {
    let indexes = input
        .people
        .iter()
        .filter(|one| vault::named(one))
        .map(|one| vault::blind_index(app, one))
        .collect();
    let found = store::with_blind_indexes(tx, indexes, household).await?;
    for other in &found {
        store::add_candidate(tx, household, *other, now).await?;
    }
    Ok(found.len())
}

/// Files that a coordinator found to be the same household, itself among them.
pub(crate) async fn same(
    db: &impl ConnectionTrait,
    household: HouseholdId,
) -> Result<Vec<HouseholdId>> {
    let mut known = vec![household];
    let mut next = 0;
    while let Some(one) = known.get(next).copied() {
        next += 1;
        for link in store::links(db, one).await? {
            for id in [link.household_id, link.other_id] {
                if link.verdict == LinkVerdict::Same && !known.contains(&id) {
                    known.push(id);
                }
            }
        }
    }
    Ok(known)
}

/// Which of some files were found to be the same household as others.
pub(crate) async fn linked_among(
    db: &impl ConnectionTrait,
    households: &[HouseholdId],
) -> Result<Vec<HouseholdId>> {
    let links = store::same_among(db, households).await?;
    Ok(links
        .into_iter()
        .flat_map(|link| [link.household_id, link.other_id])
        .collect())
}

/// Links of a file that nobody reviewed yet.
pub(crate) async fn open_candidates(
    db: &impl ConnectionTrait,
    household: HouseholdId,
) -> Result<Vec<household_link::Model>> {
    let mut links = store::links(db, household).await?;
    links.retain(|link| link.verdict == LinkVerdict::Candidate);
    Ok(links)
}

/// Links that nobody reviewed yet, oldest first.
pub(crate) async fn candidates(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<household_link::Model>> {
    store::candidates(db, limit).await
}

/// One link between two files.
pub(crate) async fn link(
    db: &impl ConnectionTrait,
    id: HouseholdLinkId,
) -> Result<household_link::Model> {
    store::link(db, id).await
}

/// Writes what a coordinator found of two files that looked alike.
///
/// # Errors
/// [`Error::Stale`] when somebody reviewed them meanwhile.
pub(crate) async fn review(
    tx: &Tx,
    id: HouseholdLinkId,
    verdict: LinkVerdict,
    by: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    let done = household_link::Entity::update_many()
        .set(household_link::ActiveModel {
            verdict: Set(verdict),
            reviewed_by: Set(Some(by)),
            at: Set(now),
            ..Default::default()
        })
        .filter(household_link::Column::Id.eq(id))
        .filter(household_link::Column::Verdict.eq(LinkVerdict::Candidate))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::Stale("household link"))
    }
}

/// Makes a link that opens the household's own pages and answers its address. The secret is kept nowhere: only its
/// keyed hash is. The household's older links open nothing any more once a visit that may stand open is over.
pub(crate) async fn new_link(
    app: &App,
    tx: &Tx,
    household: HouseholdId,
    now: DateTime<Utc>,
) -> Result<String> {
    store::revoke_accesses(tx, household, now + TimeDelta::minutes(LINK_GRACE_MINUTES)).await?;
    let secret = app.chance.secret(LINK_LETTERS);
    store::add_access(
        tx,
        household_access::Model {
            id: HouseholdAccessId(id_at(now)),
            household_id: household,
            token_hash: link_hash(app, &secret),
            created_at: now,
            expires_at: now + TimeDelta::days(LINK_DAYS),
            failures: 0,
            locked_until: None,
            revoked_at: None,
        },
    )
    .await?;
    Ok(format!("{}/h/{secret}", app.config.server.base_url))
}

/// The same when the older ones may be in wrong hands: they open nothing from now on.
pub(crate) async fn replace_link(
    app: &App,
    tx: &Tx,
    household: HouseholdId,
    now: DateTime<Utc>,
) -> Result<String> {
    store::revoke_accesses(tx, household, now).await?;
    new_link(app, tx, household, now).await
}

/// The link of a secret, as long as it opens: neither revoked nor past its end.
///
/// # Errors
/// Not found otherwise: a wrong secret and an old one look alike.
pub(crate) async fn by_link(
    app: &App,
    db: &impl ConnectionTrait,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<household_access::Model> {
    store::access(db, link_hash(app, secret))
        .await?
        .filter(|link| link.revoked_at.is_none_or(|at| at > now) && link.expires_at > now)
        .ok_or(Error::NotFound("household link"))
}

/// What the second factor opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecondFactor {
    /// It was right: this link is open for a visit.
    Right(HouseholdAccessId),
    /// It was not.
    Wrong,
    /// Too many were not: none is looked at before this.
    Wait(DateTime<Utc>),
}

/// Checks the second factor behind a link, the applicant's day of birth, and writes that the household opened its
/// pages. All links of the household are read again here and locked, and their misses count together, so that neither
/// misses sent at once nor several links give more tries; after so many in all every link is dead. A miss is kept by
/// this transaction, so the caller commits whatever the answer.
///
/// # Errors
/// Not found when the link opens nothing.
pub(crate) async fn second_factor(
    app: &App,
    tx: &Tx,
    secret: &str,
    birth_date: NaiveDate,
    now: DateTime<Utc>,
) -> Result<SecondFactor> {
    let found = by_link(app, tx, secret, now).await?;
    let links = store::lock_accesses(tx, found.household_id, now).await?;
    let link = links
        .iter()
        .find(|link| link.id == found.id)
        .ok_or(Error::NotFound("household link"))?;
    let waits = links.iter().filter_map(|link| link.locked_until).max();
    if let Some(until) = waits.filter(|until| *until > now) {
        return Ok(SecondFactor::Wait(until));
    }
    let row = store::by_id(tx, link.household_id).await?;
    let file = vault::open(app, tx, &row).await?;
    let right = file
        .applicant()
        .is_some_and(|one| one.birth_date == birth_date);
    if right {
        store::forgive_accesses(tx, link.household_id).await?;
        store::record_read(tx, link.household_id, None, "serve", now).await?;
        return Ok(SecondFactor::Right(link.id));
    }
    let misses = links.iter().map(|link| link.failures).sum::<i32>() + 1;
    if misses >= LAST_MISS {
        store::revoke_accesses(tx, link.household_id, now).await?;
        tracing::warn!("a household's links are dead after too many wrong days of birth");
        return Ok(SecondFactor::Wrong);
    }
    let until = (misses % TRIES == 0).then(|| now + TimeDelta::minutes(WAIT_MINUTES));
    store::miss_access(tx, link, until).await?;
    Ok(until.map_or(SecondFactor::Wrong, SecondFactor::Wait))
}

/// As it is kept: dashes and small letters of a letter's code don't matter.
fn link_hash(app: &App, secret: &str) -> Vec<u8> {
    let plain = secret
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect::<String>();
    app.keys
        .keyed_hash("household-link", plain.as_bytes())
        .to_vec()
}
