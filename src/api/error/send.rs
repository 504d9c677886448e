//! What can go wrong when something is posted, before anybody answers.

use std::time::Duration;

use super::{ApiError, Broken, TLS_ADVICE};

/// Why there is no answer to what was posted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The credential or a file of `tls_config` cannot be used, or there is no token: nothing was sent.
    #[error(transparent)]
    Unsigned(#[from] ApiError),
    /// No answer within the deadline. It may have arrived all the same.
    #[error("no answer within {}; check the network path and the load of the receiver", humantime::format_duration(*.0))]
    Timeout(Duration),
    /// No connection, or one that was closed before the response's headers.
    #[error("no connection: {0}; check `url`, DNS, firewall and `proxy_url`")]
    Connect(String),
    /// The TLS handshake failed.
    #[error("TLS failed: {0}; {TLS_ADVICE}")]
    Tls(String),
}

impl SendError {
    /// Classifies an error of the HTTP client.
    pub(in crate::api) fn from_transport(error: &reqwest::Error, deadline: Duration) -> Self {
        match Broken::of(error, false) {
            Broken::Timeout => Self::Timeout(deadline),
            Broken::Tls(cause) => Self::Tls(cause),
            Broken::Connect(cause) | Broken::Cut(cause) => Self::Connect(cause),
        }
    }
}
