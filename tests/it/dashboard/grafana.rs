//! The boards against Grafana's own types: a JSON schema is made from `@grafana/schema`, and from what its parts say of
//! each panel type's options, fields and queries; a key that Grafana does not know is refused.
//!
//! The types are those of Grafana 10.4, which writes `schemaVersion` 39 as our boards have it: later ones migrate it.

mod schema;

use std::{fs, path::Path};

use serde_json::{Value, json};

use schema::Schema;

#[test]
fn every_board_is_one_that_grafana_takes() {
    let Some(schema) = Schema::or_skip("every_board_is_one_that_grafana_takes") else {
        return;
    };
    let boards = boards();
    assert!(!boards.is_empty(), "there is no `dashboards/*.json`");
    let wrong: Vec<String> = boards
        .iter()
        .flat_map(|(name, board)| {
            let objections = schema.objections(board).into_iter();
            objections.map(move |objection| format!("{name}: {objection}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "mend the board; what Grafana takes is in `@grafana/schema`, which `tools/preview/schema/board.ts` joins:\n  {}",
        wrong.join("\n  ")
    );
}

#[test]
fn a_broken_board_is_refused() {
    let Some(schema) = Schema::or_skip("a_broken_board_is_refused") else {
        return;
    };
    assert_eq!(schema.objections(&good()), [""; 0]);
    for (pointer, key, value, expected) in BROKEN {
        let mut board = good();
        let place = board.pointer_mut(pointer).expect("it is there to break");
        place[*key] = serde_json::from_str(value).expect("JSON");
        assert_eq!(
            schema.objections(&board),
            [*expected],
            "{pointer}/{key}: {value}"
        );
    }
}

/// Where a good board is broken, with what, and the objection.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    (
        "",
        "schemaVersion",
        r#""39""#,
        r#"/schemaVersion: "39" is not of type "number""#,
    ),
    (
        "",
        "__inputs",
        "[]",
        "/: Additional properties are not allowed ('__inputs' was unexpected)",
    ),
    (
        "/panels/0",
        "type",
        r#""graph""#,
        "panel 1 `Links`: its type `graph` is none of bargauge, gauge, row, stat, state-timeline, table, text, timeseries; \
         add one to `Panels` in `board.ts`",
    ),
    (
        "/panels/0/options",
        "colourMode",
        r#""value""#,
        "panel 1 `Links`: /options: Additional properties are not allowed ('colourMode' was unexpected)",
    ),
    (
        "/panels/0/gridPos",
        "w",
        r#""24""#,
        r#"panel 1 `Links`: /gridPos/w: "24" is not of type "number""#,
    ),
    (
        "/panels/0/targets/0",
        "expr",
        "1",
        r#"panel 1 `Links`: /targets/0/expr: 1 is not of type "string""#,
    ),
    (
        "/panels/0/fieldConfig/defaults/mappings/0/options",
        "result",
        "1",
        r#"panel 1 `Links`: /fieldConfig/defaults/mappings/0/options/result: 1 is not of type "object""#,
    ),
    (
        "/panels/1/fieldConfig/overrides/0/properties/0",
        "value",
        "8",
        r#"panel 2 `Tasks`: /fieldConfig/overrides/0/properties/0/value: 8 is not of type "object""#,
    ),
    (
        "/panels/1/fieldConfig/overrides/0/properties/0",
        "id",
        r#""custom.colour""#,
        "panel 2 `Tasks`: /fieldConfig/overrides/0/properties/0/id: a table has no setting `custom.colour`",
    ),
];

/// A small board with a bit of everything that may break.
fn good() -> Value {
    json!({
        "uid": "good",
        "title": "Good",
        "schemaVersion": 39,
        "panels": [
            {
                "id": 1,
                "type": "stat",
                "title": "Links",
                "gridPos": { "x": 0, "y": 0, "w": 24, "h": 4 },
                "targets": [{ "refId": "A", "expr": "clusterlink_links", "instant": true }],
                "options": { "colorMode": "value" },
                "fieldConfig": {
                    "defaults": { "mappings": [{
                        "type": "special",
                        "options": { "match": "null", "result": { "text": "NO DATA", "color": "red" } },
                    }] },
                    "overrides": [],
                },
            },
            {
                "id": 2,
                "type": "table",
                "title": "Tasks",
                "targets": [{ "refId": "A", "expr": "clusterlink_task_state", "format": "table" }],
                "options": { "showHeader": true },
                "fieldConfig": {
                    "defaults": {},
                    "overrides": [{
                        "matcher": { "id": "byName", "options": "Value" },
                        "properties": [
                            { "id": "custom.cellOptions", "value": { "type": "color-background", "mode": "basic" } },
                            { "id": "unit", "value": "s" },
                        ],
                    }],
                },
            },
        ],
    })
}

/// The boards of the repository with their paths.
fn boards() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
    let entries = fs::read_dir(folder).expect("there is a folder `dashboards`");
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    let boards = paths.filter(|path| path.extension().is_some_and(|it| it == "json"));
    let named = boards.map(|path| {
        let text = fs::read_to_string(&path).expect("a readable board");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let board = serde_json::from_str(&text);
        let board = board.unwrap_or_else(|error| panic!("`dashboards/{name}` is no JSON: {error}"));
        (format!("dashboards/{name}"), board)
    });
    named.collect()
}
