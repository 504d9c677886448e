//! Rows that survive a restart, in an embedded database that is written by a thread of its own.
//!
//! This module knows keys and bytes; what a row means is its owner's business, who says it once ([`TableRow`]). A row is
//! on disk with the next transaction, which begins as soon as the one before has ended, or soon after where its owner says
//! that it may wait: a kill loses what is younger than that, never the file.

mod kept;
mod packed;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    collections::BTreeMap,
    fs, io, mem,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use parking_lot::{Condvar, Mutex};
use redb::{Database, ReadableTable as _, TableDefinition, TableHandle as _, WriteTransaction};
use serde::{Deserialize, Serialize};

use self::{
    packed::{Packed, PackedChanges, Packer},
    writer::Writer,
};
use crate::file::{self, FileError};

/// How long until a transaction that failed is tried again, and until a quiet file is looked after.
const RETRY: Duration = Duration::from_secs(30);

/// How long a row waits that may: a transaction waits for the disk, and with many clusters something like that changes all
/// the time.
const LATER: Duration = Duration::from_secs(10);

/// So many rows are few: to compress them, or to have another thread make them, costs more than it saves.
pub const FEW: usize = 64;

/// Rows of up to so many bytes are small: a link's or an alert's, and not the lag of a great many partitions.
const SMALL: usize = 1024;

/// How long a stop waits for what is pending: a disk that takes longer is gone.
const STOP_WITHIN: Duration = Duration::from_secs(4);

/// What kind of row it is; each has its own table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Table {
    /// The id of a cluster, where its server told it.
    Clusters,
    /// What is known of a link: its states, since when, and how often they changed.
    Links,
    /// What the lag of a link's mirror topics is compared with.
    Lags,
    /// What the alert engine keeps.
    Alerts,
    /// What was delivered to receivers.
    Notified,
    /// Changes of state, one a row.
    Transitions,
}

impl Table {
    const ALL: [Self; 6] = [
        Self::Clusters,
        Self::Links,
        Self::Lags,
        Self::Alerts,
        Self::Notified,
        Self::Transitions,
    ];

    /// Whether its rows may wait for the next that may not, or for ten seconds. Lag is another one with every poll, and is
    /// measured again by the next.
    fn may_wait(self) -> bool {
        self == Self::Lags
    }

    fn definition(self) -> TableDefinition<'static, &'static str, &'static [u8]> {
        TableDefinition::new(match self {
            Self::Clusters => "clusters",
            Self::Links => "links",
            Self::Lags => "lags",
            Self::Alerts => "alerts",
            Self::Notified => "told",
            Self::Transitions => "transitions",
        })
    }
}

/// Where a row stands: its table, and its key there.
pub type Place = (Table, String);

/// Rows by their places.
pub type Rows = BTreeMap<Place, Vec<u8>>;

/// A row to write; `None` removes the one that is there.
pub type Change = (Place, Option<Vec<u8>>);

/// Rows to write by their places.
pub type Changes = BTreeMap<Place, Option<Vec<u8>>>;

/// A row as its owner has it. What is written here is read by later versions: a new field has a default.
pub trait TableRow: Sized {
    /// Where it stands.
    const TABLE: Table;

    /// Its bytes.
    fn encode(&self) -> Vec<u8>;

    /// Reads the bytes; `None` where they are no such row, or one of a version that nobody knows.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// The place of such a row, by the key that its owner gives it.
    fn at(key: impl Into<String>) -> Place {
        (Self::TABLE, key.into())
    }

    /// Every such row by its place; `None` for one that cannot be read.
    fn all(rows: &Rows) -> impl Iterator<Item = (&Place, Option<Self>)> {
        let rows = rows.iter().filter(|((table, _), _)| *table == Self::TABLE);
        rows.map(|(place, bytes)| (place, Self::decode(bytes)))
    }
}

/// An open file of rows. Dropping it waits until all that is pending is written, for four seconds at most.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    pending: Arc<Pending>,
    /// Hangs up when the writer has ended.
    ended: Mutex<mpsc::Receiver<()>>,
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
    /// A file was there and held nothing, not even the head of a database: whatever cut it took what it remembered.
    pub was_empty: bool,
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
    Io(PathBuf, FileError),
}

#[derive(Debug, Default)]
struct Pending {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    changes: PackedChanges,
    /// Some of them may not wait.
    is_urgent: bool,
    closed: bool,
}

impl StateFile {
    /// Opens or creates the file, and blocks meanwhile. One that is damaged or something else is moved aside, so that
    /// monitoring goes on: the moment's seconds are appended to its name.
    pub fn open(path: &Path, now: Timestamp) -> Result<Opened, OpenError> {
        let file_error = |error| OpenError::Io(path.into(), error);
        let io_error = |error| file_error(FileError::Io(error));
        // The database would wait for a disk that is gone, and take a device for a file.
        file::check_regular(path).map_err(file_error)?;
        let was_empty = file::metadata(path).is_ok_and(|found| found.len() == 0);
        let Good {
            database,
            rows,
            set_aside,
        } = open_good(path, &now.as_second().to_string())?;
        let pending = Arc::new(Pending::default());
        let (running, ended) = mpsc::channel();
        let writer = Writer::new(path, database, &rows);
        let shared = pending.clone();
        thread::Builder::new()
            .name("state-file".into())
            .spawn(move || {
                writer.run(&shared);
                drop(running);
            })
            .map_err(io_error)?;
        let file = Self {
            path: path.into(),
            pending,
            ended: Mutex::new(ended),
        };
        Ok(Opened {
            file,
            rows,
            set_aside,
            was_empty,
        })
    }

    /// Writes these rows soon, those about lag later, and does not wait for the disk. Where a row changes again before it is
    /// written, the last change counts. Rows are compressed one by one: whoever writes thousands should not be serving.
    pub fn write(&self, changes: impl IntoIterator<Item = Change>) {
        let changes = Self::packed(changes);
        let is_urgent = changes.keys().any(|(table, _)| !table.may_wait());
        self.pending.add(changes, is_urgent);
    }

    /// Writes these rows with the next that are written soon, and within ten seconds: for what changes with every poll, and
    /// does little harm when a kill loses the last of it.
    pub fn write_later(&self, changes: impl IntoIterator<Item = Change>) {
        self.pending.add(Self::packed(changes), false);
    }

    /// Takes one change after the other: of a great many, or of large ones, few are ever there as they came.
    fn packed(changes: impl IntoIterator<Item = Change>) -> PackedChanges {
        let mut packer = None;
        let changes = changes.into_iter().enumerate();
        let rows = changes.map(|(number, (place, row))| {
            let pack = |row: Vec<u8>| {
                if number < FEW && row.len() <= SMALL {
                    Packed::Plain(row.into())
                } else {
                    packer.get_or_insert_with(Packer::default).pack(&row)
                }
            };
            (place, row.map(pack))
        });
        rows.collect()
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        self.pending.state.lock().closed = true;
        self.pending.changed.notify_one();
        let ended = self.ended.get_mut();
        if ended.recv_timeout(STOP_WITHIN) == Err(mpsc::RecvTimeoutError::Timeout) {
            tracing::error!(
                file = %self.path.display(),
                "the state file's disk does not answer; stopped without what was still to be written"
            );
        }
    }
}

impl Pending {
    fn add(&self, changes: PackedChanges, is_urgent: bool) {
        if !changes.is_empty() {
            let mut state = self.state.lock();
            state.changes.extend(changes);
            state.is_urgent |= is_urgent;
            self.changed.notify_one();
        }
    }

    /// Waits until there is something to write, the time has come to look after the file, or nothing more will come. While
    /// writing fails, nothing is written before it is tried again.
    fn next(&self, failing: bool) -> Next {
        let is_idle = |state: &mut State| !state.closed && (failing || state.changes.is_empty());
        let may_wait = |state: &mut State| !state.closed && !state.is_urgent;
        let mut state = self.state.lock();
        self.changed.wait_while_for(&mut state, is_idle, RETRY);
        if !failing && !state.changes.is_empty() {
            self.changed.wait_while_for(&mut state, may_wait, LATER);
        }
        state.is_urgent = false;
        Next {
            changes: mem::take(&mut state.changes),
            is_last: state.closed,
        }
    }
}

/// What a writer is to do next.
struct Next {
    changes: PackedChanges,
    is_last: bool,
}

/// A file that can be written.
struct Good {
    database: Database,
    rows: Rows,
    set_aside: Option<PathBuf>,
}

/// Opens the file, and a new one where the file itself is at fault: that is moved aside, `suffix` in its name.
fn open_good(path: &Path, suffix: &str) -> Result<Good, OpenError> {
    let error = match open(path) {
        Ok((database, rows)) => {
            return Ok(Good {
                database,
                rows,
                set_aside: None,
            });
        }
        Err(error) => error,
    };
    blameless(path, error)?;
    let failed = |error| OpenError::Io(path.into(), FileError::Io(error));
    let aside = format!("{}.damaged-{suffix}", path.display());
    fs::rename(path, &aside).map_err(failed)?;
    let (database, rows) = open(path).map_err(|error| failed(io::Error::other(error)))?;
    Ok(Good {
        database,
        rows,
        set_aside: Some(aside.into()),
    })
}

/// How many bytes of its file the database keeps in memory; it would take a gibibyte. All rows are in the writer's memory
/// anyway.
const CACHE: usize = 1 << 20;

/// Opens the file and reads it whole. Every page is checked now: a damaged one must not stop us in the middle of a night.
fn open(path: &Path) -> Result<(Database, Rows), redb::Error> {
    let database = Database::builder()
        .set_check_integrity_on_open(true)
        .set_cache_size(CACHE)
        .create(path)?;
    let transaction = database.begin_write()?;
    if !is_ours(&transaction)? {
        return Err(redb::Error::Corrupted(
            "the database of another program".to_owned(),
        ));
    }
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

/// Whether what it holds is nothing, or has a table of ours among those that a later version may have added: another
/// program's database is not written into.
fn is_ours(transaction: &WriteTransaction) -> Result<bool, redb::Error> {
    let mut names = transaction
        .list_tables()?
        .map(|table| table.name().to_owned())
        .peekable();
    let ours = Table::ALL.map(|table| table.definition().name().to_owned());
    Ok(names.peek().is_none() || names.any(|name| ours.contains(&name)))
}

/// Goes on where the file itself is at fault and may be moved aside.
fn blameless(path: &Path, error: redb::Error) -> Result<(), OpenError> {
    use io::ErrorKind::{InvalidData, UnexpectedEof};
    use redb::Error::{DatabaseAlreadyOpen, Io, LockProtocolMismatch};
    match error {
        DatabaseAlreadyOpen | LockProtocolMismatch => Err(OpenError::InUse(path.into())),
        Io(error) if !matches!(error.kind(), InvalidData | UnexpectedEof) => {
            Err(OpenError::Io(path.into(), FileError::Io(error)))
        }
        _ => Ok(()),
    }
}
