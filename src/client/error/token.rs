//! What can go wrong when a token is fetched. The answer of a token endpoint is never repeated: it may hold the token.

use std::{fmt, time::Duration};

use super::{NoConnection, TLS_ADVICE, TransportFailure};
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
    /// It answered with another status than 200 and 4xx, or wants fewer requests.
    #[error("HTTP {0}; check the URL, and whether the server is in trouble")]
    Status(u16),
    /// No answer within the request's deadline.
    #[error("no complete answer within {}; check the network path to it", humantime::format_duration(*.0))]
    Timeout(Duration),
    /// No connection.
    #[error("{0}; check the URL, DNS, firewall and the section's own `proxy_url`")]
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
            Self::Status(429) => Reason::Throttled,
            Self::Status(500..) => Reason::ServerError,
            Self::Timeout(_) => Reason::Timeout,
            Self::Connect(_) => Reason::Connect,
            Self::Tls(_) => Reason::Tls,
            Self::Status(_) | Self::Unreadable(_) => Reason::BadResponse,
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
        let shown = [
            TokenError::Refused(vec![
                refused("a Basic header", 401, Some("invalid_client")),
                refused("a form", 400, None),
            ]),
            TokenError::Status(503),
            TokenError::Status(429),
            TokenError::Unreadable("the answer is no JSON"),
        ]
        .map(|error| {
            let issuer = TokenIssuer::OAuth2;
            let error = ClientError::Token { issuer, error };
            format!("{}: {error}", error.reason().label())
        });
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
                format!(
                    "throttled: {from}: HTTP 429; check the URL, and whether the server is in trouble"
                ),
                format!("bad_response: {from}: the answer is no JSON; check the URL"),
            ]
        );
    }
}
