//! Alerting: a round of the engine for every snapshot and whenever time alone may have changed something, and what comes
//! of it on its way to receivers, to the page and to the state file.

use std::{mem, sync::Arc};

use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::{
    alert::{
        self, ActiveAlert, Engine, Notification, NotificationBuilder, Reason, Rule, Status, Tell,
    },
    clock::Clock,
    config::Config,
    model::Snapshot,
    notify::Couriers,
    state_file::{Rows, StateFile},
    telemetry::Telemetry,
};

/// What a configuration says of alerts.
pub(super) struct Policy {
    rules: Vec<Rule>,
    pub(super) notification_builder: NotificationBuilder,
}

impl Policy {
    /// The policy of a configuration.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            rules: config.rules.applied(),
            notification_builder: NotificationBuilder {
                external_labels: config.alerting.external_labels.clone(),
                runbooks: config.alerting.runbooks.clone(),
            },
        }
    }
}

impl Policy {
    /// An engine that goes on where the one stopped that left these rows.
    pub(super) fn engine(self, rows: &Rows) -> Engine {
        Engine::restored(self.rules, alert::restored(rows))
    }
}

/// The engine and everybody who hears of it.
pub(super) struct Alerting {
    pub(super) engine: Engine,
    pub(super) notification_builder: NotificationBuilder,
    pub(super) couriers: Arc<Couriers>,
    pub(super) file: Option<Arc<StateFile>>,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) clock: Clock,
    /// `--alerting.dry-run`: notifications are logged, and nobody is told.
    pub(super) dry_run: bool,
    /// For the page.
    pub(super) publish: watch::Sender<Arc<[ActiveAlert]>>,
}

impl Alerting {
    /// Evaluates until the shutdown. A policy that comes is in force from the next round on, which is at once.
    pub(super) async fn run(
        mut self,
        mut snapshots: watch::Receiver<Arc<Snapshot>>,
        mut policies: mpsc::Receiver<Policy>,
        shutdown: CancellationToken,
    ) {
        loop {
            let snapshot = snapshots.borrow_and_update().clone();
            let now = self.clock.now();
            let round = self.engine.evaluate(&snapshot, now);
            self.tell(&round.tell, &snapshot);
            if let Some(file) = &self.file {
                file.write(round.changes.encoded());
            }
            self.show();

            let pause = round.next.duration_since(now);
            tokio::select! {
                () = shutdown.cancelled() => return,
                changed = snapshots.changed() => if changed.is_err() { return },
                Some(policy) = policies.recv() => {
                    self.engine.reload(policy.rules);
                    self.change_labels(policy.notification_builder, &snapshot);
                }
                () = sleep(pause.try_into().unwrap_or_default()) => {}
            }
        }
    }

    /// With other external labels every alert is another one to receivers: what fires under the old ones ends there.
    fn change_labels(&mut self, notification_builder: NotificationBuilder, snapshot: &Snapshot) {
        let before = mem::replace(&mut self.notification_builder, notification_builder);
        if before.external_labels == self.notification_builder.external_labels {
            return;
        }
        let now = self.clock.now();
        let firing = self
            .engine
            .active()
            .filter(|active| active.state.is_firing());
        let firing: Vec<_> = firing
            .map(|active| Tell {
                reason: Reason::Repeat,
                active: active.clone(),
            })
            .collect();
        let ended = firing.iter().map(|tell| {
            let mut notification = before.notification(tell, snapshot, now);
            notification.reason = Reason::Resolved;
            notification.alert.status = Status::Resolved;
            notification.alert.ends_at = now;
            notification
        });
        self.send(&ended.collect::<Vec<_>>());
        let in_force = |tell: &Tell| tell.active.rule.condition.is_some();
        let firing: Vec<_> = firing.into_iter().filter(in_force).collect();
        self.tell(&firing, snapshot);
    }

    fn tell(&self, tell: &[Tell], snapshot: &Snapshot) {
        let now = self.clock.now();
        let notification = |tell| self.notification_builder.notification(tell, snapshot, now);
        self.send(&tell.iter().map(notification).collect::<Vec<_>>());
    }

    fn send(&self, notifications: &[Notification]) {
        if self.dry_run {
            notifications.iter().for_each(log);
        } else {
            self.couriers.tell(notifications);
        }
    }

    fn show(&self) {
        let mut active: Vec<ActiveAlert> = self.engine.active().cloned().collect();
        // What fires first, and of that the worst.
        active.sort_by(|a, b| {
            let rank =
                |active: &ActiveAlert| (!active.state.is_firing(), active.rule.severity as u8);
            rank(a)
                .cmp(&rank(b))
                .then_with(|| a.rule.name.cmp(b.rule.name))
                .then_with(|| a.identity.cmp(&b.identity))
        });
        let counts = self.engine.rules().map(|rule| {
            let of_rule = active.iter().filter(|active| active.rule.name == rule.name);
            let firing = of_rule.clone().filter(|active| active.state.is_firing());
            let firing = firing.count();
            (rule.name, of_rule.count() - firing, firing)
        });
        self.telemetry.alerts(counts);
        self.publish.send_replace(active.into());
    }
}

/// What a receiver would have been told.
fn log(notification: &Notification) {
    let Notification { reason, alert } = notification;
    if *reason == Reason::Repeat {
        return;
    }
    let labels: Vec<_> = alert
        .labels
        .iter()
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    tracing::info!(
        status = alert.status.label(),
        labels = labels.join(","),
        summary = alert.annotations.get("summary"),
        "dry run: nobody is told of this alert"
    );
}
