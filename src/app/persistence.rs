//! The state file: opened before anything is polled, written behind every snapshot.

use std::{path::Path, sync::Arc};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    file::unblocked,
    journal,
    model::Snapshot,
    notify::{self, Notified},
    state_file::{OpenError, Rows, StateFile},
};

/// Opens the file, if one is configured, and says what it holds.
pub(super) fn open(
    path: Option<&Path>,
    clock: &Clock,
) -> Result<(Option<Arc<StateFile>>, Rows), OpenError> {
    let Some(path) = path else {
        return Ok((None, Rows::new()));
    };
    let opened = StateFile::open(path, clock.now())?;
    if let Some(aside) = opened.set_aside {
        tracing::error!(
            file = %path.display(), moved_to = %aside.display(),
            "the state file is damaged or none of ours; it was moved, and what it remembered is forgotten"
        );
    }
    if opened.was_empty {
        tracing::warn!(
            file = %path.display(),
            "the state file was empty; what it remembered, if anything, is lost, and history begins anew: look what empties \
             it, such as a full disk, a copy that broke off or a provisioned placeholder"
        );
    }
    Ok((Some(Arc::new(opened.file)), opened.rows))
}

/// Writes what changed in each snapshot since `known`, which is what the file holds, until the shutdown.
pub(super) async fn record(
    file: Arc<StateFile>,
    mut known: Arc<Snapshot>,
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    shutdown: CancellationToken,
) {
    loop {
        let changed = shutdown.run_until_cancelled(snapshots.changed()).await;
        // Once more at the end: a poll may have reported meanwhile.
        let now = snapshots.borrow_and_update().clone();
        let (file, before, after) = (file.clone(), known, now.clone());
        // The first poll of many links brings as many rows, and one row has the lag of all partitions of a link.
        let write = move || file.write(journal::changes(&before, &after));
        unblocked(write).await;
        known = now;
        if !matches!(changed, Some(Ok(()))) {
            return;
        }
    }
}

/// Writes the notification log whenever it changes, until all is delivered. `known` is what the file holds.
pub(super) async fn record_notified(
    file: Arc<StateFile>,
    mut known: Notified,
    mut log: watch::Receiver<Notified>,
    delivered: CancellationToken,
) {
    loop {
        let changed = delivered.run_until_cancelled(log.changed()).await;
        let now = log.borrow_and_update().clone();
        file.write(notify::notified_changes(&known, &now));
        known = now;
        if !matches!(changed, Some(Ok(()))) {
            return;
        }
    }
}
