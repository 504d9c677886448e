//! A fleet of histories, played: what scrapes saw and what the engine said.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    time::Duration,
};

use cluster_link_exporter::alert::ActiveAlert;
use jiff::Timestamp;

use super::{
    ENGINE, MINUTES,
    history::History,
    oracle::{self, Firing},
    process::Process,
    scrape::Scrape,
    series::AllSeries,
};

/// How long before the polls of a minute the exporter is restarted.
const JUST_BEFORE: Duration = Duration::from_secs(40);

/// A fleet of histories after they were played.
pub(crate) struct Played {
    pub(crate) histories: Vec<History>,
    series: AllSeries,
    /// For how many minutes any alert of the rule fired.
    pub(crate) fired: BTreeMap<&'static str, usize>,
    /// Alerts of the engine that ended though nobody said that it is over.
    pub(crate) lawless: Vec<String>,
}

impl Played {
    pub(crate) fn of(histories: Vec<History>) -> Self {
        let mut process = Process::first(&histories);
        let mut expiries = vec![None; histories.len()];
        let mut scrape = Scrape::default();
        let (mut series, mut fired) = (AllSeries::default(), BTreeMap::new());
        let mut lawless = Vec::new();
        let exporter = histories[0].exporter.clone();
        for (minute, exporter) in (1..=MINUTES).zip(exporter) {
            let before = firing(&process);
            let now = Timestamp::from_second(i64::try_from(60 * minute).unwrap()).unwrap();
            match exporter {
                '_' => continue,
                '^' => process.restart(&histories, now - JUST_BEFORE),
                _ => {}
            }
            for (history, expiry) in histories.iter().zip(&mut expiries) {
                if let Some(report) = history.report(minute - 1, now - history.early, expiry) {
                    process.store.report(&history.name.as_str().into(), report);
                }
            }
            let snapshot = process.evaluate(now);
            lawless.extend(oracle::lawless(
                &histories,
                &before,
                &firing(&process),
                minute,
            ));
            if exporter == '~' {
                series.away(minute);
                continue;
            }
            scrape.read(minute, &snapshot, &mut series);
            for active in process.firing() {
                *fired.entry(active.rule.name).or_default() += 1;
                series.push(minute, &series_of(&active), "1");
            }
        }
        Self {
            histories,
            series,
            fired,
            lawless,
        }
    }

    /// A test of promtool's that asks these expressions in every minute.
    pub(crate) fn yaml(&self, expressions: &[(&str, String)]) -> String {
        let series = self.series.yaml(MINUTES + 1);
        let mut yaml = format!(
            "  - interval: 1m\n    input_series:\n{series}    \
             promql_expr_test:\n"
        );
        for minute in 1..=MINUTES {
            for (name, expression) in expressions {
                let _ = write!(
                    yaml,
                    "      - eval_time: {minute}m\n        expr: '{expression} # {name}'\n"
                );
            }
        }
        yaml
    }
}

fn firing(process: &Process) -> BTreeSet<Firing> {
    process.firing().iter().map(Firing::from).collect()
}

fn series_of(active: &ActiveAlert) -> String {
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
