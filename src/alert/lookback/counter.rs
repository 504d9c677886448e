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

    /// Forgets all but the last values, for those who only ask whether it rose by fewer than that.
    pub(super) fn keep(&mut self, most: usize) {
        let older = self.past.len().saturating_sub(most);
        self.past.drain(..older);
        self.past.shrink_to(most);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::lookback::window::HOUR;

    #[test]
    fn what_is_kept_of_a_restless_counter_says_whether_it_rose_by_less_than_that() {
        let second = Duration::from_secs(1);
        let mut now = EngineInstant::default();
        let (mut all, mut few) = (CounterWindow::first(0), CounterWindow::first(0));
        for value in (1..=100).chain(0..=3).chain(5..40) {
            let until = now;
            now = now.after(second);
            for counter in [&mut all, &mut few] {
                counter.observe(value, until, HOUR, now);
            }
            few.keep(8);
            assert!(few.past.len() <= 8);
            for window in [5 * second, 30 * second, HOUR] {
                let [all, few] = [&all, &few].map(|counter| counter.above_least(window, now));
                assert_eq!(all.min(8), few.min(8), "{value} in {window:?}");
            }
        }
    }
}
