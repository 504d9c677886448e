//! Writes rows behind whoever changes them, and keeps the file to what it should hold: one that was deleted or replaced is
//! written anew.

use std::{
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use redb::Database;

use super::{
    Next, OpenError, Pending, Rows, Table,
    kept::Kept,
    open_good,
    packed::{PackedChanges, Unpacker},
};
use crate::file::{self, FileError};

/// Owns the database.
pub(super) struct Writer {
    path: PathBuf,
    database: Option<Open>,
    /// All that the file should hold.
    rows: Kept,
    failing: bool,
}

struct Open {
    database: Database,
    stamp: Option<Stamp>,
}

/// Which file it is, and how large: one that somebody copies over it has another size.
type Stamp = (u64, u64, u64);

impl Writer {
    /// A writer of this file, which holds these rows.
    pub(super) fn new(path: &Path, database: Database, rows: &Rows) -> Self {
        // Where it cannot be told, the first look finds another one and writes all anew.
        let stamp = stamp(path).ok().flatten();
        Self {
            path: path.into(),
            database: Some(Open { database, stamp }),
            rows: Kept::of(rows),
            failing: false,
        }
    }

    /// Writes what comes, until nothing more will.
    pub(super) fn run(mut self, pending: &Pending) {
        loop {
            let Next { changes, is_last } = pending.next(self.failing);
            self.rows.apply(&changes);
            match self.write(&changes) {
                Ok(()) if self.failing => {
                    self.failing = false;
                    tracing::info!(file = %self.path.display(), "the state file is written again");
                }
                Ok(()) => {}
                Err(error) => self.failed(&error),
            }
            if is_last {
                return;
            }
        }
    }

    /// Writes the changes, or all rows where the file is not the one that was written before.
    fn write(&mut self, changes: &PackedChanges) -> Result<(), redb::Error> {
        let found = stamp(&self.path).map_err(unread)?;
        if let Some(open) = self
            .database
            .take_if(|open| open.stamp == found && found.is_some())
        {
            if changes.is_empty() {
                self.database = Some(open);
                return Ok(());
            }
            put(&open.database, changes)?;
            return self.keep(open.database);
        }
        if self.database.take().is_some() {
            tracing::error!(
                file = %self.path.display(),
                "the state file was deleted or replaced; it is written anew with everything that is known"
            );
        }
        let database = self.reopen()?;
        replace(&database, &mut self.rows)?;
        self.keep(database)
    }

    /// After an error a database refuses every later transaction: it is kept only when all went well.
    fn keep(&mut self, database: Database) -> Result<(), redb::Error> {
        let stamp = stamp(&self.path).map_err(unread)?;
        self.database = Some(Open { database, stamp });
        Ok(())
    }

    fn reopen(&self) -> Result<Database, redb::Error> {
        file::check_regular(&self.path).map_err(unread)?;
        let good = open_good(&self.path, "replaced").map_err(|error| match error {
            OpenError::InUse(_) => redb::Error::DatabaseAlreadyOpen,
            OpenError::Io(_, error) => unread(error),
        })?;
        if let Some(aside) = good.set_aside {
            tracing::error!(
                file = %self.path.display(), moved_to = %aside.display(),
                "what stood in place of the state file is damaged or none of ours; it was moved"
            );
        }
        Ok(good.database)
    }

    fn failed(&mut self, error: &redb::Error) {
        if !self.failing {
            self.failing = true;
            tracing::error!(
                file = %self.path.display(), %error,
                "the state file cannot be written; until it can, a restart forgets what changes from now on"
            );
        }
    }
}

/// `None` where there is no such file.
fn stamp(path: &Path) -> Result<Option<Stamp>, FileError> {
    match file::metadata(path) {
        Ok(file) => Ok(Some((file.dev(), file.ino(), file.len()))),
        Err(FileError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn unread(error: FileError) -> redb::Error {
    redb::Error::Io(io::Error::other(error))
}

fn put(database: &Database, changes: &PackedChanges) -> Result<(), redb::Error> {
    let mut unpacker = Unpacker::default();
    let transaction = database.begin_write()?;
    for table in Table::ALL {
        let mut rows = transaction.open_table(table.definition())?;
        for ((_, key), row) in changes.iter().filter(|((of, _), _)| *of == table) {
            match row {
                Some(row) => rows.insert(key.as_str(), &*unpacker.unpack(row))?,
                None => rows.remove(key.as_str())?,
            };
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Writes these rows and no others.
fn replace(database: &Database, rows: &mut Kept) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    for table in Table::ALL {
        let mut there = transaction.open_table(table.definition())?;
        there.retain(|_, _| false)?;
    }
    for ((table, key), row) in rows.rows() {
        let mut there = transaction.open_table(table.definition())?;
        there.insert(key.as_str(), row.as_slice())?;
    }
    transaction.commit()?;
    Ok(())
}
