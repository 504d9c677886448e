//! The tables of recordings, one per kind.

mod absence;
mod judged;
mod polling;
pub(super) mod slo;
mod state;

use std::collections::BTreeSet;

pub use self::slo::{OBJECTIVE, slo_recordings};
use super::recording::Recording;

/// Every recording, in the order in which Prometheus must evaluate them: what one reads of now is recorded before it.
const RECORDINGS: &[&[Recording]] = &[
    absence::LINKS,
    state::LINKS,
    state::TASKS,
    absence::TASKS,
    judged::RECORDINGS,
    polling::RECORDINGS,
];

/// All of them, one after the other.
pub fn recordings() -> impl Iterator<Item = &'static Recording> {
    RECORDINGS.iter().copied().flatten()
}

/// Those that these expressions read, and those that they read in turn.
pub(super) fn needed(expressions: Vec<String>) -> Vec<&'static Recording> {
    let mut read = expressions;
    let mut needed = BTreeSet::new();
    loop {
        let before = needed.len();
        for (place, recording) in recordings().enumerate() {
            let selects = format!("{}{{", recording.name);
            let is_read = read.iter().any(|expression| expression.contains(&selects));
            if is_read && needed.insert(place) {
                read.push(recording.expression());
            }
        }
        if needed.len() == before {
            let is_needed = |(place, _): &(usize, _)| needed.contains(place);
            return recordings()
                .enumerate()
                .filter(is_needed)
                .map(|(_, recording)| recording)
                .collect();
        }
    }
}
