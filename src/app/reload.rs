//! Reads the configuration again when asked: by SIGHUP, by `POST /-/reload` where that is permitted, or because the file
//! holds something else where `--config.auto-reload` watches it.
//!
//! Secrets and certificates need no reload: they are read anew for every poll. A bad file changes nothing.

use std::sync::Arc;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use super::{
    alerting::Policy, auto_reload::ConfigSource, clusters::Clusters, service::ReloadProgress,
};
use crate::{
    clock::Clock,
    config::{Config, Problems},
    file,
    http::ReloadRequest,
    notify::{self, Notifiers},
    telemetry::Telemetry,
};

/// Listens for SIGHUP from now on: one that came before would end the process. Panics outside a tokio runtime.
pub fn hangup() -> Signal {
    signal(SignalKind::hangup()).expect("a process may listen for SIGHUP")
}

/// Who asked for a reload.
enum Asked {
    Signal,
    Request(ReloadRequest),
    Change,
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
    pub(super) source: ConfigSource,
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
            let asked = tokio::select! {
                () = shutdown.cancelled() => break,
                _ = self.hangup.recv() => Asked::Signal,
                Some(answer) = requests.recv() => Asked::Request(answer),
                () = self.source.changed() => Asked::Change,
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
            if shutdown
                .run_until_cancelled(self.answer(asked))
                .await
                .is_none()
            {
                break;
            }
        }
        self.clusters.stopped().await;
    }

    async fn answer(&mut self, asked: Asked) {
        match asked {
            Asked::Change => {
                if let Some(loaded) = self.source.load_changed().await {
                    self.progress.began();
                    // It is in the log, where this comes from.
                    let _ = self.reload(loaded).await;
                }
            }
            Asked::Signal => _ = self.load_and_reload().await,
            Asked::Request(answer) => {
                let outcome = self.load_and_reload().await;
                // Who asked may have gone.
                let _ = answer.send(outcome);
            }
        }
    }

    async fn load_and_reload(&mut self) -> Result<(), String> {
        self.progress.began();
        let loaded = self.source.load().await;
        self.reload(loaded).await
    }

    async fn reload(&mut self, loaded: Result<Config, Problems>) -> Result<(), String> {
        let outcome = self.follow(loaded).await;
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

    async fn follow(&mut self, loaded: Result<Config, Problems>) -> Result<usize, String> {
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
