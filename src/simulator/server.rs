//! The thin rim around [`super::answer()`]: a socket, a clock and nothing to decide.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{Outcome, Simulator};

/// Why a connection ends early: the scenario says so.
#[derive(Debug, thiserror::Error)]
#[error("the scenario ends the connection here")]
struct Hangup;

type Body = UnsyncBoxBody<Bytes, Hangup>;

/// Serves HTTP/1.1 until `shutdown`, then drops every connection at once: nobody has to wait for an answer that hangs.
pub async fn serve(listener: TcpListener, simulator: Simulator, shutdown: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, simulator.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "the simulator cannot accept a connection");
                    // Out of file descriptors, most likely: trying again at once would only spin.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, simulator: Simulator) {
    // Small answers are all there is; without this, benchmarks measure Nagle's algorithm.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| respond(simulator.clone(), request));
    let served = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a simulated connection ended early");
    }
}

async fn respond(
    simulator: Simulator,
    request: Request<Incoming>,
) -> Result<Response<Body>, Hangup> {
    let (request, _) = request.into_parts();
    let _under_way = simulator.arrive(&request);
    let reply = simulator.answer(&request);
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    match reply.outcome {
        Outcome::Response(response) => Ok(response.map(whole)),
        Outcome::Cut(response) => Ok(cut(response)),
        Outcome::Disconnect => Err(Hangup),
        Outcome::Hang => std::future::pending().await,
    }
}

fn whole(body: Bytes) -> Body {
    let body = Full::new(body).map_err(|never: Infallible| match never {});
    body.boxed_unsync()
}

/// Promises the whole length and sends half.
fn cut(mut response: Response<Bytes>) -> Response<Body> {
    let length = HeaderValue::from(response.body().len());
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response.map(|body| {
        let half = Frame::data(body.slice(..body.len() / 2));
        let hangup = stream::once(async {
            // Once pending, so that hyper flushes what it has; an error at once would take the headers with it.
            tokio::task::yield_now().await;
            Err(Hangup)
        });
        StreamBody::new(stream::iter([Ok(half)]).chain(hangup)).boxed_unsync()
    })
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::simulator::{Effect, Fault, PathKind, Scenario};

    struct Running {
        simulator: Simulator,
        address: SocketAddr,
        shutdown: CancellationToken,
        server: tokio::task::JoinHandle<()>,
    }

    async fn run(effect: Option<Effect>) -> Running {
        let simulator = Simulator::new(Scenario::named("healthy").unwrap(), None);
        simulator
            .set_fault("lkc-east01", effect.map(Fault::new))
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let server = tokio::spawn(serve(listener, simulator.clone(), shutdown.clone()));
        Running {
            simulator,
            address,
            shutdown,
            server,
        }
    }

    async fn ask(address: SocketAddr) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = "GET /kafka/v3/clusters/lkc-east01/links HTTP/1.1\r\n\
                       Host: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn answer_to(effect: Option<Effect>) -> String {
        let running = run(effect).await;
        let mut text = String::new();
        // The end of a broken connection may arrive as an error; what came before it is what counts.
        let _ = ask(running.address).await.read_to_string(&mut text).await;
        text
    }

    #[tokio::test]
    async fn a_whole_answer_arrives_whole() {
        let text = answer_to(None).await;
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        assert!(text.ends_with('}'), "{text}");
    }

    #[tokio::test]
    async fn a_cut_answer_has_its_headers_and_half_of_its_body() {
        let text = answer_to(Some(Effect::CutAfterHeaders)).await;
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().parse().unwrap();
        assert_eq!(body.len(), length / 2, "{text}");
    }

    #[tokio::test]
    async fn a_disconnect_sends_not_one_byte() {
        assert_eq!(answer_to(Some(Effect::Disconnect)).await, "");
    }

    #[tokio::test]
    async fn shutdown_does_not_wait_for_an_answer_that_hangs() {
        let running = run(Some(Effect::Hang)).await;
        let mut streams = [ask(running.address).await, ask(running.address).await];
        while running.simulator.requests().max_concurrent() < 2 {
            tokio::task::yield_now().await;
        }
        running.shutdown.cancel();
        running.server.await.unwrap();
        for stream in &mut streams {
            let mut text = String::new();
            let _ = stream.read_to_string(&mut text).await;
            assert_eq!(text, "");
        }
        let requests = running.simulator.requests();
        assert_eq!(
            (
                requests.total(),
                requests.count("lkc-east01", PathKind::Links)
            ),
            (2, 2)
        );
    }
}
