//! How long to wait before sending again: pure arithmetic.

use std::time::Duration;

use crate::client::{Backoff, LONGEST_PAUSE_OF_RECEIVERS as MOST};

const BACKOFF: Backoff = Backoff {
    base: Duration::from_secs(1),
    max: MOST,
};

/// The wait after so many failures in a row, at least one: exponential with full jitter, and not less than the receiver
/// asked for by `Retry-After`, as far as that is a minute. `jitter` is in 0..1.
pub(super) fn wait(failures: u32, retry_after: Option<Duration>, jitter: f64) -> Duration {
    // A receiver that says 0 each time would be asked without a pause.
    let own = BACKOFF.wait(failures, jitter);
    own.max(retry_after.unwrap_or_default().min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_a_second_to_a_minute() {
        let longest = [1, 2, 3, 6, 7, 8].map(|failures| wait(failures, None, 1.0).as_secs());
        assert_eq!(longest, [1, 2, 4, 32, 60, 60]);
    }

    #[test]
    fn the_receivers_word_counts_more_but_never_for_longer_than_a_minute() {
        let asked = |seconds, jitter| wait(3, Some(Duration::from_secs(seconds)), jitter).as_secs();
        assert_eq!([asked(7, 0.5), asked(1_000_000, 0.5)], [7, 60]);
        assert_eq!(
            asked(0, 0.5),
            2,
            "a wait of nothing is not longer than ours"
        );
    }
}
