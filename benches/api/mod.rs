//! The fleets that the exporter is measured with, and the process that simulates their API.

use std::{fmt::Write as _, io, path::Path, time::Duration};

use cluster_link_exporter::simulator::{
    self, Cluster, Effect, Fault, Link, Mode, Scenario, Simulator, Task, World,
};
use tokio::{net::TcpListener, runtime::Runtime, time};
use tokio_util::sync::CancellationToken;

/// The first argument of the process that is the API.
pub(crate) const SIMULATE: &str = "--simulate";

/// Links of four tasks, and how they are polled.
#[derive(Clone, Copy)]
pub(crate) struct Fleet {
    pub(crate) links: usize,
    pub(crate) clusters: usize,
    /// Of every answer.
    pub(crate) latency_ms: u64,
    /// Requests to a cluster at once.
    pub(crate) at_once: usize,
    pub(crate) interval_s: u64,
    /// Tasks that change their state each second, all of them in turn.
    pub(crate) changes: usize,
}

impl Fleet {
    pub(crate) fn name(&self) -> String {
        let Self {
            links,
            clusters,
            latency_ms,
            at_once,
            interval_s,
            changes,
        } = self;
        let plural = if *clusters == 1 { "" } else { "s" };
        let mut name = format!(
            "{links} links in {clusters} cluster{plural} every {interval_s} s, {latency_ms} ms, {at_once} at once"
        );
        if *changes > 0 {
            write!(name, ", {changes} changes a second").expect(STRING);
        }
        name
    }

    /// What [`Fleet::read`] reads.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let Self {
            links,
            clusters,
            latency_ms,
            at_once,
            interval_s,
            changes,
        } = self;
        vec![
            links.to_string(),
            clusters.to_string(),
            latency_ms.to_string(),
            at_once.to_string(),
            interval_s.to_string(),
            changes.to_string(),
        ]
    }

    /// What [`Fleet::arguments`] wrote.
    pub(crate) fn read(arguments: &[String]) -> Self {
        let number = |place: usize| -> usize { arguments[place].parse().expect("a number") };
        Self {
            links: number(0),
            clusters: number(1),
            latency_ms: number(2) as u64,
            at_once: number(3),
            interval_s: number(4) as u64,
            changes: number(5),
        }
    }

    /// The exporter's configuration. It writes a state file, as it should in production.
    pub(crate) fn config(self, endpoint: &str, folder: &Path) -> String {
        let mut yaml = format!(
            "global: {{ poll_interval: {}s, max_concurrent_requests: {}, state_file: \"{}\" }}\nclusters:\n",
            self.interval_s,
            self.at_once,
            folder.join("state").display()
        );
        for id in self.cluster_ids() {
            writeln!(
                yaml,
                "  - {{ name: cluster {id}, cluster_id: {id}, endpoint: \"{endpoint}\" }}"
            )
            .expect(STRING);
        }
        yaml
    }

    pub(crate) fn cluster_ids(self) -> impl Iterator<Item = String> {
        (0..self.clusters).map(|number| format!("lkc-{number:03}"))
    }

    fn world(self) -> World {
        let links = self.links / self.clusters;
        let clusters = self.cluster_ids().map(|id| {
            let links = (0..links)
                .map(|number| Link::new(&link_name(number), Mode::Destination, "lkc-far"));
            let latency = Effect::latency(Duration::from_millis(self.latency_ms));
            Cluster::new(&id, links.collect::<Vec<_>>()).fault(Fault::new(latency))
        });
        World::new(clusters.collect::<Vec<_>>())
    }

    /// Tasks of the first cluster go into error in turn, and when all are, back.
    async fn change(self, simulator: Simulator) {
        let id = self.cluster_ids().next().expect("it has a cluster");
        let all = self.links / self.clusters * Link::TASKS.len();
        let mut next = 0;
        loop {
            time::sleep(Duration::from_secs(1)).await;
            for _ in 0..self.changes {
                let (round, place) = (next / all, next % all);
                let name = Link::TASKS[place % Link::TASKS.len()];
                let task = if round % 2 == 0 {
                    let message = "the principal may not describe the group; ".repeat(6);
                    Task::new(name, "IN_ERROR").error("AUTHORIZATION_ERROR", &message)
                } else {
                    Task::new(name, "ACTIVE")
                };
                let changed = simulator.set_task(&id, &link_name(place / Link::TASKS.len()), task);
                changed.expect("the link is there");
                next += 1;
            }
        }
    }
}

pub(crate) fn link_name(number: usize) -> String {
    format!("link-{number:05}")
}

/// The API: says where it is, then the number of its requests whenever it is asked, until nobody will ask any more.
pub(crate) fn simulate(fleet: Fleet, runtime: &Runtime) {
    let simulator = Simulator::new(Scenario::still(fleet.world()), None);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a port is free");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    println!("http://{address}");
    let never = CancellationToken::new();
    runtime.spawn(simulator::serve(listener, simulator.clone(), never));
    if fleet.changes > 0 {
        runtime.spawn(fleet.change(simulator.clone()));
    }
    for _ in io::stdin().lines() {
        println!("{}", simulator.requests().total());
    }
}

const STRING: &str = "a string takes all that is written to it";
