//! Value mappings and queries of states against the state tables.

use std::collections::BTreeMap;

use cluster_link_exporter::model::{Health, LinkState, MirrorStatus, StateRow, TaskState};
use serde_json::Value;

use super::boards::{assert_none, list, shipped, text};

/// The states that have numbers, with the family whose they are.
pub(crate) const SETS: [(&str, &[StateRow]); 3] = [
    ("clusterlink_link_state", LinkState::TABLE),
    ("clusterlink_task_state", TaskState::TABLE),
    ("clusterlink_mirror_topic_state", MirrorStatus::TABLE),
];

/// The number, name and colour of each state, computed from the rule in words: ten times the rank of its health, plus its
/// place among the states of the same health.
pub(crate) fn numbers(table: &[StateRow]) -> BTreeMap<u64, (&'static str, &'static str)> {
    let mut places: BTreeMap<Health, u64> = BTreeMap::new();
    let numbers = table.iter().map(|row| {
        let (rank, colour) = match row.health {
            Health::Healthy => (0, "green"),
            Health::Off => (1, "#57687d"),
            Health::Changing => (2, "blue"),
            Health::Paused => (3, "yellow"),
            Health::Unknown => (4, "purple"),
            Health::Unavailable => (5, "orange"),
            Health::Broken => (6, "red"),
        };
        let place = places.entry(row.health).or_default();
        *place += 1;
        (10 * rank + *place - 1, (row.name, colour))
    });
    let numbers: Vec<_> = numbers.collect();
    let count = numbers.len();
    let numbers: BTreeMap<_, _> = numbers.into_iter().collect();
    assert_eq!(numbers.len(), count, "two states have one number");
    numbers
}

/// The words and colours of a panel's value mappings.
pub(crate) fn mapped(panel: &Value) -> BTreeMap<u64, (&str, &str)> {
    let mappings = list(&panel["fieldConfig"]["defaults"]["mappings"]).iter();
    let values = mappings.filter(|mapping| mapping["type"] == "value");
    let values = values.flat_map(|mapping| mapping["options"].as_object().unwrap());
    values
        .map(|(value, shown)| {
            let number = value.parse().expect("states are numbers");
            (number, (text(&shown["text"]), text(&shown["color"])))
        })
        .collect()
}

/// The table of the family that a panel asks for.
fn table(panel: &Value) -> &'static [StateRow] {
    let expression = text(&panel["targets"][0]["expr"]);
    let found = SETS
        .iter()
        .find(|(family, _)| expression.contains(&format!("{family}{{")));
    found.expect("a timeline shows a state set").1
}

#[test]
fn timelines_name_every_state_and_the_gap() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for board in shipped() {
        for panel in board
            .shown()
            .filter(|panel| panel["type"] == "state-timeline")
        {
            count += 1;
            let place = board.place(panel);
            let (found, expected) = (mapped(panel), numbers(table(panel)));
            if found != expected {
                wrong.push(format!(
                    "{place}: maps {found:?}, the table says {expected:?}"
                ));
            }
            let mappings = list(&panel["fieldConfig"]["defaults"]["mappings"]).iter();
            let gap = mappings.filter(|mapping| mapping["options"]["match"] == "null");
            let gap: Vec<_> = gap
                .map(|mapping| &mapping["options"]["result"]["text"])
                .collect();
            if gap != ["no data"] {
                wrong.push(format!("{place}: its gaps are {gap:?}"));
            }
        }
    }
    assert_eq!(count, 4, "there are four timelines");
    assert_none(&wrong, "write its mappings with `mapping::timeline`");
}

#[test]
fn a_query_of_states_asks_for_every_state_with_its_number() {
    let mut wrong = Vec::new();
    for board in shipped() {
        for panel in board
            .shown()
            .filter(|panel| panel["type"] == "state-timeline")
        {
            for target in list(&panel["targets"]) {
                let expression = text(&target["expr"]);
                for (number, (name, _)) in numbers(table(panel)) {
                    let is_number = format!("label_replace(vector({number}), \"");
                    let is_state = format!("\", \"{name}\", \"\", \"\")");
                    let is_asked = expression
                        .lines()
                        .any(|line| line.contains(&is_number) && line.ends_with(&is_state));
                    if !is_asked {
                        wrong.push(format!("{}: {name} is not {number}", board.place(panel)));
                    }
                }
            }
        }
    }
    assert_none(&wrong, "write its queries with `StateSet::worst_first`");
}

/// Where links stand beside tasks, their numbers are so much more.
const LINKS_BESIDE_TASKS: u64 = 100;

#[test]
fn tables_and_tiles_name_states_as_the_state_tables_do() {
    let beside = numbers(LinkState::TABLE).into_iter();
    let beside = beside.map(|(number, state)| (number + LINKS_BESIDE_TASKS, state));
    let both: BTreeMap<_, _> = beside.chain(numbers(TaskState::TABLE)).collect();
    let allowed: Vec<_> = SETS
        .iter()
        .map(|(_, table)| numbers(table))
        .chain([both])
        .collect();
    let mut wrong = Vec::new();
    let mut count = 0;
    for board in shipped() {
        for panel in board.shown() {
            let defaults = &panel["fieldConfig"]["defaults"]["mappings"];
            let fields = list(&panel["fieldConfig"]["overrides"]).iter();
            let properties = fields.flat_map(|field| list(&field["properties"]));
            let mappings = properties.filter(|property| property["id"] == "mappings");
            for mappings in mappings
                .map(|property| &property["value"])
                .chain([defaults])
            {
                let mut shown = BTreeMap::new();
                for mapping in list(mappings)
                    .iter()
                    .filter(|mapping| mapping["type"] == "value")
                {
                    for (value, result) in mapping["options"].as_object().unwrap() {
                        let state = (text(&result["text"]), text(&result["color"]));
                        if let Ok(number) = value.parse::<u64>()
                            && state.0 != "BLIND"
                        {
                            shown.insert(number, state);
                        }
                    }
                }
                if shown.values().any(|(name, _)| *name == "ACTIVE") {
                    count += 1;
                    if !allowed.contains(&shown) {
                        wrong.push(format!("{}: {shown:?}", board.place(panel)));
                    }
                }
            }
        }
    }
    assert!(count > 10, "there are many columns of states");
    assert_none(&wrong, "write its mappings with `mapping::states`");
}
