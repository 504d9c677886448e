//! What systemd is told of this service: that it starts, reloads, stops and works, and how it goes in one line.
//!
//! It is ready once every cluster was polled, well or badly: from then on the metrics tell. The watchdog hears of it only
//! while each part does its work: see [`liveness`].

mod liveness;
mod status;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use self::{
    liveness::{Heard, Liveness},
    status::{status, waiting},
};
use crate::{
    alert::ActiveAlert,
    config::Config,
    metrics::Exposition,
    model::Snapshot,
    poll::Schedule,
    telemetry::systemd::{ServiceManager, monotonic_usec},
};

/// How soon it is told what changed, unless the watchdog is more often told that all works.
const TICK: Duration = Duration::from_millis(500);
/// Beyond the deadlines of the first polls.
const SLACK: Duration = Duration::from_secs(5);

/// How a reload goes.
pub(super) enum Reload {
    /// It began at this [`monotonic_usec`].
    Began(i64),
    /// The new configuration is in use, or the one before it still is.
    Ended { worked: bool },
}

/// Tells how reloads go, if there is anybody to hear it.
#[derive(Clone, Default)]
pub(super) struct ReloadProgress(Option<mpsc::UnboundedSender<Reload>>);

impl ReloadProgress {
    pub(super) fn began(&self) {
        self.say(|| Reload::Began(monotonic_usec()));
    }

    pub(super) fn ended(&self, worked: bool) {
        self.say(|| Reload::Ended { worked });
    }

    fn say(&self, what: impl FnOnce() -> Reload) {
        if let Some(sender) = &self.0 {
            // Who is not there any more has been told that it stops.
            let _ = sender.send(what());
        }
    }
}

/// What the parts publish.
pub(super) struct Published {
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(super) alerts: watch::Receiver<Arc<[ActiveAlert]>>,
    pub(super) exposition: watch::Receiver<Exposition>,
}

/// What it was told last.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Starting,
    Ready,
    Reloading,
}

/// Tells the service manager.
pub(super) struct Service {
    manager: ServiceManager,
    published: Published,
    reloads: mpsc::UnboundedReceiver<Reload>,
    liveness: Liveness,
    /// When it is ready though a cluster was not polled.
    deadline: Instant,
    phase: Phase,
    was_refused: bool,
    status: String,
    /// What was found to hang, and was logged.
    hanging: Option<String>,
    is_heard: bool,
}

impl Service {
    /// Nothing is told before [`Service::run`].
    pub(super) fn new(
        manager: ServiceManager,
        published: Published,
        config: &Config,
    ) -> (Self, ReloadProgress) {
        let (sender, reloads) = mpsc::unbounded_channel();
        let first_polls = config.clusters.iter().map(|cluster| {
            Schedule::jittered(cluster.poll.interval, 1.0).first + cluster.poll.timeout
        });
        // Two lists at the least, and then the first polls of what is in them.
        let discoveries = config.discovery.items.iter();
        let discovered = discoveries.map(|it| it.settings.request_timeout * 3);
        let discovered = discovered.max().unwrap_or_default();
        let service = Self {
            manager,
            published,
            reloads,
            liveness: Liveness::default(),
            deadline: Instant::now() + first_polls.max().unwrap_or_default() + discovered + SLACK,
            phase: Phase::Starting,
            was_refused: false,
            status: String::new(),
            hanging: None,
            is_heard: true,
        };
        (service, ReloadProgress(Some(sender)))
    }

    /// Tells what happens until the shutdown, and then that it stops.
    pub(super) async fn run(mut self, shutdown: CancellationToken) {
        let watchdog = self.manager.watchdog;
        // Half of the limit, as sd_watchdog_enabled(3) says.
        let half = watchdog.map(|limit| (limit / 2).max(Duration::from_millis(1)));
        let period = half.map_or(TICK, |half| half.min(TICK));
        let mut tick = interval(period);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next_ping = Instant::now();
        // A first poll may take longer than systemd waits for a start by default.
        let patience = (self.deadline - Instant::now() + SLACK).as_micros();
        self.tell(&format!("EXTEND_TIMEOUT_USEC={patience}")).await;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(reload) = self.reloads.recv() => self.reload(reload).await,
                _ = tick.tick() => {
                    self.look().await;
                    // The tick after this one would be too late.
                    if let Some(half) = half && Instant::now() + period > next_ping {
                        next_ping = Instant::now() + half;
                        self.ping().await;
                    }
                }
            }
        }
        self.tell("STOPPING=1\nSTATUS=stopping").await;
    }

    /// Tells what is new in what the parts published.
    async fn look(&mut self) {
        let heard = self.published.heard();
        let snapshot = self.published.snapshots.borrow().clone();
        self.liveness.hear(heard, &snapshot, Instant::now());
        let is_polled = waiting(&snapshot) == 0 || Instant::now() >= self.deadline;
        if self.phase == Phase::Starting && is_polled {
            self.ready().await;
        }
        if heard.snapshot || self.status.is_empty() {
            self.show(&snapshot).await;
        }
    }

    async fn show(&mut self, snapshot: &Snapshot) {
        let refused = if self.was_refused {
            "; the last reload was refused, see the log"
        } else {
            ""
        };
        let status = status(snapshot) + refused;
        if status != self.status && self.tell(&format!("STATUS={status}")).await {
            self.status = status;
        }
    }

    /// Where it cannot be told now, the next tick tells it.
    async fn ready(&mut self) {
        self.phase = if self.tell("READY=1").await {
            Phase::Ready
        } else {
            Phase::Starting
        };
    }

    /// Before it is ready nothing is announced: READY would end the start.
    async fn reload(&mut self, reload: Reload) {
        match reload {
            Reload::Began(_) if self.phase == Phase::Starting => {}
            Reload::Began(at) => {
                let message = format!("RELOADING=1\nMONOTONIC_USEC={at}");
                if self.tell(&message).await {
                    self.phase = Phase::Reloading;
                }
            }
            Reload::Ended { worked } => {
                if self.phase == Phase::Reloading {
                    self.ready().await;
                }
                self.was_refused = !worked;
                let snapshot = self.published.snapshots.borrow().clone();
                self.show(&snapshot).await;
            }
        }
    }

    async fn ping(&mut self) {
        let hanging = self.liveness.hanging(Instant::now());
        match &hanging {
            None => _ = self.tell("WATCHDOG=1").await,
            Some(what) if self.hanging.is_none() => tracing::error!(
                what,
                "a part of the exporter hangs: the service manager's watchdog hears nothing and will restart it"
            ),
            Some(_) => {}
        }
        self.hanging = hanging;
    }

    /// Whether it was told. That it cannot be is logged once.
    async fn tell(&mut self, message: &str) -> bool {
        let told = self.manager.tell(message).await;
        if let (Err(error), true) = (&told, self.is_heard) {
            tracing::warn!(
                %error,
                "the service manager cannot be told how it goes; check `NOTIFY_SOCKET`"
            );
        }
        self.is_heard = told.is_ok();
        self.is_heard
    }
}

impl Published {
    /// What was published since it was asked last. What follows a snapshot is asked first: seen in the other order, an
    /// evaluation between the two would seem to be missing.
    fn heard(&mut self) -> Heard {
        let alerts = changed(&mut self.alerts);
        let exposition = changed(&mut self.exposition);
        Heard {
            alerts,
            exposition,
            snapshot: changed(&mut self.snapshots),
        }
    }
}

fn changed<T>(watched: &mut watch::Receiver<T>) -> bool {
    let changed = watched.has_changed().unwrap_or(false);
    watched.mark_unchanged();
    changed
}
