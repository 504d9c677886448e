//! The files that make Grafana find the boards, and what docs/dashboards.md says about them.

use std::fs;

use serde_json::Value;

use super::boards::{folder, shipped, text};

fn yaml(file: &str) -> Value {
    let path = folder().join("provisioning").join(file);
    serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn page() -> String {
    fs::read_to_string(folder().parent().unwrap().join("docs/dashboards.md")).unwrap()
}

#[test]
fn grafana_reads_the_folder_that_the_page_mounts() {
    let providers = yaml("dashboards/cluster-linking.yaml");
    let provider = &providers["providers"][0];
    assert_eq!(
        (&provider["type"], &provider["allowUiUpdates"]),
        (&"file".into(), &false.into())
    );
    let mount = format!("-v ./grafana:{}:ro", text(&provider["options"]["path"]));
    assert!(
        page().contains(&mount),
        "docs/dashboards.md mounts the folder: `{mount}`"
    );
    for part in ["dashboards", "datasources"] {
        let mount =
            format!("-v ./dashboards/provisioning/{part}:/etc/grafana/provisioning/{part}:ro");
        assert!(
            page().contains(&mount),
            "docs/dashboards.md mounts the folder: `{mount}`"
        );
    }
}

#[test]
fn the_data_source_is_a_prometheus_that_the_environment_names() {
    let sources = yaml("datasources/prometheus.yaml");
    let source = &sources["datasources"][0];
    assert_eq!(
        (&source["type"], &source["url"]),
        (&"prometheus".into(), &"$PROMETHEUS_URL".into())
    );
    assert!(
        page().contains("-e PROMETHEUS_URL="),
        "docs/dashboards.md sets the variable"
    );
}

#[test]
fn the_page_says_what_each_board_answers() {
    for board in shipped() {
        let row = format!("| `{}` |", board.stem);
        assert!(
            page().contains(&row),
            "add the row {row} to docs/dashboards.md"
        );
    }
}
