//! How one cluster's REST API is reached.

use std::time::Duration;

use url::Url;

use crate::{model::ClusterId, secret::Secret};

/// Where the API is and how to sign in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `endpoint`: scheme, host and port; without path, query and user.
    pub endpoint: Url,
    /// `base_path`: `/kafka/v3` on Confluent Cloud and Platform's embedded server, `/v3` on a standalone REST Proxy.
    pub base_path: String,
    /// `cluster_id`; asked from the server where it is `None`.
    pub cluster_id: Option<ClusterId>,
    /// `basic_auth` or `authorization`.
    pub credential: Credential,
    /// `request_timeout`: the deadline of a single request.
    pub request_timeout: Duration,
}

impl Settings {
    /// The default of `base_path`.
    pub const BASE_PATH: &str = "/kafka/v3";
    /// The default of `request_timeout`.
    pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
}

/// One kind of authentication.
#[derive(Clone, Debug)]
pub enum Credential {
    /// No authentication at all.
    None,
    /// HTTP Basic with a cluster API key and its secret.
    Basic {
        /// The API key. Not secret by itself, but it may come from a file as well.
        username: Secret,
        /// The API secret.
        password: Secret,
    },
    /// `Authorization: <scheme> <credentials>`, usually a Bearer token.
    Header {
        /// `type`, by default `Bearer`.
        scheme: String,
        /// The token.
        credentials: Secret,
    },
}
