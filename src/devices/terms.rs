//! The words that find a device, kept beside it: what people type is compared with these, never with the rows.
//!
//! A term is a text from one of its words on, run together: « `ThinkPad` T-440s » gives `THINKPADT440S`, `T440S` and
//! `440S`. What is typed finds a device when each of its words begins a term, so that « t440 », « T-440 » and
//! « thinkpad t4 » all do.

use std::collections::BTreeSet;

use entities::ids::DeviceId;
use entities::{device, device_term, medium};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::{Db, Tx};
use crate::devices::{media, store};
use crate::error::Result;

/// Characters of a term: more tells no two devices apart.
const LONGEST: usize = 40;
/// Most words of a text that a term begins with.
const PARTS: usize = 16;
/// Devices whose terms are filled in one transaction.
const BATCH: u64 = 500;
/// Rows in one insert: SQLite takes 32,766 values.
const ROWS: usize = 10_000;

/// Words that are each other's other name.
const ALSO: [(&str, &str); 1] = [("HEWLETTPACKARD", "HP")];

/// The terms of one text.
pub(crate) fn of_text(text: &str) -> Vec<String> {
    let parts = store::terms_of(text);
    let most = parts.len().min(PARTS);
    (0..most).map(|from| cut(&parts[from..].concat())).collect()
}

/// The words of what somebody typed, each as it would begin a term.
pub(crate) fn typed(text: &str) -> Vec<String> {
    let words: BTreeSet<String> = text
        .split_whitespace()
        .map(whole)
        .filter(|word| !word.is_empty())
        .take(PARTS)
        .collect();
    words.into_iter().collect()
}

/// A text as one term: the first of [`of_text`].
pub(crate) fn whole(text: &str) -> String {
    cut(&store::terms_of(text).concat())
}

fn cut(term: &str) -> String {
    term.chars().take(LONGEST).collect()
}

/// The terms of a device's own row: code, make and model as one text, serial, tag.
pub(crate) fn of_device(device: &device::Model) -> BTreeSet<String> {
    let make = device.make.as_deref().unwrap_or_default();
    let model = device.model.as_deref().unwrap_or_default();
    let mut texts = vec![device.code.clone(), format!("{make} {model}")];
    let bare = whole(make);
    for (long, short) in ALSO {
        if bare == long || bare == short {
            texts.push(format!(
                "{} {model}",
                if bare == long { short } else { long }
            ));
        }
    }
    texts.extend(
        [&device.serial, &device.asset_tag]
            .into_iter()
            .flatten()
            .cloned(),
    );
    texts.iter().flat_map(|text| of_text(text)).collect()
}

/// Adds the terms of a device's row: at its birth, and when its label is another.
pub(crate) async fn add(tx: &Tx, device: &device::Model) -> Result<()> {
    insert(tx, device.id, of_device(device)).await
}

/// Adds what finds a device by a medium in it.
pub(crate) async fn add_medium(tx: &Tx, device: DeviceId, medium: &medium::Model) -> Result<()> {
    let terms = medium.serial.as_deref().map(of_text).unwrap_or_default();
    insert(tx, device, terms.into_iter().collect()).await
}

/// Writes all terms of a device anew: what it was found by before finds it no longer.
pub(crate) async fn renew(tx: &Tx, device: &device::Model) -> Result<()> {
    device_term::Entity::delete_many()
        .filter(device_term::Column::DeviceId.eq(device.id))
        .exec(tx)
        .await?;
    let mut terms = of_device(device);
    for medium in media::of_device(tx, device.id).await? {
        terms.extend(medium.serial.as_deref().map(of_text).unwrap_or_default());
    }
    insert(tx, device.id, terms).await
}

async fn insert(tx: &Tx, device: DeviceId, terms: BTreeSet<String>) -> Result<()> {
    write(tx, terms.into_iter().map(|term| (term, device)).collect()).await
}

async fn write(tx: &Tx, terms: Vec<(String, DeviceId)>) -> Result<()> {
    for some in terms.chunks(ROWS) {
        let rows: Vec<device_term::ActiveModel> = some
            .iter()
            .map(|(term, device)| device_term::ActiveModel {
                term: Set(term.clone()),
                device_id: Set(*device),
            })
            .collect();
        let key = [device_term::Column::Term, device_term::Column::DeviceId];
        device_term::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Fills the terms of an instance that has none of this form. The newest device comes first and the oldest last, so
/// that the oldest one's terms say whether all is done, whoever stopped half way.
pub(crate) async fn fill(db: &Db) -> Result<()> {
    let oldest = device::Entity::find()
        .order_by_asc(device::Column::Id)
        .one(db.read())
        .await?;
    let Some(oldest) = oldest else {
        return Ok(());
    };
    if has_terms(db.read(), oldest.id).await? {
        return Ok(());
    }
    let mut after: Option<DeviceId> = None;
    loop {
        let tx = db.write().await?;
        let mut query = device::Entity::find();
        if let Some(after) = after {
            query = query.filter(device::Column::Id.lt(after));
        }
        let batch = query
            .order_by_desc(device::Column::Id)
            .limit(BATCH)
            .all(&tx)
            .await?;
        let Some(last) = batch.last() else {
            return Ok(());
        };
        after = Some(last.id);
        let inside = medium::Entity::find()
            .filter(medium::Column::DeviceId.is_in(batch.iter().map(|device| device.id)))
            .all(&tx)
            .await?;
        let mut terms = Vec::new();
        for device in &batch {
            terms.extend(of_device(device).into_iter().map(|term| (term, device.id)));
        }
        for medium in &inside {
            if let (Some(id), Some(serial)) = (medium.device_id, &medium.serial) {
                terms.extend(of_text(serial).into_iter().map(|term| (term, id)));
            }
        }
        write(&tx, terms).await?;
        tx.commit().await?;
    }
}

async fn has_terms(db: &impl ConnectionTrait, device: DeviceId) -> Result<bool> {
    let one = device_term::Entity::find()
        .filter(device_term::Column::DeviceId.eq(device))
        .limit(1)
        .one(db)
        .await?;
    Ok(one.is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(text: &str, query: &str) -> bool {
        let terms = of_text(text);
        typed(query)
            .iter()
            .all(|word| terms.iter().any(|term| term.starts_with(word.as_str())))
    }

    #[test]
    fn people_type_as_they_like() {
        for (text, query) in [
            ("Lenovo ThinkPad T440", "thinkpad t440"),
            ("Lenovo ThinkPad T440", "T-440"),
            ("Lenovo ThinkPad T-440s", "t440"),
            ("Lenovo ThinkPad T 440", "t440"),
            ("Dell Inc. Latitude E7240", "LATITUDE e7240"),
            ("Dell Inc. Latitude E7240", "e72 lati"),
            ("Dell Inc. Latitude E7240", "latitudee7240"),
            ("Écran Bœuf", "ecran boeuf"),
            ("Ecran", "écran"),
            ("WD-WCC2ETY84203", "wcc2e"),
            ("PF0QMY5N", "pf0 q"),
        ] {
            let found = finds(text, query);
            // The last one is two words, of which the second begins nothing.
            assert_eq!(found, query != "pf0 q", "{text} by {query}");
        }
    }

    proptest! {
        /// A word finds a text when it begins anywhere in it where a word begins, signs and case apart.
        #[test]
        fn a_word_finds_what_begins_with_it(text in "[a-zé0-9 -]{0,30}", query in "[A-Zé0-9-]{1,5}") {
            let plain = |c: char| match c { 'é' | 'É' => 'E', c => c.to_ascii_uppercase() };
            let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).map(plain).collect::<String>();
            let word = bare(&query);
            let mut begins = Vec::new();
            for (at, c) in text.char_indices() {
                let before = text[..at].chars().next_back();
                if c.is_alphanumeric() && before.is_none_or(|b| !b.is_alphanumeric()) {
                    begins.push(bare(&text[at..]));
                }
            }
            let naive = word.is_empty() || begins.iter().any(|rest| rest.starts_with(&word));
            prop_assert_eq!(finds(&text, &query), naive);
        }
    }
}
