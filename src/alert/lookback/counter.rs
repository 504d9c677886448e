//! The look-back of counters: enough to say how far they rose within a window.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::clock::{EngineClock, EngineInstant};

/// Whether a counter rose lately: PromQL's `increase(…) > 0`, and how far it rose now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LastIncrease {
    value: u64,
    /// When it was last shown before it last rose: a window that holds this instant holds the increase.
    from: Option<EngineInstant>,
}

impl LastIncrease {
    /// A counter that was not shown before: the value that it begins with is no increase, as in Prometheus.
    pub(super) fn first(value: u64) -> Self {
        Self { value, from: None }
    }

    /// How far it rose since it was last shown. One that fell started anew at zero.
    pub(super) fn observe(&mut self, value: u64, clock: EngineClock) -> u64 {
        let rise = value.checked_sub(self.value).unwrap_or(value);
        self.value = value;
        if rise > 0 {
            self.from = Some(clock.before);
        }
        rise
    }

    pub(super) fn is_within(&self, window: Duration, now: EngineInstant) -> bool {
        self.from.is_some_and(|from| from.is_within(window, now))
    }
}

/// The values that a counter had within the longest window, each with the instant when it was last shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CounterWindow {
    value: u64,
    past: Vec<(u64, EngineInstant)>,
}

impl CounterWindow {
    pub(super) fn first(value: u64) -> Self {
        Self {
            value,
            past: Vec::new(),
        }
    }

    /// Takes the value that is shown now; `until` is when the one before was shown last. Says whether it is another.
    pub(super) fn observe(
        &mut self,
        value: u64,
        until: EngineInstant,
        window: Duration,
        now: EngineInstant,
    ) -> bool {
        if value == self.value {
            return false;
        }
        self.past.retain(|(_, until)| until.is_within(window, now));
        self.past.push((self.value, until));
        self.value = value;
        true
    }

    /// Adds to the value.
    pub(super) fn add(&mut self, more: u64, window: Duration, clock: EngineClock) {
        self.observe(self.value + more, clock.before, window, clock.now);
    }

    /// The last value less the least one within the window: `last_over_time(…) - min_over_time(…)`.
    ///
    /// A counter that starts anew at zero only makes this smaller. PromQL's `increase` extrapolates to the edges of the
    /// window, so that six changes can count as more than six.
    pub(super) fn above_least(&self, window: Duration, now: EngineInstant) -> u64 {
        let past = self.past.iter();
        let within = past.filter(|(_, until)| until.is_within(window, now));
        let least = within.map(|(value, _)| *value).min();
        self.value - least.unwrap_or(self.value).min(self.value)
    }
}
