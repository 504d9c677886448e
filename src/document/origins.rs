//! Where each value of the configuration stands: figment merges the values and cannot tell it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::problem::{Location, Position, Problem};

/// Where the values stand, by key path.
pub(crate) struct Origins {
    file: Option<PathBuf>,
    origins: BTreeMap<String, Origin>,
}

enum Origin {
    File(Position),
    Variable(String),
}

impl Origins {
    /// Nothing stands anywhere yet. `file` is named in problems; without one, everything stands in the environment.
    pub(crate) fn new(file: Option<&Path>) -> Self {
        Self {
            file: file.map(Path::to_path_buf),
            origins: BTreeMap::new(),
        }
    }

    /// The value at `path` stands here in the file.
    pub(crate) fn in_file(&mut self, path: String, position: Position) {
        self.origins.insert(path, Origin::File(position));
    }

    /// The value at `path` stands in this variable.
    pub(crate) fn in_variable(&mut self, path: &str, name: &str) {
        let origin = Origin::Variable(name.to_owned());
        self.origins.insert(path.to_owned(), origin);
    }

    /// A problem with the value at `path`, or with its absence: then it is placed at what should have held it.
    pub(crate) fn problem(&self, path: &str, found: String, instead: String) -> Problem {
        let (location, key) = match self.origins.get(path) {
            Some(Origin::Variable(name)) => (Location::Environment, name.as_str()),
            _ => (self.location(path), path),
        };
        Problem {
            location,
            key: (!key.is_empty()).then(|| key.to_owned()),
            found,
            instead,
        }
    }

    /// A place of the file.
    pub(crate) fn in_this_file(&self, position: Position) -> Location {
        match &self.file {
            Some(path) => Location::File {
                path: path.clone(),
                position: Some(position),
            },
            None => Location::Environment,
        }
    }

    /// The place of the value at `path`, or of what should have held it.
    pub(crate) fn location(&self, path: &str) -> Location {
        let Some(file) = &self.file else {
            return Location::Environment;
        };
        let position = match self.origins.get(path) {
            Some(Origin::File(position)) => Some(*position),
            _ => match path.rfind(['.', '[']) {
                Some(end) => return self.location(&path[..end]),
                None => None,
            },
        };
        Location::File {
            path: file.clone(),
            position,
        }
    }
}
