//! What the web server shows.

use std::sync::Arc;

use tokio::sync::watch;

use crate::{
    alert::{ActiveAlert, NotificationBuilder},
    clock::Clock,
    journal::Transitions,
    metrics::Exposition,
    model::{Shard, Snapshot},
    notify::Notifiers,
    telemetry::Telemetry,
};

/// All that an answer can show.
pub struct AppState {
    /// The current snapshot.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    /// Its text, rendered when it changed.
    pub exposition: watch::Receiver<Exposition>,
    /// The exporter's own metrics.
    pub telemetry: Arc<Telemetry>,
    /// What is pending and what fires, the worst first.
    pub alerts: watch::Receiver<Arc<[ActiveAlert]>>,
    /// What makes of them what receivers get.
    pub notification_builder: watch::Receiver<Arc<NotificationBuilder>>,
    /// What changed its state lately.
    pub transitions: Arc<Transitions>,
    /// Who is notified, and how that goes.
    pub notifiers: Arc<Notifiers>,
    /// The time of day, for ages on the page.
    pub clock: Clock,
    /// `--web.telemetry-path`.
    pub telemetry_path: String,
    /// `--shard`: the snapshot has only the clusters of this shard.
    pub shard: Option<Shard>,
}
