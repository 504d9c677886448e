//! What `deploy` repeats of the program, as the program says it.

use std::fs;

use regex::Regex;

use super::{path, text};
use crate::{
    alert::commands::unknown_to_the_program,
    support::program::{Running, get, program, until_ready},
};

/// The port, of which `--help` says `[default: :PORT`.
pub(super) fn port() -> u64 {
    let output = program(&["--help"])
        .output()
        .expect("cargo has built the program");
    let help = String::from_utf8(output.stdout).expect("help is UTF-8");
    let default = Regex::new(r"\[default:\s+:(\d+)").expect("a literal pattern is valid");
    let port = default.captures(&help).expect("help says the port");
    port[1].parse().expect("it is a number")
}

/// The user of the image.
pub(super) fn user() -> u64 {
    let user = Regex::new(r"(?m)^USER (\d+):(\d+)$").expect("a literal pattern is valid");
    let dockerfile = text("Dockerfile");
    let user = user.captures(&dockerfile).expect("Dockerfile names a user");
    assert_eq!(user[1], user[2], "user and group are one number");
    user[1].parse().expect("it is a number")
}

/// What the program does not understand of arguments.
pub(super) fn not_understood(arguments: &[&str]) -> Option<String> {
    unknown_to_the_program(&arguments.join(" "))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_paths_of_the_probes_are_served() {
    let mut demo = Running::start(program(&["demo", "--web.listen-address=127.0.0.1:0"]));
    let line = demo.until("the page     http://");
    let address = line.split("http://").nth(1).expect("it was waited for");
    let address = address.trim_end_matches('/').to_owned();
    until_ready(&address).await;
    for probe in [LIVENESS, READINESS] {
        let (status, _) = get(&format!("http://{address}{probe}")).await;
        assert_eq!(status, 200, "{probe}");
    }
}

#[test]
fn images_let_the_allocator_give_memory_back_at_once() {
    let dockerfile = text("Dockerfile");
    let images = dockerfile.matches("\nENTRYPOINT ").count();
    let set = dockerfile.matches("\nENV MIMALLOC_PURGE_DELAY=0\n").count();
    assert_eq!(set, images);
}

pub(super) const LIVENESS: &str = "/-/healthy";
pub(super) const READINESS: &str = "/-/ready";

const CHART: &str = "deploy/helm/cluster-link-exporter/Chart.yaml";

/// Where the version stands under `deploy`: the file, what is before it on its line and what is behind.
const VERSIONS: [[&str; 3]; 4] = [
    [
        "deploy/kubernetes/base/deployment.yaml",
        " image: cluster-link-exporter:",
        "",
    ],
    [
        "deploy/kubernetes/sharded/statefulset.yaml",
        " image: cluster-link-exporter:",
        "",
    ],
    [CHART, "version: \"", "\""],
    [CHART, "appVersion: \"", "\""],
];

/// `UPDATE=1` writes the version of Cargo.toml into the files.
#[test]
fn the_versions_are_that_of_the_program() {
    for [file, before, after] in VERSIONS {
        let found = text(file);
        let line = Regex::new(&format!(r"(?m)^( *{before})[^ ]*({after})$")).expect("it is valid");
        assert_eq!(line.find_iter(&found).count(), 1, "{file}: one `{before}`");
        let version = format!("${{1}}{}${{2}}", env!("CARGO_PKG_VERSION"));
        let expected = line.replace(&found, version.as_str());
        if found != expected && std::env::var_os("UPDATE").is_some() {
            fs::write(path(file), expected.as_ref()).expect("the file can be written");
        } else {
            assert_eq!(
                found, expected,
                "{file}: run `UPDATE=1 cargo test deploy::`"
            );
        }
    }
}
