//! Asks within the poll's deadline, and again where that may help: little, later and not at all when told so.
//!
//! A 429, or a 5xx with a `Retry-After`, holds back every further request of the poll, not only the one that got it: an
//! API that asks us to slow down is asked less.

use parking_lot::{Mutex, MutexGuard};
use tokio::time::{Duration, Instant, sleep_until, timeout_at};

use super::{
    backoff,
    budget::{Cause, RetryBudget},
};
use crate::api::ApiError;

/// What a cluster's polls share, one after the other: the budget of retries.
#[derive(Debug, Default)]
pub(super) struct SharedRetryBudget(Mutex<RetryBudget>);

impl SharedRetryBudget {
    fn lock(&self) -> MutexGuard<'_, RetryBudget> {
        self.0.lock()
    }
}

/// The requests of one poll.
pub(super) struct Requester<'a> {
    budget: &'a SharedRetryBudget,
    deadline: Instant,
    pause: Mutex<Pause>,
}

/// Until when the API wants to be left alone, in the past where it does not, and why.
#[derive(Clone, Copy)]
struct Pause {
    until: Instant,
    cause: Cause,
}

impl Pause {
    /// Why something is not asked that the pause leaves no time for.
    fn refusal(self) -> ApiError {
        match self.cause {
            Cause::Throttled => ApiError::Throttled,
            Cause::Passing => ApiError::Unavailable,
        }
    }
}

impl<'a> Requester<'a> {
    /// The poll begins.
    pub(super) fn new(budget: &'a SharedRetryBudget, deadline: Instant) -> Self {
        budget.lock().begin_poll();
        let pause = Mutex::new(Pause {
            until: Instant::now(),
            cause: Cause::Passing,
        });
        Self {
            budget,
            deadline,
            pause,
        }
    }

    /// How much longer the API wants to be left alone.
    pub(super) fn retry_after(&self) -> Duration {
        let until = self.pause.lock().until;
        until.saturating_duration_since(Instant::now())
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
                Err(ApiError::Deadline | ApiError::Throttled | ApiError::Unavailable)
                    if failed.is_some() =>
                {
                    break;
                }
                Err(error) => error,
                answer => return answer,
            };
            // A dead connection says nothing of the API, and the next one is new.
            if error.is_stale() && !is_resent && self.budget.lock().resend() {
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
            Cause::Throttled
        } else {
            Cause::Passing
        };
        if error.wants_pause() {
            let mut pause = self.pause.lock();
            if until > pause.until {
                *pause = Pause { until, cause };
            }
        }
        let may_help = error.is_passing() && next <= backoff::MAX_TRIES && until < self.deadline;
        (may_help && self.budget.lock().take(cause, now)).then_some(until)
    }

    /// One try. Past the deadline nothing is even started: an API that is too slow is not asked more.
    async fn once<T, F>(&self, request: impl Fn() -> F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let pause = *self.pause.lock();
        if pause.until >= self.deadline {
            return Err(pause.refusal());
        }
        sleep_until(pause.until).await;
        let now = Instant::now();
        if now >= self.deadline {
            return Err(ApiError::Deadline);
        }
        self.budget.lock().sent(now);
        self.within(request()).await
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::{
        client::{NoConnection, Snippet},
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

    /// A budget that allows plenty.
    fn rich() -> SharedRetryBudget {
        let budget = SharedRetryBudget::default();
        for _ in 0..1000 {
            budget.lock().sent(Instant::now());
        }
        budget.lock().begin_poll();
        budget
    }

    fn requester(budget: &SharedRetryBudget) -> Requester<'_> {
        Requester::new(budget, Instant::now() + Duration::from_secs(25))
    }

    /// How many tries it takes when each answers this, and the reason of the outcome.
    async fn tries(budget: &SharedRetryBudget, answer: impl Fn() -> ApiError) -> (u32, Reason) {
        let tries = Cell::new(0);
        let request = || async {
            tries.set(tries.get() + 1);
            Err::<(), _>(answer())
        };
        let error = requester(budget).ask(request).await.unwrap_err();
        (tries.get(), error.reason())
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_three_times_and_the_rest_once() {
        let budget = rich();
        assert_eq!(
            tries(&budget, || status(429, None)).await,
            (3, Reason::Throttled)
        );
        assert_eq!(
            tries(&budget, || status(503, None)).await,
            (3, Reason::ServerError)
        );
        let refused = || ApiError::Connect(NoConnection::default());
        assert_eq!(tries(&budget, refused).await, (3, Reason::Connect));
        for (once, reason) in [
            (401, Reason::Auth),
            (403, Reason::Forbidden),
            (404, Reason::NotFound),
        ] {
            assert_eq!(tries(&budget, || status(once, None)).await, (1, reason));
        }
        let untrusted = || ApiError::Tls("unknown issuer".into());
        assert_eq!(tries(&budget, untrusted).await, (1, Reason::Tls));
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_try_that_works_is_an_answer() {
        let (budget, tries) = (rich(), Cell::new(0));
        let request = || async {
            tries.set(tries.get() + 1);
            if tries.get() == 1 {
                Err(status(500, None))
            } else {
                Ok("here")
            }
        };
        assert_eq!(requester(&budget).ask(request).await.unwrap(), "here");
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_poll_has_three_retries_and_a_throttled_one_earns_its_own() {
        let (budget, counted) = (SharedRetryBudget::default(), Cell::new(0));
        let request = || async {
            counted.set(counted.get() + 1);
            Err::<(), _>(status(503, None))
        };
        let requester = requester(&budget);
        for _ in 0..4 {
            assert!(requester.ask(request).await.is_err());
        }
        assert_eq!(counted.get(), 4 + 3);
        let throttled = || status(429, None);
        assert_eq!(tries(&SharedRetryBudget::default(), throttled).await.0, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_met_a_dead_connection_is_asked_again_at_once_and_once() {
        let (budget, start) = (rich(), Instant::now());
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
        assert!(requester(&budget).ask(request).await.is_ok());
        assert_eq!((calls.get(), Instant::now()), (2, start), "without a wait");
        assert_eq!(budget.lock().retries(), 0, "and without a retry");
        assert_eq!(tries(&budget, stale).await, (3, Reason::Connect));
        assert_eq!(budget.lock().retries(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_servers_wait_is_kept_to_and_one_past_the_deadline_ends_the_asking() {
        let (budget, start) = (rich(), Instant::now());
        assert_eq!(tries(&budget, || status(429, Some(7))).await.0, 3);
        assert_eq!((Instant::now() - start).as_secs(), 14);
        assert_eq!(
            tries(&budget, || status(429, Some(60))).await,
            (1, Reason::Throttled)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn one_throttled_request_holds_back_all_others() {
        let budget = SharedRetryBudget::default();
        let requester = requester(&budget);
        let throttled = || async { Err::<(), _>(status(429, Some(5))) };
        assert!(requester.ask(throttled).await.is_err());
        let start = Instant::now();
        assert!(requester.ask(|| async { Ok(()) }).await.is_ok());
        assert_eq!((Instant::now() - start).as_secs(), 5);

        let silenced = || async { Err::<(), _>(status(429, Some(600))) };
        assert!(requester.ask(silenced).await.is_err());
        let asked = Cell::new(false);
        let request = || async {
            asked.set(true);
            Ok(())
        };
        let held = requester.ask(request).await.unwrap_err();
        assert_eq!((held.reason(), asked.get()), (Reason::Throttled, false));
        assert_eq!(requester.retry_after().as_secs(), 600);
    }

    #[tokio::test(start_paused = true)]
    async fn an_api_in_trouble_is_left_alone_for_as_long_as_it_says_and_is_no_throttling_one() {
        for code in [500, 502, 503, 504] {
            let budget = rich();
            let requester = requester(&budget);
            let start = Instant::now();
            let asked = |wait| {
                let error = status(code, wait);
                requester.next_try(2, &error);
                requester.retry_after().as_secs()
            };
            assert_eq!(
                [None, Some(0), Some(5), Some(3), None].map(asked),
                [0, 0, 5, 5, 5]
            );
            assert!(requester.ask(|| async { Ok(()) }).await.is_ok());
            assert_eq!((Instant::now() - start).as_secs(), 5, "{code}");

            assert_eq!([3600, u64::MAX].map(|wait| asked(Some(wait))), [900, 900]);
            let calls = Cell::new(0);
            let request = || async {
                calls.set(calls.get() + 1);
                Ok(())
            };
            let held = requester.ask(request).await.unwrap_err();
            assert_eq!((held.reason(), calls.get()), (Reason::ServerError, 0));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_of_an_api_in_trouble_is_kept_to_inside_the_poll_and_ends_the_asking_past_it()
    {
        let (budget, start) = (rich(), Instant::now());
        let retried = tries(&budget, || status(503, Some(7))).await;
        assert_eq!(retried, (3, Reason::ServerError));
        assert_eq!((Instant::now() - start).as_secs(), 14);
        let ended = tries(&budget, || status(503, Some(60))).await;
        assert_eq!(ended, (1, Reason::ServerError));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_that_time_does_not_change_makes_nobody_wait() {
        let budget = rich();
        let requester = requester(&budget);
        for code in [301, 401, 403, 404] {
            requester.next_try(2, &status(code, Some(600)));
        }
        assert_eq!(requester.retry_after(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_said_survives_a_retry_that_the_deadline_cuts() {
        let (budget, tries) = (rich(), Cell::new(0));
        let request = || async {
            tries.set(tries.get() + 1);
            if tries.get() > 1 {
                std::future::pending::<()>().await;
            }
            Err::<(), _>(status(503, None))
        };
        let error = requester(&budget).ask(request).await.unwrap_err();
        assert_eq!(error.reason(), Reason::ServerError);
    }
}
