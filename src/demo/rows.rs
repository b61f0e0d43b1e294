//! Many rows of one table in few statements, each of which the database prepares once.
//!
//! Batches have one of three fixed lengths: the text of a batch is always the same, so that neither
//! side's memory of prepared statements grows with what is written.

use std::fmt::Write as _;

use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, EntityTrait, IdenStatic, Iterable, Statement,
    Value,
};

use crate::db::Tx;
use crate::error::Result;

/// Rows of one statement, the longest first. The widest table has some thirty columns: far below what
/// both databases take in one statement.
const LENGTHS: [usize; 3] = [128, 16, 1];

/// Inserts rows.
pub(super) async fn insert<E, M, A>(tx: &Tx, rows: Vec<M>) -> Result<()>
where
    E: EntityTrait,
    M: Into<A>,
    A: ActiveModelTrait<Entity = E> + Send,
{
    let mut left = rows.len();
    let mut rows = rows.into_iter().map(Into::into).peekable();
    let columns = match rows.peek() {
        Some(first) => columns::<E, A>(first),
        None => return Ok(()),
    };
    for length in LENGTHS {
        if left < length {
            continue;
        }
        let sql = text::<E>(tx.is_postgres(), &columns, length);
        while left >= length {
            let values: Vec<Value> = rows
                .by_ref()
                .take(length)
                .flat_map(|mut row| {
                    columns
                        .iter()
                        .filter_map(move |column| row.take(*column).into_value())
                })
                .collect();
            let statement = Statement::from_sql_and_values(tx.get_database_backend(), &sql, values);
            tx.execute_raw(statement).await?;
            left -= length;
        }
    }
    Ok(())
}

/// The columns that rows give; the database gives the others.
fn columns<E, A>(row: &A) -> Vec<E::Column>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E>,
{
    E::Column::iter()
        .filter(|column| !matches!(row.get(*column), ActiveValue::NotSet))
        .collect()
}

fn text<E: EntityTrait>(postgres: bool, columns: &[E::Column], rows: usize) -> String {
    let names: Vec<_> = columns
        .iter()
        .map(|column| format!("\"{}\"", column.as_str()))
        .collect();
    let mut sql = format!(
        "insert into \"{}\" ({}) values ",
        E::default().table_name(),
        names.join(", ")
    );
    let mut n = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns.len() {
            n += 1;
            let comma = if column == 0 { "" } else { ", " };
            // Writing to a text never fails.
            let _ = if postgres {
                write!(sql, "{comma}${n}")
            } else {
                write!(sql, "{comma}?")
            };
        }
        sql.push(')');
    }
    sql
}
