//! The page as bytes: one for all who ask, plain or compressed, as new as what it shows.

use std::{io::Read, time::Duration};

use cluster_link_exporter::{
    http::{Limits, WebConfig},
    store::Store,
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::{
    routes::showing,
    server::{PATIENCE, Server, link, listing, report, rest, unpolled},
};

/// A store whose page is larger than the sockets of both sides take in.
fn much() -> Store {
    let links: Vec<_> = (0..1500)
        .map(|n| link(&format!("link-{n}"), "ACTIVE"))
        .collect();
    let store = Store::new([unpolled()]);
    store.report(&"dr".into(), report(Ok(listing(links))));
    store
}

/// A client that asked for the page and reads nothing of it.
async fn stuck(server: &Server) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let request = "GET / HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn the_page_comes_plain_or_as_gzip_and_says_its_length() {
    let server = Server::plain().await;
    let plain = server.ask("GET /", "").await;
    let packed = server.ask("GET /", "Accept-Encoding: gzip\r\n").await;
    for (answer, encoding) in [(&plain, ""), (&packed, "gzip")] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        assert_eq!(answer.header("content-encoding"), encoding);
        let length = answer.body.len().to_string();
        assert_eq!(answer.header("content-length"), length);
    }
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&*packed.body)
        .read_to_string(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, plain.text());
    assert!(packed.body.len() < plain.body.len());
}

#[tokio::test]
async fn the_page_shows_a_new_snapshot_at_once() {
    let store = Store::new([unpolled()]);
    let server = showing(&store).await;
    for name in ["first", "second"] {
        let before = server.ask("GET /", "").await;
        assert!(!before.text().contains(name), "{}", before.text());
        store.report(
            &"dr".into(),
            report(Ok(listing(vec![link(name, "ACTIVE")]))),
        );
        let after = server.ask("GET /", "").await;
        assert!(after.text().contains(name), "{}", after.text());
    }
}

#[tokio::test]
async fn clients_that_take_nothing_hold_few_pages_and_others_still_get_one() {
    let store = much();
    let limits = Limits {
        write_timeout: PATIENCE * 2,
        ..Limits::default()
    };
    let server = Server::of(&store, WebConfig::default(), limits).await;
    let mut crowd = Vec::new();
    for number in 0..8 {
        let client = stuck(&server).await;
        // Its answer has begun: it holds the page.
        timeout(PATIENCE, client.readable()).await.unwrap().unwrap();
        crowd.push(client);
        let links = vec![link(&format!("new-{number}"), "ACTIVE"); 1500];
        store.report(&"dr".into(), report(Ok(listing(links))));
    }
    let held = server.ask("GET /", "").await;
    assert!(
        held.text().contains("new-1"),
        "the third page goes out again"
    );
    assert!(!held.text().contains("new-2"), "a fourth page was made");

    for client in &mut crowd {
        rest(client).await;
    }
    let now = server.ask("GET /", "").await;
    assert!(now.text().contains("new-7"), "{}", now.text());
}

#[tokio::test]
async fn clients_that_take_nothing_make_room_when_every_place_is_taken() {
    let limits = Limits {
        write_timeout: PATIENCE * 2,
        connections: 4,
        stuck_yield_after: Duration::from_millis(100),
        ..Limits::default()
    };
    let server = Server::of(&much(), WebConfig::default(), limits).await;
    let mut crowd = Vec::new();
    for _ in 0..4 {
        crowd.push(stuck(&server).await);
    }
    assert_eq!(server.ask("GET /-/healthy", "").await.status, 200);
}

#[tokio::test]
async fn a_request_that_names_two_hosts_is_answered_with_400() {
    let server = Server::plain().await;
    for (second, status) in [
        ("Host: exporter\r\n", 400),
        ("hOST: elsewhere\r\n", 400),
        ("X-Host: elsewhere\r\n", 200),
    ] {
        let answer = server.ask("GET /metrics", second).await;
        assert_eq!(answer.status, status, "{second}");
    }
}
