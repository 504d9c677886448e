//! The parts that run beside the web server, and what they share.

use std::{collections::HashSet, sync::Arc};

use tokio::{
    sync::{mpsc, watch},
    task::{JoinHandle, spawn_blocking},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    alerting::{Alerting, Policy, Publish},
    dry_run::DryRun,
    persistence,
    pollers::Pollers,
    service::{Published, ReloadProgress, Service},
};
use crate::{
    alert::ActiveAlert,
    clock::Clock,
    config::Config,
    journal::Transitions,
    metrics::{Exposition, Renderer},
    model::{Shard, Snapshot},
    notify::{Notified, Notifiers},
    state_file::{Rows, StateFile},
    store::{Expiries, Store},
    telemetry::{Telemetry, systemd::ServiceManager},
};

/// What the parts share, and what stops them.
pub(super) struct Parts {
    pub(super) clock: Clock,
    pub(super) store: Arc<Store>,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) notifiers: Arc<Notifiers>,
    pub(super) history: Arc<Transitions>,
    /// Every part but the writing down of what was notified.
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    /// Nothing more will be notified.
    pub(super) delivered: CancellationToken,
}

impl Parts {
    /// Nothing is polled yet. `notified` is what receivers know, `history` what changed before.
    pub(super) fn new(clock: Clock, notified: Notified, history: Transitions) -> Self {
        let (telemetry, stop) = (Arc::new(Telemetry::new()), CancellationToken::new());
        let notifiers = Notifiers::new(notified, telemetry.clone(), clock.clone(), stop.clone());
        Self {
            clock,
            store: Arc::new(Store::new([])),
            telemetry,
            notifiers: Arc::new(notifiers),
            history: Arc::new(history),
            tasks: TaskTracker::new(),
            stop,
            delivered: CancellationToken::new(),
        }
    }

    /// Shows in the metrics what is in force from now on.
    pub(super) fn show(&self, config: &Config, shard: Option<Shard>) {
        self.telemetry.links(&config.alerting.links);
        if let Some(shard) = shard {
            self.telemetry.sharded(shard);
        }
        self.telemetry.reloaded(self.clock.now());
    }

    /// Runs a task that ends by itself when all is stopped.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Runs the task until it is stopped.
    pub(super) fn spawn_until_stop(&self, task: impl Future<Output = ()> + Send + 'static) {
        let task = self.stop.clone().run_until_cancelled_owned(task);
        self.tasks.spawn(task);
    }

    /// The engine, which goes on where the rows stop.
    pub(super) fn alerting(
        &self,
        config: &Config,
        remembered: &Rows,
        file: Option<Arc<StateFile>>,
        dry_run: bool,
        publish: Publish,
    ) -> Alerting {
        let policy = Policy::of(config);
        self.notifiers.mute(policy.mutes.clone());
        let notification_builder = policy.notification_builder.clone();
        publish
            .builder
            .send_replace(Arc::new(notification_builder.clone()));
        Alerting {
            engine: policy.engine(remembered),
            notification_builder,
            notifiers: self.notifiers.clone(),
            muted: HashSet::new(),
            file,
            telemetry: self.telemetry.clone(),
            clock: self.clock.clone(),
            dry_run: dry_run.then(DryRun::default),
            publish,
        }
    }

    /// The pollers, none of which runs yet.
    pub(super) fn pollers(&self, remembered: Rows) -> Pollers {
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let history = self.history.clone();
        Pollers::new(store, clock, remembered, history, self.stop.clone())
    }

    /// Writes down what is known of links, and the notification log where anybody is notified.
    pub(super) fn record(
        &self,
        file: Arc<StateFile>,
        known: Arc<Snapshot>,
        notified: Option<Notified>,
    ) -> Option<JoinHandle<()>> {
        let snapshots = self.store.subscribe();
        let links = persistence::record(file.clone(), known, snapshots, self.stop.clone());
        self.spawn(links);
        let log = notified.map(|notified| {
            let delivered = self.delivered.clone();
            persistence::record_notified(file, notified, self.notifiers.notified(), delivered)
        });
        log.map(tokio::spawn)
    }

    /// Evaluates the rules from now on. What it gives takes another policy.
    pub(super) fn decide(&self, alerting: Alerting) -> mpsc::Sender<Policy> {
        let (policies, new_policies) = mpsc::channel(1);
        let snapshots = self.store.subscribe();
        self.spawn(alerting.run(snapshots, new_policies, self.stop.clone()));
        policies
    }

    /// Renders from now on, and withdraws what becomes too old. The first text is there before anything is served: a cluster
    /// that never answers has its poll series from the first second.
    pub(super) fn render(&self) -> watch::Receiver<Exposition> {
        let mut renderer = Renderer::default();
        let (publish, exposition) = watch::channel(renderer.render(&self.store.snapshot()));
        self.spawn_until_stop(render(renderer, self.store.subscribe(), publish));
        self.spawn_until_stop(expire(self.store.clone(), self.clock.clone()));
        exposition
    }

    /// Tells the service manager, if there is one, how it goes from now on.
    pub(super) fn announce(
        &self,
        manager: Option<ServiceManager>,
        (alerts, exposition): (
            &watch::Receiver<Arc<[ActiveAlert]>>,
            &watch::Receiver<Exposition>,
        ),
        config: &Config,
    ) -> ReloadProgress {
        let Some(manager) = manager else {
            return ReloadProgress::default();
        };
        let published = Published {
            snapshots: self.store.subscribe(),
            alerts: alerts.clone(),
            exposition: exposition.clone(),
        };
        let (service, progress) = Service::new(manager, published, config);
        self.spawn(service.run(self.stop.clone()));
        progress
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
    let mut expiries = Expiries::default();
    loop {
        let next = expiries.next(&snapshots.borrow_and_update());
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
