//! What polls a cluster, made when it is due where it need not be there before.

use tokio::{sync::OnceCell, time::Instant};

use super::StartError;
use crate::{
    api::Client,
    clock::Clock,
    config::ClusterConfig,
    file,
    model::{Cluster, Failure, Report},
    poll::Poller,
};

/// Polls a cluster. Where there is no client for it yet, each poll tries to make one, and fails if there can be none: of many
/// discovered clusters one that is wrong must not keep the others from being polled.
#[derive(Debug)]
pub struct ClusterPoller {
    config: ClusterConfig,
    clock: Clock,
    poller: OnceCell<Poller>,
}

impl ClusterPoller {
    /// One whose client is there. Blocks for as long as the files of a `tls_config` may take.
    pub fn ready(config: ClusterConfig, clock: &Clock) -> Result<Self, StartError> {
        let poller = poller(&config, clock)?;
        Ok(Self {
            poller: OnceCell::new_with(Some(poller)),
            ..Self::lazy(config, clock)
        })
    }

    /// One whose client is made with the first poll.
    pub fn lazy(config: ClusterConfig, clock: &Clock) -> Self {
        Self {
            config,
            clock: clock.clone(),
            poller: OnceCell::new(),
        }
    }

    /// Polls the cluster once; see [`Poller::poll_once`].
    pub async fn poll_once(&self, before: Option<&Cluster>) -> Report {
        let started = Instant::now();
        let make = || async {
            let (config, clock) = (self.config.clone(), self.clock.clone());
            file::unblocked(move || poller(&config, &clock)).await
        };
        match self.poller.get_or_try_init(make).await {
            Ok(poller) => poller.poll_once(before).await,
            Err(error) => Report {
                took: started.elapsed(),
                cluster_id: self.config.api.cluster_id.clone(),
                ..Report::new(
                    self.clock.now(),
                    self.config.poll.interval,
                    Err(Failure::from(error)),
                )
            },
        }
    }
}

fn poller(config: &ClusterConfig, clock: &Clock) -> Result<Poller, StartError> {
    if config.unusable.is_some() {
        return Err(StartError::unusable(config));
    }
    let client = Client::new(config.api.clone()).map_err(|source| StartError::Cluster {
        cluster: config.name.clone(),
        source,
    })?;
    Ok(Poller::new(client, config.poll.clone(), clock.clone()))
}
