//! How long an API wants to be left alone, beyond a reload that starts whoever asks it anew.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

/// Until when nobody asks the API. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct RetryAfter(Arc<Mutex<Option<Instant>>>);

impl RetryAfter {
    /// The API said now how long it wants to be left alone; nothing where it did not.
    pub(super) fn said(&self, pause: Option<Duration>) {
        let until = pause.and_then(|pause| Instant::now().checked_add(pause));
        *self.0.lock() = until;
    }

    /// The same for somebody who asks anew: those who stopped stand no longer in its way.
    pub(super) fn kept_by_all<'a>(those: impl Iterator<Item = &'a Self>) -> Self {
        let longest = those.filter_map(|it| *it.0.lock()).max();
        Self(Arc::new(Mutex::new(longest)))
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
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_anew_waits_for_the_longest_and_forgets_what_is_taken_back() {
        let seconds = Duration::from_secs;
        let all = [None, Some(seconds(7)), Some(seconds(100))].map(|pause| {
            let asked = RetryAfter::default();
            asked.said(pause);
            asked
        });
        assert_eq!(wait(&all[0]).await, 0);
        let anew = RetryAfter::kept_by_all(all.iter());
        tokio::time::advance(seconds(40)).await;
        assert_eq!(wait(&anew).await, 60);
        assert_eq!(wait(&anew).await, 0);
        anew.said(Some(seconds(5)));
        anew.said(None);
        assert_eq!(wait(&anew).await, 0);
        assert_eq!(wait(&RetryAfter::kept_by_all([].iter())).await, 0);
    }
}
