//! What Prometheus Operator is given: the rule file as an object of it, and what it takes.

use jsonschema::Validator;
use serde_json::Value;

use super::{
    assert_none,
    objects::{only, with_components},
    path, str, text, yaml,
};
use crate::support::{self, golden::golden, node};

const RULES: &str = "alerts/cluster-link.rules.yaml";
const OBJECT: &str = "deploy/kubernetes/monitoring/prometheusrule.yaml";

/// What stands above the groups.
const HEAD: &str = "\
# Written from alerts/cluster-link.rules.yaml by a test. For rules of your own, put what `cluster-link-exporter rules` prints
# below `spec`.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: cluster-link-exporter
  labels:
    app.kubernetes.io/name: cluster-link-exporter
spec:
";

#[test]
fn the_object_has_the_rules_of_the_rule_file() {
    let lines = text(RULES);
    let indented = lines.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("  {line}\n"),
    });
    let object = HEAD.to_owned() + &indented.collect::<String>();
    golden(&path(OBJECT), &object);
    let object: Value = serde_saphyr::from_str(&object).expect("it is YAML");
    assert_eq!(
        object["spec"],
        yaml(RULES),
        "indented, the text means the same"
    );
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
