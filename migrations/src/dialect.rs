//! What the two databases spell differently.

/// Keys of `device` that point forward to tables made later. SQLite takes them inside
/// `CREATE TABLE` and knows no `ADD CONSTRAINT`; PostgreSQL wants the opposite.
pub(crate) const LATE_DEVICE_KEYS: [&str; 2] = [
    "constraint device_allocation_fkey foreign key (allocation_id, id, held_for) references allocation (id, device_id, request_id)",
    "constraint device_handed_over_fkey foreign key (handed_over_by) references handover (allocation_id)",
];

/// Replaces the placeholders of a text by the words of the database.
pub(crate) fn spell(sql: &str, postgres: bool) -> String {
    let (uuid, time, bytes, date, serial, unique) = if postgres {
        (
            "uuid",
            "timestamptz",
            "bytea",
            "date",
            "bigint generated always as identity primary key",
            "unique",
        )
    } else {
        ("blob", "text", "blob", "text", "integer primary key", "")
    };
    let late = if postgres {
        String::new()
    } else {
        format!(",\n  {}", LATE_DEVICE_KEYS.join(",\n  "))
    };
    // The day of a moment, and a year from now, as each database tells them.
    let (day, year) = if postgres {
        (
            "(created_at at time zone 'Europe/Paris')::date",
            "now() + interval '365 days'",
        )
    } else {
        (
            "date(created_at)",
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '+365 days')",
        )
    };
    sql.replace("{uuid}", uuid)
        .replace("{day:created_at}", day)
        .replace("{in_a_year}", year)
        .replace("{time}", time)
        .replace("{bytes}", bytes)
        .replace("{date}", date)
        .replace("{serial}", serial)
        .replace("{unique_on_postgres}", unique)
        .replace("{late:device}", &late)
}

/// The tables a text creates, last first: the order in which they can be dropped.
pub(crate) fn tables_backwards(sql: &str) -> Vec<&str> {
    let mut tables: Vec<&str> = sql
        .lines()
        .filter_map(|line| line.strip_prefix("create table "))
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    tables.reverse();
    tables
}
