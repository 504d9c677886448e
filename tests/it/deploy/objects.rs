//! Kubernetes objects as Kustomize and Helm make them.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use super::{items, path, str};
use crate::support;

/// The folders of `deploy/kubernetes` that can be built, and the example with the shards that it leaves commented out.
pub(super) const BASE: &str = "deploy/kubernetes/base";
pub(super) const EXAMPLE: &str = "deploy/kubernetes/example";

/// What several YAML documents hold.
pub(super) fn documents(text: &str) -> Vec<Value> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).expect("the objects are YAML");
    documents.into_iter().filter(|it| !it.is_null()).collect()
}

/// The objects of a folder; `None`, and said aloud, where there is no Kustomize that knows components.
pub(super) fn kustomized(test: &str, folder: &str) -> Option<Vec<Value>> {
    built(test, &path(folder))
}

/// The objects of the base with these components of `deploy/kubernetes`.
pub(super) fn with_components(test: &str, components: &[&str]) -> Option<Vec<Value>> {
    // Kustomize follows no absolute path: the folder lies where relative ones lead back.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder below target");
    let up = "../".repeat(folder.path().components().count() - 1);
    let lead = |name: &str| {
        format!(
            "{up}{}",
            path(&format!("deploy/kubernetes/{name}")).display()
        )
    };
    let components: Vec<_> = components.iter().map(|name| lead(name)).collect();
    let overlay = json!({"resources": [lead("base")], "components": components});
    fs::write(
        folder.path().join("kustomization.yaml"),
        overlay.to_string(),
    )
    .expect("it is ours");
    built(test, folder.path())
}

fn built(test: &str, folder: &Path) -> Option<Vec<Value>> {
    if let Err(why) = knows_components() {
        support::skip(test, &why);
        return None;
    }
    let objects = kustomize(folder).unwrap_or_else(|said| panic!("{}: {said}", folder.display()));
    Some(documents(&objects))
}

fn kustomize(folder: &Path) -> Result<String, String> {
    let output = Command::new("kubectl")
        .arg("kustomize")
        .arg(folder)
        .output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).expect("YAML is UTF-8"))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Debian 12 has a `kubectl` whose Kustomize is older than components.
fn knows_components() -> Result<(), String> {
    if Command::new("kubectl").arg("help").output().is_err() {
        return Err("`kubectl` is not on PATH; install 1.21 or later".into());
    }
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let component = folder.path().join("component");
    fs::create_dir(&component).expect("the folder is ours");
    let write = |folder: &Path, text: &str| {
        fs::write(folder.join("kustomization.yaml"), text).expect("the folder is ours");
    };
    write(folder.path(), "components: [component]\n");
    let kind = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
    write(
        &component,
        &format!("{kind}configMapGenerator: [{{ name: probe, literals: [a=b] }}]\n"),
    );
    match kustomize(folder.path()) {
        Ok(_) => Ok(()),
        Err(said) => Err(format!(
            "`kubectl kustomize` knows no components ({}); install kubectl 1.21 or later",
            said.lines().next().unwrap_or_default()
        )),
    }
}

/// The only object of this kind.
#[track_caller]
pub(super) fn only<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    let mut found = objects.iter().filter(|object| object["kind"] == kind);
    match (found.next(), found.next()) {
        (Some(object), None) => object,
        _ => panic!("one {kind} is wanted of {:?}", names(objects)),
    }
}

/// Kind and name of each, in order.
pub(super) fn names(objects: &[Value]) -> Vec<String> {
    let name = |object: &Value| {
        format!(
            "{} {}",
            str(&object["kind"]),
            str(&object["metadata"]["name"])
        )
    };
    let mut names: Vec<_> = objects.iter().map(name).collect();
    names.sort();
    names
}

/// The template of the pods, and its only container.
pub(super) fn pod(objects: &[Value]) -> (&Value, &Value) {
    let owner = objects
        .iter()
        .find(|object| object["spec"]["template"].is_object());
    let template = &owner.expect("something has pods")["spec"]["template"];
    let mut containers = items(&template["spec"]["containers"]);
    let container = containers.next().expect("a pod has a container");
    assert_eq!(containers.next(), None, "a pod has one container");
    (template, container)
}
