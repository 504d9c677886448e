//! `rules`: the rule file for the user's own job, waits and runbooks.

use std::{fs, path::Path};

use super::{assert_says, run};
use crate::support::program::program;

#[test]
fn the_shipped_file_is_what_it_prints() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/cluster-link.rules.yaml");
    let shipped = fs::read_to_string(shipped).expect("the file is part of the repository");
    assert_says(program(&["rules"]), 0, &shipped, "");
}

/// The lines of a rule that begin with one of these keys.
fn settings<'a>(file: &'a str, rule: &str) -> Vec<&'a str> {
    let keys = ["for:", "keep_firing_for:", "severity:", "runbook_url:"];
    file.lines()
        .skip_while(|line| line.trim() != format!("- alert: {rule}"))
        .skip(1)
        .take_while(|line| !line.trim().starts_with("- alert:"))
        .map(str::trim)
        .filter(|line| keys.iter().any(|key| line.starts_with(key)))
        .collect()
}

/// Without the secrets of the clusters, which the machine that writes rules need not have.
const CONFIG: &str = "\
clusters: [{ name: lab, endpoint: 'https://lab.example.com', basic_auth: { username: a, password_file: /nowhere } }]
alerting:
  runbook_url: https://wiki.example.com/runbooks
  rules:
    ClusterLinkTaskInError: { for: 90s, keep_firing_for: 0s, severity: warning }
    ClusterLinkPaused: { disabled: true }
";

#[test]
fn it_takes_the_overrides_of_a_configuration_and_none_of_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exporter.yaml");
    fs::write(&path, CONFIG).unwrap();
    let path = path.to_str().unwrap();
    let (status, file, problems) = run(program(&["rules", "--config.file", path]));
    assert_eq!((status, problems.as_str()), (0, ""));
    let changed = [
        "for: 1m30s",
        "severity: 'warning'",
        "runbook_url: 'https://wiki.example.com/runbooks/ClusterLinkTaskInError.md'",
    ];
    assert_eq!(settings(&file, "ClusterLinkTaskInError"), changed);
    assert!(!file.contains("- alert: ClusterLinkPaused"));

    let elsewhere = [
        "rules",
        "--config.file",
        path,
        "--runbook-url",
        "https://books.example.com/it's/",
        "--grafana-url",
        "https://grafana.example.com/",
    ];
    let (_, file, _) = run(program(&elsewhere));
    let other = "runbook_url: 'https://books.example.com/it''s/ClusterLinkWatchdog.md'";
    assert_eq!(settings(&file, "ClusterLinkWatchdog")[1..], [other]);
    let board = "dashboard_url: 'https://grafana.example.com/d/clusterlink-overview'\n";
    assert!(file.ends_with(board), "{file}");
    assert!(!file.contains("clusterlink_exporter_info"));
}

#[test]
fn links_that_cannot_be_absolute_are_refused() {
    for (url, wrong) in [
        (
            "/books",
            "found a text that does not begin with `https://` or `http://`; write a URL such as \
             `https://wiki.example.com/runbooks`",
        ),
        (
            "https://user:canary@wiki.example.com",
            "found a URL with a user or password in it; remove them: whoever reads an alert reads this URL",
        ),
    ] {
        for command in ["rules", "dashboards"] {
            let (status, _, said) = run(program(&[command, "--runbook-url", url]));
            assert_eq!(status, 2);
            assert!(said.contains(wrong), "{said}");
        }
    }
}

#[test]
fn labels_of_targets_are_kept_that_the_command_or_else_the_configuration_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exporter.yaml");
    fs::write(&path, "alerting: { keep_labels: [env, team] }\n").unwrap();
    let path = path.to_str().unwrap();
    let grouped = |arguments: &[&str]| {
        let (status, file, problems) = run(program(arguments));
        assert_eq!((status, problems.as_str()), (0, ""));
        let down = file.lines().find(|line| line.contains("(up{job="));
        down.map(|line| line.trim().to_owned())
    };
    let up = r#"(up{job="cluster-link-exporter"}) == 0"#;
    for (arguments, by) in [
        (vec!["rules"], "job"),
        (
            vec!["rules", "--keep-labels", "env, team,env"],
            "job, env, team",
        ),
        (vec!["rules", "--config.file", path], "job, env, team"),
        (
            vec!["rules", "--config.file", path, "--keep-labels", "zone"],
            "job, zone",
        ),
    ] {
        assert_eq!(grouped(&arguments), Some(format!("max by ({by}) {up}")));
    }
    // The text of an alert tells of its own environment.
    let (_, file, _) = run(program(&["rules", "--keep-labels", "env"]));
    let queries = file
        .lines()
        .filter(|line| line.contains("query (printf") && !line.contains("_url: "));
    let mut count = 0;
    for query in queries {
        count += 1;
        assert!(
            query.contains("link_name=%q,") && query.contains(",env=%q})` "),
            "{query}"
        );
        assert!(query.contains(" $labels.env) "), "{query}");
    }
    assert!(count > 20, "{count}");
}

#[test]
fn wrong_overrides_are_told_and_nothing_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exporter.yaml");
    fs::write(&path, "alerting:\n  rules: { ClusterLinkFaild: {} }\n").unwrap();
    let path = path.to_str().unwrap();
    let problem = format!(
        "{path}:2:12: `alerting.rules.ClusterLinkFaild`: found an unknown key; did you mean `ClusterLinkFailed`?\n"
    );
    assert_says(program(&["rules", "--config.file", path]), 2, "", &problem);
    let absent = program(&["rules", "--config.file", "/nowhere.yaml"]);
    let problem =
        "/nowhere.yaml: found no such file; write the file, or name another with `--config.file`\n";
    assert_says(absent, 2, "", problem);
    let base = program(&["rules", "--runbook-url", "a b"]);
    let problem = "error: invalid value 'a b' for '--runbook-url <URL>': found a text that does not begin with `https://` or `http://`; write a URL such as `https://wiki.example.com/runbooks`; try `--help`\n";
    assert_says(base, 2, "", problem);
    let objective = program(&["rules", "--slo", "100"]);
    let problem = "error: invalid value '100' for '--slo <PERCENT>': write the part of the time that must be good in percent, more than 0 and less than 100, such as `99.9`; try `--help`\n";
    assert_says(objective, 2, "", problem);
}

#[test]
fn check_config_shows_the_rules_that_are_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exporter.yaml");
    let alerting = "alerting: { rules: { ClusterLinkTaskInError: { for: 90s, severity: info }, ClusterLinkPaused: { disabled: true } } }";
    let clusters = "clusters: [{ name: lab, endpoint: 'https://lab.example.com' }]";
    fs::write(&path, format!("{clusters}\n{alerting}\n")).unwrap();
    let path = path.to_str().unwrap();
    let (status, said, problems) = run(program(&["check-config", "--rules", path]));
    assert_eq!((status, problems.as_str()), (0, ""));
    let of = |name: &str| {
        said.lines()
            .find(|line| line.split(' ').next() == Some(name))
    };
    let lines = [
        "ClusterLinkTaskInError",
        "ClusterLinkPaused",
        "ClusterLinkWatchdog",
        "ClusterLinkExporterDown",
    ]
    .map(|name| {
        of(name).map(|line| {
            line.split_whitespace()
                .skip(1)
                .collect::<Vec<_>>()
                .join(" ")
        })
    });
    assert_eq!(
        lines.map(Option::unwrap),
        [
            "info for 1m 30s, keeps firing for 5m",
            "disabled",
            "none for 0s, keeps firing for 0s",
            "critical for 5m, keeps firing for 0s in Prometheus only",
        ]
    );
    assert!(said.starts_with(&format!("{path}: valid, 1 cluster\n")));
}
