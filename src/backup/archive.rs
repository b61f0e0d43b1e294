//! The archive as a stream: written member by member, read twice (once to be checked, once to be unpacked).

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::manifest::{FORMAT, Manifest, Member};
use crate::error::{Error, Result};

/// Name of the manifest.
const MANIFEST: &str = "manifest.json";
/// Largest manifest that is read.
const LARGEST: u64 = 64 << 20;
/// Name of the key file inside.
pub(super) const KEY: &str = "key";

/// Writes an archive.
pub(super) struct Writer {
    tar: tar::Builder<GzEncoder<BufWriter<File>>>,
    draft: PathBuf,
    path: PathBuf,
    pub(super) members: Vec<Member>,
    pub(super) files: u64,
}

impl Writer {
    /// Begins one; an archive that is there already stays.
    pub(super) fn create(path: &Path) -> Result<Self> {
        if path.exists() {
            return Err(Error::setup(format!(
                "{} is there already: choose another name",
                path.display()
            )));
        }
        let mut draft = path.as_os_str().to_owned();
        draft.push(".partial");
        let draft = PathBuf::from(draft);
        let file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)
            .map_err(|e| Error::setup(format!("{}: {e}", draft.display())))?;
        let out = GzEncoder::new(BufWriter::new(file), Compression::fast());
        Ok(Self {
            tar: tar::Builder::new(out),
            draft,
            path: path.to_owned(),
            members: Vec::new(),
            files: 0,
        })
    }

    /// Adds a file under a name that the manifest will carry.
    pub(super) fn add(&mut self, name: &str, from: &Path) -> Result<()> {
        let (size, sha256) = self.append(name, from)?;
        self.members.push(Member {
            path: name.to_owned(),
            size,
            sha256,
        });
        Ok(())
    }

    /// Adds an evidence file, whose name is its hash.
    pub(super) fn add_kept(&mut self, hash: &str, folder: &Path) -> Result<()> {
        let within = kept(hash);
        let (_, sha256) = self.append(&format!("files/{within}"), &folder.join(within))?;
        if sha256 != hash {
            return Err(Error::setup(format!(
                "the kept file {hash} was altered: nothing was backed up"
            )));
        }
        self.files += 1;
        Ok(())
    }

    fn append(&mut self, name: &str, from: &Path) -> Result<(u64, String)> {
        let file =
            File::open(from).map_err(|e| Error::setup(format!("{}: {e}", from.display())))?;
        let size = file.metadata().map_err(Error::internal)?.len();
        let mut reader = Hashed::new(file.take(size));
        let mut header = header(size);
        self.tar
            .append_data(&mut header, name, &mut reader)
            .map_err(|e| Error::setup(format!("{}: {e}", self.draft.display())))?;
        Ok((size, reader.digest()))
    }

    /// Ends the archive with its manifest, durably, and gives it its name.
    pub(super) fn finish(mut self, manifest: &Manifest) -> Result<()> {
        let text = serde_json::to_vec_pretty(manifest).map_err(Error::internal)?;
        let mut header = header(text.len() as u64);
        self.tar
            .append_data(&mut header, MANIFEST, text.as_slice())
            .map_err(Error::internal)?;
        let gzip = self.tar.into_inner().map_err(Error::internal)?;
        let file = gzip.finish().map_err(Error::internal)?;
        let file = file
            .into_inner()
            .map_err(|e| Error::internal(e.into_error()))?;
        file.sync_all().map_err(Error::internal)?;
        fs::rename(&self.draft, &self.path).map_err(Error::internal)
    }
}

/// Where an evidence file lies, below the folder of all.
pub(super) fn kept(hash: &str) -> String {
    format!("{}/{hash}", hash.get(..2).unwrap_or_default())
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header
}

/// Goes through an archive; `each` is given the name and the bytes of every member but the manifest.
fn through(
    path: &Path,
    mut each: impl FnMut(&str, &mut dyn Read) -> Result<()>,
) -> Result<Manifest> {
    let broken =
        |e: std::io::Error| Error::setup(format!("{} is no whole backup: {e}", path.display()));
    let file = File::open(path).map_err(|e| Error::setup(format!("{}: {e}", path.display())))?;
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    let mut manifest = None;
    for entry in tar.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = entry.path().map_err(broken)?.to_string_lossy().into_owned();
        if manifest.is_some() || !known(&name) {
            return Err(Error::setup(format!(
                "{} is no backup of Rebond: {name} does not belong in one",
                path.display()
            )));
        }
        if name == MANIFEST {
            let mut text = Vec::new();
            entry.take(LARGEST).read_to_end(&mut text).map_err(broken)?;
            manifest = Some(serde_json::from_slice(&text).map_err(Error::internal)?);
        } else {
            each(&name, &mut entry)?;
        }
    }
    manifest
        .ok_or_else(|| Error::setup(format!("{} breaks off: it has no manifest", path.display())))
}

/// The names that an archive may have: none leads out of the folder.
fn known(name: &str) -> bool {
    let plain = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains('/');
    match name.split_once('/') {
        None => [MANIFEST, KEY, "database.sqlite", "database.pgdump"].contains(&name),
        Some(("anchors", rest)) => plain(rest),
        Some(("files", rest)) => {
            let hash = rest.rsplit('/').next().unwrap_or_default();
            hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) && rest == kept(hash)
        }
        Some(_) => false,
    }
}

/// Reads a whole archive and compares each member with the manifest. Nothing is written.
///
/// # Errors
/// Names the first member that is not what the manifest says.
pub(super) fn check(path: &Path) -> Result<Manifest> {
    let mut seen = Vec::new();
    let mut files = 0;
    let manifest = through(path, |name, bytes| {
        let mut reader = Hashed::new(bytes);
        let size = std::io::copy(&mut reader, &mut std::io::sink())
            .map_err(|e| Error::setup(format!("{}: {name}: {e}", path.display())))?;
        let sha256 = reader.digest();
        if name.starts_with("files/") {
            files += 1;
            if !name.ends_with(&sha256) {
                return Err(altered(path, name));
            }
        } else {
            seen.push(Member {
                path: name.to_owned(),
                size,
                sha256,
            });
        }
        Ok(())
    })?;
    if manifest.format != FORMAT {
        return Err(Error::setup(format!(
            "{} is of a form that this version does not read",
            path.display()
        )));
    }
    if let Some(other) = seen
        .iter()
        .find(|member| !manifest.members.contains(member))
    {
        return Err(altered(path, &other.path));
    }
    if seen.len() != manifest.members.len() || files != manifest.files {
        return Err(Error::setup(format!(
            "{} lacks members that its manifest names",
            path.display()
        )));
    }
    Ok(manifest)
}

/// Unpacks a checked archive: `place` says where a member goes, or that it is left.
pub(super) fn unpack(path: &Path, place: impl Fn(&str) -> Option<PathBuf>) -> Result<()> {
    through(path, |name, bytes| {
        let Some(to) = place(name) else { return Ok(()) };
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(Error::internal)?;
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&to)
            .map_err(|e| Error::setup(format!("{}: {e}", to.display())))?;
        std::io::copy(bytes, &mut file).map_err(Error::internal)?;
        file.flush().map_err(Error::internal)?;
        file.sync_all().map_err(Error::internal)
    })
    .map(|_| ())
}

fn altered(path: &Path, name: &str) -> Error {
    Error::setup(format!(
        "{}: {name} is not what was backed up; nothing was restored",
        path.display()
    ))
}

/// Hashes what is read through it.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Hashed<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
        }
    }

    fn digest(self) -> String {
        hex::encode(self.hash.finalize())
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
