//! The discoveries that run: each asks for its list by itself, and what it brings is followed like a reload of the clusters.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{StartError, retry_after::RetryAfter};
use crate::{
    clock::Clock,
    config::{ClusterConfig, Config, Discovered, Discoveries},
    discovery::{Client, List, Refresh, Settings, Status, refresh},
    file,
    model::{Awaited, DiscoveryState, Shard},
};

/// What a refresh came to, and of which discovery.
pub(super) type News = (u64, Refresh);

/// Every discovery of the configuration in force.
pub(super) struct Watches {
    running: Vec<Watch>,
    news: mpsc::Sender<News>,
    clock: Clock,
    shutdown: CancellationToken,
    /// How many were ever started.
    started: u64,
}

struct Watch {
    number: u64,
    settings: Settings,
    stop: CancellationToken,
    task: JoinHandle<()>,
    known: Known,
}

/// What a discovery brought so far. Whoever asks for the same organisation next goes on with it.
#[derive(Clone, Default)]
struct Known {
    list: Option<Arc<List>>,
    was_asked: bool,
    failure: Option<String>,
    last_success: Option<Timestamp>,
    retry_after: RetryAfter,
}

/// What is to be polled, by hand and by discovery.
pub(super) struct Effective {
    /// Those that are listed by hand, then the discovered ones.
    pub(super) clusters: Vec<ClusterConfig>,
    pub(super) discoveries: Arc<[DiscoveryState]>,
    pub(super) awaited: Arc<Awaited>,
}

impl Watches {
    /// None yet. What they will bring comes out of the other end.
    pub(super) fn new(clock: Clock, shutdown: CancellationToken) -> (Self, mpsc::Receiver<News>) {
        let (news, receiver) = mpsc::channel(1);
        let watches = Self {
            running: Vec::new(),
            news,
            clock,
            shutdown,
            started: 0,
        };
        (watches, receiver)
    }

    /// Clients for the discoveries that do not run yet, or why there is none for one of them.
    pub(super) async fn clients(
        &self,
        discoveries: &Discoveries,
    ) -> Result<Vec<(Settings, Client)>, StartError> {
        let is_running = |settings: &Settings| {
            let mut running = self.running.iter();
            running.any(|watch| watch.settings == *settings)
        };
        let settings = discoveries.items.iter().map(|it| it.settings.clone());
        let new: Vec<_> = settings.filter(|it| !is_running(it)).collect();
        let clients = move || {
            let clients = new.into_iter().map(|settings| {
                let client = client(&settings)?;
                Ok((settings, client))
            });
            clients.collect()
        };
        file::unblocked(clients).await
    }

    /// Runs these discoveries from now on, for which `clients` are new. One that asks the same organisation in another way
    /// goes on with the list of the one before; one with another credential may ask another organisation.
    pub(super) async fn follow(
        &mut self,
        discoveries: &Discoveries,
        mut clients: Vec<(Settings, Client)>,
    ) {
        let mut before: Vec<Watch> = std::mem::take(&mut self.running);
        let mut slots: Vec<Option<Watch>> = Vec::new();
        for item in &discoveries.items {
            let same = before.iter().position(|it| it.settings == item.settings);
            slots.push(same.map(|place| before.remove(place)));
        }
        for (item, slot) in discoveries.items.iter().zip(slots) {
            let watch = if let Some(watch) = slot {
                watch
            } else {
                let place = before
                    .iter()
                    .position(|it| is_same_organisation(&it.settings, &item.settings));
                let known = match place {
                    Some(place) => before.remove(place).stopped().await,
                    None => Known::default(),
                };
                let place = clients.iter().position(|(it, _)| *it == item.settings);
                let place = place.expect("there is a client for each that does not run");
                let (settings, client) = clients.swap_remove(place);
                self.start(settings, client, known)
            };
            self.running.push(watch);
        }
        for gone in before {
            gone.stopped().await;
        }
    }

    fn start(&mut self, settings: Settings, client: Client, known: Known) -> Watch {
        self.started += 1;
        let (number, news, clock) = (self.started, self.news.clone(), self.clock.clone());
        let (of, list) = (settings.clone(), known.list.clone());
        let retry_after = known.retry_after.clone();
        let work = async move {
            retry_after.is_over().await;
            let ask = || client.list(clock.now());
            let tell = |refresh: Refresh| {
                retry_after.said(refresh.retry_after);
                let news = news.clone();
                async move {
                    // Who does not listen any more stops.
                    let _ = news.send((number, refresh)).await;
                }
            };
            refresh(&of, list, ask, tell).await;
        };
        let stop = self.shutdown.child_token();
        let work = stop.clone().run_until_cancelled_owned(work);
        Watch {
            number,
            settings,
            task: tokio::spawn(async move {
                Box::pin(work).await;
            }),
            stop,
            known,
        }
    }

    /// Takes in what a refresh came to, unless its discovery is in use no longer.
    pub(super) fn take(&mut self, (number, refresh): News) {
        let now = self.clock.now();
        let mut running = self.running.iter_mut();
        let Some(watch) = running.find(|watch| watch.number == number) else {
            return;
        };
        log(&watch.settings, &watch.known, &refresh);
        let Refresh { list, failure, .. } = refresh;
        let known = &mut watch.known;
        if failure.is_none() {
            known.last_success = Some(now);
        }
        known.was_asked = true;
        (known.list, known.failure) = (list, failure);
    }

    /// What is to be polled by this configuration and what is known.
    pub(super) async fn effective(&self, config: &Config, shard: Option<Shard>) -> Effective {
        let known: Vec<_> = self
            .running
            .iter()
            .map(|watch| (watch.settings.label().to_owned(), watch.known.clone()))
            .collect();
        let (by_hand, discoveries) = (config.clusters.clone(), config.discovery.clone());
        file::unblocked(move || effective(by_hand, &discoveries, &known, shard)).await
    }

    /// Waits until every one has stopped.
    pub(super) async fn stopped(self) {
        for watch in self.running {
            let _ = watch.stopped().await;
        }
    }
}

/// Whether both ask for the clusters of one organisation. Every organisation of Confluent Cloud has the same URL: whose list
/// comes from there is told by the credential alone.
fn is_same_organisation(one: &Settings, other: &Settings) -> bool {
    one.url == other.url && one.credential == other.credential
}

impl Watch {
    async fn stopped(self) -> Known {
        self.stop.cancel();
        // It is cancelled, or it panicked and is gone as well.
        let _ = self.task.await;
        self.known
    }
}

/// A client for a discovery. Blocks for as long as the files of a `tls_config` may take.
pub(super) fn client(settings: &Settings) -> Result<Client, StartError> {
    Client::new(settings.clone()).map_err(|source| StartError::Discovery {
        discovery: settings.label().to_owned(),
        source,
    })
}

fn log(settings: &Settings, before: &Known, refresh: &Refresh) {
    let discovery = settings.label();
    match (&before.failure, &refresh.failure) {
        (Some(before), Some(now)) if before == now => {}
        (_, Some(failure)) => tracing::warn!(
            discovery,
            failure,
            "discovery failed, the clusters of the last good list stay"
        ),
        (Some(_), None) => tracing::info!(discovery, "discovery works again"),
        (None, None) => {}
    }
}

fn effective(
    mut clusters: Vec<ClusterConfig>,
    discoveries: &Discoveries,
    known: &[(String, Known)],
    shard: Option<Shard>,
) -> Effective {
    let lists: Vec<_> = known.iter().map(|(_, known)| known.list.clone()).collect();
    let discovered = discoveries.discovered(&lists);
    let states = states(known, &discovered);
    let mut awaited = Awaited {
        any: known.iter().any(|(_, known)| known.last_success.is_none()),
        ids: BTreeSet::new(),
    };
    let outcomes = discovered.outcomes.iter().flatten();
    let left_out =
        outcomes.filter(|it| matches!(it.status, Status::NoEndpoint | Status::NotProvisioned));
    awaited.ids.extend(left_out.map(|it| it.cluster.id.clone()));
    let own = |cluster: &ClusterConfig| shard.is_none_or(|shard| shard.has(&cluster.name));
    clusters.extend(discovered.clusters.into_iter().filter(own));
    Effective {
        clusters,
        discoveries: states,
        awaited: Arc::new(awaited),
    }
}

/// One state for each host: two organisations may be asked at one.
fn states(known: &[(String, Known)], discovered: &Discovered) -> Arc<[DiscoveryState]> {
    let mut states: Vec<DiscoveryState> = Vec::new();
    for ((name, known), outcomes) in known.iter().zip(&discovered.outcomes) {
        let mut clusters: BTreeMap<_, _> = Status::ALL.iter().map(|it| (it.label(), 0)).collect();
        for outcome in outcomes {
            *clusters.entry(outcome.status.label()).or_default() += 1;
        }
        let state = DiscoveryState {
            name: name.as_str().into(),
            was_asked: known.was_asked,
            failure: known.failure.clone(),
            last_success: known.last_success,
            clusters,
        };
        match states.iter_mut().find(|it| it.name == state.name) {
            Some(first) => join(first, state),
            None => states.push(state),
        }
    }
    states.into()
}

/// Adds a second state at the same host: the worse of both counts.
fn join(first: &mut DiscoveryState, second: DiscoveryState) {
    first.was_asked &= second.was_asked;
    first.failure = first.failure.take().or(second.failure);
    first.last_success = first.last_success.min(second.last_success);
    for (status, count) in second.clusters {
        *first.clusters.entry(status).or_default() += count;
    }
}
