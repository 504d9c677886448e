//! Clients of a large answer: it is written while they take it, and whoever does not is nobody's burden.

use std::time::Duration;

use cluster_link_exporter::{
    http::{Limits, WebConfig},
    store::Store,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Instant, timeout},
};

use super::{data, names};
use crate::http::server::{PATIENCE, Server, link, listing, report, rest, unpolled};

/// So many that their answer is larger than what the sockets of both sides take in.
const LINKS: usize = 4000;
const SHORT: Duration = Duration::from_millis(300);

async fn large(limits: Limits) -> Server {
    let links = (0..LINKS).map(|n| link(&format!("link-{n:05}"), "ACTIVE"));
    let store = Store::new([unpolled()]);
    store.report(&"dr".into(), report(Ok(listing(links.collect()))));
    Server::of(&store, WebConfig::default(), limits).await
}

/// A client that asked for everything and has read the first bytes.
async fn reading(server: &Server) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let request = "GET /api/v1/status HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_exact(&mut [0; 1000]).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_take_nothing_hold_up_neither_scrapes_nor_one_another_and_are_cut_off() {
    let limits = Limits {
        write_timeout: PATIENCE,
        ..Limits::default()
    };
    let server = large(limits).await;
    let mut stuck = Vec::new();
    for _ in 0..4 {
        stuck.push(reading(&server).await);
    }
    let scrape = timeout(PATIENCE, server.ask("GET /metrics", "")).await;
    assert_eq!(scrape.expect("nobody holds it up").status, 200);
    let all = timeout(PATIENCE, data(&server, "status")).await;
    let all = all.expect("nobody keeps it from its turn");
    assert_eq!(names(&all)[0].1.len(), LINKS);
    drop(stuck);

    let impatient = large(Limits {
        write_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let begun = Instant::now();
    let whole = impatient.ask("GET /api/v1/status", "").await.body.len();
    let mut slow = reading(&impatient).await;
    // As long as writing all of it takes, and as long as the patience lasts.
    tokio::time::sleep(begun.elapsed() + 4 * SHORT).await;
    let left = rest(&mut slow).await.len();
    // What the sockets had taken still comes.
    assert!(left + (1 << 20) < whole, "{left} of {whole}");
}

/// One link of many is found and written without the others.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_asked_for_is_not_written() {
    let server = large(Limits::default()).await;
    let begun = Instant::now();
    let all = data(&server, "status").await;
    let of_all = begun.elapsed();
    assert_eq!(names(&all)[0].1.len(), LINKS);
    let begun = Instant::now();
    let one = data(&server, "status?link=link-03999").await;
    let of_one = begun.elapsed();
    assert_eq!(names(&one)[0].1, ["link-03999"]);
    assert!(10 * of_one < of_all, "{of_one:?} of {of_all:?}");
}
