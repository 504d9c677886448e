//! Alerting: an evaluation of the engine for every snapshot and whenever time alone may have changed something, and what
//! comes of it on its way to receivers, to the page and to the state file.

use std::{collections::HashSet, mem, sync::Arc};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{dry_run::DryRun, pace::Pace};
use crate::{
    alert::{
        self, ActiveAlert, Alert, Engine, Identity, Mutes, NotificationBuilder, Reason, Rule,
        Status,
    },
    clock::Clock,
    config::Config,
    file::unblocked,
    model::Snapshot,
    notify::Notifiers,
    state_file::{FEW, Rows, StateFile},
    telemetry::Telemetry,
};

/// What a configuration says of alerts.
pub(super) struct Policy {
    rules: Vec<Rule>,
    pub(super) notification_builder: NotificationBuilder,
    pub(super) mutes: Arc<Mutes>,
}

impl Policy {
    /// The policy of a configuration.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            rules: config.rules.applied(),
            notification_builder: NotificationBuilder {
                external_labels: config.alerting.external_labels.clone(),
                links: config.alerting.links.clone(),
            },
            mutes: Arc::new(config.alerting.mutes.clone()),
        }
    }
}

impl Policy {
    /// An engine that goes on where the one stopped that left these rows.
    pub(super) fn engine(self, rows: &Rows) -> Engine {
        Engine::restored(self.rules, alert::restored(rows))
    }
}

/// The engine and where its evaluations go.
pub(super) struct Alerting {
    pub(super) engine: Engine,
    pub(super) notification_builder: NotificationBuilder,
    pub(super) notifiers: Arc<Notifiers>,
    /// Those that fired in the last evaluation and were muted.
    pub(super) muted: HashSet<(&'static str, Identity)>,
    pub(super) file: Option<Arc<StateFile>>,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) clock: Clock,
    /// `--alerting.dry-run`: notifications are logged and not sent.
    pub(super) dry_run: Option<DryRun>,
    pub(super) publish: Publish,
}

/// Where what is active is shown, for the page and the JSON API.
pub(super) struct Publish {
    /// What is pending and what fires, the worst first.
    pub(super) alerts: watch::Sender<Arc<[ActiveAlert]>>,
    /// What makes of them what receivers get.
    pub(super) builder: watch::Sender<Arc<NotificationBuilder>>,
}

/// The other ends of [`Publish`].
pub(super) struct Published {
    pub(super) alerts: watch::Receiver<Arc<[ActiveAlert]>>,
    pub(super) builder: watch::Receiver<Arc<NotificationBuilder>>,
}

impl Publish {
    /// Where it is shown, and where that is read: the alerts, and what makes of them what receivers get.
    pub(super) fn channels() -> (Self, Published) {
        let (alerts, active) = watch::channel(Arc::from([]));
        let (builder, notification_builder) = watch::channel(Arc::default());
        let published = Published {
            alerts: active,
            builder: notification_builder,
        };
        (Self { alerts, builder }, published)
    }
}

impl Alerting {
    /// Evaluates until the shutdown. A policy that comes is in force from the next evaluation on, which is at once.
    /// Snapshots that come soon after an evaluation are evaluated together.
    pub(super) async fn run(
        mut self,
        mut snapshots: watch::Receiver<Arc<Snapshot>>,
        mut policies: mpsc::Receiver<Policy>,
        shutdown: CancellationToken,
    ) {
        let mut pace = Pace::new();
        loop {
            let begun = Instant::now();
            let snapshot = snapshots.borrow_and_update().clone();
            let now = self.clock.now();
            let evaluation = self.engine.evaluate(&snapshot, now);
            self.notify(evaluation.to_notify, &snapshot);
            self.unmute(&snapshot);
            self.show();
            self.record(evaluation.changes).await;

            pace.worked_since(begun);
            let next = self.notifiers.mutes().next_change(now);
            let next = next.map_or(evaluation.next, |change| change.min(evaluation.next));
            let pause = next.duration_since(now);
            let changed = async {
                let changed = snapshots.changed().await;
                pace.rested().await;
                changed
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                changed = changed => if changed.is_err() { return },
                Some(policy) = policies.recv() => {
                    self.engine.reload(policy.rules);
                    self.notifiers.mute(policy.mutes);
                    self.change_labels(policy.notification_builder, &snapshot);
                }
                () = sleep(pause.try_into().unwrap_or_default()) => {}
            }
        }
    }

    /// Hands over what the next process needs. The first evaluation has a row for each link.
    async fn record(&self, changes: alert::Changes) {
        let Some(file) = self.file.clone() else {
            return;
        };
        let are_many = changes.iter().nth(FEW).is_some();
        let write = move || {
            // A clock that goes on some seconds too early lets nothing end too early.
            if changes.is_news() {
                file.write(changes.encoded());
            } else {
                file.write_later(changes.encoded());
            }
        };
        if are_many {
            unblocked(write).await;
        } else {
            write();
        }
    }

    /// With other external labels every alert is another one to receivers: what fires under the old ones ends there.
    fn change_labels(&mut self, notification_builder: NotificationBuilder, snapshot: &Snapshot) {
        self.publish
            .builder
            .send_replace(Arc::new(notification_builder.clone()));
        let before = mem::replace(&mut self.notification_builder, notification_builder);
        if before.external_labels == self.notification_builder.external_labels {
            return;
        }
        let now = self.clock.now();
        let active = self.engine.active();
        let firing: Vec<_> = active
            .filter(|active| active.state.is_firing())
            .cloned()
            .collect();
        let resolved = firing.iter().map(|active| {
            let alert = Alert {
                status: Status::Resolved,
                ends_at: now,
                ..before.alert(active, snapshot, now)
            };
            (Reason::Resolved, alert)
        });
        self.send(resolved.collect());
        let in_force = firing
            .into_iter()
            .filter(|active| active.rule.condition.is_some());
        let repeated = in_force.map(|active| (Reason::Repeat, active));
        self.notify(repeated.collect(), snapshot);
    }

    /// Hands in again what fires and was muted until now: who was not told of it is told when the window is over.
    fn unmute(&mut self, snapshot: &Snapshot) {
        let (now, mutes) = (self.clock.now(), self.notifiers.mutes());
        let before = mem::take(&mut self.muted);
        let mut over = Vec::new();
        let active = self.engine.active();
        for active in active.filter(|active| active.state.is_firing()) {
            let name = (active.rule.name, active.identity.clone());
            if mutes.of(active, now).is_some() {
                self.muted.insert(name);
            } else if before.contains(&name) {
                over.push((Reason::Repeat, active.clone()));
            }
        }
        self.telemetry.muted_alerts(self.muted.len());
        self.notify(over, snapshot);
        if self.muted.len() < before.len() {
            self.notifiers.look_again();
        }
    }

    fn notify(&self, to_notify: Vec<(Reason, ActiveAlert)>, snapshot: &Snapshot) {
        let now = self.clock.now();
        let built = to_notify.into_iter().map(|(reason, active)| {
            let mut alert = self.notification_builder.alert(&active, snapshot, now);
            self.notifiers.mutes().annotate(&mut alert, now);
            (reason, alert)
        });
        self.send(built.collect());
    }

    fn send(&self, alerts: Vec<(Reason, Alert)>) {
        if let Some(dry_run) = &self.dry_run {
            for (reason, alert) in alerts {
                dry_run.log(reason, &alert);
            }
        } else {
            let alerts = alerts.into_iter().map(|(_, alert)| alert);
            self.notifiers.notify(alerts.collect());
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
        self.publish.alerts.send_replace(active.into());
    }
}
