//! One request, read: what the parts of an answer look at.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{header, request::Parts};
use url::form_urlencoded;

use super::route::Route;

/// One request, read.
pub(super) struct Exchange<'a> {
    pub(super) request: &'a Parts,
    pub(super) route: Route,
    pub(super) elapsed: Duration,
    pub(super) origin: String,
    pub(super) query: Vec<(String, String)>,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(request: &'a Parts, route: Route, elapsed: Duration) -> Self {
        let host = request.headers.get(header::HOST);
        let host = host
            .and_then(|host| host.to_str().ok())
            .or_else(|| request.uri.authority().map(http::uri::Authority::as_str));
        let query = request.uri.query().unwrap_or_default();
        Self {
            request,
            route,
            elapsed,
            origin: format!("http://{}", host.unwrap_or("localhost")),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        }
    }

    /// The value of a query parameter, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether a query parameter is `true`.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.parameter(name) == Some("true")
    }
}

/// Whether the request is signed with these, where any are wanted.
pub(super) fn is_signed(credentials: Option<&(String, String)>, request: &Parts) -> bool {
    let Some((key, secret)) = credentials else {
        return true;
    };
    let expected = format!("Basic {}", STANDARD.encode(format!("{key}:{secret}")));
    let given = request.headers.get(header::AUTHORIZATION);
    given.is_some_and(|given| given.as_bytes() == expected.as_bytes())
}
