//! A whole exporter in this process, watching a simulator over loopback.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use cluster_link_exporter::{
    alert::Overrides,
    api,
    app::{self, Start, Web},
    client::{Credential, Transport},
    config::{Alerting, ClusterConfig, Config, Discoveries},
    http::WebConfig,
    journal::Transitions,
    poll::{self, Collect, LinkFilter},
    simulator::{self, Simulator},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Stops with the value.
pub(crate) struct Exporter {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    /// What the next reload reads.
    pub(crate) config: Arc<Mutex<Config>>,
    shutdown: CancellationToken,
}

impl Exporter {
    /// Polls each cluster of the simulator every second.
    pub(crate) async fn watching(simulator: &Simulator) -> Self {
        Self::watching_every(Duration::from_secs(1), simulator).await
    }

    /// Polls each cluster of the simulator at this interval.
    pub(crate) async fn watching_every(interval: Duration, simulator: &Simulator) -> Self {
        let shutdown = CancellationToken::new();
        let api = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", api.local_addr().unwrap());
        let simulation = simulator::serve(api, simulator.clone(), shutdown.clone());
        tokio::spawn(simulation);

        let ids = simulator.cluster_ids();
        let clusters = ids
            .iter()
            .map(|id| cluster(id, &endpoint, interval))
            .collect();
        let config = Config {
            clusters,
            discovery: Discoveries::default(),
            state_file: None,
            transitions_kept: Transitions::KEPT,
            rules: Overrides::default(),
            alerting: Alerting::default(),
            warnings: Vec::new(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let again = Arc::new(Mutex::new(config.clone()));
        let load = again.clone();
        let start = Start {
            hangup: cluster_link_exporter::app::hangup(),
            config,
            load: Arc::new(move || Ok(load.lock().unwrap().clone())),
            auto_reload: None,
            web: Web {
                listener,
                telemetry_path: "/metrics".into(),
                config: WebConfig::default(),
                lifecycle: true,
                shard: None,
            },
            dry_run: false,
            service_manager: None,
        };
        let stop = shutdown.clone();
        tokio::spawn(async move { app::start(start).await.unwrap().until(stop).await });
        Self {
            url,
            config: again,
            shutdown,
        }
    }

    /// The text of `/metrics`.
    pub(crate) async fn metrics(&self) -> String {
        let answer = reqwest::get(format!("{}/metrics", self.url)).await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.text().await.unwrap()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// A cluster named `cluster <id>`.
fn cluster(id: &str, endpoint: &str, interval: Duration) -> ClusterConfig {
    ClusterConfig {
        name: format!("cluster {id}").into(),
        api: api::Settings {
            endpoint: endpoint.parse().unwrap(),
            base_path: api::Settings::BASE_PATH.into(),
            cluster_id: Some(id.into()),
            credential: Credential::None,
            transport: Transport::default(),
            request_timeout: interval * 8 / 10,
        },
        poll: poll::Settings {
            interval,
            timeout: interval * 9 / 10,
            max_concurrent_requests: 8,
            stale_after: Duration::from_secs(120),
            links: LinkFilter::all(),
            collect: Collect::default(),
        },
        expect: Vec::new(),
        unusable: None,
    }
}

/// The value of the only series that begins so; `None` where there is none.
pub(crate) fn value(metrics: &str, series: &str) -> Option<f64> {
    let mut lines = metrics.lines().filter_map(|line| line.strip_prefix(series));
    let found = lines.next()?.rsplit_once(' ')?.1.parse().ok()?;
    assert!(lines.next().is_none(), "{series} is not one series");
    Some(found)
}
