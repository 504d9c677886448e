//! The runbooks: one for every alert, of one form, and naming only what exists.

use std::collections::BTreeSet;

use cluster_link_exporter::{
    alert::{Rule, Severity, rules},
    catalogue,
    model::{LinkState, TaskState},
};
use regex::Regex;

use super::page::{Page, found, nothing_wrong, runbooks};
use crate::support::promql::{self, KNOWN};

/// What fits into 20 seconds at night.
const LONGEST_OPENING: usize = 400;
const MOST_LINES: usize = 90;

/// Tables of a runbook that must name every value of a label: the runbook, the metric and the label.
const COMPLETE: &[(&str, &str, &str)] = &[
    (
        "ClusterLinkBlind",
        "clusterlink_poll_failures_total",
        "reason",
    ),
    (
        "ClusterLinkDetailsFailing",
        "clusterlink_details_success",
        "endpoint",
    ),
    (
        "ClusterLinkUnrecognizedValue",
        "clusterlink_unrecognized_values_total",
        "field",
    ),
];

/// What a paragraph for this severity begins with.
fn urgency(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "**Urgent",
        Severity::Warning => "**In the morning",
        Severity::Info => "**No hurry",
        Severity::None => "**Nothing to do",
    }
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let alerts: BTreeSet<_> = rules().map(|rule| rule.name.to_owned()).collect();
    let pages: BTreeSet<_> = runbooks().into_iter().map(|page| page.name).collect();
    let missing = alerts
        .difference(&pages)
        .map(|name| format!("write alerts/runbooks/{name}.md, as the others there are"));
    let surplus = pages.difference(&alerts).map(|name| {
        format!("alerts/runbooks/{name}.md is of no alert; rename or delete it, or add the rule")
    });
    let wrong: Vec<_> = missing.chain(surplus).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_runbook_has_the_same_form() {
    nothing_wrong(|page| {
        rules()
            .find(|rule| rule.name == page.name)
            .map_or_else(Vec::new, |rule| form(page, rule))
    });
}

fn form(page: &Page, rule: &Rule) -> Vec<String> {
    let mut wrong = Vec::new();
    let title = format!("# {}", page.name);
    let heads = [
        title.as_str(),
        "## Meaning",
        "## Impact",
        "## Diagnosis",
        "## Mitigation",
    ];
    if page.heads() != heads {
        wrong.push(format!(
            "write exactly the heads {heads:?}, not {:?}",
            page.heads()
        ));
    }
    let lines = page.text.lines().count();
    if lines > MOST_LINES {
        wrong.push(format!("cut its {lines} lines to {MOST_LINES}"));
    }
    let opening = page.opening();
    let [paragraph] = opening.as_slice() else {
        wrong.push("write one paragraph between the title and `## Meaning`".to_owned());
        return wrong;
    };
    let length = paragraph.chars().count();
    if length > LONGEST_OPENING {
        wrong.push(format!(
            "cut the {length} characters of the first paragraph to {LONGEST_OPENING}"
        ));
    }
    let begin = urgency(rule.severity);
    if !paragraph.starts_with(begin) {
        wrong.push(format!(
            "begin the first paragraph with `{begin}`: the alert is {}",
            rule.severity.label()
        ));
    }
    if found(
        "`((?:confluent|cluster-link-exporter|promtool) [^`]+)`",
        paragraph,
    )
    .is_empty()
    {
        wrong.push("put the first command into the first paragraph".to_owned());
    }
    wrong
}

#[test]
fn every_metric_and_every_query_of_a_runbook_exists() {
    nothing_wrong(|page| {
        let names = found(r"\b(clusterlink_[a-z0-9_]+)", &page.text);
        let unknown = names.iter().filter(|name| !KNOWN.contains_key(**name));
        let unknown = unknown.map(|name| format!("there is no metric `{name}`; see src/metrics"));
        let queries = page
            .blocks
            .iter()
            .filter(|(language, _)| language == "promql");
        let broken = queries.flat_map(|(_, query)| promql::unknown(query));
        unknown.chain(broken).collect()
    });
}

#[test]
fn every_alert_that_a_runbook_names_exists() {
    nothing_wrong(|page| {
        let names = found(r"\b(ClusterLink[A-Z][A-Za-z]*)", &page.text);
        let unknown = names
            .iter()
            .filter(|name| rules().all(|rule| rule.name != **name));
        unknown
            .map(|name| format!("there is no alert `{name}`; see src/alert/rules"))
            .collect()
    });
}

#[test]
fn every_error_code_of_a_runbook_is_in_the_catalogue() {
    let states = || LinkState::TABLE.iter().chain(TaskState::TABLE);
    let is_code = Regex::new("^[A-Z][A-Z0-9_]*_ERROR$").unwrap();
    nothing_wrong(|page| {
        let spans = page.spans().into_iter();
        let codes = spans.filter(|span| is_code.is_match(span));
        codes
            .filter(|code| !catalogue::contains(code) && states().all(|state| state.name != code))
            .map(|code| format!("`{code}` is no error code; see src/catalogue"))
            .collect()
    });
}

#[test]
fn a_table_of_all_values_has_all_of_them() {
    let pages = runbooks();
    let mut wrong = Vec::new();
    for (name, metric, label) in COMPLETE {
        let page = pages.iter().find(|page| page.name == *name);
        let spans = page.expect("the runbook is there").spans();
        let labels = KNOWN
            .get(*metric)
            .expect("the metric of `COMPLETE` is there");
        for value in labels[*label].iter().flatten() {
            if !spans.iter().any(|span| span == value) {
                wrong.push(format!(
                    "say in {name}.md what to do about {label} `{value}`"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
