//! What can go wrong when something is posted, before anybody answers.

use std::time::Duration;

use super::{ClientError, NoConnection, SetupError, TLS_ADVICE, TransportFailure};

/// Why there is no answer to what was posted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The credential or a file of `tls_config` cannot be used, or there is no token: nothing was sent.
    #[error(transparent)]
    Unsigned(#[from] ClientError),
    /// No answer within the deadline. It may have arrived all the same.
    #[error("no answer within {}; check the network path and the load of the receiver", humantime::format_duration(*.0))]
    Timeout(Duration),
    /// No connection, or one that was closed before the response's headers.
    #[error("{}; {}", .0, .0.advice("check `url`, DNS, firewall and `proxy_url`"))]
    Connect(NoConnection),
    /// The answer broke off before its headers were whole.
    #[error("the answer was cut off: {0}")]
    Cut(String),
    /// The TLS handshake failed.
    #[error("TLS failed: {0}; {TLS_ADVICE}")]
    Tls(String),
}

impl From<TransportFailure> for SendError {
    fn from(failure: TransportFailure) -> Self {
        match failure {
            TransportFailure::Timeout(deadline) => Self::Timeout(deadline),
            TransportFailure::Tls(cause) => Self::Tls(cause),
            TransportFailure::Connect(no_connection) => Self::Connect(no_connection),
            TransportFailure::Cut(cause) => Self::Cut(cause),
        }
    }
}

impl From<SetupError> for SendError {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::TlsFile(error) => ClientError::TlsFile(error).into(),
            SetupError::Transport(failure) => failure.into(),
        }
    }
}
