//! How long an API wants to be left alone, beyond a reload that starts whoever asks it anew.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

/// Until when nobody asks the API. Clones share it: whoever asks next has that of whoever asked before.
#[derive(Clone, Debug, Default)]
pub(super) struct RetryAfter(Arc<Mutex<Option<Instant>>>);

impl RetryAfter {
    /// The API said now how long it wants to be left alone, which is bounded; nothing where it did not.
    pub(super) fn said(&self, pause: Option<Duration>) {
        *self.0.lock() = pause.map(|pause| Instant::now() + pause);
    }

    /// Whether the API may not be asked yet.
    pub(super) fn holds(&self) -> bool {
        self.0.lock().is_some_and(|until| until > Instant::now())
    }

    /// Ends when the API may be asked.
    pub(super) async fn is_over(&self) {
        let until = *self.0.lock();
        if let Some(until) = until {
            sleep_until(until).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn wait(asked: &RetryAfter) -> u64 {
        let began = Instant::now();
        asked.is_over().await;
        assert!(!asked.holds());
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_next_waits_for_what_is_left_unless_it_was_taken_back() {
        let seconds = Duration::from_secs;
        let before = RetryAfter::default();
        assert_eq!(wait(&before).await, 0);
        before.said(Some(seconds(100)));
        let next = before.clone();
        tokio::time::advance(seconds(40)).await;
        assert!(next.holds());
        assert_eq!(wait(&next).await, 60);
        assert_eq!(wait(&next).await, 0);
        before.said(Some(seconds(5)));
        before.said(None);
        assert_eq!(wait(&next).await, 0);
    }
}
