//! A value that never prints: not in logs, errors, `Debug`, pages or metrics.
//!
//! It remembers where it comes from and is read anew each time it is needed, so a rotated file takes effect with the
//! next poll and no copy outlives its use.

use std::{
    env, fmt,
    path::{Path, PathBuf},
};

pub use secrecy::{ExposeSecret, SecretString};

use crate::file::{self, FileError};

/// A secret by its source. Kept out of every message: only the source is ever named.
#[derive(Clone)]
pub enum Secret {
    /// Stands in the configuration itself.
    Literal(SecretString),
    /// Stands in a file (`…_file`), read anew at every use; white space around it is not part of it.
    File(PathBuf),
    /// Stands in an environment variable (`…_env`).
    Env(String),
}

/// Why a secret could not be read. Names the source and never what it held.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("secret file `{}` cannot be read: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: FileError,
    },
    /// The source exists and holds nothing.
    #[error("{0} is empty; write the secret into it")]
    Empty(String),
    /// The environment variable is not set, or not Unicode.
    #[error("environment variable `{0}` is not set; set it to the secret")]
    Env(String),
}

impl Secret {
    /// Reads the secret from its source. May block for as long as a file may take ([`file::unblocked`]).
    pub fn read(&self) -> Result<SecretString, SecretError> {
        let text = match self {
            Self::Literal(secret) => return Ok(secret.clone()),
            Self::File(path) => read_file(path)?,
            Self::Env(name) => env::var(name).map_err(|_| SecretError::Env(name.clone()))?,
        };
        if text.is_empty() {
            return Err(SecretError::Empty(format!("{self:?}")));
        }
        Ok(text.into())
    }
}

fn read_file(path: &Path) -> Result<String, SecretError> {
    let mut text = file::read_text(path).map_err(|source| SecretError::File {
        path: path.to_path_buf(),
        source,
    })?;
    // Editors, `echo`, Windows and copied lines leave white space behind, as Prometheus knows; nobody sees it.
    let around = |c: char| c.is_whitespace() || c == BYTE_ORDER_MARK;
    text.truncate(text.trim_end_matches(around).len());
    text.drain(..text.len() - text.trim_start_matches(around).len());
    Ok(text)
}

/// What some editors of Windows begin every text with.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// By source, and for a literal by what it holds: a reload asks whether the configuration says the same as before.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Literal(this), Self::Literal(that)) => {
                this.expose_secret() == that.expose_secret()
            }
            (Self::File(this), Self::File(that)) => this == that,
            (Self::Env(this), Self::Env(that)) => this == that,
            _ => false,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(_) => f.write_str("literal secret"),
            Self::File(path) => write!(f, "secret file `{}`", path.display()),
            Self::Env(name) => write!(f, "environment variable `{name}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn debug_names_the_source_and_never_the_value() {
        let shown = [
            Secret::Literal("canary".into()),
            Secret::File("/run/secrets/dr".into()),
            Secret::Env("DR_SECRET".into()),
        ]
        .map(|secret| format!("{secret:?}"));
        assert_eq!(
            shown,
            [
                "literal secret",
                "secret file `/run/secrets/dr`",
                "environment variable `DR_SECRET`",
            ]
        );
    }

    #[test]
    fn a_file_is_read_anew_and_what_editors_leave_around_a_secret_is_no_part_of_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let secret = Secret::File(file.path().into());
        let read = || secret.read().unwrap().expose_secret().to_owned();

        for text in [
            "s3 cret",
            "s3 cret\n",
            "s3 cret\n\n",
            "s3 cret\r\n",
            "s3 cret  \t",
            "\n s3 cret",
            "\u{feff}s3 cret\r\n",
            "\u{feff} s3 cret \u{a0}\n\u{feff}",
        ] {
            fs::write(file.path(), text).unwrap();
            assert_eq!(read(), "s3 cret", "{text:?}");
        }
        fs::write(file.path(), "another").unwrap();
        assert_eq!(read(), "another");
        fs::write(file.path(), "\u{feff} \r\n\t").unwrap();
        assert!(matches!(secret.read(), Err(SecretError::Empty(_))));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_source() {
        let absent = Secret::File("/nonexistent/secret".into())
            .read()
            .unwrap_err();
        assert_eq!(
            absent.to_string(),
            "secret file `/nonexistent/secret` cannot be read: No such file or directory (os error 2)"
        );
        let unset = Secret::Env("CLUSTERLINK_TEST_UNSET".into())
            .read()
            .unwrap_err();
        assert_eq!(
            unset.to_string(),
            "environment variable `CLUSTERLINK_TEST_UNSET` is not set; set it to the secret"
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        let empty = Secret::File(file.path().into()).read().unwrap_err();
        assert_eq!(
            empty.to_string(),
            format!(
                "secret file `{}` is empty; write the secret into it",
                file.path().display()
            )
        );
    }
}
