//! Reads of devices: by code, by id, and the free ones of a kind. Lists by page are in `search`.

use entities::device;
use entities::enums::{CustodyKind, DeviceKind, Stage};
use entities::ids::DeviceId;
use entities::{device_code, medium};
use labels::code::{Code, CodeError};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

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

/// The words of a text: upper case, without accents, split at what is no letter or digit.
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
