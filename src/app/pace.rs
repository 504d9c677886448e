//! How often work over all clusters is done that every report asks for.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The pause after work that took next to nothing: reports of many clusters come in bursts.
const LEAST: Duration = Duration::from_millis(100);
/// The longest pause: what a poll brought waits this long at most.
const MOST: Duration = Duration::from_secs(1);
/// The pause is so many times as long as the work took, which then has a twentieth of a processor at most, however many
/// clusters report.
const SHARE: u32 = 19;

/// Lets work begin at once when it has rested, and soon after when it has not: what comes meanwhile is done together.
pub(super) struct Pace {
    next: Instant,
}

impl Pace {
    /// Rested.
    pub(super) fn new() -> Self {
        Self {
            next: Instant::now(),
        }
    }

    /// Ends when the work may begin.
    pub(super) async fn rested(&self) {
        sleep_until(self.next).await;
    }

    /// The work that began then is done now.
    pub(super) fn worked_since(&mut self, begun: Instant) {
        let now = Instant::now();
        self.next = now + (now - begun).saturating_mul(SHARE).clamp(LEAST, MOST);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    /// How long work waits that is wanted right after some that took so long.
    async fn pause_after(took: Duration) -> Duration {
        let mut pace = Pace::new();
        let begun = Instant::now();
        advance(took).await;
        pace.worked_since(begun);
        let wanted = Instant::now();
        pace.rested().await;
        wanted.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_waits_for_as_long_as_the_work_is_heavy_and_a_second_at_most() {
        let millis = Duration::from_millis;
        for (took, pause) in [(0, 100), (4, 100), (10, 190), (40, 760), (5000, 1000)] {
            let paused = pause_after(millis(took)).await;
            // The timer counts whole milliseconds.
            let expected = millis(pause)..=millis(pause + 1);
            assert!(expected.contains(&paused), "{took} ms: {paused:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_wanted_after_a_rest_begins_at_once() {
        let mut pace = Pace::new();
        let begun = Instant::now();
        pace.rested().await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
        pace.worked_since(begun);
        advance(LEAST).await;
        let wanted = Instant::now();
        pace.rested().await;
        assert_eq!(wanted.elapsed(), Duration::ZERO);
    }
}
