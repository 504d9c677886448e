//! Which alerts were delivered to whom: the part of delivery that has to survive a restart. Alertmanager calls its own
//! `nflog`.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use tokio::sync::watch;

use super::key::Key;
use crate::state_file::{Changes, Rows, Table, TableRow};

/// The alerts that each event-driven receiver knows to fire, by its name, and since when they fire. An alert is entered
/// when its trigger was delivered and leaves when its resolve was.
pub type Notified = BTreeMap<String, BTreeMap<Key, Timestamp>>;

/// Since when an alert fires that a receiver knows of: one row, under the names of both.
#[derive(Clone, Copy, Debug)]
struct NotifiedRow {
    starts_at: Timestamp,
}

impl TableRow for NotifiedRow {
    const TABLE: Table = Table::Notified;

    fn encode(&self) -> Vec<u8> {
        self.starts_at.to_string().into_bytes()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let starts_at = std::str::from_utf8(bytes).ok()?.parse().ok()?;
        Some(Self { starts_at })
    }
}

/// The rows of a state file that differ, `before` being what is on disk.
pub fn notified_changes(before: &Notified, after: &Notified) -> Changes {
    let (before, mut changes) = (rows(before), Changes::new());
    let mut gone = before.clone();
    for (key, row) in rows(after) {
        gone.remove(&key);
        if before.get(&key) != Some(&row) {
            changes.insert(key, Some(row));
        }
    }
    changes.extend(gone.into_keys().map(|key| (key, None)));
    changes
}

/// What the rows of a state file say, and the removal of those that cannot be read: what they said is sent again.
pub fn restore_notified(rows: &Rows) -> (Notified, Changes) {
    let (mut notified, mut changes) = (Notified::new(), Changes::new());
    for (place, row) in NotifiedRow::all(rows) {
        let known = names(&place.1).zip(row);
        if let Some(((receiver, key), row)) = known {
            let alerts: &mut BTreeMap<_, _> = notified.entry(receiver).or_default();
            alerts.insert(key, row.starts_at);
        } else {
            changes.insert(place.clone(), None);
        }
    }
    (notified, changes)
}

fn rows(notified: &Notified) -> Rows {
    let all = notified.iter().flat_map(|(receiver, alerts)| {
        alerts.iter().map(move |(key, starts_at)| {
            let names = serde_json::to_string(&(receiver, key.as_str()));
            let names = names.expect("texts are JSON");
            let row = NotifiedRow {
                starts_at: *starts_at,
            };
            (NotifiedRow::at(names), row.encode())
        })
    });
    all.collect()
}

/// The receiver and the alert whose names these are.
fn names(names: &str) -> Option<(String, Key)> {
    let (receiver, key): (String, String) = serde_json::from_str(names).ok()?;
    Some((receiver, key.into()))
}

/// Where notifiers write down what they delivered.
#[derive(Clone, Debug)]
pub(super) struct NotificationLog(Arc<watch::Sender<Notified>>);

impl NotificationLog {
    /// A log that holds this already.
    pub(super) fn new(notified: Notified) -> Self {
        Self(Arc::new(watch::Sender::new(notified)))
    }

    /// What one receiver knows.
    pub(super) fn of(&self, receiver: &str) -> BTreeMap<Key, Timestamp> {
        self.0.borrow().get(receiver).cloned().unwrap_or_default()
    }

    /// Replaces what one receiver knows.
    pub(super) fn write(&self, receiver: &str, notified: BTreeMap<Key, Timestamp>) {
        self.0.send_if_modified(|all| {
            let is_new = all.get(receiver) != Some(&notified);
            if is_new {
                all.insert(receiver.to_owned(), notified);
            }
            is_new
        });
    }

    /// Forgets a receiver.
    pub(super) fn forget(&self, receiver: &str) {
        self.retain(|name| name != receiver);
    }

    /// Forgets all other receivers.
    pub(super) fn retain(&self, is_kept: impl Fn(&str) -> bool) {
        self.0.send_if_modified(|all| {
            let before = all.len();
            all.retain(|name, _| is_kept(name));
            all.len() < before
        });
    }

    /// Shows every change.
    pub(super) fn subscribe(&self) -> watch::Receiver<Notified> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::testing::{START, alert};

    fn notified(receivers: &[(&str, &[&str])]) -> Notified {
        let known = |links: &[&str]| {
            let keys = links
                .iter()
                .map(|link| Key::of_subject(&alert(link).labels));
            keys.map(|key| (key, START)).collect()
        };
        let receivers = receivers.iter();
        receivers
            .map(|(name, links)| ((*name).to_owned(), known(links)))
            .collect()
    }

    /// What is on disk after these changes.
    fn apply(rows: &mut Rows, changes: Changes) -> usize {
        let count = changes.len();
        for (key, row) in changes {
            match row {
                Some(row) => rows.insert(key, row),
                None => rows.remove(&key),
            };
        }
        count
    }

    #[test]
    fn what_was_delivered_is_read_back_and_only_what_changed_is_written() {
        let first = notified(&[("ops", &["orders", "sales"]), ("a \"b\"\u{0}", &["orders"])]);
        let second = notified(&[("ops", &["sales", "stock"])]);
        let mut rows = Rows::new();
        assert_eq!(
            apply(&mut rows, notified_changes(&Notified::new(), &first)),
            3
        );
        assert_eq!(restore_notified(&rows), (first.clone(), Changes::new()));
        assert_eq!(
            apply(&mut rows, notified_changes(&first, &second)),
            3,
            "two are gone, one is new"
        );
        assert_eq!(restore_notified(&rows), (second.clone(), Changes::new()));
        assert!(notified_changes(&second, &second).is_empty());
    }

    #[test]
    fn rows_that_cannot_be_read_are_removed_and_those_of_others_left_alone() {
        let bad = [(Table::Notified, "[]"), (Table::Notified, r#"["ops","k"]"#)];
        let mut rows: Rows = bad
            .map(|(table, key)| ((table, key.into()), b"no time".to_vec()))
            .into();
        rows.insert((Table::Links, "[]".into()), Vec::new());
        let (notified, changes) = restore_notified(&rows);
        assert!(notified.is_empty());
        assert_eq!((changes.len(), apply(&mut rows, changes)), (2, 2));
        assert_eq!(rows.len(), 1);
    }
}
