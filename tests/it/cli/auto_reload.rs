//! `--config.auto-reload`: a file that changes under a running exporter.

use std::{fs, path::Path, process::Command, time::Duration};

use tokio::time::sleep;

use super::{assert_says, described};
use crate::support::program::{Running, get, program};

const RELOADED: &str = "configuration reloaded";
const REFUSED: &str = "configuration not reloaded";

/// A file of clusters with these names.
fn clusters(names: &[&str]) -> String {
    let clusters = names.iter().map(|name| {
        format!("  - {{ name: {name}, cluster_id: lkc-{name}, endpoint: 'http://127.0.0.1:1' }}\n")
    });
    format!("clusters:\n{}", clusters.collect::<String>())
}

/// Looks at the file every second.
fn watching(file: &Path) -> Command {
    let mut command = program(&[
        "--web.listen-address",
        "127.0.0.1:0",
        "--config.auto-reload",
    ]);
    command.args(["--config.auto-reload-interval", "1s", "--config.file"]);
    command.arg(file);
    command
}

async fn last_reload_worked(address: &str) -> bool {
    let (_, metrics) = get(&format!("http://{address}/metrics")).await;
    metrics.contains("\nclusterlink_exporter_config_last_reload_successful 1\n")
}

#[tokio::test]
async fn a_changed_file_is_read_and_a_bad_one_is_told_once_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    fs::write(&file, clusters(&["first"])).unwrap();
    let mut running = Running::start(watching(&file));
    let address = running.address();

    fs::write(&file, clusters(&["first", "second"])).unwrap();
    let line = running.until(RELOADED);
    assert!(
        line.ends_with("msg=\"configuration reloaded\" clusters=2"),
        "{line}"
    );
    let (_, metrics) = get(&format!("http://{address}/metrics")).await;
    assert!(metrics.contains(r#"cluster_name="second""#));

    fs::write(&file, "clusters: [{ name: first }]\n").unwrap();
    running.until(REFUSED);
    assert!(!last_reload_worked(&address).await);
    let (_, metrics) = get(&format!("http://{address}/metrics")).await;
    assert!(metrics.contains(r#"cluster_name="second""#));
    // It is looked at three times more.
    sleep(Duration::from_millis(3500)).await;

    // What was there before is something else than the bad file.
    fs::write(&file, clusters(&["first", "second"])).unwrap();
    running.until(RELOADED);
    assert!(last_reload_worked(&address).await);

    // A file that is gone is a bad one: the next start would fail.
    fs::remove_file(&file).unwrap();
    let line = running.until(REFUSED);
    assert!(line.contains("found no such file"), "{line}");
    fs::write(&file, clusters(&["first", "second"])).unwrap();
    running.until(RELOADED);

    let stderr = running.stop("TERM").stderr;
    assert_eq!(stderr.matches(REFUSED).count(), 2, "{stderr}");
    assert_eq!(stderr.matches(RELOADED).count(), 3, "{stderr}");
}

#[tokio::test]
async fn a_file_that_is_being_written_is_left_alone_until_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    fs::write(&file, clusters(&["c0"])).unwrap();
    let mut running = Running::start(watching(&file));
    running.address();
    // Every part of it is a good file by itself, of fewer clusters.
    let names: Vec<_> = (0..16).map(|number| format!("c{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    for count in 2..=names.len() {
        fs::write(&file, clusters(&names[..count])).unwrap();
        sleep(Duration::from_millis(250)).await;
    }
    let line = running.until(RELOADED);
    assert!(line.ends_with("clusters=16"), "{line}");
    let stderr = running.stop("TERM").stderr;
    assert_eq!(stderr.matches("reloaded").count(), 1, "{stderr}");
}

#[tokio::test]
async fn a_reload_by_signal_is_not_done_a_second_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    fs::write(&file, clusters(&["first"])).unwrap();
    let mut running = Running::start(watching(&file));
    running.address();
    fs::write(&file, clusters(&["first", "second"])).unwrap();
    running.signal("HUP");
    running.until(RELOADED);
    // It is looked at three times.
    sleep(Duration::from_millis(3500)).await;
    let stderr = running.stop("TERM").stderr;
    assert_eq!(stderr.matches(RELOADED).count(), 1, "{stderr}");
}

#[test]
fn what_cannot_be_watched_is_one_line_and_status_2() {
    let bounds = "write a duration from `1s` to `1day`, such as `30s`";
    for (arguments, line) in [
        (
            &["--config.auto-reload"][..],
            "error: the following required arguments were not provided: --config.file <FILE>; try `--help`".to_owned(),
        ),
        (
            &["--config.auto-reload-interval", "1m", "--config.file", "x.yaml"],
            "error: the following required arguments were not provided: --config.auto-reload; try `--help`".to_owned(),
        ),
        (
            &["--config.auto-reload", "--config.auto-reload-interval=30"],
            "error: invalid value '30' for '--config.auto-reload-interval <DURATION>': write a number and a unit, such as \
             `30s` or `2m`; try `--help`"
                .to_owned(),
        ),
        (
            &["--config.auto-reload", "--config.auto-reload-interval=999ms"],
            format!("error: invalid value '999ms' for '--config.auto-reload-interval <DURATION>': {bounds}; try `--help`"),
        ),
        (
            &["--config.auto-reload", "--config.auto-reload-interval=25h"],
            format!("error: invalid value '25h' for '--config.auto-reload-interval <DURATION>': {bounds}; try `--help`"),
        ),
        (
            &["--config.auto-reload", "--config.file", "/dev/null"],
            "/dev/null: found a file that cannot be watched (it is a device and no regular file); name a regular file with \
             `--config.file`, or leave `--config.auto-reload` out"
                .to_owned(),
        ),
    ] {
        assert_says(described(arguments), 2, "", &format!("{line}\n"));
    }
}
