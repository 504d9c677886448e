//! What all connections share, and one of them: handshake, who it is, its requests, its end.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, WWW_AUTHENTICATE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};
use tokio_util::sync::CancellationToken;

use super::{
    Settings,
    api::{self, Api},
    app_state::AppState,
    body::ResponseBody,
    reload,
    reply::text,
    route::route,
    shared_page::SharedPage,
    web_config::Loaded,
    write_timeout::{Waiting, WriteTimeout},
};

use crate::status::{self, ErrorType, Refusal};

/// How often a connection is looked at while somebody waits for its permit.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How often one is looked at when the exposition has changed.
const LOOKS: usize = 5;

/// What all connections share.
pub(super) struct Server {
    app: Arc<AppState>,
    page: SharedPage,
    api: Api,
    settings: Settings,
    /// Whether somebody waits for a permit.
    crowded: watch::Receiver<bool>,
    shutdown: CancellationToken,
}

impl Server {
    pub(super) fn new(
        app: Arc<AppState>,
        settings: Settings,
        crowded: watch::Receiver<bool>,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            page: SharedPage::new(app.clone()),
            api: Api::new(app.clone()),
            app,
            settings,
            crowded,
            shutdown,
        }
    }

    /// Serves one client until it leaves, is too slow, has to make room or the program stops.
    pub(super) async fn accept(self: Arc<Self>, stream: TcpStream) {
        // Answers are written whole; waiting for more of them only delays their end.
        let _ = stream.set_nodelay(true);
        let limits = self.settings.limits;
        let stream = WriteTimeout::new(stream, &limits);
        let waiting = stream.waiting();
        let in_the_way = self.clone().in_the_way(waiting.clone());
        let too_old = self.clone().too_old(waiting.clone());
        tokio::select! {
            () = Box::pin(self.serve_stream(stream, waiting)) => {}
            () = in_the_way => {}
            () = too_old => {}
        }
    }

    /// Serves over plain HTTP or TLS, whichever is configured.
    async fn serve_stream(self: Arc<Self>, stream: WriteTimeout<TcpStream>, waiting: Waiting) {
        let loaded = self.settings.web_config.current().await;
        let Some(tls) = loaded.tls.clone() else {
            return Box::pin(self.serve_connection(stream, waiting)).await;
        };
        // What a handshake needs takes no memory after it, and none without TLS.
        if let Some(stream) = Box::pin(self.handshake(tls, stream)).await {
            Box::pin(self.serve_connection(stream, waiting)).await;
        }
    }

    /// The encrypted stream, unless the client fails, is too slow or the program stops.
    async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        tls: Arc<ServerConfig>,
        stream: S,
    ) -> Option<TlsStream<S>> {
        let limit = self.settings.limits.handshake_timeout;
        let handshake = timeout(limit, TlsAcceptor::from(tls).accept(stream));
        match self.shutdown.run_until_cancelled(handshake).await? {
            Ok(Ok(stream)) => return Some(stream),
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
        None
    }

    async fn serve_connection(
        self: Arc<Self>,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        waiting: Waiting,
    ) {
        let limits = self.settings.limits;
        let server = self.clone();
        let answer = service_fn(move |request| {
            let (server, waiting) = (server.clone(), waiting.clone());
            async move {
                let answer = server.answer(&request).await;
                waiting.answers(answer.extensions().get().copied());
                Ok::<_, Infallible>(answer)
            }
        });
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(limits.header_timeout)
                .max_header_size(limits.head_bytes)
                // Larger than the head: what is left unread when the connection closes takes the answer with it.
                .max_buf_size(4 * limits.head_bytes)
                // A client that closes its side after the request still wants the answer.
                .half_close(true)
                .serve_connection(TokioIo::new(stream), answer)
        );
        // A client that goes away is its own business, hence no look at how it ended.
        tokio::select! {
            _ = &mut connection => return,
            () = self.time_to_go() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    /// Ends when no further request of this connection should be waited for.
    async fn time_to_go(&self) {
        let mut crowded = self.crowded.clone();
        let asked_to_go = async {
            // A newcomer may not yet have sent its request, and would lose it.
            sleep(self.settings.limits.yield_after).await;
            // An error means that nobody is accepted any more: the shutdown tells when to go.
            if crowded.wait_for(|crowded| *crowded).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = self.shutdown.cancelled() => {}
            () = asked_to_go => {}
        }
    }

    /// Ends when the client takes nothing of its answer while somebody waits for its permit.
    async fn in_the_way(self: Arc<Self>, waiting: Waiting) {
        let mut crowded = self.crowded.clone();
        let patience = self.settings.limits.stuck_yield_after;
        let is_stuck = || {
            let since = waiting.since();
            since.is_some_and(|since| since.elapsed() >= patience)
        };
        // An error means that nobody is accepted any more, so nobody waits.
        while crowded.wait_for(|crowded| *crowded).await.is_ok() {
            if is_stuck() {
                return;
            }
            sleep(LOOK_AGAIN).await;
        }
        std::future::pending::<()>().await;
    }

    /// Ends when the client still takes an answer of which too much has been replaced: the memory of old answers is bounded,
    /// however many clients take them and however slowly.
    async fn too_old(self: Arc<Self>, waiting: Waiting) {
        let mut newest = self.app.exposition.clone();
        // An error means that nothing is replaced any more.
        while newest.changed().await.is_ok() {
            // One that takes something at this very moment is soon behind again.
            for _ in 0..LOOKS {
                let oldest = waiting.oldest();
                if oldest.is_some_and(|age| !newest.borrow_and_update().spares(age)) {
                    return;
                }
                sleep(LOOK_AGAIN).await;
            }
        }
        std::future::pending::<()>().await;
    }

    async fn answer(&self, request: &Request<Incoming>) -> Response<ResponseBody> {
        let loaded = self.settings.web_config.current().await;
        let Loaded { users, headers, .. } = &*loaded;
        let mut response = if has_two_hosts(request.headers()) {
            two_hosts(request.uri().path())
        } else if users.admit(request.headers().get(AUTHORIZATION)).await {
            match request.uri().path() {
                reload::PATH => {
                    reload::answer(self.settings.reloads.as_ref(), request.method()).await
                }
                _ => route(&self.app, &self.page, &self.api, request).await,
            }
        } else {
            unauthorized()
        };
        for (name, value) in headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }
}

/// RFC 9112, 3.2: whoever forwards such a request may have gone by the other one.
fn has_two_hosts(headers: &HeaderMap) -> bool {
    headers.get_all(HOST).iter().nth(1).is_some()
}

fn two_hosts(path: &str) -> Response<ResponseBody> {
    let found = "the request names two hosts";
    if path.starts_with(status::ROOT) {
        let instead = format!("{found}; send one header `Host`");
        return api::refuse(&Refusal::new(ErrorType::BadData, instead));
    }
    text(StatusCode::BAD_REQUEST, format_args!("{found}\n"))
}

/// The same for every path, so that it tells nothing about them.
fn unauthorized() -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::from("Unauthorized\n".to_owned()));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
    response
}
