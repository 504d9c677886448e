//! Two replicas of the exporter under one Prometheus, whose targets differ in whatever labels a deployment attaches: every
//! query of every board answers as it does of one.

use std::collections::BTreeMap;

use cluster_link_exporter::simulator::{Scenario, Simulator};
use serde_json::Value;

use super::{
    asking::{Shown, ask, times},
    boards::{Asked, Board, Shape, assert_none, shipped},
    variables::Chosen,
};
use crate::support::{
    self,
    exporter::Exporter,
    program::{Running, program},
    prometheus::{Prometheus, scraping},
};

/// Queries about processes: a series, or a row, for each of them.
const OF_PROCESSES: [&str; 10] = [
    "clusterlink-exporter: Age of the data by cluster",
    "clusterlink-exporter: CPU",
    "clusterlink-exporter: Clusters",
    "clusterlink-exporter: File descriptors",
    "clusterlink-exporter: Memory",
    "clusterlink-exporter: Poll duration against the interval",
    "clusterlink-exporter: Queues of notifications",
    "clusterlink-exporter: Series exposed",
    "clusterlink-exporter: Up",
    "clusterlink-exporter: Version and time since start",
];

/// Of those, what is one for all of them.
const ONE_FOR_ALL: &str = "clusterlink-exporter: Age of the data by cluster B";

/// Queries of what the processes do, all together: each sends requests and notifications of its own.
const TOGETHER: [&str; 2] = [
    "clusterlink-exporter: Requests by answer A",
    "clusterlink-exporter: Notifications by outcome A",
];

/// Shares and quantiles of what the processes do, all together: of two that do the same, as of one.
const SHARES: [&str; 7] = [
    "clusterlink-exporter: Share of requests that failed A",
    "clusterlink-exporter: Throttling A",
    "clusterlink-exporter: Latency of the API, p50 and p99 A",
    "clusterlink-exporter: Latency of the API, p50 and p99 B",
    "clusterlink-exporter: Latency of receivers, p50 and p99 A",
    "clusterlink-exporter: Latency of receivers, p50 and p99 B",
    "clusterlink-exporter: Share of notifications that failed A",
];

/// The labels that a deployment on Kubernetes attaches to the series of each replica.
const ATTACHED: [&str; 8] = [
    "instance",
    "pod",
    "node",
    "pod_template_hash",
    "namespace",
    "endpoint",
    "service",
    "container",
];

/// Of every board.
const RESTARTS: &str = ": annotation Exporter restarts";

/// Whether a query has a series for each process.
pub(crate) fn of_processes(place: &str) -> bool {
    let panel = place.rsplit_once(' ').map_or(place, |(panel, _)| panel);
    let is_listed = OF_PROCESSES.contains(&panel) && place != ONE_FOR_ALL;
    is_listed || place.ends_with(RESTARTS)
}

/// Whether a query adds up what processes do.
pub(crate) fn together(place: &str) -> bool {
    TOGETHER.iter().chain(&SHARES).any(|of| place == *of)
}

/// What is written to Prometheus once more for each of two replicas, with labels of its own, as it was scraped from one. A
/// label of ours that is there already gets another name, as when Prometheus scrapes.
fn written_twice() -> String {
    let replica = |name: &str| {
        let labels = ATTACHED
            .iter()
            .map(|label| format!("{{target_label: {label}, replacement: '{label}-{name}'}}"));
        let labels: Vec<_> = labels.collect();
        format!(
            "  - url: RECEIVER
    queue_config: {{max_shards: 1, batch_send_deadline: 100ms}}
    metadata_config: {{send: false}}
    write_relabel_configs:
      - {{source_labels: [job], regex: cluster-link-exporter, action: keep}}
      - {{source_labels: [endpoint], regex: '(.+)', target_label: exported_endpoint}}
      - {{target_label: job, replacement: replicas}}
      - {}
",
            labels.join("\n      - ")
        )
    };
    format!("remote_write:\n{}{}", replica("a"), replica("b"))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_answer_every_query_as_one_does() {
    let mut demo = Running::start(program(&["demo", "--web.listen-address", "127.0.0.1:0"]));
    let config = scraping(&demo.address()) + &written_twice();
    let Some(prometheus) = Prometheus::start(&config) else {
        return support::skip(
            "two_replicas_answer_every_query_as_one_does",
            "`prometheus` is not on PATH; install the Debian package prometheus",
        );
    };
    // A task changes after a minute.
    prometheus
        .until("max(clusterlink_task_state_transitions_total)", "1")
        .await;
    let shown = Shown::last(50, &prometheus).await;
    // What is written is behind what is scraped.
    let arrived = format!(
        r#"count(timestamp(up{{job="replicas"}}) > {})"#,
        shown.end + 1.0
    );
    prometheus.until(&arrived, "2").await;

    let mut wrong = Vec::new();
    let mut answered = 0;
    for asked in shipped().iter().flat_map(Board::asked) {
        let of_job = |job: &'static str| {
            ask(&prometheus, &asked, shown, move |name| match name {
                "job" => Chosen::values([job]),
                _ => Chosen::All,
            })
        };
        let one = of_job("cluster-link-exporter").await;
        let two = of_job("replicas").await;
        match (one, two) {
            (Ok(one), Ok(two)) => {
                answered += usize::from(!one.is_empty());
                let why = differs(&asked, &one, &two);
                wrong.extend(why.map(|why| format!("{}: {why}", asked.place)));
            }
            (one, two) => wrong.extend([one, two].into_iter().filter_map(Result::err)),
        }
    }
    assert!(answered > 100, "only {answered} queries bring anything");
    assert_none(&wrong, "aggregate by the identity of the subject");
}

/// How the answer about two replicas differs from what the one about one lets expect.
fn differs(asked: &Asked, one: &[Value], two: &[Value]) -> Option<String> {
    let place = asked.place.as_str();
    if place.ends_with("variable job") {
        return None;
    }
    if asked.shape == Shape::Values {
        let is_instance = place.ends_with("variable instance");
        let alike = if is_instance {
            two.len() == 2
        } else {
            one == two
        };
        return (!alike).then(|| format!("offers {two:?} instead of {one:?}"));
    }
    let (mut expected, mut found) = (one.to_vec(), two.to_vec());
    if of_processes(place) {
        expected = without_attached([one, one].concat());
        found = without_attached(found);
    }
    let factor = if TOGETHER.contains(&place) { 2.0 } else { 1.0 };
    let (expected, found) = (times(factor, expected), times(1.0, found));
    if found == expected {
        return None;
    }
    let first = found
        .iter()
        .zip(&expected)
        .find(|(found, expected)| found != expected);
    Some(format!(
        "{} series instead of {}; the first that differs: {first:?}",
        found.len(),
        expected.len()
    ))
}

/// The series without what scraping attaches to them.
fn without_attached(mut series: Vec<Value>) -> Vec<Value> {
    for one in &mut series {
        let labels = one["metric"].as_object_mut().expect("series have labels");
        labels.retain(|label, _| label != "job" && !ATTACHED.contains(&label.as_str()));
    }
    series.sort_by_key(Value::to_string);
    series
}

/// Two processes never see the same at the same time: what differs may be values, never rows.
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_are_the_same_rows_as_one() {
    let simulator = Simulator::new(Scenario::named("bidirectional").unwrap(), None);
    let exporters = [
        Exporter::watching(&simulator).await,
        Exporter::watching(&simulator).await,
    ];
    let target = |exporter: &Exporter, node: &str| {
        let address = exporter.url.trim_start_matches("http://").to_owned();
        format!(
            "{{targets: ['{address}'], labels: {{node: node-{node}, pod_template_hash: hash-{node}, service: service-{node}}}}}"
        )
    };
    let [a, b] = &exporters;
    let job = |name: &str, targets: &[String]| {
        format!(
            "{{job_name: {name}, static_configs: [{}]}}",
            targets.join(", ")
        )
    };
    let jobs = [
        job("one", &[target(a, "c")]),
        job("two", &[target(a, "a"), target(b, "b")]),
    ];
    let config = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs: [{}]\n",
        jobs.join(", ")
    );
    let Some(prometheus) = Prometheus::start(&config) else {
        return support::skip(
            "two_processes_are_the_same_rows_as_one",
            "`prometheus` is not on PATH; install the Debian package prometheus",
        );
    };
    prometheus
        .until("count(count_over_time(clusterlink_links[20s]) > 8)", "6")
        .await;
    let shown = Shown::last(5, &prometheus).await;
    let mut wrong = Vec::new();
    for asked in shipped().iter().flat_map(Board::asked) {
        let of_job = |job: &'static str| {
            ask(&prometheus, &asked, shown, move |name| match name {
                "job" => Chosen::values([job]),
                _ => Chosen::All,
            })
        };
        let (one, two) = (of_job("one").await, of_job("two").await);
        let (Ok(one), Ok(two)) = (&one, &two) else {
            wrong.extend([one, two].into_iter().filter_map(Result::err));
            continue;
        };
        let is_apart = of_processes(&asked.place) || asked.shape == Shape::Values;
        if !is_apart && rows(one) != rows(two) {
            wrong.push(format!(
                "{}: {:?} instead of {:?}",
                asked.place,
                rows(two),
                rows(one)
            ));
        }
    }
    assert_none(&wrong, "aggregate by the identity of the subject");
}

/// The labels of the series, with how many have them.
fn rows(series: &[Value]) -> BTreeMap<String, usize> {
    let mut rows = BTreeMap::new();
    for one in series {
        *rows.entry(one["metric"].to_string()).or_default() += 1;
    }
    rows
}
