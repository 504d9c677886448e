//! What is wrong with a configuration, said so that it can be put right.
//!
//! A problem names keys, kinds of values, numbers and durations. It never repeats a text that a user wrote as a value:
//! nobody can know in which place a secret ended up by mistake.

use std::{fmt, path::PathBuf};

/// A line and a column of a file, both counted from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// In the configuration file.
    File {
        /// The file as the caller spelled it.
        path: PathBuf,
        /// The key or the list item; `None` where the file as a whole is meant.
        position: Option<Position>,
    },
    /// In the environment; the problem's key is the variable.
    Environment,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, position } => {
                write!(f, "{}", path.display())?;
                match position {
                    Some(Position { line, column }) => write!(f, ":{line}:{column}"),
                    None => Ok(()),
                }
            }
            Self::Environment => f.write_str("environment"),
        }
    }
}

/// One thing that is wrong. Displayed as ``<place>: `<key>`: found <found>; <instead>``, on one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where it is.
    pub location: Location,
    /// The key path (`clusters[0].basic_auth.password`) or the variable; `None` where the whole file is meant.
    pub key: Option<String>,
    /// What stands there, never its text.
    pub found: String,
    /// What to do about it.
    pub instead: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            location,
            key,
            found,
            instead,
        } = self;
        write!(f, "{location}: ")?;
        if let Some(key) = key {
            write!(f, "`{key}`: ")?;
        }
        write!(f, "found {found}; {instead}")
    }
}

/// Every problem of a configuration, in the order of the file; at least one. Displayed one a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Puts them into the order in which a reader of the file meets them.
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self(problems)
    }

    /// The problems one by one.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: u64, key: &str) -> Problem {
        Problem {
            location: Location::File {
                path: "exporter.yaml".into(),
                position: Some(Position { line, column: 3 }),
            },
            key: Some(key.to_owned()),
            found: "a number".to_owned(),
            instead: "write it in quotes".to_owned(),
        }
    }

    #[test]
    fn problems_are_shown_one_a_line_in_the_order_of_the_file() {
        let unset = Problem {
            location: Location::Environment,
            ..problem(0, "CLUSTERLINK_ENDPOINT")
        };
        let problems = Problems::new(vec![unset, problem(10, "b"), problem(9, "a")]);
        assert_eq!(
            problems.to_string(),
            "exporter.yaml:9:3: `a`: found a number; write it in quotes\n\
             exporter.yaml:10:3: `b`: found a number; write it in quotes\n\
             environment: `CLUSTERLINK_ENDPOINT`: found a number; write it in quotes"
        );
    }
}
