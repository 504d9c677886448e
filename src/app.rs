//! The composition root: the only file that knows everyone. Starts the parts, joins them, stops them.

mod alerting;
mod auto_reload;
mod clusters;
mod discoveries;
mod dry_run;
mod ids;
mod pace;
mod parts;
mod persistence;
mod poll_thread;
mod poller;
mod pollers;
mod reload;
mod retry_after;
mod service;

use std::sync::Arc;

use tokio::{net::TcpListener, signal::unix::Signal, sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use self::{
    alerting::{Publish, Published},
    auto_reload::ConfigSource,
    clusters::Clusters,
    parts::Parts,
};
pub use self::{
    auto_reload::{AutoReload, Load},
    poller::ClusterPoller,
    reload::hangup,
};
use crate::{
    api::{self, ApiError},
    clock::Clock,
    config::{ClusterConfig, Config, Discoveries},
    discovery::{self, DiscoveryError, List},
    file,
    http::{self, Reloads},
    journal::Transitions,
    metrics::Exposition,
    model::{Cluster, ClusterName, Endpoint, Failure, Reason, Shard},
    notify,
    poll::{self, Probe},
    state_file::{OpenError, Rows, StateFile},
    store::Store,
    telemetry::systemd::ServiceManager,
};

/// What to start.
pub struct Start {
    /// What to poll.
    pub config: Config,
    /// From [`hangup`]: a signal that came meanwhile reloads as soon as everything runs.
    pub hangup: Signal,
    /// Reads the configuration again, for SIGHUP and `POST /-/reload`.
    pub load: Load,
    /// `--config.auto-reload`: the file to watch.
    pub auto_reload: Option<AutoReload>,
    /// The serving side.
    pub web: Web,
    /// `--alerting.dry-run`: notifications are logged and not sent.
    pub dry_run: bool,
    /// Who wants to hear how it goes.
    pub service_manager: Option<ServiceManager>,
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
    /// `--shard`: the configuration has only the clusters of this shard.
    pub shard: Option<Shard>,
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
    /// What a template came to for a discovered cluster is no cluster: every problem with it. Whoever prints it names the
    /// cluster.
    #[error("the template of `discovery` comes to no cluster that can be polled: {0}")]
    Unusable(String),
    /// There is no client for a discovery, or it could not be asked.
    #[error("discovery at `{discovery}`: {source}")]
    Discovery {
        /// The host.
        discovery: String,
        /// Why.
        source: DiscoveryError,
    },
    /// The state file cannot be written.
    #[error(transparent)]
    StateFile(#[from] OpenError),
    /// There is no client for a receiver of alerts.
    #[error(transparent)]
    Receiver(#[from] notify::StartError),
}

/// Every part runs but the web server.
#[must_use = "nothing is served before `until`"]
pub struct Running {
    parts: Parts,
    web: Web,
    clusters: usize,
    exposition: watch::Receiver<Exposition>,
    published: Published,
    reloads: Reloads,
    /// Writes down what was notified, until all is delivered.
    recording: Option<JoinHandle<()>>,
}

/// Starts every part but the web server: polls are made and alerts are told from now on.
pub async fn start(start: Start) -> Result<Running, StartError> {
    let (config, dry_run) = (start.config, start.dry_run);
    let clock = Clock::system();
    let (file, remembered) = open_state_file(&config, &clock).await?;
    let (notified, unreadable) = notify::restore_notified(&remembered);
    let history = Transitions::restored(config.transitions_kept, &remembered, file.clone());
    let parts = Parts::new(clock, notified.clone(), history);
    if !dry_run {
        reload::follow_receivers(&parts.notifiers, &config.alerting.receivers).await?;
    }
    let (publish, published) = Publish::channels();
    let alerting = parts.alerting(&config, &remembered, file.clone(), dry_run, publish);
    let mut clusters = Clusters::new(&parts, remembered, file.clone(), start.web.shard);
    let known = clusters.follow(&config).await?;
    parts.show(&config, start.web.shard);

    let recording = file.and_then(|file| {
        file.write(unreadable);
        parts.record(file, known, (!dry_run).then_some(notified))
    });
    let policies = parts.decide(alerting);
    let exposition = parts.render();
    let shown = (&published.alerts, &exposition);
    let progress = parts.announce(start.service_manager, shown, &config);
    let (reloads, requests) = Reloads::channel();
    let count = config.clusters.len();
    let reloading = reload::Reloading {
        hangup: start.hangup,
        clusters,
        source: ConfigSource::new(start.load, start.auto_reload),
        notifiers: parts.notifiers.clone(),
        receivers: (!dry_run).then(|| config.alerting.receivers.clone()),
        config,
        policies,
        telemetry: parts.telemetry.clone(),
        clock: parts.clock.clone(),
        progress,
    };
    parts.spawn(reloading.run(requests, parts.stop.clone()));
    Ok(Running {
        parts,
        web: start.web,
        clusters: count,
        exposition,
        published,
        reloads,
        recording,
    })
}

impl Running {
    /// Serves until the shutdown, then waits for every part to stop.
    pub async fn until(self, shutdown: CancellationToken) {
        let stop = self.parts.stop.clone();
        let stopping = async {
            shutdown.cancelled().await;
            stop.cancel();
        };
        tokio::join!(stopping, self.serve());
    }

    async fn serve(self) {
        let Self { parts, web, .. } = self;
        let state = http::AppState {
            snapshot: parts.store.subscribe(),
            exposition: self.exposition,
            telemetry: parts.telemetry,
            alerts: self.published.alerts,
            notification_builder: self.published.builder,
            transitions: parts.history,
            notifiers: parts.notifiers.clone(),
            clock: parts.clock,
            telemetry_path: web.telemetry_path,
            shard: web.shard,
        };
        let settings = http::Settings {
            web_config: web.config,
            reloads: web.lifecycle.then(|| self.reloads.clone()),
            ..http::Settings::default()
        };
        let address = web.listener.local_addr();
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            clusters = self.clusters,
            scheme = settings.web_config.scheme(),
            address = address.map_or_else(|error| error.to_string(), |address| address.to_string()),
            "serving"
        );
        http::serve(web.listener, Arc::new(state), settings, parts.stop).await;
        drop(self.reloads);
        parts.tasks.close();
        parts.tasks.wait().await;
        parts.notifiers.stopped().await;
        parts.delivered.cancel();
        if let Some(recording) = self.recording {
            // It ended, or it panicked and is gone as well.
            let _ = recording.await;
        }
    }
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

/// What polls each cluster. Blocks for as long as the files of a `tls_config` may take. Where `discovered` is not, a client
/// that cannot be made fails that cluster alone.
pub fn pollers(config: &Config, clock: &Clock) -> Result<Vec<ClusterPoller>, StartError> {
    let is_by_hand = |cluster: &ClusterConfig| {
        let mut by_hand = config.discovery.by_hand.iter();
        by_hand.any(|(name, _)| *name == cluster.name)
    };
    let pollers = config.clusters.iter().cloned().map(|cluster| {
        if is_by_hand(&cluster) {
            ClusterPoller::ready(cluster, clock)
        } else {
            Ok(ClusterPoller::lazy(cluster, clock))
        }
    });
    pollers.collect()
}

/// Asks a discovery for its list, once.
async fn ask(settings: &discovery::Settings) -> Result<List, StartError> {
    let of = settings.clone();
    let client = file::unblocked(move || discoveries::client(&of)).await?;
    let list = client.list(Clock::system().now()).await;
    list.map_err(|source| at(settings, source))
}

fn at(settings: &discovery::Settings, source: DiscoveryError) -> StartError {
    StartError::Discovery {
        discovery: settings.label().to_owned(),
        source,
    }
}

/// A list for each discovery that could be asked, and what could not be asked, or not whole.
pub async fn lists(discoveries: &Discoveries) -> (Vec<Option<Arc<List>>>, Vec<StartError>) {
    let (mut lists, mut problems) = (Vec::new(), Vec::new());
    for item in &discoveries.items {
        match ask(&item.settings).await {
            Ok(list) => {
                if !list.is_complete() {
                    let incomplete = DiscoveryError::Unreadables(list.unreadable);
                    problems.push(at(&item.settings, incomplete));
                }
                lists.push(Some(Arc::new(list)));
            }
            Err(error) => {
                problems.push(error);
                lists.push(None);
            }
        }
    }
    (lists, problems)
}

/// The configuration with the clusters that its discoveries find now, as if they were listed by hand, and what could not be
/// asked, or not whole: that hides nothing of what is known.
pub async fn with_discovered(mut config: Config) -> (Config, Vec<StartError>) {
    let (lists, problems) = lists(&config.discovery).await;
    let discovered = config.discovery.discovered(&lists).clusters;
    config.clusters.extend(discovered);
    (config, problems)
}

impl StartError {
    /// Why a discovered cluster that is none cannot be polled.
    pub(crate) fn unusable(cluster: &ClusterConfig) -> Self {
        Self::Unusable(cluster.unusable.clone().unwrap_or_default())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let message = error.to_string();
        match error {
            StartError::Cluster { source, .. } => source.into(),
            // Nothing is sent.
            _ => Self {
                reason: Reason::Connect,
                message,
            },
        }
    }
}

/// Tries the cluster once, to see what of it is allowed. What fails is in the answer.
pub async fn probe(cluster: &ClusterConfig, clock: &Clock) -> Probe {
    let settings = cluster.api.clone();
    match file::unblocked(move || api::Client::new(settings)).await {
        Ok(client) => poll::probe(&client, &cluster.poll, clock).await,
        Err(error) => Probe::failed(cluster.api.cluster_id.clone(), &cluster.poll, error),
    }
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
