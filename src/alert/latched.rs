//! Conditions that the snapshot says by itself while they hold: they stand until it is known that they do not.
//!
//! That a condition is not seen any more ends nothing. What is not known of a fact stands where it stood, for up to an
//! hour, as the look-back of its rule's expression does; nothing is remembered of it but its alert.

use super::{
    details::Source,
    identity::{EXPECTATION, Identity},
    lookback::{Absence, ClusterLookback, Lookback},
};
use crate::model::{Cluster, Expectation, Snapshot};

/// Such a condition.
#[derive(Clone, Copy, Debug)]
pub struct Latched {
    /// All of the cluster of which it is known to hold.
    pub seen: for<'a> fn(&'a Cluster, &mut Vec<Instance<'a>>),
    /// Whether it is known of this very thing that the condition does not hold, or nobody wants to know it any more. Asked
    /// only where it is not seen to hold.
    pub cleared: fn(&Cluster, &Identity) -> bool,
}

/// Something of which such a condition holds.
#[derive(Clone, Debug)]
pub struct Instance<'a> {
    /// Its labels beyond those of the cluster.
    pub(super) labels: Vec<(&'static str, &'a str)>,
    pub(super) details: Source<'a>,
}

impl Latched {
    /// Whether something that is not seen to hold is over: known to be otherwise, really gone, or not wanted any more.
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
    // That a link should exist is said of a pattern, which may read like the name of a link that is gone.
    if identity.label(EXPECTATION) == Expectation::Exists.label() {
        return false;
    }
    let link = cluster.link(identity.link_name());
    link.is_some_and(|link| link.absence().is_some_and(Absence::is_gone))
}

/// Whether this can be judged of the identity's link now. What can be judged and is not seen to be bad is good.
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
    let link = cluster.judged_link(identity.link_name());
    link.is_some_and(|(_, verdict)| verdict.unknown(judgement, task_name).is_none())
}
