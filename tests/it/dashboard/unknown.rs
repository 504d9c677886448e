//! What the boards show of a link that cannot be judged: that, and why; never READY, never a green zero, never nothing.

use std::{fs, path::Path};

use serde_json::Value;

use super::{
    asking::{Shown, ask},
    boards::{Board, list, shipped, text},
    variables::Chosen,
};
use crate::support::{
    self,
    program::{Running, program},
    prometheus::{Prometheus, scraping},
};

/// Where the link of a server that reports neither states nor tasks is shown.
const OLD_SERVER: &str = "\
clusterlink-dr: Blocked A: -2 NOT KNOWN purple
clusterlink-dr: Consumers would start wrong A: -2 NOT KNOWN purple
clusterlink-dr: Not judged A: 1
clusterlink-dr: Ready to fail over A: 0
clusterlink-dr: Ready, and if not, why not A: -1 NOT JUDGED purple
clusterlink-dr: Ready, and if not, why not D: -1 NOT REPORTED purple
clusterlink-link: Failover A: -1 NOT JUDGED purple
clusterlink-link: Tasks in error A: -2 NOT KNOWN purple
clusterlink-overview: Links down A: -2 NOT KNOWN purple
clusterlink-overview: Links, worst first A: 40 UNKNOWN purple
clusterlink-overview: Tasks in error A: -2 NOT KNOWN purple
";

/// Where a link is shown whose settings and mirror topics the server refuses to tell.
const FORBIDDEN: &str = "\
clusterlink-dr: Above RPO A: -2 NOT KNOWN purple
clusterlink-dr: Blocked A: -2 NOT KNOWN purple
clusterlink-dr: Messages that would be lost A: -2 NOT KNOWN purple
clusterlink-dr: Not judged A: 1
clusterlink-dr: Ready to fail over A: 0
clusterlink-dr: Ready, and if not, why not A: -1 NOT JUDGED purple
clusterlink-dr: Ready, and if not, why not E: -2 NOT KNOWN purple
clusterlink-dr: Ready, and if not, why not F: -2 NOT KNOWN purple
clusterlink-dr: Ready, and if not, why not G: -2 NOT KNOWN purple
clusterlink-dr: Worst loss in seconds A: -2 NOT KNOWN purple
clusterlink-dr: Worst loss in seconds B: -2 NOT KNOWN purple
clusterlink-exporter: Clusters D: 0 FAILED red
clusterlink-link: Failover A: -1 NOT JUDGED purple
clusterlink-link: Findings in the settings A: -1 NOT JUDGED purple
clusterlink-overview: Expectations A: -2 NOT KNOWN purple
clusterlink-overview: Links, worst first A: 40 UNKNOWN purple
clusterlink-overview: Not mirroring A: -2 NOT KNOWN purple
clusterlink-overview: Worst lag against RPO A: -2 NOT KNOWN purple
";

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_a_server_that_says_too_little_is_not_judged() {
    let reasons = ["failover_ready ", "link_state not_sent", "tasks not_sent"];
    shows("old-server", OLD_SERVER, &reasons).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_details_are_refused_is_not_judged() {
    let reasons = ["failover_ready ", "mirror_statuses refused", "rpo refused"];
    shows("details-forbidden", FORBIDDEN, &reasons).await;
}

/// Asserts what the boards show of the scenario's only link, and what they say is not known.
async fn shows(scenario: &str, expected: &str, reasons: &[&str]) {
    let simulated = ["simulate", scenario, "--web.listen-address", "127.0.0.1:0"];
    let mut simulator = Running::start(program(&simulated));
    let address = simulator.until("/kafka/v3/");
    let folder = tempfile::tempdir().unwrap();
    let config = config(address.split("/kafka").next().unwrap(), folder.path());
    let arguments = [
        "--config.file",
        &config,
        "--web.listen-address",
        "127.0.0.1:0",
    ];
    let mut exporter = Running::start(program(&arguments));
    let Some(prometheus) = Prometheus::start(&scraping(&exporter.address())) else {
        return support::skip(
            "a link is not judged",
            "`prometheus` is not on PATH; install the Debian package prometheus",
        );
    };
    prometheus
        .until("count(count_over_time(clusterlink_links[20s]) > 4)", "1")
        .await;
    let shown = Shown::last(5, &prometheus).await;
    let boards = shipped();
    let mut found = String::new();
    for line in expected.lines() {
        let place = line.rsplit_once(": ").unwrap().0;
        found += &value(&prometheus, shown, &boards, place).await;
        found.push('\n');
    }
    assert_eq!(found, expected);
    for place in [
        "clusterlink-dr: What is not known A",
        "clusterlink-link: What is not known A",
    ] {
        let rows = answer(&prometheus, shown, &boards, place).await;
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                let label = |name: &str| text(&row["metric"][name]).to_owned();
                format!("{} {}", label("judgement"), label("reason"))
            })
            .collect();
        for reason in reasons {
            assert!(
                rows.iter().any(|row| row == reason),
                "{place}: {reason} is not in {rows:?}"
            );
        }
    }
}

/// A configuration that polls the simulated cluster every second and wants everything of its links.
fn config(api: &str, folder: &Path) -> String {
    let file = folder.join("exporter.yaml");
    let config = format!(
        "global: {{ poll_interval: 1s, poll_timeout: 900ms, request_timeout: 800ms }}
clusters:
  - name: east
    cluster_id: lkc-east01
    endpoint: {api}
    expect: [{{ links: [\".*\"], rpo: 1h }}]
"
    );
    fs::write(&file, config).unwrap();
    file.to_str().unwrap().to_owned()
}

async fn answer(
    prometheus: &Prometheus,
    shown: Shown,
    boards: &[Board],
    place: &str,
) -> Vec<Value> {
    let mut asked = boards.iter().flat_map(Board::asked);
    let asked = asked.find(|asked| asked.place == place);
    let asked = asked.unwrap_or_else(|| panic!("there is no query `{place}`"));
    ask(prometheus, &asked, shown, |_| Chosen::All)
        .await
        .unwrap()
}

/// The smallest value that a query brings, with what the panel shows instead of it.
async fn value(prometheus: &Prometheus, shown: Shown, boards: &[Board], place: &str) -> String {
    let series = answer(prometheus, shown, boards, place).await;
    let values = series.iter().map(|series| text(&series["value"][1]));
    let Some(value) =
        values.min_by(|a, b| a.parse::<f64>().unwrap().total_cmp(&b.parse().unwrap()))
    else {
        return format!("{place}: nothing");
    };
    let (panel, letter) = place.rsplit_once(' ').unwrap();
    let mut panels = boards
        .iter()
        .flat_map(|board| board.shown().map(|panel| (board.place(panel), panel)));
    let (_, panel) = panels.find(|(name, _)| name == panel).unwrap();
    match word(panel, letter, value) {
        Some((word, colour)) => format!("{place}: {value} {word} {colour}"),
        None => format!("{place}: {value}"),
    }
}

/// The word and the colour of a value, by the mappings of the query's column or else of the panel.
fn word(panel: &Value, letter: &str, value: &str) -> Option<(String, String)> {
    let mut steps = list(&panel["transformations"]).iter();
    let names = steps.find_map(|step| step["options"]["renameByName"].as_object());
    let column = names.and_then(|names| {
        names
            .get(&format!("Value #{letter}"))
            .or_else(|| names.get("Value"))
    });
    let mut fields = list(&panel["fieldConfig"]["overrides"]).iter();
    let field = fields.find(|field| {
        let options = &field["matcher"]["options"];
        column.map_or(options == letter, |column| options == column)
    });
    let properties = field.map_or(&[][..], |field| list(&field["properties"]));
    let own = properties
        .iter()
        .find(|property| property["id"] == "mappings");
    let mappings = own.map_or(
        &panel["fieldConfig"]["defaults"]["mappings"],
        |own| &own["value"],
    );
    list(mappings).iter().find_map(|mapping| {
        let options = &mapping["options"];
        let result = match text(&mapping["type"]) {
            "value" => options.get(value)?,
            "range" => {
                let value: f64 = value.parse().ok()?;
                let from = options["from"].as_f64().unwrap_or(f64::NEG_INFINITY);
                let to = options["to"].as_f64().unwrap_or(f64::INFINITY);
                (from..=to).contains(&value).then_some(&options["result"])?
            }
            _ => return None,
        };
        Some((
            text(&result["text"]).to_owned(),
            text(&result["color"]).to_owned(),
        ))
    })
}
