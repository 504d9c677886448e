//! Debian's Prometheus scrapes the exporter while it polls the simulator, and must see what happens there.

#[path = "support/prometheus.rs"]
mod prometheus;
mod support;

use std::time::Duration;

use cluster_link_exporter::{
    api::{self, Credential},
    app::{self, Web},
    config::{ClusterConfig, Config},
    http::WebConfig,
    poll::{self, LinkFilter},
    simulator::{self, Scenario, Simulator, Task},
};
use prometheus::Prometheus;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves the simulator and an exporter that polls each of its clusters every second; returns the exporter's address.
async fn exporter(simulator: &Simulator, shutdown: &CancellationToken) -> String {
    let api = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint: url::Url = format!("http://{}", api.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(simulator::serve(api, simulator.clone(), shutdown.clone()));

    let clusters = simulator.cluster_ids().into_iter().map(|id| ClusterConfig {
        name: format!("cluster {id}").into(),
        api: api::Settings {
            endpoint: endpoint.clone(),
            base_path: api::Settings::BASE_PATH.into(),
            cluster_id: Some(id.into()),
            credential: Credential::None,
            transport: api::Transport::default(),
            request_timeout: Duration::from_millis(500),
        },
        poll: poll::Settings {
            interval: Duration::from_secs(1),
            timeout: Duration::from_millis(800),
            max_concurrent_requests: 8,
            stale_after: Duration::from_secs(120),
            links: LinkFilter::all(),
        },
    });
    let config = Config {
        clusters: clusters.collect(),
        warnings: Vec::new(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let web = Web {
        listener,
        telemetry_path: "/metrics".into(),
        config: WebConfig::default(),
    };
    let shutdown = shutdown.clone();
    tokio::spawn(async move { app::run(&config, web, shutdown).await.unwrap() });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_sees_every_task_and_every_flip() {
    let simulator = Simulator::new(Scenario::named("demo").unwrap(), None);
    let shutdown = CancellationToken::new();
    let address = exporter(&simulator, &shutdown).await;
    let Some(prometheus) = Prometheus::scraping(&address) else {
        return support::skip(
            "prometheus_sees_every_task_and_every_flip",
            "`prometheus` is not on PATH; install the Debian package prometheus",
        );
    };

    let tasks = r#"count(clusterlink_task_state{state="ACTIVE"})"#;
    prometheus.until(tasks, "24").await;
    prometheus.until("min(up)", "1").await;
    for family in ["clusterlink_task_state", "clusterlink_link_state"] {
        let sums = format!("sum without (state) ({family})");
        prometheus.until(&format!("min({sums})"), "1").await;
        prometheus.until(&format!("max({sums})"), "1").await;
    }
    let documented = r#"clusterlink_task_errors{link_name="customers-both-ways",task_name="ConsumerOffsetSync",error_code="REMOTE_LINK_NOT_FOUND_ERROR"}"#;
    prometheus.until(documented, "1").await;

    let flipped = r#"clusterlink_task_state{link_name="datacentre-to-cloud",task_name="AclSync",state="IN_ERROR"}"#;
    prometheus.until(flipped, "0").await;
    let (cluster, link) = ("lkc-mig003", "datacentre-to-cloud");
    let failing = Task::new("AclSync", "IN_ERROR").error("AUTHORIZATION_ERROR", "made up");
    simulator.set_task(cluster, link, failing).unwrap();
    prometheus.until(flipped, "1").await;
    simulator
        .set_task(cluster, link, Task::new("AclSync", "ACTIVE"))
        .unwrap();
    prometheus.until(flipped, "0").await;
    let changes = r#"clusterlink_task_state_transitions_total{link_name="datacentre-to-cloud",task_name="AclSync"}"#;
    prometheus.until(changes, "2").await;
    shutdown.cancel();
}
