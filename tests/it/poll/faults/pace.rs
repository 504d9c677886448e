//! A cluster in trouble is asked less, not more.

use std::time::Duration;

use cluster_link_exporter::simulator::{
    Cluster, Effect, Fault, Link, Mode, PathKind, Scenario, Simulator, World,
};
use futures_util::future::join_all;

use super::{
    scene::{CLUSTER, Scene, poller, world},
    server::{Door, Server},
};

const POLLS: u64 = 10;

fn throttled(retry_after: Option<&str>) -> Fault {
    let retry_after = retry_after.map(str::to_owned);
    Fault::new(Effect::Throttled { retry_after })
}

/// How many requests ten polls in a row cost.
async fn cost(fault: Option<Fault>) -> u64 {
    let mut scene = Scene::new(Door::Plain, Duration::from_secs(5)).await;
    let simulator = scene.server.simulator.clone();
    simulator.set_fault(CLUSTER, fault).unwrap();
    for _ in 0..POLLS {
        scene.poll(0).await;
    }
    simulator.requests().total()
}

#[tokio::test]
async fn a_cluster_that_throttles_everything_gets_a_list_a_poll_and_a_fifth_in_retries() {
    let healthy = cost(None).await;
    assert_eq!(healthy, 3 * POLLS);
    let throttling = cost(Some(throttled(None))).await;
    // Of 12 requests 2 were retries: a third would be more than a fifth.
    assert_eq!(throttling, POLLS + 2);
}

#[tokio::test]
async fn a_cluster_in_lasting_trouble_costs_less_than_two_healthy_ones() {
    let faults = [Effect::ServiceUnavailable, Effect::Disconnect].map(|effect| {
        let new = || Fault::new(effect.clone());
        [
            new(),
            new().on(PathKind::Links),
            new().on(PathKind::Link),
            new().on(PathKind::Link).of_link("orders"),
        ]
    });
    let healthy = 3 * POLLS;
    // At once, since most only wait for their next try.
    let costs = join_all(faults.concat().into_iter().map(|fault| cost(Some(fault)))).await;
    assert!(
        costs.iter().all(|cost| *cost < 2 * healthy),
        "{costs:?} requests, {healthy} in health"
    );
}

#[tokio::test]
async fn after_a_429_every_further_request_of_the_poll_waits() {
    let simulator = Simulator::new(Scenario::still(world()), None);
    let server = Server::open(simulator.clone(), Door::Plain).await;
    let endpoint = format!("http://{}", server.address);
    // One after the other: the second is not yet under way when the first is throttled.
    let poller = poller(&endpoint, Duration::from_secs(5), 1);
    let first = throttled(Some("1")).on(PathKind::Link).of_link("orders");
    simulator.set_fault(CLUSTER, Some(first)).unwrap();
    let report = poller.poll_once(None).await;
    assert_eq!(simulator.requests().total(), 3);
    assert!(
        report.took >= Duration::from_secs(1),
        "took {:?}",
        report.took
    );
    let links = report.outcome.unwrap().links;
    let described: Vec<_> = links.iter().map(|link| link.failure.is_none()).collect();
    assert_eq!(described, [false, true]);
}

#[tokio::test]
async fn a_pause_beyond_the_deadline_silences_the_poll_and_delays_the_next() {
    let links: Vec<_> = (0..40)
        .map(|number| Link::new(&format!("link-{number}"), Mode::Destination, "lkc-far"))
        .collect();
    let world = World::new([Cluster::new(CLUSTER, links)]);
    let simulator = Simulator::new(Scenario::still(world), None);
    let server = Server::open(simulator.clone(), Door::Plain).await;
    let poller = poller(
        &format!("http://{}", server.address),
        Duration::from_secs(5),
        8,
    );
    let all = throttled(Some("600")).on(PathKind::Link);
    simulator.set_fault(CLUSTER, Some(all)).unwrap();
    let report = poller.poll_once(None).await;
    let described = simulator.requests().count(CLUSTER, PathKind::Link);
    assert!(
        described <= 8,
        "{described}: only those that were under way"
    );
    assert!(report.is_throttled());
    let hold = report.retry_after.expect("the pause is told").as_secs();
    assert!((590..=600).contains(&hold), "{hold} s");
    assert!(report.took < Duration::from_secs(5), "nobody waits for it");
}
