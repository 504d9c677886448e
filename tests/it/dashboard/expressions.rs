//! Every expression, read by a parser of PromQL, against the tables of the code; and every family, against who uses it.

use std::collections::BTreeSet;

use cluster_link_exporter::alert::{Recording, Selector, recordings, rules, slo_recordings};

use super::{
    boards::{Board, assert_none, shipped},
    variables::{Chosen, fill},
};
use crate::support::promql::{KNOWN, selectors, unknown};

/// Families that no board and no rule asks for, each with the reason.
const UNUSED: [(&str, &str); 5] = [
    (
        "clusterlink_exporter_shard_info",
        "says which part of the links a process polls, for joins of one's own; no board tells processes apart by that",
    ),
    (
        "clusterlink_muted_alerts",
        "a mute stays visible where it is set: page, API and `alerts` say which alerts, by whom and until when",
    ),
    (
        "clusterlink_task_interval_seconds",
        "a setting, which hardly ever changes; a task that is late shows by its errors and by the lag",
    ),
    ("process_threads", "says nothing that CPU and memory do not"),
    (
        "process_virtual_memory_bytes",
        "is no measure of what a process uses",
    ),
];

#[test]
fn every_name_and_value_in_an_expression_exists() {
    let mut wrong = Vec::new();
    for board in shipped() {
        for asked in board.asked() {
            let expression = fill(&asked.expression, 60, |name| Chosen::values([name]));
            let unknown = unknown(&expression).into_iter();
            wrong.extend(unknown.map(|what| format!("{}: {what}", asked.place)));
        }
    }
    assert_none(&wrong, "ask for what there is");
}

/// The metrics that the boards' and the rules' expressions select.
fn used() -> BTreeSet<String> {
    let boards = shipped();
    let asked = boards.iter().flat_map(Board::asked);
    let expressions = asked.map(|asked| fill(&asked.expression, 60, |_| Chosen::All));
    let recorded = recordings()
        .chain(slo_recordings())
        .map(Recording::expression);
    let alerted = rules().map(|rule| (rule.expression)());
    let rules = recorded
        .chain(alerted)
        .map(|expression| Selector::default().fill(&expression));
    let selected = expressions
        .chain(rules)
        .flat_map(|expression| selectors(&expression).unwrap());
    selected.filter_map(|selector| selector.name).collect()
}

#[test]
fn every_family_is_used_or_has_a_reason_not_to_be() {
    let used = used();
    let is_used = |name: &str| {
        ["", "_bucket", "_count", "_sum"]
            .iter()
            .any(|part| used.contains(&format!("{name}{part}")))
    };
    let histogram_part = |name: &str| {
        ["_bucket", "_count", "_sum"].iter().any(|part| {
            name.strip_suffix(part)
                .is_some_and(|family| KNOWN.contains_key(family))
        })
    };
    let families = KNOWN.keys().filter(|name| !histogram_part(name));
    let mut wrong: Vec<_> = families
        .filter(|name| !is_used(name) && !UNUSED.iter().any(|(unused, _)| unused == name))
        .map(|name| format!("{name}: show it, or say in `UNUSED` why not"))
        .collect();
    wrong.extend(
        UNUSED
            .iter()
            .filter(|(name, _)| is_used(name))
            .map(|(name, _)| format!("{name}: it is used; take it from `UNUSED`")),
    );
    assert_none(&wrong, "every family is there for somebody");
}
