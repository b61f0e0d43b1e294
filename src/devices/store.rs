//! Reads of devices: by code, by term, by page. Keyset pages; every filter has its index.

use entities::device;
use entities::enums::{CustodyKind, DeviceKind, Grade, Stage};
use entities::ids::{DeviceId, SiteId};
use entities::{device_code, device_term, medium};
use labels::code::{Code, CodeError};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::devices::state::Status;
use crate::error::{Error, Result};

/// What a code is on.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A device.
    Device(Box<device::Model>),
    /// A loose medium.
    Medium(Box<medium::Model>),
    /// A printed label that nothing carries yet.
    Blank(Code),
}

/// Reads a code in whatever form it was scanned or typed.
///
/// # Errors
/// [`Error::WrongCheckCharacter`], or [`Error::UnknownCode`] for what is no code at all.
pub(crate) fn read_code(text: &str) -> Result<Code> {
    Code::parse(text).map_err(|error| match error {
        CodeError::WrongCheckCharacter => Error::WrongCheckCharacter,
        CodeError::NotACode => Error::UnknownCode,
    })
}

/// What carries a code, now or formerly.
pub(crate) async fn item(db: &impl ConnectionTrait, text: &str) -> Result<Item> {
    let code = read_code(text)?;
    let row = device_code::Entity::find_by_id(code.as_str().to_owned())
        .one(db)
        .await?
        .ok_or(Error::UnknownCode)?;
    if let Some(id) = row.device_id {
        return Ok(Item::Device(Box::new(by_id(db, id).await?)));
    }
    if let Some(id) = row.medium_id {
        let medium = medium::Entity::find_by_id(id)
            .one(db)
            .await?
            .ok_or(Error::UnknownCode)?;
        return Ok(Item::Medium(Box::new(medium)));
    }
    Ok(Item::Blank(code))
}

/// The device that carries a code, now or formerly. One query when the code is its current one.
///
/// # Errors
/// [`Error::UnknownCode`] when no device carries it.
pub(crate) async fn by_code(db: &impl ConnectionTrait, text: &str) -> Result<device::Model> {
    let code = read_code(text)?;
    let current = device::Entity::find()
        .filter(device::Column::Code.eq(code.as_str()))
        .one(db)
        .await?;
    if let Some(device) = current {
        return Ok(device);
    }
    match item(db, code.as_str()).await? {
        Item::Device(device) => Ok(*device),
        Item::Medium(_) | Item::Blank(_) => Err(Error::UnknownCode),
    }
}

/// A device by id.
pub(crate) async fn by_id(db: &impl ConnectionTrait, id: DeviceId) -> Result<device::Model> {
    device::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("device"))
}

/// What to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Words: code, serial, tag, make, model; each must begin a term.
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
    /// Continue after this one.
    pub(crate) after: Option<DeviceId>,
}

/// One page of devices, the newest first. Ids are time-ordered, so the id is the key of the page.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    limit: u64,
) -> Result<Vec<device::Model>> {
    use sea_orm::sea_query::Query;
    let mut query = device::Entity::find();
    if let Some(q) = &filter.q {
        for word in terms_of(q) {
            let matching = Query::select()
                .column(device_term::Column::DeviceId)
                .from(device_term::Entity)
                // Upper and lower bound instead of LIKE: uses the primary key on both databases.
                .and_where(device_term::Column::Term.gte(word.clone()))
                .and_where(device_term::Column::Term.lt(format!("{word}\u{10FFFF}")))
                .to_owned();
            query = query.filter(device::Column::Id.in_subquery(matching));
        }
    }
    query = match filter.status {
        None => query,
        Some(Status::Missing) => query.filter(device::Column::Custody.eq(CustodyKind::Missing)),
        Some(Status::HandedOver) => {
            query.filter(device::Column::Custody.eq(CustodyKind::Household))
        }
        Some(Status::Recycled) => query.filter(device::Column::Custody.eq(CustodyKind::Gone)),
        Some(Status::InTransit) => query.filter(device::Column::Custody.eq(CustodyKind::Shipment)),
        Some(Status::Allocated) => query
            .filter(device::Column::Custody.eq(CustodyKind::Site))
            .filter(device::Column::HeldFor.is_not_null()),
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
    if let Some(after) = filter.after {
        query = query.filter(device::Column::Id.lt(after));
    }
    Ok(query
        .order_by_desc(device::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Devices of a kind that are ready and free, the longest in the chain first.
pub(crate) async fn free(
    db: &impl ConnectionTrait,
    kind: DeviceKind,
    limit: u64,
) -> Result<Vec<device::Model>> {
    Ok(device::Entity::find()
        .filter(device::Column::Kind.eq(kind))
        .filter(device::Column::Stage.eq(Stage::Ready))
        .filter(device::Column::HeldFor.is_null())
        .filter(device::Column::Custody.is_in([CustodyKind::Site, CustodyKind::Shipment]))
        .order_by_asc(device::Column::RegisteredAt)
        .order_by_asc(device::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

fn at_stage(
    query: sea_orm::Select<device::Entity>,
    stage: Stage,
) -> sea_orm::Select<device::Entity> {
    query
        .filter(device::Column::Stage.eq(stage))
        .filter(device::Column::Custody.eq(CustodyKind::Site))
        .filter(device::Column::HeldFor.is_null())
}

/// The search terms of a text: upper case, without accents, split at what is no letter or digit.
pub(crate) fn terms_of(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            word.chars()
                .flat_map(plain)
                .collect::<String>()
                .to_uppercase()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// A letter without its accent. Enough for French; other letters stay as they are.
fn plain(letter: char) -> impl Iterator<Item = char> {
    let plain: &str = match letter {
        'à' | 'â' | 'ä' | 'À' | 'Â' | 'Ä' => "a",
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => "e",
        'î' | 'ï' | 'Î' | 'Ï' => "i",
        'ô' | 'ö' | 'Ô' | 'Ö' => "o",
        'ù' | 'û' | 'ü' | 'Ù' | 'Û' | 'Ü' => "u",
        'ç' | 'Ç' => "c",
        'œ' | 'Œ' => "oe",
        'æ' | 'Æ' => "ae",
        _ => "",
    };
    let kept = plain.is_empty().then_some(letter);
    plain.chars().chain(kept)
}

#[cfg(test)]
mod tests {
    use super::terms_of;

    #[test]
    fn terms_are_upper_case_and_without_accents() {
        assert_eq!(
            terms_of("Écran Bœuf PF0-abc"),
            ["ECRAN", "BOEUF", "PF0", "ABC"]
        );
    }
}
