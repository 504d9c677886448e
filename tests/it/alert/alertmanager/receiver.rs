//! A server that receives notifications and keeps them.

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
    posted: watch::Receiver<Vec<Posted>>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
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
        let (sender, posted) = watch::channel(Vec::new());
        tokio::spawn(serve(listener, sender));
        Self { url, posted }
    }

    /// What this receiver was sent so far, in that order.
    pub(crate) fn posted(&self, receiver: &str) -> Vec<Posted> {
        of(receiver, &self.posted.borrow())
    }

    /// Waits until what this receiver was sent is enough.
    pub(crate) async fn until(&self, receiver: &str, mut enough: impl FnMut(&[Posted]) -> bool) {
        let mut posted = self.posted.clone();
        let enough = posted.wait_for(|all| enough(&of(receiver, all)));
        assert!(
            timeout(PATIENCE, enough).await.is_ok(),
            "`{receiver}` was sent only {:#?}",
            self.posted(receiver)
        );
    }
}

fn of(receiver: &str, all: &[Posted]) -> Vec<Posted> {
    let own = all.iter().filter(|posted| posted.receiver == receiver);
    own.cloned().collect()
}

async fn serve(listener: TcpListener, sender: Sender<Vec<Posted>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let sender = sender.clone();
        let service = service_fn(move |request| hear(request, sender.clone()));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn hear(
    request: Request<Incoming>,
    sender: Sender<Vec<Posted>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let receiver = request.uri().path().trim_start_matches('/').to_owned();
    let authorization = request.headers().get(AUTHORIZATION);
    let authorization = authorization.map_or("", |value| value.to_str().unwrap());
    let authorization = authorization.to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body = serde_json::from_slice(&body).expect("notifications are JSON");
    sender.send_modify(|all| {
        all.push(Posted {
            receiver,
            authorization,
            body,
        });
    });
    // Alertmanager takes only this as an answer of Slack.
    Ok(Response::new(Full::from("ok")))
}
