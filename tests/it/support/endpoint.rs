//! A receiver that remembers what it got and answers by a script.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::TcpListener,
    time::{Instant, sleep, timeout},
};
use url::Url;

use super::prometheus::PATIENCE;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// How a request is answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// With this status and body.
    Says(u16, String),
    /// With this status and a `Retry-After` of so many seconds.
    Later(u16, u64),
    /// With a redirect to here.
    Elsewhere(u16, String),
    /// Never.
    Hangs,
    /// By closing the connection.
    Closes,
}

type Answering = dyn Fn(&Seen, usize) -> Answer + Send + Sync;

/// A server on loopback.
#[derive(Clone)]
pub(crate) struct Server {
    url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers the first request with the first of these, and so on; the last one for ever.
    pub(crate) async fn scripted<const N: usize>(answers: [Answer; N]) -> Self {
        Self::answering(move |_, number| answers[number.min(N - 1)].clone()).await
    }

    /// Takes everything.
    pub(crate) async fn kind() -> Self {
        Self::scripted([Answer::Says(200, String::new())]).await
    }

    /// Answers by the request and by how many came before it.
    pub(crate) async fn answering(
        answer: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Vec<_>>>::default();
        tokio::spawn(accept(listener, Arc::new(answer), seen.clone()));
        Self {
            url: url.parse().unwrap(),
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

    /// Waits for so many requests.
    pub(crate) async fn until(&self, count: usize) -> Vec<Seen> {
        let waiting = timeout(PATIENCE, async {
            while self.seen().len() < count {
                sleep(Duration::from_millis(5)).await;
            }
        });
        assert!(waiting.await.is_ok(), "only {:?} came", self.seen());
        self.seen()
    }
}

async fn accept(listener: TcpListener, answer: Arc<Answering>, seen: Arc<Mutex<Vec<Seen>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (answer, seen) = (answer.clone(), seen.clone());
        let service = service_fn(move |request| respond(request, answer.clone(), seen.clone()));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

async fn respond(
    request: Request<Incoming>,
    answer: Arc<Answering>,
    seen: Arc<Mutex<Vec<Seen>>>,
) -> Result<Response<Full<Bytes>>, &'static str> {
    let (parts, body) = request.into_parts();
    assert_eq!(parts.method, "POST");
    assert_eq!(parts.headers["content-type"], "application/json");
    let body = body.collect().await.unwrap().to_bytes();
    let request = Seen {
        at: Instant::now(),
        path: parts.uri.path_and_query().unwrap().to_string(),
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap(),
    };
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let (builder, body) = match answer(&request, number) {
        Answer::Says(status, body) => (Response::builder().status(status), body),
        Answer::Later(status, seconds) => {
            let builder = Response::builder().status(status);
            (builder.header("retry-after", seconds), String::new())
        }
        Answer::Elsewhere(status, place) => {
            let builder = Response::builder().status(status);
            (builder.header("location", place), String::new())
        }
        Answer::Hangs => std::future::pending().await,
        Answer::Closes => return Err("closed"),
    };
    Ok(builder.body(Full::new(body.into())).unwrap())
}
