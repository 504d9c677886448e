//! The Helm chart, rendered by Helm itself.

use std::process::Command;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{
    assert_none, items,
    objects::{documents, names, only, with_components},
    operator, path, pods, schemas, str, text, yaml,
};
use crate::{
    dashboard::boards,
    support::{
        self,
        python::{HELM, fed},
    },
};

const CHART: &str = "deploy/helm/cluster-link-exporter";

/// What becomes of values: the objects, or why there are none.
type Answer = Result<Vec<Value>, String>;

/// What Helm answers to these values, each the objects or an error, and then what is in the packed chart; `None`, and said
/// aloud, where Helm is not to be had.
fn helm(test: &str, values: &[Value]) -> Option<(Vec<Answer>, Value)> {
    let mut python = match HELM.python() {
        Ok(python) => python,
        Err(why) => {
            support::skip(test, &why);
            return None;
        }
    };
    let script = python.args([path("tests/it/deploy/helm.py"), path(CHART)]);
    let printed = fed(script, &Value::from(values.to_vec()).to_string());
    let answers: Value = serde_json::from_str(&printed).expect("the script prints JSON");
    let answered = items(&answers["answers"]).map(answer).collect();
    Some((answered, answers["packed"].clone()))
}

fn answer(answer: &Value) -> Answer {
    let Some(rendered) = answer["rendered"].as_object() else {
        return Err(str(&answer["error"]).to_owned());
    };
    let manifests = rendered
        .iter()
        .filter(|(path, _)| !path.ends_with("NOTES.txt"));
    Ok(manifests
        .flat_map(|(_, text)| documents(str(text)))
        .collect())
}

/// The values that make of the chart what the base with its monitoring is.
fn as_the_base() -> Value {
    json!({
        "config": yaml("deploy/kubernetes/base/exporter.yaml"),
        "existingSecret": "cluster-link-exporter-secrets",
        "serviceMonitor": {"enabled": true},
        "prometheusRule": {"enabled": true},
        "dashboards": {"enabled": true},
    })
}

/// An object without what only Helm or only Kustomize puts there: labels, namespace, sums of contents. Boards are known by
/// their labels, and the configuration by what it says.
fn plain(mut object: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for label in ["helm.sh/chart", "app.kubernetes.io/instance"] {
                    map.remove(label);
                }
                for label in ["app.kubernetes.io/version", "app.kubernetes.io/managed-by"] {
                    map.remove(label);
                }
                map.remove("checksum/config");
                map.retain(|key, value| key != "annotations" || value != &json!({}));
                map.values_mut().for_each(walk);
                map.retain(|key, value| key != "annotations" || value != &json!({}));
            }
            Value::Array(list) => list.iter_mut().for_each(walk),
            Value::String(text) => {
                // Kustomize's sum of a content.
                let name = regex::Regex::new("^cluster-link-exporter-[0-9a-z]{10}$");
                if name.expect("a literal pattern is valid").is_match(text) {
                    "cluster-link-exporter".clone_into(text);
                }
            }
            _ => {}
        }
    }
    walk(&mut object);
    object["metadata"]
        .as_object_mut()
        .expect("it has a name")
        .remove("namespace");
    let config = object.pointer_mut("/data/exporter.yaml");
    if let Some(config) = config {
        *config = serde_saphyr::from_str(str(config)).expect("the configuration is YAML");
    }
    for board in boards::shipped() {
        if object["data"][format!("{}.json", board.stem)].is_string() {
            object["metadata"]["name"] = board.stem.into();
            break;
        }
    }
    object
}

#[test]
fn the_chart_is_the_base() {
    let test = "the_chart_is_the_base";
    let Some(expected) = with_components(test, &["monitoring"]) else {
        return;
    };
    let Some((mut answers, packed)) = helm(test, &[as_the_base()]) else {
        return;
    };
    let found = answers.remove(0).unwrap_or_else(|error| panic!("{error}"));
    let plain = |objects: Vec<Value>| {
        let mut objects: Vec<_> = objects.into_iter().map(plain).collect();
        objects.sort_by_key(|object| names(std::slice::from_ref(object)));
        objects
    };
    let (found, expected) = (plain(found), plain(expected));
    assert_eq!(names(&found), names(&expected));
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "the chart (left) and the base (right)");
    }

    // The files behind the links are in the package, and nothing else of their folder.
    let packed: Vec<_> = items(&packed)
        .filter_map(|name| str(name).split_once("/files/"))
        .collect();
    let packed: Vec<_> = packed
        .into_iter()
        .map(|(_, name)| name.to_owned())
        .collect();
    let boards = boards::shipped();
    let boards = boards
        .iter()
        .map(|board| format!("dashboards/{}.json", board.stem));
    let rules = ["cluster-link.rules.yaml".to_owned()];
    assert_eq!(packed, rules.into_iter().chain(boards).collect::<Vec<_>>());
}

/// Each with what must be found in the objects.
fn variants() -> Vec<(Value, &'static str)> {
    let config = json!({"clusters": [{"name": "lab", "endpoint": "https://lab.example.com"}]});
    let with = |key: &str, value: Value| {
        let mut values = json!({ "config": config });
        values[key] = value;
        values
    };
    vec![
        (
            with("secrets", json!({"lab": "canary"})),
            r#""data":{"lab":"Y2FuYXJ5"}"#,
        ),
        (
            with("existingSecret", json!("mine")),
            r#""secretName":"mine""#,
        ),
        (
            json!({"existingConfig": {"configMap": "mine"}}),
            r#""configMap":{"name":"mine"}"#,
        ),
        (
            json!({"existingConfig": {"secret": "mine"}}),
            r#""secretName":"mine""#,
        ),
        (
            json!({"existingConfig": {"configMap": "mine"}}),
            r#""args":["--config.file=/etc/cluster-link-exporter/exporter.yaml","--config.auto-reload"]"#,
        ),
        (
            with(
                "image",
                json!({"repository": "registry.example.com/x", "tag": "1"}),
            ),
            r#""image":"registry.example.com/x:1""#,
        ),
        (
            with(
                "image",
                json!({"digest": format!("sha256:{}", "0".repeat(64))}),
            ),
            "cluster-link-exporter@sha256:000",
        ),
        (
            with("imagePullSecrets", json!([{"name": "mine"}])),
            r#""imagePullSecrets":[{"name":"mine"}]"#,
        ),
        (
            with("extraEnv", json!([{"name": "A", "value": "b"}])),
            r#"{"name":"A","value":"b"}"#,
        ),
        (
            with("extraArgs", json!(["--log.format=json"])),
            r#""args":["--config.file=/etc/cluster-link-exporter/exporter.yaml","--log.format=json"]"#,
        ),
        (
            with("nodeSelector", json!({"disk": "ssd"})),
            r#""nodeSelector":{"disk":"ssd"}"#,
        ),
        (
            with("tolerations", json!([{"operator": "Exists"}])),
            r#""tolerations":[{"operator":"Exists"}]"#,
        ),
        (
            with("affinity", json!({"podAntiAffinity": {}})),
            r#""affinity":{"podAntiAffinity":{}}"#,
        ),
        (
            with("resources", json!({"limits": {"memory": "1Gi"}})),
            r#""limits":{"memory":"1Gi"}"#,
        ),
        (
            with("persistence", json!({"enabled": false})),
            r#""emptyDir":{}"#,
        ),
        (
            with("persistence", json!({"existingClaim": "mine"})),
            r#""claimName":"mine""#,
        ),
        (
            with("persistence", json!({"storageClassName": "fast"})),
            r#""storageClassName":"fast""#,
        ),
        (
            with("networkPolicy", json!({"from": [{"podSelector": {}}]})),
            r#""from":[{"podSelector":{}}]"#,
        ),
        (
            with("fullnameOverride", json!("links")),
            r#""claimName":"links-state""#,
        ),
        (
            with(
                "serviceMonitor",
                json!({"enabled": true, "scheme": "https", "labels": {"release": "x"}}),
            ),
            r#""scheme":"https""#,
        ),
    ]
}

#[test]
fn every_value_does_what_it_says_and_kubernetes_takes_it() {
    let test = "every_value_does_what_it_says_and_kubernetes_takes_it";
    let variants = variants();
    let values: Vec<_> = variants.iter().map(|(values, _)| values.clone()).collect();
    let Some((answers, _)) = helm(test, &values) else {
        return;
    };
    let mut all = Vec::new();
    for ((values, expected), answer) in variants.iter().zip(answers) {
        let objects = answer.unwrap_or_else(|error| panic!("{values}: {error}"));
        let rendered = Value::from(objects.clone()).to_string();
        assert!(
            rendered.contains(expected),
            "{values}: no {expected} in {rendered}"
        );
        if values["resources"].is_null() {
            assert_none(&pods::complaints(&objects));
        }
        let monitors = objects
            .iter()
            .filter(|object| object["kind"] == "ServiceMonitor");
        let monitors: Vec<_> = monitors.collect();
        if !monitors.is_empty() {
            assert_none(&operator::objections(test, &monitors).unwrap_or_default());
        }
        all.extend(objects);
    }
    if let Some(said) = schemas::refused(test, &all) {
        assert_eq!(said, "");
    }
}

#[test]
fn values_that_mean_nothing_are_refused_in_words() {
    let config = json!({"clusters": [{"name": "lab"}]});
    let cases = [
        (
            json!({}),
            "config: is empty; write the clusters to watch, as values.yaml shows, or name an existingConfig",
        ),
        (
            json!({"config": config, "existingConfig": {"secret": "x"}}),
            "config: is given beside existingConfig; keep one of them",
        ),
        (
            json!({"existingConfig": {"secret": "x", "configMap": "x"}}),
            "existingConfig: names a ConfigMap and a Secret; keep one of them",
        ),
        (
            json!({"config": config, "secrets": {"a": "b"}, "existingSecret": "x"}),
            "secrets: are given beside existingSecret; keep one of them",
        ),
        (
            json!({"confg": config}),
            "additional properties 'confg' not allowed",
        ),
        (
            json!({"config": {"global": {"state_file": "x"}}}),
            "at '/config/global': 'not' failed",
        ),
        (
            json!({"config": config, "secrets": {"a b": "c"}}),
            "invalid propertyName 'a b'",
        ),
    ];
    let values = cases.each_ref().map(|(values, _)| values.clone());
    let Some((answers, _)) = helm("values_that_mean_nothing_are_refused_in_words", &values) else {
        return;
    };
    for ((values, expected), answer) in cases.iter().zip(answers) {
        let error = answer.expect_err("it means nothing");
        assert!(error.contains(expected), "{values}: {error}");
    }
}

/// Where a value has a schema and no default, or a default and no schema, one of them was forgotten.
#[test]
fn the_schema_knows_each_value_and_takes_the_defaults() {
    let schema: Value =
        serde_json::from_str(&text(&format!("{CHART}/values.schema.json"))).unwrap();
    let values = yaml(&format!("{CHART}/values.yaml"));
    let validator = Validator::new(&schema).expect("a schema");
    let errors: Vec<_> = validator
        .iter_errors(&values)
        .map(|error| error.to_string())
        .collect();
    assert_none(&errors);
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<_> = value
            .as_object()
            .expect("a mapping")
            .keys()
            .cloned()
            .collect();
        keys.sort();
        keys
    };
    let mut known = keys(&schema["properties"]);
    // Helm gives it to every chart that is part of another.
    known.retain(|key| key != "global");
    assert_eq!(known, keys(&values));
    for (key, value) in values.as_object().expect("a mapping") {
        let part = &schema["properties"][key];
        if part["additionalProperties"] == false && key != "resources" {
            assert_eq!(keys(&part["properties"]), keys(value), "{key}");
        }
    }
}

/// Another Helm than the library's, such as Helm 3.
#[test]
fn the_helm_of_this_machine_takes_the_chart() {
    let test = "the_helm_of_this_machine_takes_the_chart";
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let file = folder.path().join("values.yaml");
    std::fs::write(&file, as_the_base().to_string()).expect("the folder is ours");
    for command in ["lint", "template"] {
        let mut helm = Command::new("helm");
        let Ok(output) = helm
            .arg(command)
            .arg(path(CHART))
            .arg("--values")
            .arg(&file)
            .output()
        else {
            return support::skip(test, "`helm` is not on PATH; install Helm 3 or 4");
        };
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "helm {command}: {errors}");
        if command == "template" {
            let objects = documents(&String::from_utf8_lossy(&output.stdout));
            assert_none(&pods::complaints(&objects));
            // Helm calls a release so that has no name.
            let name = "release-name-cluster-link-exporter";
            assert_eq!(only(&objects, "Service")["metadata"]["name"], name);
        }
    }
}
