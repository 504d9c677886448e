//! The program as a user meets it: what it is asked, its exit status and all it prints.

mod arguments;
mod auto_reload;
mod check;
mod connect;
mod dashboards;
mod discover;
mod dr_check;
mod explain;
mod flags;
mod hanging;
mod ids;
mod reload;
mod rules;
mod runbooks;
mod serve;
mod service;
mod shard;
mod shells;
mod simulated;
mod tasks;
mod test_alert;
mod unwritten;
mod width;

use std::process::Command;

use crate::support::program::program;

/// Runs it to its end: status, standard output and standard error.
fn run(mut command: Command) -> (i32, String, String) {
    let output = command.output().expect("cargo has built the program");
    let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
    (
        output.status.code().expect("no signal ended it"),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Fails unless it ends with this status after printing exactly this.
#[track_caller]
fn assert_says(command: Command, status: i32, stdout: &str, stderr: &str) {
    let asked = format!("{command:?}");
    let expected = (status, stdout.to_owned(), stderr.to_owned());
    assert_eq!(run(command), expected, "{asked}");
}

/// With an environment that describes one cluster, whose API nobody serves.
fn described(arguments: &[&str]) -> Command {
    described_at("http://127.0.0.1:1", arguments)
}

/// With an environment that describes one cluster at this endpoint.
fn described_at(endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command
        .env("CLUSTERLINK_ENDPOINT", endpoint)
        .env("CLUSTERLINK_CLUSTER_ID", "lkc-east01");
    command
}
