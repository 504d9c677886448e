//! Reads the configuration file's text and says in one problem why there is none.

use std::{io::ErrorKind, path::Path};

use figment::value::{Dict, Value};

use crate::{
    document::{self, Document, Keys, Kind, Limit, Location, Position, Problem, Reading},
    file::{self, Allowed, FileError},
};

/// Sixty thousand clusters of sixteen lines; a tree of that size takes some hundred MiB for a moment.
const LIMIT: Limit = Limit {
    values: 1_000_000,
    in_words: "a million values",
    instead: "share the clusters out among several exporters",
};

/// Reads the file's keys; an empty file has none.
pub(super) fn read(path: &Path) -> Result<Document, Problem> {
    let bytes =
        file::read_as(path, Allowed::CONFIGURATION).map_err(|error| unreadable(path, &error))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let (good, _) = bytes.split_at(error.valid_up_to());
        let instead = "save the file as UTF-8".to_owned();
        let found = "bytes that are not UTF-8".to_owned();
        problem(path, Some(end(good)), (found, instead))
    })?;
    of_text(path, text)
}

/// Reads a text as that of a file of this name.
pub(super) fn of_text(path: &Path, text: &str) -> Result<Document, Problem> {
    document::read(path, text, &LIMIT, "keys, `clusters:` at the least")
}

fn unreadable(path: &Path, error: &FileError) -> Problem {
    let kind = match error {
        FileError::Io(error) => Some(error.kind()),
        _ => None,
    };
    let (found, instead) = match (kind, error) {
        (Some(ErrorKind::NotFound), _) => (
            "no such file".to_owned(),
            "write the file, or name another with `--config.file`",
        ),
        (Some(ErrorKind::PermissionDenied), _) => (
            "a file that this user may not read".to_owned(),
            "give it the permission",
        ),
        (_, FileError::Kind(file::FOLDER)) => (
            file::FOLDER.to_owned(),
            "name the file in it with `--config.file`",
        ),
        _ => (
            format!("a file that cannot be read ({error})"),
            "name another with `--config.file`",
        ),
    };
    problem(path, None, (found, instead.to_owned()))
}

fn problem(path: &Path, position: Option<Position>, (found, instead): (String, String)) -> Problem {
    Problem {
        location: Location::File {
            path: path.to_path_buf(),
            position,
        },
        key: None,
        found,
        instead,
    }
}

/// The position after a text.
fn end(text: &[u8]) -> Position {
    let text = String::from_utf8_lossy(text);
    let line = text.rsplit('\n').next().unwrap_or_default();
    Position {
        line: text.matches('\n').count() as u64 + 1,
        column: line.chars().count() as u64 + 1,
    }
}

/// Begins to read every file that the keys name, unless they are left alone: those that do not answer are then waited for together, not one by one.
pub(super) fn begin(values: &Dict, keys: Keys, reading: &Reading) {
    if reading.leaves_secrets() {
        return;
    }
    for (name, value) in values {
        match (value, keys.find(name).map(|key| &key.kind)) {
            // What a template will come to is not there by this name.
            (Value::String(_, path), Some(Kind::File)) if !path.contains('{') => {
                if let Some(path) = reading.file(path) {
                    file::begin(&path);
                }
            }
            (Value::Dict(_, values), _) => begin(values, keys.under(name), reading),
            (Value::Array(_, items), _) => {
                for values in items.iter().filter_map(Value::as_dict) {
                    begin(values, keys.under(name), reading);
                }
            }
            _ => {}
        }
    }
}
