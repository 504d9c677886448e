//! How one cluster's REST API is reached.

use std::time::Duration;

use url::Url;

use crate::{
    client::{Credential, Transport},
    model::ClusterId,
};

/// Where the API is and how to sign in.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `endpoint`: scheme, host and port; without path, query and user.
    pub endpoint: Url,
    /// `base_path`: `/kafka/v3` on Confluent Cloud and Platform's embedded server, `/v3` on a standalone REST Proxy.
    pub base_path: String,
    /// `cluster_id`; asked from the server where it is `None`.
    pub cluster_id: Option<ClusterId>,
    /// `basic_auth`, `authorization`, `oauth2` or `metadata_service`.
    pub credential: Credential,
    /// `tls_config` and the proxy keys.
    pub transport: Transport,
    /// `request_timeout`: the deadline of a single request.
    pub request_timeout: Duration,
}

impl Settings {
    /// The default of `base_path`.
    pub const BASE_PATH: &str = "/kafka/v3";
    /// The default of `request_timeout`.
    pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

    /// Whether both speak of the same cluster at the same place, however it is signed in to and connected to.
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.is_same_endpoint(other) && self.cluster_id == other.cluster_id
    }

    /// Whether both speak to the same REST API.
    pub fn is_same_endpoint(&self, other: &Self) -> bool {
        self.endpoint == other.endpoint && self.base_path == other.base_path
    }
}
