//! Kubernetes' own kinds against its schemas, where an unknown key is refused.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use super::{
    objects::{EXAMPLE, kustomized, with_components},
    path, str,
};
use crate::support::{
    self,
    python::{KUBERNETES_VALIDATE, fed},
};

/// The oldest Kubernetes that has what the shards need, and the newest whose schemas there are.
const VERSIONS: [&str; 2] = ["1.28", "1.37"];

/// What the schemas have against the objects of Kubernetes' own kinds; `None`, and said aloud, where there are none.
pub(super) fn refused(test: &str, objects: &[Value]) -> Option<String> {
    let python = match KUBERNETES_VALIDATE.python() {
        Ok(python) => python.get_program().to_owned(),
        Err(why) => {
            support::skip(test, &why);
            return None;
        }
    };
    let is_own = |object: &&Value| !str(&object["apiVersion"]).contains("monitoring");
    // Each once: many objects of several answers are the same.
    let own: BTreeSet<_> = objects
        .iter()
        .filter(is_own)
        .map(Value::to_string)
        .collect();
    let own: Vec<_> = own.into_iter().collect();
    let mut command = Command::new(&python);
    command
        .arg(path("tests/it/deploy/schemas.py"))
        .args(VERSIONS);
    let said = fed(&mut command, &format!("[{}]", own.join(",")));
    Some(said)
}

#[test]
fn kubernetes_takes_what_kustomize_makes() {
    let test = "kubernetes_takes_what_kustomize_makes";
    let (Some(example), Some(sharded)) = (
        kustomized(test, EXAMPLE),
        with_components(test, &["sharded"]),
    ) else {
        return;
    };
    let mut objects = [example, sharded].concat();
    let Some(said) = refused(test, &objects) else {
        return;
    };
    assert_eq!(said, "");
    let owner = objects
        .iter_mut()
        .find(|object| object["kind"] == "Deployment");
    owner.expect("it is there")["spec"]["template"]["spec"]["enableServiceLink"] = true.into();
    let message = "spec.template.spec: Additional properties are not allowed ('enableServiceLink' was unexpected)";
    assert_eq!(
        refused(test, &objects).expect("it was there a moment ago"),
        VERSIONS
            .map(|version| format!("Deployment {version}: {message}\n"))
            .concat()
    );
}
