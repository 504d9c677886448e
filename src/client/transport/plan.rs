//! How the client of one server is made: its TLS, its way, its deadlines.

use std::time::Duration;

use reqwest::{
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue},
    redirect::Policy,
};
use url::Url;

use super::{Route, redirect};
use crate::client::{
    Tls, Transport,
    error::{SetupError, TransportFailure},
    tls::{self, Material},
};

/// Gateways add headers of their own; the HTTP client's default of 100 is less than some of them send. Room for so many is
/// made for each answer: for a thousand it took a sixth of the processor time of a request.
const MAX_HEADERS: usize = 256;
/// The same by HTTP/2, which counts bytes (RFC 9113, 6.5.2).
const MAX_HEADER_BYTES: u32 = 256 << 10;
/// Between two PINGs on an HTTP/2 connection, also while nothing is asked: one that swallows them is given up before the
/// next poll needs it.
const PING_INTERVAL: Duration = Duration::from_secs(15);

/// How connections are made.
pub(in crate::client) struct Plan {
    target: Url,
    transport: Transport,
    timeout: Duration,
    redirects: Redirects,
    route: Route,
}

/// Which redirects are followed. Any other is answered as it came.
#[derive(Clone, Copy, Debug)]
pub(in crate::client) enum Redirects {
    /// One within the origin: credentials never leave it.
    SameOrigin,
    /// None: what was posted would arrive as a GET, and its answer be taken for a receipt.
    Never,
}

impl Plan {
    /// A plan to ask `target` with this deadline for each request.
    pub(in crate::client) fn new(
        target: &Url,
        transport: &Transport,
        timeout: Duration,
        redirects: Redirects,
    ) -> Self {
        Self {
            route: Route::new(target, &transport.proxy),
            target: target.clone(),
            transport: transport.clone(),
            timeout,
            redirects,
        }
    }

    pub(super) fn target(&self) -> &Url {
        &self.target
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(super) fn tls(&self) -> &Tls {
        &self.transport.tls
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn route(&self) -> &Route {
        &self.route
    }

    /// A client without a connection.
    pub(super) fn client(&self, material: &Material) -> Result<reqwest::Client, SetupError> {
        let Self {
            target,
            transport,
            timeout,
            redirects,
            route,
        } = self;
        let failed = |error: reqwest::Error| {
            SetupError::Transport(TransportFailure::of(
                &error,
                false,
                *timeout,
                route.to_string(),
            ))
        };
        let redirects = match redirects {
            Redirects::SameOrigin => redirect::policy(),
            Redirects::Never => Policy::none(),
        };
        let gzip = (ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let builder = reqwest::Client::builder()
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ))
            .default_headers(HeaderMap::from_iter([gzip]))
            // `body` decompresses, whatever features somebody else wants of the HTTP client.
            .no_gzip()
            .timeout(*timeout)
            .connect_timeout(*timeout)
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_BYTES)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(*timeout)
            .http2_keep_alive_while_idle(true)
            .redirect(redirects)
            .tls_backend_preconfigured(tls::client_config(&transport.tls, material, Some(target))?)
            .no_proxy();
        let builder = match route.proxy().map_err(failed)? {
            Some(proxy) => builder.proxy(proxy),
            None => builder,
        };
        builder.build().map_err(failed)
    }
}
