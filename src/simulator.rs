//! A Cluster Linking REST server that has no Kafka behind it: for a first look, for fire drills and for tests.
//!
//! A [`Scenario`] is data: a [`World`] and a timeline of [`Change`]s. [`answer`] is a pure function from the world, the
//! request and the time since the start to a [`Reply`]; [`serve`] only carries replies to a socket.
//!
//! The simulator is independent evidence of Confluent's API: it uses nothing of this crate, so that a
//! misunderstanding in `api` cannot hide behind the same misunderstanding here. It refuses to write: like the exporter,
//! it knows only GET.

mod answer;
mod body;
mod catalogue;
mod error;
mod exchange;
mod fault;
mod handle;
mod inject;
mod link;
mod mirror;
mod organisation;
mod organisation_api;
mod random;
mod reply;
mod resource;
mod route;
mod scenario;
mod server;
mod start;
mod world;

#[cfg(test)]
mod tests;

pub use answer::answer;
pub use catalogue::{Entry, SCENARIOS, fleet};
pub use error::TaskError;
pub use fault::{BrokenBody, Effect, Fault};
pub use handle::{Requests, Simulator};
pub use link::{Link, LinkConfig, Mode, Task};
pub use mirror::{Mirror, Partition, Throughput};
pub use organisation::{Organisation, OrganisationFault};
pub use reply::{Outcome, Reply};
pub use route::PathKind;
pub use scenario::{Change, Scenario};
pub use server::serve;
pub use world::{Cluster, ConfigFlags, Dialect, LinkRef, Missing, NullStyle, World};
