//! What was shown and is not shown any more.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::clock::{EngineClock, EngineInstant};

/// How an evaluation observes a cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observation {
    pub(super) clock: EngineClock,
    /// Whether what is not there was left out by an answer that would have it.
    pub(super) is_answer: bool,
}

/// When something was shown last, and whether we know why it is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::alert) struct Absence {
    until: EngineInstant,
    /// An answer since then did not have it: it is gone, not merely unknown.
    gone: bool,
}

impl Absence {
    /// Takes note that something is not shown; says whether that is anything new.
    pub(super) fn note(absence: &mut Option<Self>, observation: Observation) -> bool {
        let before = *absence;
        let noted = absence.get_or_insert(Self {
            until: observation.clock.before,
            gone: false,
        });
        noted.gone |= observation.is_answer;
        *absence != before
    }

    pub(super) fn until(self) -> EngineInstant {
        self.until
    }

    pub(in crate::alert) fn is_gone(self) -> bool {
        self.gone
    }

    /// Whether a window still holds when it was shown.
    pub(in crate::alert) fn is_within(self, window: Duration, now: EngineInstant) -> bool {
        self.until.is_within(window, now)
    }
}
