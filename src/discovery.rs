//! Which clusters there are, by the word of Confluent Cloud's organisation API: `GET /org/v2/environments`, then
//! `GET /cmk/v2/clusters` of each environment. Only GETs, and only at the `url` that is configured.
//!
//! `client` asks, `wire` reads what is sent, item by item, `list` is what is known after an answer, and `select` says which
//! clusters of it are to be polled and why the others are not. A list that could not be read whole changes nothing, and what
//! an item does not say any more stands as it was: that a cluster is gone is said only by a good and complete list without
//! it. What becomes of a cluster that is to be polled is the business of `config` (its template) and `app`.

mod client;
mod error;
mod list;
mod refresh;
mod select;
mod settings;
pub mod wire;

pub use client::Client;
pub use error::DiscoveryError;
pub use list::{Environment, List, ListedCluster, Phase};
pub use refresh::{Refresh, refresh};
pub use select::{Status, judge};
pub use settings::Settings;
