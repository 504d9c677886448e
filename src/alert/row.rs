//! What of the engine must outlive the process, as rows for the state file.

use serde::{Deserialize, Serialize};

use super::{
    alert_state::AlertState,
    clock::EngineInstant,
    details::Details,
    identity::Identity,
    lookback::{link::LinkLookback, poll::PollLookback},
};
use crate::{
    model::{ClusterName, LinkName},
    state_file::{Change, Rows, Table, TableRow},
};

const JSON: &str = "plain data is JSON";

/// Which row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// For how long engines have run; written in every evaluation.
    Clock,
    /// An alert that is pending, firing or was resolved lately.
    Alert {
        /// The name of its rule.
        rule: String,
        /// Its labels.
        identity: Identity,
    },
    /// The look-back of a cluster's polls.
    Polls {
        /// The cluster.
        cluster_name: String,
    },
    /// The look-back of a link.
    Link {
        /// Its cluster.
        cluster_name: String,
        /// The link.
        link_name: String,
    },
}

/// The value of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Under [`Key::Clock`].
    Clock(EngineInstant),
    /// Under [`Key::Alert`].
    Alert(AlertRow),
    /// Under [`Key::Polls`].
    Polls(PollLookback),
    /// Under [`Key::Link`].
    Link(LinkLookback),
}

/// An alert without what its key says. In a file its fields have the names that they had in 0.1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRow {
    #[serde(rename = "course")]
    pub(super) state: AlertState,
    #[serde(rename = "held")]
    pub(super) is_last_known: bool,
    /// When its condition was last seen to hold, where the alert stays active though nothing is known.
    #[serde(rename = "unseen")]
    pub(super) last_seen: Option<EngineInstant>,
    pub(super) details: Details,
}

/// The rows that an evaluation wrote, and those that it removed (`None`); at most one entry per row but where a row was
/// removed and written again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(Vec<(Key, Option<Value>)>);

impl TableRow for Value {
    const TABLE: Table = Table::Alerts;

    fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect(JSON)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// What an engine left in a state file. A row that cannot be read is none: it was of another version.
pub fn restored(rows: &Rows) -> impl Iterator<Item = (Key, Value)> {
    Value::all(rows).filter_map(|((_, key), value)| Some((Key::decode(key)?, value?)))
}

impl Changes {
    /// As a state file takes them, each made when it is asked for.
    pub fn encoded(&self) -> impl Iterator<Item = Change> {
        self.iter().map(|(key, value)| {
            let row = value.map(Value::encode);
            (Value::at(key.encode()), row)
        })
    }

    /// Whether there is anything but what every evaluation or poll writes: how long the engine has run, and when a cluster was
    /// polled.
    pub fn is_news(&self) -> bool {
        let is_news = |(key, value): &(Key, Option<Value>)| {
            value.is_none() || !matches!(key, Key::Clock | Key::Polls { .. })
        };
        self.0.iter().any(is_news)
    }

    pub(super) fn write(&mut self, key: Key, value: Value) {
        self.0.push((key, Some(value)));
    }

    pub(super) fn remove(&mut self, key: Key) {
        self.0.push((key, None));
    }

    /// In the order in which they are to be applied.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, Option<&Value>)> {
        self.0.iter().map(|(key, value)| (key, value.as_ref()))
    }
}

impl Key {
    fn encode(&self) -> String {
        serde_json::to_string(self).expect(JSON)
    }

    fn decode(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn polls(cluster: &ClusterName) -> Self {
        Self::Polls {
            cluster_name: cluster.to_string(),
        }
    }

    pub(super) fn link(cluster: &ClusterName, link: &LinkName) -> Self {
        Self::Link {
            cluster_name: cluster.to_string(),
            link_name: link.to_string(),
        }
    }

    pub(super) fn alert(rule: &str, identity: &Identity) -> Self {
        Self::Alert {
            rule: rule.to_owned(),
            identity: identity.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_poll_writes_is_no_news_and_its_removal_is() {
        let key = || Key::polls(&"dr".into());
        let written = |key: Key, value: Option<Value>| Changes(vec![(key, value)]).is_news();
        let clock = || Some(Value::Clock(EngineInstant::default()));
        assert!(!written(Key::Clock, clock()));
        assert!(!written(key(), Some(Value::Polls(PollLookback::default()))));
        assert!(written(key(), None), "the cluster is gone");
        let link = Key::link(&"dr".into(), &"orders".into());
        assert!(written(link, None));
    }
}
