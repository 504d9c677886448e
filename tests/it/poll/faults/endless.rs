//! Answers that never end cost no memory: nothing is read much further than 16 MiB, or than the deadline.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use cluster_link_exporter::simulator::{Effect, Fault, PathKind};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
    time::sleep,
};

use super::{
    scene::{CLUSTER, Scene, poller},
    server::Door,
};

/// What a body may have.
const CAP: u64 = 16 << 20;
/// What the kernel may hold for us on top of it: at most its own bound of one socket's receive buffer.
const BUFFERS: u64 = 32 << 20;
/// A server that gets as far as this is never stopped.
const NEVER: u64 = 256 << 20;

/// An answer of a few bytes every now and then, without end.
struct Endless {
    head: &'static str,
    piece: Bytes,
    pause: Duration,
}

impl Endless {
    /// Answers everybody so, until the set is dropped; brings the endpoint and how many bytes were sent.
    fn serve(self, serving: &mut JoinSet<()>) -> (String, Arc<AtomicU64>) {
        let listener = small_buffers();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let sent = Arc::new(AtomicU64::new(0));
        let counter = sent.clone();
        serving.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Its error is the end that we wait for.
                let _ = self.answer(stream, &counter).await;
            }
        });
        (endpoint, sent)
    }

    async fn answer(&self, mut stream: TcpStream, sent: &AtomicU64) -> std::io::Result<()> {
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await?;
        stream.write_all(self.head.as_bytes()).await?;
        while sent.load(Ordering::Relaxed) < NEVER {
            stream.write_all(&self.piece).await?;
            sent.fetch_add(self.piece.len() as u64, Ordering::Relaxed);
            sleep(self.pause).await;
        }
        Ok(())
    }
}

fn small_buffers() -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(64 << 10).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket.listen(8).unwrap()
}

/// Reason and message of a poll that such a server answers, and how many bytes the server got rid of.
async fn poll(endless: Endless, request_timeout: Duration) -> (String, u64) {
    let mut serving = JoinSet::new();
    let (endpoint, sent) = endless.serve(&mut serving);
    let report = poller(&endpoint, request_timeout, 8).poll_once(None).await;
    let failure = report.outcome.unwrap_err();
    let told = format!("{}: {}", failure.reason.label(), failure.message);
    (told, sent.load(Ordering::Relaxed))
}

fn chunk() -> Bytes {
    format!("10000\r\n{}\r\n", " ".repeat(1 << 16)).into()
}

#[tokio::test]
async fn a_body_without_end_is_read_to_the_cap_and_no_further() {
    for (head, expected) in [
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "bad_response: the answer is larger than 16 MiB",
        ),
        // The status says more than a body that could not be read.
        (
            "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n",
            "server_error: HTTP 503, empty body",
        ),
    ] {
        let endless = Endless {
            head,
            piece: chunk(),
            pause: Duration::ZERO,
        };
        let (told, sent) = poll(endless, Duration::from_secs(5)).await;
        assert!(told.starts_with(expected), "{told}");
        assert!((CAP..CAP + BUFFERS).contains(&sent), "{sent} bytes");
    }
}

#[tokio::test]
async fn headers_without_end_are_no_answer() {
    let endless = Endless {
        head: "HTTP/1.1 200 OK\r\n",
        piece: format!("X-More: {}\r\n", "x".repeat(1 << 14)).into(),
        pause: Duration::ZERO,
    };
    let (told, sent) = poll(endless, Duration::from_secs(5)).await;
    assert!(
        told.starts_with("connect: no connection to `127.0.0.1:"),
        "{told}"
    );
    assert!(sent < BUFFERS, "{sent} bytes");
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_deadline() {
    let endless = Endless {
        head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        piece: "1\r\n \r\n".into(),
        pause: Duration::from_millis(20),
    };
    let (told, _) = poll(endless, Duration::from_millis(400)).await;
    let expected = "timeout: no complete answer within 400ms";
    assert!(told.starts_with(expected), "{told}");
}

#[tokio::test]
async fn pages_are_no_way_around_the_cap() {
    let mut scene = Scene::new(Door::Plain, Duration::from_secs(30)).await;
    // Three pages, each at least a third of the cap.
    let third = "x".repeat((CAP / 3).try_into().unwrap());
    let simulator = scene.server.simulator.clone();
    simulator.update(|world| {
        let cluster = &mut world.clusters[0];
        cluster.dialect.page_size = Some(1);
        cluster.links.push(cluster.links[0].clone());
        for (number, link) in cluster.links.iter_mut().enumerate() {
            link.link_name = format!("{number}{third}");
        }
    });
    let report = scene.poll(10).await;
    let message = scene.message();
    assert!(message.contains("larger than 16 MiB"), "{message}");
    assert!(report.requests.len() <= 3, "{:?}", report.requests);
}

#[tokio::test]
async fn a_deep_nest_in_a_property_that_nobody_knows_is_passed_over() {
    let mut scene = Scene::new(Door::Plain, Duration::from_secs(5)).await;
    let nest = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let link = format!(r#"{{"link_name":"orders","tasks":[],"new_in_2030":{nest}}}"#);
    let odd = Fault::new(Effect::Verbatim {
        status: 200,
        encoding: None,
        body: link.into(),
    });
    let simulator = &scene.server.simulator;
    let odd = odd.on(PathKind::Link).of_link("orders");
    simulator.set_fault(CLUSTER, Some(odd)).unwrap();
    scene.poll(10).await;
    let expected = "success=1 since=10 links=2 orders=listed payments=old";
    assert_eq!(scene.exposed(), expected);
}
