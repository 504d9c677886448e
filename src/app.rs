//! The composition root: the only file that knows everyone. Starts the parts, joins them, stops them.

mod alerting;
mod ids;
mod persistence;
mod pollers;
mod reload;

use std::sync::Arc;

use tokio::{
    net::TcpListener,
    signal::unix::Signal,
    sync::{mpsc, watch},
    task::spawn_blocking,
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::reload::{Load, hangup};
use self::{
    alerting::{Alerting, Policy},
    pollers::Pollers,
};
use crate::{
    api::{ApiError, Client},
    clock::Clock,
    config::{ClusterConfig, Config},
    file,
    http::{self, Reloads},
    journal::{OpenError, Rows, StateFile},
    metrics::{Exposition, Renderer},
    model::{Cluster, ClusterName, Endpoint, Snapshot},
    notify::{self, Couriers},
    poll::Poller,
    store::{Store, next_expiry},
    telemetry::Telemetry,
};

/// What to start.
pub struct Start {
    /// What to poll.
    pub config: Config,
    /// From [`hangup`]: a signal that came meanwhile reloads as soon as everything runs.
    pub hangup: Signal,
    /// Reads the configuration again, for SIGHUP and `POST /-/reload`.
    pub load: Load,
    /// The serving side.
    pub web: Web,
    /// `--alerting.dry-run`: what would be told is logged.
    pub dry_run: bool,
}

/// The serving side as it was asked for.
#[derive(Debug)]
pub struct Web {
    /// Already bound: an address in use is found out before anything starts.
    pub listener: TcpListener,
    /// `--web.telemetry-path`.
    pub telemetry_path: String,
    /// `--web.config.file`, already read.
    pub config: http::WebConfig,
    /// `--web.enable-lifecycle`.
    pub lifecycle: bool,
}

/// Why the exporter cannot start, or cannot follow a new configuration.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no client for a cluster.
    #[error("cluster `{cluster}`: {source}")]
    Cluster {
        /// Whose client.
        cluster: ClusterName,
        /// Why.
        source: ApiError,
    },
    /// The state file cannot be written.
    #[error(transparent)]
    StateFile(#[from] OpenError),
    /// There is no client for a receiver of alerts.
    #[error(transparent)]
    Receiver(#[from] notify::StartError),
}

/// Runs the exporter until the shutdown.
pub async fn run(start: Start, shutdown: CancellationToken) -> Result<(), StartError> {
    let Start {
        config,
        hangup,
        load,
        web,
        dry_run,
    } = start;
    let clock = Clock::system();
    let store = Arc::new(Store::new([]));
    let telemetry = Arc::new(Telemetry::new());
    let (file, remembered) = open_state_file(&config, &clock).await?;
    let (told, unreadable) = notify::restore_told(&remembered);
    let couriers = Couriers::new(
        told.clone(),
        telemetry.clone(),
        clock.clone(),
        shutdown.clone(),
    );
    let couriers = Arc::new(couriers);
    if !dry_run {
        reload::tell(&couriers, &config.alerting.receivers).await?;
    }
    let (publish_alerts, alerts) = watch::channel(Arc::from([]));
    let alerting = Alerting {
        engine: Policy::of(&config).engine(persistence::engine_rows(&remembered)),
        notification_builder: Policy::of(&config).notification_builder,
        couriers: couriers.clone(),
        file: file.clone(),
        telemetry: telemetry.clone(),
        clock: clock.clone(),
        dry_run,
        publish: publish_alerts,
    };
    let mut pollers = Pollers::new(store.clone(), clock.clone(), remembered, shutdown.clone());
    let baseline = pollers.follow(&config).await?;
    telemetry.reloaded(clock.now());

    let tasks = TaskTracker::new();
    let delivered = CancellationToken::new();
    let recording = file.map(|file| {
        file.write(unreadable);
        let links =
            persistence::record(file.clone(), baseline, store.subscribe(), shutdown.clone());
        tasks.spawn(links);
        let told = persistence::record_told(file, told, couriers.told(), delivered.clone());
        (!dry_run).then(|| tokio::spawn(told))
    });
    let (policies, new_policies) = mpsc::channel(1);
    tasks.spawn(alerting.run(store.subscribe(), new_policies, shutdown.clone()));

    let mut renderer = Renderer::default();
    // Rendered before anything is served: a cluster that never answers has its poll series from the first second.
    let (publish, exposition) = watch::channel(renderer.render(&store.snapshot()));
    let rendering = render(renderer, store.subscribe(), publish);
    tasks.spawn(shutdown.clone().run_until_cancelled_owned(rendering));
    let app = http::AppState {
        snapshot: store.subscribe(),
        exposition,
        telemetry: telemetry.clone(),
        alerts,
        couriers: couriers.clone(),
        clock: clock.clone(),
        telemetry_path: web.telemetry_path,
    };
    let expiring = expire(store, clock.clone());
    tasks.spawn(shutdown.clone().run_until_cancelled_owned(expiring));
    let (reloads, requests) = Reloads::channel();
    let reloading = reload::Reloading {
        hangup,
        pollers,
        load,
        couriers: couriers.clone(),
        receivers: (!dry_run).then_some(config.alerting.receivers),
        policies,
        telemetry,
        clock,
    };
    tasks.spawn(reloading.run(requests, shutdown.clone()));
    tasks.close();

    let settings = http::Settings {
        web_config: web.config,
        reloads: web.lifecycle.then(|| reloads.clone()),
        ..http::Settings::default()
    };
    let address = web.listener.local_addr();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        clusters = config.clusters.len(),
        scheme = settings.web_config.scheme(),
        address = address.map_or_else(|error| error.to_string(), |address| address.to_string()),
        "serving"
    );
    http::serve(web.listener, Arc::new(app), settings, shutdown).await;
    drop(reloads);
    tasks.wait().await;
    couriers.stopped().await;
    delivered.cancel();
    if let Some(Some(recording)) = recording {
        // It ended, or it panicked and is gone as well.
        let _ = recording.await;
    }
    Ok(())
}

async fn open_state_file(
    config: &Config,
    clock: &Clock,
) -> Result<(Option<Arc<StateFile>>, Rows), OpenError> {
    let (path, clock) = (config.state_file.clone(), clock.clone());
    file::unblocked(move || persistence::open(path.as_deref(), &clock)).await
}

/// A store of the configured clusters, none of them polled.
pub fn store(config: &Config) -> Store {
    Store::new(config.clusters.iter().map(unpolled))
}

/// What polls the cluster. Blocks for as long as the files of a `tls_config` may take.
pub fn poller(cluster: &ClusterConfig, clock: &Clock) -> Result<Poller, StartError> {
    let client = Client::new(cluster.api.clone()).map_err(|source| StartError::Cluster {
        cluster: cluster.name.clone(),
        source,
    })?;
    Ok(Poller::new(client, cluster.poll.clone(), clock.clone()))
}

/// The cluster before its first poll.
fn unpolled(cluster: &ClusterConfig) -> Cluster {
    let id = cluster.api.cluster_id.clone();
    let discovery = id.is_none().then_some(Endpoint::Clusters);
    let endpoints: Vec<_> = discovery
        .into_iter()
        .chain(cluster.poll.endpoints())
        .collect();
    Cluster {
        endpoint: format!("{}{}", cluster.api.endpoint, cluster.api.base_path).into(),
        intent: Arc::new(cluster.intent()),
        ..Cluster::unpolled(cluster.name.clone(), id, cluster.poll.limits(), &endpoints)
    }
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
