//! How an organisation is asked, and which of its clusters are wanted.

use std::time::Duration;

use url::Url;

use super::list::{Environment, ListedCluster};
use crate::{
    client::{Credential, Transport},
    model::LinkPatterns,
};

/// `confluent_cloud` of an item of `discovery`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `url`: where the organisation API is. Its credentials go nowhere else.
    pub url: Url,
    /// `environments`: by id or display name.
    pub environments: LinkPatterns,
    /// `clusters.include`: by id or display name.
    pub include: LinkPatterns,
    /// `clusters.exclude`: the same.
    pub exclude: LinkPatterns,
    /// `access_points`: keys of `spec.endpoints`, the first that is there counts.
    pub access_points: Vec<String>,
    /// `refresh_interval`: from the end of one good refresh to the start of the next.
    pub refresh_interval: Duration,
    /// `basic_auth`, `authorization` or `oauth2`.
    pub credential: Credential,
    /// `tls_config` and the proxy keys.
    pub transport: Transport,
    /// The deadline of a single request.
    pub request_timeout: Duration,
}

impl Settings {
    /// The default of `url`.
    pub const URL: &str = "https://api.confluent.cloud";
    /// The default of `refresh_interval`.
    pub const REFRESH_INTERVAL: Duration = Duration::from_secs(600);
    /// The access point that every cluster with a public endpoint has.
    pub const PUBLIC: &str = "PUBLIC";

    /// Label `discovery`: the host of the URL.
    pub fn label(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether the clusters of the environment are asked for.
    pub fn wants_environment(&self, environment: &Environment) -> bool {
        let names = [&environment.id, &environment.display_name];
        names
            .iter()
            .any(|name| self.environments.matches(name.as_str()))
    }

    /// Whether the cluster is wanted.
    pub fn wants(&self, cluster: &ListedCluster) -> bool {
        let names = [cluster.id.as_str(), &cluster.display_name];
        let any = |patterns: &LinkPatterns| names.iter().any(|name| patterns.matches(name));
        any(&self.include) && !any(&self.exclude)
    }
}
