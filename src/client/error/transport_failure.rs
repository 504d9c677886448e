//! How an exchange broke off, whatever was asked of whom.

use std::{
    error::Error,
    fmt::{self, Write},
    time::Duration,
};

use super::PROXY_ADVICE;

/// How an exchange broke off. The HTTP client's own text may hold the URL, so only its causes are told.
#[derive(Debug)]
pub(crate) enum TransportFailure {
    Timeout(Duration),
    Cut(String),
    Tls(String),
    Connect(NoConnection),
}

/// No connection, or one that was closed before the response's headers.
#[derive(Clone, Debug, Default)]
pub struct NoConnection {
    /// Completes "no connection …": host and port of who was dialled.
    to: String,
    cause: String,
    is_reused: bool,
}

impl TransportFailure {
    /// Classifies an error of the HTTP client. `to` completes "no connection …".
    pub(crate) fn of(
        error: &reqwest::Error,
        headers_came: bool,
        deadline: Duration,
        to: String,
    ) -> Self {
        let cause = causes(error);
        if error.is_timeout() {
            Self::Timeout(deadline)
        } else if headers_came {
            Self::Cut(cause)
        } else if is_tls(error) {
            Self::Tls(cause)
        } else {
            Self::Connect(NoConnection {
                to,
                cause,
                is_reused: false,
            })
        }
    }

    /// The same, of a request that went out on a connection that had been kept from before, or not.
    pub(crate) fn on_reused(mut self, is_reused: bool) -> Self {
        if let Self::Connect(no_connection) = &mut self {
            no_connection.is_reused = is_reused;
        }
        self
    }

    /// Whether a kept connection turned out to be dead, which says nothing about a new one.
    pub(crate) fn is_stale(&self) -> bool {
        matches!(self, Self::Connect(no_connection) if no_connection.is_reused)
    }
}

impl NoConnection {
    /// One that had been kept from before and turned out to be dead.
    #[cfg(test)]
    pub(crate) fn stale() -> Self {
        Self {
            is_reused: true,
            ..Self::default()
        }
    }

    /// Whether a connection that had been kept from before turned out to be dead.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_reused
    }
}

/// What the HTTP client says of a proxy that lets nobody through without a user and password, or not with these: a 407 to
/// `CONNECT`, and three ways of SOCKS to say as much. It has no type for it that can be named.
const PROXY_REFUSALS: [&str; 4] = [
    "proxy authorization required",
    "credentials not accepted",
    "server does not support user/pass authentication",
    "server implements authentication incorrectly",
];

impl NoConnection {
    /// What to check: `otherwise` where no proxy refused us.
    pub(crate) fn advice(&self, otherwise: &'static str) -> &'static str {
        if self.is_refused_by_proxy() {
            PROXY_ADVICE
        } else {
            otherwise
        }
    }

    pub(super) fn is_refused_by_proxy(&self) -> bool {
        PROXY_REFUSALS
            .iter()
            .any(|refusal| self.cause.contains(refusal))
    }
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no connection {}: {}", self.to, self.cause)
    }
}

fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let sentence = sentence(error);
        // Wrappers like to repeat what they wrap, and one says only that something went wrong in it.
        if !text.contains(&sentence) && !sentence.starts_with("client error (") {
            let separator = if text.is_empty() { "" } else { ": " };
            let _ = write!(text, "{separator}{sentence}");
        }
        cause = error.source();
    }
    if text.is_empty() {
        "closed by the other side".to_owned()
    } else {
        text
    }
}

/// What an error says by itself. A server may end an HTTP/2 connection with a text of its own, which could repeat anything
/// that it was sent: of that only the reason's number is told, by its name.
fn sentence(error: &(dyn Error + 'static)) -> String {
    let farewell = innermost(error).downcast_ref::<h2::Error>();
    let farewell = farewell.filter(|error| error.is_go_away() && error.is_remote());
    match farewell.and_then(h2::Error::reason) {
        Some(reason) => format!("the other side ended the HTTP/2 connection: {reason}"),
        None => error.to_string(),
    }
}

fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if innermost(error).is::<rustls::Error>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// What an `io::Error` wraps, which may be another: it hands on the source of what it wraps, not what it wraps.
fn innermost<'a>(mut error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    while let Some(wrapped) = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
    {
        error = wrapped;
    }
    error
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn a_servers_own_words_at_the_end_of_a_connection_are_not_told() {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        // ENHANCE_YOUR_CALM, after no stream (RFC 9113, 6.8).
        let go_away = [0, 0, 14, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11];
        let sent = [&settings[..], &go_away, b"canary"].concat();
        theirs.write_all(&sent).await.unwrap();
        let (_requests, connection) = h2::client::handshake(ours).await.unwrap();
        let error = connection.await.unwrap_err();
        assert!(error.to_string().contains("canary"), "{error}");
        let told = "the other side ended the HTTP/2 connection: detected excessive load generating behavior";
        assert_eq!(sentence(&error), told);
        assert_eq!(sentence(&std::io::Error::other(error)), told);
    }
}
