//! Asks again and again: when, how many at once, until when. The only module besides `app` that owns a clock.

mod schedule;
mod settings;
mod survey;

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub use schedule::Schedule;
pub use settings::{LinkFilter, PatternError, Settings};
pub use survey::survey;

use crate::model::Report;

/// Tells the time of day. Given, so that tests decide what time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that stands at `start` now and runs with tokio's, which tests can pause and push.
    pub fn virtual_from(start: Timestamp) -> Self {
        let zero = Instant::now();
        Self(Arc::new(move || start + zero.elapsed()))
    }

    /// A clock that stands still.
    pub fn fixed(now: Timestamp) -> Self {
        Self(Arc::new(move || now))
    }

    /// The time of day.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Asks by the schedule and tells every report, until the shutdown.
///
/// One poll is never doubled: the next starts when it is due and the one before has ended, which `ask` promises to do
/// by its own deadline. A shutdown cuts a poll that is under way.
pub async fn poll<F>(
    schedule: Schedule,
    ask: impl Fn() -> F,
    tell: impl Fn(Report),
    shutdown: CancellationToken,
) where
    F: Future<Output = Report>,
{
    let work = async {
        let mut due = Instant::now() + schedule.first;
        loop {
            sleep_until(due).await;
            tell(ask().await);
            due = schedule.next(due, Instant::now());
        }
    };
    shutdown.run_until_cancelled_owned(work).await;
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, time::Duration};

    use super::*;
    use crate::model::Listing;

    fn report(at: Timestamp) -> Report {
        Report {
            at,
            took: Duration::ZERO,
            cluster_id: None,
            outcome: Ok(Listing::default()),
            requests: Vec::new(),
            credential_expiry: None,
        }
    }

    /// When reports were told, in seconds since the start, where a poll takes `took` seconds.
    async fn told(took: u64, seconds: u64) -> Vec<i64> {
        let clock = Clock::virtual_from(Timestamp::UNIX_EPOCH);
        let told = Mutex::new(Vec::new());
        let schedule = Schedule {
            first: Duration::from_secs(2),
            interval: Duration::from_secs(30),
        };
        let shutdown = CancellationToken::new();
        let ask = || async {
            tokio::time::sleep(Duration::from_secs(took)).await;
            report(clock.now())
        };
        let tell = |report: Report| told.lock().unwrap().push(report.at.as_second());
        let stop = async {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            shutdown.cancel();
        };
        tokio::join!(poll(schedule, ask, tell, shutdown.clone()), stop);
        told.into_inner().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn polls_start_on_the_grid_however_long_they_take() {
        assert_eq!(told(1, 100).await, [3, 33, 63, 93]);
        assert_eq!(told(25, 100).await, [27, 57, 87]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_shutdown_cuts_a_poll_that_is_under_way() {
        assert_eq!(told(25, 40).await, [27]);
    }
}
