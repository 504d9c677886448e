//! Flags belong to commands: which a command takes, and what it says of the others.

use super::{assert_says, described, run};
use crate::{
    alert::commands::COMMANDS,
    support::program::{Running, get, program, until_ready},
};

const CONFIG: &str = "--config.file";
const LOG: [&str; 2] = ["--log.level", "--log.format"];
const LISTEN: &str = "--web.listen-address";
const WEB_CONFIG: &str = "--web.config.file";

/// The flags of serving that each command takes; of those that are not named here, none.
fn taken_of_serving(command: &str) -> Vec<&'static str> {
    let of_clusters = [&[CONFIG], &LOG[..]].concat();
    match command {
        "tasks" | "dr-check" | "discover" | "test-alert" => of_clusters,
        "check-config" | "rules" => vec![CONFIG],
        "simulate" => [&[LISTEN], &LOG[..]].concat(),
        "healthcheck" => [&[LISTEN, WEB_CONFIG], &LOG[..]].concat(),
        "demo" => {
            let web = [
                LISTEN,
                "--web.telemetry-path",
                WEB_CONFIG,
                "--alerting.dry-run",
                "--web.enable-lifecycle",
            ];
            [&web[..], &LOG].concat()
        }
        _ => Vec::new(),
    }
}

/// The flags of a help, with whether a value follows.
fn flags(help: &str) -> Vec<(&str, bool)> {
    let lines = help.lines().map(str::trim_start);
    let lines = lines.map(|line| line.strip_prefix("-h, ").unwrap_or(line));
    // A sentence may begin its line with a flag.
    let is_flag = |line: &&str| {
        let first = line.split_whitespace().next().unwrap_or_default();
        first.starts_with("--") && !first.ends_with([',', '.', ';'])
    };
    let flags = lines.filter(is_flag);
    let flags = flags.map(|line| {
        let mut words = line.split_whitespace();
        let flag = words.next().unwrap_or_default();
        (flag, words.next().is_some_and(|word| word.starts_with('<')))
    });
    flags.filter(|(flag, _)| *flag != "--help").collect()
}

#[test]
fn the_help_of_a_command_shows_what_it_reads_and_the_rest_is_refused_on_both_sides_of_it() {
    let (_, help, _) = run(program(&["--help"]));
    let of_serving = flags(&help);
    assert!(of_serving.len() > 8, "{of_serving:?}");
    for (command, help) in COMMANDS.iter().filter(|(name, _)| name != "help") {
        let shown: Vec<_> = flags(help).into_iter().map(|(flag, _)| flag).collect();
        for (flag, has_value) in &of_serving {
            let is_taken = taken_of_serving(command).contains(flag);
            assert_eq!(shown.contains(flag), is_taken, "{command} {flag}");
            if is_taken {
                continue;
            }
            let given: &[&str] = if *has_value { &[flag, "0/1"] } else { &[flag] };
            for arguments in [
                [&[command.as_str()], given].concat(),
                [given, &[command.as_str()]].concat(),
            ] {
                let (status, stdout, stderr) = run(program(&arguments));
                let start = format!(
                    "error: `{command}` does not read '{flag}', leave it out: serving (without a command)"
                );
                let end = format!("; try `{command} --help`\n");
                assert!(stderr.starts_with(&start), "{arguments:?}: {stderr}");
                assert!(stderr.ends_with(&end), "{arguments:?}: {stderr}");
                assert_eq!((status, stdout.as_str()), (2, ""), "{arguments:?}");
            }
        }
    }
}

#[test]
fn a_flag_of_another_command_is_refused_with_the_names_of_those_that_take_it() {
    let cases: &[(&[&str], &str)] = &[
        (
            &["tasks", "--shard", "0/2"],
            "`tasks` does not read '--shard', leave it out: serving (without a command) takes it; try `tasks --help`",
        ),
        (
            &["--shard=0/2", "tasks"],
            "`tasks` does not read '--shard', leave it out: serving (without a command) takes it; try `tasks --help`",
        ),
        (
            &[
                "--log.level",
                "debug",
                "--web.listen-address",
                ":1",
                "rules",
            ],
            "`rules` does not read '--log.level', leave it out: serving (without a command), `tasks`, `dr-check`, \
             `discover`, `demo`, `simulate`, `test-alert` and `healthcheck` take it; try `rules --help`",
        ),
        (
            &["demo", "--config.file", "exporter.yaml"],
            "`demo` does not read '--config.file', leave it out: serving (without a command), `check-config`, `tasks`, \
             `dr-check`, `discover`, `rules` and `test-alert` take it; try `demo --help`",
        ),
        (
            &["tasks", "--basic-auth=canary:canary"],
            "`tasks` does not read '--basic-auth', leave it out: `simulate` takes it; try `tasks --help`",
        ),
        (
            &["--output", "json", "tasks"],
            "'--output' is not read without a command: `check-config`, `tasks`, `dr-check`, `explain` and `simulate` take it, \
             behind the command; try `--help`",
        ),
        (
            &["--slo", "99.9"],
            "'--slo' is not read without a command: `rules` takes it, behind the command; try `--help`",
        ),
    ];
    for (arguments, line) in cases {
        assert_says(program(arguments), 2, "", &format!("error: {line}\n"));
    }
}

#[test]
fn what_is_wrong_with_a_flag_is_told_before_what_is_wrong_with_a_file() {
    let absent = ["--config.file", "absent.yaml"];
    for (command, flag, line) in [
        (
            &[][..],
            &["--shard", "3"][..],
            "invalid value '3' for '--shard <INDEX/TOTAL>': write the number of this shard, from 0, and how many there are, \
             such as `0/3`; try `--help`",
        ),
        (
            &["tasks"],
            &["--output", "xml"],
            "invalid value 'xml' for '--output <FORMAT>' [possible values: table, json]; try `--help`",
        ),
        (
            &["dr-check"],
            &["--wait", "soon"],
            "invalid value 'soon' for '--wait <DURATION>': write a number and a unit, such as `30s` or `2m`; try `--help`",
        ),
        (
            &["check-config"],
            &["--web.listen-address", "nowhere"],
            "`check-config` does not read '--web.listen-address', leave it out: serving (without a command), `demo`, \
             `simulate` and `healthcheck` take it; try `check-config --help`",
        ),
        (
            &["test-alert"],
            &["--log.level", "loud"],
            "invalid value 'loud' for '--log.level <LEVEL>' [possible values: error, warn, info, debug, trace]; try `--help`",
        ),
    ] {
        let line = format!("error: {line}\n");
        for arguments in [
            [command, &absent, flag].concat(),
            [&absent, command, flag].concat(),
        ] {
            assert_says(program(&arguments), 2, "", &line);
        }
    }
}

#[tokio::test]
async fn a_flag_before_the_command_is_one_behind_it() {
    let absent =
        "absent.yaml: found no such file; write the file, or name another with `--config.file`\n";
    for arguments in [
        &["--log.level=error", "--config.file", "absent.yaml", "tasks"][..],
        &[
            "--config.file",
            "absent.yaml",
            "tasks",
            "--log.level",
            "error",
        ],
        // A file may be called as a command is.
        &["--config.file=absent.yaml", "test-alert", "tasks"],
    ] {
        assert_says(program(arguments), 2, "", absent);
    }
    let twice =
        "error: the argument '--config.file <FILE>' cannot be used multiple times; try `--help`\n";
    let both = [
        "--config.file",
        "a.yaml",
        "tasks",
        "--config.file",
        "b.yaml",
    ];
    assert_says(described(&both), 2, "", twice);

    let mut running = Running::start(program(&[
        "--web.telemetry-path",
        "/here",
        "--web.listen-address=127.0.0.1:0",
        "demo",
    ]));
    let address = running.address();
    until_ready(&address).await;
    let (status, _) = get(&format!("http://{address}/here")).await;
    assert_eq!(status, 200);
}
