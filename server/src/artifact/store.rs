//! The object store. Keys are made of artifact ids, which the coordinator draws; nothing that a client sends becomes a
//! path.

use crate::app::ArtifactPlace;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// Bytes held in memory per upload before a part is written.
const PART: usize = 8 << 20;

#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    #[error("object store: {0}")]
    Store(object_store::Error),
    #[error("writing an artifact: {0}")]
    Write(#[from] std::io::Error),
    #[error("reading the upload: {0}")]
    Upload(String),
    #[error("sha256 is {found}, not {announced}")]
    WrongHash { announced: String, found: String },
    #[error("longer than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the bytes are missing")]
    Missing,
}

impl From<object_store::Error> for ArtifactError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => ArtifactError::Missing,
            other => ArtifactError::Store(other),
        }
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub size: u64,
    /// Hexadecimal.
    pub sha256: String,
}

#[derive(Clone)]
pub struct ArtifactStore {
    objects: Arc<dyn ObjectStore>,
    limit: u64,
}

impl ArtifactStore {
    /// Opens (and for a folder creates) the place.
    pub fn open(place: &ArtifactPlace, limit: u64) -> Result<Self, ArtifactError> {
        let objects: Arc<dyn ObjectStore> = match place {
            ArtifactPlace::Folder(folder) => {
                std::fs::create_dir_all(folder)?;
                Arc::new(LocalFileSystem::new_with_prefix(folder)?)
            }
            ArtifactPlace::S3 { bucket, prefix, region, endpoint, access_key, secret_key } => {
                let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_region(region);
                if let Some(endpoint) = endpoint {
                    builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
                }
                if let (Some(access), Some(secret)) = (access_key, secret_key) {
                    builder = builder.with_access_key_id(access).with_secret_access_key(secret);
                }
                Arc::new(PrefixStore::new(builder.build()?, prefix.as_str()))
            }
        };
        Ok(ArtifactStore { objects, limit })
    }

    /// Writes a stream under a new id. On any fault (too long, wrong hash, a broken upload) nothing is left behind.
    pub async fn put<S, E>(&self, id: Uuid, mut body: S, announced: Option<&str>) -> Result<Written, ArtifactError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        let mut writer = BufWriter::with_capacity(self.objects.clone(), key(id), PART);
        let written = match self.copy(&mut writer, &mut body).await {
            Ok(written) => written,
            Err(error) => return Err(discard(writer, error).await),
        };
        if let Some(announced) = announced.filter(|hash| !hash.eq_ignore_ascii_case(&written.sha256)) {
            let error = ArtifactError::WrongHash { announced: announced.to_owned(), found: written.sha256 };
            return Err(discard(writer, error).await);
        }
        writer.shutdown().await?;
        Ok(written)
    }

    async fn copy<S, E>(&self, writer: &mut BufWriter, body: &mut S) -> Result<Written, ArtifactError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        let (mut hash, mut size) = (Sha256::new(), 0u64);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|e| ArtifactError::Upload(e.to_string()))?;
            size += chunk.len() as u64;
            if size > self.limit {
                return Err(ArtifactError::TooLarge { limit: self.limit });
            }
            hash.update(&chunk);
            writer.put(chunk).await?;
        }
        Ok(Written { size, sha256: hex::encode(hash.finalize()) })
    }

    /// The bytes `start..end`.
    pub async fn get(
        &self,
        id: Uuid,
        start: u64,
        end: u64,
    ) -> Result<BoxStream<'static, Result<Bytes, std::io::Error>>, ArtifactError> {
        // An empty range is refused by object stores.
        let range = (end > start).then_some(GetRange::Bounded(start..end));
        let found = self.objects.get_opts(&key(id), GetOptions { range, ..GetOptions::default() }).await?;
        Ok(found.into_stream().map(|chunk| chunk.map_err(std::io::Error::other)).boxed())
    }

    /// Deletes; what is gone already is no fault.
    pub async fn delete(&self, id: Uuid) -> Result<(), ArtifactError> {
        match self.objects.delete(&key(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Gives up what was written so far.
async fn discard(mut writer: BufWriter, error: ArtifactError) -> ArtifactError {
    if let Err(left) = writer.abort().await {
        tracing::warn!(error = %left, "an unfinished artifact could not be removed");
    }
    error
}

/// `ab/<id>`: the last two digits of a UUID v7 are random and spread the files over 256 folders.
fn key(id: Uuid) -> Path {
    let name = id.simple().to_string();
    Path::from(format!("{}/{name}", &name[30..]))
}
