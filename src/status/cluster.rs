//! All that is known, cluster by cluster: how it was asked, and what is known of its links.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    failure::Failure,
    filter::Filter,
    link::LinkStatus,
    time::{Time, seconds},
};
use crate::model::{self, Cluster, Snapshot};

/// All that is known at one moment, as far as it was asked for: what `/metrics` and the page say at that moment, and the
/// error messages of the API besides.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Status<'a> {
    /// When, and by which version.
    #[serde(flatten)]
    pub about: StatusHead,
    /// The clusters, in the order of the configuration.
    pub clusters: Vec<ClusterStatus<'a>>,
}

/// The beginning of a status.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct StatusHead {
    /// The version of the exporter.
    pub version: &'static str,
    /// When this was written.
    pub generated_at: Time,
}

/// What is known of one cluster.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClusterStatus<'a> {
    /// All but its links.
    #[serde(flatten)]
    pub about: ClusterHead<'a>,
    /// Its links that are shown, sorted by name. Empty while nothing is known that is recent enough: `poll` says why.
    pub links: Vec<LinkStatus<'a>>,
}

/// What is known of a cluster besides its links.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClusterHead<'a> {
    /// Its name in the configuration.
    pub cluster_name: &'a str,
    /// Its id; null while it is neither configured nor told by the server.
    pub cluster_id: Option<&'a str>,
    /// How its polls go.
    pub poll: PollStatus<'a>,
    /// The patterns of `expect` that match no link, in alphabetical order.
    pub unmatched_expectations: &'a [String],
}

/// How the polls of a cluster go.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PollStatus<'a> {
    /// Whether the last poll got the list and every wanted link; null before the first has ended.
    pub success: Option<bool>,
    /// When the last poll ended.
    pub ended_at: Option<Time>,
    /// When the last one ended that was a success.
    pub last_success_at: Option<Time>,
    /// From the start of one poll to the start of the next: as configured, or longer while the API throttles.
    pub interval_seconds: f64,
    /// How long the last poll took.
    pub duration_seconds: Option<f64>,
    /// Why the last poll failed; null where it did not.
    pub failure: Option<Failure<'a>>,
}

impl<'a> Status<'a> {
    /// What is asked for of the snapshot.
    pub fn of(snapshot: &'a Snapshot, filter: &'a Filter, now: Timestamp) -> Self {
        let clusters = snapshot.clusters.iter().map(AsRef::as_ref);
        Self::of_clusters(clusters, filter, now)
    }

    /// What is asked for of these clusters.
    pub fn of_clusters(
        clusters: impl IntoIterator<Item = &'a Cluster>,
        filter: &'a Filter,
        now: Timestamp,
    ) -> Self {
        let clusters = clusters.into_iter();
        let clusters = clusters.filter(|cluster| filter.keeps(cluster));
        Self {
            about: StatusHead::at(now),
            clusters: clusters
                .map(|cluster| ClusterStatus::of(cluster, filter))
                .collect(),
        }
    }
}

impl Status<'_> {
    /// Without what nobody can know who has just begun to look: since when a state stands.
    #[must_use]
    pub fn at_first_sight(mut self) -> Self {
        for cluster in &mut self.clusters {
            cluster.links.iter_mut().for_each(LinkStatus::forget_since);
        }
        self
    }
}

impl StatusHead {
    /// Of something written now.
    pub fn at(now: Timestamp) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            generated_at: now.into(),
        }
    }
}

impl<'a> ClusterStatus<'a> {
    fn of(cluster: &'a Cluster, filter: &'a Filter) -> Self {
        let links = filter.links(cluster);
        Self {
            about: ClusterHead::of(cluster),
            links: links.map(|link| LinkStatus::of(cluster, link)).collect(),
        }
    }
}

impl<'a> ClusterHead<'a> {
    /// What is known of the cluster besides its links.
    pub fn of(cluster: &'a Cluster) -> Self {
        let polls = &cluster.polls;
        let was_polled = polls.count > 0;
        Self {
            cluster_name: cluster.name.as_str(),
            cluster_id: cluster.id.as_ref().map(model::ClusterId::as_str),
            poll: PollStatus {
                success: was_polled.then(|| cluster.poll_succeeded()),
                ended_at: polls.ended_at.map(Time::from),
                last_success_at: polls.last_success.map(Time::from),
                interval_seconds: seconds(cluster.limits.poll_interval),
                duration_seconds: was_polled.then(|| seconds(polls.last_duration)),
                failure: polls.last_failure.as_ref().map(Failure::of),
            },
            unmatched_expectations: cluster.shown_missing(),
        }
    }
}
