//! Which clusters and links are asked for, by the JSON API and by the page alike.

use std::borrow::Cow;

use crate::{
    model::{Cluster, LinkState, ObservedLink, Readiness, Snapshot, Verdict},
    text::{excerpt, nearest, printable},
};

/// What is asked for. By default everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only the cluster of this name.
    pub cluster: Option<String>,
    /// Only the links of this name.
    pub link: Option<String>,
    /// Only the links that [need attention](needs_attention), and the clusters of which the same can be said.
    pub attention: bool,
}

/// How much of a name that is not known a message repeats, in characters.
const MOST_REPEATED: usize = 100;

/// Whether a person should look at the link: it is not ACTIVE, reports an error, has a task in an unhealthy state or with
/// an error, violates an expectation, does not fit its other half, has a finding in its settings, is not ready for a
/// failover, or what is known of it is not fresh. A link whose state is not known is not known to be ACTIVE.
pub fn needs_attention(cluster: &Cluster, link: &ObservedLink) -> bool {
    link.link_state != Some(LinkState::Active)
        || link.is_unhealthy()
        || !is_fresh(cluster, link)
        || link.verdict.as_deref().is_some_and(is_against)
}

/// Whether what is known of the link is no older than the last request that failed, for the list or for the link itself.
pub fn is_fresh(cluster: &Cluster, link: &ObservedLink) -> bool {
    cluster.is_fresh() && link.is_fresh()
}

fn is_against(verdict: &Verdict) -> bool {
    let pair = verdict.pair.as_ref();
    verdict.violated().next().is_some()
        || pair.is_some_and(|pair| pair.broken().next().is_some())
        || !verdict.findings.is_empty()
        || verdict.failover.readiness() == Readiness::NotReady
}

impl Filter {
    /// Whether anything is left out.
    pub fn is_narrow(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the cluster is asked for: by its name, with a link of the wanted name or one that may have it, and, where
    /// attention is asked for, with a link that needs it, a pattern of `expect` without a link, or no good last poll.
    pub fn keeps(&self, cluster: &Cluster) -> bool {
        self.is_named(cluster)
            && self.may_have_link(cluster)
            && (!self.attention
                || !cluster.poll_succeeded()
                || !cluster.shown_missing().is_empty()
                || self.links(cluster).next().is_some())
    }

    /// The links of the cluster that are asked for, of those that are shown.
    pub fn links<'a>(&'a self, cluster: &'a Cluster) -> impl Iterator<Item = &'a ObservedLink> {
        let links = cluster.links.iter().map(AsRef::as_ref);
        links.filter(|link| self.wants(cluster, link))
    }

    /// Whether this link of the cluster is shown and asked for.
    pub fn wants(&self, cluster: &Cluster, link: &ObservedLink) -> bool {
        let name = self.link.as_deref();
        cluster.shows(link)
            && name.is_none_or(|name| name == link.link_name.as_str())
            && (!self.attention || needs_attention(cluster, link))
    }

    /// What to say where no cluster or no link has the name that is asked for; `None` where there is one, or may be.
    pub fn complaint(&self, snapshot: &Snapshot) -> Option<String> {
        self.unknown_cluster(snapshot)
            .or_else(|| self.unknown_link(snapshot))
    }

    fn unknown_cluster(&self, snapshot: &Snapshot) -> Option<String> {
        let name = self.cluster.as_deref()?;
        if snapshot.cluster(name).is_some() {
            return None;
        }
        let names = snapshot.clusters.iter().map(|it| it.name.as_str());
        let instead = meant(name, names, "ask without `cluster` for all of them");
        Some(format!("no cluster is called `{}`; {instead}", shown(name)))
    }

    fn unknown_link(&self, snapshot: &Snapshot) -> Option<String> {
        let name = self.link.as_deref()?;
        let clusters = || snapshot.clusters.iter().filter(|it| self.is_named(it));
        if clusters().any(|cluster| self.may_have_link(cluster)) {
            return None;
        }
        let place = match &self.cluster {
            Some(cluster) => format!("cluster `{}` has no link", shown(cluster)),
            None => "no cluster has a link".to_owned(),
        };
        let names = clusters().flat_map(|cluster| cluster.shown_links());
        let names = names.map(|link| link.link_name.as_str());
        let instead = meant(name, names, "ask without `link` for all of them");
        Some(format!(
            "{place} that is called `{}`; {instead}",
            shown(name)
        ))
    }

    fn is_named(&self, cluster: &Cluster) -> bool {
        let name = self.cluster.as_deref();
        name.is_none_or(|name| name == cluster.name.as_str())
    }

    /// Whether the cluster has a link of the wanted name. One whose list is not known may have it.
    pub fn may_have_link(&self, cluster: &Cluster) -> bool {
        let Some(name) = self.link.as_deref() else {
            return true;
        };
        !cluster.is_listed() || cluster.link(&name.into()).is_some()
    }
}

/// The names that may have been meant, or what else to write.
pub(super) fn meant<'a>(
    unknown: &str,
    names: impl Iterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(unknown, names).first() {
        Some(name) => format!("did you mean `{}`?", printable(name)),
        None => otherwise.to_owned(),
    }
}

/// A foreign name in a message.
pub(super) fn shown(name: &str) -> String {
    let shown: Cow<'_, str> = excerpt(name, MOST_REPEATED);
    printable(&shown).into_owned()
}
