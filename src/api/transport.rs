//! The HTTP client of one server: its TLS, its proxy, its deadlines. Made anew when a file of `tls_config` changed.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use reqwest::{NoProxy, Response, redirect};
use url::Url;

use super::{
    ApiError, Proxy, Transport,
    tls::{self, Material},
};
use crate::file;

const MAX_REDIRECTS: usize = 5;

/// Connections to one server, kept from poll to poll.
pub(super) struct Connections(Arc<Inner>);

struct Inner {
    plan: Plan,
    made: Mutex<Made>,
}

/// How connections are made.
pub(super) struct Plan {
    /// Where to.
    pub(super) target: Url,
    /// By which means.
    pub(super) transport: Transport,
    /// The deadline of each request.
    pub(super) timeout: Duration,
    /// What is done where the server says that it is elsewhere.
    pub(super) redirects: Redirects,
}

/// Which redirects are followed. Any other is answered as it came.
#[derive(Clone, Copy, Debug)]
pub(super) enum Redirects {
    /// Those within the origin: credentials never leave it.
    SameOrigin,
    /// None: what was posted would arrive as a GET, and its answer be taken for a receipt.
    Never,
}

struct Made {
    http: reqwest::Client,
    of: Material,
}

impl Connections {
    /// Prepares connections to ask `target`; nothing is sent. Fails where a file cannot be used, and blocks for as long as it
    /// may take.
    pub(super) fn new(
        target: &Url,
        transport: &Transport,
        timeout: Duration,
    ) -> Result<Self, ApiError> {
        Self::planned(Plan {
            target: target.clone(),
            transport: transport.clone(),
            timeout,
            redirects: Redirects::SameOrigin,
        })
    }

    /// Prepares connections; nothing is sent. Fails where a file cannot be used, and blocks for as long as it may take.
    pub(super) fn planned(plan: Plan) -> Result<Self, ApiError> {
        let of = Material::read(&plan.transport.tls)?;
        let http = plan.client(&of)?;
        let made = Mutex::new(Made { http, of });
        Ok(Self(Arc::new(Inner { plan, made })))
    }

    /// The deadline of each request.
    pub(super) fn timeout(&self) -> Duration {
        self.0.plan.timeout
    }

    /// Whether they lead where the URL does.
    pub(super) fn lead_to(&self, url: &Url) -> bool {
        self.0.plan.target.origin() == url.origin()
    }

    /// The client by what the files hold now. One that was given out before goes on with what they held then.
    pub(super) async fn client(&self) -> Result<reqwest::Client, ApiError> {
        let inner = self.0.clone();
        if inner.plan.transport.tls.has_files() {
            file::unblocked(move || inner.client()).await
        } else {
            inner.client()
        }
    }
}

impl Inner {
    fn client(&self) -> Result<reqwest::Client, ApiError> {
        let now = Material::read(&self.plan.transport.tls)?;
        let mut made = self
            .made
            .lock()
            .expect("nothing panics while it holds the lock");
        if made.of != now {
            let http = self.plan.client(&now)?;
            *made = Made { http, of: now };
        }
        Ok(made.http.clone())
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's own `Debug` may show a proxy's password.
        f.debug_struct("Connections")
            .field("transport", &self.0.plan.transport)
            .finish_non_exhaustive()
    }
}

impl Plan {
    fn client(&self, material: &Material) -> Result<reqwest::Client, ApiError> {
        let Self {
            target,
            transport,
            timeout,
            redirects,
        } = self;
        let failed = |error: reqwest::Error| ApiError::from_transport(&error, *timeout, false);
        let redirects = match redirects {
            Redirects::SameOrigin => same_origin_only(),
            Redirects::Never => redirect::Policy::none(),
        };
        let builder = reqwest::Client::builder()
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ))
            .timeout(*timeout)
            .connect_timeout(*timeout)
            .redirect(redirects)
            .tls_backend_preconfigured(tls::client_config(&transport.tls, material, Some(target))?);
        let builder = match &transport.proxy {
            Proxy::None => builder.no_proxy(),
            Proxy::Environment => builder,
            Proxy::Url { url, no_proxy } => {
                let except = no_proxy.as_deref().and_then(NoProxy::from_string);
                let proxy = reqwest::Proxy::all(url.0.clone()).map_err(failed)?;
                builder.proxy(proxy.no_proxy(except))
            }
        };
        builder.build().map_err(failed)
    }
}

fn same_origin_only() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        let same_origin = attempt
            .previous()
            .last()
            .is_some_and(|from| from.origin() == attempt.url().origin());
        if same_origin && attempt.previous().len() <= MAX_REDIRECTS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

/// Why a body could not be read.
pub(super) enum ReadError {
    Transport(reqwest::Error),
    TooLarge,
}

/// Reads a decompressed body piece by piece, so that a hostile one costs no more memory than the limit.
pub(super) async fn read(mut response: Response, limit: usize) -> Result<Bytes, ReadError> {
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(ReadError::Transport)? {
        if body.len() + piece.len() > limit {
            return Err(ReadError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}
