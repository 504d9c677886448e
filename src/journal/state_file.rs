//! Rows that survive a restart, in an embedded database that is written by a thread of its own.
//!
//! This module knows keys and bytes; what a row means is its owner's business. A row is on disk with the next
//! transaction, which begins as soon as the one before has ended: a kill loses what is younger than that, never the
//! file.

use std::{
    collections::BTreeMap,
    fs, io, mem,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::{self, JoinHandle},
    time::Duration,
};

use jiff::Timestamp;
use redb::{Database, ReadableTable as _, TableDefinition};

/// How long until a transaction that failed is tried again.
const RETRY: Duration = Duration::from_secs(30);

/// What kind of row it is; each has its own table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// What is known of a link: its states, since when, and how often they changed.
    Links,
    /// What the lag of a link's mirror topics is compared with.
    Lags,
    /// What the alert engine keeps.
    Alerts,
    /// What receivers have been told.
    Told,
}

impl Table {
    const ALL: [Self; 4] = [Self::Links, Self::Lags, Self::Alerts, Self::Told];

    fn definition(self) -> TableDefinition<'static, &'static str, &'static [u8]> {
        TableDefinition::new(match self {
            Self::Links => "links",
            Self::Lags => "lags",
            Self::Alerts => "alerts",
            Self::Told => "told",
        })
    }
}

/// Rows by their keys.
pub type Rows = BTreeMap<(Table, String), Vec<u8>>;

/// Rows to write by their keys; `None` removes one.
pub type Changes = BTreeMap<(Table, String), Option<Vec<u8>>>;

/// An open file of rows. Dropping it waits until all that is pending is written.
#[derive(Debug)]
pub struct StateFile {
    pending: Arc<Pending>,
    writer: Option<JoinHandle<()>>,
}

/// What opening a file brought.
#[derive(Debug)]
pub struct Opened {
    /// To write to.
    pub file: StateFile,
    /// What it held.
    pub rows: Rows,
    /// A file that was there was no good, and was moved here.
    pub set_aside: Option<PathBuf>,
}

/// Why there is no file to write to. What is there was not touched.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Two exporters cannot share one.
    #[error(
        "the state file `{}` is in use by another process; give each exporter a file of its own", .0.display()
    )]
    InUse(PathBuf),
    /// The folder is missing, or may not be written.
    #[error("the state file `{}` cannot be opened: {}; name a file in a folder that this user may write", .0.display(), .1)]
    Io(PathBuf, io::Error),
}

#[derive(Debug, Default)]
struct Pending {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    changes: Changes,
    closed: bool,
}

impl StateFile {
    /// Opens or creates the file, and blocks meanwhile. One that is damaged or something else is moved aside, so that
    /// monitoring goes on: the moment's seconds are appended to its name.
    pub fn open(path: &Path, now: Timestamp) -> Result<Opened, OpenError> {
        let io_error = |error| OpenError::Io(path.into(), error);
        let mut set_aside = None;
        let (database, rows) = match open(path) {
            Ok(opened) => opened,
            Err(error) => {
                blameless(path, error)?;
                let aside = format!("{}.damaged-{}", path.display(), now.as_second());
                fs::rename(path, &aside).map_err(io_error)?;
                set_aside = Some(aside.into());
                open(path).map_err(|error| io_error(io::Error::other(error)))?
            }
        };
        let pending = Arc::new(Pending::default());
        let writer = Writer {
            path: path.into(),
            database: Some(database),
            failing: false,
        };
        let shared = pending.clone();
        let writer = thread::Builder::new()
            .name("state-file".into())
            .spawn(move || writer.run(&shared))
            .map_err(io_error)?;
        let file = Self {
            pending,
            writer: Some(writer),
        };
        Ok(Opened {
            file,
            rows,
            set_aside,
        })
    }

    /// Writes these rows soon, and never waits. Where a row changes again before it is written, the last change counts.
    pub fn write(&self, changes: Changes) {
        if !changes.is_empty() {
            self.pending.lock().changes.extend(changes);
            self.pending.changed.notify_one();
        }
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        self.pending.lock().closed = true;
        self.pending.changed.notify_one();
        if let Some(writer) = self.writer.take() {
            // It cannot have panicked; and if it had, there would be nothing left to do.
            let _ = writer.join();
        }
    }
}

const UNPOISONED: &str = "nobody panics while holding the lock";

impl Pending {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(UNPOISONED)
    }

    /// Waits until there is something to write; `None` when nothing ever will be.
    fn next(&self, failing: bool) -> Option<Changes> {
        let mut state = self.lock();
        while !state.closed && (failing || state.changes.is_empty()) {
            if failing {
                let waited = self.changed.wait_timeout_while(state, RETRY, |s| !s.closed);
                state = waited.expect(UNPOISONED).0;
                break;
            }
            state = self.changed.wait(state).expect(UNPOISONED);
        }
        let changes = mem::take(&mut state.changes);
        (!changes.is_empty() || !state.closed).then_some(changes)
    }
}

struct Writer {
    path: PathBuf,
    database: Option<Database>,
    failing: bool,
}

impl Writer {
    fn run(mut self, pending: &Pending) {
        while let Some(changes) = pending.next(self.failing) {
            match self.write(&changes) {
                Ok(()) if self.failing => {
                    self.failing = false;
                    tracing::info!(file = %self.path.display(), "the state file is written again");
                }
                Ok(()) => {}
                Err(error) => self.put_back(&error, changes, pending),
            }
        }
    }

    fn write(&mut self, changes: &Changes) -> Result<(), redb::Error> {
        let database = match self.database.take() {
            Some(database) => database,
            None => open(&self.path)?.0,
        };
        let transaction = database.begin_write()?;
        for table in Table::ALL {
            let mut rows = transaction.open_table(table.definition())?;
            for ((_, key), value) in changes.iter().filter(|((of, _), _)| *of == table) {
                match value {
                    Some(value) => rows.insert(key.as_str(), value.as_slice())?,
                    None => rows.remove(key.as_str())?,
                };
            }
        }
        transaction.commit()?;
        // After an error it would refuse every later transaction; it is opened anew then.
        self.database = Some(database);
        Ok(())
    }

    /// What could not be written is tried again, below what came since.
    fn put_back(&mut self, error: &redb::Error, mut changes: Changes, pending: &Pending) {
        if !self.failing {
            self.failing = true;
            tracing::error!(
                file = %self.path.display(), %error,
                "the state file cannot be written; until it can, a restart forgets what changes from now on"
            );
        }
        let mut state = pending.lock();
        if !state.closed {
            changes.append(&mut state.changes);
            state.changes = changes;
        }
    }
}

/// Opens the file and reads it whole. Every page is checked now: a damaged one must not stop us in the middle of a night.
fn open(path: &Path) -> Result<(Database, Rows), redb::Error> {
    let database = Database::builder()
        .set_check_integrity_on_open(true)
        .create(path)?;
    let transaction = database.begin_write()?;
    let mut rows = Rows::new();
    for table in Table::ALL {
        // Creates it where it is missing.
        for row in transaction.open_table(table.definition())?.iter()? {
            let (key, value) = row?;
            rows.insert((table, key.value().to_owned()), value.value().to_vec());
        }
    }
    transaction.commit()?;
    Ok((database, rows))
}

/// Goes on where the file itself is at fault and may be moved aside.
fn blameless(path: &Path, error: redb::Error) -> Result<(), OpenError> {
    use io::ErrorKind::{InvalidData, UnexpectedEof};
    use redb::Error::{DatabaseAlreadyOpen, Io, LockProtocolMismatch};
    match error {
        DatabaseAlreadyOpen | LockProtocolMismatch => Err(OpenError::InUse(path.into())),
        Io(error) if !matches!(error.kind(), InvalidData | UnexpectedEof) => {
            Err(OpenError::Io(path.into(), error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn row(key: &str) -> (Table, String) {
        (Table::Links, key.to_owned())
    }

    fn written(path: &Path) -> Rows {
        let Opened { file, .. } = StateFile::open(path, NOW).unwrap();
        file.write(Changes::from([
            (row("gone"), Some(b"1".to_vec())),
            (row("kept"), Some(b"1".to_vec())),
        ]));
        file.write(Changes::from([
            (row("gone"), None),
            (row("kept"), Some(vec![7; 5000])),
        ]));
        Rows::from([(row("kept"), vec![7; 5000])])
    }

    #[test]
    fn what_was_written_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let expected = written(&path);
        let opened = StateFile::open(&path, NOW).unwrap();
        assert_eq!((opened.rows, opened.set_aside), (expected, None));
    }

    #[test]
    fn a_file_in_use_or_out_of_reach_is_told_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let first = StateFile::open(&path, NOW).unwrap();
        let error = StateFile::open(&path, NOW).unwrap_err().to_string();
        let name = path.display();
        assert_eq!(
            error,
            format!(
                "the state file `{name}` is in use by another process; give each exporter a file of its own"
            )
        );
        drop(first);
        let error = StateFile::open(Path::new("/nowhere/state"), NOW).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the state file `/nowhere/state` cannot be opened: No such file or directory (os error 2); name a file \
             in a folder that this user may write"
        );
    }

    /// Each damage must be seen at once, or do no harm: a wrong row would be a lie.
    #[test]
    fn a_damaged_or_foreign_file_is_set_aside_and_a_new_one_begun() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let expected = written(&path);
        let whole = fs::read(&path).unwrap();
        let mut set_aside = 0;
        let mut damages: Vec<Vec<u8>> = vec![
            b"poll_interval: 30s\n".to_vec(),
            vec![0; 100_000],
            whole[..whole.len() / 2].to_vec(),
            whole[..100].to_vec(),
        ];
        for place in (0..whole.len()).step_by(whole.len() / 200) {
            let mut flipped = whole.clone();
            flipped[place] ^= 0xff;
            damages.push(flipped);
        }
        for damaged in damages {
            fs::write(&path, &damaged).unwrap();
            let opened = StateFile::open(&path, NOW).unwrap();
            match opened.set_aside {
                None => assert_eq!(opened.rows, expected),
                Some(aside) => {
                    set_aside += 1;
                    let name = format!("{}.damaged-1800000000", path.display());
                    assert_eq!(aside, PathBuf::from(name));
                    assert_eq!(fs::read(aside).unwrap(), damaged);
                    assert_eq!(opened.rows, Rows::new());
                }
            }
        }
        assert!(set_aside > 4, "only {set_aside} damages were seen");
    }
}
