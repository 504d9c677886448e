//! What is wrong with a web configuration file, in the sentence of the crate's other configuration problems.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// One thing that is wrong. Displayed as ``<file>: `<key>`: found <found>; <instead>``, and never with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The key path; `None` where the whole file is meant.
    pub(super) key: Option<String>,
    /// What stands there, never its text.
    pub(super) found: String,
    /// What to do about it.
    pub(super) instead: String,
}

/// Every problem of a web configuration file, at least one. Displayed one a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebConfigProblems {
    file: PathBuf,
    problems: Vec<Problem>,
}

impl WebConfigProblems {
    /// Problems of this file; `Ok` where there are none.
    pub(super) fn none<T>(file: &Path, value: T, problems: Vec<Problem>) -> Result<T, Self> {
        if problems.is_empty() {
            return Ok(value);
        }
        Err(Self {
            file: file.to_path_buf(),
            problems,
        })
    }
}

impl Problem {
    pub(super) fn new(key: &str, found: impl Into<String>, instead: impl Into<String>) -> Self {
        Self {
            key: Some(key.to_owned()),
            found: found.into(),
            instead: instead.into(),
        }
    }

    /// A problem of the file as a whole.
    pub(super) fn whole(found: impl Into<String>, instead: impl Into<String>) -> Self {
        Self {
            key: None,
            found: found.into(),
            instead: instead.into(),
        }
    }
}

impl fmt::Display for WebConfigProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let Problem {
                key,
                found,
                instead,
            } = problem;
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}: ", self.file.display())?;
            if let Some(key) = key {
                write!(f, "`{key}`: ")?;
            }
            write!(f, "found {found}; {instead}")?;
        }
        Ok(())
    }
}

impl std::error::Error for WebConfigProblems {}
