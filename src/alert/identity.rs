//! The identity of an alert: the labels in which the alerts of a rule differ.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize, Serializer};

use crate::model::{ClusterId, ClusterName};

/// Every label that an identity can have. What was saved under another one is not read.
pub(super) const LABELS: &[&str] = &[
    CLUSTER_NAME,
    CLUSTER_ID,
    LINK_NAME,
    TASK_NAME,
    EXPECTATION,
    FINDING,
    REMOTE_CLUSTER_ID,
    CHECK,
    FIELD,
    ENDPOINT,
    DISCOVERY,
];

/// The label with the name that the configuration gives a cluster.
pub const CLUSTER_NAME: &str = "cluster_name";
pub(super) const CLUSTER_ID: &str = "cluster_id";
/// The label with the name of a link.
pub const LINK_NAME: &str = "link_name";
pub(super) const TASK_NAME: &str = "task_name";
pub(super) const EXPECTATION: &str = "expectation";
pub(super) const FINDING: &str = "finding";
pub(super) const REMOTE_CLUSTER_ID: &str = "remote_cluster_id";
pub(super) const CHECK: &str = "check";
pub(super) const FIELD: &str = "field";
pub(super) const ENDPOINT: &str = "endpoint";
/// The label with the host of a discovery's `url`.
pub(super) const DISCOVERY: &str = "discovery";

/// The labels that identify an alert of a rule, spelled as those of the rule's expression: never a state, never a value.
/// A label without a value is left out, as in Prometheus.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct Identity(Arc<BTreeMap<&'static str, String>>);

/// A label that no rule of ours has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no alert has a label `{0}`")]
pub struct UnknownLabel(String);

impl Identity {
    /// That of a cluster, whose id may not be known.
    pub fn cluster(name: &ClusterName, id: Option<&ClusterId>) -> Self {
        Self::default()
            .with(CLUSTER_NAME, name.as_str())
            .with(CLUSTER_ID, id.map_or("", ClusterId::as_str))
    }

    /// The same with one label more.
    #[must_use]
    pub fn with(mut self, label: &'static str, value: &str) -> Self {
        debug_assert!(LABELS.contains(&label), "add `{label}` to `LABELS`");
        if !value.is_empty() {
            Arc::make_mut(&mut self.0).insert(label, value.to_owned());
        }
        self
    }

    /// The labels and their values.
    pub fn labels(&self) -> &BTreeMap<&'static str, String> {
        &self.0
    }

    /// The value of a label; empty where there is none.
    pub fn label(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The name of the cluster it is about; empty where it is about none.
    pub fn cluster_name(&self) -> &str {
        self.label(CLUSTER_NAME)
    }

    /// The name of the link it is about; empty where it is about none.
    pub fn link_name(&self) -> &str {
        self.label(LINK_NAME)
    }

    /// The id of the cluster it is about; empty where it is not known.
    pub fn cluster_id(&self) -> &str {
        self.label(CLUSTER_ID)
    }
}

impl Serialize for Identity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(serializer)
    }
}

impl TryFrom<BTreeMap<String, String>> for Identity {
    type Error = UnknownLabel;

    fn try_from(labels: BTreeMap<String, String>) -> Result<Self, UnknownLabel> {
        let known = |(label, value): (String, String)| match LABELS.iter().find(|l| **l == label) {
            Some(known) => Ok((*known, value)),
            None => Err(UnknownLabel(label)),
        };
        labels
            .into_iter()
            .map(known)
            .collect::<Result<_, _>>()
            .map(|labels| Self(Arc::new(labels)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_reads_back_and_another_label_is_named() {
        let identity = Identity::cluster(&"dr".into(), None).with(LINK_NAME, "a");
        let text = serde_json::to_string(&identity).unwrap();
        assert_eq!(text, r#"{"cluster_name":"dr","link_name":"a"}"#);
        assert_eq!(serde_json::from_str::<Identity>(&text).unwrap(), identity);
        let unknown = serde_json::from_str::<Identity>(r#"{"mood":"good"}"#);
        assert_eq!(
            unknown.unwrap_err().to_string(),
            "no alert has a label `mood`"
        );
    }
}
