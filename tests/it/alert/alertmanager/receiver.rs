//! A server that is told of alerts and remembers what it was told.

use std::convert::Infallible;

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::AUTHORIZATION,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::watch::{self, Sender},
    time::timeout,
};

use crate::support::prometheus::PATIENCE;

/// A listening server.
pub(crate) struct Receiver {
    pub(crate) url: String,
    told: watch::Receiver<Vec<Told>>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The receiver's name: the path without its slash.
    pub(crate) receiver: String,
    /// Header `Authorization`; empty where there is none.
    pub(crate) authorization: String,
    pub(crate) body: Value,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, told) = watch::channel(Vec::new());
        tokio::spawn(serve(listener, tell));
        Self { url, told }
    }

    /// What this receiver was told so far, in that order.
    pub(crate) fn told(&self, receiver: &str) -> Vec<Told> {
        of(receiver, &self.told.borrow())
    }

    /// Waits until what this receiver was told is enough.
    pub(crate) async fn until(&self, receiver: &str, mut enough: impl FnMut(&[Told]) -> bool) {
        let mut told = self.told.clone();
        let enough = told.wait_for(|all| enough(&of(receiver, all)));
        assert!(
            timeout(PATIENCE, enough).await.is_ok(),
            "`{receiver}` was told only {:#?}",
            self.told(receiver)
        );
    }
}

fn of(receiver: &str, all: &[Told]) -> Vec<Told> {
    let own = all.iter().filter(|told| told.receiver == receiver);
    own.cloned().collect()
}

async fn serve(listener: TcpListener, tell: Sender<Vec<Told>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let tell = tell.clone();
        let service = service_fn(move |request| hear(request, tell.clone()));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn hear(
    request: Request<Incoming>,
    tell: Sender<Vec<Told>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let receiver = request.uri().path().trim_start_matches('/').to_owned();
    let authorization = request.headers().get(AUTHORIZATION);
    let authorization = authorization.map_or("", |value| value.to_str().unwrap());
    let authorization = authorization.to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body = serde_json::from_slice(&body).expect("receivers are told in JSON");
    tell.send_modify(|all| {
        all.push(Told {
            receiver,
            authorization,
            body,
        });
    });
    // Alertmanager takes only this as an answer of Slack.
    Ok(Response::new(Full::from("ok")))
}
