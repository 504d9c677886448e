//! The threads that work on files, and who waits for them.
//!
//! A thread that hangs is left behind. It holds up its path only as long as the path leads to the very file that it hangs
//! on: whoever asks next looks again where the path leads, as a file may be replaced and a link turned. No number of
//! threads left behind keeps another path from its first attempt, so there are no more than [`MOST`] for each path.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fs::Metadata,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

use super::{DEADLINE, FileError};

/// How many threads may be left behind at one path.
const MOST: usize = 5;

/// By how much longer each further attempt waits while not even `stat` answers.
const PATIENCE: u32 = 4;

/// What a thread needs that does nothing but read a file.
const STACK: usize = 128 << 10;

/// The threads that are busy.
#[derive(Default)]
pub(super) struct Desk {
    busy: Mutex<Busy>,
    freed: Condvar,
}

#[derive(Default)]
struct Busy {
    /// Of each path, the oldest first. All but the last have taken too long.
    paths: HashMap<PathBuf, Vec<Begun>>,
    started: u64,
}

/// A thread that is busy with a path.
struct Begun {
    number: u64,
    since: Instant,
    /// The device and inode that the path led it to, as soon as `stat` has answered.
    on: Option<(u64, u64)>,
}

/// What becomes of a wish to work with a path.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Now,
    /// Another is at it, since then.
    After(Instant),
    /// It would only hang as well.
    Never,
}

impl Desk {
    /// Does the work with the path and waits for it until the deadline. While another does something with the same path, it
    /// waits for that first.
    pub(super) fn ask<T: Send + 'static>(
        &'static self,
        path: &Path,
        work: impl FnOnce(&Attempt) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, FileError> {
        let asked = now();
        let attempt = self.enter(path, asked)?;
        let (sender, outcome) = mpsc::sync_channel(1);
        start(move || {
            let outcome = work(&attempt);
            // Free before anybody hears of it: whoever asks next must not find it busy.
            drop(attempt);
            // Who asked may have given up.
            let _ = sender.send(outcome);
        })?;
        let left = DEADLINE.saturating_sub(asked.elapsed());
        outcome.recv_timeout(left).unwrap_or(Err(FileError::Hangs))
    }

    /// Does the work with the path if nobody is at it, and forgets what comes of it.
    pub(super) fn begin<T>(
        &'static self,
        path: &Path,
        work: impl FnOnce(&Attempt) -> Result<T, FileError> + Send + 'static,
    ) {
        let attempt = {
            let mut busy = self.busy.lock();
            if busy.turn(path, now()) != Turn::Now {
                return;
            }
            self.attempt(&mut busy, path)
        };
        // Whoever asks will hear of it.
        let _ = start(move || {
            let _ = work(&attempt);
        });
    }

    /// Takes the path as soon as it is free.
    fn enter(&'static self, path: &Path, asked: Instant) -> Result<Attempt, FileError> {
        let mut busy = self.busy.lock();
        loop {
            let since = match busy.turn(path, now()) {
                Turn::Now => return Ok(self.attempt(&mut busy, path)),
                Turn::After(since) => since,
                Turn::Never => return Err(FileError::Hangs),
            };
            let waited = asked.elapsed();
            if waited >= DEADLINE {
                return Err(FileError::Hangs);
            }
            let left = DEADLINE.saturating_sub(since.elapsed().max(waited));
            self.freed.wait_for(&mut busy, left);
        }
    }

    fn attempt(&'static self, busy: &mut Busy, path: &Path) -> Attempt {
        busy.started += 1;
        let number = busy.started;
        busy.paths
            .entry(path.to_path_buf())
            .or_default()
            .push(Begun {
                number,
                since: now(),
                on: None,
            });
        Attempt {
            desk: self,
            path: path.to_path_buf(),
            number,
        }
    }
}

impl Busy {
    fn turn(&self, path: &Path, now: Instant) -> Turn {
        let begun = self.paths.get(path).map_or(&[][..], Vec::as_slice);
        let Some(last) = begun.last() else {
            return Turn::Now;
        };
        let age = now.saturating_duration_since(last.since);
        if age < DEADLINE {
            return Turn::After(last.since);
        }
        // Where `stat` answers, the next attempt ends with it unless the path leads elsewhere. Where it does not, the next
        // one is likely to be left behind as well.
        let patience = match last.on {
            Some(_) => DEADLINE,
            None => patience(begun.len()),
        };
        if begun.len() < MOST && age >= patience {
            Turn::Now
        } else {
            Turn::Never
        }
    }
}

/// How long after the last of so many threads another one is tried, though `stat` has not answered any of them.
fn patience(left_behind: usize) -> Duration {
    (0..left_behind).fold(DEADLINE, |time, _| time.saturating_mul(PATIENCE))
}

/// What a thread has of the desk; the path is free again when it is dropped.
pub(super) struct Attempt {
    desk: &'static Desk,
    path: PathBuf,
    number: u64,
}

impl Attempt {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Notes the file that the path leads to, and refuses it where another thread hangs on it already.
    pub(super) fn leads_to(&self, file: &Metadata) -> Result<(), FileError> {
        let file = Some((file.dev(), file.ino()));
        let mut busy = self.desk.busy.lock();
        for begun in busy.paths.get_mut(&self.path).into_iter().flatten() {
            if begun.number == self.number {
                begun.on = file;
            } else if begun.on == file {
                return Err(FileError::Hangs);
            }
        }
        Ok(())
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut busy = self.desk.busy.lock();
        if let Some(begun) = busy.paths.get_mut(&self.path) {
            begun.retain(|begun| begun.number != self.number);
            if begun.is_empty() {
                busy.paths.remove(&self.path);
            }
        }
        drop(busy);
        self.desk.freed.notify_all();
    }
}

fn start(work: impl FnOnce() + Send + 'static) -> Result<(), FileError> {
    thread::Builder::new()
        .name("file".into())
        .stack_size(STACK)
        .spawn(work)?;
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a disk takes its time in the real world, whatever the clock that polls go by"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
