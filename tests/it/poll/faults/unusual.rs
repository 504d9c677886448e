//! Answers that few servers give and every one may: they cost no poll.

use std::{convert::Infallible, io::Write, sync::Arc, time::Duration};

use cluster_link_exporter::poll::Poller;
use flate2::{Compression, write::GzEncoder};
use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use super::{scene::poller, server::any_certificate};

type Answer = Response<Full<Bytes>>;

/// Serves what the answer is made of, by HTTP/2 and TLS or by HTTP/1.1 and plainly, until the set is dropped.
async fn serve(is_http2: bool, answer: fn() -> Answer, serving: &mut JoinSet<()>) -> Poller {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let scheme = if is_http2 { "https" } else { "http" };
    let endpoint = format!("{scheme}://{}", listener.local_addr().unwrap());
    serving.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            talk(stream, is_http2, answer).await;
        }
    });
    poller(&endpoint, Duration::from_secs(5), 1)
}

async fn talk(stream: TcpStream, is_http2: bool, answer: fn() -> Answer) {
    let service =
        service_fn(move |_: Request<Incoming>| async move { Ok::<_, Infallible>(answer()) });
    if is_http2 {
        let mut config = any_certificate();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let stream = TokioIo::new(acceptor.accept(stream).await.unwrap());
        let serving = conn::http2::Builder::new(TokioExecutor::new());
        let _ = serving.serve_connection(stream, service).await;
    } else {
        let serving = conn::http1::Builder::new();
        let _ = serving
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }
}

fn empty_list() -> Bytes {
    r#"{"data": []}"#.into()
}

/// What a chain of gateways makes of an answer.
fn many_headers() -> Answer {
    let mut response = Response::builder();
    for number in 0..240 {
        let name = format!("x-gateway-{number}");
        response = response.header(name, "passed on by a gateway of ours");
    }
    response.body(Full::new(empty_list())).unwrap()
}

/// What a server makes of a body that it compresses piece by piece.
fn gzip_of_several_members() -> Answer {
    let body = empty_list();
    let (first, second) = body.split_at(5);
    let members = [first, b"", second].map(|piece| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(piece).unwrap();
        encoder.finish().unwrap()
    });
    let response = Response::builder().header("content-encoding", "gzip");
    response.body(Full::new(members.concat().into())).unwrap()
}

#[tokio::test]
async fn many_headers_and_a_body_of_several_gzip_members_are_an_answer() {
    for answer in [many_headers, gzip_of_several_members] {
        for is_http2 in [false, true] {
            let mut serving = JoinSet::new();
            let poller = serve(is_http2, answer, &mut serving).await;
            let outcome = poller.poll_once(None).await.outcome;
            assert!(outcome.is_ok(), "http2: {is_http2}, {outcome:?}");
        }
    }
}
