//! Reloads while polls and scrapes go on: clusters come, change and leave, and nothing else notices.

use std::{fs, time::Duration};

use crate::support::{
    alone::is_alone,
    exporter::{Exporter, value},
};
use cluster_link_exporter::simulator::{
    Cluster, Effect, Fault, Link, Mode, PathKind, Scenario, Simulator, World,
};
use tokio::time::{Instant, sleep};

const RELOADS: usize = 1000;
/// Nine hundred reloads that kept as little as a client of 100 KiB each would take four times as much.
const SLACK_KIB: usize = 24 << 10;

fn simulator() -> Simulator {
    let cluster = |id: &str| Cluster::new(id, [Link::new("orders", Mode::Destination, "lkc-far")]);
    let clusters = ["lkc-stays", "lkc-changes", "lkc-comes"].map(cluster);
    Simulator::new(Scenario::still(World::new(clusters)), None)
}

pub(crate) async fn reload(exporter: &Exporter) -> (u16, String) {
    let client = reqwest::Client::new();
    let answer = client
        .post(format!("{}/-/reload", exporter.url))
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

pub(crate) async fn until(exporter: &Exporter, series: &str, expected: Option<f64>) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let found = value(&exporter.metrics().await, series);
        if found == expected {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{series} should have become {expected:?}, is {found:?}"
        );
        sleep(Duration::from_millis(50)).await;
    }
}

fn up(id: &str) -> String {
    format!(
        r#"clusterlink_link_state{{cluster_name="cluster {id}",cluster_id="{id}",link_name="orders",state="ACTIVE"}}"#
    )
}

fn since(id: &str) -> String {
    format!(r#"clusterlink_link_state_since_timestamp_seconds{{cluster_name="cluster {id}","#)
}

#[tokio::test(flavor = "multi_thread")]
async fn clusters_come_change_and_leave_without_touching_the_others() {
    let exporter = Exporter::watching(&simulator()).await;
    for id in ["lkc-stays", "lkc-changes", "lkc-comes"] {
        until(&exporter, &up(id), Some(1.0)).await;
    }
    let before = exporter.metrics().await;
    let comes = exporter.config.lock().unwrap().clusters.pop().unwrap();

    assert_eq!(
        reload(&exporter).await,
        (200, "the configuration was read again\n".into())
    );
    // It left with every series, the poll series too.
    let after = exporter.metrics().await;
    assert!(!after.contains("lkc-comes"), "{after}");

    {
        let mut config = exporter.config.lock().unwrap();
        config.clusters.push(comes);
        config.clusters[1].poll.stale_after = Duration::from_secs(300);
    }
    assert_eq!(reload(&exporter).await.0, 200);
    let after = exporter.metrics().await;
    // New settings of the same place do not make us forget, and whoever did not change was not touched.
    for id in ["lkc-stays", "lkc-changes"] {
        assert_eq!(
            value(&after, &since(id)),
            value(&before, &since(id)),
            "{id}"
        );
        assert_eq!(value(&after, &up(id)), Some(1.0), "{id}");
    }
    until(&exporter, &up("lkc-comes"), Some(1.0)).await;

    exporter.config.lock().unwrap().clusters[1].api.cluster_id = Some("lkc-comes".into());
    assert_eq!(reload(&exporter).await.0, 200);
    // Another cluster under the old name starts with nothing.
    let moved =
        r#"clusterlink_link_state{cluster_name="cluster lkc-changes",cluster_id="lkc-changes""#;
    assert!(!exporter.metrics().await.contains(moved));
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_an_api_wants_to_be_left_alone_outlasts_a_reload_that_changes_the_cluster() {
    let simulator = simulator();
    let retry_after = Some("100".to_owned());
    let throttled = Fault::new(Effect::Throttled { retry_after });
    let fault = simulator.set_fault("lkc-changes", Some(throttled));
    fault.unwrap();
    let exporter = Exporter::watching(&simulator).await;
    let failure = r#"clusterlink_poll_failures_total{cluster_name="cluster lkc-changes",cluster_id="lkc-changes",reason="throttled"}"#;
    until(&exporter, failure, Some(1.0)).await;
    let asked = || simulator.requests().count("lkc-changes", PathKind::Links);
    let before = asked();
    {
        let mut config = exporter.config.lock().unwrap();
        let mut clusters = config.clusters.iter_mut();
        let throttled = clusters.find(|it| it.name.as_str() == "cluster lkc-changes");
        throttled.unwrap().poll.stale_after = Duration::from_secs(300);
    }
    assert_eq!(reload(&exporter).await.0, 200);
    // Whoever is new is polled within the interval, which is a second.
    sleep(Duration::from_secs(2)).await;
    assert_eq!(asked(), before);
    // Nobody takes it for a poll that hangs, or for going blind.
    let interval = r#"clusterlink_poll_interval_seconds{cluster_name="cluster lkc-changes","#;
    let interval = value(&exporter.metrics().await, interval);
    assert!(interval.unwrap() >= 99.0, "{interval:?}");
    until(&exporter, &up("lkc-stays"), Some(1.0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_reloads_fail_no_scrape_and_leak_nothing() {
    let test = "a_thousand_reloads_fail_no_scrape_and_leak_nothing";
    if !is_alone(module_path!(), test) {
        return;
    }
    let simulator = simulator();
    let exporter = Exporter::watching(&simulator).await;
    until(&exporter, &up("lkc-stays"), Some(1.0)).await;
    let first = exporter.metrics().await;
    let all = exporter.config.lock().unwrap().clone();
    let (mut descriptors, mut tasks, mut memory) = (0, 0, 0);

    for number in 0..RELOADS {
        {
            // The second comes and goes, the third changes each time.
            let mut config = exporter.config.lock().unwrap();
            config.clusters.clone_from(&all.clusters);
            config.clusters[2].poll.stale_after = Duration::from_secs(120 + number as u64 % 7);
            if number % 2 == 0 {
                config.clusters.remove(1);
            }
        }
        assert_eq!(reload(&exporter).await.0, 200, "reload {number}");
        if number % 10 == 0 {
            let scrape = exporter.metrics().await;
            assert_eq!(
                value(&scrape, &up("lkc-stays")),
                Some(1.0),
                "scrape {number}"
            );
        }
        if number == RELOADS / 10 {
            (descriptors, tasks, memory) = (open_descriptors(), alive_tasks(), resident_kib());
        }
    }

    // A connection more or less is under way at any moment; a leak would be hundreds.
    assert!(
        open_descriptors() <= descriptors + 20,
        "{} descriptors, {descriptors} before",
        open_descriptors()
    );
    assert!(
        alive_tasks() <= tasks + 20,
        "{} tasks, {tasks} before",
        alive_tasks()
    );
    assert!(
        resident_kib() <= memory + SLACK_KIB,
        "{} KiB resident, {memory} before",
        resident_kib()
    );
    let last = exporter.metrics().await;
    assert_eq!(
        value(&last, &since("lkc-stays")),
        value(&first, &since("lkc-stays"))
    );
    let reloaded = "clusterlink_exporter_config_last_reload_successful";
    assert_eq!(value(&last, reloaded), Some(1.0));
    let polls = simulator.requests().count("lkc-stays", PathKind::Links);
    let lists = r#"clusterlink_api_requests_total{cluster_name="cluster lkc-stays",cluster_id="lkc-stays",endpoint="links",code="200"}"#;
    let counted = value(&last, lists).unwrap();
    assert!(
        (polls as f64 - counted).abs() <= 2.0,
        "its counters went on: {counted} of {polls}"
    );
}

fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn resident_kib() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let words = line.unwrap().split_whitespace().next();
    words.unwrap().parse().unwrap()
}

fn alive_tasks() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}
