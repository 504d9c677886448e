//! When the next poll starts: pure arithmetic.

use std::time::Duration;

use tokio::time::Instant;

/// The schedule of one cluster: a first poll soon after the start, then a fixed grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// From the start of the program to the first poll.
    pub first: Duration,
    /// From the start of one poll to the start of the next.
    pub interval: Duration,
}

impl Schedule {
    /// No first poll comes later than this.
    const FIRST_WITHIN: Duration = Duration::from_secs(5);

    /// A schedule whose first poll is spread over the first seconds; `jitter` is in 0..1. A hundred clusters must not
    /// be asked in the same instant, and two replicas must not march in step.
    pub fn jittered(interval: Duration, jitter: f64) -> Self {
        Self {
            first: interval.min(Self::FIRST_WITHIN).mul_f64(jitter),
            interval,
        }
    }

    /// The start of the poll after the one that was due at `due`. A grid point that passed meanwhile is left out, never
    /// made up for.
    pub fn next(due: Instant, interval: Duration, now: Instant) -> Instant {
        let next = due + interval;
        if next >= now { next } else { now + interval }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_poll_comes_within_the_interval_and_five_seconds() {
        let first = |interval, jitter| {
            Schedule::jittered(Duration::from_secs(interval), jitter)
                .first
                .as_millis()
        };
        assert_eq!(
            [
                first(30, 0.0),
                first(30, 0.5),
                first(30, 1.0),
                first(2, 1.0)
            ],
            [0, 2500, 5000, 2000]
        );
    }

    #[test]
    fn polls_keep_to_the_grid_and_missed_ones_are_left_out() {
        let (due, interval) = (Instant::now(), Duration::from_secs(30));
        let after = |seconds| {
            let now = due + Duration::from_secs(seconds);
            (Schedule::next(due, interval, now) - due).as_secs()
        };
        assert_eq!([after(1), after(30), after(45)], [30, 30, 75]);
    }
}
