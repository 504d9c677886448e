//! How many retries a cluster may cost: at most a fifth of its requests over a minute, so that an API in trouble is
//! asked less, not more. Pure: the time is an argument.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// The requests and retries of the last minute.
#[derive(Debug, Default)]
pub(super) struct RetryBudget {
    /// One slot per second in which something was sent, oldest first.
    slots: VecDeque<Slot>,
}

#[derive(Debug)]
struct Slot {
    begun: Instant,
    requests: u32,
    retries: u32,
}

impl RetryBudget {
    const WINDOW: Duration = Duration::from_secs(60);
    const SLOT: Duration = Duration::from_secs(1);
    /// Requests it takes to earn one retry.
    const REQUESTS_PER_RETRY: u32 = 5;

    /// Notes a request that is sent, a retry included.
    pub(super) fn sent(&mut self, now: Instant) {
        self.slot(now).requests += 1;
    }

    /// Takes one retry out of the budget; `false` where there is none left.
    ///
    /// A cluster with a link or two sends too little to earn one: its next poll is its retry.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        self.slot(now);
        let (requests, retries) = self.slots.iter().fold((0, 0), |(requests, retries), slot| {
            (requests + slot.requests, retries + slot.retries)
        });
        let may = (retries + 1) * Self::REQUESTS_PER_RETRY <= requests;
        if may {
            self.slot(now).retries += 1;
        }
        may
    }

    /// The slot of this moment, after what is older than the window was forgotten.
    fn slot(&mut self, now: Instant) -> &mut Slot {
        while self
            .slots
            .front()
            .is_some_and(|oldest| now - oldest.begun >= Self::WINDOW)
        {
            self.slots.pop_front();
        }
        if self
            .slots
            .back()
            .is_none_or(|newest| now - newest.begun >= Self::SLOT)
        {
            self.slots.push_back(Slot {
                begun: now,
                requests: 0,
                retries: 0,
            });
        }
        self.slots.back_mut().expect("there is one now")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_requests_earn_one_retry() {
        let (mut budget, now) = (RetryBudget::default(), Instant::now());
        let mut taken = Vec::new();
        for request in 1..=12 {
            budget.sent(now);
            if budget.take(now) {
                taken.push(request);
            }
        }
        assert_eq!(taken, [5, 10]);
    }

    #[test]
    fn what_is_older_than_a_minute_counts_no_more() {
        let (mut budget, start) = (RetryBudget::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        for _ in 0..10 {
            budget.sent(at(0));
        }
        assert!(budget.take(at(1)));
        assert!(budget.take(at(59)));
        assert!(!budget.take(at(59)));
        assert!(
            !budget.take(at(60)),
            "the requests are forgotten, and so is what they earned"
        );
    }

    #[test]
    fn memory_does_not_grow_with_the_number_of_requests() {
        let (mut budget, start) = (RetryBudget::default(), Instant::now());
        for millisecond in 0..200_000 {
            budget.sent(start + Duration::from_millis(millisecond));
        }
        assert!(budget.slots.len() <= 60);
    }
}
