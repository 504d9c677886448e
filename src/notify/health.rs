//! How the delivery to a receiver goes, for those who look at the page.

use jiff::Timestamp;

use super::receiver::Kind;
use crate::telemetry::Outcome;

/// How the delivery to one receiver goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Its name.
    pub receiver: String,
    /// What it is.
    pub kind: Kind,
    /// How many notifications wait, those under way included.
    pub queued: usize,
    /// The last attempt; `None` where there was none yet.
    pub last: Option<Last>,
    /// Since when attempts fail; `None` where the last one that could have did not.
    pub failing: Option<Failing>,
}

/// The last attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    /// When it ended.
    pub at: Timestamp,
    /// How.
    pub outcome: Outcome,
}

/// Attempts that fail one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// When the first of them ended.
    pub since: Timestamp,
    /// What went wrong last, and what to check.
    pub problem: String,
}
