//! What is known of an organisation's clusters.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::ClusterId;

/// An environment, as `GET /org/v2/environments` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// `id`, such as `env-a1b2`.
    pub id: String,
    /// `display_name`: any Unicode.
    pub display_name: String,
}

/// A cluster, as `GET /cmk/v2/clusters` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCluster {
    /// `id`, such as `lkc-a1b2`.
    pub id: ClusterId,
    /// `spec.display_name`: any Unicode.
    pub display_name: String,
    /// The environment that was asked.
    pub environment: Environment,
    /// `spec.cloud`, such as `AWS`.
    pub cloud: Option<String>,
    /// `spec.region`.
    pub region: Option<String>,
    /// `status.phase`.
    pub phase: Phase,
    /// `http_endpoint` by access point, of those that have one.
    pub endpoints: BTreeMap<String, String>,
    /// `spec.http_endpoint`, which Confluent calls deprecated.
    pub http_endpoint: Option<String>,
}

/// `status.phase`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is there.
    Provisioned,
    /// It is being made.
    Provisioning,
    /// It could not be made.
    Failed,
    /// A word that nobody has heard of.
    Other(String),
}

/// The clusters of the wanted environments, each id once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// In the order in which they were sent.
    pub clusters: Vec<ListedCluster>,
    /// Environments that are not wanted, whose clusters were not asked for.
    pub unwanted: Vec<Environment>,
    /// Items that could not be understood: there may be more clusters than these.
    pub unreadable: usize,
}

impl Phase {
    /// As the API spells it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Provisioned => "PROVISIONED",
            Self::Provisioning => "PROVISIONING",
            Self::Failed => "FAILED",
            Self::Other(word) => word,
        }
    }
}

impl From<&str> for Phase {
    fn from(word: &str) -> Self {
        match word {
            "PROVISIONED" => Self::Provisioned,
            "PROVISIONING" => Self::Provisioning,
            "FAILED" => Self::Failed,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl ListedCluster {
    /// The endpoint by which it is asked: that of the first access point that is there, else the deprecated one.
    pub fn endpoint(&self, access_points: &[String]) -> Option<&str> {
        let mut points = access_points.iter();
        let of_point = points.find_map(|point| self.endpoints.get(point));
        of_point.or(self.http_endpoint.as_ref()).map(String::as_str)
    }

    /// The cluster when this is what was known of it before. One that could be polled stays so: that it has no endpoint or is
    /// not provisioned any more does not say that it is gone, and then its polls say what is wrong with it.
    fn after(self, before: &Self, access_points: &[String]) -> Self {
        let was_usable =
            before.phase == Phase::Provisioned && before.endpoint(access_points).is_some();
        if !was_usable {
            return self;
        }
        let keeps = self.endpoint(access_points).is_none();
        Self {
            phase: Phase::Provisioned,
            endpoints: if keeps {
                before.endpoints.clone()
            } else {
                self.endpoints
            },
            http_endpoint: if keeps {
                before.http_endpoint.clone()
            } else {
                self.http_endpoint
            },
            ..self
        }
    }
}

impl List {
    /// Whether every item was understood.
    pub fn is_complete(&self) -> bool {
        self.unreadable == 0
    }

    /// What is known when this was read after that: of a list that is not complete nothing is gone.
    #[must_use]
    pub fn after(self, before: &Self, access_points: &[String]) -> Self {
        let mut known: BTreeMap<_, _> = before
            .clusters
            .iter()
            .map(|cluster| (&cluster.id, cluster))
            .collect();
        let is_complete = self.is_complete();
        let mut clusters: Vec<_> = self
            .clusters
            .into_iter()
            .map(|cluster| match known.remove(&cluster.id) {
                Some(before) => cluster.after(before, access_points),
                None => cluster,
            })
            .collect();
        if !is_complete {
            let stays = before.clusters.iter();
            clusters.extend(stays.filter(|it| known.contains_key(&it.id)).cloned());
        }
        Self { clusters, ..self }
    }

    /// Adds what a page or an environment brought. An id that comes again, as where pages shift while they are read, is the
    /// same cluster.
    pub(super) fn extend(&mut self, clusters: impl IntoIterator<Item = ListedCluster>) {
        let mut known: BTreeSet<_> = self.clusters.iter().map(|it| it.id.clone()).collect();
        let new = clusters
            .into_iter()
            .filter(|cluster| known.insert(cluster.id.clone()));
        self.clusters.extend(new);
    }
}
