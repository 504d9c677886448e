//! What programs are told: the JSON of the HTTP API, of `tasks` and of `dr-check`. Views of the snapshot, of the alerts and
//! of the history, each type defined once; the OpenAPI document is written from them.
//!
//! What is not known is null, never absent and never guessed.

mod alert;
mod cluster;
mod envelope;
mod failure;
mod filter;
mod link;
mod openapi;
pub mod pieces;
mod query;
mod resource;
mod time;
mod transition;
mod verdict;

use serde::Serialize;

pub use alert::{AlertStatus, Alerts, Phase};
pub use cluster::{ClusterHead, ClusterStatus, PollStatus, Status, StatusHead};
pub use envelope::{ErrorType, Refusal};
pub use failure::Failure;
pub use filter::{Filter, is_fresh, needs_attention};
pub use link::{ErrorStatus, LinkStatus, MirrorsStatus, TaskStatus};
pub use openapi::openapi;
pub use query::Query;
pub use resource::{Parameter, ParameterKind, RESOURCES, ROOT, Resource, ResourceKind};
pub use time::Time;
pub use transition::{TransitionStatus, Transitions, Wanted};
pub use verdict::{
    ExpectationStatus, FailoverStatus, FindingStatus, PairCheck, Reason, UnknownStatus,
};

use crate::text::printable_json;

/// The value as a JSON document on one line, of which nothing steers a terminal.
pub fn document(value: &impl Serialize) -> String {
    let document = serde_json::to_string(value).expect("its keys are texts");
    printable_json(&document).into_owned()
}
