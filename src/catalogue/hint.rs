//! The line below a reported error that says what to do. Codes that nobody knows have none: silence is better than a
//! guess.

use std::fmt;

use super::{Entry, Evidence, Scope, find};
use crate::model::{ErrorCode, ReportedError};

/// A row's remedy on one line, marked where it rests on the code's name alone.
#[derive(Clone, Copy, Debug)]
pub struct Hint(&'static Entry);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Entry {
            remedy, evidence, ..
        } = self.0;
        f.write_str(remedy)?;
        match evidence {
            Evidence::NameOnly => write!(f, " {}", Evidence::OUR_READING),
            Evidence::Documented | Evidence::Observed => Ok(()),
        }
    }
}

/// What to do about a code that was reported in this scope; nothing where it stands for health or is unknown.
pub fn hint(code: &ErrorCode, scope: Scope) -> Option<Hint> {
    if code.is_healthy() {
        return None;
    }
    find(code.as_str(), scope).map(Hint)
}

/// The errors of one link or task, each with the hint to show below it. Several errors of one code share one hint, below
/// the last of them.
pub fn with_hints(
    errors: &[ReportedError],
    scope: Scope,
) -> impl Iterator<Item = (&ReportedError, Option<Hint>)> {
    errors.iter().enumerate().map(move |(place, error)| {
        let code = &error.error_code;
        let comes_again = errors[place + 1..]
            .iter()
            .any(|later| later.error_code == *code);
        let hint = if comes_again { None } else { hint(code, scope) };
        (error, hint)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::ENTRIES;

    fn hints(codes: &[&str], scope: Scope) -> Vec<Option<String>> {
        let error = |code: &&str| ReportedError {
            error_code: (*code).into(),
            error_message: String::new(),
        };
        let errors: Vec<_> = codes.iter().map(error).collect();
        with_hints(&errors, scope)
            .map(|(_, hint)| hint.map(|hint| hint.to_string()))
            .collect()
    }

    #[test]
    fn a_hint_is_marked_exactly_where_only_the_name_is_known() {
        for entry in ENTRIES.iter() {
            let shown = Hint(entry).to_string();
            let is_marked = shown.ends_with(" (our reading)");
            assert_eq!(is_marked, entry.evidence == Evidence::NameOnly, "{shown}");
        }
    }

    #[test]
    fn errors_of_one_code_share_the_hint_below_the_last() {
        let codes = ["TIMEOUT_ERROR", "MADE_UP_ERROR", "TIMEOUT_ERROR"];
        let [first, strange, last] = <[_; 3]>::try_from(hints(&codes, Scope::Link)).unwrap();
        assert_eq!((first, strange), (None, None));
        assert!(last.unwrap().starts_with("Often passes by itself."));
    }

    #[test]
    fn health_and_other_scopes_have_no_hint() {
        assert_eq!(hints(&["NO_ERROR", ""], Scope::Task), [None, None]);
        assert_eq!(hints(&["TIMEOUT_ERROR"], Scope::Task), [None]);
    }
}
