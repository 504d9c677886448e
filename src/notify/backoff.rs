//! How long to wait before sending again: pure arithmetic.

use std::time::Duration;

const BASE: Duration = Duration::from_secs(1);
/// No wait is longer, whoever asks for it: what waits here are pages, and one header must not silence a pager.
const MOST: Duration = Duration::from_secs(60);

/// The wait after so many failures in a row, at least one: exponential with full jitter, and not less than the receiver
/// asked for by `Retry-After`, as far as that is a minute. `jitter` is in 0..1.
pub(super) fn wait(failures: u32, retry_after: Option<Duration>, jitter: f64) -> Duration {
    let doubled = BASE.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1)));
    let own = doubled.min(MOST).mul_f64(jitter);
    // A receiver that says 0 each time would be asked without a pause.
    own.max(retry_after.unwrap_or_default().min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_a_second_to_a_minute_and_are_jittered_from_nothing() {
        let most = [1, 2, 3, 6, 7, 8, u32::MAX].map(|failures| wait(failures, None, 1.0).as_secs());
        assert_eq!(most, [1, 2, 4, 32, 60, 60, 60]);
        assert_eq!(wait(3, None, 0.0), Duration::ZERO);
        assert_eq!(wait(3, None, 0.5).as_secs(), 2);
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
