//! Patterns of link names.

use crate::{
    document::{Parsed, Section},
    model::{LinkPatterns, PatternError},
};

/// Reads a list of patterns and checks each alone, so that the wrong one is named.
pub(super) fn list(section: &Section, key: &'static str) -> Parsed<Option<Vec<String>>> {
    let patterns = section.texts(key, "a regular expression such as `dr-.*`")?;
    let mut read = Ok(());
    for (index, pattern) in patterns.iter().flatten().enumerate() {
        if let Err(error) = LinkPatterns::check(pattern) {
            let instead = "write a regular expression such as `dr-.*`";
            read = Err(section.report(&format!("{key}[{index}]"), &found(&error), instead));
        }
    }
    read.map(|()| patterns)
}

/// What a problem says it found.
pub(super) fn found(error: &PatternError) -> String {
    format!("a pattern that does not compile ({})", error.message)
}
