//! What changes of state cost for as long as they last: nothing that grows. The exporter runs as a process of its own.

use std::{env, fs, time::Duration};

use cluster_link_exporter::simulator::{Cluster, Link, Mode, Scenario, Simulator, Task, World};
use tokio::time::{Instant, sleep};

use super::crowd::resident;
use crate::support::{
    program::{Running, get, program, until_ready},
    watcher::serve,
};

const CLUSTER: &str = "lkc-restless1";
const LINKS: usize = 1000;
/// Tasks that change their state each second, all of them in turn: a fiftieth.
const CHANGES: usize = LINKS * Link::TASKS.len() / 50;
const SCRAPE_EVERY: Duration = Duration::from_secs(15);

/// MiB that the last quarter may be above the third.
const MOST_GROWTH: f64 = 8.0;

/// Tasks go into error in turn, and when all are, back.
async fn change<T>(simulator: &Simulator) -> T {
    for number in 0.. {
        if number % CHANGES == 0 {
            sleep(Duration::from_secs(1)).await;
        }
        let all = LINKS * Link::TASKS.len();
        let (round, place) = (number / all, number % all);
        let name = Link::TASKS[place % Link::TASKS.len()];
        let task = if round % 2 == 0 {
            let message = "the principal may not describe the group; ".repeat(6);
            Task::new(name, "IN_ERROR").error("AUTHORIZATION_ERROR", &message)
        } else {
            Task::new(name, "ACTIVE")
        };
        let link = format!("link-{:04}", place / Link::TASKS.len());
        simulator.set_task(CLUSTER, &link, task).unwrap();
    }
    unreachable!("the numbers have no end")
}

/// The resident memory after each scrape, in MiB.
async fn scraped(exporter: &Running, address: &str, minutes: f64) -> Vec<f64> {
    let (begun, mut samples) = (Instant::now(), Vec::new());
    while begun.elapsed().as_secs_f64() < 60.0 * minutes {
        sleep(SCRAPE_EVERY).await;
        let (status, _) = get(&format!("http://{address}/metrics")).await;
        assert_eq!(status, 200);
        samples.push(resident(exporter.id()));
        let seconds = begun.elapsed().as_secs();
        println!("{seconds:4} s  {:.1} MiB", samples[samples.len() - 1]);
    }
    samples
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes long; run by hand: cargo test --release --test it -- --ignored --nocapture slow::soak::transitions"]
async fn changes_of_state_leave_nothing_behind_that_grows() {
    let minutes: f64 = env::var("SOAK_MINUTES").map_or(15.0, |minutes| {
        minutes.parse().expect("SOAK_MINUTES is a number")
    });
    let links =
        (0..LINKS).map(|n| Link::new(&format!("link-{n:04}"), Mode::Destination, "lkc-far"));
    let world = World::new([Cluster::new(CLUSTER, links.collect::<Vec<_>>())]);
    let simulator = Simulator::new(Scenario::still(world), None);
    let endpoint = serve(&simulator).await;

    let folder = tempfile::tempdir().unwrap();
    let (file, state) = (
        folder.path().join("exporter.yaml"),
        folder.path().join("state"),
    );
    let yaml = format!(
        "global: {{ poll_interval: 2s, max_concurrent_requests: 64, state_file: \"{}\" }}\n\
         clusters: [{{ name: restless, cluster_id: {CLUSTER}, endpoint: \"{endpoint}\" }}]\n",
        state.display()
    );
    fs::write(&file, yaml).unwrap();
    let mut exporter = Running::start(program(&[
        "--config.file",
        file.to_str().unwrap(),
        "--web.listen-address",
        "127.0.0.1:0",
    ]));
    let address = exporter.address();
    until_ready(&address).await;
    let samples = tokio::select! {
        samples = scraped(&exporter, &address, minutes) => samples,
        never = change(&simulator) => never,
    };
    exporter.stop("TERM");

    let quarter = samples.len() / 4;
    let median = |samples: &[f64]| {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    // After some five minutes each task has changed often enough for the alert about flapping, and keeps it from then on: what
    // comes before that says nothing of what grows.
    let early = median(&samples[2 * quarter..3 * quarter]);
    let late = median(&samples[samples.len() - quarter..]);
    println!("third quarter: {early:.1} MiB, last quarter: {late:.1} MiB");
    assert!(
        late < early + MOST_GROWTH,
        "grown from {early:.1} to {late:.1} MiB"
    );
}
