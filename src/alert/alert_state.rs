//! The state of one alert: pending, firing, resolved, exactly as Prometheus' `rules/alerting.go` has it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Reason,
    clock::{EngineInstant, Now},
};

/// For how long a resolved alert is kept, to be repeated to receivers; Prometheus' `resolvedRetention`.
const RETENTION: Duration = Duration::from_secs(15 * 60);

/// The state of an alert, and the times that receivers are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertState {
    /// Pending, firing or resolved.
    #[serde(rename = "stage")]
    pub phase: Phase,
    /// When its condition began to hold, by the time of day.
    pub active_at: Timestamp,
    /// When it began to fire.
    pub fired_at: Option<Timestamp>,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}

/// Whether an alert is pending, firing or resolved. That is decided by the engine's clock, not by the time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Its condition holds, not for long enough yet.
    Pending {
        /// Since when.
        since: EngineInstant,
    },
    /// It fires.
    Firing {
        /// Since when its condition holds no longer, for as long as `keep_firing_for` lasts.
        ending: Option<EngineInstant>,
    },
    /// It fired, and its condition ended.
    Resolved {
        /// Since when.
        since: EngineInstant,
    },
}

/// The times of a rule that decide.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuleTimes {
    pub(super) hold_duration: Duration,
    pub(super) keep_firing_for: Duration,
}

/// What an evaluation made of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transition {
    /// It goes on; with a reason where receivers are to be notified of a change.
    On(Option<Reason>),
    /// It is over and removed.
    Over,
}

impl RuleTimes {
    /// The same without `keep_firing_for`.
    pub(super) fn without_keep_firing(self) -> Self {
        Self {
            keep_firing_for: Duration::ZERO,
            ..self
        }
    }
}

impl AlertState {
    /// An alert whose condition holds for the first time.
    pub(super) fn begin(now: Now) -> Self {
        Self {
            phase: Phase::Pending { since: now.instant },
            active_at: now.wall,
            fired_at: None,
            resolved_at: None,
        }
    }

    /// Whether its condition has held for long enough and has not been over for long enough.
    pub fn is_firing(&self) -> bool {
        matches!(self.phase, Phase::Firing { .. })
    }

    /// Whether its condition held when it was last evaluated.
    pub(super) fn is_open(&self) -> bool {
        matches!(
            self.phase,
            Phase::Pending { .. } | Phase::Firing { ending: None }
        )
    }

    /// One evaluation of its condition.
    pub(super) fn step(&mut self, holds: bool, times: RuleTimes, now: Now) -> Transition {
        if holds {
            Transition::On(self.hold(times, now))
        } else {
            self.end(times, now)
        }
    }

    fn hold(&mut self, times: RuleTimes, now: Now) -> Option<Reason> {
        if let Phase::Resolved { .. } = self.phase {
            *self = Self::begin(now);
        }
        match &mut self.phase {
            Phase::Pending { since } if now.instant.since(*since) >= times.hold_duration => {
                self.phase = Phase::Firing { ending: None };
                self.fired_at = Some(now.wall);
                Some(Reason::First)
            }
            Phase::Firing { ending } => {
                *ending = None;
                None
            }
            Phase::Pending { .. } | Phase::Resolved { .. } => None,
        }
    }

    fn end(&mut self, times: RuleTimes, now: Now) -> Transition {
        match &mut self.phase {
            Phase::Pending { .. } => Transition::Over,
            Phase::Firing { ending } => {
                let ending = *ending.get_or_insert(now.instant);
                if now.instant.since(ending) < times.keep_firing_for {
                    return Transition::On(None);
                }
                self.phase = Phase::Resolved { since: now.instant };
                self.resolved_at = Some(now.wall);
                Transition::On(Some(Reason::Resolved))
            }
            Phase::Resolved { since } if now.instant.since(*since) > RETENTION => Transition::Over,
            Phase::Resolved { .. } => Transition::On(None),
        }
    }

    /// Whether receivers were notified of it: it fires, or fired.
    pub(super) fn was_notified(&self) -> bool {
        !matches!(self.phase, Phase::Pending { .. })
    }

    /// When its rule's times change it next.
    pub(super) fn due(&self, times: RuleTimes) -> Option<EngineInstant> {
        match self.phase {
            Phase::Pending { since } => Some(since.after(times.hold_duration)),
            Phase::Firing { ending } => ending.map(|ending| ending.after(times.keep_firing_for)),
            Phase::Resolved { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One character a minute: `x` where the condition holds; `p` pending, `F` firing at first, `f` firing, `R` resolved.
    fn played(history: &str, hold_duration: u64, keep_firing_for: u64) -> String {
        let times = RuleTimes {
            hold_duration: Duration::from_secs(60 * hold_duration),
            keep_firing_for: Duration::from_secs(60 * keep_firing_for),
        };
        let mut state: Option<AlertState> = None;
        let minutes = history.chars().zip(0..).map(|(mark, minute)| {
            let now = Now {
                instant: EngineInstant::default().after(Duration::from_secs(60 * minute)),
                wall: Timestamp::UNIX_EPOCH,
            };
            let holds = mark == 'x';
            if holds {
                state.get_or_insert_with(|| AlertState::begin(now));
            }
            let step = state
                .as_mut()
                .map_or(Transition::Over, |state| state.step(holds, times, now));
            if step == Transition::Over {
                state = None;
            }
            match (step, state.map(|state| state.phase)) {
                (Transition::On(Some(Reason::First)), _) => 'F',
                (Transition::On(Some(Reason::Resolved)), _) => 'R',
                (_, Some(Phase::Pending { .. })) => 'p',
                (_, Some(Phase::Firing { .. })) => 'f',
                (_, Some(Phase::Resolved { .. })) => 'r',
                (_, None) => '.',
            }
        });
        minutes.collect()
    }

    #[test]
    fn an_alert_has_the_states_that_prometheus_gives_it() {
        let cases = [
            ((2, 0), ".xxxx...", ".ppFfRrr"),
            ((2, 0), ".xx.xxxx", ".pp.ppFf"),
            ((0, 0), ".xx.x", ".FfRF"),
            ((1, 3), "xx......", "pFfffRrr"),
            ((1, 3), "xx..x...x..", "pFfffffffff"),
            ((1, 3), "xx..x....", "pFffffffR"),
            ((1, 0), "xx.x.xx", "pFRp.pF"),
            ((0, 0), "x.................x", "FRrrrrrrrrrrrrrrr.F"),
        ];
        for ((hold_duration, keep_firing_for), history, expected) in cases {
            assert_eq!(
                played(history, hold_duration, keep_firing_for),
                expected,
                "{history}"
            );
        }
    }
}
