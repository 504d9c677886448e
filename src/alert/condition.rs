//! The condition of a rule as the daemon evaluates it: a function that says what it matches.

use std::collections::HashSet;

use super::{
    clock::Now,
    details::Source,
    identity::{DISCOVERY, Identity},
    latched::{Instance, Latched},
    lookback::Lookback,
    view::{Basis, ClusterView, LinkView, TaskView},
};
use crate::model::{DiscoveryState, Snapshot};

/// The condition of a rule, as the engine evaluates it. It says the same as the rule's expression, which a test compares it
/// with; they differ in what the engine cannot see, such as another exporter.
#[derive(Clone, Copy, Debug)]
pub enum Condition {
    /// Always holds, without a subject.
    Always,
    /// Holds of a discovery.
    Discovery(OfDiscovery),
    /// Holds of a cluster.
    Cluster(OfCluster),
    /// Holds of parts of a cluster that have this label besides the cluster's own; the function lists its values.
    Each(&'static str, OfEach),
    /// Holds of a link.
    Link(OfLink),
    /// Holds of a task.
    Task(OfTask),
    /// Holds of instances that the snapshot names, until the condition is known not to hold of them.
    Latched(Latched),
}

type OfDiscovery = fn(&DiscoveryState) -> bool;
type OfCluster = fn(&ClusterView) -> bool;
type OfEach = fn(&ClusterView) -> Vec<&'static str>;
type OfLink = fn(&LinkView) -> Option<Basis>;
type OfTask = fn(&TaskView) -> Option<Basis>;

/// Something that the condition of a rule matches.
#[derive(Clone, Debug)]
pub(super) struct Match<'a> {
    /// The index of the rule.
    pub(super) rule: usize,
    pub(super) identity: Identity,
    pub(super) basis: Basis,
    pub(super) details: Source<'a>,
}

/// Everything that an evaluation reads.
pub(super) struct EvaluationInput<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) lookback: &'a Lookback,
    pub(super) now: Now,
    /// The clusters that nothing new is known of since the evaluation before, by name: their conditions are taken to hold
    /// as they did then.
    pub(super) unchanged: HashSet<&'a str>,
}

impl<'a> EvaluationInput<'a> {
    /// Everything that one of these conditions of rules matches in the clusters that are not [`Self::unchanged`], in the
    /// order of clusters, links and tasks.
    pub(super) fn evaluate(
        &self,
        conditions: impl Iterator<Item = Option<Condition>>,
    ) -> Vec<Match<'a>> {
        let mut plan = Plan::default();
        for (rule, condition) in conditions.enumerate() {
            match condition {
                None => {}
                Some(Condition::Always) => plan.matches.push(Match {
                    rule,
                    identity: Identity::default(),
                    basis: Basis::Current,
                    details: Source::Nothing,
                }),
                Some(Condition::Discovery(holds)) => {
                    plan.matches.extend(self.discoveries(rule, holds));
                }
                Some(Condition::Cluster(holds)) => plan.cluster.push((rule, holds)),
                Some(Condition::Each(label, list)) => plan.each.push((rule, label, list)),
                Some(Condition::Link(holds)) => plan.link.push((rule, holds)),
                Some(Condition::Task(holds)) => plan.task.push((rule, holds)),
                Some(Condition::Latched(latched)) => plan.latched.push((rule, latched)),
            }
        }
        for cluster in self.clusters() {
            plan.evaluate(cluster);
        }
        plan.matches
    }

    /// The discoveries of which this holds, with what is wrong with each.
    fn discoveries(&self, rule: usize, holds: OfDiscovery) -> impl Iterator<Item = Match<'a>> {
        let discoveries = self.snapshot.discoveries.iter();
        discoveries
            .filter(move |it| holds(it))
            .map(move |it| Match {
                rule,
                identity: Identity::default().with(DISCOVERY, &it.name),
                basis: Basis::Current,
                details: match &it.failure {
                    Some(failure) => Source::found(failure),
                    None => Source::Nothing,
                },
            })
    }

    /// Whether the alert is about a cluster that is not there and may yet be discovered.
    pub(super) fn is_awaited(&self, identity: &Identity) -> bool {
        let name = identity.cluster_name();
        let may_come = || self.snapshot.awaited.has(identity.cluster_id());
        !name.is_empty() && may_come() && self.snapshot.cluster(name).is_none()
    }

    fn clusters(&self) -> impl Iterator<Item = ClusterView<'a>> {
        let clusters = self.snapshot.clusters.iter();
        let changed = clusters.filter(|it| !self.unchanged.contains(it.name.as_str()));
        changed.filter_map(|cluster| {
            Some(ClusterView {
                cluster,
                lookback: self.lookback.cluster(cluster.name.as_str())?,
                now: self.now.instant,
                wall: self.now.wall,
            })
        })
    }
}

/// The conditions by their kind: links and tasks are gone through once for all rules, not once for each.
#[derive(Default)]
struct Plan<'a> {
    cluster: Vec<(usize, OfCluster)>,
    each: Vec<(usize, &'static str, OfEach)>,
    link: Vec<(usize, OfLink)>,
    task: Vec<(usize, OfTask)>,
    latched: Vec<(usize, Latched)>,
    matches: Vec<Match<'a>>,
}

impl<'a> Plan<'a> {
    fn evaluate(&mut self, cluster: ClusterView<'a>) {
        let matched = |rule, identity| Match {
            rule,
            identity,
            basis: Basis::Current,
            details: cluster.details(),
        };
        for (rule, holds) in &self.cluster {
            if holds(&cluster) {
                self.matches.push(matched(*rule, cluster.identity()));
            }
        }
        for (rule, label, list) in &self.each {
            let identities = list(&cluster).into_iter();
            let identities = identities.map(|value| cluster.identity().with(label, value));
            self.matches
                .extend(identities.map(|identity| matched(*rule, identity)));
        }
        for link in cluster.links() {
            self.evaluate_link(&link);
        }
        let mut instances = Vec::new();
        for (rule, latched) in &self.latched {
            (latched.seen)(cluster.cluster, &mut instances);
            for Instance { labels, details } in instances.drain(..) {
                let identity = cluster.identity();
                let with = |identity: Identity, (label, value)| identity.with(label, value);
                self.matches.push(Match {
                    rule: *rule,
                    identity: labels.into_iter().fold(identity, with),
                    basis: Basis::Current,
                    details,
                });
            }
        }
    }

    fn evaluate_link(&mut self, link: &LinkView<'a>) {
        for (rule, holds) in &self.link {
            if let Some(basis) = holds(link) {
                self.matches.push(Match {
                    rule: *rule,
                    identity: link.identity(),
                    basis,
                    details: basis.of(link.details()),
                });
            }
        }
        for task in link.tasks() {
            for (rule, holds) in &self.task {
                if let Some(basis) = holds(&task) {
                    self.matches.push(Match {
                        rule: *rule,
                        identity: task.identity(),
                        basis,
                        details: basis.of(task.details()),
                    });
                }
            }
        }
    }
}
