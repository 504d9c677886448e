//! What was shown and is not shown any more.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Moment, Tick};

/// A cluster, looked at in a round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) tick: Tick,
    /// Whether what is not there was left out by an answer that would have it.
    pub(super) is_answer: bool,
}

/// When something was shown last, and whether we know why it is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::alert) struct Lost {
    until: Moment,
    /// An answer since then did not have it: it is gone, not out of sight.
    gone: bool,
}

impl Lost {
    /// Takes note that something is not shown; says whether that is anything new.
    pub(super) fn note(lost: &mut Option<Self>, look: Look) -> bool {
        let before = *lost;
        let noted = lost.get_or_insert(Self {
            until: look.tick.before,
            gone: false,
        });
        noted.gone |= look.is_answer;
        *lost != before
    }

    pub(super) fn until(self) -> Moment {
        self.until
    }

    pub(in crate::alert) fn is_gone(self) -> bool {
        self.gone
    }

    /// Whether a window still holds when it was shown.
    pub(in crate::alert) fn is_within(self, window: Duration, now: Moment) -> bool {
        self.until.is_within(window, now)
    }
}
