//! What Prometheus Operator is given: the rule file as an object of it, and what it takes.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{
    assert_none,
    objects::{names, only, with_components},
    path, str, text, yaml,
};
use crate::support::{self, golden::golden, node, program::program};

const RULES: &str = "alerts/cluster-link.rules.yaml";
const SHARDED: &str = "deploy/kubernetes/monitoring-sharded";
/// As many as `deploy/kubernetes/sharded` has pods.
const SHARDS: u32 = 3;
const OBJECT: &str = "deploy/kubernetes/monitoring/prometheusrule.yaml";

/// The object of rules, by its name and what it is written from.
fn object(name: &str, from: &str, rules: &str) -> String {
    let head = format!(
        "# Written by a test from {from}. For rules of your own, put what\n\
         # `cluster-link-exporter rules` prints below `spec`.\n\
         apiVersion: monitoring.coreos.com/v1\n\
         kind: PrometheusRule\n\
         metadata:\n  name: {name}\n  labels:\n    app.kubernetes.io/name: cluster-link-exporter\n\
         spec:\n"
    );
    let indented = rules.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("  {line}\n"),
    });
    head + &indented.collect::<String>()
}

#[test]
fn the_object_has_the_rules_of_the_rule_file() {
    let object = object("cluster-link-exporter", RULES, &text(RULES));
    golden(&path(OBJECT), &object);
    let object: Value = serde_saphyr::from_str(&object).expect("it is YAML");
    assert_eq!(
        object["spec"],
        yaml(RULES),
        "indented, the text means the same"
    );
}

/// A shard is no replica of another: each has a job of its own, and the rules for it.
#[test]
fn each_shard_has_the_rules_for_its_job() {
    for shard in 0..SHARDS {
        let job = format!("cluster-link-exporter-{shard}");
        let selector = format!("job=\"{job}\"");
        let rules = program(&["rules", "--selector", &selector])
            .output()
            .unwrap();
        let rules = String::from_utf8(rules.stdout).expect("rules are UTF-8");
        assert!(rules.contains(&selector), "{selector}");
        let file = format!("{SHARDED}/prometheusrule-{shard}.yaml");
        golden(&path(&file), &object(&job, "the rules for its job", &rules));
    }
}

#[test]
fn the_shards_are_found_as_jobs_of_their_own() {
    let test = "the_shards_are_found_as_jobs_of_their_own";
    let components = ["monitoring-sharded", "sharded"];
    let Some(objects) = with_components(test, &components) else {
        return;
    };
    assert_eq!(only(&objects, "StatefulSet")["spec"]["replicas"], SHARDS);
    let rules = names(&objects)
        .into_iter()
        .filter(|name| name.starts_with("PrometheusRule"));
    let expected = (0..SHARDS).map(|shard| format!("PrometheusRule cluster-link-exporter-{shard}"));
    assert_eq!(rules.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    let monitor = only(&objects, "ServiceMonitor");
    assert_eq!(
        monitor["spec"]["endpoints"][0]["relabelings"],
        json!([{
            "sourceLabels": ["__meta_kubernetes_pod_label_apps_kubernetes_io_pod_index"],
            "targetLabel": "job",
            "replacement": "cluster-link-exporter-$1",
        }])
    );
    let monitored = |object: &&Value| str(&object["apiVersion"]).contains("monitoring");
    let monitored: Vec<_> = objects.iter().filter(monitored).collect();
    assert_none(&objections(test, &monitored).unwrap_or_default());
}

/// What the types of Prometheus Operator have against an object; `None`, and said aloud, where they are not to be had.
pub(super) fn objections(test: &str, objects: &[&Value]) -> Option<Vec<String>> {
    let schema = match node::schema("operator.ts") {
        Ok(schema) => schema,
        Err(why) => {
            support::skip(test, why);
            return None;
        }
    };
    let told = objects.iter().flat_map(|object| {
        let kind = str(&object["kind"]);
        let mut part = schema.clone();
        part["$ref"] = format!("#/definitions/{kind}").into();
        let validator = Validator::new(&part).expect("a schema that the script made");
        let errors = validator.iter_errors(object);
        let told = errors.map(|error| format!("{kind}: {}: {error}", error.instance_path()));
        told.collect::<Vec<_>>()
    });
    Some(told.collect())
}

#[test]
fn prometheus_operator_takes_what_it_is_given() {
    let test = "prometheus_operator_takes_what_it_is_given";
    let Some(objects) = with_components(test, &["monitoring"]) else {
        return;
    };
    let (monitor, rule) = (
        only(&objects, "ServiceMonitor"),
        only(&objects, "PrometheusRule"),
    );
    let Some(none) = objections(test, &[monitor, rule]) else {
        return;
    };
    assert_none(&none);

    let mut bad = monitor.clone();
    bad["spec"]["endpoints"][0]["honourLabels"] = true.into();
    assert_eq!(
        objections(test, &[&bad]).expect("it was there a moment ago"),
        [
            "ServiceMonitor: /spec/endpoints/0: Additional properties are not allowed ('honourLabels' was unexpected)"
        ]
    );
}
