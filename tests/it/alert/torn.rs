//! The rules of a group are evaluated one after the other, and Prometheus writes what it scrapes, and the end of what it
//! scrapes no more, when it is there: some rules may see a minute less than those behind them. Nothing ends by that, and
//! nothing is taken for gone.

use std::{collections::BTreeSet, fmt::Write as _, fs, sync::LazyLock};

use cluster_link_exporter::alert::{Override, Overrides, Rule, RuleFile, rules};
use regex::Regex;

use super::{
    play::{file_of, head, is_of_slo, promtool},
    replicas::{Rollout, Scraped, played},
    timeline::{FIRST, Timeline, minutes},
};

/// What is taken for gone.
const GONE: [&str; 2] = ["ClusterLinkDisappeared", "ClusterLinkTaskDisappeared"];

/// What an expression reads of what is scraped, up to where `offset` goes.
static SCRAPED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bclusterlink_[a-z_]+(\{[^}]*\})?(\[[0-9a-z:]+\])?").unwrap());

/// The file that has this rule and those about what is gone.
fn file(rule: &str) -> String {
    let disabled = Override {
        disabled: true,
        ..Override::default()
    };
    let others = rules().filter(|other| other.name != rule && !GONE.contains(&other.name));
    let overrides = Overrides(others.map(|other| (other.name, disabled)).collect());
    file_of(
        rule,
        RuleFile {
            overrides,
            ..RuleFile::default()
        },
    )
}

/// A rule file at each of its places in turn: the rules before it see all a minute later than those behind it.
fn torn(file: &str) -> Vec<String> {
    let mut places = Vec::new();
    let mut rule = 0;
    let mut is_expression = false;
    // For each line of an expression the place of its rule.
    let lines: Vec<_> = file
        .split_inclusive('\n')
        .map(|line| {
            let key = line.trim_start();
            if key.starts_with("- record:") || key.starts_with("- alert:") {
                rule += 1;
            }
            let is_key = line.len() - key.len() <= 8;
            is_expression = key.starts_with("expr:") || is_expression && !is_key;
            let reads = is_expression && SCRAPED.is_match(line);
            if reads && places.last() != Some(&rule) {
                places.push(rule);
            }
            (line, reads.then_some(rule))
        })
        .collect();
    places.pop();
    let torn_behind = |place: usize| {
        let lines = lines.iter().map(|(line, rule)| match rule {
            Some(rule) if *rule <= place => SCRAPED.replace_all(line, "$0 offset 1m").into_owned(),
            _ => (*line).to_owned(),
        });
        lines.collect()
    };
    places.into_iter().map(torn_behind).collect()
}

/// One element of `tests:`, for a rule that fires, and whose exporter is replaced by one that comes a minute later.
fn yaml(timeline: &Timeline) -> String {
    let rule = timeline.rule;
    let fires: Vec<_> = minutes(&timeline.expected)
        .into_iter()
        .map(|mark| mark == 'x')
        .collect();
    let begins = FIRST + fires.iter().position(|fires| *fires).expect("it fires");
    let rollout = Rollout::Recreated(begins + 2);
    let title = format!("{rule} {} ({rollout:?})", timeline.name);
    let mut yaml = format!("  - name: {title}\n    interval: 1m\n    input_series:\n");
    for scraped in Scraped::of(timeline) {
        yaml += &scraped.all(rollout);
    }
    yaml += "    promql_expr_test:\n";
    let mut ask = |minute: usize, alerts: &str, found: &str| {
        let _ = write!(
            yaml,
            "      - eval_time: {minute}m\n        expr: 'count({alerts}) # {title}'\n        exp_samples: [{found}]\n",
        );
    };
    let firing = format!(r#"ALERTS{{alertname="{rule}",alertstate="firing"}}"#);
    let gone = GONE.into_iter().filter(|gone| *gone != rule);
    let gone: Vec<_> = gone.collect();
    let gone = format!(r#"ALERTS{{alertname=~"{}"}}"#, gone.join("|"));
    for place in 1..fires.len() {
        let minute = FIRST + place;
        // It may begin and end a minute later.
        match (fires[place - 1], fires[place]) {
            (true, true) => ask(minute, &firing, "{labels: '{}', value: 1}"),
            (false, false) => ask(minute, &firing, ""),
            _ => {}
        }
        ask(minute, &gone, "");
    }
    yaml
}

#[test]
fn what_is_written_between_two_rules_of_an_evaluation_ends_nothing_and_is_not_taken_for_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["test".to_owned(), "rules".to_owned()];
    let mut played_places = BTreeSet::new();
    // The others read all that they are about in one expression. Shares of time may differ by a minute.
    let reads_recordings = |rule: &&Rule| (rule.expression)().contains("clusterlink:");
    let of_links = rules().filter(|rule| reads_recordings(rule) && !is_of_slo(rule.name));
    for rule in of_links {
        let timeline = played(rule.name);
        for (place, rules) in torn(&file(rule.name)).into_iter().enumerate() {
            let name = format!("{}.{place}", rule.name);
            let head = head(&format!("{name}.rules.yaml"), &rules);
            fs::write(folder.path().join(format!("{name}.rules.yaml")), rules).unwrap();
            fs::write(
                folder.path().join(format!("{name}.yaml")),
                head + &yaml(&timeline),
            )
            .unwrap();
            arguments.push(format!("{name}.yaml"));
            played_places.insert((rule.name, place));
        }
    }
    assert!(played_places.len() > 100, "{played_places:?}");
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let test =
        "what_is_written_between_two_rules_of_an_evaluation_ends_nothing_and_is_not_taken_for_gone";
    if let Some((content, said)) = promtool(test, folder.path(), &arguments) {
        assert!(content, "{said}");
    }
}
