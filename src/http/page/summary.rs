//! The answer to the first question, in one line.

use crate::model::{Cluster, ObservedLink, Readiness, Snapshot, Verdict};

/// What may need a person, and how often there is such a thing.
struct Count {
    /// How the sentence begins for one of it, and for several.
    subject: [&'static str; 2],
    what: &'static str,
    of: fn(&Cluster) -> usize,
}

const COUNTS: [Count; 8] = [
    Count {
        subject: ["cluster has", "clusters have"],
        what: "no good last poll",
        of: |cluster| usize::from(!cluster.poll_succeeded()),
    },
    Count {
        subject: ["link needs", "links need"],
        what: "attention",
        of: |cluster| {
            of_links(cluster, |link, _| {
                let state = link.link_state.as_ref();
                usize::from(state.is_some_and(|state| state.health().needs_attention()))
            })
        },
    },
    Count {
        subject: ["task needs", "tasks need"],
        what: "attention",
        of: |cluster| {
            of_links(cluster, |link, _| {
                let states = link.named_tasks().iter().map(|task| &task.state);
                states
                    .filter(|state| state.health().needs_attention())
                    .count()
            })
        },
    },
    Count {
        subject: ["link is", "links are"],
        what: "not ready for a failover",
        of: |cluster| {
            of_links(cluster, |_, verdict| {
                usize::from(verdict.failover.readiness() == Readiness::NotReady)
            })
        },
    },
    Count {
        subject: ["expectation is", "expectations are"],
        what: "violated",
        of: |cluster| {
            let shown = cluster.shown_expectations();
            shown.filter(|shown| shown.violation.is_some()).count()
        },
    },
    Count {
        subject: ["check of a pair does", "checks of pairs do"],
        what: "not hold",
        of: |cluster| {
            of_links(cluster, |_, verdict| {
                verdict
                    .pair
                    .as_ref()
                    .map_or(0, |pair| pair.broken().count())
            })
        },
    },
    Count {
        subject: ["finding", "findings"],
        what: "in the settings",
        of: |cluster| of_links(cluster, |_, verdict| verdict.findings.len()),
    },
    Count {
        subject: ["link has", "links have"],
        what: "no list of tasks",
        of: |cluster| of_links(cluster, |link, _| usize::from(link.tasks_unknown())),
    },
];

fn of_links(cluster: &Cluster, count: impl Fn(&ObservedLink, &Verdict) -> usize) -> usize {
    let links = cluster.judged_links();
    links.map(|(link, verdict)| count(link, verdict)).sum()
}

/// That there may be clusters which nobody watches.
fn unknown(snapshot: &Snapshot) -> Option<String> {
    let mut failing = snapshot.discoveries.iter().filter(|it| !it.succeeded());
    let name = &failing.next()?.name;
    Some(format!("the list of clusters at {name} is not known whole"))
}

/// Says that all is well only where that is known of every cluster, and there is one.
pub(super) fn sentence(snapshot: &Snapshot) -> String {
    let unknown = unknown(snapshot);
    if snapshot.clusters.is_empty() {
        let none = "No cluster is polled here";
        return unknown.map_or_else(
            || format!("{none}."),
            |unknown| format!("{none}: {unknown}."),
        );
    }
    let found = COUNTS.iter().filter_map(|Count { subject, what, of }| {
        let count: usize = snapshot.clusters.iter().map(|cluster| of(cluster)).sum();
        let subject = subject[usize::from(count != 1)];
        (count > 0).then(|| format!("{count} {subject} {what}"))
    });
    let found: Vec<_> = found.chain(unknown).collect();
    if found.is_empty() {
        "Every cluster was polled well; no link and no task needs attention.".to_owned()
    } else {
        format!("{}.", found.join(", "))
    }
}
