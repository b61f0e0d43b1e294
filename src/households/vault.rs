//! The only module that names a personal column: seals what goes in, opens what comes out.
//!
//! Each household has its own data key; the place of a sealed value, `table.column` and the row's id, is bound to it,
//! so a value moved to another column or row is refused.

use chrono::{DateTime, NaiveDate, Utc};
use entities::ids::{HouseholdId, PersonId};
use entities::{household, person};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::input::{HouseholdInput, PersonInput};
use super::rules;
use super::steps::{Contact, File, Person};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::seal::DataKey;

const DATA_KEY: &str = "household.data_key";
const PHONE: &str = "household.phone";
const EMAIL: &str = "household.email";
const POSTAL_ADDRESS: &str = "household.postal_address";
const FAMILY_NAME: &str = "person.family_name";
const GIVEN_NAME: &str = "person.given_name";
const BIRTH_DATE: &str = "person.birth_date";

/// A household and its people as rows, sealed, before anything is written; with the key that sealed them.
pub(crate) struct Sealed {
    /// The household.
    pub(crate) household: household::Model,
    /// Its people.
    pub(crate) people: Vec<person::Model>,
    /// The household's own key.
    pub(crate) key: DataKey,
}

/// Seals a household and its people into rows.
pub(super) fn seal(app: &App, input: &HouseholdInput, now: DateTime<Utc>) -> Result<Sealed> {
    let id = HouseholdId(id_at(now));
    let (key, sealed_key) = app.keys.new_data_key(DATA_KEY, id.0)?;
    let phone = input.contact.phone.as_deref().and_then(rules::phone);
    let household = household::Model {
        id,
        data_key: Some(sealed_key),
        commune: input.commune.clone(),
        language: input.language.clone(),
        channel: input.contact.channel,
        phone: sealed(&key, PHONE, id.0, phone.as_deref())?,
        email: sealed(&key, EMAIL, id.0, input.contact.email.as_deref())?,
        postal_address: sealed(
            &key,
            POSTAL_ADDRESS,
            id.0,
            input.contact.postal_address.as_deref(),
        )?,
        created_at: now,
        last_act_at: now,
        erased_at: None,
        version: 1,
    };
    let mut people = Vec::with_capacity(input.people.len());
    for one in &input.people {
        let person = PersonId(id_at(now));
        let born = one.birth_date.to_string();
        people.push(person::Model {
            id: person,
            household_id: id,
            relation: one.relation,
            family_name: sealed(&key, FAMILY_NAME, person.0, Some(&one.family_name))?,
            given_name: sealed(&key, GIVEN_NAME, person.0, Some(&one.given_name))?,
            birth_date: sealed(&key, BIRTH_DATE, person.0, Some(&born))?,
            blind_index: named(one).then(|| blind_index(app, one)),
        });
    }
    Ok(Sealed {
        household,
        people,
        key,
    })
}

/// Writes a household and its people, sealed.
pub(super) async fn insert(
    app: &App,
    tx: &Tx,
    input: &HouseholdInput,
    now: DateTime<Utc>,
) -> Result<household::Model> {
    let sealed = seal(app, input, now)?;
    household::Entity::insert(household::ActiveModel::from(sealed.household.clone()))
        .exec_without_returning(tx)
        .await?;
    for one in sealed.people {
        person::Entity::insert(person::ActiveModel::from(one))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(sealed.household)
}

/// Empties a household's sealed columns and destroys its key: what other tables sealed with it opens no more.
pub(super) async fn erase(tx: &Tx, id: HouseholdId, now: DateTime<Utc>) -> Result<()> {
    person::Entity::update_many()
        .set(person::ActiveModel {
            family_name: Set(None),
            given_name: Set(None),
            birth_date: Set(None),
            blind_index: Set(None),
            ..Default::default()
        })
        .filter(person::Column::HouseholdId.eq(id))
        .exec(tx)
        .await?;
    household::Entity::update_many()
        .set(household::ActiveModel {
            data_key: Set(None),
            phone: Set(None),
            email: Set(None),
            postal_address: Set(None),
            erased_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(household::Column::Id.eq(id))
        .filter(household::Column::ErasedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether somebody's names are told: without them a day of birth alone would make strangers look alike.
pub(super) fn named(one: &PersonInput) -> bool {
    !one.family_name.trim().is_empty() && !one.given_name.trim().is_empty()
}

/// The keyed hash that finds somebody again.
pub(super) fn blind_index(app: &App, one: &PersonInput) -> Vec<u8> {
    let text = rules::blind_text(&one.family_name, &one.given_name, one.birth_date);
    app.keys
        .keyed_hash("person-blind-index", text.as_bytes())
        .to_vec()
}

/// Opens a whole file.
pub(super) async fn open(
    app: &App,
    db: &impl ConnectionTrait,
    row: &household::Model,
) -> Result<File> {
    let key = data_key(app, row)?;
    let rows = person::Entity::find()
        .filter(person::Column::HouseholdId.eq(row.id))
        .order_by_asc(person::Column::Id)
        .all(db)
        .await?;
    let people = rows
        .iter()
        .map(|one| {
            let text = |place: &str, sealed: &Option<Vec<u8>>| -> Result<String> {
                Ok(opened(&key, place, one.id.0, sealed.as_deref())?.unwrap_or_default())
            };
            let born = text(BIRTH_DATE, &one.birth_date)?;
            Ok(Person {
                relation: one.relation,
                family_name: text(FAMILY_NAME, &one.family_name)?,
                given_name: text(GIVEN_NAME, &one.given_name)?,
                birth_date: born
                    .parse::<NaiveDate>()
                    .map_err(|_| Error::broken("a sealed day of birth is no date"))?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let contact = contact(app, row)?;
    Ok(File {
        people,
        phone: contact.phone,
        email: contact.email,
        postal_address: contact.postal_address,
        channel: contact.channel,
        commune: row.commune.clone(),
    })
}

/// Opens what is needed to write to a household.
pub(super) fn contact(app: &App, row: &household::Model) -> Result<Contact> {
    let key = data_key(app, row)?;
    let text = |place, sealed: &Option<Vec<u8>>| opened(&key, place, row.id.0, sealed.as_deref());
    Ok(Contact {
        channel: row.channel,
        language: row.language.clone(),
        phone: text(PHONE, &row.phone)?,
        email: text(EMAIL, &row.email)?,
        postal_address: text(POSTAL_ADDRESS, &row.postal_address)?,
    })
}

/// The key that opens one household's values, also those that other tables keep for it.
///
/// # Errors
/// Not found when the household was erased.
pub(super) fn data_key(app: &App, row: &household::Model) -> Result<DataKey> {
    let sealed = row
        .data_key
        .as_deref()
        .ok_or(Error::NotFound("household"))?;
    app.keys.data_key(DATA_KEY, row.id.0, sealed)
}

fn sealed(key: &DataKey, place: &str, id: Uuid, text: Option<&str>) -> Result<Option<Vec<u8>>> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| key.seal(place, id, text))
        .transpose()
}

fn opened(key: &DataKey, place: &str, id: Uuid, sealed: Option<&[u8]>) -> Result<Option<String>> {
    sealed.map(|sealed| key.open(place, id, sealed)).transpose()
}
