//! Whether each part that polls, evaluates and renders still does its work, by what they publish.
//!
//! A process that answers a watchdog while its polls hang shows old values for ever. A cluster that does not answer is no
//! such case: its polls end at their deadline, and say so.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use crate::model::{ClusterName, Limits, Snapshot};

/// Longer than any evaluation or rendering takes, on the slowest machine.
const LATE: Duration = Duration::from_secs(60);

/// What was published since the last look.
#[derive(Clone, Copy, Default)]
pub(super) struct Heard {
    pub(super) snapshot: bool,
    pub(super) alerts: bool,
    pub(super) exposition: bool,
}

/// What each part did last.
#[derive(Default)]
pub(super) struct Liveness {
    polls: HashMap<ClusterName, Polled>,
    /// Since when a snapshot waits to be evaluated, and to be rendered.
    unevaluated: Option<Instant>,
    unrendered: Option<Instant>,
}

#[derive(PartialEq)]
struct Polled {
    count: u64,
    interval: Duration,
    seen: Instant,
}

impl Liveness {
    /// Takes in what was published until now.
    pub(super) fn hear(&mut self, heard: Heard, snapshot: &Snapshot, now: Instant) {
        let parts = [
            (&mut self.unevaluated, heard.alerts),
            (&mut self.unrendered, heard.exposition),
        ];
        for (since, was_done) in parts {
            if was_done {
                *since = None;
            } else if heard.snapshot {
                since.get_or_insert(now);
            }
        }
        if heard.snapshot || self.polls.is_empty() {
            let before = std::mem::take(&mut self.polls);
            let clusters = snapshot.clusters.iter();
            self.polls = clusters
                .map(|cluster| {
                    let Limits { poll_interval, .. } = cluster.limits;
                    let count = cluster.polls.count;
                    let known = before.get(&cluster.name);
                    // A cluster whose settings changed begins anew.
                    let known =
                        known.filter(|it| it.count == count && it.interval == poll_interval);
                    let polled = Polled {
                        count,
                        interval: poll_interval,
                        seen: known.map_or(now, |it| it.seen),
                    };
                    (cluster.name.clone(), polled)
                })
                .collect();
        }
    }

    /// What hangs, for the log; `None` while all works.
    pub(super) fn hanging(&self, now: Instant) -> Option<String> {
        let is_late = |since: Option<Instant>| since.is_some_and(|since| now - since > LATE);
        if is_late(self.unevaluated) {
            return Some("the evaluation of alerts".to_owned());
        }
        if is_late(self.unrendered) {
            return Some("the rendering of metrics".to_owned());
        }
        // A poll ends before the next is due; one more interval is for what a busy machine delays.
        let late = |polled: &Polled| now - polled.seen > polled.interval * 2 + LATE;
        let mut late: Vec<_> = self.polls.iter().filter(|(_, it)| late(it)).collect();
        late.sort_by_key(|(name, _)| *name);
        let (name, polled) = late.first()?;
        let age = (now - polled.seen).as_secs();
        Some(format!(
            "the polls of cluster `{name}`: none ended for {age} s"
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Cluster;

    const NEW: Heard = Heard {
        snapshot: true,
        alerts: false,
        exposition: false,
    };
    const ALL: Heard = Heard {
        snapshot: true,
        alerts: true,
        exposition: true,
    };

    fn polled(counts: &[(&str, u64)]) -> Snapshot {
        let clusters = counts.iter().map(|(name, count)| {
            let limits = Limits {
                poll_interval: Duration::from_secs(30),
                stale_after: Duration::from_secs(120),
            };
            let mut cluster = Cluster::unpolled((*name).into(), None, limits, &[]);
            cluster.polls.count = *count;
            Arc::new(cluster)
        });
        Snapshot {
            clusters: clusters.collect(),
            ..Snapshot::default()
        }
    }

    #[test]
    fn polls_that_end_no_more_are_found_though_others_go_on() {
        let mut liveness = Liveness::default();
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        liveness.hear(ALL, &polled(&[("a", 0), ("b", 0)]), begun);
        for at in [30, 60, 90, 120] {
            liveness.hear(ALL, &polled(&[("a", at), ("b", 0)]), after(at));
        }
        assert_eq!(liveness.hanging(after(120)), None);
        let found = "the polls of cluster `b`: none ended for 121 s";
        assert_eq!(liveness.hanging(after(121)).as_deref(), Some(found));
        // It goes on, or is not configured any more.
        let mut gone = Liveness::default();
        std::mem::swap(&mut gone, &mut liveness);
        gone.hear(ALL, &polled(&[("a", 120)]), after(122));
        assert_eq!(gone.hanging(after(123)), None);
    }

    #[test]
    fn a_cluster_with_another_interval_begins_anew() {
        let mut liveness = Liveness::default();
        let begun = Instant::now();
        let mut slow = polled(&[("a", 1)]);
        Arc::make_mut(&mut slow.clusters[0]).limits.poll_interval = Duration::from_secs(3600);
        liveness.hear(ALL, &slow, begun);
        let later = begun + Duration::from_secs(1800);
        assert_eq!(liveness.hanging(later), None);
        liveness.hear(ALL, &polled(&[("a", 1)]), later);
        assert_eq!(liveness.hanging(later), None);
    }

    #[test]
    fn a_snapshot_that_nobody_evaluates_or_renders_is_found() {
        let begun = Instant::now();
        let late = begun + LATE + Duration::from_secs(1);
        let snapshot = polled(&[]);
        for (heard, found) in [
            (
                Heard {
                    exposition: true,
                    ..Heard::default()
                },
                Some("the evaluation of alerts"),
            ),
            (
                Heard {
                    alerts: true,
                    ..Heard::default()
                },
                Some("the rendering of metrics"),
            ),
            (ALL, None),
        ] {
            let mut liveness = Liveness::default();
            liveness.hear(NEW, &snapshot, begun);
            assert_eq!(liveness.hanging(begun + LATE), None);
            // Further snapshots do not hide it.
            liveness.hear(NEW, &snapshot, begun + LATE);
            liveness.hear(heard, &snapshot, begun + LATE);
            assert_eq!(liveness.hanging(late).as_deref(), found);
        }
    }
}
