//! Reads the files that the configuration names, so that none of them can hold up the process or fill its memory.
//!
//! A disk that is gone (NFS, FUSE, a CSI mount) answers neither `stat` nor `read`, and no signal ends the call. So every
//! file is read by a thread of its own, which is left behind when it takes too long: there is one for each path, and no
//! more than [`MOST`] in all. Everything here but [`unblocked`] waits for that thread, so none of it is called on a thread
//! of the runtime.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fs::{self, FileType, Metadata},
    io::{self, Read as _},
    os::unix::fs::FileTypeExt as _,
    path::{Path, PathBuf},
    sync::{LazyLock, mpsc},
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use tokio::task::spawn_blocking;

/// How long a file may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// How many files are read at once, hanging ones included.
const MOST: usize = 256;

/// What a thread needs that does nothing but read a file.
const STACK: usize = 128 << 10;

/// What may be read at a path.
#[derive(Clone, Copy, Debug)]
pub struct Allowed {
    /// The largest size in bytes.
    pub bytes: u64,
    /// Whether it may be a pipe: a shell's `<(…)` is one.
    pub pipe: bool,
}

impl Allowed {
    /// Secrets, certificates, users: none comes near the size.
    pub const SMALL: Self = Self {
        bytes: 1 << 20,
        pipe: false,
    };
    /// A file that the command line names: tens of thousands of clusters fit into it.
    pub const CONFIGURATION: Self = Self {
        bytes: 32 << 20,
        pipe: true,
    };
}

/// Why a file is not read; completes "cannot be read (…)".
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A pipe, a device, a folder or a socket: it may have no end.
    #[error("it is {0} and no regular file")]
    Kind(&'static str),
    /// Larger than what is wanted of it.
    #[error("it is larger than {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// The bytes are not UTF-8.
    #[error("it is not UTF-8; save it as plain text")]
    NotText,
    /// What it lies on does not answer.
    #[error(
        "it does not answer within {} seconds; check the mount or the disk that it is on", DEADLINE.as_secs()
    )]
    Hangs,
    /// So much hangs that nothing more is tried.
    #[error("{MOST} other files do not answer; check the mount or the disk that they are on")]
    Crowded,
}

/// Reads a small regular file.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    read_as(path, Allowed::SMALL)
}

/// Reads a small regular file of UTF-8.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    String::from_utf8(read(path)?).map_err(|_| FileError::NotText)
}

/// Reads a file that may be what is allowed here.
pub fn read_as(path: &Path, allowed: Allowed) -> Result<Vec<u8>, FileError> {
    DESK.ask(path, move |path| allowed.read(path))
}

/// What the file system says of the file, of whatever kind it is.
pub fn metadata(path: &Path) -> Result<Metadata, FileError> {
    DESK.ask(path, |path| Ok(fs::metadata(path)?))
}

/// Refuses what is there and is no regular file; what is not there yet is fine.
pub fn check_regular(path: &Path) -> Result<(), FileError> {
    match metadata(path) {
        Ok(metadata) => {
            kind(metadata.file_type()).map_or(Ok(()), |kind| Err(FileError::Kind(kind)))
        }
        Err(FileError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Begins to read a small file that will be asked for later: of several that hang, each has its time at once.
pub fn begin(path: &Path) {
    DESK.begin(path, |path| Allowed::SMALL.read(path));
}

/// Does something that reads files, or otherwise blocks, off the threads of the runtime.
pub async fn unblocked<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and with it whoever waits.
            Err(_) => std::future::pending().await,
        },
    }
}

impl Allowed {
    fn read(self, path: &Path) -> Result<Vec<u8>, FileError> {
        // Looked at before it is opened, which for a pipe would wait for its other end; and again after, for who swaps it.
        self.check(&fs::metadata(path)?)?;
        let file = fs::File::open(path)?;
        let metadata = file.metadata()?;
        self.check(&metadata)?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        // The size that a file tells may be nothing like what comes out of it.
        file.take(self.bytes + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > self.bytes {
            return Err(FileError::TooLarge(self.bytes));
        }
        Ok(bytes)
    }

    fn check(self, metadata: &Metadata) -> Result<(), FileError> {
        match kind(metadata.file_type()) {
            None if metadata.len() > self.bytes => Err(FileError::TooLarge(self.bytes)),
            None => Ok(()),
            Some(PIPE) if self.pipe => Ok(()),
            Some(kind) => Err(FileError::Kind(kind)),
        }
    }
}

const PIPE: &str = "a pipe";
/// The kind of a folder.
pub const FOLDER: &str = "a folder";

/// What it is, where it is no regular file.
fn kind(file: FileType) -> Option<&'static str> {
    match file {
        file if file.is_file() => None,
        file if file.is_dir() => Some(FOLDER),
        file if file.is_fifo() => Some(PIPE),
        file if file.is_socket() => Some("a socket"),
        _ => Some("a device"),
    }
}

static DESK: LazyLock<Desk> = LazyLock::new(Desk::default);

/// The paths that a thread is busy with.
#[derive(Default)]
struct Desk {
    busy: Mutex<HashMap<PathBuf, Instant>>,
    freed: Condvar,
}

impl Desk {
    /// Does the work with the path and waits for it until the deadline. While another does something with the same path, it
    /// waits for that first, and not at all where that has taken too long already.
    fn ask<T: Send + 'static>(
        &'static self,
        path: &Path,
        work: impl FnOnce(&Path) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, FileError> {
        let began = now();
        self.enter(path, began)?;
        let (sender, outcome) = mpsc::sync_channel(1);
        self.start(path, move |path, leave| {
            let outcome = work(path);
            // Free before anybody hears of it: whoever asks next must not find it busy.
            leave();
            // Who asked may have given up.
            let _ = sender.send(outcome);
        })?;
        let left = DEADLINE.saturating_sub(began.elapsed());
        outcome.recv_timeout(left).unwrap_or(Err(FileError::Hangs))
    }

    /// Does the work with the path if nobody is at it and there is room, and forgets what comes of it.
    fn begin<T>(
        &'static self,
        path: &Path,
        work: impl FnOnce(&Path) -> Result<T, FileError> + Send + 'static,
    ) {
        {
            let mut busy = self.busy.lock();
            if busy.len() >= MOST || busy.contains_key(path) {
                return;
            }
            busy.insert(path.to_path_buf(), now());
        }
        // Whoever asks will hear of it.
        let _ = self.start(path, move |path, leave| {
            let _ = work(path);
            leave();
        });
    }

    /// Takes the path as soon as it is free.
    fn enter(&self, path: &Path, began: Instant) -> Result<(), FileError> {
        let mut busy = self.busy.lock();
        loop {
            let others = match busy.get(path) {
                Some(other) => Some((*other, FileError::Hangs)),
                None if busy.len() < MOST => None,
                // The youngest of them is the last to be given up.
                None => busy
                    .values()
                    .max()
                    .map(|other| (*other, FileError::Crowded)),
            };
            let Some((since, otherwise)) = others else {
                busy.insert(path.to_path_buf(), now());
                return Ok(());
            };
            let left = DEADLINE.saturating_sub(since.min(began).elapsed());
            if left.is_zero() {
                return Err(otherwise);
            }
            self.freed.wait_for(&mut busy, left);
        }
    }

    /// Starts the thread of a path that was taken.
    fn start(
        &'static self,
        path: &Path,
        work: impl FnOnce(&Path, &dyn Fn()) + Send + 'static,
    ) -> Result<(), FileError> {
        let own = path.to_path_buf();
        let started = thread::Builder::new()
            .name("file".into())
            .stack_size(STACK)
            .spawn(move || work(&own, &|| self.leave(&own)));
        started.map(drop).map_err(|error| {
            self.leave(path);
            error.into()
        })
    }

    fn leave(&self, path: &Path) {
        self.busy.lock().remove(path);
        self.freed.notify_all();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a disk takes its time in the real world, whatever the clock that polls go by"
)]
fn now() -> Instant {
    Instant::now()
}
