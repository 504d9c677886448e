//! The clusters that are polled, those that are listed by hand and those that are discovered, and what a reload or a list of an
//! organisation makes of them.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{
    StartError,
    discoveries::{News, Watches},
    parts::Parts,
    pollers::{Pollers, Ready},
};
use crate::{
    config::Config,
    model::{Shard, Snapshot},
    state_file::{Rows, StateFile},
    telemetry::Telemetry,
};

/// What polls and what discovers.
pub(super) struct Clusters {
    pollers: Pollers,
    watches: Watches,
    /// What the watches bring.
    news: mpsc::Receiver<News>,
    shard: Option<Shard>,
    /// Where rows are that nobody wants any more.
    file: Option<Arc<StateFile>>,
    telemetry: Arc<Telemetry>,
}

impl Clusters {
    /// None yet. The first that are followed go on with the history in `remembered`.
    pub(super) fn new(
        parts: &Parts,
        remembered: Rows,
        file: Option<Arc<StateFile>>,
        shard: Option<Shard>,
    ) -> Self {
        let (watches, news) = Watches::new(parts.clock.clone(), parts.stop.clone());
        Self {
            pollers: parts.pollers(remembered),
            watches,
            news,
            shard,
            file,
            telemetry: parts.telemetry.clone(),
        }
    }

    /// Polls and discovers what the configuration says. On an error nothing has changed. Returns what is known then.
    pub(super) async fn follow(&mut self, config: &Config) -> Result<Arc<Snapshot>, StartError> {
        let clients = self.watches.clients(&config.discovery).await?;
        let ready = self.pollers.by_hand(&config.clusters).await?;
        self.watches.follow(&config.discovery, clients).await;
        Ok(self.poll(config, ready).await)
    }

    /// What a discovery brings next.
    pub(super) async fn news(&mut self) -> Option<News> {
        self.news.recv().await
    }

    /// Follows what a discovery of this configuration, which is in force, brought.
    pub(super) async fn take(&mut self, news: News, config: &Config) {
        self.watches.take(news);
        self.poll(config, Ready::new()).await;
    }

    /// Waits until everything has stopped.
    pub(super) async fn stopped(self) {
        // Who waits to tell of a list goes on.
        drop(self.news);
        self.watches.stopped().await;
        self.pollers.stopped().await;
    }

    /// Polls what the configuration and the lists come to.
    async fn poll(&mut self, config: &Config, ready: Ready) -> Arc<Snapshot> {
        let effective = self.watches.effective(config, self.shard).await;
        self.telemetry.discoveries(&effective.discoveries);
        let kept = config.transitions_kept;
        let baseline = self.pollers.follow(effective, ready, kept).await;
        if let Some(file) = &self.file {
            file.write(baseline.unwanted);
        }
        baseline.known
    }
}
