//! What the boards show when the exporter can see no longer: never a green zero.

use std::{fs, path::Path, process::Command};

use super::{
    asking::{Shown, ask},
    boards::{Asked, Board, list, shipped, text},
    empty::{EMPTY, NO_RECEIVERS},
    variables::Chosen,
};
use crate::support::{
    self,
    program::{Running, program},
    prometheus::{Prometheus, free_port, scraping},
};

/// The tiles while one cluster is seen and chosen.
const SEEN: &str = "\
clusterlink-dr: Above RPO A: 0
clusterlink-dr: Blocked A: 0
clusterlink-dr: Consumers would start wrong A: 0
clusterlink-dr: Messages that would be lost A: a number
clusterlink-dr: Not judged A: 0
clusterlink-dr: Ready to fail over A: 1
clusterlink-dr: Worst loss in seconds A: a number
clusterlink-dr: Worst loss in seconds B: a number
clusterlink-link: Failover A: 1
clusterlink-link: In this state for A: a number
clusterlink-link: Last described A: a number
clusterlink-link: Last described B: a number
clusterlink-link: Link error A: 0
clusterlink-link: State A: 0
clusterlink-link: Tasks in error A: 0
clusterlink-overview: Expectations A: 0
clusterlink-overview: Firing alerts A: 0
clusterlink-overview: Firing alerts B: 1
clusterlink-overview: Links down A: 0
clusterlink-overview: Not mirroring A: 0
clusterlink-overview: Offset sync A: 0
clusterlink-overview: Oldest data A: a number
clusterlink-overview: Oldest data B: a number
clusterlink-overview: Pair checks A: -1
clusterlink-overview: Tasks in error A: 0
clusterlink-overview: Worst lag against RPO A: a number
clusterlink-overview: Worst lag against RPO B: a number
";

/// The tiles that show something when nothing is seen.
const BLIND: &str = "\
clusterlink-overview: Firing alerts A: 0
clusterlink-overview: Firing alerts B: 2
clusterlink-overview: Oldest data A: a number
clusterlink-overview: Oldest data B: a number
";

/// Tiles whose numbers depend on when they are asked.
const MOVING: [&str; 6] = [
    "Oldest data",
    "lag",
    "lost",
    "loss",
    "described",
    "In this state",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_zero_is_shown_only_of_what_is_seen() {
    let simulated = ["simulate", "healthy", "--web.listen-address", "127.0.0.1:0"];
    let mut simulator = Running::start(program(&simulated));
    let api = simulator
        .until("/kafka/v3/")
        .split("/kafka")
        .next()
        .unwrap()
        .to_owned();
    let folder = tempfile::tempdir().unwrap();
    let mut exporter = Running::start(exporter(&api, folder.path()));
    let address = exporter.address();
    let Some(prometheus) = Prometheus::start(&scraping(&address)) else {
        return support::skip(
            "a_zero_is_shown_only_of_what_is_seen",
            "`prometheus` is not on PATH; install the Debian package prometheus",
        );
    };
    prometheus.until("count(clusterlink_links)", "1").await;
    // The receiver is tried again and again.
    let trying = r#"max(rate(clusterlink_notifications_total{outcome="failed"}[4s]) > bool 0)"#;
    prometheus.until(trying, "1").await;
    let shown = Shown::last(20, &prometheus).await;
    let east = |name: &str| match name {
        "cluster_name" => Chosen::values(["east"]),
        _ => Chosen::All,
    };
    assert_eq!(tiles(&prometheus, shown, east).await, SEEN);
    notifications_are_shown(&prometheus, shown).await;

    // The other cluster has never answered: with it, no zero is known.
    let with_blind = tiles(&prometheus, shown, |_| Chosen::All).await;
    let zeros: Vec<_> = with_blind
        .lines()
        .filter(|line| line.ends_with(": 0"))
        .collect();
    let known = [
        "clusterlink-link: Link error A: 0",
        "clusterlink-link: State A: 0",
        "clusterlink-overview: Firing alerts A: 0",
    ];
    assert_eq!(zeros, known, "of one link, or of the exporter's own");

    simulator.signal("KILL");
    prometheus.until("absent(clusterlink_links)", "1").await;
    let age = r#"min((time() - clusterlink_poll_last_success_timestamp_seconds{cluster_name="east"}) > bool 6)"#;
    prometheus.until(age, "1").await;
    let firing =
        r#"sum(clusterlink_alerts{alertname="ClusterLinkPollFailing",alertstate="firing"})"#;
    prometheus.until(firing, "2").await;
    let shown = Shown::last(20, &prometheus).await;
    assert_eq!(tiles(&prometheus, shown, east).await, BLIND);
    assert_eq!(
        blind_rows(&prometheus, shown).await,
        ["70 east", "200 east", "0 east"]
    );
}

/// An exporter that polls the simulator's cluster and one that never answers, and tells a receiver that is not there.
fn exporter(api: &str, folder: &Path) -> Command {
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    let config = format!(
        "global: {{ poll_interval: 1s, poll_timeout: 900ms, request_timeout: 800ms, stale_after: 2s }}
clusters:
  - name: east
    cluster_id: lkc-east01
    endpoint: {api}
    expect: [{{ links: [\".*\"], state: ACTIVE, rpo: 1h }}]
  - {{ name: gone, cluster_id: lkc-gone01, endpoint: \"{nowhere}\" }}
alerting:
  receivers: [{{ name: ops, webhook: {{ url: \"{nowhere}/\" }} }}]
  rules: {{ ClusterLinkPollFailing: {{ for: 0s }} }}
"
    );
    let file = folder.join("exporter.yaml");
    fs::write(&file, config).unwrap();
    program(&[
        "--config.file",
        file.to_str().unwrap(),
        "--web.listen-address",
        "127.0.0.1:0",
    ])
}

/// What the tiles of the boards about links show, one query a line; nothing of those that show NO DATA.
async fn tiles(prometheus: &Prometheus, shown: Shown, chosen: impl Fn(&str) -> Chosen) -> String {
    let mut lines = Vec::new();
    for board in shipped()
        .iter()
        .filter(|board| board.stem != "clusterlink-exporter")
    {
        let stats = board.shown().filter(|panel| panel["type"] == "stat");
        let places: Vec<_> = stats.map(|panel| board.place(panel)).collect();
        for asked in board.asked() {
            if places
                .iter()
                .any(|place| asked.place[..asked.place.len() - 2] == *place)
            {
                let series = ask(prometheus, &asked, shown, &chosen).await.unwrap();
                let values = series.iter().map(|series| text(&series["value"][1]));
                let is_moving = MOVING.iter().any(|part| asked.place.contains(part));
                lines.extend(values.map(|value| {
                    let value = if is_moving { "a number" } else { value };
                    format!("{}: {value}\n", asked.place)
                }));
            }
        }
    }
    lines.sort();
    lines.concat()
}

/// What brings nothing in the demo, because it has no receivers, brings something here.
async fn notifications_are_shown(prometheus: &Prometheus, shown: Shown) {
    let without = EMPTY.iter().filter(|(_, why)| *why == NO_RECEIVERS);
    let without: Vec<_> = without.map(|(place, _)| *place).collect();
    for board in shipped() {
        for asked in board.asked() {
            if without.contains(&asked.place.as_str()) {
                let series = ask(prometheus, &asked, shown, |_| Chosen::All)
                    .await
                    .unwrap();
                assert!(!series.is_empty(), "{} brings nothing", asked.place);
            }
        }
    }
}

/// The rows that say that the cluster is blind, in the tables that have such: value and cluster.
async fn blind_rows(prometheus: &Prometheus, shown: Shown) -> Vec<String> {
    let places = [
        "clusterlink-overview: Links, worst first A",
        "clusterlink-overview: What needs somebody A",
        "clusterlink-exporter: Clusters B",
    ];
    let boards = shipped();
    let asked: Vec<Asked> = boards.iter().flat_map(Board::asked).collect();
    let mut rows = Vec::new();
    for place in places {
        let asked = asked.iter().find(|asked| asked.place == place).unwrap();
        let east = |name: &str| match name {
            "cluster_name" => Chosen::values(["east"]),
            _ => Chosen::All,
        };
        let series = ask(prometheus, asked, shown, east).await.unwrap();
        rows.extend(list(&series.into()).iter().map(|row| {
            format!(
                "{} {}",
                text(&row["value"][1]),
                text(&row["metric"]["cluster_name"])
            )
        }));
    }
    rows
}
