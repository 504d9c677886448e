//! The HTTP client of one server: its TLS, its proxy, its deadlines. Made anew when a file of `tls_config` changed.

use std::{fmt, sync::Mutex, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{NoProxy, Response, redirect};
use url::Url;

use super::{
    ApiError, Proxy, Transport,
    tls::{self, Material},
};

const MAX_REDIRECTS: usize = 5;

/// Connections to one server, kept from poll to poll.
pub(super) struct Connections {
    target: Url,
    transport: Transport,
    timeout: Duration,
    made: Mutex<Made>,
}

struct Made {
    http: reqwest::Client,
    of: Material,
}

impl Connections {
    /// Prepares connections to `target`; nothing is sent. Fails where a file cannot be used.
    pub(super) fn new(
        target: &Url,
        transport: &Transport,
        timeout: Duration,
    ) -> Result<Self, ApiError> {
        let of = Material::read(&transport.tls)?;
        let http = client(target, transport, timeout, &of)?;
        Ok(Self {
            target: target.clone(),
            transport: transport.clone(),
            timeout,
            made: Mutex::new(Made { http, of }),
        })
    }

    /// The deadline of each request.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The client by what the files hold now. One that was given out before goes on with what they held then.
    pub(super) fn client(&self) -> Result<reqwest::Client, ApiError> {
        let now = Material::read(&self.transport.tls)?;
        let mut made = self
            .made
            .lock()
            .expect("nothing panics while it holds the lock");
        if made.of != now {
            let http = client(&self.target, &self.transport, self.timeout, &now)?;
            *made = Made { http, of: now };
        }
        Ok(made.http.clone())
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's own `Debug` may show a proxy's password.
        f.debug_struct("Connections")
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}

fn client(
    target: &Url,
    transport: &Transport,
    timeout: Duration,
    material: &Material,
) -> Result<reqwest::Client, ApiError> {
    let failed = |error: reqwest::Error| ApiError::from_transport(&error, timeout, false);
    let builder = reqwest::Client::builder()
        .user_agent(concat!(
            env!("CARGO_PKG_NAME"),
            "/",
            env!("CARGO_PKG_VERSION")
        ))
        .timeout(timeout)
        .connect_timeout(timeout)
        .redirect(same_origin_only())
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

/// Credentials never leave the origin; any other redirect is answered as it came.
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
