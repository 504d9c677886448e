//! The composition root: the only file that knows everyone. Starts the parts, joins them, stops them.

use std::sync::Arc;

use tokio::{net::TcpListener, sync::watch, task::spawn_blocking, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api::{ApiError, Client},
    config::{ClusterConfig, Config},
    http, journal,
    metrics::{Exposition, Renderer},
    model::{Cluster, ClusterName, Endpoint, Report, Snapshot},
    poll::{Clock, Schedule, poll, survey},
    store::{Store, next_expiry},
    telemetry::Telemetry,
};

/// The serving side as it was asked for.
#[derive(Debug)]
pub struct Web {
    /// Already bound: an address in use is found out before anything starts.
    pub listener: TcpListener,
    /// `--web.telemetry-path`.
    pub telemetry_path: String,
    /// `--web.config.file`, already read.
    pub config: http::WebConfig,
}

/// Why the exporter cannot start.
#[derive(Debug, thiserror::Error)]
#[error("cluster `{cluster}`: {source}")]
pub struct StartError {
    cluster: ClusterName,
    source: ApiError,
}

/// Runs the exporter until the shutdown.
pub async fn run(config: &Config, web: Web, shutdown: CancellationToken) -> Result<(), StartError> {
    let clock = Clock::system();
    let clients: Vec<_> = config
        .clusters
        .iter()
        .map(client)
        .collect::<Result<_, _>>()?;
    let store = Arc::new(store(config));
    let mut renderer = Renderer::default();
    // Rendered before anything is served: a cluster that never answers has its poll series from the first second.
    let (publish, exposition) = watch::channel(renderer.render(&store.snapshot()));
    let telemetry = Arc::new(Telemetry::new());
    telemetry.reloaded(clock.now());
    let view = http::View {
        snapshot: store.subscribe(),
        exposition,
        telemetry,
        clock: clock.clone(),
        telemetry_path: web.telemetry_path,
    };

    let tasks = TaskTracker::new();
    for (cluster, client) in config.clusters.iter().zip(clients) {
        tasks.spawn(watch_cluster(
            cluster.clone(),
            client,
            store.clone(),
            clock.clone(),
            shutdown.clone(),
        ));
    }
    tasks.spawn(shutdown.clone().run_until_cancelled_owned(render(
        renderer,
        store.subscribe(),
        publish,
    )));
    tasks.spawn(
        shutdown
            .clone()
            .run_until_cancelled_owned(expire(store, clock)),
    );
    tasks.close();

    let address = web
        .listener
        .local_addr()
        .map(|address| address.to_string())
        .unwrap_or_default();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        clusters = config.clusters.len(),
        scheme = web.config.scheme(),
        address,
        "serving"
    );
    let settings = http::Settings {
        web_config: web.config,
        ..http::Settings::default()
    };
    http::serve(web.listener, Arc::new(view), settings, shutdown).await;
    tasks.wait().await;
    Ok(())
}

/// A store of the configured clusters, none of them polled.
pub fn store(config: &Config) -> Store {
    Store::new(config.clusters.iter().map(|cluster| {
        let id = cluster.api.cluster_id.clone();
        let discovery = id.is_none().then_some(Endpoint::Clusters);
        let endpoints: Vec<_> = discovery
            .into_iter()
            .chain([Endpoint::Links, Endpoint::Link])
            .collect();
        Cluster::unpolled(cluster.name.clone(), id, cluster.poll.limits(), &endpoints)
    }))
}

/// A client for the cluster.
pub fn client(cluster: &ClusterConfig) -> Result<Client, StartError> {
    let refused = |source| StartError {
        cluster: cluster.name.clone(),
        source,
    };
    Client::new(cluster.api.clone()).map_err(refused)
}

/// Polls one cluster by its own schedule and keeps and journals what comes.
async fn watch_cluster(
    cluster: ClusterConfig,
    client: Client,
    store: Arc<Store>,
    clock: Clock,
    shutdown: CancellationToken,
) {
    let schedule = Schedule::jittered(cluster.poll.interval, fastrand::f64());
    let ask = || survey(&client, &cluster.poll, &clock);
    let tell = |report: Report| {
        tracing::debug!(cluster_name = %cluster.name, took = ?report.took, requests = report.requests.len(), "polled");
        for event in store.report(&cluster.name, report) {
            journal::write(&event);
        }
    };
    poll(schedule, ask, tell, shutdown).await;
}

/// Renders every snapshot once, off the request path. Snapshots that come while one is rendered are taken together.
async fn render(
    mut renderer: Renderer,
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    publish: watch::Sender<Exposition>,
) {
    while snapshots.changed().await.is_ok() {
        let snapshot = snapshots.borrow_and_update().clone();
        let work = move || (renderer.render(&snapshot), renderer);
        let (exposition, back) = spawn_blocking(work)
            .await
            .expect("rendering does not panic");
        renderer = back;
        publish.send_replace(exposition);
    }
}

/// Withdraws what is too old, at the moment it becomes so.
async fn expire(store: Arc<Store>, clock: Clock) {
    let mut snapshots = store.subscribe();
    loop {
        let next = next_expiry(&snapshots.borrow_and_update());
        let too_old = async {
            let Some(at) = next else {
                return std::future::pending().await;
            };
            let ahead = at.duration_since(clock.now());
            sleep(ahead.try_into().unwrap_or_default()).await;
        };
        tokio::select! {
            () = too_old => store.expire(clock.now()),
            changed = snapshots.changed() => if changed.is_err() { return },
        }
    }
}
