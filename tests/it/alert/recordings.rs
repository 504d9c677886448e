//! What the rule file records for its alerts to look back on.

use std::{collections::BTreeSet, fs};

use cluster_link_exporter::{
    alert::{
        Override, Overrides, Recording, Rule, RuleFile, Selector, recordings, rules, slo_recordings,
    },
    model::{LinkState, MirrorStatus, TaskState},
};

use super::play::{is_of_slo, promtool};
use crate::support::promql::selectors;

/// The names in the lines of a rule file that begin with this key.
fn named<'a>(file: &'a str, key: &str) -> Vec<&'a str> {
    let lines = file.lines().map(str::trim_start);
    lines.filter_map(|line| line.strip_prefix(key)).collect()
}

/// The file without the alerts that are not wanted.
fn with(is_wanted: impl Fn(&Rule) -> bool) -> String {
    let disabled = Override {
        disabled: true,
        ..Override::default()
    };
    let unwanted = rules().filter(|rule| !is_wanted(rule));
    let file = RuleFile {
        overrides: Overrides(unwanted.map(|rule| (rule.name, disabled)).collect()),
        ..RuleFile::default()
    };
    file.yaml()
}

#[test]
fn the_file_records_what_its_alerts_need_and_nothing_else() {
    let all: Vec<_> = recordings().map(|recording| recording.name).collect();
    assert_eq!(named(&RuleFile::default().yaml(), "- record: "), all);

    let recorded = |alert: &str| {
        let file = with(|rule| rule.name == alert);
        assert_eq!(named(&file, "- alert: "), [alert]);
        named(&file, "- record: ").join(" ")
    };
    assert_eq!(recorded("ClusterLinkWatchdog"), "");
    assert_eq!(
        recorded("ClusterLinkDisappeared"),
        "clusterlink:link:absent clusterlink:link:absent_since clusterlink:link:gone_since"
    );
    // An alert reads recordings, and each of them reads others.
    let is_shipped = |rule: &&Rule| !is_of_slo(rule.name);
    for rule in rules().filter(is_shipped) {
        let file = with(|other| other.name == rule.name);
        let recorded: BTreeSet<_> = named(&file, "- record: ").into_iter().collect();
        let own = recordings().filter(|recording| recorded.contains(recording.name));
        let expressions = own.map(Recording::expression);
        let expressions = expressions.chain([(rule.expression)()]);
        for expression in expressions {
            for selector in selectors(&Selector::default().fill(&expression)).unwrap() {
                let name = selector.name.unwrap_or_default();
                let is_there = !name.contains(':') || recorded.contains(name.as_str());
                assert!(
                    is_there,
                    "{} reads `{name}`, which is not recorded",
                    rule.name
                );
            }
        }
    }
}

#[test]
fn shares_of_time_are_recorded_with_an_objective_alone() {
    let without = RuleFile::default().yaml();
    assert!(!without.contains("_good:") && !without.contains("BudgetBurn"));

    let file = RuleFile {
        slo: Some("99.5".parse().unwrap()),
        ..RuleFile::default()
    };
    let file = file.yaml();
    let names = named(&file, "- record: ");
    let unrecorded = slo_recordings().filter(|recording| !names.contains(&recording.name));
    let unrecorded: Vec<_> = unrecorded.map(|recording| recording.name).collect();
    assert_eq!(unrecorded, Vec::<&str>::new());
    assert!(file.contains("vector(99.5 / 100)"), "{file}");
    let burning = named(&file, "- alert: ");
    let burning: Vec<_> = burning
        .into_iter()
        .filter(|name| name.ends_with("BudgetBurn"))
        .collect();
    assert_eq!(burning.len(), 3, "{burning:?}");
    // What they read is recorded.
    for rule in rules() {
        for selector in selectors(&Selector::default().fill(&(rule.expression)())).unwrap() {
            let name = selector.name.unwrap_or_default();
            let is_there = !name.contains(':') || names.contains(&name.as_str());
            assert!(is_there, "{} reads `{name}`", rule.name);
        }
    }
}

#[test]
fn a_recording_is_read_only_after_it_was_recorded() {
    let all: Vec<_> = recordings().collect();
    for (place, recording) in all.iter().enumerate() {
        let expression = Selector::default().fill(&recording.expression());
        for selector in selectors(&expression).unwrap() {
            let name = selector.name.unwrap_or_default();
            let of = all.iter().position(|other| other.name == name);
            // What was recorded the last time can be looked back on at any place.
            let looks_back = expression.contains(&format!("last_over_time({name}["));
            assert!(
                of.is_none_or(|of| of < place || looks_back),
                "{} reads `{name}`, which is recorded after it",
                recording.name
            );
        }
    }
}

/// Two exporters of different jobs, of which only the first has a task in error, until nobody knows any more.
const JOBS: &str = r#"evaluation_interval: 1m
rule_files: [a.rules.yaml, b.rules.yaml]
tests:
  - interval: 1m
    input_series:
      - {series: 'clusterlink_task_state{job="a",cluster_name="a",cluster_id="1",link_name="l",task_name="t",state="IN_ERROR"}', values: '_ 1x10 stale'}
      - {series: 'clusterlink_task_state{job="a",cluster_name="a",cluster_id="1",link_name="l",task_name="t",state="ACTIVE"}', values: '_ 0x10 stale'}
      - {series: 'clusterlink_link_poll_success{job="a",cluster_name="a",cluster_id="1",link_name="l"}', values: '_ 1x10 stale'}
      - {series: 'clusterlink_task_state{job="b",cluster_name="b",cluster_id="2",link_name="l",task_name="t",state="ACTIVE"}', values: '_ 1x60'}
      - {series: 'clusterlink_link_poll_success{job="b",cluster_name="b",cluster_id="2",link_name="l"}', values: '_ 1x60'}
    promql_expr_test:
      - eval_time: 40m
        expr: 'count by (alertname, cluster_name) (ALERTS{alertstate="firing",alertname="ClusterLinkTaskInError"})'
        exp_samples: [{labels: '{alertname="ClusterLinkTaskInError",cluster_name="a"}', value: 1}]
      - eval_time: 40m
        expr: 'count by (selector) (clusterlink:task_state:last_seen > 0)'
        exp_samples: [{labels: '{selector="job=\"a\""}', value: 1}]
"#;

#[test]
fn the_rules_of_two_jobs_in_one_prometheus_do_not_read_each_others_recordings() {
    let folder = tempfile::tempdir().unwrap();
    for job in ["a", "b"] {
        let file = RuleFile {
            selector: format!("job=\"{job}\"").parse().unwrap(),
            ..RuleFile::default()
        };
        fs::write(folder.path().join(format!("{job}.rules.yaml")), file.yaml()).unwrap();
    }
    fs::write(folder.path().join("tests.yaml"), JOBS).unwrap();
    let test = "the_rules_of_two_jobs_in_one_prometheus_do_not_read_each_others_recordings";
    if let Some((content, said)) = promtool(test, folder.path(), &["test", "rules", "tests.yaml"]) {
        assert!(content, "{said}");
    }
}

#[test]
fn the_benchmark_of_the_rules_has_every_family_that_they_read() {
    let fleet = include_str!("../../../benches/rules/fleet.awk");
    let recorded = recordings().map(Recording::expression);
    let alerted = rules().map(|rule| (rule.expression)());
    let missing: BTreeSet<_> = recorded
        .chain(alerted)
        .flat_map(|expression| selectors(&Selector::default().fill(&expression)).unwrap())
        .filter_map(|selector| selector.name)
        .filter(|name| !name.contains(':') && !fleet.contains(&format!("(\"{name}\",")))
        .collect();
    assert!(
        missing.is_empty(),
        "add these to benches/rules/fleet.awk: {missing:?}"
    );
    let words = TaskState::TABLE.iter().map(|row| row.name);
    let words = words.chain(LinkState::TABLE.iter().map(|row| row.name));
    for word in words.chain(MirrorStatus::TABLE.iter().map(|row| row.name)) {
        let is_there = fleet.split([' ', '"']).any(|written| written == word);
        assert!(is_there, "add state `{word}` to benches/rules/fleet.awk");
    }
}
