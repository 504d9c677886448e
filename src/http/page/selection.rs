//! Which clusters and links of a snapshot a view of the page shows.

use std::sync::Arc;

use super::view::View;
use crate::{
    model::{
        Cluster, Judged, LinkState, ObservedLink, Readiness, ReportedError, Snapshot, Verdict,
    },
    text::nearest,
};

/// What a view shows.
pub(super) enum Selection<'a> {
    /// These clusters, in the order of the configuration.
    Clusters(Vec<&'a Arc<Cluster>>),
    /// No cluster or link has the name that was asked for.
    Unknown(UnknownName<'a>),
}

/// A name that nothing has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownName<'a> {
    /// `cluster` or `link`.
    pub(super) what: &'static str,
    pub(super) name: &'a str,
    /// Those that may have been meant, the nearest first.
    pub(super) nearest: Vec<&'a str>,
}

impl<'a> Selection<'a> {
    /// What the view shows of the snapshot.
    pub(super) fn of(snapshot: &'a Snapshot, view: &'a View) -> Self {
        let clusters = snapshot.clusters.iter();
        let mut clusters: Vec<_> = match &view.cluster {
            None => clusters.collect(),
            Some(name) => clusters.filter(|it| it.name.as_str() == name).collect(),
        };
        if let (Some(name), []) = (&view.cluster, clusters.as_slice()) {
            let names = snapshot
                .clusters
                .iter()
                .map(|cluster| cluster.name.as_str());
            return Self::Unknown(UnknownName {
                what: "cluster",
                name,
                nearest: nearest(name, names),
            });
        }
        if let Some(name) = &view.link {
            let has_it = |cluster: &&Arc<Cluster>| cluster.link(&name.as_str().into()).is_some();
            if !clusters.iter().any(has_it) && clusters.iter().all(|cluster| cluster.is_listed()) {
                let links = clusters.iter().flat_map(|cluster| &cluster.links);
                return Self::Unknown(UnknownName {
                    what: "link",
                    name,
                    nearest: nearest(name, links.map(|link| link.link_name.as_str())),
                });
            }
            // Of a cluster whose list is not known nobody can say that it has no such link.
            clusters.retain(|cluster| has_it(cluster) || !cluster.is_listed());
        }
        if view.attention {
            clusters.retain(|cluster| shows_any(cluster, view));
        }
        Self::Clusters(clusters)
    }
}

/// Whether the view shows a link of a cluster that it shows.
pub(super) fn shows(view: &View, link: &ObservedLink, verdict: &Verdict) -> bool {
    let is_named = view
        .link
        .as_ref()
        .is_none_or(|name| link.link_name.as_str() == name);
    is_named && (!view.attention || needs_attention(link, verdict))
}

/// Whether there is anything to show of a cluster where only what needs attention is wanted.
fn shows_any(cluster: &Cluster, view: &View) -> bool {
    let is_missing = view.link.is_none() && !cluster.shown_missing().is_empty();
    let mut links = cluster.judged_links();
    !cluster.poll_succeeded()
        || is_missing
        || links.any(|(link, verdict)| shows(view, link, verdict))
}

/// Whether a person may have to look at the link: it is not ACTIVE, reports an error, has a task that is not well or none
/// that is named, an expectation that is violated, a pair that does not fit, a finding, a failover that is not ready, or
/// was not described when it was last asked about.
fn needs_attention(link: &ObservedLink, verdict: &Verdict) -> bool {
    let is_error = |error: &ReportedError| !error.error_code.is_healthy();
    let is_bad = |judged: &Judged| judged.bad().is_some();
    let tasks = link.named_tasks();
    link.link_state != Some(LinkState::Active)
        || link.link_error.iter().any(is_error)
        || tasks
            .iter()
            .any(|task| task.state.health().needs_attention())
        || tasks.iter().flat_map(|task| &task.errors).any(is_error)
        || link.tasks_unknown()
        || verdict.violated().next().is_some()
        || verdict
            .pair
            .iter()
            .flat_map(|pair| &pair.checks)
            .any(|(_, judged)| is_bad(judged))
        || !verdict.findings.is_empty()
        || verdict.failover.readiness() == Readiness::NotReady
        || !link.is_fresh()
}
