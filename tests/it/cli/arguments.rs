//! What it is asked, rightly and wrongly.

use std::{fmt::Write as _, fs, path::Path};

use super::{assert_says, described, run};
use crate::{
    alert::commands::COMMANDS,
    support::{golden::golden, program::program},
};

#[test]
fn the_version_says_what_was_built_from_what_and_how() {
    let (status, stdout, stderr) = run(program(&["--version"]));
    let form = concat!(
        r"^cluster-link-exporter \d+\.\d+\.\d+ ",
        r"\(revision [0-9a-z]+, rust \d+\.\d+\.\d+, [0-9a-z_]+(-[0-9a-z_.]+){2,3}\)\n$"
    );
    let form = regex::Regex::new(form).unwrap();
    assert!(form.is_match(&stdout), "{stdout}");
    assert_eq!((status, stderr.as_str()), (0, ""));
}

#[test]
fn the_help_of_every_command_is_as_it_was_read_last() {
    let mut text = String::new();
    let commands = COMMANDS.iter().map(|(command, _)| command.as_str());
    for command in [""].into_iter().chain(commands.filter(|it| *it != "help")) {
        let arguments: Vec<_> = command.split_whitespace().chain(["--help"]).collect();
        let (status, stdout, stderr) = run(program(&arguments));
        assert_eq!((status, stderr.as_str()), (0, ""), "{command}");
        let _ = writeln!(
            text,
            "$ cluster-link-exporter {}\n{stdout}",
            arguments.join(" ")
        );
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli/help.txt");
    golden(&file, &text);
}

#[test]
fn what_is_asked_wrongly_is_one_line_and_status_2() {
    let cases: &[(&[&str], &str)] = &[
        (
            &["--nope"],
            "error: unexpected argument '--nope' found; try `--help`",
        ),
        (
            &["--log.levl", "debug"],
            "error: unexpected argument '--log.levl' found; a similar argument exists: '--log.level'; try `--help`",
        ),
        (
            &["--log.level", "loud"],
            "error: invalid value 'loud' for '--log.level <LEVEL>' [possible values: error, warn, info, debug, trace]; \
             try `--help`",
        ),
        (
            &["frobnicate"],
            "error: unrecognized subcommand 'frobnicate'; try `--help`",
        ),
        (
            &["taks"],
            "error: unrecognized subcommand 'taks'; a similar subcommand exists: 'tasks'; try `--help`",
        ),
        (
            &["--web.telemetry-path", "metrics"],
            "error: invalid value 'metrics' for '--web.telemetry-path <PATH>': write a path of its own that begins with \
             `/`, such as `/metrics`; try `--help`",
        ),
        (
            &["dr-check", "--wait", "30"],
            "error: invalid value '30' for '--wait <DURATION>': write a number and a unit, such as `30s` or `2m`; try \
             `--help`",
        ),
        (
            &["dr-check", "--wait", "86401s"],
            "error: invalid value '86401s' for '--wait <DURATION>': longer than a day; write `1day` or less, such as `30s` \
             or `2m`; try `--help`",
        ),
        (
            &["dr-check", "--wait", "100000000000y"],
            "error: invalid value '100000000000y' for '--wait <DURATION>': longer than a day; write `1day` or less, such \
             as `30s` or `2m`; try `--help`",
        ),
        (
            &["simulate", "nope"],
            "error: invalid value 'nope' for '[SCENARIO]': there is no such scenario, only: healthy, task-flips, \
             link-unavailable, link-failed, failover, paused, deleted, new-state, several-errors, bidirectional, \
             bidirectional-half, halves-disagree, filters-cleared, misconfigured, remnants, old-server, paged, slow, \
             throttled, broken-bodies, mirrors, promote-hangs, mirrors-link-by-link, details-forbidden, \
             rights-missing, says-nothing, discovery-fails, demo, fleet; try `--help`",
        ),
        (
            &["simulate", "--basic-auth", "canary"],
            "error: invalid value for '--basic-auth': it holds no colon, write `KEY:SECRET`; try `--help`",
        ),
        (
            &["rules", "--selector", "canary"],
            "error: invalid value 'canary' for '--selector <MATCHERS>': write label matchers as in PromQL, without \
             braces and backquotes, such as `job=\"cluster-link-exporter\"`; try `--help`",
        ),
        (
            &["rules", "--keep-labels", "env,severity"],
            "error: invalid value 'severity' for '--keep-labels <LABELS>': a label that alerts have already; name one that \
             only scraping attaches, such as `env`; try `--help`",
        ),
        (
            &["rules", "--keep-labels", "instance"],
            "error: invalid value 'instance' for '--keep-labels <LABELS>': a label that tells replicas apart; each would \
             alert for itself: name one that all of them share, such as `env`; try `--help`",
        ),
        (
            &["rules", "--keep-labels", "env,"],
            "error: invalid value '' for '--keep-labels <LABELS>': a text that is no name of a label; write letters, digits \
             and `_`, beginning with a letter or a single `_`; try `--help`",
        ),
        (
            &["rules", "--keep-labels", "nan"],
            "error: invalid value 'nan' for '--keep-labels <LABELS>': a word that PromQL does not read as a label; attach \
             the value under another name, by `relabel_configs` of Prometheus; try `--help`",
        ),
        (
            &["healthcheck", "--url", "here"],
            "error: invalid value 'here' for '--url <URL>': relative URL without a base; try `--help`",
        ),
        (
            &["completions", "tcsh"],
            "error: invalid value 'tcsh' for '<SHELL>' [possible values: bash, elvish, fish, powershell, zsh]; \
             a similar value exists: 'zsh'; try `--help`",
        ),
        (
            &["completions"],
            "error: the following required arguments were not provided: <SHELL>; try `--help`",
        ),
        (
            &["check-config", "a.yaml", "--config.file", "b.yaml"],
            "error: the argument '[FILE]' cannot be used with '--config.file <FILE>'; try `--help`",
        ),
    ];
    for (arguments, line) in cases {
        assert_says(program(arguments), 2, "", &format!("{line}\n"));
    }
}

#[test]
fn a_configuration_that_is_not_there_is_one_line_and_status_2() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = "environment: `CLUSTERLINK_ENDPOINT`: found no such variable and no configuration file; name a file \
        with `--config.file`, or set this variable, or look around first with `cluster-link-exporter demo`\n";
    let absent =
        "absent.yaml: found no such file; write the file, or name another with `--config.file`\n";
    let a_folder = ".: found a folder; name the file in it with `--config.file`\n";
    let cases: &[(&[&str], &str)] = &[
        (&[], nothing),
        (&["tasks"], nothing),
        (&["check-config"], nothing),
        (&["--config.file", "absent.yaml"], absent),
        (&["tasks", "--config.file", "absent.yaml"], absent),
        (&["check-config", "absent.yaml"], absent),
        (&["--config.file", "."], a_folder),
        (&["check-config", "."], a_folder),
    ];
    for (arguments, line) in cases {
        let mut command = program(arguments);
        command.current_dir(&folder);
        assert_says(command, 2, "", line);
    }
}

const GOOD: &str = "clusters:
  - name: dr
    endpoint: https://lab.example.com
    basic_auth: { username: key, password: canary }
";
const BAD: &str = "clusters:
  - name: dr
    endpont: https://lab.example.com
    basic_auth: { username: key, passwrd: canary }
global: { poll_interval: 1 }
";

#[test]
fn a_configuration_can_be_checked_without_a_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.yaml"), GOOD).unwrap();
    fs::write(folder.path().join("bad.yaml"), BAD).unwrap();
    let here = |arguments: &[&str]| {
        let mut command = program(arguments);
        command.current_dir(&folder);
        command
    };
    let valid = "good.yaml: valid, 1 cluster\n";
    assert_says(here(&["check-config", "good.yaml"]), 0, valid, "");
    let by_flag = here(&["--config.file", "good.yaml", "check-config"]);
    assert_says(by_flag, 0, valid, "");
    let environment = described(&["check-config"]);
    assert_says(environment, 0, "environment: valid, 1 cluster\n", "");

    let problems = "bad.yaml:2:5: `clusters[0].endpoint`: found no such key; write scheme, host and port, such as \
        `https://pkc-00000.us-west-2.aws.confluent.cloud:443`\n\
        bad.yaml:3:5: `clusters[0].endpont`: found an unknown key; did you mean `endpoint`?\n\
        bad.yaml:4:5: `clusters[0].basic_auth.password`: found no such key; write `password_file`, `password_env` or \
        `password`\n\
        bad.yaml:4:34: `clusters[0].basic_auth.passwrd`: found an unknown key; did you mean `password`?\n\
        bad.yaml:5:11: `global.poll_interval`: found a number without a unit; write a number and a unit, such as `30s` \
        or `2m`\n";
    assert_says(here(&["check-config", "bad.yaml"]), 2, "", problems);
    assert_says(here(&["--config.file", "bad.yaml"]), 2, "", problems);
}
