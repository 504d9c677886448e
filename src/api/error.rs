//! What can go wrong when the API is asked, and what a person should check then.

use std::{borrow::Cow, time::Duration};

use super::wire::WireError;
use crate::{
    client::{
        ClientError, NoConnection, PROXY_ADVICE, Redirect, SetupError, Snippet, TLS_ADVICE,
        TransportFailure, quoted,
    },
    model::{Endpoint, Failure, LinkName, Reason},
    rights::{AUTHORIZATION_FAILED, ROLE, Right},
};

/// Why a request brought no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// There is no signature or no connection to send it by, so nothing was sent to the API.
    #[error(transparent)]
    Client(#[from] ClientError),
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
    /// An API in trouble asked for such a pause.
    #[error(
        "not asked, because the API answered that it is in trouble and wants a pause beyond the poll's deadline, which is kept to for up to 15 minutes; look at the server or a proxy before it"
    )]
    Unavailable,
    /// No connection, or one that was closed before the response's headers.
    #[error("{}; {}", .0, .0.advice("check `endpoint`, DNS, firewall and `proxy_url`"))]
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
    #[error("{}; {}", .0, .0.advice("`endpoint` and `base_path`"))]
    Redirect(Redirect),
    /// The body was cut off.
    #[error("the answer was cut off: {0}")]
    Cut(String),
    /// The body is larger than anything this API sends.
    #[error("the answer is larger than {} MiB; check that `endpoint` is a Kafka REST API", .0 >> 20)]
    TooLarge(usize),
    /// The body is good and holds a credential that it was asked with: none of it may be shown.
    #[error(
        "the answer repeats our credentials, so nothing of it is used; look at what stands between, such as a debugging proxy, and replace the credentials"
    )]
    RepeatsCredentials,
    /// The body is not what the API sends.
    #[error("the answer is not what this API sends: {problem}{}; check `endpoint` and `base_path`", quoted(.body))]
    Unreadable {
        /// What the decoder said.
        problem: WireError,
        /// The start of the body.
        body: Snippet,
    },
    /// The server does not name one cluster.
    #[error("which cluster is meant is not known: {0}")]
    Clusters(WireError),
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
            Self::Tls(_) => Reason::Tls,
            Self::Client(error) => error.reason(),
            Self::Status { status: 401, .. } => Reason::Auth,
            Self::Status { status: 403, .. } => Reason::Forbidden,
            Self::Status { status: 404, .. } => Reason::NotFound,
            Self::Throttled | Self::Status { status: 429, .. } => Reason::Throttled,
            Self::Unavailable | Self::Status { status: 500.., .. } => Reason::ServerError,
            Self::Status { .. }
            | Self::Redirect(_)
            | Self::Cut(_)
            | Self::TooLarge(_)
            | Self::RepeatsCredentials
            | Self::Unreadable { .. }
            | Self::Clusters(_)
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

    /// What the server answered, without advice; `None` where it answered no error status.
    pub fn answer(&self) -> Option<String> {
        match self {
            Self::Status { status, body, .. } => Some(format!("HTTP {status}{}", quoted(body))),
            _ => None,
        }
    }

    /// Whether a right is missing: 403; or 401 where the credentials were taken before, or the server says that
    /// authorization is what failed, as real ones do.
    pub fn is_missing_right(&self, signed_in: bool) -> bool {
        match self {
            Self::Status { status: 403, .. } => true,
            Self::Status {
                status: 401, body, ..
            } => signed_in || body.says(AUTHORIZATION_FAILED),
            _ => false,
        }
    }

    /// Whether the API asked us to slow down.
    pub fn is_throttled(&self) -> bool {
        self.reason() == Reason::Throttled
    }

    /// Whether the API wants to be left alone: it throttles, or is in trouble and says for how long.
    pub fn wants_pause(&self) -> bool {
        self.is_throttled() || (self.is_passing() && self.retry_after().is_some())
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

impl From<SetupError> for ApiError {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::TlsFile(error) => ClientError::TlsFile(error).into(),
            SetupError::Transport(failure) => failure.into(),
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

/// What to check, by status. The hard-won part: a 401 is not always a wrong password.
fn advice(status: u16, endpoint: Endpoint) -> Cow<'static, str> {
    let advice = match status {
        401 => {
            return format!(
                "check the API key and secret, that the key is a cluster key of this cluster (a Cloud key is the wrong \
                 kind), and that its owner has the role {ROLE}: a missing role is answered like this too"
            )
            .into();
        }
        403 => return Right::of(endpoint).advice().into(),
        404 => {
            "check `cluster_id` and `base_path` (`/kafka/v3`, or `/v3` for a standalone REST Proxy)"
        }
        407 => PROXY_ADVICE,
        429 => "the API throttles; raise `poll_interval` or lower `max_concurrent_requests`",
        500.. => "the server or a proxy before it is in trouble; the next poll asks again",
        _ => "check `endpoint`, `base_path` and `cluster_id`",
    };
    advice.into()
}

#[cfg(test)]
mod tests {
    use super::*;

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
             Operator, or the ACL DESCRIBE on the cluster",
                "server_error: HTTP 503, empty body; the server or a proxy before it is in trouble; the next poll asks again",
                "bad_response: HTTP 418: `teapot`; check `endpoint`, `base_path` and `cluster_id`",
            ]
        );
    }

    #[test]
    fn an_answer_that_repeats_our_credentials_is_a_bad_one() {
        let error = ApiError::RepeatsCredentials;
        assert_eq!(error.reason(), Reason::BadResponse);
        assert_eq!(
            error.to_string(),
            "the answer repeats our credentials, so nothing of it is used; look at what stands between, such as a \
             debugging proxy, and replace the credentials"
        );
    }

    #[test]
    fn what_was_not_asked_says_whose_wish_that_is() {
        let shown = [ApiError::Throttled, ApiError::Unavailable]
            .map(|error| format!("{}: {error}", error.reason().label()));
        assert_eq!(
            shown,
            [
                "throttled: not asked, because the API throttles and wants a pause beyond the poll's deadline; raise \
                 `poll_interval`",
                "server_error: not asked, because the API answered that it is in trouble and wants a pause beyond the \
                 poll's deadline, which is kept to for up to 15 minutes; look at the server or a proxy before it",
            ]
        );
    }
}
