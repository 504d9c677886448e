//! What commands print and the files they write: whole, or with a word and a status about it.

use std::{
    ffi::OsString,
    fmt::Display,
    fs,
    io::{self, ErrorKind, Write as _},
    path::Path,
    process::{self, ExitCode},
};

use serde::Serialize;

use crate::status;

/// Standard output did not take everything. It was said on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unwritten;

/// Prints one text and a line break.
pub(super) fn say(text: impl Display) -> Result<(), Unwritten> {
    // Formatted first: what fails then is the writing.
    let text = format!("{text}\n");
    let mut stdout = io::stdout().lock();
    written(
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush()),
    )
}

/// Prints a document, of which nothing steers the terminal.
pub(super) fn say_json(document: &impl Serialize) -> Result<(), Unwritten> {
    say(status::document(document))
}

/// Judges a write to standard output. A reader that has gone away (`tasks | head`) is no failure.
pub(super) fn written(outcome: io::Result<()>) -> Result<(), Unwritten> {
    match outcome {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(format_args!("cannot write to standard output: {error}"));
            Err(Unwritten)
        }
        _ => Ok(()),
    }
}

/// Prints one line on standard error. Where that fails too, there is nobody left to tell.
pub(super) fn complain(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// The status of a command that only prints.
pub(super) fn status(said: Result<(), Unwritten>) -> ExitCode {
    said.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

/// The verdict where it is about all clusters, or not: of those that nobody knows nothing good can be said.
pub(super) fn of_whole(verdict: ExitCode, is_whole: bool) -> ExitCode {
    if !is_whole && verdict == ExitCode::SUCCESS {
        return ExitCode::from(2);
    }
    verdict
}

/// The status of a command that judges: a good verdict that nobody could read is none.
pub(super) fn verdict(said: Result<(), Unwritten>, verdict: ExitCode) -> ExitCode {
    match said {
        Err(Unwritten) if verdict == ExitCode::SUCCESS => ExitCode::from(2),
        _ => verdict,
    }
}

/// Writes files of this kind into an existing folder, and prints their paths.
pub(super) fn write_files(
    kind: &str,
    folder: &Path,
    files: impl Iterator<Item = (impl AsRef<Path>, impl AsRef<str>)>,
) -> ExitCode {
    if !folder.is_dir() {
        complain(format_args!(
            "{}: found no such folder; make it, or name another",
            folder.display()
        ));
        return ExitCode::from(2);
    }
    let mut said = Ok(());
    for (name, text) in files {
        let file = folder.join(name);
        if let Err(error) = write_file(&file, text.as_ref()) {
            let file = file.display();
            complain(format_args!("cannot write the {kind}: {file}: {error}"));
            return ExitCode::FAILURE;
        }
        // The files are what was asked for: they are written also where nobody hears of them.
        said = said.and_then(|()| say(file.display()));
    }
    status(said)
}

/// Writes a file whole, or leaves what was there as it was.
pub(super) fn write_file(path: &Path, text: &str) -> io::Result<()> {
    // What a link leads to is replaced, not the link.
    let path = match fs::canonicalize(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => path.to_path_buf(),
        found => found?,
    };
    // In the same folder: only within a file system is a renaming one step.
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", process::id()));
    let new = path.with_file_name(name);
    let outcome = write_new(&new, text)
        .and_then(|()| keep_permissions(&path, &new))
        .and_then(|()| fs::rename(&new, &path));
    if outcome.is_err() {
        // It may not be there; and if it stays, the first error says more.
        let _ = fs::remove_file(&new);
    }
    outcome
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    // Some disks say only now that they are full; and a renaming may reach the disk before the text.
    file.sync_all()
}

fn keep_permissions(from: &Path, to: &Path) -> io::Result<()> {
    match fs::metadata(from) {
        Ok(metadata) => fs::set_permissions(to, metadata.permissions()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_whole_with_its_permissions_and_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("real.json"), "the one before").unwrap();
        fs::set_permissions(at("real.json"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real.json", at("link.json")).unwrap();
        write_file(&at("link.json"), "new").unwrap();
        write_file(&at("other.json"), "other").unwrap();
        assert!(at("link.json").is_symlink());
        assert_eq!(fs::read_to_string(at("real.json")).unwrap(), "new");
        let mode = fs::metadata(at("real.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board.json");
        // A folder in its place: the text is written, and the last step fails.
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), "").unwrap();
        assert!(write_file(&path, "new").is_err());
        assert!(write_file(&folder.path().join("nowhere/board.json"), "new").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
