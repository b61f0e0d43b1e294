//! Files and folders as they are named on the command line: found, bounded, read.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::seal::sha256;
use crate::workshop::evidence::{self, Kind, LARGEST, ReadError, Reading};

/// Deepest folder entered.
const DEEPEST: usize = 64;

/// A file to read, or something that is none and why.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) problem: Option<String>,
}

/// A file whose content was read and understood.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) sha256: String,
    pub(super) reading: Reading,
}

/// Why a file is refused: a stable code, the form where it was recognised, and words.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) code: &'static str,
    pub(super) kind: Option<Kind>,
    pub(super) why: String,
}

/// Everything below the paths, folder by folder in order of name. A link named by the operator is followed; a link
/// found in a folder only to a file, so that a circle of links ends.
pub(super) fn find(paths: &[PathBuf]) -> Vec<Found> {
    let mut found = Vec::new();
    for path in paths {
        match fs::metadata(path) {
            Ok(what) if what.is_dir() => folder(path, 0, &mut found),
            Ok(_) => found.push(file(path.clone())),
            Err(error) => found.push(problem(path.clone(), error.to_string())),
        }
    }
    found
}

fn folder(path: &Path, depth: usize, found: &mut Vec<Found>) {
    if depth > DEEPEST {
        return found.push(problem(
            path.to_owned(),
            "dossiers trop imbriqués".to_owned(),
        ));
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => return found.push(problem(path.to_owned(), error.to_string())),
    };
    let mut inside = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => inside.push(entry.path()),
            Err(error) => found.push(problem(path.to_owned(), error.to_string())),
        }
    }
    inside.sort();
    for path in inside {
        let linked = fs::symlink_metadata(&path).is_ok_and(|what| what.file_type().is_symlink());
        match fs::metadata(&path) {
            Ok(what) if what.is_dir() && linked => {
                found.push(problem(
                    path,
                    "lien vers un dossier : il n’est pas suivi".to_owned(),
                ));
            }
            Ok(what) if what.is_dir() => folder(&path, depth + 1, found),
            Ok(_) => found.push(file(path)),
            Err(error) => found.push(problem(path, error.to_string())),
        }
    }
}

const fn file(path: PathBuf) -> Found {
    Found {
        path,
        problem: None,
    }
}

const fn problem(path: PathBuf, why: String) -> Found {
    Found {
        path,
        problem: Some(why),
    }
}

/// Reads a file, never more of it than the largest report, and what it says.
pub(super) fn read(path: &Path) -> Result<Content, Unreadable> {
    let unread = |why: String| Unreadable {
        code: "unreadable",
        kind: None,
        why,
    };
    // A pipe would make us wait for ever, a device would never end.
    let what = fs::metadata(path).map_err(|error| unread(error.to_string()))?;
    if !what.is_file() {
        return Err(unread("ce n’est pas un fichier ordinaire".to_owned()));
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(LARGEST + 1).unwrap_or(u64::MAX);
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(|error| unread(error.to_string()))?;
    understand(bytes)
}

/// What some bytes say.
pub(super) fn understand(bytes: Vec<u8>) -> Result<Content, Unreadable> {
    if bytes.len() <= LARGEST && bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Unreadable {
            code: "empty",
            kind: None,
            why: "fichier vide".to_owned(),
        });
    }
    let reading = evidence::read(&bytes).map_err(|error| Unreadable {
        code: match &error {
            ReadError::Unknown => "not-recognised",
            ReadError::NotRead(_) => "not-read",
            ReadError::TooLarge => "too-large",
            ReadError::Damaged(_) => "damaged",
        },
        kind: (error != ReadError::TooLarge)
            .then(|| evidence::recognise(&bytes))
            .filter(|kind| *kind != Kind::Unknown),
        why: error.to_string(),
    })?;
    Ok(Content {
        sha256: hex::encode(sha256(&bytes)),
        bytes,
        reading,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SNAPSHOT: &str = r#"{"type":"Snapshot","software":"Workbench","version":"11.0b11","endTime":"2022-01-13T10:24:04+00:00",
        "device":{"type":"Laptop","chassis":"Netbook","manufacturer":"HP","model":"ProBook 450","serialNumber":"CND1234ABC"},
        "components":[{"type":"RamModule","size":4096},{"type":"SolidStateDrive","model":"X","serialNumber":"S1ABC","size":256000,"interface":"ATA"}]}"#;
    const TREE: &str = r#"[{"id":"pc","class":"system","vendor":"Acer","product":"Aspire","serial":"LUS1","children":[
        {"id":"bank:0","class":"memory","size":4294967296},{"id":"disk","class":"disk","size":1000,"serial":"D1","logicalname":["/dev/sda","x"]}]}]"#;
    const XML: &str = r#"<list><node id="pc" class="system"><product>T61</product><vendor>LENOVO</vendor></node></list>"#;
    const SMART: &str = r#"{"json_format_version":[1,0],"smartctl":{"version":[7,2],"exit_status":0},"serial_number":"D1","rotation_rate":5400}"#;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// Whatever happens to a file on its way, it is read or refused with words; nothing falls over.
        #[test]
        fn a_mutilated_report_is_read_or_refused(
            which in 0_usize..4,
            cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 0..12),
        ) {
            let mut bytes = [SNAPSHOT, TREE, XML, SMART][which].as_bytes().to_vec();
            for (at, byte, how) in cuts {
                if bytes.is_empty() {
                    break;
                }
                let at = at.index(bytes.len());
                match how {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    2 => { bytes.remove(at); }
                    _ => bytes.truncate(at),
                }
            }
            if let Err(refused) = understand(bytes) {
                prop_assert!(!refused.why.is_empty());
            }
        }
    }

    #[test]
    fn what_is_hostile_is_named_and_refused() {
        let code = |bytes: &[u8]| understand(bytes.to_vec()).err().map(|refused| refused.code);
        assert_eq!(code(b""), Some("empty"));
        assert_eq!(code(b"\n \n"), Some("empty"));
        assert_eq!(code(&[0; 64]), Some("not-recognised"));
        assert_eq!(code(b"\xff\xfe{\x00}"), Some("not-recognised"));
        assert_eq!(code("[".repeat(100_000).as_bytes()), Some("damaged"));
        assert_eq!(code(&vec![b'{'; LARGEST + 1]), Some("too-large"));
        let cut = understand(SNAPSHOT.as_bytes()[..200].to_vec()).unwrap_err();
        assert_eq!(cut.code, "damaged");
        assert!(cut.why.contains("line 2 column"), "{}", cut.why);
    }

    #[test]
    fn folders_are_walked_in_order_and_circles_end() {
        let root = tempfile::TempDir::new().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::create_dir(at("b")).unwrap();
        fs::write(at("b/2"), "x").unwrap();
        fs::write(at("a"), "x").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            std::os::unix::fs::symlink(root.path(), at("b/circle")).unwrap();
            std::os::unix::fs::symlink(at("gone"), at("b/dangling")).unwrap();
            std::os::unix::fs::symlink(at("a"), at("c")).unwrap();
            fs::write(root.path().join(std::ffi::OsStr::from_bytes(b"\xff")), "x").unwrap();
        }
        let found = find(&[root.path().to_owned(), at("nowhere")]);
        let whole = found.iter().filter(|one| one.problem.is_none()).count();
        let problems = found.len() - whole;
        assert_eq!((whole, problems), (4, 3), "{found:?}");
        assert_eq!(found[0].path, at("a"));
    }
}
