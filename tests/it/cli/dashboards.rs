//! `dashboards`: the files for Grafana, from the program alone.

use std::{fs, path::Path};

use super::assert_says;
use crate::support::program::program;

const FILES: [&str; 4] = [
    "clusterlink-overview.json",
    "clusterlink-link.json",
    "clusterlink-dr.json",
    "clusterlink-exporter.json",
];

/// The paths of the files in a folder, one a line.
fn paths(folder: &str) -> String {
    FILES.map(|file| format!("{folder}/{file}\n")).concat()
}

#[test]
fn the_shipped_files_are_what_it_writes_also_where_there_are_some() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
    for _ in 0..2 {
        assert_says(program(&["dashboards", path]), 0, &paths(path), "");
        for file in FILES {
            let written = fs::read_to_string(folder.path().join(file)).unwrap();
            let expected = fs::read_to_string(shipped.join(file)).unwrap();
            assert!(written == expected, "{file} is another file");
        }
    }
}

#[test]
fn links_from_alerts_lead_where_the_runbooks_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let url = "https://wiki.example.com/runbooks/";
    let command = program(&["dashboards", path, "--runbook-url", url]);
    assert_says(command, 0, &paths(path), "");
    let overview = fs::read_to_string(folder.path().join(FILES[0])).unwrap();
    let overview: serde_json::Value = serde_json::from_str(&overview).unwrap();
    let overview = overview.to_string();
    let url = "https://wiki.example.com/runbooks/${__data.fields.alertname}.md";
    assert!(overview.contains(&format!("\"url\":\"{url}\"")));
    assert!(!overview.contains("clusterlink_exporter_info"));
}

#[test]
fn what_cannot_be_written_is_one_line() {
    let nowhere = "/nowhere: found no such folder; make it, or name another\n";
    assert_says(program(&["dashboards", "/nowhere"]), 2, "", nowhere);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    fs::create_dir(folder.path().join(FILES[1])).unwrap();
    let first = format!("{path}/{}\n", FILES[0]);
    let problem = format!(
        "cannot write the dashboard: {path}/{}: Is a directory (os error 21)\n",
        FILES[1]
    );
    assert_says(program(&["dashboards", path]), 1, &first, &problem);

    let unnamed =
        "error: the following required arguments were not provided: <FOLDER>; try `--help`\n";
    assert_says(program(&["dashboards"]), 2, "", unnamed);
}
