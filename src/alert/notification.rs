//! What receivers are notified of: an alert, and why now.

use std::collections::BTreeMap;

use jiff::Timestamp;
use strum::IntoStaticStr;

/// An alert as every receiver gets it. Alertmanager takes two with the same labels for one, whoever sent them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// `alertname`, the rule's static labels, what identifies the subject, and `alerting.external_labels`. Never a value,
    /// a state or a message.
    pub labels: BTreeMap<String, String>,
    /// Texts for people; they may differ each time.
    pub annotations: BTreeMap<String, String>,
    /// Since when the alert fires.
    pub starts_at: Timestamp,
    /// When it was resolved; while it fires, when a receiver may take it for resolved if it is not repeated.
    pub ends_at: Timestamp,
    /// Whether it fires or is resolved.
    pub status: Status,
}

/// Whether an alert fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// Its condition holds, for as long as its rule requires.
    Firing,
    /// It fired, and its condition holds no longer.
    Resolved,
}

/// Why receivers are notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The alert began to fire.
    First,
    /// The alert ended.
    Resolved,
    /// Nothing changed: sent again for receivers that take what is not repeated for resolved.
    Repeat,
}

impl Status {
    /// As Alertmanager spells it.
    pub fn label(self) -> &'static str {
        self.into()
    }
}
