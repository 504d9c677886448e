//! What amtool and the table of rules say of the example: it is valid, it knows every alert, it holds no secret.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use super::{
    example::{items, path, shipped},
    table::table,
};
use crate::support::{self, installed};

/// What amtool wrote; `None` where it is not installed.
fn amtool(arguments: &[&str]) -> Option<String> {
    let mut amtool = installed::command("AMTOOL").ok()?;
    let output = amtool
        .args(arguments)
        .output()
        .expect("it ran a moment ago");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "amtool {arguments:?}: {text}");
    Some(text)
}

fn without_amtool(test: &str) {
    support::skip(
        test,
        "`amtool` is not on PATH; install the Debian package prometheus-alertmanager",
    );
}

#[test]
fn amtool_finds_nothing_wrong() {
    let file = path().display().to_string();
    let Some(said) = amtool(&["check-config", &file]) else {
        return without_amtool("amtool_finds_nothing_wrong");
    };
    assert!(said.contains("6 inhibit rules"), "{said}");
}

#[test]
fn every_alert_goes_where_its_severity_says() {
    let file = format!("--config.file={}", path().display());
    for alert in table() {
        let receiver = match (alert.name, alert.severity) {
            ("ClusterLinkWatchdog", _) => "dead-man",
            (_, "critical") => "pager",
            (_, "warning") => "chat",
            (_, "info" | "none") => "nobody",
            (name, severity) => panic!("`{name}` has severity `{severity}`"),
        };
        let labels = alert.labels(|_| "x".to_owned());
        let labels = labels.as_object().unwrap().iter();
        let labels: Vec<_> = labels
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()))
            .collect();
        let verify = format!("--verify.receivers={receiver}");
        let test = ["config", "routes", "test", &file, &verify];
        let arguments: Vec<_> = test
            .into_iter()
            .chain(labels.iter().map(String::as_str))
            .collect();
        if amtool(&arguments).is_none() {
            return without_amtool("every_alert_goes_where_its_severity_says");
        }
    }
}

/// The matchers of both sides of every inhibition, and of every route: label, operator and value.
fn matchers() -> Vec<[String; 3]> {
    fn below<'a>(route: &'a Value, all: &mut Vec<&'a Value>) {
        all.extend(items(&route["matchers"]));
        for route in items(&route["routes"]) {
            below(route, all);
        }
    }
    let config = shipped();
    let mut all = Vec::new();
    below(&config["route"], &mut all);
    for inhibition in items(&config["inhibit_rules"]) {
        all.extend(items(&inhibition["source_matchers"]));
        all.extend(items(&inhibition["target_matchers"]));
    }
    let shape = Regex::new(r#"^(\w+)(=~|!~|!=|=)"(.*)"$"#).unwrap();
    all.into_iter()
        .map(|text| {
            let text = text.as_str().expect("a matcher is a text");
            let parts = shape
                .captures(text)
                .unwrap_or_else(|| panic!("no matcher: {text}"));
            parts.extract().1.map(str::to_owned)
        })
        .collect()
}

#[test]
fn every_alert_severity_and_scope_that_it_names_exists() {
    let table = table();
    for [label, _, values] in matchers() {
        let known: BTreeSet<_> = match label.as_str() {
            "alertname" => table.iter().map(|alert| alert.name).collect(),
            "severity" => table.iter().map(|alert| alert.severity).collect(),
            "scope" => table.iter().map(|alert| alert.scope).collect(),
            "component" => BTreeSet::from(["cluster-link"]),
            _ => BTreeSet::from([""]),
        };
        for value in values.split('|') {
            assert!(known.contains(value), "there is no {label} `{value}`");
        }
    }
}

#[test]
fn two_alerts_of_one_name_are_compared_by_all_that_tells_them_apart() {
    let table = table();
    let labels = table.iter().flat_map(|alert| alert.identity.clone());
    let labels: BTreeSet<_> = labels.chain(["alertname".to_owned()]).collect();
    let config = shipped();
    let equal = items(&config["inhibit_rules"][0]["equal"]);
    let equal: BTreeSet<_> = equal
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(equal, labels, "`equal` of the first inhibition (left)");
}

#[test]
fn secrets_are_in_files() {
    fn keys(value: &Value, all: &mut Vec<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            all.push(key.clone());
            keys(value, all);
        }
        for value in items(value) {
            keys(value, all);
        }
    }
    let mut all = Vec::new();
    keys(&shipped()["receivers"], &mut all);
    let telling = Regex::new("key|secret|token|password|credentials|api_url").unwrap();
    let secrets: Vec<_> = all.iter().filter(|key| telling.is_match(key)).collect();
    assert_eq!(
        secrets,
        ["routing_key_file", "api_url_file", "credentials_file"]
    );
}
