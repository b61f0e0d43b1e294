//! The lines of an nwipe log, one at a time: the shapes of `standards.md` 1.4 by hand, because each
//! is a fixed layout and a failed match must be told apart from a foreign line.

/// A line that nwipe wrote itself, as opposed to the rest of a value that holds a line break.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Local time without a zone, `2026-11-24T02:16:38`.
    pub(super) at: String,
    /// `debug`, `info`, `notice`, `warning`, `error`, `fatal`, `sanity` or `level n`.
    pub(super) level: &'a str,
    /// What follows.
    pub(super) message: &'a str,
}

/// `[YYYY/MM/DD HH:MM:SS]  notice: message`; up to 0.27 `nwipe: ` stands before the level.
pub(super) fn line(text: &str) -> Option<Line<'_>> {
    let (at, rest) = stamp(text)?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix("nwipe: ").unwrap_or(rest);
    let (level, message) = rest.split_once(": ").or_else(|| {
        // A message may be empty: the trailing blank is lost when a log is mailed.
        rest.strip_suffix(':').map(|level| (level, ""))
    })?;
    let known = matches!(
        level,
        "debug" | "info" | "notice" | "warning" | "error" | "fatal" | "sanity"
    ) || level.strip_prefix("level ").is_some_and(digits);
    known.then_some(Line { at, level, message })
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The moment in brackets that starts a line, and what follows it.
fn stamp(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('[')?;
    let (moment, rest) = inner.split_once(']')?;
    let shape = moment.len() == 19
        && moment.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'/',
            10 => byte == b' ',
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    shape.then(|| (moment.replace('/', "-").replace(' ', "T"), rest))
}

/// Which of the three tables a banner opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// Errors counted.
    Errors,
    /// Bytes erased, from 0.41.
    Bytes,
    /// The result of each drive.
    Status,
}

/// `******* Drive Status *******`: 80 characters, the title centred.
pub(super) fn banner(text: &str) -> Option<Table> {
    let text = text.trim_end();
    if text.len() != 80 || !text.starts_with("*****") || !text.ends_with("*****") {
        return None;
    }
    match text.trim_matches('*') {
        " Error Summary " => Some(Table::Errors),
        " Erasure Summary " => Some(Table::Bytes),
        " Drive Status " => Some(Table::Status),
        _ => None,
    }
}

/// A rule of 80 equal characters.
pub(super) fn rule(text: &str, of: char) -> bool {
    let text = text.trim_end();
    text.len() == 80 && text.chars().all(|c| c == of)
}

/// What the table says of a drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// ` Erased `, also for runs that only verified.
    Erased,
    /// `-FAILED-`.
    Failed,
    /// `UABORTED`.
    Aborted,
    /// `INSANITY`.
    Insane,
}

/// A row of the Drive Status table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatusRow {
    pub(super) flagged: bool,
    pub(super) device: String,
    pub(super) status: Status,
    pub(super) seconds: i64,
    /// Model cut to 17, a slash, serial cut to 20; both may hold slashes.
    pub(super) identity: String,
}

/// `!    loop2 |-FAILED-| 1247 KB/s | 00:00:21 | Loopback device/`
pub(super) fn status_row(text: &str) -> Option<StatusRow> {
    let (flagged, device, rest) = row_head(text)?;
    let (status, rest) = rest.split_once('|')?;
    let status = match status {
        " Erased " => Status::Erased,
        "-FAILED-" => Status::Failed,
        "UABORTED" => Status::Aborted,
        "INSANITY" => Status::Insane,
        _ => return None,
    };
    let (throughput, rest) = rest.split_once(" | ")?;
    // `0 B/s` is what 0.33 prints for short runs: the figure proves nothing, only the shape counts.
    throughput.trim().strip_suffix("B/s")?;
    let (duration, identity) = rest.split_once(" | ")?;
    let identity = identity.trim_end_matches(['\r', '\n']);
    let slash = identity.contains('/');
    (slash && identity.chars().count() <= 17 + 1 + 20).then_some(StatusRow {
        flagged,
        device,
        status,
        seconds: seconds(duration)?,
        identity: identity.to_owned(),
    })
}

fn seconds(duration: &str) -> Option<i64> {
    let mut parts = duration.split(':');
    let hours: i64 = parts
        .next()
        .filter(|hours| hours.len() >= 2)?
        .parse()
        .ok()?;
    let minutes: i64 = parts
        .next()
        .filter(|minutes| minutes.len() == 2)?
        .parse()
        .ok()?;
    let seconds: i64 = parts
        .next()
        .filter(|seconds| seconds.len() == 2)?
        .parse()
        .ok()?;
    parts
        .next()
        .is_none()
        .then_some(hours.checked_mul(3600)? + minutes * 60 + seconds)
}

/// Flag, device (cut to 8 and right-aligned in 8), and what follows the first bar.
fn row_head(text: &str) -> Option<(bool, String, &str)> {
    let (head, rest) = text.split_once(" |")?;
    let flagged = match head.get(..2)? {
        "! " => true,
        "  " => false,
        _ => return None,
    };
    let field = head.get(2..)?;
    let device = field.trim_start();
    let shape = field.len() == 8 && !device.is_empty() && !device.contains(char::is_whitespace);
    shape.then(|| (flagged, device.to_owned(), rest))
}

/// A row of the table of errors: device, pass, verify, fsync (from 0.32).
pub(super) fn error_row(text: &str) -> Option<(bool, String, u64, u64, Option<u64>)> {
    let (flagged, device, rest) = row_head(text)?;
    let mut cells = rest.split('|').map(|cell| cell.trim().parse::<u64>().ok());
    let (pass, verify) = (cells.next()??, cells.next()??);
    let sync = match cells.next() {
        None => None,
        Some(cell) => Some(cell?),
    };
    cells
        .next()
        .is_none()
        .then_some((flagged, device, pass, verify, sync))
}

/// A row of the table of bytes: device, erased, total.
pub(super) fn byte_row(text: &str) -> Option<(bool, String, i64, i64)> {
    let (flagged, device, rest) = row_head(text)?;
    let cells: Vec<&str> = rest.split('|').map(str::trim).collect();
    let [erased, total, percentage] = cells.as_slice() else {
        return None;
    };
    (percentage.ends_with('%') || *percentage == "N/A").then_some(())?;
    Some((flagged, device, erased.parse().ok()?, total.parse().ok()?))
}

/// The last line of the Drive Status table: `… Total Throughput  689 MB/s, PRNG Stream, 1R+B+VL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Foot {
    pub(super) at: String,
    pub(super) method: String,
    pub(super) verify: Verify,
}

/// The suffix that says what was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verify {
    /// `NV`.
    Nothing,
    /// `VL`.
    Last,
    /// `VA`.
    All,
}

/// Reads the foot of the Drive Status table.
pub(super) fn foot(text: &str) -> Option<Foot> {
    let (at, rest) = stamp(text.trim_end())?;
    let rest = rest.strip_prefix(" Total Throughput ")?;
    let (_, rest) = rest.split_once("B/s, ")?;
    let (method, suffix) = rest.rsplit_once(", ")?;
    let mut parts = suffix.split('+');
    let rounds = parts.next()?.strip_suffix('R')?;
    let blank = matches!(parts.next()?, "B" | "NB");
    let verify = match parts.next()? {
        "NV" => Verify::Nothing,
        "VL" => Verify::Last,
        "VA" => Verify::All,
        _ => return None,
    };
    let sound = digits(rounds) && blank && parts.next().is_none();
    sound.then(|| Foot {
        at,
        method: method.to_owned(),
        verify,
    })
}

/// A drive as enumerated at the start of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: String,
    pub(super) bus: String,
    pub(super) model: String,
    pub(super) serial: String,
}

/// `Found /dev/sda, ATA-SSD , Model,  500 GB, S/N=…`
pub(super) fn found(message: &str) -> Option<Found> {
    let rest = message.strip_prefix("Found ")?;
    let (path, rest) = rest.split_once(',')?;
    path.starts_with("/dev/").then_some(())?;
    let (rest, serial) = rest.rsplit_once("S/N=")?;
    let rest = rest.trim().trim_end_matches(',');
    let (rest, _size) = rest.rsplit_once(',')?;
    let (bus, model) = rest.split_once(',').unwrap_or(("", rest));
    Some(Found {
        path: path.trim().to_owned(),
        bus: bus.trim().to_owned(),
        model: model.trim().to_owned(),
        serial: serial.trim().to_owned(),
    })
}

/// The device paths named in a message, without the quotes and stops around them.
pub(super) fn paths(message: &str) -> impl Iterator<Item = &str> {
    message
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '.')))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.starts_with("/dev/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_versions_are_told() {
        let old = line(
            "[2019/11/07 01:35:06] nwipe: notice: Starting round 1 of 1 on device '/dev/sdc'.",
        )
        .unwrap();
        assert_eq!(
            (old.level, old.at.as_str()),
            ("notice", "2019-11-07T01:35:06")
        );
        assert_eq!(paths(old.message).collect::<Vec<_>>(), ["/dev/sdc"]);
        assert_eq!(
            line("[2026/11/24 02:16:50]    info:  ")
                .unwrap()
                .message
                .trim(),
            ""
        );
        assert!(line("                               g) (gcc (GCC) 15.3.0").is_none());
        assert!(
            line("[2026/11/24 02:16:52] Total Throughput 1207 MB/s, Fill With Zeros, 1R+B+VL")
                .is_none()
        );
    }

    #[test]
    fn rows_keep_their_fixed_layout() {
        let row =
            status_row("!    loop2 |-FAILED-| 1247 KB/s | 00:00:21 | A/B model/SER/1").unwrap();
        assert!(row.flagged);
        assert_eq!(
            (row.device.as_str(), row.status, row.seconds),
            ("loop2", Status::Failed, 21)
        );
        assert!(
            status_row("     loop0 | Erased |   0 B/s | 00:00:01 | Loopback device/").is_some()
        );
        assert!(status_row("     loop0 | Erased |   0 B/s | 00:00:01 | no slash").is_none());
        assert!(status_row("  loop0 | Erased |   0 B/s | 00:00:01 | a/b").is_none());
        assert_eq!(
            error_row("!    loop1 |           1 |               131072 |                    0"),
            Some((true, "loop1".into(), 1, 131_072, Some(0)))
        );
        assert_eq!(
            byte_row("     loop0 |          67108864 |         67108864 |           100.00%"),
            Some((false, "loop0".into(), 67_108_864, 67_108_864))
        );
        let foot =
            foot("[2026/11/24 02:17:25] Total Throughput 1182 MB/s, Verify Zeros (0x00), 1R+NB+VL")
                .unwrap();
        assert_eq!(
            (foot.method.as_str(), foot.verify),
            ("Verify Zeros (0x00)", Verify::Last)
        );
    }
}
