//! How the pods are locked in, and that their manifests repeat the program rightly.

use serde_json::{Value, json};

use super::{assert_none, facts, items, objects::pod, str};

/// The complaints about the pods among these objects.
pub(super) fn complaints(objects: &[Value]) -> Vec<String> {
    let (template, container) = pod(objects);
    let mut wrong = Vec::new();
    let confined = confinement(facts::user());
    for (whole, part) in [(&template["spec"], &confined[0]), (container, &confined[1])] {
        for (key, expected) in part.as_object().expect("it is a mapping") {
            if &whole[key] != expected {
                wrong.push(format!("`{key}` is {} and not {expected}", whole[key]));
            }
        }
    }
    wrong.extend(repeated(container));
    wrong.extend(mounts(template, container));
    wrong
}

/// What a pod and its container say about what they may.
fn confinement(user: u64) -> [Value; 2] {
    let pod = json!({
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": user,
            "runAsGroup": user,
            "fsGroup": user,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    });
    let container = json!({
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi"},
            "limits": {"memory": "256Mi"},
        },
    });
    [pod, container]
}

/// Port, probes and arguments.
fn repeated(container: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let ports = json!([{"name": "http", "containerPort": facts::port()}]);
    if container["ports"] != ports {
        wrong.push(format!(
            "its ports are {} and not {ports}",
            container["ports"]
        ));
    }
    for (probe, path) in [
        ("livenessProbe", facts::LIVENESS),
        ("readinessProbe", facts::READINESS),
    ] {
        let asked = &container[probe]["httpGet"];
        if asked != &json!({"path": path, "port": "http"}) {
            wrong.push(format!("`{probe}` asks {asked}"));
        }
    }
    let arguments: Vec<_> = items(&container["args"]).map(str).collect();
    wrong.extend(facts::not_understood(&arguments));
    wrong
}

/// The folders of the container: only that of the state file may be written to, and the state file lies in it.
fn mounts(template: &Value, container: &Value) -> Vec<String> {
    let volumes: Vec<_> = items(&template["spec"]["volumes"]).collect();
    let mut wrong = Vec::new();
    let mut writable = Vec::new();
    for mount in items(&container["volumeMounts"]) {
        if mount["readOnly"] != true {
            writable.push(str(&mount["mountPath"]));
        }
        if !mount["subPath"].is_null() {
            wrong.push(format!("{mount} does not follow what changes"));
        }
        let is_declared = volumes.iter().any(|volume| volume["name"] == mount["name"]);
        // A StatefulSet makes the volume of the state file itself.
        if !is_declared && mount["name"] != "state" {
            wrong.push(format!("{mount} has no volume"));
        }
    }
    let state = "CLUSTERLINK_GLOBAL__STATE_FILE";
    let state = items(&container["env"]).find(|variable| variable["name"] == state);
    let file = state.map_or("", |variable| str(&variable["value"]));
    match &writable[..] {
        [folder] if file.starts_with(&format!("{folder}/")) => {}
        _ => wrong.push(format!(
            "the state file is `{file}`, and {writable:?} can be written to"
        )),
    }
    wrong
}

/// What fails to be noticed would not be kept.
#[test]
fn a_pod_that_may_more_than_it_should_is_noticed() {
    let name = "a_pod_that_may_more_than_it_should_is_noticed";
    let Some(good) = super::objects::kustomized(name, super::objects::BASE) else {
        return;
    };
    assert_none(&complaints(&good));
    let container = "/spec/template/spec/containers/0";
    for (place, value, expected) in [
        (
            "/spec/template/spec/enableServiceLinks",
            json!(true),
            "`enableServiceLinks` is true and not false",
        ),
        (
            &format!("{container}/securityContext/readOnlyRootFilesystem"),
            json!(false),
            "`securityContext` is",
        ),
        (
            &format!("{container}/ports/0/containerPort"),
            json!(9090),
            "its ports are",
        ),
        (
            &format!("{container}/livenessProbe/httpGet/path"),
            json!("/healthz"),
            "`livenessProbe` asks",
        ),
        (
            &format!("{container}/args/0"),
            json!("--config=x"),
            "`--config=x` has no flag [\"--config\"]",
        ),
        (
            &format!("{container}/volumeMounts/0/readOnly"),
            json!(false),
            "the state file is",
        ),
        (
            &format!("{container}/env/0/value"),
            json!("/tmp/state.redb"),
            "the state file is `/tmp/state.redb`",
        ),
    ] {
        let mut bad = good.clone();
        let owner = bad.iter_mut().find(|object| object["kind"] == "Deployment");
        *owner
            .unwrap()
            .pointer_mut(place)
            .expect("it is there to break") = value;
        let complaints = complaints(&bad);
        assert!(
            matches!(&complaints[..], [only] if only.starts_with(expected)),
            "{place}: {complaints:?}"
        );
    }
}
