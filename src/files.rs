//! Files beside the database (evidence), named by their SHA-256: written whole or not at all.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::fs;
use tokio::io::AsyncWriteExt;

use crate::error::{Error, Result};
use crate::seal::sha256;

/// A folder of files.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
    writes: Arc<AtomicU64>,
}

impl Files {
    /// A store in the given folder, made when it is missing.
    pub fn open(folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder).map_err(Error::internal)?;
        Ok(Self {
            folder,
            writes: Arc::default(),
        })
    }

    /// Keeps some bytes durably and answers their name. The same bytes have the same name.
    pub async fn keep(&self, bytes: &[u8]) -> Result<String> {
        let name = hex::encode(sha256(bytes));
        let path = self.path(&name);
        if fs::try_exists(&path).await.map_err(Error::internal)? {
            return Ok(name);
        }
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).await.map_err(Error::internal)?;
        // Two writers of the same bytes must not share a partial file.
        let turn = self.writes.fetch_add(1, Ordering::Relaxed);
        let partial = path.with_extension(format!("{}-{turn}.partial", std::process::id()));
        let mut file = fs::File::create(&partial).await.map_err(Error::internal)?;
        file.write_all(bytes).await.map_err(Error::internal)?;
        file.sync_all().await.map_err(Error::internal)?;
        fs::rename(&partial, &path).await.map_err(Error::internal)?;
        // The name itself must survive a power cut too.
        fs::File::open(folder)
            .await
            .map_err(Error::internal)?
            .sync_all()
            .await
            .map_err(Error::internal)?;
        Ok(name)
    }

    /// Reads a kept file, and checks that it still is what its name says.
    pub async fn read(&self, name: &str) -> Result<Vec<u8>> {
        if name.len() != 64 || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Error::NotFound("file"));
        }
        let bytes = fs::read(self.path(name))
            .await
            .map_err(|_| Error::NotFound("file"))?;
        if hex::encode(sha256(&bytes)) == name {
            Ok(bytes)
        } else {
            Err(Error::broken("a kept file was altered"))
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(&name[..2]).join(name)
    }
}
