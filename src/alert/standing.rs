//! Conditions that a series says by itself, as 1 while they hold: they stand until somebody can say that they are over.
//!
//! Nothing is remembered of them but their alerts: while nothing is known, an alert stands where it stood, for up to an
//! hour, as the look-back of its rule's expression does.

use super::{
    condition::Scene,
    details::Source,
    identity::{EXPECTATION, Identity, TASK_NAME},
    memory::{ClusterMemory, Lost},
};
use crate::model::{Cluster, Expectation, Verdict};

/// Such a condition.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// All of the cluster of which it holds, by what is shown now.
    pub seen: for<'a> fn(&'a Cluster, &mut Vec<Trouble<'a>>),
    /// Who says that it is over where it is not seen any more.
    pub witness: Witness,
}

/// Something of which such a condition holds.
#[derive(Clone, Debug)]
pub struct Trouble<'a> {
    /// Its labels beyond those of the cluster.
    pub(super) labels: Vec<(&'static str, &'a str)>,
    pub(super) details: Source<'a>,
}

/// Who can say that something which is not seen any more is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    /// A good poll of the cluster.
    Poll,
    /// The same, or the expectation itself: a poll is no good one because of another link.
    Expectation,
    /// A judgement of the pair, which takes good polls of both ends.
    Pair,
    /// An answer about the link's mirror topics: a poll can be a good one without.
    Mirrors,
    /// A judgement of the link's lag, of which only a lower bound is known at first after a restart; or that nobody wants
    /// one any more.
    Lag,
}

impl Scene<'_> {
    /// Whether something that is not seen to hold is over, as far as anybody can say.
    pub(super) fn is_over(&self, witness: Witness, identity: &Identity) -> bool {
        let name = identity.cluster_name();
        let mut clusters = self.snapshot.clusters.iter();
        let cluster = clusters.find(|cluster| cluster.name.as_str() == name);
        let known = cluster.zip(self.memory.cluster(name));
        let Some((cluster, memory)) = known.filter(|_| self.memory.knows(identity)) else {
            return true;
        };
        let link = || cluster.judged_link(identity.link_name());
        match witness {
            Witness::Poll => memory.polling_works(),
            Witness::Expectation => {
                memory.polling_works()
                    || link().is_some_and(|(_, verdict)| is_met(verdict, identity))
            }
            Witness::Pair => {
                is_gone(memory, identity)
                    || link().is_some_and(|(_, verdict)| verdict.pair.is_some())
            }
            Witness::Mirrors => {
                is_gone(memory, identity)
                    || link().is_some_and(|(kept, _)| kept.shown_mirrors().is_some())
            }
            Witness::Lag => {
                let is_decided = |verdict: &Verdict| verdict.rpo.is_none() || is_judged(verdict);
                is_gone(memory, identity) || link().is_some_and(|(_, verdict)| is_decided(verdict))
            }
        }
    }
}

/// Whether a good poll no longer lists the link.
fn is_gone(cluster: &ClusterMemory, identity: &Identity) -> bool {
    let link = cluster.link(identity.link_name());
    link.is_none_or(|link| link.lost().is_some_and(Lost::is_gone))
}

fn is_met(verdict: &Verdict, identity: &Identity) -> bool {
    let wanted = [TASK_NAME, EXPECTATION].map(|label| identity.label(label));
    verdict.expectations.iter().any(|expected| {
        let task_name = expected.task_name.as_ref().map_or("", |name| name.as_str());
        expected.outcome.is_ok() && [task_name, expected.expectation.label()] == wanted
    })
}

fn is_judged(verdict: &Verdict) -> bool {
    let mut judged = verdict.expectations.iter();
    judged.any(|expected| expected.expectation == Expectation::Rpo)
}
