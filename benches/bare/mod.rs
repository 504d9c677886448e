//! A client that does what cannot be left out: it makes the requests of a fleet's polls with the same HTTP client and the
//! same schedule, and reads nothing of the answers. What it costs is the least that the exporter can cost.

use std::time::Duration;

use futures_util::{StreamExt, future::join_all, stream};
use reqwest::Client;
use tokio::{
    runtime::Builder,
    time::{self, MissedTickBehavior},
};

use crate::api::{Fleet, link_name};

/// The first argument of the process that is the client.
pub(crate) const POLL: &str = "--poll";

/// Polls for ever, on one thread.
pub(crate) fn poll(endpoint: &str, fleet: Fleet) {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("the system gives a process its event queue");
    let clusters = fleet.cluster_ids().enumerate();
    let polls = clusters.map(|(number, id)| {
        watch(
            format!("{endpoint}/kafka/v3/clusters/{id}/links"),
            number,
            fleet,
        )
    });
    runtime.block_on(join_all(polls));
}

/// Polls one cluster, its share of an interval after the one before it.
async fn watch(links: String, number: usize, fleet: Fleet) {
    let interval = Duration::from_secs(fleet.interval_s);
    let client = Client::builder().no_proxy().timeout(interval).build();
    let client = client.expect("it needs nothing special");
    time::sleep(interval.mul_f64(number as f64 / fleet.clusters as f64)).await;
    let mut clock = time::interval(interval);
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        clock.tick().await;
        get(&client, links.clone()).await;
        let described = (0..fleet.links / fleet.clusters).map(|link| {
            get(
                &client,
                format!("{links}/{}?include_tasks=true", link_name(link)),
            )
        });
        let described = stream::iter(described).buffer_unordered(fleet.at_once);
        described.for_each(|()| async {}).await;
        get(&client, format!("{links}/-/mirrors")).await;
    }
}

async fn get(client: &Client, url: String) {
    let answer = client.get(url).send().await.expect("it answers");
    answer.bytes().await.expect("it is whole");
}
