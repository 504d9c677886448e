//! The configuration as an operator meets it: files in, settings or messages out.
//!
//! `tests/config/good` and `bad` hold files and, beside each, what comes out of it. `UPDATE=1 cargo test config::`
//! writes the latter anew.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use cluster_link_exporter::config::{Config, Environment, Problems, Source};

use crate::support::golden::golden;

mod canary;
mod credentials;
mod discovered;
mod environment;
mod keys;

fn environment<const N: usize>(variables: [(&str, &str); N]) -> Environment {
    variables.into_iter().collect()
}

fn load_file(path: &Path) -> Result<Config, Problems> {
    let environment = environment([("DR_KEY", "key"), ("DR_SECRET", "canary")]);
    Config::load(&Source::File(path.to_path_buf()), &environment)
}

/// Every `*.yaml` of a folder, by a path that is the same on every machine.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is part of the repository");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    files.sort();
    files
}

/// Compares with the text beside the file, or writes it anew.
fn check(path: &Path, actual: &str) {
    golden(&path.with_extension("txt"), &format!("{actual}\n"));
}

#[test]
fn every_bad_file_says_all_that_is_wrong_and_what_to_write_instead() {
    for path in files("tests/config/bad") {
        let problems = load_file(&path).expect_err(&path.display().to_string());
        check(&path, &problems.to_string());
    }
}

#[test]
fn without_secrets_every_other_problem_of_a_bad_file_is_told_and_no_more() {
    let mut left = 0;
    for path in files("tests/config/bad") {
        let all = load_file(&path).unwrap_err().to_string();
        let about_secrets = |line: &&str| {
            line.contains("found the path of a") || line.contains("found the name of a variable")
        };
        let (secrets, others): (Vec<_>, Vec<_>) = all.lines().partition(about_secrets);
        left += secrets.len();
        let source = Source::File(path.clone());
        let environment = environment([("DR_KEY", "key"), ("DR_SECRET", "canary")]);
        let told = match Config::load_without_secrets(&source, &environment) {
            Ok(_) => String::new(),
            Err(problems) => problems.to_string(),
        };
        assert_eq!(told, others.join("\n"), "{}", path.display());
    }
    assert!(left > 5, "{left}");
}

#[test]
fn every_good_file_becomes_settings() {
    for path in files("tests/config/good") {
        let config = load_file(&path).unwrap_or_else(|problems| panic!("{problems}"));
        check(&path, &format!("{config:#?}"));
    }
}

#[test]
fn a_rule_file_is_not_written_from_rules_that_are_given_twice_or_tagged() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = "\
        clusters: !s3cret []\n\
        alerting:\n  receivers: !s3cret []\n  receivers: []\n  keep_labels: [!s3cret env]\n\
        \x20 rules:\n    ClusterLinkPaused: { severity: !s3cret info, for: 1m, for: 2m, fr: 1m }\n    ClusterLinkPausd: {}\n";
    fs::write(file.path(), text).unwrap();
    let problems = Config::rules_of(file.path(), &environment([])).unwrap_err();
    let path = format!("{}:", file.path().display());
    assert_eq!(
        problems.to_string().replace(&path, ""),
        "5:25: `alerting.keep_labels[0]`: found a YAML tag; remove it, or put a text that begins with `!` in quotes\n\
         7:26: `alerting.rules.ClusterLinkPaused.severity`: found a YAML tag; remove it, or put a text that begins \
         with `!` in quotes\n\
         7:59: `alerting.rules.ClusterLinkPaused.for`: found the key a second time; keep one of them\n\
         7:68: `alerting.rules.ClusterLinkPaused.fr`: found an unknown key; did you mean `for`?\n\
         8:5: `alerting.rules.ClusterLinkPausd`: found an unknown key; did you mean `ClusterLinkPaused`?"
    );
}

#[test]
fn labels_that_only_prometheus_keeps_are_warned_about_where_both_tell_an_alertmanager() {
    let warnings = |alerting: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let clusters = "clusters: [{ name: lab, endpoint: 'https://lab.example.com' }]";
        fs::write(file.path(), format!("{clusters}\nalerting: {alerting}\n")).unwrap();
        load_file(file.path()).unwrap().warnings
    };
    let both = "{ external_url: 'https://exporter.example.com', keep_labels: [env, team], external_labels: { env: prod }, alertmanagers: [{ url: 'http://a:9093' }] }";
    let warning = "`alerting.keep_labels` names labels that are not among `external_labels`: Alertmanager takes what this \
                   exporter sends and what Prometheus sends for different alerts; write them there too, with the values \
                   that scraping attaches";
    assert_eq!(warnings(both), [warning]);
    for silent in [
        both.replace("[env, team]", "[env]"),
        "{ keep_labels: [env, team] }".to_owned(),
    ] {
        assert_eq!(warnings(&silent), Vec::<String>::new(), "{silent}");
    }
}

#[test]
fn who_is_notified_without_a_link_to_the_exporter_is_warned_about() {
    let warnings = |alerting: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let clusters = "clusters: [{ name: lab, endpoint: 'https://lab.example.com' }]";
        fs::write(
            file.path(),
            format!("{clusters}\nalerting: {{ {alerting} }}\n"),
        )
        .unwrap();
        load_file(file.path()).unwrap().warnings
    };
    let receivers = "alertmanagers: [{ url: 'http://a:9093' }]";
    let warning = |missing: &str| {
        format!(
            "`alerting.external_url` is not set: notifications will carry no {missing}; write where people find this \
             exporter's page, such as `https://exporter.example.com`"
        )
    };
    assert_eq!(warnings(receivers), [warning("links")]);
    let grafana = format!("{receivers}, grafana_url: 'https://grafana.example.com'");
    assert_eq!(
        warnings(&grafana),
        [warning("links to this exporter's page")]
    );
    let all = format!("{receivers}, external_url: 'https://exporter.example.com'");
    for silent in [&all, "external_labels: {}"] {
        assert_eq!(warnings(silent), Vec::<String>::new(), "{silent}");
    }
}

#[test]
fn no_expected_text_is_left_behind_without_its_file() {
    for folder in ["tests/config/bad", "tests/config/good"] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            assert!(
                path.with_extension("yaml").exists(),
                "{} has no `.yaml` beside it; remove it",
                path.display()
            );
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_one_problem() {
    let problem = |path: &Path| load_file(path).unwrap_err().to_string();
    assert_eq!(
        problem(Path::new("tests/config/nowhere.yaml")),
        "tests/config/nowhere.yaml: found no such file; write the file, or name another with `--config.file`"
    );
    assert_eq!(
        problem(Path::new("tests/config")),
        "tests/config: found a folder; name the file in it with `--config.file`"
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(
        file.path(),
        b"clusters:\n  - name: lab\n    caf\xe9: canary\n",
    )
    .unwrap();
    assert_eq!(
        problem(file.path()),
        format!(
            "{}:3:8: found bytes that are not UTF-8; save the file as UTF-8",
            file.path().display()
        )
    );
}

const EXAMPLE: &str = include_str!("../../cluster-link-exporter.example.yaml");

/// Loads a variant of the example, its secret files put into place.
fn load_example(text: &str) -> Result<Config, Problems> {
    let folder = tempfile::tempdir().unwrap();
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["client".into()]).unwrap();
    let (cert, key) = (cert.pem(), signing_key.serialize_pem());
    for (file, text) in [
        ("prod-dr.secret", "secret"),
        ("platform.token", "secret"),
        ("prod-sso.secret", "secret"),
        ("platform-rbac.secret", "secret"),
        ("alertmanager.secret", "secret"),
        ("organisation.secret", "secret"),
        ("hook.url", "https://hooks.example.com/alerts"),
        ("slack.url", "https://hooks.slack.com/services/T/B/secret"),
        ("teams.url", "https://flows.example.com/invoke?sig=secret"),
        ("pagerduty.key", "secret"),
        ("ca.pem", &cert),
        ("client.pem", &cert),
        ("client-key.pem", &key),
    ] {
        fs::write(folder.path().join(file), text).unwrap();
    }
    let path = folder.path().join("example.yaml");
    fs::write(&path, text.replace("/run/secrets/", "")).unwrap();
    load_file(&path)
}

#[test]
fn the_example_is_right_and_what_it_comments_out_is_the_default() {
    // `#key: value` is a key, `# text` a comment.
    let is_key = |line: &str| line.trim_start().starts_with('#') && !line.contains("# ");
    let without_sign = |line: &str| match line {
        key if is_key(key) => key.replace('#', ""),
        other => other.to_owned(),
    };
    let uncommented: Vec<String> = EXAMPLE.lines().map(without_sign).collect();
    let example = |text: &str| {
        let config = load_example(text).unwrap_or_else(|problems| panic!("{problems}"));
        shown(&config)
    };
    assert!(uncommented.contains(&"  poll_timeout: 25s".to_owned()));
    assert_eq!(example(EXAMPLE), example(&uncommented.join("\n")));
}

/// What a variant of the example comes to, without the folder that its files are in.
fn shown(config: &Config) -> String {
    let shown = format!(
        "{:#?} {:#?} {:#?} {:#?}",
        config.clusters, config.discovery, config.rules, config.alerting
    );
    let stable = |line: &&str| !line.contains("secret file") && !line.contains(".pem\"");
    shown.lines().filter(stable).collect::<String>()
}

/// A generated file may well describe every cluster of a company; what its values come to is no reason to refuse it.
#[test]
fn a_file_of_ten_thousand_clusters_is_read() {
    let mut yaml = "clusters:\n".to_owned();
    for number in 0..10_000 {
        let _ = writeln!(
            yaml,
            "- {{ name: c{number}, cluster_id: lkc-{number}, endpoint: 'https://pkc-{number}.example:443', \
             basic_auth: {{ username: key, password: canary }} }}"
        );
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), yaml).unwrap();
    let config = load_file(file.path()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.clusters.len(), 10_000);
}

#[test]
fn many_clusters_may_share_one_anchor() {
    let mut yaml =
        "clusters:\n- { name: first, endpoint: 'https://a', links: &links { include: [dr] } }\n"
            .to_owned();
    for number in 0..200 {
        let _ = writeln!(
            yaml,
            "- {{ name: c{number}, endpoint: 'https://a', links: *links }}"
        );
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), yaml).unwrap();
    let config = load_file(file.path()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(
        config.clusters[0].poll.links,
        config.clusters[200].poll.links
    );
}
