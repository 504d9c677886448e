//! Equal values that come one after the other, in memory once.

use std::sync::Arc;

/// The last value of a series in which most are like the one before: the settings of a cluster's links, the states of their
/// tasks, what is held against them.
#[derive(Debug)]
pub struct Repeated<T: ?Sized>(Option<Arc<T>>);

impl<T: ?Sized> Default for Repeated<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: ?Sized + PartialEq> Repeated<T> {
    /// The value that comes next, or the one before where both are equal.
    pub fn share(&mut self, next: impl Into<Arc<T>>) -> Arc<T> {
        let next = next.into();
        match &self.0 {
            Some(last) if *last == next => last.clone(),
            _ => {
                self.0 = Some(next.clone());
                next
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_in_a_row_are_one() {
        let mut repeated = Repeated::<String>::default();
        let shared = ["a", "a", "b", "b", "a"].map(|text| repeated.share(text.to_owned()));
        let texts: Vec<&str> = shared.iter().map(|text| text.as_str()).collect();
        assert_eq!(texts, ["a", "a", "b", "b", "a"]);
        let is_one = shared.windows(2).map(|two| Arc::ptr_eq(&two[0], &two[1]));
        assert_eq!(is_one.collect::<Vec<_>>(), [true, false, true, false]);
    }
}
