//! The form of a board: what Grafana and the people who provision it need.

use std::collections::BTreeSet;

use promql_parser::parser::VectorSelector;
use serde_json::{Value, json};

use super::{
    boards::{Board, assert_none, list, shipped, text},
    variables::{Chosen, fill},
};
use crate::support::promql::{KNOWN, selectors};

/// The panels that come with every Grafana.
const CORE: [&str; 6] = [
    "row",
    "stat",
    "state-timeline",
    "table",
    "text",
    "timeseries",
];

/// The columns of the grid.
const COLUMNS: u64 = 24;

/// Calls the check with each panel that shows something, and fails with what it says.
fn each_panel(rule: &str, check: impl Fn(&Value) -> Vec<String>) {
    let mut wrong = Vec::new();
    for board in shipped() {
        for panel in board.shown() {
            let said = check(panel).into_iter();
            wrong.extend(said.map(|why| format!("{}: {why}", board.place(panel))));
        }
    }
    assert_none(&wrong, rule);
}

fn each_board(rule: &str, check: impl Fn(&Board) -> Vec<String>) {
    let mut wrong = Vec::new();
    for board in shipped() {
        let said = check(&board).into_iter();
        wrong.extend(said.map(|why| format!("{}: {why}", board.stem)));
    }
    assert_none(&wrong, rule);
}

#[test]
fn there_are_four_boards_and_a_files_name_is_its_uid() {
    let boards = shipped();
    let names: Vec<_> = boards.iter().map(|board| board.stem.as_str()).collect();
    let expected = [
        "clusterlink-dr",
        "clusterlink-exporter",
        "clusterlink-link",
        "clusterlink-overview",
    ];
    assert_eq!(names, expected);
    each_board("the name of a file is its board's uid", |board| {
        let uid = &board.json["uid"];
        (*uid != *board.stem)
            .then(|| format!("its uid is {uid}"))
            .into_iter()
            .collect()
    });
}

#[test]
fn heads_are_alike() {
    let expected = json!({
        "editable": false,
        "graphTooltip": 1,
        "id": null,
        "refresh": "1m",
        "schemaVersion": 39,
        "tags": ["cluster-linking"],
        "time": { "from": "now-6h", "to": "now" },
    });
    each_board("mend src/dashboard/board.rs", |board| {
        let expected = expected.as_object().unwrap();
        let differing = expected
            .iter()
            .filter(|(key, value)| board.json[key] != **value);
        differing
            .map(|(key, value)| format!("`{key}` is {}, not {value}", board.json[key]))
            .collect()
    });
}

#[test]
fn files_are_provisioned_without_a_click() {
    each_board(
        "no file may ask for or name what only one Grafana has",
        |board| {
            let mut wrong = Vec::new();
            for key in ["__inputs", "__requires"] {
                if board.json.get(key).is_some() {
                    wrong.push(format!("it has `{key}`"));
                }
            }
            walk(&board.json, &mut |key, value| {
                if key == "datasource" && value.is_object() {
                    let uid = text(&value["uid"]);
                    if !["${datasource}", "-- Grafana --"].contains(&uid) {
                        wrong.push(format!("it names a data source: {uid}"));
                    }
                }
                if value.as_str().is_some_and(|text| text.contains("://")) {
                    wrong.push(format!("it names a host in `{key}`: {value}"));
                }
            });
            wrong
        },
    );
}

/// Every value with its key.
fn walk(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(values) => {
            for (key, value) in values {
                see(key, value);
                walk(value, see);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, see)),
        _ => {}
    }
}

#[test]
fn panels_have_their_own_numbers_and_places() {
    each_board("mend the strips of the board", |board| {
        let mut wrong = Vec::new();
        let (mut ids, mut taken) = (BTreeSet::new(), BTreeSet::new());
        for panel in board.panels() {
            let title = text(&panel["title"]);
            if !ids.insert(panel["id"].as_u64()) {
                wrong.push(format!("{title}: its id is taken"));
            }
            let [x, y, width, height] =
                ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().unwrap());
            if x + width > COLUMNS || width == 0 || height == 0 {
                wrong.push(format!("{title}: it leaves the grid"));
            }
            let places = (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y)));
            for place in places {
                if !taken.insert(place) {
                    wrong.push(format!("{title}: it lies on another panel at {place:?}"));
                    break;
                }
            }
        }
        wrong
    });
}

#[test]
fn panels_are_of_the_core() {
    each_panel("use a panel that comes with every Grafana", |panel| {
        let kind = text(&panel["type"]);
        let is_core = CORE.contains(&kind);
        (!is_core)
            .then(|| format!("`{kind}`"))
            .into_iter()
            .collect()
    });
}

#[test]
fn panels_say_what_they_show_in_which_unit_and_what_emptiness_means() {
    each_panel("complete the panel", |panel| {
        let defaults = &panel["fieldConfig"]["defaults"];
        let mut wrong = Vec::new();
        for (what, value) in [
            ("title", &panel["title"]),
            ("description", &panel["description"]),
            ("unit", &defaults["unit"]),
            ("noValue", &defaults["noValue"]),
        ] {
            if text(value).is_empty() {
                wrong.push(format!("it has no {what}"));
            }
        }
        let description = text(&panel["description"]);
        if !description.ends_with('.') || description.contains("  ") {
            wrong.push(format!("its description is no sentence: {description}"));
        }
        wrong
    });
}

#[test]
fn thresholds_are_our_own() {
    each_panel("write thresholds of its own", |panel| {
        let mut wrong = Vec::new();
        if panel["fieldConfig"]["defaults"].get("thresholds").is_none() {
            wrong.push("it has Grafana's thresholds".to_owned());
        }
        walk(&panel["fieldConfig"], &mut |_, value| {
            let Some(steps) = value.get("steps") else {
                return;
            };
            let steps = list(steps);
            if value["mode"] != "absolute"
                || !steps.first().is_some_and(|step| step["value"].is_null())
            {
                wrong.push(format!(
                    "they are not absolute, or have no beginning: {value}"
                ));
            }
            if steps.iter().any(|step| step["value"] == 80.0) {
                wrong.push(format!("80 is Grafana's own: {value}"));
            }
        });
        wrong
    });
}

#[test]
fn a_tile_has_no_zero_of_its_own_and_turns_red_where_there_is_nothing() {
    each_panel("use `count`, or map nothing to NO DATA in red", |panel| {
        if panel["type"] != "stat" {
            return Vec::new();
        }
        let mut wrong = Vec::new();
        let targets = list(&panel["targets"]).iter();
        // The numbers of states have the label of one, and are multiplied with series that have it too.
        let made_up = |expression: &str| {
            let [all, numbers] =
                ["vector(", "label_replace(vector("].map(|text| expression.matches(text).count());
            all > numbers
        };
        if targets.clone().any(|target| made_up(text(&target["expr"]))) {
            wrong.push("its zero is made up".to_owned());
        }
        // A value of earlier is no value of now.
        if targets.clone().any(|target| target["instant"] != true) {
            wrong.push("it shows what was".to_owned());
        }
        let defaults = &panel["fieldConfig"]["defaults"];
        let nothing = list(&defaults["mappings"])
            .iter()
            .find(|mapping| mapping["type"] == "special");
        let result = nothing.map_or(&Value::Null, |mapping| &mapping["options"]["result"]);
        if (text(&result["text"]), text(&result["color"])) != ("NO DATA", "red")
            || defaults["noValue"] != "NO DATA"
        {
            wrong.push("nothing is not NO DATA in red".to_owned());
        }
        wrong
    });
}

#[test]
fn every_column_of_a_table_has_a_field_that_its_queries_bring() {
    each_panel("give the column a query, or a label of one", |panel| {
        if panel["type"] != "table" {
            return Vec::new();
        }
        let targets = list(&panel["targets"]);
        let steps = list(&panel["transformations"]).iter();
        let step = |id: &str| steps.clone().find(|step| step["id"] == id).unwrap();
        let fields = list(&step("filterFieldsByName")["options"]["include"]["names"]);
        let is_brought = |field: &str| match field.strip_prefix("Value") {
            Some("") => targets.len() == 1,
            Some(letter) => targets
                .iter()
                .any(|target| letter.strip_prefix(" #") == target["refId"].as_str()),
            None => targets
                .iter()
                .any(|target| brings_label(text(&target["expr"]), field)),
        };
        let missing = fields.iter().map(text).filter(|field| !is_brought(field));
        let missing = missing.map(|field| format!("no query brings `{field}`"));
        let titles = step("organize")["options"]["renameByName"]
            .as_object()
            .unwrap();
        let overrides = list(&panel["fieldConfig"]["overrides"]).iter();
        let named = overrides.map(|field| &field["matcher"]["options"]);
        let lost = named.filter(|name| !titles.values().any(|title| title == *name));
        missing
            .chain(lost.map(|name| format!("there is no column {name}")))
            .collect()
    });
}

/// Whether an expression names the label, or asks for a metric that has it.
fn brings_label(expression: &str, label: &str) -> bool {
    let filled = fill(expression, 60, |_| Chosen::All);
    let has = |selector: VectorSelector| {
        let name = selector.name.unwrap_or_default();
        KNOWN
            .get(&name)
            .is_some_and(|labels| labels.contains_key(label))
    };
    expression.contains(label) || selectors(&filled).unwrap().into_iter().any(has)
}
