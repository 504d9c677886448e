//! Reads the configuration again when asked: by SIGHUP, or by `POST /-/reload` where that is permitted.
//!
//! Secrets and certificates need no reload: they are read anew for every poll. A bad file changes nothing.

use std::sync::Arc;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use super::{alerting::Policy, clusters::Clusters, service::ReloadProgress};
use crate::{
    clock::Clock,
    config::{Config, Problems},
    file,
    http::ReloadRequest,
    notify::{self, Notifiers},
    telemetry::Telemetry,
};

/// Reads the configuration, or says everything that is wrong with it.
pub type Load = Arc<dyn Fn() -> Result<Config, Problems> + Send + Sync>;

/// Listens for SIGHUP from now on: one that came before would end the process. Panics outside a tokio runtime.
pub fn hangup() -> Signal {
    signal(SignalKind::hangup()).expect("a process may listen for SIGHUP")
}

/// What a reload needs.
pub(super) struct Reloading {
    /// From [`hangup`].
    pub(super) hangup: Signal,
    pub(super) clusters: Clusters,
    /// The configuration in force.
    pub(super) config: Config,
    pub(super) notifiers: Arc<Notifiers>,
    /// Whom the notifiers notify now; `None` in a dry run.
    pub(super) receivers: Option<Vec<notify::Settings>>,
    pub(super) policies: mpsc::Sender<Policy>,
    pub(super) load: Load,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) clock: Clock,
    pub(super) progress: ReloadProgress,
}

impl Reloading {
    /// Reloads whenever asked, one after the other, until the shutdown; then waits for the polls to stop.
    pub(super) async fn run(
        mut self,
        mut requests: mpsc::Receiver<ReloadRequest>,
        shutdown: CancellationToken,
    ) {
        loop {
            let answer = tokio::select! {
                () = shutdown.cancelled() => break,
                _ = self.hangup.recv() => None,
                Some(answer) = requests.recv() => Some(answer),
                Some(news) = self.clusters.news() => {
                    let follow = self.clusters.take(news, &self.config);
                    // For the same reason as below.
                    if shutdown.run_until_cancelled(follow).await.is_none() {
                        break;
                    }
                    continue;
                }
            };
            // A disk that does not answer must not hold up the stop.
            let Some(outcome) = shutdown.run_until_cancelled(self.reload()).await else {
                break;
            };
            if let Some(answer) = answer {
                // Who asked may have gone.
                let _ = answer.send(outcome);
            }
        }
        self.clusters.stopped().await;
    }

    async fn reload(&mut self) -> Result<(), String> {
        self.progress.began();
        let outcome = self.follow().await;
        self.progress.ended(outcome.is_ok());
        match &outcome {
            Ok(clusters) => {
                self.telemetry.reloaded(self.clock.now());
                tracing::info!(clusters, "configuration reloaded");
            }
            Err(problems) => {
                self.telemetry.reload_failed();
                for problem in problems.lines() {
                    tracing::error!(problem, "configuration not reloaded, it stays as it was");
                }
            }
        }
        outcome.map(drop)
    }

    async fn follow(&mut self) -> Result<usize, String> {
        let load = self.load.clone();
        let loaded = file::unblocked(move || load()).await;
        let config = loaded.map_err(|problems| problems.to_string())?;
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        if self.receivers.is_some() {
            let followed = follow_receivers(&self.notifiers, &config.alerting.receivers).await;
            followed.map_err(|error| error.to_string())?;
        }
        if let Err(error) = self.clusters.follow(&config).await {
            if let Some(receivers) = &self.receivers {
                // What was in force a moment ago still can be.
                let _ = follow_receivers(&self.notifiers, receivers).await;
            }
            return Err(error.to_string());
        }
        if let Some(receivers) = &mut self.receivers {
            receivers.clone_from(&config.alerting.receivers);
        }
        self.telemetry.links(&config.alerting.links);
        // The engine ends with the exporter.
        let _ = self.policies.send(Policy::of(&config)).await;
        let clusters = config.clusters.len();
        self.config = config;
        Ok(clusters)
    }
}

/// Notifies these receivers from now on.
pub(super) async fn follow_receivers(
    notifiers: &Arc<Notifiers>,
    receivers: &[notify::Settings],
) -> Result<(), notify::StartError> {
    let (notifiers, receivers) = (notifiers.clone(), receivers.to_vec());
    file::unblocked(move || notifiers.follow(&receivers)).await
}
