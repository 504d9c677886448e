//! The engine's own clock, which stops while the exporter is down.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A point on the engine's clock: for how many milliseconds engines have run here.
///
/// A look-back of an hour is an hour of running: an exporter that was down for two still knows what was broken before, and
/// says so until its first good poll.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct EngineInstant(u64);

impl EngineInstant {
    /// How long after an earlier one it is; nothing where that is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// So much later.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(milliseconds))
    }

    /// Whether a range selector of that length, closed on both sides, still has it at `now`.
    pub(in crate::alert) fn is_within(self, window: Duration, now: Self) -> bool {
        now.since(self) <= window
    }
}

/// Now, on both clocks.
#[derive(Clone, Copy, Debug)]
pub(in crate::alert) struct Now {
    pub(in crate::alert) instant: EngineInstant,
    /// The time of day.
    pub(in crate::alert) wall: Timestamp,
}

/// The time of an evaluation and of the one before it: when what is not shown any more was shown last.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::alert) struct EngineClock {
    pub(in crate::alert) now: EngineInstant,
    pub(in crate::alert) before: EngineInstant,
    /// The time of day of this evaluation; `None` before the first.
    wall: Option<Timestamp>,
}

impl EngineClock {
    /// A clock that goes on where another one stopped.
    pub(in crate::alert) fn resumed(at: EngineInstant) -> Self {
        Self {
            now: at,
            before: at,
            wall: None,
        }
    }

    /// The clock of an evaluation at this time of day. Where the time of day is set back, it stops meanwhile.
    pub(in crate::alert) fn next(self, wall: Timestamp) -> Self {
        let passed = self.wall.map_or(Duration::ZERO, |before| {
            Duration::try_from(wall.duration_since(before)).unwrap_or_default()
        });
        Self {
            now: self.now.after(passed),
            before: self.now,
            wall: Some(wall),
        }
    }
}
