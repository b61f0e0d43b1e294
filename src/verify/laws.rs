//! The laws that no key sees whole, counted on live data. Each is one query that answers what breaks it.

use sea_orm::{ConnectionTrait, Statement};

use super::{Check, Report};
use crate::app::App;
use crate::error::Result;

/// One law as SQL: how many rows it speaks of, and which of them break it. The same text on both databases.
#[expect(clippy::struct_field_names, reason = "the columns of the table")]
struct Law {
    law: u8,
    what: &'static str,
    tried: &'static str,
    broken: &'static str,
}

const LAWS: &[Law] = &[
    Law {
        law: 2,
        what: "the count of open media on a device is that of its media",
        tried: "select count(*) as n from device",
        broken: "select d.code as finding from device d where d.open_media <> \
            (select count(*) from medium m where m.device_id = d.id and m.open)",
    },
    Law {
        law: 2,
        what: "the count of open locks on a device is that of its locks",
        tried: "select count(*) as n from device",
        broken: "select d.code as finding from device d where d.open_locks <> \
            (select count(*) from device_lock l where l.device_id = d.id and l.state = 'open')",
    },
    Law {
        law: 2,
        what: "what is ready, reused or recycled has its media known and closed",
        tried: "select count(*) as n from device where stage in ('sanitised', 'ready') or custody = 'gone'",
        broken: "select d.code as finding from device d where (d.stage in ('sanitised', 'ready') or d.custody = 'gone') \
            and (not d.media_known or exists (select 1 from medium m where m.device_id = d.id and m.open))",
    },
    Law {
        law: 2,
        what: "each closed medium was closed by an accepted sanitisation, was a new part or was never there",
        tried: "select count(*) as n from medium where not open",
        broken: "select 'medium ' || coalesce(m.code, m.serial, '?') as finding from medium m where not m.open \
            and m.opened_because not in ('new_part', 'mistake') and not exists \
            (select 1 from sanitisation s where s.id = m.closed_by and s.medium_id = m.id and s.result = 'success')",
    },
    Law {
        law: 3,
        what: "each device with a household has its handover, with that household's own onboarding",
        tried: "select count(*) as n from device where custody = 'household'",
        broken: "select d.code as finding from device d where d.custody = 'household' and not exists \
            (select 1 from handover h join appointment_request ar on ar.appointment_id = h.appointment_id and ar.request_id = h.request_id \
             join onboarding o on o.id = ar.onboarding_id and o.household_id = ar.household_id \
             where h.allocation_id = d.handed_over_by and h.device_id = d.id)",
    },
    Law {
        law: 3,
        what: "no handover stands beside an appointment that was cancelled or missed",
        tried: "select count(*) as n from handover",
        broken: "select d.code as finding from handover h join device d on d.id = h.device_id \
            join appointment a on a.id = h.appointment_id where a.state in ('cancelled', 'no_show')",
    },
    Law {
        law: 3,
        what: "no onboarding was cancelled under a handover",
        tried: "select count(*) as n from handover",
        broken: "select d.code as finding from handover h join device d on d.id = h.device_id \
            join appointment_request ar on ar.appointment_id = h.appointment_id and ar.request_id = h.request_id \
            join onboarding o on o.id = ar.onboarding_id where o.state = 'cancelled'",
    },
    Law {
        law: 4,
        what: "each held device has its live allocation, and each live allocation its device",
        tried: "select count(*) as n from device where held_for is not null",
        broken: "select d.code as finding from device d where d.held_for is not null and not exists \
            (select 1 from allocation a where a.id = d.allocation_id and a.device_id = d.id and a.request_id = d.held_for and a.ended_at is null) \
            union all select d.code from allocation a join device d on d.id = a.device_id \
            where a.ended_at is null and (d.allocation_id is null or d.allocation_id <> a.id)",
    },
    Law {
        law: 4,
        what: "a request is served if and only if an allocation for it is kept and lives",
        tried: "select count(*) as n from request where status = 'served'",
        broken: "select 'a served request without its device' as finding from request r where r.status = 'served' and not exists \
            (select 1 from allocation a where a.request_id = r.id and a.kept and a.ended_at is null) \
            union all select d.code from request r join allocation a on a.request_id = r.id join device d on d.id = a.device_id \
            where a.kept and a.ended_at is null and r.status <> 'served'",
    },
    Law {
        law: 5,
        what: "no slot has more seats taken than places, and no seat belongs to an appointment that is over",
        tried: "select count(*) as n from seat",
        broken: "select 'seat of opening slot ' || cast(s.starts_at as text) as finding from seat s \
            join appointment a on a.id = s.appointment_id where a.state = 'cancelled' \
            union all select 'slot ' || cast(s.starts_at as text) from seat s join opening o on o.id = s.opening_id \
            group by s.opening_id, s.starts_at, o.capacity having count(*) > o.capacity",
    },
    Law {
        law: 5,
        what: "each booked appointment has its seat",
        tried: "select count(*) as n from appointment where state = 'booked'",
        broken: "select 'appointment at ' || cast(a.starts_at as text) as finding from appointment a where a.state = 'booked' and not exists \
            (select 1 from seat s where s.appointment_id = a.id and s.opening_id = a.opening_id and s.starts_at = a.starts_at)",
    },
    Law {
        law: 5,
        what: "each booked onboarding has its seat, in the same visit or in another",
        tried: "select count(*) as n from onboarding where state = 'booked'",
        broken: "select 'onboarding at ' || cast(o.starts_at as text) as finding from onboarding o where o.state = 'booked' and not exists \
            (select 1 from appointment_request ar join seat s on s.appointment_id = ar.appointment_id \
             where ar.onboarding_id = o.id and s.opening_id = o.opening_id and s.starts_at = o.starts_at)",
    },
    Law {
        law: 6,
        what: "registered = at sites + in transit + with households + gone + missing",
        tried: "select count(*) as n from device",
        broken: "select 'devices do not add up' as finding where (select count(*) from device) <> \
            (select count(*) from device where custody = 'site' and site_id is not null) + \
            (select count(*) from device where custody = 'shipment') + (select count(*) from device where custody = 'household') + \
            (select count(*) from device where custody = 'gone') + (select count(*) from device where custody = 'missing') \
            union all select 'devices and first journal lines do not add up' where (select count(*) from device) <> \
            (select count(*) from custody_event where item_kind = 'device' and n = 1)",
    },
    Law {
        law: 6,
        what: "each recycled device left in a collected lot",
        tried: "select count(*) as n from device where custody = 'gone'",
        broken: "select d.code as finding from device d where d.custody = 'gone' and not exists \
            (select 1 from lot_item i join lot l on l.id = i.lot_id where i.item_id = d.id and i.taken_out_at is null \
             and l.status in ('collected', 'accepted', 'partly_refused', 'treated'))",
    },
    Law {
        law: 6,
        what: "what is in a lot has no open medium and is in nobody's hands",
        tried: "select count(*) as n from lot_item i join lot l on l.id = i.lot_id \
            where i.item_id is not null and i.taken_out_at is null and l.status in ('open', 'closed')",
        // What is missing, rescued or moved since is kept back when the lot is collected.
        broken: "select d.code as finding from lot_item i join lot l on l.id = i.lot_id join device d on d.id = i.item_id \
            where i.taken_out_at is null and l.status in ('open', 'closed') and d.custody not in ('missing', 'site', 'shipment') \
            union all select 'medium ' || coalesce(m.code, m.serial, '?') from lot_item i join lot l on l.id = i.lot_id join medium m on m.id = i.item_id \
            where i.taken_out_at is null and l.status in ('open', 'closed') and m.open and m.custody <> 'missing'",
    },
    Law {
        law: 6,
        what: "each device is found by the code on its label",
        tried: "select count(*) as n from device",
        broken: "select d.code as finding from device d where not exists \
            (select 1 from device_code c where c.code = d.code and c.device_id = d.id and c.state = 'live')",
    },
    Law {
        law: 7,
        what: "delivered messages are forgotten, and erased households are empty",
        tried: "select count(*) as n from message where delivered_at is not null",
        broken: "select 'message ' || kind as finding from message where delivered_at is not null and (content is not null or recipient is not null) \
            union all select 'erased household' from household h join person p on p.household_id = h.id \
            where h.erased_at is not null and (p.family_name is not null or p.given_name is not null or p.birth_date is not null or p.blind_index is not null) \
            union all select 'link of an erased household' from household h join household_access a on a.household_id = h.id where h.erased_at is not null \
            union all select 'message of an erased household' from household h join message m on m.household_id = h.id where h.erased_at is not null",
    },
    Law {
        law: 8,
        what: "each recorded scan has its journal line",
        tried: "select count(*) as n from scan where outcome = 'recorded'",
        broken: "select 'scan of ' || s.code as finding from scan s where s.outcome = 'recorded' \
            and s.answer not like '%already\":true%' and not exists \
            (select 1 from custody_event e where e.item_id = s.device_id and e.recorded_at = s.recorded_at)",
    },
    Law {
        law: 9,
        what: "no contribution above its cap, no sale of a public gift by a body that may not",
        tried: "select count(*) as n from handover",
        broken: "select d.code as finding from handover h join device d on d.id = h.device_id \
            where h.contribution_cents > h.cap_cents or (h.public_donor and h.contribution_cents > 0 and not h.seller_may_sell)",
    },
    Law {
        law: 9,
        what: "each public donor's gift carries its legal basis",
        tried: "select count(*) as n from donation where public_donor",
        broken: "select reference as finding from donation where public_donor and legal_basis is null",
    },
];

/// Tries every law.
pub(super) async fn check(app: &App, report: &mut Report) -> Result<()> {
    let db = app.db.read();
    let backend = db.get_database_backend();
    for law in LAWS {
        let mut check = Check::new(law.law, law.what);
        if let Some(row) = db
            .query_one_raw(Statement::from_string(backend, law.tried))
            .await?
        {
            check.tried = u64::try_from(row.try_get::<i64>("", "n")?).unwrap_or(0);
        }
        for row in db
            .query_all_raw(Statement::from_string(backend, law.broken))
            .await?
        {
            check.found(row.try_get::<String>("", "finding")?);
        }
        report.checks.push(check);
    }
    Ok(())
}
