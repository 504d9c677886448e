//! An exporter of one cluster from the API to the exposition: the test polls it and moves its time of day.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use cluster_link_exporter::{
    api::{self, Client},
    client::{Credential, Transport},
    clock::Clock,
    metrics::{Format, Renderer},
    model::{Cluster, Event, Report, Snapshot},
    poll::{self, Collect, LinkFilter, Poller},
    simulator::{self, Simulator},
    store::Store,
};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The name of its cluster.
const NAME: &str = "dr";

pub(crate) struct Watcher {
    poller: Poller,
    store: Store,
    renderer: Renderer,
    time: Time,
}

/// A time of day that stands still until the test moves it.
#[derive(Clone)]
pub(crate) struct Time(Arc<AtomicI64>);

impl Watcher {
    /// One that has not polled yet; it is so many seconds after 1970.
    pub(crate) fn new(api: api::Settings, settings: poll::Settings, second: i64) -> Self {
        let id = api.cluster_id.clone();
        let cluster = Cluster::unpolled(NAME.into(), id, settings.limits(), &settings.endpoints());
        let time = Time::at(second);
        Self {
            poller: poller(api, settings, time.clock()),
            store: Store::new([cluster]),
            renderer: Renderer::default(),
            time,
        }
    }

    /// From now on the cluster is asked here and for this; what is known of it stays.
    pub(crate) fn turn_to(&mut self, api: api::Settings, settings: poll::Settings) {
        self.poller = poller(api, settings, self.time.clock());
    }

    /// Polls once and keeps what the poll brought.
    pub(crate) async fn poll(&mut self) -> (Report, Vec<Event>) {
        let before = self.store.snapshot();
        let report = self
            .poller
            .poll_once(before.cluster(NAME).map(Arc::as_ref))
            .await;
        let events = self.store.report(&NAME.into(), report.clone());
        (report, events)
    }

    pub(crate) fn time(&self) -> &Time {
        &self.time
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.store.snapshot()
    }

    /// What a scrape would get.
    pub(crate) fn exposition(&mut self) -> String {
        let exposition = self.renderer.render(&self.store.snapshot());
        let bytes = exposition.body(Format::Text, String::new(), false).concat();
        String::from_utf8(bytes).expect("an exposition is UTF-8")
    }
}

impl Time {
    /// So many seconds after 1970.
    pub(crate) fn at(second: i64) -> Self {
        Self(Arc::new(second.into()))
    }

    pub(crate) fn turn_to(&self, second: i64) {
        self.0.store(second, Relaxed);
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds.cast_signed(), Relaxed);
    }

    /// Tells it to an exporter.
    pub(crate) fn clock(&self) -> Clock {
        let second = self.0.clone();
        Clock::told_by(move || Timestamp::from_second(second.load(Relaxed)).expect("our time"))
    }
}

pub(crate) fn poller(api: api::Settings, settings: poll::Settings, clock: Clock) -> Poller {
    Poller::new(Client::new(api).unwrap(), settings, clock)
}

/// The API of a cluster, where nobody has to sign in.
pub(crate) fn api(endpoint: &str, cluster_id: &str) -> api::Settings {
    api::Settings {
        endpoint: endpoint.parse().unwrap(),
        base_path: api::Settings::BASE_PATH.into(),
        cluster_id: Some(cluster_id.into()),
        credential: Credential::None,
        transport: Transport::default(),
        request_timeout: api::Settings::REQUEST_TIMEOUT,
    }
}

/// All links, polled as a configuration that says nothing of it has them polled.
pub(crate) fn polling(collect: Collect) -> poll::Settings {
    poll::Settings {
        interval: poll::Settings::INTERVAL,
        timeout: poll::Settings::TIMEOUT,
        max_concurrent_requests: poll::Settings::MAX_CONCURRENT_REQUESTS,
        stale_after: Duration::from_secs(120),
        links: LinkFilter::all(),
        collect,
    }
}

/// Serves the simulator for as long as the test runs; the endpoint.
pub(crate) async fn serve(simulator: &Simulator) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = simulator::serve(listener, simulator.clone(), CancellationToken::new());
    tokio::spawn(serving);
    endpoint
}
