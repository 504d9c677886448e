//! `promtool` reads the rules and plays the timelines.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use cluster_link_exporter::alert::{RuleFile, Selector, recordings, rules, slo_recordings};

use super::{
    histories, states, texts,
    timeline::{Case, Timeline},
};
use crate::support::{self, installed};

pub(crate) fn timelines() -> Vec<Timeline> {
    states::timelines()
        .into_iter()
        .chain(histories::timelines())
        .collect()
}

/// Runs it in this folder; `None` where there is no promtool. Else whether it was content, and all it said.
pub(crate) fn promtool(test: &str, folder: &Path, arguments: &[&str]) -> Option<(bool, String)> {
    let mut promtool = match installed::command("PROMTOOL") {
        Ok(promtool) => promtool,
        Err(why) => {
            support::skip(test, &why);
            return None;
        }
    };
    let output = promtool.args(arguments).current_dir(folder).output();
    let output = output.expect("it ran a moment ago");
    let said = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    ))
}

#[test]
fn promtool_finds_nothing_to_say_about_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let selectors = [
        ("", &[][..]),
        (r#"job="x""#, &["env"]),
        (
            r#"env=~"100%|b",team!="c""#,
            &["env", "team", "_x", "on", "bool"],
        ),
    ];
    for (index, (selector, kept)) in selectors.iter().enumerate() {
        let selector = if selector.is_empty() {
            Selector::default()
        } else {
            selector.parse().unwrap()
        };
        let name = format!("{index}.yaml");
        let file = RuleFile {
            selector: selector.clone(),
            keep_labels: kept.iter().map(|label| label.parse().unwrap()).collect(),
            slo: Some("99.9".parse().unwrap()),
            ..RuleFile::default()
        };
        fs::write(folder.path().join(&name), file.yaml()).unwrap();
        let arguments = ["check", "rules", "--lint=all", "--lint-fatal", &name];
        let Some((content, said)) = promtool(
            "promtool_finds_nothing_to_say_about_the_rules",
            folder.path(),
            &arguments,
        ) else {
            return;
        };
        let silent = format!(
            "Checking {name}\n  SUCCESS: {} rules found\n\n",
            // And the objective.
            recordings().count() + slo_recordings().count() + 1 + rules().count()
        );
        assert_eq!((content, said), (true, silent), "selector `{selector}`");
    }
}

#[test]
fn every_timeline_fires_exactly_where_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = RuleFile::default().yaml();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    // Each rule is played alone: the others would be evaluated at each of its minutes and say nothing of it.
    let mut by_rule = BTreeMap::<_, String>::new();
    for timeline in timelines() {
        *by_rule.entry(timeline.rule).or_default() += &timeline.yaml();
    }
    let mut arguments = vec!["test".to_owned(), "rules".to_owned()];
    for (rule, tests) in by_rule {
        let name = if rule.is_empty() { "all" } else { rule };
        let rules = if rule.is_empty() {
            file.clone()
        } else {
            only(&file_of(rule, RuleFile::default()), &[rule])
        };
        let texts = if rule.is_empty() {
            texts::yaml()
        } else {
            String::new()
        };
        let head = head(&format!("{name}.rules.yaml"), &rules);
        write(&format!("{name}.rules.yaml"), rules);
        write(&format!("{name}.tests.yaml"), head + &tests + &texts);
        arguments.push(format!("{name}.tests.yaml"));
    }
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let test = "every_timeline_fires_exactly_where_it_says";
    if let Some((content, said)) = promtool(test, folder.path(), &arguments) {
        assert!(content, "{said}");
    }
}

/// The file that has this rule.
pub(crate) fn file_of(rule: &str, file: RuleFile) -> String {
    let slo = is_of_slo(rule).then(|| "99.9".parse().unwrap());
    RuleFile { slo, ..file }.yaml()
}

/// Whether it is written for an objective alone.
pub(crate) fn is_of_slo(rule: &str) -> bool {
    rule.ends_with("BudgetBurn")
}

/// The file with these rules alone.
pub(crate) fn only(file: &str, rules: &[&str]) -> String {
    let mut is_in = true;
    let lines = file.split_inclusive('\n').filter(|line| {
        if let Some(name) = line.trim().strip_prefix("- alert: ") {
            is_in = rules.contains(&name);
        } else if line.starts_with("  - name: ") || line.trim().starts_with("- record: ") {
            is_in = true;
        }
        is_in
    });
    lines.collect()
}

/// How promtool's tests of a rule file begin: each minute evaluates its groups in the order of its `text`. Without an order
/// promtool takes one by chance, and what reads a recording of another group is a minute late or not.
pub(crate) fn head(file: &str, text: &str) -> String {
    let groups: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("  - name: "))
        .collect();
    format!(
        "rule_files: [{file}]\nevaluation_interval: 1m\ngroup_eval_order: [{}]\ntests:\n",
        groups.join(", ")
    )
}

#[test]
fn every_rule_has_a_firing_a_silent_and_a_no_data_case() {
    let timelines = timelines();
    let played: BTreeSet<_> = timelines
        .iter()
        .map(|timeline| (timeline.rule, format!("{:?}", timeline.case)))
        .collect();
    let mut missing = Vec::new();
    for rule in rules() {
        // What always fires has no silent case, and what fires for want of data no other.
        let cases: &[Case] = match rule.name {
            "ClusterLinkWatchdog" => &[Case::Firing],
            "ClusterLinkExporterAbsent" => &[Case::Firing, Case::Silent],
            _ => &[Case::Firing, Case::Silent, Case::NoData],
        };
        for case in cases {
            if !played.contains(&(rule.name, format!("{case:?}"))) {
                missing.push(format!("{} {case:?}", rule.name));
            }
        }
    }
    assert_eq!(
        missing,
        Vec::<String>::new(),
        "write these timelines in tests/it/alert"
    );
}
