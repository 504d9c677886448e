//! What one poll of one cluster brought home. A failed poll is a report too: nothing downstream has an error path.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use strum::{IntoStaticStr, VariantArray};

use super::{ClusterId, Endpoint, ErrorCode, Link, LinkConfigs, LinkName, MirrorReport, Request};

/// The outcome of one poll of one cluster.
#[derive(Clone, Debug)]
pub struct Report {
    /// When the poll ended: the time of every observation in it.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The cluster's id, configured or discovered; `None` while it is not known.
    pub cluster_id: Option<ClusterId>,
    /// The list and what the describes brought, or why there is no list.
    pub outcome: Result<Listing, Failure>,
    /// From the start of this poll to the start of the next, where nothing is stretched.
    pub interval: Duration,
    /// How much longer the API wants to be left alone, by its `Retry-After`.
    pub retry_after: Option<Duration>,
    /// Every request that was sent.
    pub requests: Vec<Request>,
    /// When the bearer token in use expires, where it says so.
    pub credential_expiry: Option<Timestamp>,
}

/// A poll whose list of links was read.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Links in the list, the unwanted ones included, remnants not.
    pub listed: usize,
    /// `UNMANAGED_SOURCE` remnants in the list.
    pub remnants: usize,
    /// The wanted links, each name once; also those that are not listed any more while they answer by their names.
    pub links: Vec<LinkReport>,
    /// How the asking for details went, by the first failure of each endpoint that was asked; `None` where all worked.
    pub details: BTreeMap<Endpoint, Option<Failure>>,
    /// Links that were sent without a name and are no remnants.
    pub nameless: usize,
    /// Mirror topics that were sent without saying of which link they are.
    pub without_link: usize,
}

/// One wanted link of the list.
#[derive(Clone, Debug)]
pub struct LinkReport {
    /// The describe, completed from the list's entry; where there is none, that entry alone.
    pub link: Link,
    /// Why there is no describe.
    pub failure: Option<Failure>,
    /// Its settings, behind a pointer: each link of a poll has a report, and settings in every tenth poll.
    pub configs: Detail<Arc<LinkConfigs>>,
    /// Its mirror topics.
    pub mirrors: Detail<MirrorReport>,
}

/// What a poll brought that not every poll asks for, and that a poll may lack and still be a good one.
#[derive(Clone, Debug, Default)]
pub enum Detail<T> {
    /// It is not wanted: what was known of it is forgotten.
    #[default]
    Off,
    /// It was not asked for this time: what is known of it stands.
    NotDue,
    /// The server does not let us see it: what was known of it is forgotten.
    Forbidden,
    /// It was asked for and did not come: what is known of it stands and gets older.
    Failed,
    /// It was read.
    Read(T),
}

/// Why a request, a describe or a poll failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The class; label `reason`.
    pub reason: Reason,
    /// One line for a person: what was found, where, and what to check. Holds no secret.
    pub message: String,
}

/// The classes of failure; label `reason` of `clusterlink_poll_failures_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Reason {
    /// No answer in time.
    Timeout,
    /// No connection, or one that was reset before the response's headers.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// 401.
    Auth,
    /// 403.
    Forbidden,
    /// 404 on the cluster itself, or on a link that is listed.
    NotFound,
    /// 429.
    Throttled,
    /// 5xx.
    ServerError,
    /// An answer that is not what the API sends.
    BadResponse,
}

impl Reason {
    /// All of them, in the order of the contract.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The label value.
    pub fn label(self) -> &'static str {
        self.into()
    }
}

impl Report {
    /// A poll that ended at this time with this outcome, took no time and sent nothing.
    pub fn new(at: Timestamp, interval: Duration, outcome: Result<Listing, Failure>) -> Self {
        Self {
            at,
            took: Duration::ZERO,
            cluster_id: None,
            outcome,
            interval,
            retry_after: None,
            requests: Vec::new(),
            credential_expiry: None,
        }
    }

    /// What failed: the list, or any of the describes.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        let links = self.outcome.iter().flat_map(|listing| &listing.links);
        let describes = links.filter_map(|link| link.failure.as_ref());
        self.outcome.as_ref().err().into_iter().chain(describes)
    }

    /// Whether the API throttled the poll, be it in one request of many and for a detail.
    pub fn is_throttled(&self) -> bool {
        let listing = self.outcome.iter();
        let details = listing.flat_map(|listing| listing.details.values().flatten());
        self.failures()
            .chain(details)
            .any(|failure| failure.reason == Reason::Throttled)
    }
}

impl<T> Detail<T> {
    /// What was read, if anything was.
    pub fn read(&self) -> Option<&T> {
        match self {
            Self::Read(read) => Some(read),
            _ => None,
        }
    }
}

impl Listing {
    /// A list of these links and no others.
    pub fn of(links: Vec<LinkReport>) -> Self {
        Self {
            listed: links.len(),
            links,
            ..Self::default()
        }
    }
}

impl LinkReport {
    /// A link that was described like this. Its details were not asked for.
    pub fn described(link: Link) -> Self {
        Self {
            link,
            failure: None,
            configs: Detail::Off,
            mirrors: Detail::Off,
        }
    }

    /// A link of which there is the list's entry alone.
    pub fn undescribed(listed: Link, failure: Failure) -> Self {
        Self {
            failure: Some(failure),
            ..Self::described(listed)
        }
    }

    /// Which link it is of.
    pub fn link_name(&self) -> &LinkName {
        &self.link.link_name
    }
}

impl Link {
    /// Every error code the link and its tasks report.
    pub fn error_codes(&self) -> impl Iterator<Item = &ErrorCode> {
        let tasks = self.tasks.iter().flatten().flat_map(|task| &task.errors);
        self.link_error
            .iter()
            .chain(tasks)
            .map(|error| &error.error_code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;

    #[test]
    fn reasons_and_fields_count_in_the_order_of_their_tables() {
        assert!(
            Reason::ALL
                .iter()
                .enumerate()
                .all(|(index, reason)| *reason as usize == index)
        );
        assert!(
            Field::ALL
                .iter()
                .enumerate()
                .all(|(index, field)| *field as usize == index)
        );
    }
}
