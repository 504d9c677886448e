//! Every query of every panel, variable and annotation, asked of a Prometheus that scrapes the demo.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use super::{
    asking::{Shown, ask, times},
    boards::{Asked, Board, Shape, assert_none, shipped, text},
    empty::EMPTY,
    variables::Chosen,
};
use crate::support::{
    self,
    program::{Running, program},
    prometheus::{Prometheus, scraping},
};

/// Where All brings more than all links that can be chosen, and why.
const OTHER: [(&str, &str); 3] = [
    ("clusterlink-link: Expectations A", NO_LINK),
    ("clusterlink-overview: Expectations A", NO_LINK),
    ("clusterlink-overview: Links, worst first A", NO_LINK),
];

const NO_LINK: &str = "a link that is expected and not there is no link to choose";

/// One value each.
const ONE: [(&str, &str); 4] = [
    ("job", "cluster-link-exporter"),
    ("cluster_name", "recovery"),
    ("link_name", "customers-both-ways"),
    ("task_name", "ConsumerOffsetSync"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_query_runs_and_brings_something() {
    let mut demo = Running::start(program(&["demo", "--web.listen-address", "127.0.0.1:0"]));
    let address = demo.address();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/cluster-link.rules.yaml");
    let config = format!(
        "{}rule_files: ['{}']\n",
        scraping(&address),
        rules.display()
    );
    let Some(prometheus) = Prometheus::start(&config) else {
        return support::skip(
            "every_query_runs_and_brings_something",
            "`prometheus` is not on PATH; install the Debian package prometheus",
        );
    };
    // A task changes after a minute, and the first alert fires after two.
    prometheus
        .until("max(clusterlink_task_state_transitions_total)", "1")
        .await;
    let firing =
        r#"sum(clusterlink_alerts{alertname="ClusterLinkUnavailable",alertstate="firing"})"#;
    prometheus.until(firing, "1").await;

    let shown = Shown::last(110, &prometheus).await;
    let boards = shipped();
    let asked: Vec<_> = boards.iter().flat_map(Board::asked).collect();
    let offered = offered(&prometheus, &asked, shown).await;
    let mut wrong = Vec::new();
    for asked in &asked {
        let all = ask(&prometheus, asked, shown, |_| Chosen::All).await;
        let every = ask(&prometheus, asked, shown, |name| offered[name].clone()).await;
        let one = ask(&prometheus, asked, shown, |name| {
            let one = ONE.iter().find(|(variable, _)| *variable == name);
            one.map_or(Chosen::All, |(_, value)| Chosen::values([value]))
        })
        .await;
        let is_listed = EMPTY.iter().any(|(place, _)| *place == asked.place);
        let rounded =
            |answer: &Result<Vec<Value>, String>| answer.clone().map(|series| times(1.0, series));
        let is_all = rounded(&every) == rounded(&all)
            || OTHER.iter().any(|(place, _)| *place == asked.place);
        match (&all, is_all) {
            (Err(why), _) => wrong.push(why.clone()),
            (Ok(series), _) if series.is_empty() != is_listed => wrong.push(format!(
                "{}: brings {} series; mend it, or mend the list `EMPTY`",
                asked.place,
                series.len()
            )),
            (Ok(_), false) => {
                wrong.push(format!("{}: all values together are not All", asked.place));
            }
            (Ok(_), true) => {}
        }
        wrong.extend(one.err());
    }
    let unknown = EMPTY
        .iter()
        .filter(|(place, _)| asked.iter().all(|asked| asked.place != *place));
    wrong.extend(
        unknown.map(|(place, _)| format!("{place}: there is no such query; take it from `EMPTY`")),
    );
    assert_none(
        &wrong,
        "what a board asks must bring something from the demo",
    );
}

/// All that each variable offers.
async fn offered(
    prometheus: &Prometheus,
    asked: &[Asked],
    shown: Shown,
) -> BTreeMap<String, Chosen> {
    let mut offered = BTreeMap::new();
    for variable in asked.iter().filter(|asked| asked.shape == Shape::Values) {
        let values = ask(prometheus, variable, shown, |_| Chosen::All)
            .await
            .unwrap();
        let values = values.iter().map(|value| text(value).to_owned()).collect();
        let name = variable.place.rsplit(' ').next().unwrap();
        offered.insert(name.to_owned(), Chosen::Values(values));
    }
    offered
}
