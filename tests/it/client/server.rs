//! A server that remembers what it received.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite, sink},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use url::Url;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    /// A header's text; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// Status and body; a redirect's body is its target, and one that begins with [`RETRY_AFTER`] goes on with that header.
pub(crate) type Answer = (u16, String);

/// Begins the body of an answer that has this header.
pub(crate) const RETRY_AFTER: &str = "retry-after: ";

type Answering = dyn Fn(&Seen) -> Answer + Send + Sync;

/// A listening server.
pub(crate) struct Server {
    url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Serves plain HTTP.
    pub(crate) async fn plain(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(answer)).await
    }

    /// Serves HTTPS.
    pub(crate) async fn tls(
        config: ServerConfig,
        answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(config), Arc::new(answer)).await
    }

    /// An API without links.
    pub(crate) async fn api() -> Self {
        Self::plain(empty_api).await
    }

    async fn start(config: Option<ServerConfig>, answer: Arc<Answering>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if config.is_some() { "https" } else { "http" };
        let seen = Arc::<Mutex<Vec<_>>>::default();
        let acceptor = config.map(|config| TlsAcceptor::from(Arc::new(config)));
        tokio::spawn(accept(listener, acceptor, answer, seen.clone()));
        Self {
            url: format!("{scheme}://localhost:{port}").parse().unwrap(),
            seen,
        }
    }

    pub(crate) fn url(&self) -> Url {
        self.url.clone()
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// A header of all requests so far.
    pub(crate) fn headers(&self, name: &str) -> Vec<String> {
        let seen = self.seen();
        seen.iter()
            .map(|seen| seen.header(name).to_owned())
            .collect()
    }
}

/// What an API says that has one cluster and no links.
pub(crate) fn empty_api(seen: &Seen) -> Answer {
    let body = if seen.path.ends_with("/clusters") {
        r#"{"data": [{"cluster_id": "lkc-learnt"}]}"#
    } else {
        r#"{"data": []}"#
    };
    (200, body.into())
}

async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    answer: Arc<Answering>,
    seen: Arc<Mutex<Vec<Seen>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, answer, seen) = (acceptor.clone(), answer.clone(), seen.clone());
        tokio::spawn(async move {
            match acceptor {
                None => serve(stream, answer, seen).await,
                Some(acceptor) => match acceptor.accept(stream).into_fallible().await {
                    Ok(stream) => serve(stream, answer, seen).await,
                    Err((_, stream)) => drain(stream).await,
                },
            }
        });
    }
}

/// Closed with unread bytes, the connection would be reset, and the alert that tells why might be lost.
async fn drain(mut stream: TcpStream) {
    let _ = tokio::io::copy(&mut stream, &mut sink()).await;
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: Arc<Answering>,
    seen: Arc<Mutex<Vec<Seen>>>,
) {
    let service = service_fn(|request: Request<Incoming>| {
        let (answer, seen) = (answer.clone(), seen.clone());
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let request = Seen {
                method: parts.method.to_string(),
                path: parts.uri.path().to_owned(),
                headers: parts.headers,
                body: String::from_utf8(body.to_vec()).unwrap(),
            };
            let (status, body) = answer(&request);
            seen.lock().unwrap().push(request);
            let mut response = Response::builder().status(status);
            if (300..400).contains(&status) {
                response = response.header("location", &body);
            }
            if let Some(wait) = body.strip_prefix(RETRY_AFTER) {
                response = response.header("retry-after", wait);
            }
            let body = Full::new(Bytes::from(body));
            Ok::<_, Infallible>(response.body(body).unwrap())
        }
    });
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
