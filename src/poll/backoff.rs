//! How long to wait before asking again: pure arithmetic.

use std::time::Duration;

use crate::client::{Backoff, LONGEST_PAUSE};

/// Tries of one request, the first included.
pub(super) const MAX_TRIES: u32 = 3;

const BACKOFF: Backoff = Backoff {
    base: Duration::from_millis(500),
    max: Duration::from_secs(5),
};

/// The wait before try number `next` (2 is the first retry): what the server asked for, else exponential with full
/// jitter. `jitter` is in 0..1.
pub(super) fn wait(next: u32, retry_after: Option<Duration>, jitter: f64) -> Duration {
    match retry_after {
        Some(asked) => asked.min(LONGEST_PAUSE),
        None => BACKOFF.wait(next.saturating_sub(1), jitter),
    }
}

/// How often the interval is stretched after so many throttled polls in a row: 1, 1, 2, 4, 8, and never more. The first
/// poll that is not throttled brings it back.
pub(super) fn stretch(throttled_polls: u32) -> u32 {
    1 << throttled_polls.saturating_sub(1).min(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_half_a_second_to_five() {
        let longest = [2, 3, 4, 5, 6, 99].map(|next| wait(next, None, 1.0).as_millis());
        assert_eq!(longest, [500, 1000, 2000, 4000, 5000, 5000]);
    }

    #[test]
    fn the_servers_word_counts_more_but_not_for_ever() {
        let asked = |seconds| wait(2, Some(Duration::from_secs(seconds)), 0.0).as_secs();
        let waits = [0, 7, 1_000_000, u64::MAX].map(asked);
        assert_eq!(waits, [0, 7, 900, 900]);
    }

    #[test]
    fn repeated_throttling_stretches_the_interval_eightfold_at_most() {
        let stretched = [0, 1, 2, 3, 4, 5, u32::MAX].map(stretch);
        assert_eq!(stretched, [1, 1, 2, 4, 8, 8, 8]);
    }
}
