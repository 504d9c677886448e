//! What happens meanwhile: to the simulated clusters, to the configuration, and by whoever scrapes.

use std::{io::Read, sync::Mutex, time::Duration};

use cluster_link_exporter::simulator::{
    BrokenBody, Change, Cluster, Effect, Fault, Link, LinkRef, Mode, PathKind, Scenario, Simulator,
    Task, World,
};
use flate2::read::GzDecoder;
use tokio::time::{Instant, sleep};

use crate::support::exporter::Exporter;
use crate::targets::exposition::{self, Sample};

const CLUSTERS: usize = 6;
const LINKS: usize = 20;

/// The same unrest every time: what follows what is decided by a fixed seed.
pub(crate) struct Unrest {
    simulator: Simulator,
    random: Mutex<fastrand::Rng>,
    done: Mutex<Done>,
}

#[derive(Clone, Copy, Default)]
struct Done {
    changes: u64,
    faults: u64,
    reloads: u64,
    scrapes: u64,
    slowest: Duration,
}

impl Unrest {
    pub(crate) fn new() -> Self {
        let clusters: Vec<_> = (0..CLUSTERS)
            .map(|number| {
                let links = (0..LINKS).step_by(2).map(|number| link(&name(number)));
                Cluster::new(&id(number), links.collect::<Vec<_>>())
            })
            .collect();
        Self {
            simulator: Simulator::new(Scenario::still(World::new(clusters)), None),
            random: Mutex::new(fastrand::Rng::with_seed(3)),
            done: Mutex::default(),
        }
    }

    pub(crate) fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// What was done so far, in a line.
    pub(crate) fn done(&self) -> String {
        let Done {
            changes,
            faults,
            reloads,
            scrapes,
            slowest,
        } = *self.done.lock().unwrap();
        let asked = self.simulator.requests().total();
        format!(
            "{asked} requests, {changes} changes, {faults} faults, {reloads} reloads, {scrapes} scrapes, the slowest \
             {slowest:?}"
        )
    }

    /// Links come and go, tasks flip, and faults come and pass.
    pub(crate) async fn churn<T>(&self) -> T {
        loop {
            sleep(Duration::from_millis(20)).await;
            let (cluster, link, dice) = self.draw(|random| {
                let cluster = id(random.usize(..CLUSTERS));
                (cluster, name(random.usize(..LINKS)), random.u8(..100))
            });
            let place = LinkRef::new(&cluster, &link);
            match dice {
                0..3 => self.fault(&cluster),
                3..8 => self.simulator.set_fault(&cluster, None).unwrap(),
                8..30 => self.come_or_go(place),
                _ => self.flip(place),
            }
            self.count(|done| done.changes += 1);
        }
    }

    /// The configuration is read anew every few seconds, with another cluster left out or changed each time.
    pub(crate) async fn reload<T>(&self, exporter: &Exporter) -> T {
        let all = exporter.config.lock().unwrap().clone();
        let client = reqwest::Client::new();
        for number in 0.. {
            sleep(Duration::from_secs(3)).await;
            {
                let mut config = exporter.config.lock().unwrap();
                config.clusters.clone_from(&all.clusters);
                config.clusters[0].poll.stale_after = Duration::from_secs(10 + number % 7);
                if number % 2 == 0 {
                    config.clusters.remove(1);
                }
            }
            let url = format!("{}/-/reload", exporter.url);
            let answer = client.post(url).send().await.unwrap();
            assert_eq!(answer.status(), 200, "reload {number}");
            self.count(|done| done.reloads += 1);
        }
        unreachable!("the numbers have no end")
    }

    /// Plain and compressed in turn; each must be well formed, with exactly one state of each state set.
    pub(crate) async fn scrape<T>(&self, exporter: &Exporter) -> T {
        let client = reqwest::Client::new();
        let url = format!("{}/metrics", exporter.url);
        for encoding in ["gzip", "identity"].iter().cycle() {
            let asked = Instant::now();
            let request = client.get(&url).header("accept-encoding", *encoding);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let body = answer.bytes().await.unwrap();
            let mut text = String::new();
            let took = asked.elapsed();
            let read = match *encoding {
                "gzip" => GzDecoder::new(&body[..]).read_to_string(&mut text),
                _ => (&body[..]).read_to_string(&mut text),
            };
            assert_eq!(read.unwrap(), text.len(), "{encoding}");
            // The process' own series have no labels, which the strict reader wants.
            let own = text.find("# HELP clusterlink_exporter_").unwrap();
            let samples = exposition::read(&text[..own]);
            // The last cluster is never left out.
            let last = format!("cluster {}", id(CLUSTERS - 1));
            let is_there = |sample: &Sample| sample.label("cluster_name") == last;
            assert!(samples.iter().any(is_there), "{text}");
            self.count(|done| {
                done.scrapes += 1;
                done.slowest = done.slowest.max(took);
            });
            sleep(Duration::from_millis(50)).await;
        }
        unreachable!("a cycle has no end")
    }

    fn fault(&self, cluster: &str) {
        let (effect, path) = self.draw(|random| (effect(random), random.bool()));
        let fault = Fault::new(effect);
        let fault = if path {
            fault.on(PathKind::Link)
        } else {
            fault
        };
        self.simulator.set_fault(cluster, Some(fault)).unwrap();
        self.count(|done| done.faults += 1);
    }

    fn come_or_go(&self, place: LinkRef) {
        let gone = Change::RemoveLink {
            link: place.clone(),
        };
        if self.simulator.apply(&gone).is_err() {
            let come = Change::AddLink {
                cluster_id: place.cluster_id,
                link: Box::new(link(&place.link_name)),
            };
            self.simulator.apply(&come).unwrap();
        }
    }

    fn flip(&self, link: LinkRef) {
        let task = self.draw(|random| {
            let name = Link::TASKS[random.usize(..Link::TASKS.len())];
            if random.bool() {
                Task::new(name, "ACTIVE")
            } else {
                Task::new(name, "IN_ERROR").error("AUTHORIZATION_ERROR", "made up")
            }
        });
        // The link may be away just now.
        let _ = self.simulator.apply(&Change::Task { link, task });
    }

    fn draw<T>(&self, what: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        what(&mut self.random.lock().unwrap())
    }

    fn count(&self, what: impl FnOnce(&mut Done)) {
        what(&mut self.done.lock().unwrap());
    }
}

fn id(number: usize) -> String {
    format!("lkc-{number:03}")
}

fn name(number: usize) -> String {
    format!("link-{number:02}")
}

fn link(name: &str) -> Link {
    Link::new(name, Mode::Destination, "lkc-far")
}

fn effect(random: &mut fastrand::Rng) -> Effect {
    match random.u8(..10) {
        0 => Effect::Hang,
        1 => Effect::latency(Duration::from_millis(300)),
        2 => Effect::Throttled { retry_after: None },
        3 => Effect::Throttled {
            retry_after: Some("1".into()),
        },
        4 => Effect::ServiceUnavailable,
        5 => Effect::Unauthorized,
        6 => Effect::Disconnect,
        7 => Effect::CutAfterHeaders,
        8 => Effect::EndlessPages,
        _ => Effect::Broken(BrokenBody::ALL[random.usize(..BrokenBody::ALL.len())]),
    }
}
