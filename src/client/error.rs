//! What can go wrong before anybody answers, and what a person should check then.

mod redirect;
mod send;
mod token;
mod transport_failure;

pub use redirect::Redirect;
pub(in crate::client) use redirect::Unfollowed;
pub use send::SendError;
pub use token::{Refusal, TokenError, TokenIssuer};
pub use transport_failure::NoConnection;
pub(crate) use transport_failure::TransportFailure;

use std::time::Duration;

use super::tls::TlsFileError;
use crate::model::Reason;

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The credential could not be read, so no request can be signed.
    #[error("{0}")]
    Credential(String),
    /// A file of `tls_config` cannot be used, so no connection can be made.
    #[error("{0}; mend the file, or name another")]
    TlsFile(#[from] TlsFileError),
    /// There is no token, so no request can be signed.
    #[error("no token from {issuer}: {error}")]
    Token {
        /// Who was asked for it.
        issuer: TokenIssuer,
        /// What went wrong there.
        error: TokenError,
    },
}

/// Why connections cannot be made. Who makes them says what a person should check.
#[derive(Debug)]
pub(crate) enum SetupError {
    TlsFile(TlsFileError),
    Transport(TransportFailure),
}

impl ClientError {
    /// The class of failure; label `reason`.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Credential(_) => Reason::Auth,
            Self::TlsFile(_) => Reason::Tls,
            Self::Token { error, .. } => error.reason(),
        }
    }

    /// For how long an issuer of tokens wants to be left alone, and the status that it said so with.
    pub(super) fn pause(&self) -> Option<(u16, Duration)> {
        match self {
            Self::Token { error, .. } => error.pause(),
            Self::Credential(_) | Self::TlsFile(_) => None,
        }
    }
}

impl SetupError {
    /// Of the connections to an issuer of tokens.
    pub(super) fn at_issuer(self, issuer: TokenIssuer) -> ClientError {
        match self {
            Self::TlsFile(error) => ClientError::TlsFile(error),
            Self::Transport(failure) => ClientError::Token {
                issuer,
                error: failure.into(),
            },
        }
    }
}

impl From<TlsFileError> for SetupError {
    fn from(error: TlsFileError) -> Self {
        Self::TlsFile(error)
    }
}

/// What to check when a proxy answers 407, or as much by SOCKS.
pub(crate) const PROXY_ADVICE: &str =
    "the proxy wants a user and password: write them into `proxy_url`";

/// What to check when a TLS handshake fails.
pub(crate) const TLS_ADVICE: &str = "check the names and the issuer of the server's certificate, `tls_config` \
                          (`ca_file` for a private CA, `cert_file` for mutual TLS) and the clock";
