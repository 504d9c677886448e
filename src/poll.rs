//! Asks again and again: when, how many at once, until when.

mod at_once;
mod backoff;
mod budget;
mod details;
mod poller;
mod probe;
mod requester;
mod schedule;
mod settings;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub use poller::Poller;
pub use probe::{Answer, Probe, probe};
pub use schedule::Schedule;
pub use settings::{Collect, Settings};

pub use crate::model::LinkFilter;
use crate::model::Report;

/// Asks by the schedule and tells every report, until the shutdown.
///
/// One poll is never doubled: the next starts when it is due and the one before has ended, which `ask` promises to do
/// by its own deadline. While the API throttles, the interval is stretched, and a pause that it asks for is kept; each
/// report tells the interval that follows it. A shutdown cuts a poll that is under way.
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
        let mut throttled_polls = 0u32;
        loop {
            sleep_until(due).await;
            let mut report = ask().await;
            throttled_polls = if report.is_throttled() {
                throttled_polls.saturating_add(1)
            } else {
                0
            };
            let now = Instant::now();
            let stretched = schedule.interval * backoff::stretch(throttled_polls);
            // The interval counts from when this poll was due, the pause from its end.
            let paused = report.retry_after.map(|pause| now + pause - due);
            report.interval = stretched.max(paused.unwrap_or_default());
            due = Schedule::next(due, report.interval, now);
            tell(report);
        }
    };
    shutdown.run_until_cancelled_owned(work).await;
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, time::Duration};

    use jiff::Timestamp;

    use super::*;
    use crate::{
        clock::Clock,
        model::{Failure, Listing, Reason},
    };

    fn report(at: Timestamp) -> Report {
        Report::new(at, Duration::from_secs(30), Ok(Listing::default()))
    }

    fn throttled(at: Timestamp) -> Report {
        let message = "slow down".into();
        let reason = Reason::Throttled;
        Report {
            outcome: Err(Failure { reason, message }),
            ..report(at)
        }
    }

    /// When reports were told, in seconds since the start, and the interval each told; a poll takes `took` seconds and
    /// brings what `answer` makes of the time.
    async fn told(
        took: u64,
        seconds: u64,
        answer: impl Fn(Timestamp) -> Report,
    ) -> Vec<(i64, u64)> {
        let clock = Clock::virtual_from(Timestamp::UNIX_EPOCH);
        let told = Mutex::new(Vec::new());
        let schedule = Schedule {
            first: Duration::from_secs(2),
            interval: Duration::from_secs(30),
        };
        let shutdown = CancellationToken::new();
        let ask = || async {
            tokio::time::sleep(Duration::from_secs(took)).await;
            answer(clock.now())
        };
        let tell = |report: Report| {
            let entry = (report.at.as_second(), report.interval.as_secs());
            told.lock().unwrap().push(entry);
        };
        let stop = async {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            shutdown.cancel();
        };
        tokio::join!(poll(schedule, ask, tell, shutdown.clone()), stop);
        told.into_inner().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn polls_start_on_the_grid_however_long_they_take() {
        let quick = told(1, 100, report).await;
        assert_eq!(quick, [(3, 30), (33, 30), (63, 30), (93, 30)]);
        assert_eq!(told(25, 100, report).await, [(27, 30), (57, 30), (87, 30)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_shutdown_cuts_a_poll_that_is_under_way() {
        assert_eq!(told(25, 40, report).await, [(27, 30)]);
    }

    #[tokio::test(start_paused = true)]
    async fn repeated_throttling_stretches_the_interval_until_a_poll_is_not_throttled() {
        let until_1000 = |at: Timestamp| {
            if at.as_second() < 1000 {
                throttled(at)
            } else {
                report(at)
            }
        };
        let told = told(0, 1210, until_1000).await;
        let stretching = [(2, 30), (32, 60), (92, 120), (212, 240)];
        let stretched = [(452, 240), (692, 240), (932, 240)];
        let back = [(1172, 30), (1202, 30)];
        let expected = [&stretching[..], &stretched, &back].concat();
        assert_eq!(told, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_the_api_asks_for_delays_the_next_poll() {
        let once = |at: Timestamp| Report {
            retry_after: (at.as_second() == 2).then_some(Duration::from_secs(100)),
            ..report(at)
        };
        assert_eq!(told(0, 140, once).await, [(2, 100), (102, 30), (132, 30)]);
        // From the end of the poll on, which was due at 2 and told at 14.
        let once = |at: Timestamp| Report {
            retry_after: (at.as_second() == 14).then_some(Duration::from_secs(100)),
            ..report(at)
        };
        assert_eq!(told(12, 160, once).await, [(14, 112), (126, 30), (156, 30)]);
    }
}
