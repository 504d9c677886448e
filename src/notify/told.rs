//! Who was told what: the part of delivery that has to survive a restart.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use tokio::sync::watch;

use super::key::Key;
use crate::state_file::{Changes, Rows, Table};

/// The alerts that each receiver of changes knows to fire, by its name, and since when they fire. An alert is entered when
/// its trigger was delivered and leaves when its resolve was.
pub type Told = BTreeMap<String, BTreeMap<Key, Timestamp>>;

/// The rows of a state file that differ, `before` being what is on disk.
pub fn told_changes(before: &Told, after: &Told) -> Changes {
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

/// What the rows of a state file say, and the removal of those that cannot be read: what they said is told again.
pub fn restore_told(rows: &Rows) -> (Told, Changes) {
    let (mut told, mut changes) = (Told::new(), Changes::new());
    for (key, row) in rows.iter().filter(|((table, _), _)| *table == Table::Told) {
        match read(&key.1, row) {
            Some((receiver, key, starts_at)) => {
                told.entry(receiver).or_default().insert(key, starts_at);
            }
            None => {
                changes.insert(key.clone(), None);
            }
        }
    }
    (told, changes)
}

fn rows(told: &Told) -> Rows {
    let all = told.iter().flat_map(|(receiver, alerts)| {
        alerts.iter().map(move |(key, starts_at)| {
            let names = serde_json::to_string(&(receiver, key.as_str()));
            let names = names.expect("texts are JSON");
            ((Table::Told, names), starts_at.to_string().into_bytes())
        })
    });
    all.collect()
}

fn read(names: &str, row: &[u8]) -> Option<(String, Key, Timestamp)> {
    let (receiver, key): (String, String) = serde_json::from_str(names).ok()?;
    let starts_at = std::str::from_utf8(row).ok()?.parse().ok()?;
    Some((receiver, key.into(), starts_at))
}

/// Where couriers write down what they delivered.
#[derive(Clone, Debug)]
pub(super) struct Ledger(Arc<watch::Sender<Told>>);

impl Ledger {
    /// A ledger that holds this already.
    pub(super) fn new(told: Told) -> Self {
        Self(Arc::new(watch::Sender::new(told)))
    }

    /// What one receiver knows.
    pub(super) fn of(&self, receiver: &str) -> BTreeMap<Key, Timestamp> {
        self.0.borrow().get(receiver).cloned().unwrap_or_default()
    }

    /// Replaces what one receiver knows.
    pub(super) fn write(&self, receiver: &str, told: BTreeMap<Key, Timestamp>) {
        self.0.send_if_modified(|all| {
            let is_new = all.get(receiver) != Some(&told);
            if is_new {
                all.insert(receiver.to_owned(), told);
            }
            is_new
        });
    }

    /// Forgets a receiver.
    pub(super) fn strike(&self, receiver: &str) {
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
    pub(super) fn subscribe(&self) -> watch::Receiver<Told> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::testing::{START, alert};

    fn told(receivers: &[(&str, &[&str])]) -> Told {
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
    fn what_was_told_is_read_back_and_only_what_changed_is_written() {
        let first = told(&[("ops", &["orders", "sales"]), ("a \"b\"\u{0}", &["orders"])]);
        let second = told(&[("ops", &["sales", "stock"])]);
        let mut rows = Rows::new();
        assert_eq!(apply(&mut rows, told_changes(&Told::new(), &first)), 3);
        assert_eq!(restore_told(&rows), (first.clone(), Changes::new()));
        assert_eq!(
            apply(&mut rows, told_changes(&first, &second)),
            3,
            "two are gone, one is new"
        );
        assert_eq!(restore_told(&rows), (second.clone(), Changes::new()));
        assert!(told_changes(&second, &second).is_empty());
    }

    #[test]
    fn rows_that_cannot_be_read_are_removed_and_those_of_others_left_alone() {
        let bad = [(Table::Told, "[]"), (Table::Told, r#"["ops","k"]"#)];
        let mut rows: Rows = bad
            .map(|(table, key)| ((table, key.into()), b"no time".to_vec()))
            .into();
        rows.insert((Table::Links, "[]".into()), Vec::new());
        let (told, changes) = restore_told(&rows);
        assert!(told.is_empty());
        assert_eq!((changes.len(), apply(&mut rows, changes)), (2, 2));
        assert_eq!(rows.len(), 1);
    }
}
