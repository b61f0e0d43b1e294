//! The key file: the current key, those still to be worn out, and public keys that once signed.
//!
//! One line of 64 hexadecimal digits is the first form, from before any rotation. The second form has a line a key:
//! `index`, which keyed hashes are made with and which never turns; `current`; `old`; `signed`, a public key.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};

/// First line of the second form.
const HEAD: &str = "rebond-keys 2";

/// A key that seals and signs.
#[derive(Clone)]
pub(super) struct Key {
    /// What everything is derived from.
    pub(super) secret: [u8; 32],
    /// Since when it is the current one; none for the first.
    pub(super) since: Option<DateTime<Utc>>,
}

/// What a key file holds.
#[derive(Clone)]
pub(super) struct Keys {
    /// Makes keyed hashes.
    pub(super) index: [u8; 32],
    /// Seals and signs.
    pub(super) current: Key,
    /// Open what is not sealed anew yet, the newest first.
    pub(super) old: Vec<Key>,
    /// Public keys of earlier signatures, the newest first.
    pub(super) signed: Vec<[u8; 32]>,
}

/// Changes whenever another file takes the key file's place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    seconds: i64,
    nanoseconds: i64,
    length: u64,
}

impl Stamp {
    /// The stamp of the file as it is now.
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        let data = fs::metadata(path)?;
        Ok(Self {
            inode: data.ino(),
            seconds: data.mtime(),
            nanoseconds: data.mtime_nsec(),
            length: data.len(),
        })
    }
}

impl Keys {
    /// The keys of an instance that never turned them.
    pub(super) const fn first(secret: [u8; 32]) -> Self {
        Self {
            index: secret,
            current: Key {
                secret,
                since: None,
            },
            old: Vec::new(),
            signed: Vec::new(),
        }
    }

    /// Reads the file; refuses one that others may read.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let mode = fs::metadata(path)
            .map_err(Error::internal)?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(Error::setup(format!(
                "{} is readable by others: chmod 600 it",
                path.display()
            )));
        }
        let text = fs::read_to_string(path).map_err(Error::internal)?;
        Self::parse(&text).ok_or_else(|| Error::setup(format!("{} holds no key", path.display())))
    }

    /// Writes the file: whole, or the one before stays.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        write_private(path, self.text().as_bytes())
    }

    fn text(&self) -> String {
        if self.old.is_empty() && self.signed.is_empty() && self.index == self.current.secret {
            return format!("{}\n", hex::encode(self.index));
        }
        let mut lines = vec![
            HEAD.to_owned(),
            format!("index {}", hex::encode(self.index)),
        ];
        let since = |key: &Key| {
            key.since
                .map_or_else(String::new, |at| format!(" {}", at.to_rfc3339()))
        };
        let line =
            |word: &str, key: &Key| format!("{word} {}{}", hex::encode(key.secret), since(key));
        lines.push(line("current", &self.current));
        lines.extend(self.old.iter().map(|key| line("old", key)));
        lines.extend(
            self.signed
                .iter()
                .map(|key| format!("signed {}", hex::encode(key))),
        );
        lines.push(String::new());
        lines.join("\n")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next()?;
        if first != HEAD {
            return Some(Self::first(bytes(first)?)).filter(|_| lines.next().is_none());
        }
        let (mut index, mut current, mut old, mut signed) = (None, None, Vec::new(), Vec::new());
        for line in lines {
            let mut words = line.split_whitespace();
            let (word, secret) = (words.next()?, bytes(words.next()?)?);
            let since = match words.next() {
                Some(at) => Some(DateTime::parse_from_rfc3339(at).ok()?.to_utc()),
                None => None,
            };
            match word {
                "index" if index.is_none() => index = Some(secret),
                "current" if current.is_none() => current = Some(Key { secret, since }),
                "old" => old.push(Key { secret, since }),
                "signed" => signed.push(secret),
                _ => return None,
            }
        }
        Some(Self {
            index: index?,
            current: current?,
            old,
            signed,
        })
    }
}

/// Writes a file that only its owner reads: whole, or the one before stays.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let draft = path.with_extension("new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .map_err(Error::internal)?;
    file.write_all(bytes).map_err(Error::internal)?;
    file.sync_all().map_err(Error::internal)?;
    fs::rename(&draft, path).map_err(Error::internal)?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))
        .and_then(|folder| folder.sync_all())
        .map_err(Error::internal)
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_nothing_else() {
        let first = Keys::first([7; 32]);
        assert_eq!(first.text().len(), 65);
        assert!(Keys::parse(&first.text()).is_some_and(|k| k.index == [7; 32] && k.old.is_empty()));
        let turned = Keys {
            index: [7; 32],
            current: Key {
                secret: [8; 32],
                since: Some(DateTime::UNIX_EPOCH),
            },
            old: vec![Key {
                secret: [7; 32],
                since: None,
            }],
            signed: vec![[9; 32]],
        };
        let read = Keys::parse(&turned.text()).unwrap();
        assert_eq!(read.text(), turned.text());
        assert_eq!(read.current.since, Some(DateTime::UNIX_EPOCH));
        for broken in [
            "",
            "abc",
            "rebond-keys 2\n",
            "rebond-keys 2\nindex 00\n",
            &format!("{}\nmore\n", hex::encode([1; 32])),
        ] {
            assert!(Keys::parse(broken).is_none(), "{broken}");
        }
    }
}
