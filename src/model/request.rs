//! One HTTP request to the API, and the totals that are kept of them.

use std::time::Duration;

use strum::{IntoStaticStr, VariantArray};

/// The endpoints of the REST API that are ever asked; label `endpoint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Endpoint {
    /// `{base_path}/clusters`: which cluster is this.
    Clusters,
    /// `…/links`: the list.
    Links,
    /// `…/links/{link_name}?include_tasks=true`: one link with its tasks.
    Link,
    /// `…/links/{link_name}/configs`: the settings of one link.
    Configs,
    /// `…/links/-/mirrors`, or a link's name in place of `-`: mirror topics.
    Mirrors,
    /// `…/links/{link_name}/mirrors/{mirror_topic_name}`: why one topic's change of status hangs.
    Mirror,
}

impl Endpoint {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Those whose answers make facts of their own, besides links and tasks: settings and mirror topics.
    pub const DETAILS: [Self; 2] = [Self::Configs, Self::Mirrors];

    /// Whether it is asked besides links and tasks: a poll can do without its answer.
    pub fn is_detail(self) -> bool {
        matches!(self, Self::Configs | Self::Mirrors | Self::Mirror)
    }

    /// The label value.
    pub fn label(self) -> &'static str {
        self.into()
    }
}

/// A request that was sent, retries included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// What was asked.
    pub endpoint: Endpoint,
    /// The HTTP status; `None` where no response's headers came.
    pub status: Option<u16>,
    /// From sending until the body was read or the request failed.
    pub took: Duration,
}

/// Upper bounds of the latency histogram, in seconds. The default request timeout is 10 s.
pub const LATENCY_BUCKETS: [f64; 9] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// A latency histogram with [`LATENCY_BUCKETS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latency {
    /// Observations per bucket, not cumulative; the last one is above every bound.
    pub counts: [u64; LATENCY_BUCKETS.len() + 1],
    /// Sum of all observations in seconds.
    pub sum: f64,
}

impl Latency {
    /// Adds one observation.
    pub fn observe(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = LATENCY_BUCKETS.partition_point(|bound| *bound < seconds);
        self.counts[bucket] += 1;
        self.sum += seconds;
    }

    /// How many observations there are.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}
