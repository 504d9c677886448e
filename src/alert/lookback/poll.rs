//! The look-back of a cluster's polls.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    counter::{CounterWindow, LastIncrease},
    history::perhaps_named,
    window::QUARTER,
};
use crate::{
    alert::clock::{EngineClock, EngineInstant},
    model::{Cluster, ClusterId, Endpoint, Field},
};

/// The answers with which the API refuses credentials.
const REFUSALS: [u16; 2] = [401, 403];
const TOO_MANY_REQUESTS: u16 = 429;
/// The longest window in which answers are counted.
const LONGEST: Duration = QUARTER;

/// The look-back of a cluster's polls: one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollLookback {
    #[serde(deserialize_with = "perhaps_named")]
    pub(super) id: Option<ClusterId>,
    requests: Vec<Requests>,
    /// Increases of the counters of requests, those of each since it was first shown.
    throttled: CounterWindow,
    answered: CounterWindow,
    /// By the label of the field.
    unrecognized: BTreeMap<String, LastIncrease>,
    expiry: Option<Expiry>,
}

/// The counter of requests to an endpoint with a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Requests {
    endpoint: String,
    status: Option<u16>,
    count: LastIncrease,
}

/// When the bearer token expires, as it was last shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Expiry {
    at: Timestamp,
    /// When it was last shown; `None`: it is shown now.
    until: Option<EngineInstant>,
    /// When another one was last shown before it.
    changed_from: Option<EngineInstant>,
}

impl PollLookback {
    /// Takes what is shown now; says whether it is anything new.
    pub(super) fn observe(&mut self, cluster: &Cluster, clock: EngineClock) -> bool {
        let before = self.clone();
        if cluster.id.is_some() {
            self.id.clone_from(&cluster.id);
        }
        for (&(endpoint, status), &count) in &cluster.polls.requests {
            self.observe_requests(endpoint, status, count, clock);
        }
        for (field, &count) in Field::ALL.iter().zip(&cluster.polls.unrecognized) {
            if let Some(known) = self.unrecognized.get_mut(field.label()) {
                known.observe(count, clock);
            } else {
                let first = LastIncrease::first(count);
                self.unrecognized.insert(field.label().to_owned(), first);
            }
        }
        // Before its first poll a process does not know the token that it will have.
        if cluster.polls.count > 0 {
            self.observe_expiry(cluster.polls.credential_expiry, clock);
        }
        *self != before
    }

    fn observe_requests(
        &mut self,
        endpoint: Endpoint,
        status: Option<u16>,
        count: u64,
        clock: EngineClock,
    ) {
        let endpoint = endpoint.label();
        let is_counter =
            |known: &&mut Requests| known.endpoint == endpoint && known.status == status;
        if let Some(known) = self.requests.iter_mut().find(is_counter) {
            let more = known.count.observe(count, clock);
            if status.is_some() {
                self.answered.add(more, LONGEST, clock);
            }
            if status == Some(TOO_MANY_REQUESTS) {
                self.throttled.add(more, LONGEST, clock);
            }
        } else {
            self.requests.push(Requests {
                endpoint: endpoint.to_owned(),
                status,
                count: LastIncrease::first(count),
            });
        }
    }

    fn observe_expiry(&mut self, at: Option<Timestamp>, clock: EngineClock) {
        let Some(at) = at else {
            if let Some(known) = &mut self.expiry {
                known.until.get_or_insert(clock.before);
            }
            return;
        };
        let before = self.expiry.take();
        let changed_from = match &before {
            Some(known) if known.at == at => known.changed_from,
            Some(known) => known.until.or(Some(clock.before)),
            None => None,
        };
        self.expiry = Some(Expiry {
            at,
            until: None,
            changed_from,
        });
    }

    /// Whether the API refused to show us links and tasks within the window.
    pub(in crate::alert) fn were_refused(&self, window: Duration, now: EngineInstant) -> bool {
        let is_refusal = |requests: &&Requests| {
            let matters = Endpoint::ALL
                .iter()
                .any(|endpoint| !endpoint.is_detail() && endpoint.label() == requests.endpoint);
            matters
                && requests
                    .status
                    .is_some_and(|status| REFUSALS.contains(&status))
        };
        let mut refusals = self.requests.iter().filter(is_refusal);
        refusals.any(|requests| requests.count.is_within(window, now))
    }

    /// How many answers within the window were 429, and how many answers there were.
    pub(in crate::alert) fn throttled(&self, window: Duration, now: EngineInstant) -> (u64, u64) {
        debug_assert!(window <= LONGEST, "raise `LONGEST`");
        let within = |counter: &CounterWindow| counter.above_least(window, now);
        (within(&self.throttled), within(&self.answered))
    }

    /// Whether the field had a value within the window that nobody has heard of.
    pub(in crate::alert) fn was_unrecognized(
        &self,
        field: Field,
        window: Duration,
        now: EngineInstant,
    ) -> bool {
        let count = self.unrecognized.get(field.label());
        count.is_some_and(|count| count.is_within(window, now))
    }

    /// When the token in use expires; before the first poll of a process that of the process before.
    pub(in crate::alert) fn expiry(&self) -> Option<Timestamp> {
        let expiry = self.expiry.as_ref()?;
        expiry.until.is_none().then_some(expiry.at)
    }

    /// Whether the token was renewed within the window.
    pub(in crate::alert) fn was_renewed(&self, window: Duration, now: EngineInstant) -> bool {
        let from = self.expiry.as_ref().and_then(|expiry| expiry.changed_from);
        from.is_some_and(|from| from.is_within(window, now))
    }
}
