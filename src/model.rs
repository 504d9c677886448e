//! What this program means by a link, a task and a poll: plain data, no I/O, no clock.
//!
//! Everything downstream (`metrics`, the page, later the alerts) reads these types and nothing else. What Confluent
//! sends is a different shape and stays in `api::wire`.

mod as_before;
mod by_name;
mod config;
mod discovery;
mod event;
mod fact;
mod intent;
mod judged_links;
mod lag;
mod link;
mod mirror;
mod name;
mod observed;
mod pattern;
mod repeated;
mod report;
mod request;
mod shard;
mod snapshot;
mod state;
mod verdict;

pub use by_name::{ByName, Named};
pub use config::{ConnectionMode, Filters, LinkConfigs, LinkMode, Period};
pub use discovery::{Awaited, DiscoveryState};
pub use event::{Event, Field, Item, Subject, Transition};
pub use fact::{Fact, Judged, Unknown};
pub use intent::{Expect, Intent};
pub use judged_links::NO_LINK_MATCHES;
pub use lag::{LagHistory, SavedLag, TopicLag};
pub use link::{ErrorCode, Link, PartitionCounts, ReportedError, Task};
pub use mirror::{
    HangingTopic, MirrorDetail, MirrorLag, MirrorPartition, MirrorReport, MirrorTopic, Mirrors,
    ObservedMirror, ObservedMirrors, whole_seconds,
};
pub use name::{ClusterId, ClusterName, LinkName, TaskName, TopicName};
pub use observed::{ObservedConfigs, ObservedLink, ObservedTask};
pub use pattern::{LinkFilter, LinkPatterns, PatternError};
pub use repeated::Repeated;
pub use report::{Detail, Failure, LinkReport, Listing, Reason, Report};
pub use request::{Endpoint, LATENCY_BUCKETS, Latency, Request};
pub use shard::{Shard, ShardError};
pub use snapshot::{Cluster, Limits, Polls, Snapshot, Vocabulary};
pub use state::{Health, LinkState, MirrorStatus, PartitionCategory, State, StateRow, TaskState};
pub use verdict::{
    Blocker, Check, Expectation, Expected, Failover, Finding, Found, Gap, Missing, Pair, Readiness,
    TableWord, UnknownJudgement, Verdict,
};
