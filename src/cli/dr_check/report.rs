//! Verdicts as a table for people.

use crate::{
    cli::table::{self, NOT_KNOWN, Row, printable},
    model::{Blocker, Cluster, Failover, ObservedLink, Verdict, whole_seconds},
};

const HEADER: [&str; 6] = ["Cluster", "Link", "Verdict", "Lag", "RPO", "Reasons"];

/// A reason or a gap, with what to do about it.
struct Note<'a> {
    name: &'static str,
    detail: &'a str,
    remedies: Vec<&'static str>,
}

/// The table; `None` where there is no link.
pub(super) fn table(clusters: &[&Cluster], width: Option<u16>) -> Option<String> {
    let rows = clusters.iter().flat_map(|cluster| {
        let links = cluster.judged_links();
        links.map(|(link, verdict)| row(cluster, link, verdict))
    });
    table::render(&HEADER, &rows.collect::<Vec<_>>(), width)
}

fn row(cluster: &Cluster, link: &ObservedLink, verdict: &Verdict) -> Row {
    let failover = &verdict.failover;
    let notes = blockers(verdict).chain(gaps(verdict));
    let notes = notes.flat_map(|note| note.lines());
    let gone = failover
        .is_source_gone
        .then(|| Failover::SOURCE_GONE.to_owned());
    let notes: Vec<_> = notes.chain(gone).collect();
    let rpo = verdict.rpo.map(|rpo| whole_seconds(rpo).to_string());
    Row {
        cells: vec![
            printable(cluster.name.as_str()),
            printable(link.link_name.as_str()),
            failover.readiness().as_str().to_owned(),
            lag(link).unwrap_or_else(|| NOT_KNOWN.to_owned()),
            rpo.unwrap_or_else(|| NOT_KNOWN.to_owned()),
        ],
        notes: notes.join("\n"),
    }
}

fn blockers(verdict: &Verdict) -> impl Iterator<Item = Note<'_>> {
    verdict.failover.blockers.iter().map(|found| Note {
        name: found.kind.label(),
        detail: &found.detail,
        remedies: match (found.kind, &verdict.pair) {
            // What is wrong with a pair is said by its checks.
            (Blocker::PairBroken, Some(pair)) => {
                pair.broken().map(|(check, _)| check.row().remedy).collect()
            }
            (kind, _) => vec![kind.row().remedy],
        },
    })
}

fn gaps(verdict: &Verdict) -> impl Iterator<Item = Note<'_>> {
    verdict.failover.gaps.iter().map(|missing| Note {
        name: missing.gap.label(),
        detail: &missing.detail,
        remedies: vec![missing.gap.row().remedy],
    })
}

impl Note<'_> {
    fn lines(&self) -> Vec<String> {
        let reason = format!("{}: {}", self.name, printable(self.detail));
        let hints = self.remedies.iter().map(|remedy| format!("hint: {remedy}"));
        std::iter::once(reason).chain(hints).collect()
    }
}

fn lag(link: &ObservedLink) -> Option<String> {
    Some(link.shown_mirrors().ok()?.known_lag().ok()?.in_words())
}
