//! The couriers of all receivers, and what a reload makes of them.

use std::{collections::BTreeSet, mem, sync::Arc};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{
    Health, Settings, Told,
    courier::{Courier, Parts},
    messenger::{Messenger, StartError},
    told::Ledger,
};
use crate::{
    alert::{Alert, Notification},
    clock::Clock,
    telemetry::Telemetry,
};

/// Everybody who is told. One courier a receiver: one that is down or slow holds up no other.
pub struct Couriers {
    telemetry: Arc<Telemetry>,
    clock: Clock,
    shutdown: CancellationToken,
    ledger: Ledger,
    running: Mutex<Vec<Running>>,
}

struct Running {
    settings: Settings,
    courier: Arc<Courier>,
    /// Ends with the couriers, however they end.
    task: AbortOnDropHandle<()>,
}

impl Couriers {
    /// Nobody to tell yet. `told` is what receivers knew before a restart. With the shutdown every courier sends what is
    /// left for up to four seconds; [`Couriers::stopped`] waits for that.
    pub fn new(
        told: Told,
        telemetry: Arc<Telemetry>,
        clock: Clock,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            telemetry,
            clock,
            shutdown,
            ledger: Ledger::new(told),
            running: Mutex::default(),
        }
    }

    /// Tells these receivers from now on; their names differ. One that did not change goes on undisturbed, one that
    /// changed keeps its queue, and one that left is not sent what waited for it. On an error nothing has changed.
    ///
    /// Blocks for as long as the files of a `tls_config` may take; panics outside a tokio runtime.
    pub fn follow(&self, receivers: &[Settings]) -> Result<(), StartError> {
        // Files are read before the lock is taken: nobody who tells waits for a disk.
        let messengers = receivers.iter().cloned().map(Messenger::new);
        let messengers: Vec<_> = messengers.collect::<Result<_, _>>()?;
        let mut running = self.running();
        let mut before = mem::take(&mut *running);
        for (settings, messenger) in receivers.iter().zip(messengers) {
            let is_it = |running: &Running| running.settings.name == settings.name;
            let old = before
                .iter()
                .position(is_it)
                .map(|place| before.remove(place));
            running.push(match old {
                Some(old) if old.settings == *settings => old,
                old => self.start(settings, messenger, old),
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
        self.ledger.retain(|name| names.contains(name));
        Ok(())
    }

    /// Hands notifications to every courier. Never waits for anybody.
    pub fn tell(&self, notifications: &[Notification]) {
        for Running { courier, .. } in self.running().iter() {
            for notification in notifications {
                courier.tell(notification);
            }
        }
    }

    /// How the delivery to each receiver goes, in the order of the configuration.
    pub fn health(&self) -> Vec<Health> {
        self.running()
            .iter()
            .map(|running| running.courier.health())
            .collect()
    }

    /// What receivers know, now and after every change.
    pub fn told(&self) -> watch::Receiver<Told> {
        self.ledger.subscribe()
    }

    /// Waits, after the shutdown, until every courier has sent what is left or given up.
    pub async fn stopped(&self) {
        let running = mem::take(&mut *self.running());
        for Running { task, .. } in running {
            // It ended, or it panicked and is gone as well.
            let _ = task.await;
        }
    }

    fn start(&self, settings: &Settings, messenger: Messenger, old: Option<Running>) -> Running {
        let kind = settings.receiver.kind();
        let (kept, before) = match old {
            Some(old) if old.courier.kind == kind => {
                old.task.abort();
                (Some(old.courier), Some(old.task))
            }
            Some(old) => {
                self.dismiss(&old);
                (None, None)
            }
            None => (None, None),
        };
        let courier = kept.unwrap_or_else(|| Arc::new(self.courier(settings)));
        let (messenger, clock) = (Arc::new(messenger), self.clock.clone());
        let send = move |alerts: Vec<Arc<Alert>>| {
            let (messenger, clock) = (messenger.clone(), clock.clone());
            async move { messenger.send(&alerts, clock.now()).await }
        };
        let (bag, stop) = (courier.clone(), self.shutdown.clone());
        let task = tokio::spawn(async move {
            // Two at one queue would send things twice.
            if let Some(before) = before {
                let _ = before.await;
            }
            bag.run(send, stop).await;
        });
        Running {
            settings: settings.clone(),
            courier,
            task: AbortOnDropHandle::new(task),
        }
    }

    fn courier(&self, settings: &Settings) -> Courier {
        let parts = Parts {
            series: self.telemetry.notifications(&settings.name),
            ledger: self.ledger.clone(),
            clock: self.clock.clone(),
        };
        Courier::new(&settings.name, settings.receiver.kind(), parts)
    }

    fn dismiss(&self, left: &Running) {
        left.task.abort();
        let name = &left.settings.name;
        self.ledger.strike(name);
        self.telemetry.forget_notifications(name);
        let waiting = left.courier.waiting();
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
