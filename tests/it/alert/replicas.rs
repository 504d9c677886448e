//! Every rule over replicas whose targets differ in whatever labels a deployment attaches: they are one exporter, and a
//! roll-out is nothing. Targets that differ in a label that is kept are as many exporters.
//!
//! What one exporter shows over time is a timeline of the rule; here several show it, or one after the other.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use cluster_link_exporter::alert::{EXPORTED_ENDPOINT, RuleFile, rules};

use crate::{
    alert::play::{file_of, head, is_of_slo, only, promtool, timelines},
    alert::timeline::{Case, FIRST, Timeline, minutes, series, values_of, whole},
};

/// Labels that scraping attaches to the series of each replica, as the Prometheus Operator and others do.
const ATTACHED: [&str; 7] = [
    "node",
    "pod_template_hash",
    "namespace",
    "pod",
    "container",
    "service",
    "endpoint",
];

/// The label that is kept in half of the plays.
const KEPT: &str = "env";

/// How much later the second environment sees the same.
const LATER: usize = 3;

/// Rules about the targets themselves: what one that stops or comes does to them is what they are about.
const OF_TARGETS: [&str; 3] = [
    "ClusterLinkExporterAbsent",
    "ClusterLinkExporterReplicaDown",
    "ClusterLinkWatchdog",
];

/// What a process says of itself: nobody says it between the end of one and the start of the next.
const OF_PROCESSES: [&str; 4] = [
    "ClusterLinkCredentialExpiring",
    "ClusterLinkDiscoveryFailing",
    "ClusterLinkExporterConfigReloadFailed",
    "ClusterLinkExporterDown",
];

/// They have no labels but those that a selector sets.
const WITHOUT_TARGETS: [&str; 2] = ["ClusterLinkExporterAbsent", "ClusterLinkWatchdog"];

/// What must never be said of a replica that stops, or that replaces another.
const NEVER: [&str; 4] = [
    "ClusterLinkExporterDown",
    "ClusterLinkExporterAbsent",
    "ClusterLinkDisappeared",
    "ClusterLinkTaskDisappeared",
];

/// What happens to the replicas of the exporter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rollout {
    /// Two see the same.
    Both,
    /// One of two stops in this minute and its target stays.
    Stops(usize),
    /// The target of one goes after this minute; in this minute the next one came.
    Replaced(usize),
    /// The target of one goes after this minute, and the next one comes two minutes later.
    Recreated(usize),
    /// Two see the same in one environment; in another one sees it later.
    Environments,
}

/// A series of one replica, a value a minute as promtool reads it.
pub(super) struct Scraped {
    series: String,
    values: Vec<String>,
    kind: Kind,
    /// Whether the timeline itself has several exporters, of which this is from one.
    is_of_several: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gauge,
    Counter,
    Time,
    Up,
}

impl Scraped {
    /// All that one exporter shows, and that it is up.
    pub(super) fn of(timeline: &Timeline) -> Vec<Self> {
        let length = minutes(&timeline.expected).len();
        let mut world = whole(&timeline.world, length);
        if !world.iter().any(|(short, _)| short.ends_with("up")) {
            world.push(("up".to_owned(), "x".to_owned()));
        }
        let scraped = world.iter().map(|(short, values)| Self {
            series: series(short),
            values: values_of(values, length, "x")
                .split(' ')
                .map(str::to_owned)
                .collect(),
            kind: match values.as_bytes()[0] {
                b'+' => Kind::Counter,
                b'@' | b'^' => Kind::Time,
                _ if short.ends_with("up") => Kind::Up,
                _ => Kind::Gauge,
            },
            is_of_several: !shows_one(timeline),
        });
        scraped.collect()
    }

    /// As it is scraped from a replica of this name in this environment.
    fn from(&self, replica: &str, environment: &str, values: &[String]) -> String {
        let attached = ATTACHED.map(|label| format!("{label}=\"{label}-{replica}\","));
        let attached = attached.concat();
        let own = self
            .series
            .replace("endpoint=\"", &format!("{EXPORTED_ENDPOINT}=\""));
        // Of two that the timeline has itself, each keeps its own name.
        let scraped = format!("{{{attached}{KEPT}=\"{environment}\",");
        let own = own.replacen('{', &scraped, 1);
        let own = own.replace("instance=\"", &format!("instance=\"{replica}-"));
        format!(
            "      - {{series: '{own}', values: '{}'}}\n",
            values.join(" ")
        )
    }

    /// Until the replica stops in this minute.
    fn until(&self, minute: usize, then: &str) -> Vec<String> {
        let values = self.values.iter().enumerate();
        values
            .map(|(at, value)| {
                if at < minute {
                    value.clone()
                } else {
                    then.to_owned()
                }
            })
            .collect()
    }

    /// From a replica that starts in this minute; its counters begin anew.
    fn since(&self, minute: usize) -> Vec<String> {
        let number = |text: &str| text.parse::<usize>().ok();
        let start = number(&self.values[minute]).unwrap_or(0);
        let values = self.values.iter().enumerate();
        values
            .map(|(at, value)| match number(value) {
                _ if at < minute => "_".to_owned(),
                Some(count) if self.kind == Kind::Counter => {
                    count.checked_sub(start).unwrap_or(count).to_string()
                }
                _ => value.clone(),
            })
            .collect()
    }

    /// The same some minutes later.
    fn later(&self, minutes: usize) -> Vec<String> {
        let moved = self
            .values
            .iter()
            .map(|value| match value.parse::<usize>() {
                Ok(time) if self.kind == Kind::Time => (time + 60 * minutes).to_string(),
                _ => value.clone(),
            });
        std::iter::repeat_n("_".to_owned(), minutes)
            .chain(moved)
            .collect()
    }

    /// The series of all replicas.
    pub(super) fn all(&self, rollout: Rollout) -> String {
        let whole = || self.values.clone();
        let prod = |replica: &str, values: Vec<String>| self.from(replica, "prod", &values);
        match rollout {
            Rollout::Both if self.is_of_several => prod("a", whole()),
            Rollout::Both => prod("a", whole()) + &prod("b", whole()),
            Rollout::Stops(minute) => {
                let then = if self.kind == Kind::Up { "0" } else { "stale" };
                prod("a", whole()) + &prod("b", self.until(minute, then))
            }
            Rollout::Replaced(minute) => {
                prod("a", self.until(minute + 1, "stale")) + &prod("b", self.since(minute))
            }
            Rollout::Recreated(minute) => {
                prod("a", self.until(minute + 1, "stale")) + &prod("b", self.since(minute + 2))
            }
            Rollout::Environments if self.is_of_several => {
                prod("a", whole()) + &self.from("c", "test", &self.later(LATER))
            }
            Rollout::Environments => {
                let other = self.from("c", "test", &self.later(LATER));
                prod("a", whole()) + &prod("b", whole()) + &other
            }
        }
    }
}

/// One element of `tests:`.
fn yaml(timeline: &Timeline, rollout: Rollout) -> String {
    let rule = timeline.rule;
    let title = format!("{rule} {} ({rollout:?})", timeline.name);
    let mut yaml = format!("  - name: {title}\n    interval: 1m\n    input_series:\n");
    for scraped in Scraped::of(timeline) {
        yaml += &scraped.all(rollout);
    }
    yaml += "    promql_expr_test:\n";
    let fires: Vec<_> = minutes(&timeline.expected)
        .into_iter()
        .map(|mark| mark == 'x')
        .collect();
    // Label `endpoint` may be ours.
    let attached = ATTACHED.iter().filter(|label| **label != "endpoint");
    let by: Vec<_> = attached.copied().chain([EXPORTED_ENDPOINT]).collect();
    let by = by.join(", ");
    let alerts =
        format!(r#"ALERTS{{alertname="{rule}",alertstate="firing",endpoint!~"endpoint-.*"}}"#);
    // That something is gone is not even suspected.
    let never = NEVER.join("|");
    let never = format!(
        r#"ALERTS{{alertname=~"{never}",alertname!="{rule}"}} unless ALERTS{{alertname=~".*Exporter.*",alertstate="pending"}}"#
    );
    for (place, here) in fires.iter().enumerate() {
        let minute = FIRST + place;
        let mut expected = Vec::new();
        if matches!(rollout, Rollout::Environments) {
            let there = place.checked_sub(LATER).is_some_and(|place| fires[place]);
            for (environment, _) in [("prod", *here), ("test", there)].iter().filter(|it| it.1) {
                expected.push(format!(
                    "{{labels: '{{{KEPT}=\"{environment}\"}}', value: 1}}"
                ));
            }
        } else if *here {
            expected.push("{labels: '{}', value: 1}".to_owned());
        }
        let _ = write!(
            yaml,
            "      - eval_time: {minute}m\n        expr: 'count by ({by}, {KEPT}) ({alerts}) # {title}'\n        exp_samples: [{}]\n",
            expected.join(", ")
        );
        let _ = write!(
            yaml,
            "      - eval_time: {minute}m\n        expr: 'count({never}) # {title}'\n",
        );
    }
    yaml
}

/// What is played of a rule: its first timeline that fires and shows one exporter, or else the first that fires.
pub(super) fn played(rule: &str) -> Timeline {
    let firing = || {
        timelines()
            .into_iter()
            .filter(|timeline| timeline.rule == rule && timeline.case == Case::Firing)
            .filter(|timeline| !timeline.world.iter().any(|(short, _)| *short == "scraped"))
    };
    let found = firing().find(shows_one).or_else(|| firing().next());
    found.unwrap_or_else(|| panic!("{rule} has a timeline that fires"))
}

/// Whether the timeline shows a single exporter.
fn shows_one(timeline: &Timeline) -> bool {
    let mut series = timeline.world.iter();
    series.all(|(short, _)| !short.contains(": "))
}

/// All that is played of a rule: rollouts of replicas, and whether the label of the environment is kept.
fn rollouts(timeline: &Timeline) -> Vec<Rollout> {
    let mut rollouts = Vec::new();
    // Shares are made of steps of the clock: what comes three minutes later may alert at the same time.
    if !WITHOUT_TARGETS.contains(&timeline.rule) && !is_of_slo(timeline.rule) {
        rollouts.push(Rollout::Environments);
    }
    rollouts.push(Rollout::Both);
    if !OF_TARGETS.contains(&timeline.rule) {
        let expected = minutes(&timeline.expected);
        let begins = expected.iter().position(|mark| *mark == 'x');
        let begins = FIRST + begins.expect("it fires");
        rollouts.extend([
            Rollout::Stops(begins + 1),
            Rollout::Replaced(begins + 1),
            Rollout::Replaced(begins / 2),
        ]);
        if !OF_PROCESSES.contains(&timeline.rule) {
            rollouts.push(Rollout::Recreated(begins + 1));
        }
    }
    rollouts
}

#[test]
fn replicas_are_one_exporter_to_every_rule_and_environments_are_several() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || RuleFile {
        keep_labels: [KEPT.parse().unwrap()].into_iter().collect(),
        ..RuleFile::default()
    };
    let mut arguments = vec!["test".to_owned(), "rules".to_owned()];
    for rule in rules() {
        let timeline = played(rule.name);
        let mut tests = BTreeMap::<_, String>::new();
        for rollout in rollouts(&timeline) {
            let file = match rollout {
                Rollout::Environments => "kept",
                _ => "one",
            };
            *tests.entry(file).or_default() += &yaml(&timeline, rollout);
        }
        for (file, tests) in tests {
            let all = if file == "kept" {
                kept()
            } else {
                RuleFile::default()
            };
            let all = file_of(rule.name, all);
            let mut names: Vec<_> = NEVER
                .into_iter()
                .filter(|name| *name != rule.name)
                .collect();
            names.push(rule.name);
            let text = only(&all, &names);
            let name = format!("{}.{file}", rule.name);
            let head = head(&format!("{name}.rules.yaml"), &text);
            fs::write(folder.path().join(format!("{name}.rules.yaml")), text).unwrap();
            fs::write(folder.path().join(format!("{name}.yaml")), head + &tests).unwrap();
            arguments.push(format!("{name}.yaml"));
        }
    }
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let test = "replicas_are_one_exporter_to_every_rule_and_environments_are_several";
    if let Some((content, said)) = promtool(test, folder.path(), &arguments) {
        assert!(content, "{said}");
    }
}
