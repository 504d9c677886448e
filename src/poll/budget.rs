//! How many retries a cluster may cost, so that an API in trouble is asked less, not more: a fifth of the requests of the
//! last minute or three a poll, whichever is more, and in no poll as many again as a healthy one costs. Pure: the time is an
//! argument.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// The requests and retries of the last minute and of the poll under way.
#[derive(Debug)]
pub(super) struct RetryBudget {
    /// One slot per second in which something was sent, oldest first.
    slots: VecDeque<Slot>,
    poll: Spent,
    /// What a healthy poll costs, by the last one that got beyond its list.
    healthy: u32,
}

#[derive(Debug)]
struct Slot {
    begun: Instant,
    requests: u32,
    retries: u32,
}

/// What one poll cost.
#[derive(Debug, Default)]
struct Spent {
    /// What was sent, retries and what was sent again at once included.
    requests: u32,
    retries: u32,
    resent: u32,
}

/// Why something is to be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The API wants fewer requests.
    Throttled,
    /// Anything else that may pass.
    Passing,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self {
            slots: VecDeque::new(),
            poll: Spent::default(),
            healthy: Self::LEAST,
        }
    }
}

impl RetryBudget {
    const WINDOW: Duration = Duration::from_secs(60);
    const SLOT: Duration = Duration::from_secs(1);
    /// Requests it takes to earn one retry.
    const REQUESTS_PER_RETRY: u32 = 5;
    /// Retries that a poll has however little it asks: a cluster with a link or two would never earn one.
    const FLOOR: u32 = 3;
    /// What the smallest poll that tells of a link costs: a list and a describe.
    const LEAST: u32 = 2;

    /// A poll begins.
    pub(super) fn begin_poll(&mut self) {
        let first_tries = self.poll.first_tries();
        // One that failed with its list says nothing of what a healthy one costs.
        if first_tries >= Self::LEAST {
            self.healthy = first_tries;
        }
        self.poll = Spent::default();
    }

    /// Notes a request that is sent, a retry included.
    pub(super) fn sent(&mut self, now: Instant) {
        self.poll.requests += 1;
        self.slot(now).requests += 1;
    }

    /// Takes one retry out of the budget; `false` where there is none left.
    pub(super) fn take(&mut self, cause: Cause, now: Instant) -> bool {
        self.slot(now);
        let (requests, retries) = self.slots.iter().fold((0, 0), |(requests, retries), slot| {
            (requests + slot.requests, retries + slot.retries)
        });
        let is_earned = (retries + 1) * Self::REQUESTS_PER_RETRY <= requests;
        // Who is throttled asks less: nothing is given, all is earned.
        let is_given = cause == Cause::Passing && self.poll.retries < Self::FLOOR;
        let may = (is_earned || is_given) && self.is_under_twice();
        if may {
            self.poll.retries += 1;
            self.slot(now).retries += 1;
        }
        may
    }

    /// Whether something may be sent again at once because the connection it went out on was dead. It costs no retry.
    pub(super) fn resend(&mut self) -> bool {
        let may = self.is_under_twice();
        if may {
            self.poll.resent += 1;
        }
        may
    }

    /// Whether with one more request the poll would still cost less than two healthy ones, whatever it has still to ask.
    fn is_under_twice(&self) -> bool {
        self.poll.retries + self.poll.resent + 1 < self.poll.first_tries().max(self.healthy)
    }

    /// The retries of the last minute.
    #[cfg(test)]
    pub(super) fn retries(&self) -> u32 {
        self.slots.iter().map(|slot| slot.retries).sum()
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

impl Spent {
    fn first_tries(&self) -> u32 {
        // What was taken is sent later, or not at all any more.
        self.requests.saturating_sub(self.retries + self.resent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At which requests a retry was to be had, when each of so many fails.
    fn taken(budget: &mut RetryBudget, cause: Cause, requests: u32) -> Vec<u32> {
        let now = Instant::now();
        let mut taken = Vec::new();
        for request in 1..=requests {
            budget.sent(now);
            if budget.take(cause, now) {
                taken.push(request);
            }
        }
        taken
    }

    #[test]
    fn five_requests_earn_one_retry_and_three_a_poll_are_given() {
        let mut budget = RetryBudget::default();
        assert_eq!(taken(&mut budget, Cause::Throttled, 12), [5, 10]);
        let mut budget = RetryBudget {
            healthy: 100,
            ..RetryBudget::default()
        };
        assert_eq!(taken(&mut budget, Cause::Passing, 22), [1, 2, 3, 20]);
        budget.begin_poll();
        assert_eq!(taken(&mut budget, Cause::Passing, 4), [1, 2, 3]);
    }

    #[test]
    fn no_poll_costs_as_much_as_two_healthy_ones() {
        for links in [1, 2, 3, 10] {
            let mut budget = RetryBudget::default();
            for poll in 0..3 {
                budget.begin_poll();
                let (mut sent, now) = (0, Instant::now());
                // A list that works, and describes that fail three times each or on a dead connection first.
                for describe in 0..=links {
                    budget.sent(now);
                    sent += 1;
                    while describe > 0 && (budget.resend() || budget.take(Cause::Passing, now)) {
                        budget.sent(now);
                        sent += 1;
                    }
                }
                assert!(sent < 2 * (links + 1), "{sent} in poll {poll} of {links}");
            }
        }
    }

    #[test]
    fn the_list_of_a_small_cluster_is_tried_again_from_the_first_poll_on() {
        let mut budget = RetryBudget::default();
        for (links, expected) in [(1, 2), (1, 2), (2, 2), (3, 3), (3, 3)] {
            budget.begin_poll();
            let (mut tries, now) = (1, Instant::now());
            budget.sent(now);
            while tries < 3 && budget.take(Cause::Passing, now) {
                budget.sent(now);
                tries += 1;
            }
            assert_eq!(tries, expected, "{links}");
            (0..links).for_each(|_| budget.sent(now));
        }
    }

    #[test]
    fn what_is_older_than_a_minute_counts_no_more() {
        let (mut budget, start) = (RetryBudget::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        let take = |budget: &mut RetryBudget, second| budget.take(Cause::Throttled, at(second));
        for _ in 0..10 {
            budget.sent(at(0));
        }
        assert!(take(&mut budget, 1));
        assert!(take(&mut budget, 59));
        assert!(!take(&mut budget, 59));
        assert!(
            !take(&mut budget, 60),
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
