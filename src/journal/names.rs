//! Texts that come again and again, each kept once.

use std::{collections::HashSet, sync::Arc};

/// As many may stand here before it is looked which of them nobody has any more.
const LEAST_SWEPT: usize = 1024;

/// Texts, each of them once for all who have it.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashSet<Arc<str>>,
    sweep_at: usize,
}

impl Names {
    /// The text, shared with all that have the same.
    pub(super) fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if self.known.len() >= self.sweep_at.max(LEAST_SWEPT) {
            self.known.retain(|name| Arc::strong_count(name) > 1);
            self.sweep_at = 2 * self.known.len();
        }
        let name = Arc::<str>::from(text);
        self.known.insert(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once_and_no_longer_than_somebody_has_it() {
        let mut names = Names::default();
        let [one, same] = ["a", "a"].map(|text| names.shared(text));
        assert!(Arc::ptr_eq(&one, &same));
        for number in 0..10 * LEAST_SWEPT {
            names.shared(&number.to_string());
        }
        assert!(names.known.len() <= LEAST_SWEPT, "{}", names.known.len());
        assert!(Arc::ptr_eq(&one, &names.shared("a")));
    }
}
