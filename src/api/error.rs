//! What can go wrong when the API is asked, and what a person should check then.

mod send;
mod token;
mod transport_failure;

use std::time::Duration;

pub use send::SendError;
pub use token::{Refusal, TokenError, TokenIssuer};
pub use transport_failure::NoConnection;
pub(super) use transport_failure::TransportFailure;

use super::{tls::TlsFileError, wire::WireError};
use crate::{
    model::{Endpoint, Failure, LinkName, Reason},
    text::is_unprintable,
};

/// Why a request brought no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The credential could not be read, so nothing was sent.
    #[error("{0}")]
    Credential(String),
    /// A file of `tls_config` cannot be used, so nothing was sent.
    #[error("{0}; mend the file, or name another")]
    TlsFile(#[from] TlsFileError),
    /// There is no token, so nothing was sent to the API.
    #[error("no token from {issuer}: {error}")]
    Token {
        /// Who was asked for it.
        issuer: TokenIssuer,
        /// What went wrong there.
        error: TokenError,
    },
    /// No answer within the request's deadline.
    #[error("no complete answer within {}; check the network path and the load of the cluster", humantime::format_duration(*.0))]
    Timeout(Duration),
    /// The poll's deadline passed before or while this was asked.
    #[error(
        "the poll's deadline passed; raise `poll_timeout` or `max_concurrent_requests` if the cluster is only slow"
    )]
    Deadline,
    /// The API asked for a pause that is longer than the poll may last, so nothing was sent.
    #[error(
        "not asked, because the API throttles and wants a pause beyond the poll's deadline; raise `poll_interval`"
    )]
    Throttled,
    /// No connection, or one that was closed before the response's headers.
    #[error("{0}; check `endpoint`, DNS, firewall and `proxy_url`")]
    Connect(NoConnection),
    /// The TLS handshake failed.
    #[error("TLS failed: {0}; {TLS_ADVICE}")]
    Tls(String),
    /// The API answered with an error status.
    #[error("HTTP {status}{}; {}", quoted(.body), advice(*.status, *.endpoint))]
    Status {
        /// What was asked.
        endpoint: Endpoint,
        /// The HTTP status.
        status: u16,
        /// The start of the body.
        body: Snippet,
        /// How long the server wants to be left alone, where it says so.
        retry_after: Option<Duration>,
    },
    /// A redirect that is not followed.
    #[error(
        "HTTP {status} redirects to another place, which is not followed because the request carries credentials; check `endpoint` and `base_path`"
    )]
    Redirect {
        /// The HTTP status.
        status: u16,
    },
    /// The body was cut off.
    #[error("the answer was cut off: {0}")]
    Cut(String),
    /// The body is larger than anything this API sends.
    #[error("the answer is larger than {} MiB; check that `endpoint` is a Kafka REST API", .0 >> 20)]
    TooLarge(usize),
    /// The body is not what the API sends.
    #[error("the answer is not what this API sends: {problem}{}; check `endpoint` and `base_path`", quoted(.body))]
    Unreadable {
        /// What the decoder said.
        problem: WireError,
        /// The start of the body.
        body: Snippet,
    },
    /// No URL can name this link, so it was not asked for.
    #[error(
        "a link named `{0}` cannot be asked for: in a URL the name means a direction, however it is written"
    )]
    NoUrl(LinkName),
    /// `metadata.next` names another origin, or pages go on for ever.
    #[error("the list cannot be followed to its end: {0}")]
    Pages(&'static str),
}

impl ApiError {
    /// The class of failure; label `reason`.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Timeout(_) | Self::Deadline => Reason::Timeout,
            Self::Connect(_) => Reason::Connect,
            Self::Tls(_) | Self::TlsFile(_) => Reason::Tls,
            Self::Token { error, .. } => error.reason(),
            Self::Credential(_) | Self::Status { status: 401, .. } => Reason::Auth,
            Self::Status { status: 403, .. } => Reason::Forbidden,
            Self::Status { status: 404, .. } => Reason::NotFound,
            Self::Throttled | Self::Status { status: 429, .. } => Reason::Throttled,
            Self::Status { status: 500.., .. } => Reason::ServerError,
            Self::Status { .. }
            | Self::Redirect { .. }
            | Self::Cut(_)
            | Self::TooLarge(_)
            | Self::Unreadable { .. }
            | Self::NoUrl(_)
            | Self::Pages(_) => Reason::BadResponse,
        }
    }

    /// The HTTP status, where the answer was an error status.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// How long the server wants to be left alone, where it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the API asked us to slow down.
    pub fn is_throttled(&self) -> bool {
        self.reason() == Reason::Throttled
    }

    /// Whether a connection that had been kept from before turned out to be dead, which says nothing about a new one.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Connect(no_connection) if no_connection.is_stale())
    }

    /// Whether asking again soon may bring an answer: 429, 5xx, no connection, no answer in time.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Timeout(_) | Self::Connect(_) => true,
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            _ => false,
        }
    }
}

impl From<TransportFailure> for ApiError {
    fn from(failure: TransportFailure) -> Self {
        match failure {
            TransportFailure::Timeout(deadline) => Self::Timeout(deadline),
            TransportFailure::Cut(cause) => Self::Cut(cause),
            TransportFailure::Tls(cause) => Self::Tls(cause),
            TransportFailure::Connect(no_connection) => Self::Connect(no_connection),
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self {
            reason: error.reason(),
            message: error.to_string(),
        }
    }
}

/// What to check when a TLS handshake fails.
const TLS_ADVICE: &str = "check the names and the issuer of the server's certificate, `tls_config` \
                          (`ca_file` for a private CA, `cert_file` for mutual TLS) and the clock";

/// What to check, by status. The hard-won part: a 401 is not always a wrong password.
fn advice(status: u16, endpoint: Endpoint) -> &'static str {
    match (status, endpoint) {
        (401, _) => {
            "check the API key and secret, that the key is a cluster key of this cluster (a Cloud key is the wrong \
             kind), and that its owner has the role ClusterOperator: a missing role is answered like this too"
        }
        (403, Endpoint::Configs) => {
            "grant the role ClusterOperator, or the ACL DESCRIBE_CONFIGS on the cluster, or set `collect.configs` to false"
        }
        (403, Endpoint::Mirrors | Endpoint::Mirror) => {
            "grant the role ClusterOperator, or the ACLs DESCRIBE on the cluster and on the topics, or set \
             `collect.mirrors` to off"
        }
        (403, _) => "grant the role ClusterOperator, or the ACL DESCRIBE on the cluster",
        (404, _) => {
            "check `cluster_id` and `base_path` (`/kafka/v3`, or `/v3` for a standalone REST Proxy)"
        }
        (407, _) => "the proxy wants a user and password: write them into `proxy_url`",
        (429, _) => "the API throttles; raise `poll_interval` or lower `max_concurrent_requests`",
        (500.., _) => "the server or a proxy before it is in trouble; the next poll asks again",
        _ => "check `endpoint`, `base_path` and `cluster_id`",
    }
}

/// At most 200 safe bytes of a foreign body, on one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet(String);

impl Snippet {
    const MAX_BYTES: usize = 200;

    pub(super) fn of(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&body[..body.len().min(4 * Self::MAX_BYTES)]);
        let mut safe = String::new();
        for word in text
            .split(|c: char| c.is_whitespace() || is_unprintable(c))
            .filter(|word| !word.is_empty())
        {
            if !safe.is_empty() {
                safe.push(' ');
            }
            safe.push_str(word);
        }
        safe.truncate(safe.floor_char_boundary(Self::MAX_BYTES));
        Self(safe)
    }
}

/// What follows the status in a message.
pub(super) fn quoted(Snippet(text): &Snippet) -> String {
    if text.is_empty() {
        ", empty body".to_owned()
    } else {
        format!(": `{text}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_body_is_cut_to_one_safe_line() {
        let page = Snippet::of(b"<html>\r\n\t<b>\x1b[31mNo\x00</b>\xe2\x80\xae\xff");
        assert_eq!(page.0, "<html> <b> [31mNo </b> \u{fffd}");
        assert_eq!(Snippet::of("ü".repeat(500).as_bytes()).0.len(), 200);
    }

    #[test]
    fn a_status_says_what_was_found_and_what_to_check() {
        let error = |status, body: &str| ApiError::Status {
            endpoint: Endpoint::Links,
            status,
            body: Snippet::of(body.as_bytes()),
            retry_after: None,
        };
        let shown = [
            error(
                403,
                r#"{"error_code":40301,"message":"Request is not authorized"}"#,
            ),
            error(503, ""),
            error(418, "teapot"),
        ]
        .map(|error| format!("{}: {error}", error.reason().label()));
        assert_eq!(
            shown,
            [
                "forbidden: HTTP 403: `{\"error_code\":40301,\"message\":\"Request is not authorized\"}`; grant the role \
             ClusterOperator, or the ACL DESCRIBE on the cluster",
                "server_error: HTTP 503, empty body; the server or a proxy before it is in trouble; the next poll asks again",
                "bad_response: HTTP 418: `teapot`; check `endpoint`, `base_path` and `cluster_id`",
            ]
        );
    }
}
