//! The unit for systemd.

use std::{fs, path::Path, process::Command};

use regex::Regex;

use super::{facts, path, text};
use crate::support;

const UNIT: &str = "deploy/systemd/cluster-link-exporter.service";
const CREDENTIALS: &str = "deploy/systemd/credentials.example.conf";
const NAME: &str = "cluster-link-exporter.service";

/// The values of a key, in the order of the file.
fn values(unit: &str, key: &str) -> Vec<String> {
    let prefix = format!("{key}=");
    let values = unit.lines().filter_map(|line| line.strip_prefix(&prefix));
    values.map(str::to_owned).collect()
}

/// The unit and the example for credentials as they are installed, with the program of the tests.
fn installed(folder: &Path) {
    let program = env!("CARGO_BIN_EXE_cluster-link-exporter");
    let commands = Regex::new(r"(?m)^(Exec\w+=)cluster-link-exporter ").expect("it is valid");
    let shipped = text(UNIT);
    let unit = commands.replace_all(&shipped, |found: &regex::Captures| {
        format!("{}{program} ", &found[1])
    });
    fs::write(folder.join(NAME), unit.as_ref()).expect("the folder is ours");
    let extension = folder.join(format!("{NAME}.d"));
    fs::create_dir(&extension).expect("the folder is ours");
    fs::write(extension.join("credentials.conf"), text(CREDENTIALS)).expect("the folder is ours");
}

/// What `systemd-analyze` says of the unit; `None`, and said aloud, where there is none.
fn analyzed(test: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    installed(folder.path());
    let output = Command::new("systemd-analyze")
        .args(arguments)
        .arg(folder.path().join(NAME))
        // Only the folder: the units of this machine are not ours to judge.
        .env("SYSTEMD_UNIT_PATH", format!("{}:", folder.path().display()))
        .output();
    let Ok(output) = output else {
        support::skip(
            test,
            "`systemd-analyze` is not on PATH; install the Debian package systemd",
        );
        return None;
    };
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), said.into_owned()))
}

#[test]
fn systemd_takes_the_unit() {
    let verify = ["verify", "--man=no", "--recursive-errors=no"];
    if let Some((is_good, said)) = analyzed("systemd_takes_the_unit", &verify) {
        assert!(is_good && said.is_empty(), "{said}");
    }
}

/// In tenths: 0 is locked in, 100 may everything.
#[test]
fn the_service_is_exposed_by_no_more_than_1_5() {
    let security = ["security", "--offline=true", "--threshold=15", "--no-pager"];
    let test = "the_service_is_exposed_by_no_more_than_1_5";
    if let Some((is_good, said)) = analyzed(test, &security) {
        assert!(is_good, "{said}");
        assert!(said.contains("Overall exposure level"), "{said}");
    }
}

#[test]
fn the_unit_repeats_the_program_rightly() {
    let unit = text(UNIT);
    for (key, expected) in [
        // systemd 252 knows no `notify-reload`.
        ("Type", "notify"),
        ("NotifyAccess", "main"),
        ("StateDirectory", "cluster-link-exporter"),
    ] {
        assert_eq!(values(&unit, key), [expected], "{key}");
    }
    assert_eq!(
        values(&unit, "Environment"),
        [
            "CLUSTERLINK_GLOBAL__STATE_FILE=%S/cluster-link-exporter/state.redb",
            "MIMALLOC_PURGE_DELAY=0"
        ]
    );
    let file = "/etc/cluster-link-exporter/exporter.yaml";
    let check = format!("cluster-link-exporter check-config {file}");
    assert_eq!(values(&unit, "ExecStartPre"), [check.as_str()]);
    assert_eq!(
        values(&unit, "ExecReload"),
        [check.as_str(), "kill -HUP $MAINPID"]
    );
    let start = format!("cluster-link-exporter --config.file={file} $ARGS");
    assert_eq!(values(&unit, "ExecStart"), [start.as_str()]);
    for command in [&check, &start] {
        let arguments: Vec<_> = command.split(' ').skip(1).collect();
        assert_eq!(facts::not_understood(&arguments), None, "{command}");
    }
}

/// What the example loads is what its comment names, and the page too.
#[test]
fn a_credential_has_the_name_by_which_the_configuration_calls_it() {
    let example = text(CREDENTIALS);
    let loaded = values(&example, "LoadCredential");
    let (name, _) = loaded[0].split_once(':').expect("a name and a path");
    let key = format!("password_file: ${{CREDENTIALS_DIRECTORY}}/{name}");
    assert!(example.contains(&key), "{CREDENTIALS} names `{key}`");
    let page = fs::read_to_string(path("docs/install.md")).expect("the page can be read");
    for text in [key, format!("LoadCredential={}", loaded[0])] {
        assert!(page.contains(&text), "docs/install.md names `{text}`");
    }
}
