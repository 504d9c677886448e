//! Kubernetes' own kinds against its schemas, where an unknown key is refused.

use std::{collections::BTreeSet, fs, process::Command};

use serde_json::Value;

use super::{
    objects::{EXAMPLE, kustomized, with_components},
    str,
};
use crate::support::{self, python::KUBERNETES_VALIDATE};

/// The oldest Kubernetes that has what the shards need, and the newest whose schemas there are.
const VERSIONS: [&str; 2] = ["1.28", "1.37"];

/// Whether the schemas take the objects of Kubernetes' own kinds; `None`, and said aloud, where there are none.
pub(super) fn refused(test: &str, objects: &[Value]) -> Option<String> {
    let python = match KUBERNETES_VALIDATE.python() {
        Ok(python) => python.get_program().to_owned(),
        Err(why) => {
            support::skip(test, &why);
            return None;
        }
    };
    let own = objects
        .iter()
        .filter(|object| !str(&object["apiVersion"]).contains("monitoring"));
    // Each once: the schemas are slow.
    let own: BTreeSet<_> = own.map(Value::to_string).collect();
    let own: Vec<_> = own.into_iter().collect();
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let file = folder.path().join("objects.yaml");
    fs::write(&file, own.join("\n---\n")).expect("the folder is ours");
    let mut said = String::new();
    for version in VERSIONS {
        let script = "import kubernetes_validate.__main__ as it; it.main()";
        let mut command = Command::new(&python);
        command
            .args(["-c", script, "--strict", "-k", version])
            .arg(&file);
        let output = command.output().expect("it ran a moment ago");
        let printed =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let passed = printed
            .lines()
            .filter(|line| line.contains(" passed for "))
            .count();
        if !output.status.success() || passed != own.len() {
            said += &printed;
        }
    }
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
    for objects in [example, sharded] {
        let Some(said) = refused(test, &objects) else {
            return;
        };
        assert_eq!(said, "");
        let mut bad = objects;
        let owner = bad
            .iter_mut()
            .find(|object| object["spec"]["template"].is_object());
        owner.unwrap()["spec"]["template"]["spec"]["enableServiceLink"] = true.into();
        let said = refused(test, &bad).expect("it was there a moment ago");
        assert!(
            said.contains("'enableServiceLink' was unexpected"),
            "{said}"
        );
    }
}
