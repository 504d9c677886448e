//! `runbooks`: what to do about an alert, from the program alone.

use std::{fs, path::Path};

use cluster_link_exporter::alert::rules;

use super::assert_says;
use crate::support::program::program;

#[test]
fn a_runbook_is_printed_as_it_is_in_the_repository() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/runbooks");
    for alert in ["ClusterLinkTaskInError", "ClusterLinkWatchdog"] {
        let expected = fs::read_to_string(shipped.join(format!("{alert}.md"))).unwrap();
        assert_says(program(&["runbooks", alert]), 0, &expected, "");
    }
}

#[test]
fn without_a_name_all_are_listed_in_the_order_of_the_rules() {
    let output = program(&["runbooks"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let listed: Vec<_> = text
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    let expected: Vec<_> = rules().map(|rule| rule.name).collect();
    assert_eq!(listed, expected);
    assert!(text.starts_with("ClusterLinkTaskInError "), "{text}");
    assert!(
        text.lines().next().unwrap().ends_with("  critical"),
        "{text}"
    );
}

#[test]
fn a_name_that_is_none_is_one_line() {
    let near = "`clusterlinktaskinerror` is none of the shipped alerts; `runbooks ClusterLinkTaskInError` is there\n";
    assert_says(
        program(&["runbooks", "clusterlinktaskinerror"]),
        2,
        "",
        near,
    );
    let far = "`Kube\\nPod` is none of the shipped alerts; `runbooks` lists those that are\n";
    assert_says(program(&["runbooks", "Kube\nPod"]), 2, "", far);
    let nowhere = "/nowhere: found no such folder; make it, or name another\n";
    assert_says(program(&["runbooks", "--to", "/nowhere"]), 2, "", nowhere);
}

#[test]
fn all_are_written_as_they_are_in_the_repository_also_where_there_are_some() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/runbooks");
    let mut files: Vec<_> = fs::read_dir(&shipped)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    files.sort_by_key(|name| (name != "README.md", name.clone()));
    let paths: Vec<_> = files
        .iter()
        .map(|name| format!("{path}/{}\n", name.to_str().unwrap()))
        .collect();
    let paths = paths.concat();
    for _ in 0..2 {
        assert_says(program(&["runbooks", "--to", path]), 0, &paths, "");
        for file in &files {
            let written = fs::read_to_string(folder.path().join(file)).unwrap();
            let expected = fs::read_to_string(shipped.join(file)).unwrap();
            assert!(written == expected, "{file:?} is another file");
        }
    }
}
