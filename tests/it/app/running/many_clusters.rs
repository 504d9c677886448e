//! One sick cluster among a hundred does not delay, starve or fail the others; nor do fifty.

use std::time::Duration;

use crate::support::exporter::{Exporter, value};
use cluster_link_exporter::simulator::{
    Cluster, Effect, Fault, Link, Mode, Scenario, Simulator, World,
};
use tokio::time::{Instant, sleep};

const SICK: usize = 50;
const HEALTHY: usize = 50;

fn id(number: usize) -> String {
    format!("lkc-{number:03}")
}

/// The first fifty clusters never answer, the others have two links.
fn world() -> World {
    let clusters: Vec<_> = (0..SICK + HEALTHY)
        .map(|number| {
            let links =
                ["orders", "payments"].map(|name| Link::new(name, Mode::Destination, "lkc-far"));
            let cluster = Cluster::new(&id(number), links);
            if number < SICK {
                cluster.fault(Fault::new(Effect::Hang))
            } else {
                cluster
            }
        })
        .collect();
    World::new(clusters)
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_of_a_hundred_clusters_hang_and_the_others_are_polled_as_if_alone() {
    let simulator = Simulator::new(Scenario::still(world()), None);
    // A loaded machine is not a sick cluster: each poll has time.
    let exporter = Exporter::watching_every(Duration::from_secs(3), &simulator).await;
    let series = |family: &str, number: usize| {
        let id = id(number);
        format!(r#"{family}{{cluster_name="cluster {id}",cluster_id="{id}""#)
    };
    let polls = |metrics: &str, number: usize| {
        let lists =
            series("clusterlink_api_requests_total", number) + r#",endpoint="links",code="200"}"#;
        value(metrics, &lists).unwrap()
    };

    // Wait until the slowest of the healthy ones was polled five times; they have an interval of three seconds.
    let deadline = Instant::now() + Duration::from_secs(60);
    let metrics = loop {
        let metrics = exporter.metrics().await;
        if (SICK..SICK + HEALTHY).all(|number| polls(&metrics, number) >= 5.0) {
            break metrics;
        }
        assert!(
            Instant::now() < deadline,
            "the healthy clusters are not polled five times:\n{metrics}"
        );
        sleep(Duration::from_millis(200)).await;
    };

    let failed = |number: usize| {
        let prefix = series("clusterlink_poll_failures_total", number);
        let lines = metrics.lines().filter(|line| line.starts_with(&prefix));
        lines
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum::<f64>()
    };
    let most = (SICK..SICK + HEALTHY)
        .map(|number| polls(&metrics, number))
        .fold(0.0, f64::max);
    for number in SICK..SICK + HEALTHY {
        assert!(
            failed(number) < 1.0,
            "a poll of the healthy cluster {number} failed"
        );
        assert_eq!(
            value(&metrics, &series("clusterlink_poll_success", number)),
            Some(1.0)
        );
        // None is starved: with the same interval and a start within it, none is more than two polls behind.
        assert!(
            most - polls(&metrics, number) <= 2.0,
            "cluster {number} is behind"
        );
    }
    for number in 0..SICK {
        assert_eq!(
            value(&metrics, &series("clusterlink_poll_success", number)),
            Some(0.0)
        );
        let timeouts = series("clusterlink_poll_failures_total", number) + r#",reason="timeout"}"#;
        assert!(
            value(&metrics, &timeouts).unwrap() >= 1.0,
            "cluster {number} did not time out"
        );
    }
}
