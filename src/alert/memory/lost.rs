//! What was shown and is not shown any more.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Moment, Tick};

/// A cluster, looked at in a round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) tick: Tick,
    /// Whether the last poll of a cluster with this id was good.
    pub(super) polling_works: bool,
}

/// When something was shown last, and whether we know why it is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::alert) struct Lost {
    until: Moment,
    /// A good poll since then did not bring it back: it is gone, not out of sight.
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
        noted.gone |= look.polling_works;
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
