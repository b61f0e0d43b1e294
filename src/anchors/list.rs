//! The list behind an anchor: a gzip file with a JSON line an item, and the signed statement as its last line.
//! Written and read as a stream: two million items need no more memory than two.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use entities::enums::ItemKind;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::merkle::Tree;
use super::statement::Signed;
use crate::app::App;
use crate::error::{Error, Result};

/// Longest line that is read.
const LONGEST: u64 = 4096;

/// One item as the anchor saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Device or medium.
    pub(crate) kind: ItemKind,
    /// Identity.
    pub(crate) id: Uuid,
    /// The code on its label then, when it had one.
    pub(crate) code: Option<String>,
    /// How many lines its journal had.
    pub(crate) n: i64,
    /// Hash of the last of them.
    pub(crate) head: String,
}

impl Entry {
    /// How a finding names it.
    pub(crate) fn name(&self) -> String {
        match (self.kind, &self.code) {
            (ItemKind::Device, Some(code)) => code.clone(),
            (ItemKind::Device, None) => format!("device {}", self.id),
            (ItemKind::Medium, _) => format!("medium {}", self.id),
        }
    }

    /// Devices first, each kind by id.
    const fn place(&self) -> (bool, u128) {
        (matches!(self.kind, ItemKind::Medium), self.id.as_u128())
    }
}

/// Where the list of an anchor lies.
pub(crate) fn path(app: &App, number: i64) -> PathBuf {
    folder(app).join(format!("anchor-{number:06}.jsonl.gz"))
}

/// The folder of all lists.
pub(crate) fn folder(app: &App) -> PathBuf {
    app.config.data.dir.join("anchors")
}

/// Writes a list.
pub(super) struct Writer {
    out: GzEncoder<BufWriter<File>>,
    tree: Tree,
    pub(super) devices: i64,
    pub(super) media: i64,
}

impl Writer {
    /// Begins a file.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|e| said(path, &e))?;
        Ok(Self {
            out: GzEncoder::new(BufWriter::new(file), Compression::fast()),
            tree: Tree::default(),
            devices: 0,
            media: 0,
        })
    }

    /// Adds an item.
    pub(super) fn push(&mut self, entry: &Entry) -> Result<()> {
        match entry.kind {
            ItemKind::Device => self.devices += 1,
            ItemKind::Medium => self.media += 1,
        }
        let line = serde_json::to_vec(entry).map_err(Error::internal)?;
        self.tree.push(&line);
        self.line(&line)
    }

    /// The root so far.
    pub(super) fn root(&self) -> String {
        self.tree.root()
    }

    /// Ends the file with its statement, durably.
    pub(super) fn finish(mut self, statement: &Signed) -> Result<()> {
        self.line(&serde_json::to_vec(statement).map_err(Error::internal)?)?;
        let file = self.out.finish().map_err(Error::internal)?;
        let file = file
            .into_inner()
            .map_err(|e| Error::internal(e.into_error()))?;
        file.sync_all().map_err(Error::internal)
    }

    fn line(&mut self, line: &[u8]) -> Result<()> {
        self.out.write_all(line).map_err(Error::internal)?;
        self.out.write_all(b"\n").map_err(Error::internal)
    }
}

/// Reads a list.
pub(crate) struct Reader {
    path: PathBuf,
    lines: BufReader<MultiGzDecoder<BufReader<File>>>,
    line: Vec<u8>,
}

/// A line of a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Entry(Entry),
    Statement(Signed),
}

impl Reader {
    /// Opens a file that [`check`] found whole.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|e| said(path, &e))?;
        Ok(Self {
            path: path.to_owned(),
            lines: BufReader::new(MultiGzDecoder::new(BufReader::new(file))),
            line: Vec::new(),
        })
    }

    /// The next items, at most so many; none at the end.
    pub(crate) fn page(&mut self, most: usize) -> Result<Vec<Entry>> {
        let mut page = Vec::new();
        while page.len() < most {
            match self.next()? {
                Some(Line::Entry(entry)) => page.push(entry),
                Some(Line::Statement(_)) | None => break,
            }
        }
        Ok(page)
    }

    fn next(&mut self) -> Result<Option<Line>> {
        self.line.clear();
        let read = (&mut self.lines)
            .take(LONGEST)
            .read_until(b'\n', &mut self.line)
            .map_err(|e| said(&self.path, &e))?;
        if read == 0 {
            return Ok(None);
        }
        if self.line.pop() != Some(b'\n') {
            return Err(refused(&self.path, "it breaks off"));
        }
        serde_json::from_slice(&self.line)
            .map(Some)
            .map_err(|_| refused(&self.path, "a line of it is none of an anchor's"))
    }
}

/// Reads a whole list and answers its statement.
///
/// # Errors
/// When this instance did not sign it, or it is not the list that was signed.
pub(crate) fn check(app: &App, path: &Path) -> Result<Signed> {
    let mut reader = Reader::open(path)?;
    let (mut tree, mut devices, mut media, mut last) = (Tree::default(), 0, 0, None);
    let statement = loop {
        match reader.next()? {
            Some(Line::Entry(entry)) => {
                if last.is_some_and(|last| last >= entry.place()) {
                    return Err(refused(path, "its items are not in order"));
                }
                last = Some(entry.place());
                match entry.kind {
                    ItemKind::Device => devices += 1,
                    ItemKind::Medium => media += 1,
                }
                tree.push(&reader.line);
            }
            Some(Line::Statement(statement)) => break statement,
            None => return Err(refused(path, "it has no statement: it breaks off")),
        }
    };
    ours(app, path, &statement)?;
    let stated = &statement.anchor;
    if (tree.root(), devices, media) != (stated.root.clone(), stated.devices, stated.media) {
        return Err(refused(path, "its items are not those that were signed"));
    }
    Ok(statement)
}

/// Refuses a statement that this instance did not sign.
fn ours(app: &App, path: &Path, statement: &Signed) -> Result<()> {
    if statement.is_ours(&app.keys)? {
        Ok(())
    } else {
        Err(refused(path, "no key of this instance signed it"))
    }
}

/// Finds the list that a file means: the list itself, or a statement as it was mailed, whose list lies in the data
/// folder.
///
/// # Errors
/// When either is not what was signed.
pub(crate) fn meant(app: &App, given: &Path) -> Result<(PathBuf, Signed)> {
    let mut first = [0; 1];
    let mut file = File::open(given).map_err(|e| said(given, &e))?;
    file.read_exact(&mut first).map_err(|e| said(given, &e))?;
    if first != *b"{" {
        return Ok((given.to_owned(), check(app, given)?));
    }
    let mut text = Vec::from(first);
    file.take(LONGEST)
        .read_to_end(&mut text)
        .map_err(|e| said(given, &e))?;
    let mailed: Signed =
        serde_json::from_slice(&text).map_err(|_| refused(given, "it is no anchor's statement"))?;
    ours(app, given, &mailed)?;
    let list = path(app, mailed.anchor.number);
    let found = check(app, &list)?;
    if found.anchor != mailed.anchor {
        return Err(refused(&list, "it is another than the one that was mailed"));
    }
    Ok((list, found))
}

fn refused(path: &Path, why: &str) -> Error {
    Error::setup(format!("the anchor {} is refused: {why}", path.display()))
}

fn said(path: &Path, error: &std::io::Error) -> Error {
    Error::setup(format!(
        "the anchor {} can't be read or written: {error}",
        path.display()
    ))
}
