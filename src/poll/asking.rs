//! Asks within the poll's deadline, and again where that may help: little, later and not at all when told so.
//!
//! A 429 holds back every further request of the poll, not only the one that got it: an API that asks us to slow down is
//! asked less.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::{Duration, Instant, sleep_until, timeout_at};

use super::{
    backoff,
    budget::{Cause, RetryBudget},
};
use crate::api::ApiError;

/// What a cluster's polls share, one after the other: the budget of retries.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<RetryBudget>);

impl Pace {
    fn budget(&self) -> MutexGuard<'_, RetryBudget> {
        // A budget is good at any moment: nothing in it is half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The asking of one poll.
pub(super) struct Asking<'a> {
    pace: &'a Pace,
    deadline: Instant,
    /// Until when the API wants to be left alone; in the past where it does not.
    hold: Mutex<Instant>,
}

impl<'a> Asking<'a> {
    /// The poll begins.
    pub(super) fn new(pace: &'a Pace, deadline: Instant) -> Self {
        pace.budget().begin_poll();
        let hold = Mutex::new(Instant::now());
        Self {
            pace,
            deadline,
            hold,
        }
    }

    /// How much longer the API wants to be left alone.
    pub(super) fn hold_left(&self) -> Duration {
        self.hold().saturating_duration_since(Instant::now())
    }

    /// Brings the outcome of what is not a request to the API, within the deadline.
    pub(super) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let outcome = timeout_at(self.deadline, work).await;
        outcome.unwrap_or(Err(ApiError::Deadline))
    }

    /// Brings the answer, or the error of the last try.
    pub(super) async fn ask<T, F>(&self, request: impl Fn() -> F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let mut failed = None;
        let mut is_resent = false;
        for try_number in 1.. {
            let error = match self.once(&request).await {
                // What the server said is worth more than that there was no time to ask again.
                Err(ApiError::Deadline | ApiError::Held) if failed.is_some() => break,
                Err(error) => error,
                answer => return answer,
            };
            // A dead connection says nothing of the API, and the next one is new.
            if error.is_stale() && !is_resent && self.pace.budget().resend() {
                is_resent = true;
                failed = Some(error);
                continue;
            }
            let until = self.next_try(try_number + 1, &error);
            let Some(until) = until else {
                return Err(error);
            };
            failed = Some(error);
            sleep_until(until).await;
        }
        Err(failed.expect("the loop ends early only after an error"))
    }

    /// When to ask again after this error; `None` where that would not help or is not to be had.
    fn next_try(&self, next: u32, error: &ApiError) -> Option<Instant> {
        let now = Instant::now();
        let until = now + backoff::wait(next, error.retry_after(), fastrand::f64());
        let cause = if error.is_throttled() {
            let mut hold = self.hold();
            *hold = hold.max(until);
            Cause::Throttled
        } else {
            Cause::Passing
        };
        let may_help = error.is_passing() && next <= backoff::MAX_TRIES && until < self.deadline;
        (may_help && self.pace.budget().take(cause, now)).then_some(until)
    }

    /// One try. Past the deadline nothing is even started: an API that is too slow is not asked more.
    async fn once<T, F>(&self, request: impl Fn() -> F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let hold = *self.hold();
        if hold >= self.deadline {
            return Err(ApiError::Held);
        }
        sleep_until(hold).await;
        let now = Instant::now();
        if now >= self.deadline {
            return Err(ApiError::Deadline);
        }
        self.pace.budget().sent(now);
        self.within(request()).await
    }

    fn hold(&self) -> MutexGuard<'_, Instant> {
        // An instant is good at any moment.
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::{
        api::{NoConnection, Snippet},
        model::{Endpoint, Reason},
    };

    fn status(status: u16, retry_after: Option<u64>) -> ApiError {
        ApiError::Status {
            endpoint: Endpoint::Links,
            status,
            body: Snippet::default(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    /// A pace whose budget allows plenty.
    fn rich() -> Pace {
        let pace = Pace::default();
        for _ in 0..1000 {
            pace.budget().sent(Instant::now());
        }
        pace.budget().begin_poll();
        pace
    }

    fn asking(pace: &Pace) -> Asking<'_> {
        Asking::new(pace, Instant::now() + Duration::from_secs(25))
    }

    /// How many tries it takes when each answers this, and the reason of the outcome.
    async fn tries(pace: &Pace, answer: impl Fn() -> ApiError) -> (u32, Reason) {
        let tries = Cell::new(0);
        let request = || async {
            tries.set(tries.get() + 1);
            Err::<(), _>(answer())
        };
        let error = asking(pace).ask(request).await.unwrap_err();
        (tries.get(), error.reason())
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_three_times_and_the_rest_once() {
        let pace = rich();
        assert_eq!(
            tries(&pace, || status(429, None)).await,
            (3, Reason::Throttled)
        );
        assert_eq!(
            tries(&pace, || status(503, None)).await,
            (3, Reason::ServerError)
        );
        let refused = || ApiError::Connect(NoConnection::default());
        assert_eq!(tries(&pace, refused).await, (3, Reason::Connect));
        for (once, reason) in [
            (401, Reason::Auth),
            (403, Reason::Forbidden),
            (404, Reason::NotFound),
        ] {
            assert_eq!(tries(&pace, || status(once, None)).await, (1, reason));
        }
        let untrusted = || ApiError::Tls("unknown issuer".into());
        assert_eq!(tries(&pace, untrusted).await, (1, Reason::Tls));
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_try_that_works_is_an_answer() {
        let (pace, tries) = (rich(), Cell::new(0));
        let request = || async {
            tries.set(tries.get() + 1);
            if tries.get() == 1 {
                Err(status(500, None))
            } else {
                Ok("here")
            }
        };
        assert_eq!(asking(&pace).ask(request).await.unwrap(), "here");
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_poll_has_three_retries_and_a_throttled_one_earns_its_own() {
        let (pace, counted) = (Pace::default(), Cell::new(0));
        let request = || async {
            counted.set(counted.get() + 1);
            Err::<(), _>(status(503, None))
        };
        let asking = asking(&pace);
        for _ in 0..4 {
            assert!(asking.ask(request).await.is_err());
        }
        assert_eq!(counted.get(), 4 + 3);
        let throttled = || status(429, None);
        assert_eq!(tries(&Pace::default(), throttled).await.0, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_met_a_dead_connection_is_asked_again_at_once_and_once() {
        let (pace, start) = (rich(), Instant::now());
        let stale = || ApiError::Connect(NoConnection::stale());
        let calls = Cell::new(0);
        let request = || async {
            calls.set(calls.get() + 1);
            if calls.get() == 1 {
                Err(stale())
            } else {
                Ok(())
            }
        };
        assert!(asking(&pace).ask(request).await.is_ok());
        assert_eq!((calls.get(), Instant::now()), (2, start), "without a wait");
        assert_eq!(pace.budget().retries(), 0, "and without a retry");
        assert_eq!(tries(&pace, stale).await, (3, Reason::Connect));
        assert_eq!(pace.budget().retries(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_servers_wait_is_kept_to_and_one_past_the_deadline_ends_the_asking() {
        let (pace, start) = (rich(), Instant::now());
        assert_eq!(tries(&pace, || status(429, Some(7))).await.0, 3);
        assert_eq!((Instant::now() - start).as_secs(), 14);
        assert_eq!(
            tries(&pace, || status(429, Some(60))).await,
            (1, Reason::Throttled)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn one_throttled_request_holds_back_all_others() {
        let pace = Pace::default();
        let asking = asking(&pace);
        let throttled = || async { Err::<(), _>(status(429, Some(5))) };
        assert!(asking.ask(throttled).await.is_err());
        let start = Instant::now();
        assert!(asking.ask(|| async { Ok(()) }).await.is_ok());
        assert_eq!((Instant::now() - start).as_secs(), 5);

        let silenced = || async { Err::<(), _>(status(429, Some(600))) };
        assert!(asking.ask(silenced).await.is_err());
        let asked = Cell::new(false);
        let request = || async {
            asked.set(true);
            Ok(())
        };
        let held = asking.ask(request).await.unwrap_err();
        assert_eq!((held.reason(), asked.get()), (Reason::Throttled, false));
        assert_eq!(asking.hold_left().as_secs(), 600);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_said_survives_a_retry_that_the_deadline_cuts() {
        let (pace, tries) = (rich(), Cell::new(0));
        let request = || async {
            tries.set(tries.get() + 1);
            if tries.get() > 1 {
                std::future::pending::<()>().await;
            }
            Err::<(), _>(status(503, None))
        };
        let error = asking(&pace).ask(request).await.unwrap_err();
        assert_eq!(error.reason(), Reason::ServerError);
    }
}
