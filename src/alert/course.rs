//! The course of one alert: pending, firing, resolved, exactly as Prometheus' `rules/alerting.go` has it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Reason, Rule, memory::Moment};

/// For how long a resolved alert is remembered, to be told again.
const RETENTION: Duration = Duration::from_secs(15 * 60);

/// How far an alert has come, and when it got there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// How far.
    pub stage: Stage,
    /// When its condition began to hold, by the time of day.
    pub active_at: Timestamp,
    /// When it began to fire.
    pub fired_at: Option<Timestamp>,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}

/// How far an alert has come. Everything is decided by the engine's clock, not by the time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its condition holds, not for long enough yet.
    Pending {
        /// Since when.
        since: Moment,
    },
    /// It fires.
    Firing {
        /// Since when its condition holds no longer, for as long as `keep_firing_for` lasts.
        ending: Option<Moment>,
    },
    /// It fired, and its condition ended.
    Resolved {
        /// Since when.
        since: Moment,
    },
}

/// The times of a rule that decide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) wait: Duration,
    pub(super) keep_firing: Duration,
}

/// Now, on both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) moment: Moment,
    pub(super) wall: Timestamp,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It goes on; whether it became something else that must be told.
    On(Option<Reason>),
    /// It is over and forgotten.
    Over,
}

impl Times {
    pub(super) fn of(rule: &Rule) -> Self {
        Self {
            wait: rule.wait,
            keep_firing: rule.keep_firing,
        }
    }

    /// The same without `keep_firing_for`.
    pub(super) fn without_keep(self) -> Self {
        Self {
            keep_firing: Duration::ZERO,
            ..self
        }
    }
}

impl Course {
    /// An alert whose condition holds for the first time.
    pub(super) fn begin(now: Now) -> Self {
        Self {
            stage: Stage::Pending { since: now.moment },
            active_at: now.wall,
            fired_at: None,
            resolved_at: None,
        }
    }

    /// Whether its condition has held for long enough and has not been over for long enough.
    pub fn is_firing(&self) -> bool {
        matches!(self.stage, Stage::Firing { .. })
    }

    /// Whether its condition held when it was last evaluated.
    pub(super) fn is_open(&self) -> bool {
        matches!(
            self.stage,
            Stage::Pending { .. } | Stage::Firing { ending: None }
        )
    }

    /// One evaluation of its condition.
    pub(super) fn step(&mut self, holds: bool, times: Times, now: Now) -> Step {
        if holds {
            Step::On(self.hold(times, now))
        } else {
            self.end(times, now)
        }
    }

    fn hold(&mut self, times: Times, now: Now) -> Option<Reason> {
        if let Stage::Resolved { .. } = self.stage {
            *self = Self::begin(now);
        }
        match &mut self.stage {
            Stage::Pending { since } if now.moment.since(*since) >= times.wait => {
                self.stage = Stage::Firing { ending: None };
                self.fired_at = Some(now.wall);
                Some(Reason::First)
            }
            Stage::Firing { ending } => {
                *ending = None;
                None
            }
            Stage::Pending { .. } | Stage::Resolved { .. } => None,
        }
    }

    fn end(&mut self, times: Times, now: Now) -> Step {
        match &mut self.stage {
            Stage::Pending { .. } => Step::Over,
            Stage::Firing { ending } => {
                let ending = *ending.get_or_insert(now.moment);
                if now.moment.since(ending) < times.keep_firing {
                    return Step::On(None);
                }
                self.stage = Stage::Resolved { since: now.moment };
                self.resolved_at = Some(now.wall);
                Step::On(Some(Reason::Resolved))
            }
            Stage::Resolved { since } if now.moment.since(*since) > RETENTION => Step::Over,
            Stage::Resolved { .. } => Step::On(None),
        }
    }

    /// Whether receivers know of it.
    pub(super) fn was_told(&self) -> bool {
        !matches!(self.stage, Stage::Pending { .. })
    }

    /// When its rule's times make something of it next.
    pub(super) fn due(&self, times: Times) -> Option<Moment> {
        match self.stage {
            Stage::Pending { since } => Some(since.after(times.wait)),
            Stage::Firing { ending } => ending.map(|ending| ending.after(times.keep_firing)),
            Stage::Resolved { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One character a minute: `x` where the condition holds; `p` pending, `F` firing at first, `f` firing, `R` resolved.
    fn played(history: &str, wait: u64, keep_firing: u64) -> String {
        let times = Times {
            wait: Duration::from_secs(60 * wait),
            keep_firing: Duration::from_secs(60 * keep_firing),
        };
        let mut course: Option<Course> = None;
        let minutes = history.chars().zip(0..).map(|(mark, minute)| {
            let now = Now {
                moment: Moment::default().after(Duration::from_secs(60 * minute)),
                wall: Timestamp::UNIX_EPOCH,
            };
            let holds = mark == 'x';
            if holds {
                course.get_or_insert_with(|| Course::begin(now));
            }
            let step = course
                .as_mut()
                .map_or(Step::Over, |course| course.step(holds, times, now));
            if step == Step::Over {
                course = None;
            }
            match (step, course.map(|course| course.stage)) {
                (Step::On(Some(Reason::First)), _) => 'F',
                (Step::On(Some(Reason::Resolved)), _) => 'R',
                (_, Some(Stage::Pending { .. })) => 'p',
                (_, Some(Stage::Firing { .. })) => 'f',
                (_, Some(Stage::Resolved { .. })) => 'r',
                (_, None) => '.',
            }
        });
        minutes.collect()
    }

    #[test]
    fn an_alert_takes_the_course_that_prometheus_gives_it() {
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
        for ((wait, keep_firing), history, expected) in cases {
            assert_eq!(played(history, wait, keep_firing), expected, "{history}");
        }
    }
}
