//! A simulated server and an exporter that polls it every 30 s, by a clock that only the test moves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use cluster_link_exporter::{
    api::{self, Client, Credential},
    clock::Clock,
    metrics::Renderer,
    model::{Cluster as Kept, Event, MirrorDetail, Report, Snapshot},
    poll::{self, Collect, LinkFilter, Poller},
    simulator::{self, Cluster, Link, PathKind, Scenario, Simulator, World},
    store::Store,
};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub(crate) const CLUSTER: &str = "lkc-east01";
pub(crate) const START: i64 = 1_800_000_000;

pub(crate) struct Scene {
    pub(crate) simulator: Simulator,
    poller: Poller,
    store: Store,
    renderer: Renderer,
    /// Seconds since 1970.
    now: Arc<AtomicI64>,
}

pub(crate) const ALL: Collect = Collect {
    configs: true,
    mirrors: MirrorDetail::All,
};

impl Scene {
    pub(crate) async fn new(links: impl Into<Vec<Link>>, collect: Collect) -> Self {
        let world = World::new([Cluster::new(CLUSTER, links)]);
        let simulator = Simulator::new(Scenario::still(world), None);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let served = simulator::serve(listener, simulator.clone(), CancellationToken::new());
        tokio::spawn(served);
        let client = Client::new(api::Settings {
            endpoint: endpoint.parse().unwrap(),
            base_path: api::Settings::BASE_PATH.into(),
            cluster_id: Some(CLUSTER.into()),
            credential: Credential::None,
            transport: api::Transport::default(),
            request_timeout: api::Settings::REQUEST_TIMEOUT,
        });
        let settings = poll::Settings {
            interval: poll::Settings::INTERVAL,
            timeout: poll::Settings::TIMEOUT,
            max_concurrent_requests: poll::Settings::MAX_CONCURRENT_REQUESTS,
            stale_after: Duration::from_secs(120),
            links: LinkFilter::all(),
            collect,
        };
        let kept = Kept::unpolled(
            "dr".into(),
            Some(CLUSTER.into()),
            settings.limits(),
            &settings.endpoints(),
        );
        let now = Arc::new(AtomicI64::new(START));
        let told = now.clone();
        let clock = Clock::told_by(move || second(told.load(Ordering::Relaxed)));
        Self {
            simulator,
            poller: Poller::new(client.unwrap(), settings, clock),
            store: Store::new([kept]),
            renderer: Renderer::default(),
            now,
        }
    }

    /// Polls and keeps the report, then lets 30 s pass.
    pub(crate) async fn poll(&mut self) -> (Report, Vec<Event>) {
        let before = self.store.snapshot();
        let before = before.cluster(&"dr".into());
        let report = self.poller.poll_once(before).await;
        let events = self.store.report(&"dr".into(), report.clone());
        self.now.fetch_add(30, Ordering::Relaxed);
        (report, events)
    }

    /// The requests of one poll: list, describes, settings, mirror topics, single mirror topics.
    pub(crate) async fn cost(&mut self) -> [u64; 5] {
        self.simulator.forget_requests();
        self.poll().await;
        let requests = self.simulator.requests();
        let kinds = [
            PathKind::Links,
            PathKind::Link,
            PathKind::Configs,
            PathKind::Mirrors,
            PathKind::Mirror,
        ];
        let counts = kinds.map(|kind| requests.count(CLUSTER, kind));
        assert_eq!(
            counts.iter().sum::<u64>(),
            requests.total(),
            "nothing else is asked for"
        );
        counts
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.store.snapshot()
    }

    /// The lines of the exposition that hold all of these parts.
    pub(crate) fn lines(&mut self, parts: &[&str]) -> Vec<String> {
        let exposition = self.renderer.render(&self.store.snapshot());
        let text = String::from_utf8(exposition.body("", false).frames.concat()).unwrap();
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples
            .filter(|line| parts.iter().all(|part| line.contains(part)))
            .map(str::to_owned)
            .collect()
    }

    /// The value of the only sample that holds all of these parts; `None` where there is none.
    pub(crate) fn value(&mut self, parts: &[&str]) -> Option<f64> {
        let lines = self.lines(parts);
        assert!(lines.len() < 2, "{lines:?}");
        let (_, value) = lines.first()?.rsplit_once(' ').expect("a sample");
        Some(value.parse().expect("a number"))
    }
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}
