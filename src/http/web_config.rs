//! `--web.config.file`: TLS, users and headers in the format of Prometheus' exporter-toolkit.
//!
//! The file and those it names are looked at again for every connection and request, as the toolkit does. Unlike
//! there, a broken new file breaks nothing: the last good one stays in use, and the log says what is wrong.

mod keys;
mod settings;
mod tls;

use std::{
    fmt,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hyper::header::{HeaderName, HeaderValue};
use parking_lot::Mutex;
use rustls::ServerConfig;
use tokio::{
    sync::{Mutex as Turn, OwnedMutexGuard},
    time::timeout,
};

use super::users::Users;
use crate::{
    document::{self, Document, Limit, Location, Problem, Problems, Reading},
    file,
};
use settings::{ClientAuth, Pem, Source, TlsSettings};

/// How long a client waits for files to be looked at. A disk that takes longer is answered for by what counted before: a
/// probe of Kubernetes waits for a second.
const PATIENCE: Duration = Duration::from_millis(500);

const LIMIT: Limit = Limit {
    values: 100_000,
    in_words: "a hundred thousand values",
    instead: "keep what is about TLS, headers and users",
};

/// A web configuration file that was good once; without a file, plain HTTP for everybody.
pub struct WebConfig(Arc<Inner>);

struct Inner {
    file: Option<PathBuf>,
    /// The files as they were just before they were last read, well or badly. One client at a time looks at them.
    stamps: Arc<Turn<Stamps>>,
    loaded: Mutex<Arc<Loaded>>,
}

/// What one reading of the file came to.
pub(super) struct Loaded {
    /// `None`: plain HTTP.
    pub(super) tls: Option<Arc<ServerConfig>>,
    pub(super) users: Users,
    /// Set on every answer.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether a client without a certificate is refused.
    needs_certificate: bool,
}

/// Differs after every change of a file's content that a file system can show, swapped symbolic links included.
#[derive(PartialEq, Eq)]
struct Stamp {
    inode: (u64, u64),
    size: u64,
    changed: (i64, i64),
}

impl Default for WebConfig {
    fn default() -> Self {
        let loaded = Loaded {
            tls: None,
            users: Users::new([].into()),
            headers: Vec::new(),
            needs_certificate: false,
        };
        Self(Arc::new(Inner {
            file: None,
            stamps: Arc::default(),
            loaded: Mutex::new(Arc::new(loaded)),
        }))
    }
}

impl fmt::Debug for WebConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebConfig")
            .field("file", &self.0.file)
            .finish_non_exhaustive()
    }
}

impl WebConfig {
    /// Reads the file and every file that it names. May block for as long as they may take.
    pub fn load(file: &Path) -> Result<Self, Problems> {
        let (stamps, loaded) = read(file);
        Ok(Self(Arc::new(Inner {
            file: Some(file.to_path_buf()),
            stamps: Arc::new(Turn::new(stamps)),
            loaded: Mutex::new(Arc::new(loaded?)),
        })))
    }

    /// `https` or `http`; it does not change while the program runs.
    pub fn scheme(&self) -> &'static str {
        if self.0.loaded().tls.is_some() {
            "https"
        } else {
            "http"
        }
    }

    /// What counts now: the file as it is, or its last good reading where it is bad or does not answer soon.
    pub(super) async fn current(&self) -> Arc<Loaded> {
        if let Some(file) = self.0.file.clone() {
            let inner = self.0.clone();
            let look = async {
                let stamps = inner.stamps.clone().lock_owned().await;
                file::unblocked(move || inner.look(&file, stamps)).await;
            };
            // A look that was begun is ended without us, and whoever asks next has what it found.
            let _ = timeout(PATIENCE, look).await;
        }
        self.0.loaded()
    }
}

impl Inner {
    fn loaded(&self) -> Arc<Loaded> {
        self.loaded.lock().clone()
    }

    /// Reads the files anew where they are not what they were.
    fn look(&self, file: &Path, mut stamps: OwnedMutexGuard<Stamps>) {
        let fresh = |(path, stamp): &(PathBuf, Option<Stamp>)| Stamp::of(path) == *stamp;
        if stamps.iter().all(fresh) {
            return;
        }
        let (new, loaded) = read(file);
        *stamps = new;
        match loaded {
            Err(problems) => {
                tracing::error!(%problems, "the web configuration is bad; the one before stays in use");
            }
            Ok(mut loaded) => {
                let before = self.loaded();
                if let Some(what) = loaded.needs_restart_after(&before) {
                    tracing::error!(
                        file = %file.display(),
                        "{what} only by a restart; the web configuration before stays in use"
                    );
                } else {
                    tracing::info!(file = %file.display(), "the web configuration was read again");
                    loaded.users.follow(&before.users);
                    *self.loaded.lock() = Arc::new(loaded);
                }
            }
        }
    }
}

impl Loaded {
    /// What keeps this from taking the place of the one before. A file that is written in place is empty for a moment,
    /// or ends where its protection would begin: for that moment nobody is let in who was not before.
    fn needs_restart_after(&self, before: &Self) -> Option<&'static str> {
        if self.tls.is_some() != before.tls.is_some() {
            Some("TLS can be turned on or off")
        } else if self.users.is_empty() && !before.users.is_empty() {
            Some("the last of `basic_auth_users` can be removed")
        } else if !self.needs_certificate && before.needs_certificate {
            Some("client certificates can be made optional")
        } else {
            None
        }
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let file = file::metadata(path).ok()?;
        Some(Self {
            inode: (file.dev(), file.ino()),
            size: file.size(),
            changed: (file.ctime(), file.ctime_nsec()),
        })
    }
}

type Stamps = Vec<(PathBuf, Option<Stamp>)>;

/// Reads the file. A stamp is taken before its file is read: what is written meanwhile is noticed the next time.
fn read(file: &Path) -> (Stamps, Result<Loaded, Problems>) {
    let mut stamps = vec![(file.to_path_buf(), Stamp::of(file))];
    let document = match document(file) {
        Ok(document) => document,
        Err(problem) => return (stamps, Err(Problems::new(vec![problem]))),
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    let reading = Reading::new(folder, document.origins, document.problems);
    let settings = settings::settings(&reading, &document.values);
    let tls = settings.tls.as_ref().and_then(|tls| {
        files(tls).for_each(|path| file::begin(path));
        stamps.extend(files(tls).map(|path| (path.clone(), Stamp::of(path))));
        tls::server_config(tls, &reading)
    });
    let problems = reading.finish().problems;
    if !problems.is_empty() {
        return (stamps, Err(Problems::new(problems)));
    }
    let loaded = Loaded {
        tls,
        users: Users::new(settings.users),
        headers: settings.headers,
        needs_certificate: settings.tls.as_ref().is_some_and(|tls| {
            matches!(
                tls.client_auth,
                ClientAuth::Any { required: true } | ClientAuth::Verified { required: true }
            )
        }),
    };
    (stamps, Ok(loaded))
}

/// The file's text as a document.
fn document(file: &Path) -> Result<Document, Problem> {
    let text = file::read_text(file).map_err(|error| Problem {
        location: Location::File {
            path: file.to_path_buf(),
            position: None,
        },
        key: None,
        found: format!("a file that cannot be read ({error})"),
        instead: "name a readable file with `--web.config.file`".to_owned(),
    })?;
    let keys = "a mapping with `tls_server_config`, `http_server_config` or `basic_auth_users`";
    document::read(file, &text, &LIMIT, keys)
}

fn files(tls: &TlsSettings) -> impl Iterator<Item = &PathBuf> {
    let pems = [&tls.certificate, &tls.key, &tls.client_authority];
    pems.into_iter()
        .flatten()
        .filter_map(|Pem { source, .. }| match source {
            Source::File(path) => Some(path),
            Source::Inline(_) => None,
        })
}
