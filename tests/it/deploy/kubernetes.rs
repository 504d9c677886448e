//! The Kustomize base, its components and the example.

use std::fs;

use serde_json::{Value, json};

use super::{
    assert_none, facts, items,
    objects::{BASE, EXAMPLE, kustomized, names, only, pod, with_components},
    path, pods, str, text, yaml,
};
use crate::{dashboard::boards, support::program::program};

const NAME: &str = "cluster-link-exporter";
/// Where the pods have the Secret.
const SECRETS: &str = "/run/secrets/cluster-link-exporter";

#[test]
fn the_base_has_what_an_exporter_needs_and_no_more() {
    let test = "the_base_has_what_an_exporter_needs_and_no_more";
    let Some(objects) = kustomized(test, BASE) else {
        return;
    };
    let kinds: Vec<_> = names(&objects);
    let kinds: Vec<_> = kinds
        .iter()
        .filter_map(|name| name.split(' ').next())
        .collect();
    assert_eq!(
        kinds,
        [
            "ConfigMap",
            "Deployment",
            "NetworkPolicy",
            "PersistentVolumeClaim",
            "Service"
        ]
    );
    let deployment = &only(&objects, "Deployment")["spec"];
    assert_eq!(
        (&deployment["replicas"], &deployment["strategy"]),
        (&json!(1), &json!({"type": "Recreate"}))
    );
    assert_none(&pods::complaints(&objects));
    let (_, container) = pod(&objects);
    let image = format!("{NAME}:{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        container["image"], image,
        "the image has no registry, which is the user's"
    );
    let ports = &only(&objects, "Service")["spec"]["ports"];
    assert_eq!(
        ports,
        &json!([{"name": "http", "port": facts::port(), "targetPort": "http"}])
    );
}

#[test]
fn what_names_another_object_finds_it() {
    let test = "what_names_another_object_finds_it";
    let (Some(example), Some(sharded)) = (
        kustomized(test, EXAMPLE),
        with_components(test, &["monitoring", "sharded"]),
    ) else {
        return;
    };
    for objects in [&example, &sharded] {
        let (template, _) = pod(objects);
        let labels = &template["metadata"]["labels"];
        let service = only(objects, "Service");
        assert_eq!(
            &service["spec"]["selector"], labels,
            "the Service finds the pods"
        );
        let policy = &only(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"];
        assert_eq!(policy, labels, "the NetworkPolicy finds the pods");
        let monitor = &only(objects, "ServiceMonitor")["spec"];
        let found = &monitor["selector"]["matchLabels"];
        assert_eq!(
            found, &service["metadata"]["labels"],
            "the ServiceMonitor finds the Service"
        );
        assert_eq!(monitor["endpoints"][0]["honorLabels"], true);
        // The rules are for this job, whatever the Service is called.
        let job = &service["metadata"]["labels"][str(&monitor["jobLabel"])];
        let rules = text("alerts/cluster-link.rules.yaml");
        assert!(
            rules.contains(&format!("job=\"{}\"", str(job))),
            "the rules are for the job {job}"
        );
    }
    let has = |kind: &str, name: &Value| {
        let name = format!("{kind} {}", str(name));
        assert!(names(&example).contains(&name), "{name}");
    };
    let (template, _) = pod(&example);
    for volume in items(&template["spec"]["volumes"]) {
        match str(&volume["name"]) {
            "config" => has("ConfigMap", &volume["configMap"]["name"]),
            "secrets" => has("Secret", &volume["secret"]["secretName"]),
            "state" => has(
                "PersistentVolumeClaim",
                &volume["persistentVolumeClaim"]["claimName"],
            ),
            other => panic!("a volume of another name: {other}"),
        }
    }
}

/// The shards repeat the pods of the base: they differ in what makes a shard, and in nothing else.
#[test]
fn the_pods_of_shards_are_those_of_the_base() {
    let test = "the_pods_of_shards_are_those_of_the_base";
    let (Some(base), Some(sharded)) = (kustomized(test, BASE), with_components(test, &["sharded"]))
    else {
        return;
    };
    let kinds = names(&sharded);
    let gone = ["Deployment", "PersistentVolumeClaim"];
    assert!(
        !kinds
            .iter()
            .any(|name| gone.iter().any(|kind| name.starts_with(kind))),
        "{kinds:?}"
    );
    let set = &only(&sharded, "StatefulSet")["spec"];
    let budget = &only(&sharded, "PodDisruptionBudget")["spec"];
    assert_eq!(
        (&budget["maxUnavailable"], &budget["selector"]),
        (&json!(1), &set["selector"])
    );
    let service = only(&sharded, "Service");
    assert_eq!(set["serviceName"], service["metadata"]["name"]);
    assert_eq!(
        service["spec"]["clusterIP"], "None",
        "a StatefulSet's Service has no address"
    );

    let claim = &only(&base, "PersistentVolumeClaim");
    let template = &set["volumeClaimTemplates"][0];
    assert_eq!(
        (&template["metadata"]["name"], &template["spec"]),
        (&json!("state"), &claim["spec"])
    );

    let mut expected = pod(&base).0.clone();
    let container = &mut expected["spec"]["containers"][0];
    let shard = format!("--shard=$(POD_INDEX)/{}", set["replicas"]);
    container["args"].as_array_mut().unwrap().push(json!(shard));
    let index = "metadata.labels['apps.kubernetes.io/pod-index']";
    let index = json!({"name": "POD_INDEX", "valueFrom": {"fieldRef": {"fieldPath": index}}});
    container["env"].as_array_mut().unwrap().insert(0, index);
    let volumes = expected["spec"]["volumes"].as_array_mut().unwrap();
    volumes.retain(|volume| volume["name"] != "state");
    assert_eq!(pod(&sharded).0, &expected);
}

#[test]
fn the_pods_of_shards_are_locked_in_and_repeat_the_program_rightly() {
    let test = "the_pods_of_shards_are_locked_in_and_repeat_the_program_rightly";
    if let Some(sharded) = with_components(test, &["sharded"]) {
        assert_none(&pods::complaints(&sharded));
    }
}

#[test]
fn every_board_is_in_the_component_by_its_name() {
    let component = yaml("dashboards/kustomization.yaml");
    let expected = boards::shipped();
    let expected = expected
        .iter()
        .map(|board| json!({"name": board.stem, "files": [format!("{}.json", board.stem)]}));
    assert_eq!(
        component["configMapGenerator"],
        expected.collect::<Value>(),
        "dashboards/kustomization.yaml lists every board"
    );
    let options = &component["generatorOptions"];
    assert_eq!(options["labels"]["grafana_dashboard"], "1");
    assert_eq!(
        options["disableNameSuffixHash"], true,
        "an old board must not stay"
    );
}

/// With the secrets that the example makes, below a folder that stands for that of the pod.
#[test]
fn the_configurations_are_valid() {
    let generated = &yaml("deploy/kubernetes/example/kustomization.yaml")["secretGenerator"][0];
    for folder in [BASE, EXAMPLE] {
        let below = tempfile::tempdir().expect("there is a folder for temporary files");
        for secret in items(&generated["literals"]) {
            let (name, secret) = str(secret).split_once('=').expect("it is `name=secret`");
            assert!(
                secret.starts_with("not-a-real-"),
                "{name} looks like a real secret"
            );
            fs::write(below.path().join(name), secret).expect("the folder is ours");
        }
        let config = text(&format!("{folder}/exporter.yaml"));
        let config = config.replace(SECRETS, &below.path().display().to_string());
        let file = below.path().join("exporter.yaml");
        fs::write(&file, config).expect("the folder is ours");
        let mut command = program(&["check-config", file.to_str().unwrap()]);
        let state = below.path().join("state.redb");
        let output = command
            .env("CLUSTERLINK_GLOBAL__STATE_FILE", state)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && said.is_empty(),
            "{folder}: {said}"
        );
    }
    let mount = format!("mountPath: {SECRETS}\n");
    assert!(text("deploy/kubernetes/base/deployment.yaml").contains(&mount));
}

/// Kustomize takes the folders by their names: each that it builds is there.
#[test]
fn every_folder_of_manifests_is_one_that_kustomize_takes() {
    for folder in [
        "base",
        "example",
        "monitoring",
        "monitoring-sharded",
        "sharded",
    ] {
        let file = format!("deploy/kubernetes/{folder}/kustomization.yaml");
        let listed = yaml(&file);
        for entry in fs::read_dir(path(&format!("deploy/kubernetes/{folder}"))).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let is_listed = name == "kustomization.yaml"
                || items(&listed["resources"]).any(|it| it == name.as_str())
                || items(&listed["configMapGenerator"]).any(|it| it["files"][0] == name.as_str());
            assert!(is_listed, "{file} does not list {name}");
        }
    }
}
