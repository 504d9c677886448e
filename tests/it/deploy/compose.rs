//! The compose file and what its services read.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use super::{assert_none, facts, items, path, str, text, yaml};
use crate::{
    dashboard::boards,
    support::{self, installed},
};

const FOLDER: &str = "deploy/compose";
const FILE: &str = "deploy/compose/compose.yaml";

fn services() -> Value {
    yaml(FILE)["services"].clone()
}

#[test]
fn docker_compose_takes_the_file() {
    let output = Command::new("docker-compose")
        .arg("--file")
        .arg(path(FILE))
        .args(["config", "--quiet"])
        .output();
    let Ok(output) = output else {
        return support::skip(
            "docker_compose_takes_the_file",
            "`docker-compose` is not on PATH; install the Debian package docker-compose",
        );
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
}

/// The demo knows no users, and Grafana lets everybody look.
#[test]
fn nothing_is_reached_from_another_machine() {
    let mut wrong = Vec::new();
    for (name, service) in services().as_object().expect("it is a mapping") {
        for port in items(&service["ports"]).map(str) {
            if !port.starts_with("127.0.0.1:") {
                wrong.push(format!("{name}: {port}"));
            }
        }
        if service["network_mode"] == "host" {
            wrong.push(format!("{name}: the host's network"));
        }
    }
    assert_none(&wrong);
}

#[test]
fn what_is_mounted_is_there_and_may_not_be_written_to() {
    for (name, service) in services().as_object().expect("it is a mapping") {
        for volume in items(&service["volumes"]).map(str) {
            let mut parts = volume.split(':');
            let source = parts.next().unwrap_or_default();
            assert!(
                path(FOLDER).join(source).exists(),
                "{name}: there is no {source}"
            );
            assert_eq!(parts.next_back(), Some("ro"), "{name}: {volume}");
        }
    }
    let exporter = &services()["exporter"];
    let build = path(FOLDER).join(str(&exporter["build"]));
    assert!(
        build.join("Dockerfile").is_file(),
        "the image is built from the repository"
    );
}

#[test]
fn the_services_repeat_the_program_rightly() {
    let services = services();
    let command: Vec<_> = items(&services["exporter"]["command"]).map(str).collect();
    assert_eq!(facts::not_understood(&command), None);
    let port = facts::port();
    let expected = json!([format!("127.0.0.1:{port}:{port}")]);
    assert_eq!(services["exporter"]["ports"], expected);
    let job = &yaml("deploy/compose/prometheus.yaml")["scrape_configs"][0];
    let target = format!("exporter:{port}");
    assert_eq!(job["static_configs"], json!([{ "targets": [target] }]));
    let rules = text("alerts/cluster-link.rules.yaml");
    assert!(rules.contains(&format!("job=\"{}\"", str(&job["job_name"]))));

    let grafana = &services["grafana"];
    let home = "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH";
    let (folder, board) = str(&grafana["environment"][home])
        .rsplit_once('/')
        .expect("a path");
    assert!(
        boards::folder().join(board).is_file(),
        "there is no board {board}"
    );
    let provider = &yaml("dashboards/provisioning/dashboards/cluster-linking.yaml")["providers"][0];
    assert_eq!(provider["options"]["path"], folder);
    let boards = format!("../../dashboards:{folder}:ro");
    assert!(items(&grafana["volumes"]).any(|volume| volume == boards.as_str()));
}

/// Where each service finds the file, made into a folder of this machine.
fn laid_out(service: &str, into: &Path) {
    for volume in items(&services()[service]["volumes"]).map(str) {
        let mut parts = volume.split(':');
        let (source, target) = (
            parts.next().expect("a source"),
            parts.next().expect("a target"),
        );
        let target = into.join(target.rsplit('/').next().expect("a name"));
        fs::copy(path(FOLDER).join(source), target).expect("a file of the repository");
    }
}

#[test]
fn prometheus_takes_its_configuration_by_promtool() {
    checked(
        "prometheus_takes_its_configuration_by_promtool",
        "PROMTOOL",
        "prometheus",
        &["check", "config"],
    );
}

#[test]
fn alertmanager_takes_its_configuration_by_amtool() {
    checked(
        "alertmanager_takes_its_configuration_by_amtool",
        "AMTOOL",
        "alertmanager",
        &["check-config"],
    );
}

fn checked(test: &str, tool: &str, service: &str, arguments: &[&str]) {
    let mut command = match installed::command(tool) {
        Ok(command) => command,
        Err(why) => return support::skip(test, &why),
    };
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    laid_out(service, folder.path());
    let file = folder.path().join(format!("{service}.yml"));
    let output = command
        .args(arguments)
        .arg(file)
        .output()
        .expect("it ran a moment ago");
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}
