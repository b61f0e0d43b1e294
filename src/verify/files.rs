//! Files that rows name: each is there, and is what its name says.

use entities::stored_file;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Check;
use crate::app::App;
use crate::error::Result;

/// Names read at a time.
const PAGE: u64 = 500;

/// Reads each of them.
///
/// # Errors
/// Only when the database can't be read.
pub(crate) async fn check(app: &App) -> Result<Check> {
    let mut check = Check::new(0, "each kept file is there and unaltered");
    let mut after = String::new();
    loop {
        let rows = stored_file::Entity::find()
            .filter(stored_file::Column::Sha256.gt(after.as_str()))
            .order_by_asc(stored_file::Column::Sha256)
            .limit(PAGE)
            .all(app.db.read())
            .await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.sha256);
        for row in &rows {
            check.tried += 1;
            if app.files.read(&row.sha256).await.is_err() {
                check.found(format!("file {}", row.sha256));
            }
        }
    }
    Ok(check)
}
