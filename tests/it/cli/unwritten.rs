//! Output that cannot be written: a full disk is told, a reader that has gone away is not.

use std::{
    fs,
    fs::OpenOptions,
    process::{Command, Stdio},
};

use cluster_link_exporter::simulator::Scenario;

use super::{assert_says, described_at, run, tasks::simulator};
use crate::support::{self, program::program};

/// Where nothing can be written, as on a full disk.
fn full() -> Stdio {
    let full = OpenOptions::new().write(true).open("/dev/full");
    full.expect("Linux has it").into()
}

/// Status and standard error of a command whose standard output is a full disk.
fn on_a_full_disk(mut command: Command) -> (i32, String) {
    let output = command.stdout(full()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code().expect("no signal ended it"), stderr)
}

const FULL: &str = "cannot write to standard output: No space left on device (os error 28)\n";

#[tokio::test(flavor = "multi_thread")]
async fn every_command_says_that_it_cannot_print() {
    let (_simulator, endpoint) = simulator(Scenario::named("healthy").unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let any = ["--web.listen-address", "127.0.0.1:0"];
    let commands: [(i32, &[&str]); 22] = [
        (1, &["--help"]),
        (1, &["tasks", "--help"]),
        (1, &["--version"]),
        (1, &["rules"]),
        (1, &["runbooks"]),
        (1, &["runbooks", "ClusterLinkBlind"]),
        (1, &["runbooks", "--to", folder]),
        (1, &["explain"]),
        (1, &["explain", "INTERNAL_ERROR"]),
        (1, &["explain", "--output", "json"]),
        (1, &["check-config"]),
        (1, &["check-config", "--rules"]),
        (2, &["check-config", "--connect"]),
        (2, &["check-config", "--connect", "--output", "json"]),
        (1, &["simulate", "--list"]),
        (1, &["simulate", "--list", "--output", "json"]),
        (1, &["simulate", any[0], any[1]]),
        (1, &["demo", any[0], any[1]]),
        (1, &["dashboards", folder]),
        (2, &["tasks"]),
        (2, &["tasks", "--output", "json"]),
        (2, &["dr-check", "--wait", "1ms", "--output", "json"]),
    ];
    for (expected, arguments) in commands {
        let (status, stderr) = on_a_full_disk(described_at(&endpoint, arguments));
        assert_eq!((status, stderr.as_str()), (expected, FULL), "{arguments:?}");
    }
    // What was asked for is there all the same.
    assert!(fs::read_dir(folder).unwrap().count() > 1);
}

/// Whoever closes standard output wants no output, as with `>/dev/null`: the Rust runtime opens that in its place before
/// the program begins, so that no file which is opened later takes the output.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_standard_output_takes_all_and_no_file_takes_it_instead() {
    let (_simulator, endpoint) = simulator(Scenario::named("healthy").unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let commands: [&[&str]; 13] = [
        &["--help"],
        &["tasks", "--help"],
        &["--version"],
        &["rules"],
        &["explain"],
        &["explain", "INTERNAL_ERROR"],
        &["explain", "--output", "json"],
        &["check-config"],
        &["check-config", "--rules"],
        &["simulate", "--list"],
        &["dashboards", folder],
        &["tasks"],
        &["tasks", "--output", "json"],
    ];
    for arguments in commands {
        let command = described_at(&endpoint, arguments);
        let mut closed = Command::new("sh");
        closed.args(["-c", r#"exec "$0" "$@" >&-"#]);
        closed.arg(command.get_program()).args(command.get_args());
        let set = command.get_envs();
        closed.envs(set.filter_map(|(name, value)| Some((name, value?))));
        assert_says(closed, 0, "", "");
    }
    for board in fs::read_dir(folder).unwrap() {
        let board = fs::read(board.unwrap().path()).unwrap();
        let json = serde_json::from_slice::<serde_json::Value>(&board);
        assert!(json.is_ok(), "it is a board and nothing else");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_is_bad_stays_bad_unread() {
    let (_simulator, endpoint) = simulator(Scenario::named("several-errors").unwrap()).await;
    let (status, stderr) = on_a_full_disk(described_at(&endpoint, &["tasks"]));
    assert_eq!((status, stderr.as_str()), (1, FULL));
}

#[test]
fn a_reader_that_has_gone_away_is_no_failure() {
    for arguments in [&["--help"][..], &["rules"], &["explain"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program(arguments).stdout(writer).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_full_disk_for_standard_error_changes_no_status() {
    for (expected, arguments) in [
        (2, &["--no-such-flag"][..]),
        (2, &["check-config", "/nowhere"]),
        (2, &["explain", "NO_SUCH_CODE"]),
        (1, &["healthcheck", "--url", "http://127.0.0.1:1"]),
    ] {
        let status = program(arguments).stderr(full()).status().unwrap();
        assert_eq!(status.code(), Some(expected), "{arguments:?}");
    }
}

/// A limit on the size of files stands for a disk that fills up in the middle of one.
#[test]
fn a_dashboard_is_written_whole_or_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (status, first, _) = run(program(&["dashboards", path]));
    assert_eq!(status, 0);
    let first = first.lines().next().expect("a path a line").to_owned();
    fs::write(&first, "the one before").unwrap();
    let count = || fs::read_dir(folder.path()).unwrap().count();
    let before = count();

    let name = env!("CARGO_BIN_EXE_cluster-link-exporter");
    let limited = Command::new("bash")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 8; exec \"$0\" dashboards \"$1\"",
            name,
            path,
        ])
        .output();
    let Ok(limited) = limited else {
        let test = "a_dashboard_is_written_whole_or_stays_as_it_was";
        return support::skip(test, "bash limits the size of files; install it");
    };
    let stderr = String::from_utf8(limited.stderr).unwrap();
    assert_eq!(limited.status.code(), Some(1), "{stderr}");
    let expected = format!("cannot write the dashboard: {first}: File too large (os error 27)\n");
    assert_eq!(stderr, expected);
    assert_eq!(fs::read_to_string(&first).unwrap(), "the one before");
    assert_eq!(count(), before, "something is left behind");
}
