//! The other ends of links, as far as they are polled too.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::model::{Cluster, ClusterId, Fact, LinkName, ObservedLink, Snapshot, Unknown};

/// What is known of the other end of a link.
pub(super) enum Remote<'a> {
    /// Nobody asks the cluster there about links of this name.
    NotPolled,
    /// Somebody does, and the last poll here or there did not bring what is compared: what was before an outage is compared
    /// with nothing. `last` is what was known of the other end last.
    Unseen {
        why: Unknown,
        last: Option<RemoteLink<'a>>,
    },
    /// The cluster there is polled and has no link of this name.
    NoLink(&'a ClusterId),
    /// It has.
    Link(RemoteLink<'a>),
}

impl Remote<'_> {
    /// Whether it is polled and was not read.
    pub(super) fn is_unseen(&self) -> bool {
        matches!(self, Self::Unseen { .. })
    }
}

/// A link of the same name on the remote cluster.
#[derive(Clone, Copy)]
pub(super) struct RemoteLink<'a> {
    pub(super) cluster_id: &'a ClusterId,
    pub(super) link: &'a ObservedLink,
    /// Whether it leads to the cluster that asks; `None` where it does not say where it leads.
    pub(super) leads_back: Option<bool>,
}

/// Those of the polled clusters to which links lead, by their ids. Two entries of the configuration may be the same cluster, asked about other links; at
/// another endpoint it is another cluster whose id was copied.
pub(super) struct Remotes<'a> {
    by_id: BTreeMap<&'a ClusterId, Vec<&'a Cluster>>,
    /// Any cluster may turn out to be one whose id is not discovered yet.
    has_nameless: bool,
}

impl<'a> Remotes<'a> {
    /// `ends` are all ids that will be asked about.
    pub(super) fn of(snapshot: &'a Snapshot, ends: &HashSet<&ClusterId>) -> Self {
        let mut by_id = BTreeMap::<_, Vec<_>>::new();
        for cluster in &snapshot.clusters {
            if let Some(id) = cluster.id.as_ref().filter(|id| ends.contains(id)) {
                by_id.entry(id).or_default().push(&**cluster);
            }
        }
        Self {
            by_id,
            has_nameless: snapshot.clusters.iter().any(|cluster| cluster.id.is_none()),
        }
    }

    /// The other end of the cluster's link.
    pub(super) fn remote(&self, cluster: &'a Cluster, link: &'a ObservedLink) -> Remote<'a> {
        let unseen = |why| Remote::Unseen { why, last: None };
        let name = &link.link_name;
        let Some(remote_id) = &link.remote_cluster_id else {
            return unseen(Unknown::NotSent);
        };
        if cluster.id.as_ref() == Some(remote_id) {
            return Remote::NotPolled;
        }
        // An entry that is not asked about links of this name cannot say that there is none.
        let known = self.by_id.get(remote_id).into_iter().flatten().copied();
        let asked: Vec<_> = known
            .filter(|other| other.intent.links.wants(name))
            .collect();
        if asked.is_empty() {
            return if self.has_nameless {
                unseen(Unknown::Failed)
            } else {
                Remote::NotPolled
            };
        }
        let asked = match at_one_endpoint(asked, cluster.id.as_ref(), name) {
            Ok(asked) => asked,
            Err(why) => return unseen(why),
        };
        seen(&asked, cluster, link, remote_id)
    }
}

/// What the clusters that can be the other end say of it.
fn seen<'a>(
    asked: &[&'a Cluster],
    cluster: &Cluster,
    link: &ObservedLink,
    remote_id: &'a ClusterId,
) -> Remote<'a> {
    let unseen = |last| Remote::Unseen {
        why: Unknown::Failed,
        last,
    };
    let is_fresh_here = cluster.is_fresh() && link.is_fresh();
    let known = asked
        .iter()
        .find_map(|other| Some((other, other.link(&link.link_name)?)));
    let Some((other, there)) = known else {
        let is_fresh = is_fresh_here && asked.iter().any(|other| other.is_fresh());
        return if is_fresh {
            Remote::NoLink(remote_id)
        } else {
            unseen(None)
        };
    };
    let leads_to = there.remote_cluster_id.as_ref();
    let ids = leads_to.zip(cluster.id.as_ref());
    let remote = RemoteLink {
        cluster_id: remote_id,
        link: there,
        leads_back: ids.map(|(there, here)| there == here),
    };
    if is_fresh_here && other.is_fresh() && there.is_fresh() {
        Remote::Link(remote)
    } else {
        unseen(Some(remote))
    }
}

/// Of clusters with one id those that can be the other end of a link of this name: all of them where they are one cluster or
/// none has such a link, else the only one whose link leads back `here`. A link of another cluster is no good news and no bad.
fn at_one_endpoint<'a>(
    asked: Vec<&'a Cluster>,
    here: Option<&ClusterId>,
    name: &LinkName,
) -> Fact<Vec<&'a Cluster>> {
    let endpoints: BTreeSet<_> = asked.iter().map(|other| &other.endpoint).collect();
    let is_fresh = asked.iter().all(|other| other.is_fresh());
    let has_none = asked.iter().all(|other| other.link(name).is_none());
    if endpoints.len() < 2 || is_fresh && has_none {
        return Ok(asked);
    }
    let leads_back = |other: &&&Cluster| {
        let there = other.link(name);
        let remote = there.and_then(|there| there.remote_cluster_id.as_ref());
        remote.is_some() && remote == here
    };
    let leading: BTreeSet<_> = asked
        .iter()
        .filter(leads_back)
        .map(|other| other.endpoint.clone())
        .collect();
    match leading.first() {
        Some(only) if leading.len() == 1 => Ok(asked
            .into_iter()
            .filter(|other| other.endpoint == *only)
            .collect()),
        None if !is_fresh => Err(Unknown::Failed),
        _ => Err(Unknown::NotSent),
    }
}
