//! Latched conditions: the snapshot says that they hold, and their alerts are active until it is known that they do not.
//!
//! That a condition is not seen to hold any more resolves no alert. While a fact is not known, its alert stays active for up
//! to an hour, as the look-back of its rule's expression has it. The alert itself is the look-back: nothing else is kept.

use super::{
    details::Source,
    identity::{EXPECTATION, Identity},
    lookback::{Absence, ClusterLookback, Lookback},
};
use crate::model::{Cluster, Expectation, Snapshot};

/// A latched condition.
#[derive(Clone, Copy, Debug)]
pub struct Latched {
    /// Adds every instance in the cluster of which the condition is known to hold.
    pub seen: for<'a> fn(&'a Cluster, &mut Vec<Instance<'a>>),
    /// Whether the condition is known not to hold of the alert with this identity, or the configuration does not ask for it
    /// any more. Asked only where the condition is not seen to hold.
    pub cleared: fn(&Cluster, &Identity) -> bool,
}

/// Something of which a latched condition holds.
#[derive(Clone, Debug)]
pub struct Instance<'a> {
    /// Its labels beyond those of the cluster.
    pub(super) labels: Vec<(&'static str, &'a str)>,
    pub(super) details: Source<'a>,
}

impl Latched {
    /// Whether the alert of a condition that is not seen to hold is over: the condition is known not to hold, its link is
    /// really gone, or the configuration does not ask for it any more.
    pub(super) fn is_over(
        &self,
        snapshot: &Snapshot,
        lookback: &Lookback,
        identity: &Identity,
    ) -> bool {
        let name = identity.cluster_name();
        let known = snapshot.cluster(name).zip(lookback.cluster(name));
        let Some((cluster, of_cluster)) = known.filter(|_| lookback.knows(identity)) else {
            return true;
        };
        is_gone(of_cluster, identity) || (self.cleared)(cluster, identity)
    }
}

/// Whether a good poll no longer lists the link, and it does not answer by its name.
fn is_gone(cluster: &ClusterLookback, identity: &Identity) -> bool {
    // `exists` is expected of a pattern, which may read like the name of a link that is gone.
    if identity.label(EXPECTATION) == Expectation::Exists.label() {
        return false;
    }
    let link = cluster.link(identity.link_name());
    link.is_some_and(|link| link.absence().is_some_and(Absence::is_gone))
}

/// Whether this can be judged of the identity's link now. What can be judged and is not bad is good.
pub(super) fn is_judged(cluster: &Cluster, identity: &Identity, judgement: &str) -> bool {
    is_judged_of_task(cluster, identity, judgement, "")
}

/// The same of what is expected of a task.
pub(super) fn is_judged_of_task(
    cluster: &Cluster,
    identity: &Identity,
    judgement: &str,
    task_name: &str,
) -> bool {
    let verdict = cluster.shown_verdict(identity.link_name());
    verdict.is_some_and(|verdict| verdict.unknown(judgement, task_name).is_none())
}
