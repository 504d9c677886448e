//! How far rules look back.

use std::time::Duration;

/// How long the last known state stands while nobody knows, and the longest window of a counter.
pub(in crate::alert) const HOUR: Duration = window(60);
/// The window of a share of all that is counted, for rules that wait a quarter of an hour.
pub(in crate::alert) const QUARTER: Duration = within_wait(15);
/// The window of what is going on now, for rules that wait five minutes.
pub(in crate::alert) const NOW: Duration = within_wait(5);
/// For how long it is known that a task worked.
pub(in crate::alert) const DAY: Duration = window(24 * 60);

/// A look-back of so many minutes. Prometheus 2 counts a sample at the very edge of a window and Prometheus 3 does not; with
/// samples and evaluations at whole minutes no edge of these windows has one, so that both say the same.
pub(in crate::alert) const fn window(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes + 30)
}

/// The look-back of a counter for a rule that waits so many minutes: what happened once is out of it before the wait is
/// over, however often somebody looks.
const fn within_wait(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes - 30)
}
