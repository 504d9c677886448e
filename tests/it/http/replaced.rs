//! Clients that still take an answer that newer ones have replaced: what they hold in memory is bounded.

use std::time::Duration;

use cluster_link_exporter::{
    http::{Limits, WebConfig},
    metrics::Renderer,
    model::Link,
    store::Store,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use super::server::{Answer, PATIENCE, Server, link, listing, report, rest, unpolled};

/// Longer than it takes to see who is too old.
const A_WHILE: Duration = Duration::from_secs(1);

/// A server whose metrics are larger than the sockets of both sides take in, and can be replaced.
struct Scene {
    server: Server,
    store: Store,
    renderer: Renderer,
    /// What its metrics are made of, anew each time.
    links: fn(u64) -> Vec<Link>,
    polls: u64,
}

impl Scene {
    async fn of(links: fn(u64) -> Vec<Link>) -> Self {
        let store = Store::new([unpolled()]);
        store.report(&"dr".into(), report(Ok(listing(links(0)))));
        // Nobody is cut off for being slow.
        let limits = Limits {
            write_timeout: 2 * PATIENCE,
            answer_timeout: 2 * PATIENCE,
            header_timeout: 2 * PATIENCE,
            ..Limits::default()
        };
        let server = Server::of(&store, WebConfig::default(), limits).await;
        let mut renderer = Renderer::default();
        renderer.render(&store.snapshot());
        Self {
            server,
            store,
            renderer,
            links,
            polls: 1,
        }
    }

    /// Another poll of the cluster: nothing of its text is as before.
    fn replace(&mut self) {
        let answer = report(Ok(listing((self.links)(self.polls))));
        self.polls += 1;
        self.store.report(&"dr".into(), answer);
        let newest = self.renderer.render(&self.store.snapshot());
        self.server.exposition.send_replace(newest);
    }

    /// A client that asked so, and has read the first bytes of the answer.
    async fn reading(&self, requests: &str) -> (TcpStream, Vec<u8>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(self.server.address).await.unwrap();
        stream.write_all(requests.as_bytes()).await.unwrap();
        let mut first = vec![0; 1000];
        stream.read_exact(&mut first).await.unwrap();
        (stream, first)
    }
}

/// Long names make much text of few links.
fn long_names(poll: u64) -> Vec<Link> {
    let names = (0..30).map(|n| format!("{poll}-{n}{}", "-".repeat(4000)));
    names.map(|name| link(&name, "ACTIVE")).collect()
}

/// Names that are random and longer than what deflate looks back over: the text is large when it is compressed too, which is
/// how it is held, and counted.
fn incompressible(poll: u64) -> Vec<Link> {
    let mut random = fastrand::Rng::with_seed(poll);
    let mut name = || -> String { (0..40_000).map(|_| random.alphanumeric()).collect() };
    (0..3).map(|_| link(&name(), "ACTIVE")).collect()
}

const ASK: &str = "GET /metrics HTTP/1.1\r\nHost: exporter\r\n\r\n";
const ASK_AND_LEAVE: &str = "GET /metrics HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn an_answer_that_is_replaced_once_goes_on_and_one_that_is_replaced_twice_is_cut_off() {
    let mut scene = Scene::of(incompressible).await;
    let (mut spared, mut bytes) = scene.reading(ASK_AND_LEAVE).await;
    let (mut stuck, first) = scene.reading(ASK_AND_LEAVE).await;
    scene.replace();
    sleep(A_WHILE).await;
    bytes.extend(rest(&mut spared).await);
    let answer = Answer::parse(&bytes);
    let length: usize = answer.header("content-length").parse().unwrap();
    assert_eq!(answer.body.len(), length);

    let (mut newer, mut bytes) = scene.reading(ASK_AND_LEAVE).await;
    scene.replace();
    sleep(A_WHILE).await;
    let left = rest(&mut stuck).await;
    assert!(first.len() + left.len() < length / 2, "{}", left.len());
    bytes.extend(rest(&mut newer).await);
    assert!(Answer::parse(&bytes).body.len() >= length / 2);
}

/// However steadily it takes a little, and whatever it asks for meanwhile.
#[tokio::test]
async fn a_client_that_takes_little_and_asks_for_more_is_cut_off_too() {
    let mut scene = Scene::of(incompressible).await;
    let healthy = "GET /-/healthy HTTP/1.1\r\nHost: exporter\r\n\r\n";
    let (mut stream, first) = scene.reading(&[ASK, healthy, ASK].concat()).await;
    let length = content_length(&first);
    for _ in 0..2 {
        scene.replace();
        for _ in 0..50 {
            stream.read_exact(&mut [0; 1000]).await.unwrap();
            sleep(A_WHILE / 50).await;
        }
    }
    // What the system had taken of the first answer still comes.
    assert!(rest(&mut stream).await.len() < length / 2);
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    length.split("\r\n").next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_client_that_has_taken_its_answer_stays() {
    let mut scene = Scene::of(long_names).await;
    let (mut stream, mut bytes) = scene.reading(ASK).await;
    let mut piece = vec![0; 1 << 20];
    while !bytes.ends_with(b"\n") || timeout(A_WHILE, stream.readable()).await.is_ok() {
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0, "it was cut off");
        bytes.extend(&piece[..count]);
    }
    for _ in 0..3 {
        scene.replace();
        sleep(A_WHILE / 2).await;
    }
    let healthy = "GET /-/healthy HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n\r\n";
    stream.write_all(healthy.as_bytes()).await.unwrap();
    assert_eq!(Answer::parse(&rest(&mut stream).await).status, 200);
}
