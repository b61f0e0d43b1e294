//! Makes and models as they were given before, for the counter's fields.

use entities::device;
use entities::enums::DeviceKind;
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::error::Result;

/// Most suggestions at a time.
const SUGGESTIONS: usize = 8;

#[derive(Debug, FromQueryResult)]
struct Suggested {
    word: String,
}

/// Makes given before that begin like this, or models of a make. Each is one step along the index
/// `device_by_name`: never a scan, however many devices there are.
pub(crate) async fn of(
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
