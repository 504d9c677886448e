//! The same random histories through Prometheus and through the engine: both must find the same alerts at every minute.
//!
//! Each history is a cluster of one fleet. The real store keeps what its polls report, and the real tables of metrics
//! say what a scrape would see in each minute. `promtool` gets those series and evaluates the shipped rules over them,
//! the engine gets the same snapshots. What the engine says fires is a series too, so that Prometheus itself compares.
//! Where the exporter is down or Prometheus misses scrapes, each sees another world: there both are held to the law alone,
//! that nothing ends though nobody said that it is over.
//!
//! promtool needs some two seconds for each history. `HISTORIES=600` plays as many, `HISTORIES=600..900` others.

mod history;
mod oracle;
mod played;
mod poll;
mod process;
mod scrape;
mod series;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    ops::Range,
};

use cluster_link_exporter::alert::{RuleFile, rules};

use self::{
    history::{FLEET, History},
    oracle::Firing,
    played::Played,
};
use super::play::{head, promtool};

/// The seeds that are played unless `HISTORIES` names others.
const HISTORIES: Range<u64> = 0..40;
const MINUTES: usize = 150;

/// What the engine says fires, as a series with the labels of Prometheus' own `ALERTS`.
const ENGINE: &str = "engine_alerts";

#[test]
fn prometheus_and_the_engine_find_the_same_alerts_at_every_minute() {
    let fleets = fleets(|fleet| fleet.iter().all(History::is_always_seen));
    assert_lawful(fleets.iter().flat_map(|fleet| &fleet.lawless));

    let test = "prometheus_and_the_engine_find_the_same_alerts_at_every_minute";
    if let Some((content, said)) = asked(test, &fleets, differences) {
        assert!(content, "{}", explained(&said, &fleets));
    }
    assert_every_rule_fired(&fleets);
}

#[test]
fn no_alert_ends_over_an_outage_of_the_exporter_or_of_prometheus_that_nobody_said_is_over() {
    let fleets = fleets(|fleet| !fleet.iter().all(History::is_always_seen));
    assert!(!fleets.is_empty(), "no history has an outage");
    assert_lawful(fleets.iter().flat_map(|fleet| &fleet.lawless));

    let test =
        "no_alert_ends_over_an_outage_of_the_exporter_or_of_prometheus_that_nobody_said_is_over";
    // Nothing is expected, so that promtool says what it got.
    let all = |_: &Played| vec![("all", firing("ALERTS", daemon_rules()))];
    let Some((_, said)) = asked(test, &fleets, all) else {
        return;
    };
    let by_minute = alerts_by_minute(&said);
    let alerts: usize = by_minute.values().map(BTreeSet::len).sum();
    assert!(alerts > MINUTES, "promtool told of {alerts} alerts: {said}");
    let none = BTreeSet::new();
    let of = |minute: usize| by_minute.get(&minute).unwrap_or(&none);
    let lawless = fleets.iter().flat_map(|fleet| {
        (2..=MINUTES).flat_map(move |minute| {
            oracle::lawless(&fleet.histories, of(minute - 1), of(minute), minute)
        })
    });
    let lawless: Vec<_> = lawless.collect();
    assert_lawful(&lawless);
}

/// The fleets of the seeds that are wanted, played.
fn fleets(is_wanted: impl Fn(&[History]) -> bool) -> Vec<Played> {
    let seeds = env::var("HISTORIES").map_or(HISTORIES, |text| range(&text));
    let seeds: Vec<_> = seeds.collect();
    let fleets = seeds.chunk_by(|one, other| one / FLEET == other / FLEET);
    let fleets = fleets.map(|seeds| {
        let histories = seeds.iter().map(|seed| History::random(*seed, MINUTES));
        histories.collect::<Vec<_>>()
    });
    fleets
        .filter(|fleet| is_wanted(fleet))
        .map(Played::of)
        .collect()
}

/// `600` is the first 600, `600..900` those from there on.
fn range(text: &str) -> Range<u64> {
    let number = |text: &str| {
        text.parse()
            .expect("`HISTORIES` is a number, or two with `..` between")
    };
    match text.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => 0..number(text),
    }
}

/// An expression, with a name.
type Named = (&'static str, String);

/// What one has and the other has not. The counters of an exporter begin anew when it is restarted; what came before them is
/// remembered by the engine alone.
fn differences(fleet: &Played) -> Vec<Named> {
    const ON_COUNTERS: [&str; 2] = ["ClusterLinkApiAuthFailing", "ClusterLinkApiThrottled"];
    let is_restarted = fleet.histories[0].exporter.contains(&'^');
    let rules = daemon_rules().filter(|name| !(is_restarted && ON_COUNTERS.contains(name)));
    let rules: Vec<_> = rules.collect();
    let prometheus = firing("ALERTS", rules.iter().copied());
    let engine = firing(ENGINE, rules.iter().copied());
    vec![
        ("Prometheus alone", format!("{prometheus} unless {engine}")),
        ("the engine alone", format!("{engine} unless {prometheus}")),
    ]
}

/// Selects what fires of these rules.
fn firing(family: &str, rules: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = rules.collect();
    let names = names.join("|");
    format!(r#"{family}{{alertstate="firing",alertname=~"{names}"}}"#)
}

/// What promtool says when it is asked these expressions in every minute of the fleets and expects nothing; `None` where
/// there is no promtool.
fn asked(
    test: &str,
    fleets: &[Played],
    expressions: impl Fn(&Played) -> Vec<Named>,
) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    let rules = without_texts(&RuleFile::default().yaml());
    let fleets: String = fleets
        .iter()
        .map(|fleet| fleet.yaml(&expressions(fleet)))
        .collect();
    write("tests.yaml", head("rules.yaml", &rules) + &fleets);
    write("rules.yaml", rules);
    promtool(test, folder.path(), &["test", "rules", "tests.yaml"])
}

/// The rules without their annotations, of which each costs a query per alert and minute and none fires anything.
fn without_texts(file: &str) -> String {
    let mut within = false;
    let lines = file.split_inclusive('\n').filter(|line| {
        within =
            line.starts_with("        annotations:") || within && line.starts_with("          ");
        !within
    });
    lines.collect()
}

fn assert_lawful<'a>(lawless: impl IntoIterator<Item = &'a String>) {
    let lawless: Vec<_> = lawless.into_iter().map(String::as_str).collect();
    assert!(lawless.is_empty(), "{}", lawless.join("\n"));
}

/// Its series is the exporter's own and none of a cluster's, of which these histories are: `alert::play` and the cases of the
/// engine hold both sides to one timeline.
const NOT_OF_A_CLUSTER: &str = "ClusterLinkDiscoveryFailing";

fn assert_every_rule_fired(fleets: &[Played]) {
    let mut fired = BTreeMap::new();
    for (name, minutes) in fleets.iter().flat_map(|fleet| &fleet.fired) {
        *fired.entry(*name).or_insert(0) += minutes;
    }
    let silent: Vec<_> = daemon_rules()
        .filter(|name| !fired.contains_key(name) && *name != NOT_OF_A_CLUSTER)
        .collect();
    assert!(
        silent.is_empty(),
        "nothing is compared for {silent:?}; for how long the others fired: {fired:?}"
    );
}

fn daemon_rules() -> impl Iterator<Item = &'static str> {
    let of_daemon = rules().filter(|rule| rule.condition.is_some());
    of_daemon.map(|rule| rule.name)
}

/// What promtool got for each expression and minute, as it wrote it: `expr: "… # name", time: 7m,` and `got: {…} 1, …`.
fn answers(said: &str) -> impl Iterator<Item = (String, &str)> {
    let mut asked = String::new();
    said.lines().map(str::trim).filter_map(move |line| {
        if let Some((_, test)) = line.rsplit_once(" # ") {
            asked = test.replace(['"', ','], "").replace("time: ", "at ");
        }
        let got = line.strip_prefix("got: ")?;
        got.starts_with('{').then(|| (asked.clone(), got))
    })
}

/// The alerts that Prometheus has in each minute.
fn alerts_by_minute(said: &str) -> BTreeMap<usize, BTreeSet<Firing>> {
    let mut alerts = BTreeMap::<_, BTreeSet<_>>::new();
    for (asked, got) in answers(said) {
        let minute = minutes(asked.trim_start_matches("all at "));
        let labels = got.split('{').filter_map(|text| text.split_once('}'));
        let firing = labels.map(|(labels, _)| alert(labels));
        alerts.entry(minute).or_default().extend(firing);
    }
    alerts
}

/// `1h2m0s` is 62.
fn minutes(duration: &str) -> usize {
    let duration = duration.trim_end_matches("0s");
    let (hours, minutes) = duration.split_once('h').unwrap_or(("0", duration));
    let number = |text: &str| match text.trim_end_matches('m') {
        "" => 0,
        text => text.parse().expect("a duration as Prometheus writes it"),
    };
    60 * number(hours) + number(minutes)
}

/// The alert of labels as Prometheus writes them: `alertname="ClusterLinkFailed", cluster_name="h3", …`.
fn alert(labels: &str) -> Firing {
    let mut firing = Firing {
        rule: String::new(),
        labels: Vec::new(),
    };
    for pair in labels.split(", ") {
        let (label, value) = pair.split_once('=').expect("a label and its value");
        let value = value.trim_matches('"').to_owned();
        match label {
            "alertname" => firing.rule = value,
            "__name__" | "alertstate" | "component" | "scope" | "severity" => {}
            label => firing.labels.push((label.to_owned(), value)),
        }
    }
    firing
}

/// The first differences that promtool found, and the histories that they are about.
fn explained(said: &str, fleets: &[Played]) -> String {
    let differences = answers(said).map(|(asked, alerts)| format!("{asked}: {alerts}"));
    let differences: Vec<_> = differences.take(12).collect();
    if differences.is_empty() {
        return said.to_owned();
    }
    let differences = differences.join("\n");
    let is_in =
        |history: &&History| differences.contains(&format!("cluster_name=\"{}\"", history.name));
    let histories = fleets.iter().flat_map(|fleet| &fleet.histories);
    let about: Vec<_> = histories
        .filter(is_in)
        .take(4)
        .map(ToString::to_string)
        .collect();
    format!("{differences}\n\n{}", about.join("\n"))
}
