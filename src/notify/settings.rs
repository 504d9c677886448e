//! One receiver as the configuration describes it.

use std::time::Duration;

use super::Receiver;
use crate::{
    client::{Credential, Transport},
    web_links::BaseUrl,
};

/// Whom to notify, and how to get there. Its `Debug` holds no secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `name`; of an Alertmanager its host and port. Label `receiver`.
    pub name: String,
    /// What it is.
    pub receiver: Receiver,
    /// `basic_auth`, `authorization` or `oauth2`.
    pub credential: Credential,
    /// `tls_config` and the proxy keys.
    pub transport: Transport,
    /// `timeout`: the deadline of one attempt.
    pub timeout: Duration,
    /// `alerting.external_url`: where people who read the alert find the exporter's page.
    pub external_url: Option<BaseUrl>,
}

impl Settings {
    /// The default of `timeout`.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
}
