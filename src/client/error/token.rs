//! What can go wrong when a token is fetched. The answer of a token endpoint is never repeated: it may hold the token.

use std::{fmt, time::Duration};

use super::{NoConnection, PROXY_ADVICE, Redirect, TLS_ADVICE, TransportFailure};
use crate::model::Reason;

/// Who issues tokens. Its text is the key of its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenIssuer {
    /// An identity provider.
    OAuth2,
    /// Confluent Platform's Metadata Service.
    MetadataService,
}

impl fmt::Display for TokenIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OAuth2 => "the token endpoint (`oauth2.token_url`)",
            Self::MetadataService => "the Metadata Service (`metadata_service.url`)",
        })
    }
}

/// Why a token endpoint gave no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It knows us and says no, or does not know us: one answer for each way of telling it who we are.
    #[error("{}; check the user or client, its secret, and that it may have what is asked for", listed(.0))]
    Refused(Vec<Refusal>),
    /// It answered with another status than 200, 3xx and 4xx, or wants fewer requests, or a proxy does not let us through.
    #[error("HTTP {status}; {}", advice(*.status))]
    Status {
        /// The HTTP status.
        status: u16,
        /// How long it wants to be left alone, where it says so.
        retry_after: Option<Duration>,
    },
    /// A redirect that is not followed.
    #[error("{}; {}", .0, .0.advice("the URL"))]
    Redirect(Redirect),
    /// It wants to be left alone, so it was not asked.
    #[error(
        "not asked, because it answered HTTP {status} and wants a pause, which is kept to for up to {}; {}",
        humantime::format_duration(*.longest), advice(*.status)
    )]
    Paused {
        /// The HTTP status of the answer that asked for it.
        status: u16,
        /// No pause is longer.
        longest: Duration,
    },
    /// No answer within the request's deadline.
    #[error("no complete answer within {}; check the network path to it", humantime::format_duration(*.0))]
    Timeout(Duration),
    /// No connection.
    #[error("{}; {}", .0, connect_advice(.0))]
    Connect(NoConnection),
    /// The TLS handshake failed.
    #[error("TLS failed: {0}; {TLS_ADVICE}, all of this section")]
    Tls(String),
    /// The answer cannot be used.
    #[error("{0}; check the URL")]
    Unreadable(&'static str),
}

impl TokenError {
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::Refused(_) => Reason::Auth,
            Self::Status { status: 429, .. } | Self::Paused { status: 429, .. } => {
                Reason::Throttled
            }
            Self::Status { status: 500.., .. } | Self::Paused { .. } => Reason::ServerError,
            Self::Timeout(_) => Reason::Timeout,
            Self::Connect(_) => Reason::Connect,
            Self::Tls(_) => Reason::Tls,
            Self::Status { .. } | Self::Redirect(_) | Self::Unreadable(_) => Reason::BadResponse,
        }
    }

    /// The status, and for how long the endpoint wants to be left alone because it throttles or is in trouble.
    pub(in crate::client) fn pause(&self) -> Option<(u16, Duration)> {
        match self {
            Self::Status {
                status: status @ (429 | 500..),
                retry_after,
            } => Some((*status, (*retry_after)?)),
            _ => None,
        }
    }
}

impl From<TransportFailure> for TokenError {
    fn from(failure: TransportFailure) -> Self {
        match failure {
            TransportFailure::Timeout(deadline) => Self::Timeout(deadline),
            TransportFailure::Cut(_) => Self::Unreadable("the answer was cut off"),
            TransportFailure::Tls(cause) => Self::Tls(cause),
            TransportFailure::Connect(no_connection) => Self::Connect(no_connection),
        }
    }
}

/// One refusal of a token endpoint.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// How we told it who we are.
    pub how: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The error code, where it is one of RFC 6749, 5.2.
    pub code: Option<&'static str>,
}

/// What to check, by status.
fn advice(status: u16) -> String {
    match status {
        407 => section_proxy_advice(),
        429 => {
            "it throttles: wait, and look what else asks it for tokens with the same user or client"
                .to_owned()
        }
        _ => "check the URL, and whether the server is in trouble".to_owned(),
    }
}

fn connect_advice(no_connection: &NoConnection) -> String {
    if no_connection.is_refused_by_proxy() {
        section_proxy_advice()
    } else {
        "check the URL, DNS, firewall and the section's own `proxy_url`".to_owned()
    }
}

/// Of the section that says how a token is fetched: the cluster's own proxy is another one.
fn section_proxy_advice() -> String {
    format!("{PROXY_ADVICE} of this section")
}

fn listed(refusals: &[Refusal]) -> String {
    let one = |Refusal { how, status, code }: &Refusal| match code {
        Some(code) => format!("HTTP {status} `{code}` to {how}"),
        None => format!("HTTP {status} to {how}"),
    };
    let all: Vec<_> = refusals.iter().map(one).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientError;

    #[test]
    fn a_message_says_who_was_asked_what_was_found_and_what_to_check() {
        let refused = |how, status, code| Refusal { how, status, code };
        let status = |status| TokenError::Status {
            status,
            retry_after: None,
        };
        let shown = [
            TokenError::Refused(vec![
                refused("a Basic header", 401, Some("invalid_client")),
                refused("a form", 400, None),
            ]),
            status(503),
            status(429),
            status(407),
            TokenError::Paused {
                status: 429,
                longest: Duration::from_secs(900),
            },
            TokenError::Paused {
                status: 503,
                longest: Duration::from_secs(60),
            },
            TokenError::Unreadable("the answer is no JSON"),
        ]
        .map(|error| {
            let issuer = TokenIssuer::OAuth2;
            let error = ClientError::Token { issuer, error };
            format!("{}: {error}", error.reason().label())
        });
        let throttles = "it throttles: wait, and look what else asks it for tokens with the same user or client";
        let from = "no token from the token endpoint (`oauth2.token_url`)";
        assert_eq!(
            shown,
            [
                format!(
                    "auth: {from}: HTTP 401 `invalid_client` to a Basic header, HTTP 400 to a form; check the user or \
                     client, its secret, and that it may have what is asked for"
                ),
                format!(
                    "server_error: {from}: HTTP 503; check the URL, and whether the server is in trouble"
                ),
                format!("throttled: {from}: HTTP 429; {throttles}"),
                format!(
                    "bad_response: {from}: HTTP 407; the proxy wants a user and password: write them into `proxy_url` \
                     of this section"
                ),
                format!(
                    "throttled: {from}: not asked, because it answered HTTP 429 and wants a pause, which is kept to \
                     for up to 15m; {throttles}"
                ),
                format!(
                    "server_error: {from}: not asked, because it answered HTTP 503 and wants a pause, which is kept \
                     to for up to 1m; check the URL, and whether the server is in trouble"
                ),
                format!("bad_response: {from}: the answer is no JSON; check the URL"),
            ]
        );
    }
}
