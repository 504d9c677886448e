//! What programs are told: the document that describes it, and that it is told so in every scenario.

use std::{path::Path, time::Duration};

use cluster_link_exporter::{
    simulator::{SCENARIOS, Simulator},
    status::{RESOURCES, openapi},
};
use futures_util::{StreamExt, stream};
use jsonschema::Validator;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{exporter::Exporter, golden::golden, program::until_ready};

/// How many exporters run at once.
const AT_ONCE: usize = 4;

#[test]
fn the_openapi_document_is_written_from_the_types() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let text = serde_json::to_string_pretty(&openapi()).unwrap();
    golden(&file, &format!("{text}\n"));
}

/// Validates answers of a path and a status, by the document that is served.
fn validator(path: &str, status: u16) -> Validator {
    let mut document = openapi();
    let media = "content/application~1json/schema";
    let place = path.replace('/', "~1");
    let place = format!("#/paths/{place}/get/responses/{status}/{media}");
    document["$ref"] = json!(place);
    jsonschema::draft202012::new(&document).expect("a usable schema")
}

#[track_caller]
fn assert_valid(validator: &Validator, answer: &Value, place: &str) {
    let errors = validator.iter_errors(answer);
    let errors: Vec<_> = errors
        .map(|error| format!("{place}: {}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{answer:#}");
}

async fn get(url: &str) -> (u16, Value) {
    let answer = reqwest::get(url).await.unwrap();
    let status = answer.status().as_u16();
    (
        status,
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap(),
    )
}

/// At the first poll and at the second one: then a timeline may have gone on, and there may be changes.
async fn every_answer_is_valid(name: &str, simulator: Simulator) {
    let exporter = Exporter::watching(&simulator).await;
    until_ready(exporter.url.trim_start_matches("http://")).await;
    for _ in 0..2 {
        for resource in RESOURCES {
            let path = resource.path();
            let (status, answer) = get(&format!("{}{path}", exporter.url)).await;
            assert_eq!(status, 200, "{name}: {path}");
            assert_valid(&validator(&path, 200), &answer, &format!("{name}: {path}"));
        }
        sleep(Duration::from_millis(1200)).await;
    }
    for (query, code) in [("alerts?state=x", 400), ("status?cluster=x", 404)] {
        let (status, answer) = get(&format!("{}/api/v1/{query}", exporter.url)).await;
        let path = format!("/api/v1/{}", query.split_once('?').unwrap().0);
        assert_eq!(status, code);
        assert_valid(&validator(&path, code), &answer, query);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_every_scenario_is_what_the_document_says() {
    let checks = SCENARIOS.iter().map(|entry| {
        let simulator = Simulator::new((entry.build)(), None);
        every_answer_is_valid(entry.name, simulator)
    });
    let checks = stream::iter(checks).buffer_unordered(AT_ONCE);
    checks.collect::<Vec<()>>().await;
}

/// What lacks a field, or has another type, would be found.
#[test]
fn an_answer_that_lacks_what_is_not_known_is_not_what_the_document_says() {
    let validator = validator("/api/v1/transitions", 200);
    let mut change = json!({
        "at": "2026-01-31T03:00:00Z", "cluster_name": "dr", "cluster_id": null, "link_name": "a",
        "task_name": null, "from": "ACTIVE", "to": null, "raw_from": null, "raw_to": null, "errors": [],
    });
    let answer = |change: &Value| json!({ "status": "success", "data": { "transitions": [change], "truncated": false } });
    assert_valid(&validator, &answer(&change), "as it is");
    change["at"] = json!("2026-01-31 03:00");
    assert!(!validator.is_valid(&answer(&change)));
    change["at"] = json!("2026-01-31T03:00:00Z");
    change.as_object_mut().unwrap().remove("cluster_id");
    assert!(!validator.is_valid(&answer(&change)));
}
