//! Fetches a token, and reads the answer of whoever issues it.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    client::{
        TokenError,
        error::Refusal,
        retry::retry_after,
        transport::{Connections, ReadError},
    },
    secret::SecretString,
};

/// No provider means more; it keeps the arithmetic of instants from overflowing.
const LONGEST_LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// No token answer comes near.
const MAX_BODY: usize = 1 << 20;
/// The error codes of RFC 6749, 5.2: the only words of a token endpoint that are safe to repeat.
const CODES: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// A token as it was issued.
pub(super) struct Token {
    pub(super) secret: SecretString,
    pub(super) lifetime: Option<Duration>,
    /// What it was bought with, and what a proxy on the way was sent.
    pub(super) bought_with: Vec<SecretString>,
}

/// Sends a request for a token with these secrets. `how` says by which means it tells who we are. On a kept connection that turns out to be
/// dead it is sent once more: two tokens do no harm. `now` is what a date in `Retry-After` is counted from.
pub(super) async fn fetch(
    connections: &Connections,
    request: impl Fn(&reqwest::Client) -> RequestBuilder,
    (how, secrets): (&'static str, Vec<SecretString>),
    now: Timestamp,
) -> Result<Token, TokenError> {
    let sent = match connections.send(&request).await {
        Err(failure) if failure.is_stale() => connections.send(&request).await,
        sent => sent,
    };
    let exchange = sent?;
    let status = exchange.status();
    let redirect = exchange.redirect();
    let retry_after = retry_after(exchange.headers(), now);
    let body = exchange.read(MAX_BODY).await.map_err(|error| match error {
        ReadError::Transport(failure) => failure.into(),
        ReadError::TooLarge => TokenError::Unreadable("the answer is larger than any token"),
    });
    if let Some(redirect) = redirect {
        return Err(TokenError::Redirect(redirect));
    }
    match status {
        StatusCode::OK => {
            let on_the_way = connections.secrets().iter().cloned();
            Ok(Token {
                bought_with: secrets.into_iter().chain(on_the_way).collect(),
                ..parse(&body?)?
            })
        }
        // Neither says that it knows us or does not.
        StatusCode::TOO_MANY_REQUESTS | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Err(other(status, retry_after))
        }
        status if status.is_client_error() => Err(TokenError::Refused(vec![Refusal {
            how,
            status: status.as_u16(),
            code: code(&body.unwrap_or_default()),
        }])),
        status => Err(other(status, retry_after)),
    }
}

fn other(status: StatusCode, retry_after: Option<Duration>) -> TokenError {
    TokenError::Status {
        status: status.as_u16(),
        retry_after,
    }
}

/// Reads the answer of an OAuth 2 token endpoint or of the Metadata Service.
fn parse(body: &[u8]) -> Result<Token, TokenError> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(alias = "auth_token")]
        access_token: Option<String>,
        #[serde(default)]
        expires_in: Value,
    }
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| TokenError::Unreadable("the answer is not the JSON of a token"))?;
    let token = answer.access_token.filter(|token| !token.is_empty());
    let token = token.ok_or(TokenError::Unreadable("the answer holds no token"))?;
    Ok(Token {
        secret: token.into(),
        lifetime: lifetime(&answer.expires_in),
        bought_with: Vec::new(),
    })
}

/// Seconds, as a number at most providers and as a string at some.
fn lifetime(expires_in: &Value) -> Option<Duration> {
    let seconds = match expires_in {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // A token that is dead on arrival has no lifetime that could be told.
    let seconds = Some(seconds).filter(|seconds| *seconds > 0.0)?;
    Duration::try_from_secs_f64(seconds.min(LONGEST_LIFETIME.as_secs_f64())).ok()
}

fn code(body: &[u8]) -> Option<&'static str> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let code = answer.get("error")?.as_str()?;
    CODES.into_iter().find(|known| *known == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_lifetime_is_a_number_or_a_string_of_seconds() {
        let lifetimes = [
            json!(3600),
            json!("3599"),
            json!(1.5),
            json!(1e300),
            json!(null),
            json!(0),
            json!(-1),
            json!("soon"),
            json!("NaN"),
        ]
        .map(|value| lifetime(&value).map(|lifetime| lifetime.as_secs_f64()));
        let year = 365.0 * 86400.0;
        assert_eq!(
            lifetimes,
            [
                Some(3600.0),
                Some(3599.0),
                Some(1.5),
                Some(year),
                None,
                None,
                None,
                None,
                None
            ]
        );
    }

    #[test]
    fn an_answer_that_is_no_token_is_never_repeated() {
        let refused = [
            "<html>canary",
            r#"{"token":"canary"}"#,
            r#"{"access_token":""}"#,
            "[]",
        ]
        .map(|body| parse(body.as_bytes()).err().unwrap().to_string());
        assert_eq!(
            refused,
            [
                "the answer is not the JSON of a token; check the URL",
                "the answer holds no token; check the URL",
                "the answer holds no token; check the URL",
                "the answer is not the JSON of a token; check the URL",
            ]
        );
        assert_eq!(code(br#"{"error":"invalid_scope"}"#), Some("invalid_scope"));
        assert_eq!(code(br#"{"error":"canary"}"#), None);
    }
}
