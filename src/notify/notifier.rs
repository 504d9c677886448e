//! The notifier of one receiver: queues alerts, sends them in batches, tries again later, keeps count.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use parking_lot::{Mutex, MutexGuard};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    backoff,
    health::{Failing, Health, Last},
    notification_log::NotificationLog,
    queue::{Entered, Queue, QueuedAlert},
    receiver::{Kind, Protocol},
    receiver_client::Attempt,
};
use crate::{
    alert::{Alert, Mutes, Status},
    clock::Clock,
    telemetry::{NotificationSeries, Outcome},
};

/// How many notifications wait for a receiver before the newest triggers are dropped.
pub(super) const CAPACITY: usize = 1000;

/// How long a stop waits for what is still to be sent: with what follows, all of it takes less than five seconds.
const DRAIN: Duration = Duration::from_secs(4);

/// The queue of one receiver and what is known of its delivery.
pub(super) struct Notifier {
    pub(super) name: String,
    pub(super) kind: Kind,
    state: Mutex<State>,
    arrived: Notify,
    parts: Parts,
}

/// What a notifier writes to and reads from.
pub(super) struct Parts {
    pub(super) series: NotificationSeries,
    pub(super) log: NotificationLog,
    pub(super) clock: Clock,
    /// `alerting.mute`.
    pub(super) mutes: watch::Receiver<Arc<Mutes>>,
}

struct State {
    queue: Queue,
    /// Something was dropped for want of room, and there has been none since.
    is_full: bool,
    last: Option<Last>,
    failing: Option<Failing>,
}

impl Notifier {
    /// A notifier with an empty queue, for a receiver that knows what the log says.
    pub(super) fn new(name: &str, kind: Kind, parts: Parts) -> Self {
        let queue = Queue::new(kind.protocol(), CAPACITY, parts.log.of(name));
        let state = State {
            queue,
            is_full: false,
            last: None,
            failing: None,
        };
        Self {
            name: name.to_owned(),
            kind,
            state: Mutex::new(state),
            arrived: Notify::new(),
            parts,
        }
    }

    /// Queues an alert, or drops it where there is no room. Never waits.
    pub(super) fn notify(&self, alert: &Arc<Alert>) {
        if !self.kind.is_notified_of(alert) {
            return;
        }
        let (key, group) = (self.kind.key(alert), self.kind.group(alert));
        let is_muted = self.is_muted(alert);
        // It is repeated while it fires, and entered when the window is over.
        if is_muted && alert.status == Status::Firing {
            return;
        }
        let mut state = self.state();
        if is_muted && state.queue.withdraw(&key) {
            self.parts.series.queued(state.queue.len());
            return;
        }
        let queued = QueuedAlert::new(alert.clone(), key, group);
        match state.queue.enter(queued) {
            Entered::Queued | Entered::Replaced => self.arrived.notify_one(),
            Entered::Needless => {}
            Entered::NoRoom => {
                self.parts.series.count(Outcome::Dropped, 1);
                if !state.is_full {
                    state.is_full = true;
                    tracing::error!(
                        receiver = self.name,
                        waiting = state.queue.len(),
                        "the queue is full: new alerts are dropped until the receiver takes some"
                    );
                }
            }
        }
        self.parts.series.queued(state.queue.len());
    }

    /// Looks again at what waits: a window may have begun or ended.
    pub(super) fn look_again(&self) {
        self.arrived.notify_one();
    }

    /// Whether the receiver is not to be told now that the alert fires. One that decides itself whom to notify is told all.
    fn is_muted(&self, alert: &Alert) -> bool {
        let mutes = self.parts.mutes.borrow();
        self.kind.protocol() == Protocol::EventDriven
            && mutes
                .of_labels(&alert.labels, self.parts.clock.now())
                .is_some()
    }

    /// How it goes.
    pub(super) fn health(&self) -> Health {
        let state = self.state();
        Health {
            receiver: self.name.clone(),
            kind: self.kind,
            queued: state.queue.len(),
            last: state.last,
            failing: state.failing.clone(),
        }
    }

    /// How many notifications still wait.
    pub(super) fn waiting(&self) -> usize {
        self.state().queue.len()
    }

    /// Sends what comes until the stop, and then for a little while what is left.
    pub(super) async fn run<F>(&self, send: impl Fn(Vec<Arc<Alert>>) -> F, stop: CancellationToken)
    where
        F: Future<Output = Attempt>,
    {
        let too_long = async {
            stop.cancelled().await;
            sleep(DRAIN).await;
        };
        tokio::select! {
            () = self.work(send, &stop) => {}
            () = too_long => {}
        }
        let left = self.waiting();
        if left > 0 {
            tracing::warn!(
                receiver = self.name,
                notifications = left,
                "stopped before everything was delivered"
            );
        }
    }

    async fn work<F>(&self, send: impl Fn(Vec<Arc<Alert>>) -> F, stop: &CancellationToken)
    where
        F: Future<Output = Attempt>,
    {
        let mut failures = 0u32;
        loop {
            let taken = self.take();
            if taken.is_empty() {
                if stop.is_cancelled() {
                    return;
                }
                stop.run_until_cancelled(self.arrived.notified()).await;
                continue;
            }
            let alerts = taken.iter().map(|queued| queued.alert.clone());
            let is_stopping = stop.is_cancelled();
            let started = Instant::now();
            let attempt = send(alerts.collect()).await;
            self.parts.series.took(started.elapsed());
            if !self.settle(&taken, &attempt) {
                failures = 0;
                continue;
            }
            failures = failures.saturating_add(1);
            let wait = sleep(backoff::wait(
                failures,
                attempt.retry_after,
                fastrand::f64(),
            ));
            if is_stopping {
                wait.await;
            } else {
                // A stop ends the wait, also one that begins after it: there is one more attempt, or none at all.
                stop.run_until_cancelled(wait).await;
            }
        }
    }

    fn take(&self) -> Vec<QueuedAlert> {
        let mut state = self.state();
        let expired = state.queue.expire(self.parts.clock.now());
        if expired > 0 {
            self.parts.series.count(Outcome::Dropped, expired);
            tracing::warn!(
                receiver = self.name,
                notifications = expired,
                "dropped alerts that waited until they would have been taken for resolved"
            );
        }
        state
            .queue
            .hold(|alert| alert.status == Status::Firing && self.is_muted(alert));
        let taken = state.queue.take(self.kind.batch_size());
        self.parts.series.queued(state.queue.len());
        taken
    }

    /// Notes how an attempt went. Says whether the next one has to wait.
    fn settle(&self, taken: &[QueuedAlert], attempt: &Attempt) -> bool {
        let mut state = self.state();
        let is_split = attempt.outcome == Outcome::Refused && taken.len() > 1;
        let outcome = match (attempt.outcome, taken) {
            (Outcome::Refused, [alone]) if !state.queue.is_owed(alone) => Outcome::Refused,
            (Outcome::Refused, _) => Outcome::Failed,
            (outcome, _) => outcome,
        };
        if is_split {
            state.queue.split(taken);
        } else {
            state.queue.settle(taken, outcome);
        }
        state.is_full &= !state.queue.has_room();
        let at = self.parts.clock.now();
        state.last = Some(Last { at, outcome });
        self.parts.series.count(outcome, taken.len());
        self.parts.series.queued(state.queue.len());
        match outcome {
            Outcome::Delivered => self.delivered(&mut state),
            Outcome::Failed if !is_split => self.failed(&mut state, taken.len(), attempt),
            Outcome::Refused => self.refused(taken, attempt),
            // Each alert of a message that was split is sent alone next, and logged where it is refused again.
            Outcome::Failed | Outcome::Dropped => {}
        }
        if self.kind.is_logged() {
            self.parts.log.write(&self.name, state.queue.notified());
        }
        outcome == Outcome::Failed && !is_split
    }

    fn delivered(&self, state: &mut State) {
        if let Some(Failing { since, .. }) = state.failing.take() {
            let since = since.strftime("%FT%TZ").to_string();
            tracing::info!(
                receiver = self.name,
                since,
                "notifications are delivered again"
            );
        }
    }

    /// A problem is logged once, and again when it becomes another.
    fn failed(&self, state: &mut State, notifications: usize, attempt: &Attempt) {
        let problem = attempt.problem();
        let (receiver, waiting) = (&self.name, state.queue.len());
        let since = state.failing.as_ref().map(|failing| failing.since);
        let is_known = state
            .failing
            .as_ref()
            .is_some_and(|failing| failing.problem == problem);
        if is_known {
            tracing::debug!(
                receiver,
                notifications,
                waiting,
                problem,
                "notifications not delivered"
            );
        } else {
            tracing::warn!(
                receiver,
                notifications,
                waiting,
                problem,
                "notifications not delivered; they wait and are sent again"
            );
        }
        state.failing = Some(Failing {
            since: since.unwrap_or(self.parts.clock.now()),
            problem,
        });
    }

    fn refused(&self, taken: &[QueuedAlert], attempt: &Attempt) {
        for refused in taken {
            tracing::error!(
                receiver = self.name,
                alertname = refused.alert.labels.get("alertname"),
                problem = attempt.problem(),
                "notification refused; it is not sent again"
            );
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}
