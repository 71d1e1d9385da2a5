//! Where archives lie: a folder, or a prefix in a bucket.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, ObjectStoreScheme, RetryConfig};
use url::Url;

use crate::error::{ArchiveError, Result};

/// How long a request is tried again before it has failed: a statement waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// A place of archives. Clones are cheap.
#[derive(Debug, Clone)]
pub struct Place {
    store: Arc<dyn ObjectStore>,
    /// Its address, for messages.
    shown: Arc<str>,
    /// On a disk: its folder.
    folder: Option<Arc<std::path::Path>>,
}

impl Place {
    /// The place with this address; a folder is made if it is missing. Nothing is sent yet. What a bucket needs beside
    /// its address (credentials, a region, an endpoint) is in the environment.
    pub fn open(url: &str) -> Result<Self> {
        Self::open_with(url, &environment())
    }

    /// The same with variables instead of the environment's.
    pub fn open_with(url: &str, vars: &[(String, String)]) -> Result<Self> {
        match Address::read(url, vars)? {
            Address::Folder(folder) => Self::folder(folder, url),
            Address::Bucket(store) => Ok(Self { store, shown: url.into(), folder: None }),
        }
    }

    /// A place on any store, for tests.
    pub fn on(store: Arc<dyn ObjectStore>) -> Self {
        Self { shown: store.to_string().into(), store, folder: None }
    }

    fn folder(folder: PathBuf, url: &str) -> Result<Self> {
        let wrong = |reason: String| ArchiveError::Url { url: url.to_owned(), reason };
        std::fs::create_dir_all(&folder)
            .map_err(|error| wrong(format!("its folder cannot be made: {error}")))?;
        let store = LocalFileSystem::new_with_prefix(&folder).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { store: Arc::new(store), shown: url.into(), folder: Some(folder.into()) })
    }

    /// The store behind it.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// Its address.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    pub(crate) fn failed(&self, error: &object_store::Error) -> ArchiveError {
        ArchiveError::Place { place: self.shown.to_string(), reason: error.to_string() }
    }

    /// Waits until what was written there outlives a loss of power. Buckets say nothing earlier; a disk has to be asked.
    pub(crate) async fn keep(&self, path: &Path) -> Result<()> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let file = folder.join(path.as_ref());
        let synced = tokio::task::spawn_blocking(move || {
            let above = file.ancestors().skip(1).take_while(|one| one.starts_with(&folder));
            for one in std::iter::once(file.as_path()).chain(above) {
                std::fs::File::open(one)?.sync_all()?;
            }
            Ok::<_, std::io::Error>(())
        });
        let synced = synced.await.map_err(std::io::Error::other).and_then(|done| done);
        synced
            .map_err(|error| ArchiveError::Place { place: self.shown.to_string(), reason: error.to_string() })
    }
}

/// The variables of the environment that are text.
pub(crate) fn environment() -> Vec<(String, String)> {
    let vars = std::env::vars_os();
    vars.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

/// What an address stands for.
pub(crate) enum Address {
    /// It may not be there yet.
    Folder(PathBuf),
    /// Nothing was sent to it yet.
    Bucket(Arc<dyn ObjectStore>),
}

impl Address {
    /// Reads an address, with what variables say of a bucket.
    pub(crate) fn read(url: &str, vars: &[(String, String)]) -> Result<Self> {
        let wrong = |reason: String| ArchiveError::Url { url: url.to_owned(), reason };
        let parsed = match Url::parse(url) {
            Ok(parsed) if parsed.scheme() == "file" => {
                let folder = parsed.to_file_path();
                let folder = folder.map_err(|()| wrong("it names no folder of this machine".to_owned()))?;
                return Ok(Self::Folder(folder));
            }
            Ok(parsed) => parsed,
            Err(_) => return Ok(Self::Folder(PathBuf::from(url))),
        };
        let unknown = || wrong("write a folder, s3://, gs:// or az://".to_owned());
        let (scheme, prefix) = ObjectStoreScheme::parse(&parsed).map_err(|_| unknown())?;
        let store = bucket(&scheme, url, vars).map_err(|error| wrong(error.to_string()))?;
        let store = store.ok_or_else(unknown)?;
        Ok(Self::Bucket(Arc::new(PrefixStore::new(store, prefix))))
    }
}

/// The bucket of an address, with what the variables say of its kind: AWS_.., GOOGLE_.., AZURE_...
fn bucket(
    scheme: &ObjectStoreScheme,
    url: &str,
    vars: &[(String, String)],
) -> object_store::Result<Option<Arc<dyn ObjectStore>>> {
    let retry = RetryConfig { max_retries: 5, retry_timeout: PATIENCE, ..RetryConfig::default() };
    let client = ClientOptions::new().with_connect_timeout(PATIENCE / 2).with_timeout(PATIENCE * 6);
    let of = |prefix: &str| {
        let known = vars.iter().filter(|(name, _)| name.starts_with(prefix)).cloned();
        known.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect::<Vec<_>>()
    };
    macro_rules! built {
        ($builder:ty, $prefix:literal) => {{
            let mut builder = <$builder>::new().with_client_options(client).with_retry(retry);
            for (name, value) in of($prefix) {
                if let Ok(key) = name.parse() {
                    builder = builder.with_config(key, value);
                }
            }
            Arc::new(builder.with_url(url).build()?)
        }};
    }
    Ok(match scheme {
        ObjectStoreScheme::AmazonS3 => Some(built!(AmazonS3Builder, "AWS_")),
        ObjectStoreScheme::GoogleCloudStorage => Some(built!(GoogleCloudStorageBuilder, "GOOGLE_")),
        ObjectStoreScheme::MicrosoftAzure => Some(built!(MicrosoftAzureBuilder, "AZURE_")),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_understood_or_refused_with_words() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        assert!(Place::open(inner.to_str().unwrap()).is_ok() && inner.is_dir());
        assert!(Place::open(&format!("file://{}", inner.display())).is_ok());
        for wrong in ["ftp://host/x", "memory:///", "https://example.com/x", "s3:///"] {
            let error = Place::open(wrong).unwrap_err().to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }
}
