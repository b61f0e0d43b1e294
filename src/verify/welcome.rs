//! What SQL alone can't say of handovers: the local day, and what the policy allows a household.

use std::collections::HashMap;

use entities::ids::AllocationId;
use entities::{appointment, device, handover};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Check, Report};
use crate::app::App;
use crate::error::Result;
use crate::{appointments, french, requests};

/// Handovers read at a time.
const PAGE: u64 = 500;

/// Tries both.
pub(super) async fn check(app: &App, report: &mut Report) -> Result<()> {
    let days = days(app).await?;
    report.checks.push(days);
    let mut quota = Check::new(
        4,
        "no household was given more than the policy allows in its period",
    );
    let (tried, beyond) = requests::steps::beyond_quota(app, app.db.read()).await?;
    quota.tried = tried;
    for request in beyond {
        let given = handover::Entity::find()
            .filter(handover::Column::RequestId.eq(request))
            .order_by_desc(handover::Column::At)
            .one(app.db.read())
            .await?;
        quota.found(match given {
            Some(given) => code(app, &given).await?,
            None => "a request served without a handover".to_owned(),
        });
    }
    report.checks.push(quota);
    Ok(())
}

/// Each handover on the local day of its pickup.
async fn days(app: &App) -> Result<Check> {
    let db = app.db.read();
    let mut check = Check::new(3, "each handover was on the day of its pickup");
    let mut after: Option<AllocationId> = None;
    loop {
        let mut query = handover::Entity::find()
            .order_by_asc(handover::Column::AllocationId)
            .limit(PAGE);
        if let Some(after) = after {
            query = query.filter(handover::Column::AllocationId.gt(after));
        }
        let rows = query.all(db).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.allocation_id);
        let visits: HashMap<_, _> = appointment::Entity::find()
            .filter(appointment::Column::Id.is_in(rows.iter().map(|row| row.appointment_id)))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, row.starts_at))
            .collect();
        for row in &rows {
            check.tried += 1;
            let pickup = visits.get(&row.appointment_id);
            let same = pickup.is_some_and(|starts_at| {
                french::local_date(appointments::view::instant(*starts_at))
                    == french::local_date(row.at)
            });
            if !same {
                check.found(code(app, row).await?);
            }
        }
    }
    Ok(check)
}

/// The code of the device that was handed over.
async fn code(app: &App, row: &handover::Model) -> Result<String> {
    let device = device::Entity::find_by_id(row.device_id)
        .one(app.db.read())
        .await?;
    Ok(device.map_or_else(|| row.device_id.to_string(), |device| device.code))
}
