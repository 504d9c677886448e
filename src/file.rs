//! Reads the files that the configuration names, so that none of them can hold up the process or fill its memory.
//!
//! A disk that is gone (NFS, FUSE, a CSI mount) answers neither `stat` nor `read`, and no signal ends the call. So every
//! file is read by a thread of its own, which is left behind when it takes too long ([`desk`]). Everything here but
//! [`unblocked`] waits for that thread, so none of it is called on a thread of the runtime.

mod desk;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, FileType, Metadata},
    io::{self, Read as _},
    os::unix::fs::FileTypeExt as _,
    path::Path,
    sync::LazyLock,
    time::Duration,
};

use tokio::task::spawn_blocking;

use self::desk::{Attempt, Desk};

/// How long a file may take.
const DEADLINE: Duration = Duration::from_secs(5);

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
    DESK.ask(path, move |attempt| allowed.read(attempt))
}

/// What the file system says of the file, of whatever kind it is. Nothing while a read of it hangs: who compares this with
/// what it was must notice when the file can be read again.
pub fn metadata(path: &Path) -> Result<Metadata, FileError> {
    DESK.ask(path, |attempt| {
        let metadata = fs::metadata(attempt.path())?;
        attempt.leads_to(&metadata)?;
        Ok(metadata)
    })
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
    DESK.begin(path, |attempt| Allowed::SMALL.read(attempt));
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
    fn read(self, attempt: &Attempt) -> Result<Vec<u8>, FileError> {
        // Looked at before it is opened, which for a pipe would wait for its other end; and again after, for who swaps it.
        let metadata = fs::metadata(attempt.path())?;
        self.check(&metadata)?;
        attempt.leads_to(&metadata)?;
        let file = fs::File::open(attempt.path())?;
        let metadata = file.metadata()?;
        self.check(&metadata)?;
        attempt.leads_to(&metadata)?;
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
