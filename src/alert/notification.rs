//! What receivers are told: an alert, and why just now.

use std::collections::BTreeMap;

use jiff::Timestamp;

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
    /// When it was resolved; while it fires, when it is to be taken for resolved if nobody hears of it any more.
    pub ends_at: Timestamp,
    /// Whether it fires or is resolved.
    pub status: Status,
}

/// Whether an alert fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Its condition has held for long enough.
    Firing,
    /// It fired, and its condition has ended.
    Resolved,
}

/// Why a receiver is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The alert began to fire.
    First,
    /// The alert ended.
    Resolved,
    /// Nothing changed: said again for those that forget what they are not told again.
    Repeat,
}

/// One alert to tell, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Why just now.
    pub reason: Reason,
    /// Of what.
    pub alert: Alert,
}

impl Status {
    /// As Alertmanager spells it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}
