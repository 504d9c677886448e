//! The same random histories through Prometheus and through the engine: both must find the same alerts at every minute.
//!
//! Each history is a cluster of one fleet. The real store keeps what its polls report, and the real tables of metrics
//! say what a scrape would see in each minute. `promtool` gets those series and evaluates the shipped rules over them,
//! the engine gets the same snapshots. What the engine says fires is a series too, so that Prometheus itself compares.
//!
//! promtool needs a third of a second for each history. `HISTORIES=600` plays as many, `HISTORIES=600..900` others.

mod history;
mod oracle;
mod poll;
mod series;

use std::{collections::BTreeMap, env, fmt::Write as _, fs, ops::Range, sync::Arc};

use cluster_link_exporter::{
    alert::{Active, Engine, RuleFile, rules},
    metrics::{Family, families},
    model::{Cluster, Snapshot},
    store::Store,
};
use jiff::Timestamp;

use self::{history::History, series::AllSeries};
use super::play::promtool;

/// The seeds that are played unless `HISTORIES` names others.
const HISTORIES: Range<u64> = 0..40;
const MINUTES: usize = 150;
/// How many histories are one fleet: promtool lets no query hold more than 10,000 samples.
const TOGETHER: usize = 5;

/// What the engine says fires, as a series with the labels of Prometheus' own `ALERTS`.
const ENGINE: &str = "engine_alerts";

#[test]
fn prometheus_and_the_engine_find_the_same_alerts_at_every_minute() {
    let seeds = env::var("HISTORIES").map_or(HISTORIES, |text| range(&text));
    let histories: Vec<_> = seeds.map(|seed| History::random(seed, MINUTES)).collect();
    let fleets: Vec<_> = histories.chunks(TOGETHER).map(Played::of).collect();
    assert_every_rule_fired(&fleets);
    let lawless = fleets.iter().flat_map(|fleet| &fleet.lawless);
    let lawless: Vec<_> = lawless.map(String::as_str).collect();
    assert!(lawless.is_empty(), "{}", lawless.join("\n"));

    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("rules.yaml"),
        without_texts(&RuleFile::default().yaml()),
    )
    .unwrap();
    fs::write(folder.path().join("tests.yaml"), tests_of(&fleets)).unwrap();
    let test = "prometheus_and_the_engine_find_the_same_alerts_at_every_minute";
    let arguments = ["test", "rules", "tests.yaml"];
    if let Some((content, said)) = promtool(test, folder.path(), &arguments) {
        assert!(content, "{}", explained(&said, &histories));
    }
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

/// A fleet of histories after they were played.
#[derive(Default)]
struct Played {
    series: AllSeries,
    /// For how many minutes any alert of the rule fired.
    fired: BTreeMap<&'static str, usize>,
    /// Alerts that ended though nobody said that it is over.
    lawless: Vec<String>,
}

impl Played {
    fn of(histories: &[History]) -> Self {
        let store = Store::new(histories.iter().map(History::unpolled));
        let mut engine = Engine::new(rules().copied().collect());
        let mut expiries = vec![None; histories.len()];
        let mut scrape = Scrape::default();
        let mut played = Self::default();
        for minute in 1..=MINUTES {
            let now = Timestamp::from_second(i64::try_from(60 * minute).unwrap()).unwrap();
            for (history, expiry) in histories.iter().zip(&mut expiries) {
                if let Some(report) = history.report(minute - 1, now - history.early, expiry) {
                    store.report(&history.name.as_str().into(), report);
                }
            }
            store.expire(now);
            let snapshot = store.snapshot();
            scrape.read(minute, &snapshot, &mut played.series);
            let before = firing(&engine);
            engine.round(&snapshot, now);
            played.judge(histories, &before, &firing(&engine), minute);
            for active in engine.active().filter(|active| active.course.is_firing()) {
                *played.fired.entry(active.rule.name).or_default() += 1;
                played.series.push(minute, &series_of(active), "1");
            }
        }
        played
    }

    /// Holds what ended in this minute to what the histories say.
    fn judge(&mut self, histories: &[History], before: &[Active], now: &[Active], minute: usize) {
        let is_same = |one: &Active, other: &Active| {
            one.rule.name == other.rule.name && one.identity == other.identity
        };
        for ended in before
            .iter()
            .filter(|it| !now.iter().any(|one| is_same(it, one)))
        {
            let name = ended.identity.cluster_name();
            let history = histories.iter().find(|history| history.name == name);
            let lawless = history.filter(|history| !oracle::may_end(history, ended, minute));
            if let Some(history) = lawless {
                let rule = ended.rule.name;
                self.lawless
                    .push(format!("{rule} ends in minute {minute}: {history}"));
            }
        }
    }

    fn yaml(&self) -> String {
        let series = self.series.yaml(MINUTES + 1);
        let names: Vec<_> = daemon_rules().collect();
        let prometheus = format!(
            r#"ALERTS{{alertstate="firing",alertname=~"{}"}}"#,
            names.join("|")
        );
        let mut yaml = format!(
            "  - interval: 1m\n    input_series:\n{series}    \
             promql_expr_test:\n"
        );
        for minute in 1..=MINUTES {
            for (who, only) in [
                ("Prometheus alone", format!("{prometheus} unless {ENGINE}")),
                ("the engine alone", format!("{ENGINE} unless {prometheus}")),
            ] {
                let _ = write!(
                    yaml,
                    "      - eval_time: {minute}m\n        expr: '{only} # {who}'\n"
                );
            }
        }
        yaml
    }
}

/// The alerts that fire.
fn firing(engine: &Engine) -> Vec<Active> {
    let firing = engine.active().filter(|active| active.course.is_firing());
    firing.cloned().collect()
}

fn tests_of(fleets: &[Played]) -> String {
    let fleets: String = fleets.iter().map(Played::yaml).collect();
    format!("rule_files: [rules.yaml]\nevaluation_interval: 1m\ntests:\n{fleets}")
}

fn assert_every_rule_fired(fleets: &[Played]) {
    let mut fired = BTreeMap::new();
    for (name, minutes) in fleets.iter().flat_map(|fleet| &fleet.fired) {
        *fired.entry(*name).or_insert(0) += minutes;
    }
    let silent: Vec<_> = daemon_rules()
        .filter(|name| !fired.contains_key(name))
        .collect();
    assert!(
        silent.is_empty(),
        "nothing is compared for {silent:?}; for how long the others fired: {fired:?}"
    );
}

fn daemon_rules() -> impl Iterator<Item = &'static str> {
    let of_daemon = rules().filter(|rule| rule.daemon.is_some());
    of_daemon.map(|rule| rule.name)
}

fn series_of(active: &Active) -> String {
    let rule = &active.rule;
    let mut series = format!(
        r#"{ENGINE}{{alertname="{}",alertstate="firing",severity="{}",component="cluster-link",scope="{}""#,
        rule.name,
        rule.severity.label(),
        rule.subject.scope(&active.identity)
    );
    for (label, value) in active.identity.labels() {
        let _ = write!(series, ",{label}=\"{value}\"");
    }
    series + "}"
}

/// Reads the families that rules ask for. A cluster that did not change says what it said before.
#[derive(Default)]
struct Scrape(BTreeMap<String, Scraped>);

#[derive(Default)]
struct Scraped {
    cluster: Option<Arc<Cluster>>,
    /// Series and values.
    samples: Vec<(String, String)>,
}

impl Scrape {
    fn read(&mut self, minute: usize, snapshot: &Snapshot, series: &mut AllSeries) {
        let expressions: Vec<_> = rules().map(|rule| (rule.expression)()).collect();
        let is_asked = |family: &&Family| expressions.iter().any(|text| text.contains(family.name));
        let asked: Vec<_> = families().filter(is_asked).collect();
        for cluster in &snapshot.clusters {
            let read = self.0.entry(cluster.name.to_string()).or_default();
            if !read
                .cluster
                .as_ref()
                .is_some_and(|read| Arc::ptr_eq(read, cluster))
            {
                let texts = asked
                    .iter()
                    .map(|family| family.text(cluster, &snapshot.vocabulary));
                read.samples = texts.flat_map(|text| samples_of(&text)).collect();
                read.cluster = Some(Arc::clone(cluster));
            }
            for (name, value) in &read.samples {
                series.push(minute, name, value);
            }
        }
    }
}

/// The series and values of a text; a scrape leaves out labels without a value.
fn samples_of(text: &str) -> Vec<(String, String)> {
    let sample = |line: &str| {
        let (series, value) = line.rsplit_once(' ').expect("a series and its value");
        (series.replace(",cluster_id=\"\"", ""), value.to_owned())
    };
    text.lines().map(sample).collect()
}

/// The first differences that promtool found, and the histories that they are about.
fn explained(said: &str, histories: &[History]) -> String {
    let (mut where_found, mut differences) = (String::new(), Vec::new());
    for line in said.lines().map(str::trim) {
        if let Some((_, test)) = line.rsplit_once(" # ") {
            where_found = test.replace(['"', ','], "").replace("time: ", "at ");
        } else if let Some(alerts) = line.strip_prefix("got: {") {
            differences.push(format!("{where_found}: {alerts}"));
        }
    }
    differences.truncate(12);
    if differences.is_empty() {
        return said.to_owned();
    }
    let differences = differences.join("\n");
    let is_in =
        |history: &&History| differences.contains(&format!("cluster_name=\"{}\"", history.name));
    let about = histories.iter().filter(is_in);
    let about: Vec<_> = about.take(4).map(ToString::to_string).collect();
    format!("{differences}\n\n{}", about.join("\n"))
}
