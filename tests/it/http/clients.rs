//! Clients that are slow, idle, too many or gone: none takes anything from the others.

use std::{process::Stdio, time::Duration};

use cluster_link_exporter::{
    http::{Limits, WebConfig},
    store::Store,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream},
    process::Command,
    time::timeout,
};

use super::server::{Answer, PATIENCE, Server, ask, link, listing, report, rest, unpolled};

const HEALTHY: &str = "GET /-/healthy HTTP/1.1\r\nHost: exporter\r\n\r\n";
const SHORT: Duration = Duration::from_millis(300);
/// So long that a test that waits for it fails.
const LONG: Duration = Duration::from_secs(600);

async fn with(limits: Limits) -> Server {
    Server::start(WebConfig::default(), limits).await
}

/// Asks and reads the answer's first bytes, and leaves the connection open.
async fn ask_and_stay(server: &Server) -> TcpStream {
    let mut stream = server.connect().await;
    stream.write_all(HEALTHY.as_bytes()).await.unwrap();
    stream.read_exact(&mut [0; 15]).await.unwrap();
    stream
}

/// In a process of its own, because client and server together would need more descriptors than many systems give.
#[tokio::test]
async fn five_hundred_idle_connections_do_not_keep_a_scrape_from_its_answer() {
    let mut exporter = Command::new(env!("CARGO_BIN_EXE_cluster-link-exporter"))
        .args(["demo", "--web.listen-address=127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(exporter.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("the demo says where it is");
        if let Some((_, url)) = line.split_once("the page     http://") {
            break url.trim_end_matches('/').to_owned();
        }
    };
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(TcpStream::connect(&address).await.unwrap());
    }
    let scraper = TcpStream::connect(&address).await.unwrap();
    let answer = timeout(PATIENCE, ask(scraper, "GET /metrics", ""))
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    drop(idle);
}

#[tokio::test]
async fn a_client_that_sends_half_a_head_is_cut_off() {
    let server = with(Limits {
        header_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHo")
        .await
        .unwrap();
    assert_eq!(rest(&mut stream).await, b"");
}

#[tokio::test]
async fn an_idle_connection_is_closed_before_and_after_a_request() {
    let server = with(Limits {
        header_timeout: SHORT,
        ..Limits::default()
    })
    .await;
    assert_eq!(rest(&mut server.connect().await).await, b"");
    let mut stream = ask_and_stay(&server).await;
    assert!(rest(&mut stream).await.ends_with(b"healthy.\n"));
}

#[tokio::test]
async fn idle_connections_make_room_when_every_place_is_taken() {
    let limits = Limits {
        header_timeout: LONG,
        connections: 4,
        yield_after: SHORT,
        ..Limits::default()
    };
    let server = with(limits).await;
    let idle = [
        server.connect().await,
        server.connect().await,
        ask_and_stay(&server).await,
        ask_and_stay(&server).await,
    ];
    assert_eq!(server.ask("GET /metrics", "").await.status, 200);
    drop(idle);
}

#[tokio::test]
async fn no_more_connections_are_served_than_there_are_places() {
    let limits = Limits {
        header_timeout: LONG,
        connections: 1,
        ..Limits::default()
    };
    let server = with(limits).await;
    let mut first = ask_and_stay(&server).await;
    first.write_all(b"GET /-/ready HTTP/1.1\r\n").await.unwrap();
    let mut second = server.connect().await;
    second.write_all(HEALTHY.as_bytes()).await.unwrap();
    let early = timeout(SHORT, second.read_exact(&mut [0; 15])).await;
    assert!(early.is_err(), "the second was served beside the first");
    drop(first);
    let answered = timeout(PATIENCE, second.read_exact(&mut [0; 15])).await;
    answered.expect("the place of the first is free").unwrap();
}

#[tokio::test]
async fn a_head_that_is_too_long_or_has_too_many_lines_is_answered_with_431() {
    let server = Server::plain().await;
    let long = format!("X-Long: {}\r\n", "x".repeat(33 << 10));
    assert_eq!(server.ask("GET /metrics", &long).await.status, 431);
    let many = "X-Many: x\r\n".repeat(200);
    assert_eq!(server.ask("GET /metrics", &many).await.status, 431);
    assert_eq!(server.ask("GET /metrics", "").await.status, 200);
}

#[tokio::test]
async fn what_is_not_http_is_answered_with_400() {
    let server = Server::plain().await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"\x16\x03\x01\x02\x00 TLS to a plain port\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(Answer::parse(&rest(&mut stream).await).status, 400);
}

#[tokio::test]
async fn requests_sent_at_once_are_answered_in_order() {
    let server = Server::plain().await;
    let mut stream = server.connect().await;
    let requests = ["/-/healthy", "/nowhere", "/-/ready"].map(|path| {
        let close = if path == "/-/ready" {
            "Connection: close\r\n"
        } else {
            ""
        };
        format!("GET {path} HTTP/1.1\r\nHost: exporter\r\n{close}\r\n")
    });
    stream
        .write_all(requests.concat().as_bytes())
        .await
        .unwrap();
    let text = String::from_utf8(rest(&mut stream).await).unwrap();
    let statuses: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once("HTTP/1.1 "))
        .map(|(_, status)| status)
        .collect();
    assert_eq!(statuses, ["200 OK", "404 Not Found", "200 OK"], "{text}");
}

#[tokio::test]
async fn a_client_that_closes_its_side_after_the_request_gets_its_answer() {
    let server = Server::plain().await;
    let mut stream = server.connect().await;
    stream.write_all(HEALTHY.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(Answer::parse(&rest(&mut stream).await).status, 200);
}

/// More than the sockets of both sides take in.
async fn with_much_to_tell(limits: Limits) -> Server {
    let links: Vec<_> = (0..1500)
        .map(|n| link(&format!("link-{n}"), "ACTIVE"))
        .collect();
    let store = Store::new([unpolled()]);
    store.report(&"dr".into(), report(Ok(listing(links))));
    Server::of(&store, WebConfig::default(), limits).await
}

/// A client that asked for the metrics and has read their first bytes.
async fn reading(server: &Server) -> (TcpStream, Vec<u8>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let request = "GET /metrics HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut first = vec![0; 1000];
    stream.read_exact(&mut first).await.unwrap();
    (stream, first)
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_cut_off() {
    let server = with_much_to_tell(Limits {
        write_timeout: SHORT,
        connections: 1,
        ..Limits::default()
    })
    .await;
    let (stuck, _) = reading(&server).await;
    assert_eq!(server.ask("GET /-/healthy", "").await.status, 200);
    drop(stuck);
}

#[tokio::test]
async fn a_stop_lets_an_answer_under_way_finish() {
    let server = with_much_to_tell(Limits {
        stop_within: PATIENCE,
        ..Limits::default()
    })
    .await;
    let (mut stream, mut bytes) = reading(&server).await;
    server.shutdown.cancel();
    bytes.extend(rest(&mut stream).await);
    let answer = Answer::parse(&bytes);
    assert_eq!(
        answer.header("content-length"),
        answer.body.len().to_string()
    );
    timeout(PATIENCE, server.stopped).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_stop_takes_less_than_five_seconds_whatever_clients_do() {
    let server = with_much_to_tell(Limits::default()).await;
    let _stuck = reading(&server).await;
    let _silent = server.connect().await;
    let _idle = ask_and_stay(&server).await;
    let mut half = server.connect().await;
    half.write_all(b"GET /").await.unwrap();
    server.shutdown.cancel();
    let stopped = timeout(Duration::from_secs(5), server.stopped).await;
    stopped
        .expect("the stop waits for nobody that long")
        .unwrap();
}
