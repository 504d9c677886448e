//! Serves what is known: `/metrics`, the page, health. Holds off slow, idle and too many clients.
//!
//! `route` answers without a socket; this file is the rim: accept, time out, stop.

mod body;
mod page;
mod route;
mod style;

use std::{convert::Infallible, sync::Arc, time::Duration};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

pub use body::Pieces;
pub use route::{View, route};

/// A client that cannot send a request's headers in this time is slow on purpose. It also bounds how long an idle
/// connection lives, well above any scrape interval's patience to reconnect.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Prometheus replicas, a few browsers and probes need a handful; the rest waits in the kernel's queue.
const MAX_CONNECTIONS: usize = 512;
/// How long a stop waits for answers under way; with what comes after it stays below the promised 5 s.
const STOP_WITHIN: Duration = Duration::from_secs(3);
/// After a failed accept, usually for want of descriptors, trying at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until the shutdown, then lets answers under way finish.
pub async fn serve(listener: TcpListener, view: Arc<View>, shutdown: CancellationToken) {
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let accept = async {
        loop {
            let place = connections
                .clone()
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            match listener.accept().await {
                Ok((stream, _)) => talk(stream, place, &view, &graceful),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    shutdown.run_until_cancelled(accept).await;
    drop(listener);
    if timeout(STOP_WITHIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some clients were cut off by the stop");
    }
}

fn talk(
    stream: TcpStream,
    place: OwnedSemaphorePermit,
    view: &Arc<View>,
    graceful: &GracefulShutdown,
) {
    let view = view.clone();
    let answer = service_fn(move |request: Request<Incoming>| {
        let response = route(&view, &request);
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(stream), answer);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // A client that goes away is its own business.
        let _ = connection.await;
        drop(place);
    });
}
