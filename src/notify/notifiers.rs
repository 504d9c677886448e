//! The notifiers of all receivers, and what a reload makes of them.

use std::{collections::BTreeSet, mem, sync::Arc};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{
    Health, Notified, Settings,
    notification_log::NotificationLog,
    notifier::{Notifier, Parts},
    receiver_client::{ReceiverClient, StartError},
};
use crate::{
    alert::{Alert, Mutes},
    clock::Clock,
    telemetry::Telemetry,
};

/// One notifier a receiver: a receiver that is down or slow holds up no other.
pub struct Notifiers {
    telemetry: Arc<Telemetry>,
    clock: Clock,
    shutdown: CancellationToken,
    log: NotificationLog,
    mutes: watch::Sender<Arc<Mutes>>,
    running: Mutex<Vec<Running>>,
}

struct Running {
    settings: Settings,
    notifier: Arc<Notifier>,
    /// Ends with the notifiers, however they end.
    task: AbortOnDropHandle<()>,
}

impl Notifiers {
    /// No receiver yet. `notified` is what was delivered before a restart. With the shutdown every notifier sends what is
    /// left for up to four seconds; [`Notifiers::stopped`] waits for that.
    pub fn new(
        notified: Notified,
        telemetry: Arc<Telemetry>,
        clock: Clock,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            telemetry,
            clock,
            shutdown,
            log: NotificationLog::new(notified),
            mutes: watch::Sender::default(),
            running: Mutex::default(),
        }
    }

    /// Notifies these receivers from now on; their names differ. One that did not change goes on undisturbed, one that
    /// changed keeps its queue, and one that left is not sent what waited for it. On an error nothing has changed.
    ///
    /// Blocks for as long as the files of a `tls_config` may take; panics outside a tokio runtime.
    pub fn follow(&self, receivers: &[Settings]) -> Result<(), StartError> {
        // Files are read before the lock is taken: `notify` never waits for a disk.
        let clients = receivers.iter().cloned().map(ReceiverClient::new);
        let clients: Vec<_> = clients.collect::<Result<_, _>>()?;
        let mut running = self.running();
        let mut before = mem::take(&mut *running);
        for (settings, client) in receivers.iter().zip(clients) {
            let has_name = |running: &Running| running.settings.name == settings.name;
            let old = before
                .iter()
                .position(has_name)
                .map(|place| before.remove(place));
            running.push(match old {
                Some(old) if old.settings == *settings => old,
                old => self.start(settings, client, old),
            });
        }
        for left in before {
            self.dismiss(&left);
        }
        // Also of those that left while the exporter was down.
        let names: BTreeSet<_> = receivers
            .iter()
            .map(|settings| settings.name.as_str())
            .collect();
        self.log.retain(|name| names.contains(name));
        Ok(())
    }

    /// Hands alerts to every notifier. Never waits for a receiver.
    pub fn notify(&self, alerts: Vec<Alert>) {
        let shared: Vec<_> = alerts.into_iter().map(Arc::new).collect();
        for Running { notifier, .. } in self.running().iter() {
            for alert in &shared {
                notifier.notify(alert);
            }
        }
    }

    /// Mutes by these windows from now on. What fires while it is muted is not queued for receivers that reach people; what
    /// still fires when its window is over has to be handed in again then. What they know to fire and is resolved meanwhile
    /// they are told at once: an incident that stays open goes on calling people.
    pub fn mute(&self, mutes: Arc<Mutes>) {
        self.mutes.send_replace(mutes);
        self.look_again();
    }

    /// Sends what was held back by windows that are over.
    pub fn look_again(&self) {
        for Running { notifier, .. } in self.running().iter() {
            notifier.look_again();
        }
    }

    /// The windows by which it mutes.
    pub fn mutes(&self) -> Arc<Mutes> {
        self.mutes.borrow().clone()
    }

    /// How the delivery to each receiver goes, in the order of the configuration.
    pub fn health(&self) -> Vec<Health> {
        self.running()
            .iter()
            .map(|running| running.notifier.health())
            .collect()
    }

    /// What was delivered to each receiver, now and after every change.
    pub fn notified(&self) -> watch::Receiver<Notified> {
        self.log.subscribe()
    }

    /// Waits, after the shutdown, until every notifier has sent what is left or given up.
    pub async fn stopped(&self) {
        let running = mem::take(&mut *self.running());
        for Running { task, .. } in running {
            // It ended, or it panicked and is gone as well.
            let _ = task.await;
        }
    }

    fn start(&self, settings: &Settings, client: ReceiverClient, old: Option<Running>) -> Running {
        let kind = settings.receiver.kind();
        let (kept, before) = match old {
            Some(old) if old.notifier.kind == kind => {
                old.task.abort();
                (Some(old.notifier), Some(old.task))
            }
            Some(old) => {
                self.dismiss(&old);
                (None, None)
            }
            None => (None, None),
        };
        let notifier = kept.unwrap_or_else(|| Arc::new(self.notifier(settings)));
        let (client, clock) = (Arc::new(client), self.clock.clone());
        let send = move |alerts: Vec<Arc<Alert>>| {
            let (client, clock) = (client.clone(), clock.clone());
            async move { client.send(&alerts, clock.now()).await }
        };
        let (running, stop) = (notifier.clone(), self.shutdown.clone());
        let task = tokio::spawn(async move {
            // Two at one queue would send things twice.
            if let Some(before) = before {
                let _ = before.await;
            }
            running.run(send, stop).await;
        });
        Running {
            settings: settings.clone(),
            notifier,
            task: AbortOnDropHandle::new(task),
        }
    }

    fn notifier(&self, settings: &Settings) -> Notifier {
        let parts = Parts {
            series: self.telemetry.notifications(&settings.name),
            log: self.log.clone(),
            clock: self.clock.clone(),
            mutes: self.mutes.subscribe(),
        };
        Notifier::new(&settings.name, settings.receiver.kind(), parts)
    }

    fn dismiss(&self, left: &Running) {
        left.task.abort();
        let name = &left.settings.name;
        self.log.forget(name);
        self.telemetry.forget_notifications(name);
        let waiting = left.notifier.waiting();
        if waiting > 0 {
            tracing::warn!(
                receiver = name,
                notifications = waiting,
                "a receiver is no longer configured: what waited for it is dropped"
            );
        }
    }

    fn running(&self) -> MutexGuard<'_, Vec<Running>> {
        self.running.lock()
    }
}
