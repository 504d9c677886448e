//! What can go wrong when the organisation API is asked, and what a person should check then.

use std::time::Duration;

use super::wire::PageError;
use crate::{
    client::{
        ClientError, NoConnection, PROXY_ADVICE, Redirect, SetupError, Snippet, TLS_ADVICE,
        TransportFailure, quoted,
    },
    text::printable,
};

/// Why there is no list of clusters, or none that is whole.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// There is no signature or no connection to send it by, so nothing was sent.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// No answer within the request's deadline.
    #[error("no complete answer within {}; check the network path to `url`", humantime::format_duration(*.0))]
    Timeout(Duration),
    /// The list did not come to its end in time.
    #[error("the list was not read within {}; name fewer `environments`", humantime::format_duration(*.0))]
    Deadline(Duration),
    /// No connection, or one that was closed before the response's headers.
    #[error("{}; {}", .0, .0.advice("check `url`, DNS, firewall and `proxy_url`"))]
    Connect(NoConnection),
    /// The TLS handshake failed.
    #[error("TLS failed: {0}; {TLS_ADVICE}")]
    Tls(String),
    /// An error status.
    #[error("{of}: HTTP {status}{}; {}", quoted(.body), advice(*.status))]
    Status {
        /// Of which list.
        of: Asked,
        /// The HTTP status.
        status: u16,
        /// The start of the body.
        body: Snippet,
        /// How long the server wants to be left alone, where it says so.
        retry_after: Option<Duration>,
    },
    /// A redirect that is not followed.
    #[error("{}; {}", .0, .0.advice("`url`"))]
    Redirect(Redirect),
    /// The body was cut off.
    #[error("{0}: the answer was cut off: {1}; the exporter asks again")]
    Cut(Asked, String),
    /// The body is larger than anything this API sends.
    #[error("{0}: the answer is larger than {mib} MiB; check that `url` is the organisation API", mib = .1 >> 20)]
    TooLarge(Asked, usize),
    /// The body is good and holds a credential that it was asked with.
    #[error(
        "the answer repeats our credentials, so nothing of it is used; look at what stands between, such as a debugging \
         proxy, and replace the credentials"
    )]
    RepeatsCredentials,
    /// The body is not what the API sends.
    #[error("{of}: the answer is not what this API sends: {problem}{}; check `url`", quoted(.body))]
    Unreadable {
        /// Of which list.
        of: Asked,
        /// What the decoder said.
        problem: PageError,
        /// The start of the body.
        body: Snippet,
    },
    /// `metadata.next` leads elsewhere, in a circle, or on for ever.
    #[error(
        "{0}: the list cannot be followed to its end: {1}; check `url`, and what stands between"
    )]
    Pages(Asked, &'static str),
    /// So many requests that something must be wrong.
    #[error("more than {0} requests for one list; name fewer `environments`")]
    Requests(usize),
    /// Every organisation has an environment: who sees none may see nothing.
    #[error(
        "the list of environments is empty, and every organisation has one: give the owner of the API key a role that may \
         see environments and clusters, such as OrganizationAdmin or EnvironmentAdmin"
    )]
    NoEnvironments,
    /// The list was read, and items of it could not be understood.
    #[error(
        "{0} of the list's items could not be understood (no id, name or phase, or a value of another type): the others are \
         polled, and no cluster counts as gone meanwhile; look at what `confluent kafka cluster list` shows"
    )]
    Unreadables(usize),
}

/// A list that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `GET /org/v2/environments`.
    Environments,
    /// `GET /cmk/v2/clusters` of this environment.
    Clusters(String),
}

impl std::fmt::Display for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Environments => f.write_str("environments"),
            Self::Clusters(id) => write!(f, "clusters of environment `{}`", printable(id)),
        }
    }
}

impl DiscoveryError {
    /// How long the server wants to be left alone, where it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether a connection that had been kept from before turned out to be dead, which says nothing about a new one.
    pub(super) fn is_stale(&self) -> bool {
        matches!(self, Self::Connect(no_connection) if no_connection.is_stale())
    }

    /// Of what was asked for.
    pub(super) fn of(failure: TransportFailure, of: Asked) -> Self {
        match failure {
            TransportFailure::Timeout(deadline) => Self::Timeout(deadline),
            TransportFailure::Cut(cause) => Self::Cut(of, cause),
            TransportFailure::Tls(cause) => Self::Tls(cause),
            TransportFailure::Connect(no_connection) => Self::Connect(no_connection),
        }
    }
}

impl From<SetupError> for DiscoveryError {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::TlsFile(error) => ClientError::TlsFile(error).into(),
            SetupError::Transport(failure) => Self::of(failure, Asked::Environments),
        }
    }
}

/// What to check, by status.
fn advice(status: u16) -> &'static str {
    match status {
        401 => {
            "check the API key and secret, and that it is a Cloud API key: the key of a Kafka cluster is the wrong kind"
        }
        403 => {
            "give the owner of the API key a role that may see environments and clusters, such as OrganizationAdmin or \
             EnvironmentAdmin, or leave the environment out of `environments`"
        }
        404 => "check `url`: it is scheme and host of the organisation API, without `/org/v2`",
        407 => PROXY_ADVICE,
        429 => "the API throttles; raise `refresh_interval`",
        500.. => "the server or a proxy before it is in trouble; the exporter asks again",
        _ => "check `url`",
    }
}
