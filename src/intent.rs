//! Judges links by what should be true of them: their settings (`audit`), their other halves (`pair`), what the operator
//! expects (`expectation`), and whether one could fail over (`readiness`).
//!
//! Every judgement is a pure function of a snapshot and is kept in it: metrics, page, alerts and `dr-check` read the same
//! one. Nothing here asks anybody. What was not seen is neither good nor bad but not known: an outage is no inconsistency,
//! and an answer that does not say something is no good news.

mod audit;
mod expectation;
mod feature;
mod pair;
mod readiness;
mod remote;
#[cfg(test)]
mod testing;
mod unknown;

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Weak},
};

pub use feature::{FEATURES, Feature};
pub use pair::{PAIR_SETTINGS, PAIR_TASKS, PairSetting};

use self::{
    expectation::Wanted,
    remote::{Remote, Remotes},
};
use crate::model::{Cluster, ClusterId, Found, Judged, ObservedLink, Repeated, Snapshot, Verdict};

/// A link and what is known around it.
struct LinkContext<'a> {
    cluster: &'a Cluster,
    link: &'a ObservedLink,
    remote: Remote<'a>,
}

/// Judges one snapshot after the other.
#[derive(Debug, Default)]
pub struct Judge {
    /// Where the links of each cluster lead, in the order of the snapshot.
    leads: Vec<Leads>,
}

/// Where the links of a cluster lead.
#[derive(Debug)]
struct Leads {
    /// As it was when it was looked through.
    cluster: Weak<Cluster>,
    ids: HashSet<ClusterId>,
}

/// What a [`Judge`] makes of the snapshot that knows none before it.
pub fn judge(before: &Snapshot, next: Snapshot) -> Snapshot {
    Judge::default().judge(before, next)
}

impl Judge {
    /// The snapshot with a verdict in each link. Only what can have changed since the judged snapshot `before` is judged
    /// again: clusters that changed or have another place, and those with a link to one of them. A link whose verdict stays
    /// the same stays the same `Arc`, and so does a cluster of such links.
    pub fn judge(&mut self, before: &Snapshot, mut next: Snapshot) -> Snapshot {
        let changed = Changed::between(before, &next);
        if changed.clusters.is_empty() {
            return next;
        }
        self.look_through(&next);
        let pairs = next.clusters.iter().zip(&self.leads).enumerate();
        let affected: Vec<_> = pairs
            .filter(|(_, (cluster, leads))| {
                changed.is_changed(cluster) || changed.ids.iter().any(|id| leads.ids.contains(*id))
            })
            .collect();
        let ends = affected.iter().flat_map(|(_, (_, leads))| &leads.ids);
        let remotes = Remotes::of(&next, &ends.collect());
        let news: Vec<_> = affected
            .into_iter()
            .map(|(place, (cluster, _))| (place, News::of(cluster, &remotes)))
            .collect();
        for (place, news) in news {
            news.write(&mut next.clusters[place]);
        }
        next
    }

    /// Notes where the links of all clusters lead. One that stands where it stood is not looked through again.
    fn look_through(&mut self, snapshot: &Snapshot) {
        self.leads.truncate(snapshot.clusters.len());
        for (place, cluster) in snapshot.clusters.iter().enumerate() {
            match self.leads.get_mut(place) {
                Some(leads) if leads.cluster.as_ptr() == Arc::as_ptr(cluster) => {}
                Some(leads) => *leads = Leads::of(cluster),
                None => self.leads.push(Leads::of(cluster)),
            }
        }
    }
}

impl Leads {
    fn of(cluster: &Arc<Cluster>) -> Self {
        let mut ids = HashSet::new();
        let all = cluster.links.iter();
        for id in all.filter_map(|link| link.remote_cluster_id.as_ref()) {
            // Many links lead to few clusters.
            if !ids.contains(id) {
                ids.insert(id.clone());
            }
        }
        Self {
            cluster: Arc::downgrade(cluster),
            ids,
        }
    }
}

/// What is judged otherwise than before.
struct News {
    /// The verdicts, each with the place of its link.
    verdicts: Vec<(usize, Arc<Verdict>)>,
    missing: Option<Vec<String>>,
}

impl News {
    fn of(cluster: &Cluster, remotes: &Remotes) -> Self {
        let links = cluster.links.iter().enumerate();
        let mut last = Repeated::default();
        let verdicts = links.filter_map(|(place, link)| {
            let verdict = verdict(&LinkContext {
                cluster,
                link,
                remote: remotes.remote(cluster, link),
            });
            let known = link.verdict.as_ref().filter(|known| ***known == verdict);
            if let Some(known) = known {
                last.share(known.clone());
                return None;
            }
            Some((place, last.share(verdict)))
        });
        Self {
            verdicts: verdicts.collect(),
            missing: Some(expectation::missing(cluster)).filter(|it| **it != *cluster.missing),
        }
    }

    /// Writes it into the cluster. What a poll has just brought is in no other snapshot, and is not copied.
    fn write(self, cluster: &mut Arc<Cluster>) {
        if self.verdicts.is_empty() && self.missing.is_none() {
            return;
        }
        let cluster = Arc::make_mut(cluster);
        for (place, verdict) in self.verdicts {
            Arc::make_mut(&mut cluster.links[place]).verdict = Some(verdict);
        }
        if let Some(missing) = self.missing {
            cluster.missing = missing.into();
        }
    }
}

fn verdict(context: &LinkContext) -> Verdict {
    let wanted = Wanted::of(&context.cluster.intent, &context.link.link_name);
    let audited = audit::audit(context).unwrap_or_default();
    let expectations = wanted.judge(context.link);
    let pair = pair::pair(context);
    let unknown = unknown::all(context.link, &audited, &expectations, pair.as_ref());
    let found = audited
        .into_iter()
        .filter_map(|(kind, judged)| match judged {
            Judged::Bad(detail) => Some(Found { kind, detail }),
            Judged::Good | Judged::Unknown(_) => None,
        });
    // Collected, they would stay in the place of all that was audited.
    let mut findings = Vec::new();
    findings.extend(found);
    Verdict {
        findings,
        rpo: wanted.rpo,
        failover: readiness::failover(context, &wanted, pair.as_ref()),
        expectations,
        pair,
        unknown,
    }
}

/// What is not the same in two snapshots.
struct Changed<'a> {
    clusters: Vec<&'a Arc<Cluster>>,
    /// The ids of these clusters, before and after.
    ids: BTreeSet<&'a ClusterId>,
}

impl<'a> Changed<'a> {
    fn between(before: &'a Snapshot, next: &'a Snapshot) -> Self {
        let not_in = |these: &'a Snapshot, those: &'a Snapshot| {
            let places = these.clusters.iter().enumerate();
            places.filter_map(|(place, cluster)| {
                let other = those.clusters.get(place);
                let is_there = other.is_some_and(|other| Arc::ptr_eq(cluster, other));
                (!is_there).then_some(cluster)
            })
        };
        let clusters: Vec<_> = not_in(before, next).chain(not_in(next, before)).collect();
        Self {
            ids: clusters.iter().filter_map(|it| it.id.as_ref()).collect(),
            clusters,
        }
    }

    fn is_changed(&self, cluster: &Arc<Cluster>) -> bool {
        self.clusters
            .iter()
            .any(|changed| Arc::ptr_eq(changed, cluster))
    }
}

#[cfg(test)]
mod tests {
    use super::{testing::*, *};

    #[test]
    fn a_cluster_is_judged_again_when_the_one_its_links_lead_to_changes() {
        let half = |remote: &str| {
            let half = link("both-ways", remote, "ACTIVE").configs(BIDIRECTIONAL);
            half.tasks(&[("ConsumerOffsetSync", "ACTIVE")])
        };
        let first = judged([
            cluster("lkc-east", [half("lkc-west")]),
            cluster("lkc-west", [half("lkc-east")]),
            cluster("lkc-else", [link("other", "lkc-far", "ACTIVE")]),
        ]);
        assert_eq!(pairs(&first).len(), 8, "{:?}", pairs(&first));

        let mut next = first.clone();
        next.clusters[1] = Arc::new(cluster("lkc-west", []));
        let second = judge(&first, next);
        let east = "lkc-east both-ways remote_link_exists: `lkc-west` has no link of this name";
        assert_eq!(pairs(&second), [east]);
        let is_same = |index: usize| Arc::ptr_eq(&first.clusters[index], &second.clusters[index]);
        assert_eq!([is_same(0), is_same(2)], [false, true]);
    }

    #[test]
    fn only_links_with_another_verdict_are_kept_anew() {
        let half = link("both-ways", "lkc-west", "ACTIVE").configs(BIDIRECTIONAL);
        let east = cluster("lkc-east", [half, link("one-way", "lkc-far", "ACTIVE")]);
        let first = judged([east, cluster("lkc-west", [])]);
        let mut next = first.clone();
        next.clusters[1] = Arc::new(unpolled("lkc-west"));
        let second = judge(&first, next);
        let links = first.clusters[0]
            .links
            .iter()
            .zip(&second.clusters[0].links);
        let is_same: Vec<_> = links.map(|(a, b)| Arc::ptr_eq(a, b)).collect();
        assert_eq!(is_same, [false, true]);
    }

    #[test]
    fn a_judgement_that_stays_the_same_leaves_the_cluster_as_it_is() {
        let local = cluster("lkc-east", [link("one-way", "lkc-west", "ACTIVE")]);
        let first = judged([local, cluster("lkc-west", [])]);
        let mut next = first.clone();
        next.clusters[1] = Arc::new(cluster("lkc-west", []));
        let second = judge(&first, next);
        assert!(Arc::ptr_eq(&first.clusters[0], &second.clusters[0]));
    }
    #[test]
    fn links_of_one_verdict_share_it_and_what_it_lacks_takes_no_room() {
        let plain = |name| link(name, "lkc-far", "ACTIVE").configs(&[("acl.sync.ms", "5000")]);
        let half = link("m", "lkc-east", "ACTIVE").configs(BIDIRECTIONAL);
        let links = [plain("a"), plain("b"), half, plain("x"), plain("y")];
        let judged = judged([cluster("lkc-east", links)]);
        let verdicts = judged.clusters[0].links.iter();
        let verdicts: Vec<_> = verdicts.filter_map(|link| link.verdict.as_ref()).collect();
        let is_shared = verdicts.windows(2).map(|two| Arc::ptr_eq(two[0], two[1]));
        assert_eq!(is_shared.collect::<Vec<_>>(), [true, false, false, true]);
        assert!(verdicts[0].findings.is_empty());
        assert_eq!(verdicts[0].findings.capacity(), 0);
    }
}
