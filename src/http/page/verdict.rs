//! What the page says of how a link is judged: a row for each kind of judgement, the words from their tables.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{
    badges::{Line, name, with_code},
    part::Part,
};
use crate::model::{
    Failover, Finding, Found, Health, Judged, Missing, Pair, Readiness, TableWord, Unknown, Verdict,
};

/// How readiness looks. A link that is not ready need not be broken: it may be paused on purpose.
pub(super) fn readiness(failover: &Failover) -> (Health, &'static str) {
    let readiness = failover.readiness();
    let health = match readiness {
        Readiness::Ready => Health::Healthy,
        Readiness::NotReady => Health::Unavailable,
        Readiness::NotJudged => Health::Unknown,
    };
    (health, readiness.as_str())
}

/// What is expected of the link, how it fits its other half, and what is found in its settings, as far as there is
/// something to say.
pub(super) fn parts(verdict: &Verdict) -> impl Iterator<Item = Part<'_>> {
    let pair = verdict.pair.as_ref().map(other_half);
    let parts = [expectations(verdict), pair, settings(verdict)];
    parts.into_iter().flatten()
}

/// What is against a failover, and what is not known of it. Whether one could fail over stands beside the link's name.
pub(super) fn against_failover(failover: &Failover) -> Option<Part<'_>> {
    let Failover {
        blockers,
        gaps,
        is_source_gone,
    } = failover;
    if blockers.is_empty() && gaps.is_empty() && !is_source_gone {
        return None;
    }
    let details = html! {
        @for Found { kind, detail } in blockers { (reason(kind.row(), detail)) }
        @for Missing { gap, detail, .. } in gaps {
            p { (named(gap.row())) " not known: " (with_code(detail)) }
        }
        @if *is_source_gone { p { (Failover::SOURCE_GONE) } }
    };
    Some(Part::new("failover", Vec::new(), vec![Line::Text(details)]))
}

/// Violated ones are spelled out, the others counted.
fn expectations(verdict: &Verdict) -> Option<Part<'_>> {
    let outcomes = verdict
        .expectations
        .iter()
        .map(|expected| &expected.outcome);
    let badges = tally(&outcomes.collect::<Vec<_>>(), "violated", "met");
    let details = html! {
        @for (expected, why) in verdict.violated() {
            p {
                (named(expected.expectation.row()))
                @if let Some(task) = &expected.task_name { " " (name(task)) }
                " " (with_code(why))
            }
        }
        @for expected in &verdict.expectations {
            @if let Some(why) = expected.outcome.unknown() {
                p {
                    (named(expected.expectation.row()))
                    @if let Some(task) = &expected.task_name { " " (name(task)) }
                    " not known: " (why)
                }
            }
        }
    };
    (!badges.is_empty()).then(|| Part::new("expectations", badges, vec![Line::Text(details)]))
}

fn other_half(pair: &Pair) -> Part<'_> {
    let outcomes = pair.checks.iter().map(|(_, judged)| judged);
    let unknown = pair.unknown().map(|(check, why)| (check.row(), why));
    let unknown: Vec<_> = unknown.collect();
    let badges = tally(&outcomes.collect::<Vec<_>>(), "broken", "hold");
    let broken = pair.broken().map(|(check, why)| (check.row(), why));
    let details = advised(broken, &unknown);
    Part::new("other half", badges, details)
}

fn settings(verdict: &Verdict) -> Option<Part<'_>> {
    let findings = &verdict.findings;
    let what = if findings.len() == 1 {
        "finding"
    } else {
        "findings"
    };
    let unknown = unknown_findings(verdict);
    let badges = badges([
        (findings.len(), Health::Unavailable, what),
        (unknown.len(), Health::Changing, "not known"),
    ]);
    let found = findings.iter();
    let found = found.map(|Found { kind, detail }| (kind.row(), detail.as_str()));
    let details = advised(found, &unknown);
    (!badges.is_empty()).then(|| Part::new("settings", badges, details))
}

/// What the audit cannot say of the link.
fn unknown_findings(verdict: &Verdict) -> Vec<(&'static TableWord, Unknown)> {
    let unknown = verdict.unknown.iter().filter_map(|unknown| {
        let mut rows = Finding::TABLE.iter();
        let row = rows.find(|row| row.name == unknown.judgement)?;
        Some((row, unknown.why))
    });
    unknown.collect()
}

/// What cannot be judged, by why not: one answer that lacks something leaves several open.
fn not_known(unknown: &[(&'static TableWord, Unknown)]) -> Markup {
    let mut by_reason = BTreeMap::<_, Vec<_>>::new();
    for (row, why) in unknown {
        by_reason.entry(*why).or_default().push(*row);
    }
    html! {
        @for (why, rows) in by_reason {
            p {
                @for (number, row) in rows.into_iter().enumerate() {
                    @if number > 0 { ", " }
                    (named(row))
                }
                " not known: " (why)
            }
        }
    }
}

/// What is wrong, each with what to do about it, and what is not known.
fn advised<'a>(
    wrong: impl Iterator<Item = (&'static TableWord, &'a str)>,
    unknown: &[(&'static TableWord, Unknown)],
) -> Vec<Line> {
    let wrong = wrong.flat_map(|(row, why)| [Line::Text(reason(row, why)), Line::hint(row.remedy)]);
    wrong.chain([Line::Text(not_known(unknown))]).collect()
}

/// A word of a table and what of it was seen.
fn reason(word: &TableWord, detail: &str) -> Markup {
    html! { p { (named(word)) " " (with_code(detail)) } }
}

/// Its meaning is there to hover over.
pub(super) fn named(word: &TableWord) -> Markup {
    html! { b title=(word.meaning) { (word.name) } }
}

/// How many are bad, good and not known, in these words.
fn tally(judged: &[&Judged], bad: &str, good: &str) -> Vec<(Health, String)> {
    let count = |is: fn(&Judged) -> bool| judged.iter().filter(|judged| is(judged)).count();
    badges([
        (count(|it| it.bad().is_some()), Health::Broken, bad),
        (
            count(|it| it.unknown().is_some()),
            Health::Changing,
            "not known",
        ),
        (count(|it| *it == Judged::Good), Health::Healthy, good),
    ])
}

fn badges<const N: usize>(counts: [(usize, Health, &str); N]) -> Vec<(Health, String)> {
    let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
    counts
        .map(|(count, health, word)| (health, format!("{count} {word}")))
        .collect()
}
