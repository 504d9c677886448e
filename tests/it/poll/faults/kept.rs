//! Connections that are kept and go bad: who swallows everything on one, who resets what rested, and how old they become.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cluster_link_exporter::{
    client::{Credential, Message, Proxy, ProxyUrl, Sender, Tls, Transport},
    model::{Reason, Report},
};
use http_body_util::Full;
use hyper::{Request, Response, body::Bytes, body::Incoming, server::conn, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use jiff::Timestamp;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
    time::{Instant, advance, pause, resume, sleep},
};
use tokio_rustls::TlsAcceptor;

use super::{scene::poller, server::any_certificate};

/// What a cluster says that has these links, all well.
fn answer(path: &str) -> String {
    answer_of(path, &["a", "b", "c"])
}

fn answer_of(path: &str, links: &[&str]) -> String {
    let link = |name: &str| {
        format!(
            r#"{{"link_name":"{name}","link_state":"ACTIVE","cluster_link_id":"{name}-id","tasks":[]}}"#
        )
    };
    match path.rsplit_once("/links/") {
        Some((_, name)) => link(name),
        None => format!(
            r#"{{"data":[{}]}}"#,
            links
                .iter()
                .map(|name| link(name))
                .collect::<Vec<_>>()
                .join(",")
        ),
    }
}

/// A server whose connections can be counted and lost.
struct Server {
    address: SocketAddr,
    /// How many connections were accepted.
    accepted: Arc<AtomicUsize>,
    /// How many requests were answered.
    answered: Arc<AtomicUsize>,
    _serving: JoinSet<()>,
}

/// What befalls a connection.
#[derive(Clone, Copy)]
enum Fate {
    /// It is read from for ever after so many answers, and nothing is written any more, not even to a PING.
    Swallowed(usize),
    /// It is reset when it is used again after the first request.
    ResetWhenUsedAgain,
    /// None.
    Kept,
}

impl Server {
    /// Speaks HTTP/2 and TLS.
    async fn http2(fate: Fate) -> Self {
        Self::start(move |stream, answered| async move {
            let mut config = any_certificate();
            config.alpn_protocols = vec![b"h2".to_vec()];
            let plain = duplex_of(stream, fate, answered.clone());
            let Ok(stream) = TlsAcceptor::from(Arc::new(config)).accept(plain).await else {
                return;
            };
            let service = service(answered);
            let serving = conn::http2::Builder::new(TokioExecutor::new());
            let _ = serving
                .serve_connection(TokioIo::new(stream), service)
                .await;
        })
        .await
    }

    /// Speaks HTTP/1.1 plainly.
    async fn http1(fate: Fate) -> Self {
        Self::start(move |stream, answered| async move {
            if let Fate::ResetWhenUsedAgain = fate {
                reset_when_used_again(stream, &answered).await;
                return;
            }
            let plain = duplex_of(stream, fate, answered.clone());
            let serving = conn::http1::Builder::new();
            let _ = serving
                .serve_connection(TokioIo::new(plain), service(answered))
                .await;
        })
        .await
    }

    async fn start<F>(serve: impl Fn(TcpStream, Arc<AtomicUsize>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (accepted, answered) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let mut serving = JoinSet::new();
        let counts = (accepted.clone(), answered.clone());
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counts.0.fetch_add(1, Ordering::Relaxed);
                let _: AbortHandle = connections.spawn(serve(stream, counts.1.clone()));
            }
        });
        Self {
            address,
            accepted,
            answered,
            _serving: serving,
        }
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }
}

fn service(
    answered: Arc<AtomicUsize>,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = Response<Full<Bytes>>,
    Error = Infallible,
    Future = impl Future<Output = Result<Response<Full<Bytes>>, Infallible>> + Send,
> {
    service_fn(move |request: Request<Incoming>| {
        answered.fetch_add(1, Ordering::Relaxed);
        let body = answer(request.uri().path());
        async move { Ok(Response::new(Full::new(body.into()))) }
    })
}

/// The stream itself, or the near end of a line behind which everything is swallowed once so much was answered.
fn duplex_of(mut stream: TcpStream, fate: Fate, answered: Arc<AtomicUsize>) -> Box<dyn Line> {
    let Fate::Swallowed(after) = fate else {
        return Box::new(stream);
    };
    // Only the first connection is unlucky: it is the one on which this is reached.
    if answered.load(Ordering::Relaxed) >= after {
        return Box::new(stream);
    }
    let (near, mut far) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move {
        let swallowed = async {
            while answered.load(Ordering::Relaxed) < after {
                sleep(Duration::from_millis(1)).await;
            }
            // The answers that were given have still to arrive.
            sleep(Duration::from_millis(50)).await;
        };
        tokio::select! {
            _ = copy_bidirectional(&mut stream, &mut far) => return,
            () = swallowed => {}
        }
        let mut nowhere = [0; 4096];
        while stream.read(&mut nowhere).await.is_ok_and(|read| read > 0) {}
    });
    Box::new(near)
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn reset_when_used_again(mut stream: TcpStream, answered: &AtomicUsize) {
    let Some(head) = head(&mut stream).await else {
        return;
    };
    let path = head.split([' ', '?']).nth(1).unwrap();
    let body = answer(path);
    let length = body.len();
    let response = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
    answered.fetch_add(1, Ordering::Relaxed);
    if stream.write_all(response.as_bytes()).await.is_ok() && stream.read_u8().await.is_ok() {
        stream.set_zero_linger().unwrap();
    }
}

fn reason(report: &Report) -> Option<Reason> {
    report.outcome.as_ref().err().map(|failure| failure.reason)
}

/// How many describes of the poll failed.
fn undescribed(report: &Report) -> usize {
    let links = &report.outcome.as_ref().unwrap().links;
    links.iter().filter(|link| link.failure.is_some()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_swallows_everything_is_given_up_with_the_first_timeout() {
    let timeout = Duration::from_millis(500);
    for (server, scheme) in [
        (Server::http2(Fate::Swallowed(4)).await, "https"),
        (Server::http1(Fate::Swallowed(4)).await, "http"),
    ] {
        let poller = poller(&format!("{scheme}://{}", server.address), timeout, 8);
        assert_eq!(reason(&poller.poll_once(None).await), None, "{scheme}");
        sleep(Duration::from_millis(100)).await;
        let (accepted, started) = (server.accepted(), Instant::now());
        let report = poller.poll_once(None).await;
        assert_eq!(reason(&report), None, "{scheme}");
        assert_eq!(undescribed(&report), 0, "{scheme}");
        let took = started.elapsed();
        assert!(took < 4 * timeout, "{scheme} {took:?}");
        assert!(server.accepted() > accepted, "{scheme}");
    }
}

/// Pushes the clock, and lets what waited for it happen.
async fn pass(time: Duration) {
    pause();
    advance(time).await;
    resume();
    sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn an_unanswered_ping_gives_a_connection_up_while_nobody_asks() {
    let server = Server::http2(Fate::Swallowed(4)).await;
    let endpoint = format!("https://{}", server.address);
    let poller = poller(&endpoint, Duration::from_secs(5), 8);
    poller.poll_once(None).await.outcome.unwrap();
    sleep(Duration::from_millis(100)).await;
    // The PING, and the time that it has.
    pass(Duration::from_secs(16)).await;
    pass(Duration::from_secs(6)).await;
    let started = Instant::now();
    poller.poll_once(None).await.outcome.unwrap();
    let took = started.elapsed();
    assert!(
        took < Duration::from_secs(4),
        "it waits for nothing: {took:?}"
    );
}

/// A proxy that tunnels to this machine.
async fn tunnel(mut client: TcpStream) {
    let head = head(&mut client).await.unwrap();
    let target = head.split(' ').nth(1).unwrap();
    let mut server = TcpStream::connect(target).await.unwrap();
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_gives_such_a_connection_up_too_and_behind_a_proxy() {
    let proxy = Server::start(|stream, _| tunnel(stream)).await;
    let through = Proxy::Url {
        url: ProxyUrl(format!("http://{}", proxy.address).parse().unwrap()),
        no_proxy: None,
    };
    for proxy in [Proxy::None, through] {
        let server = Server::http2(Fate::Swallowed(1)).await;
        let tls = Tls {
            insecure_skip_verify: true,
            ..Tls::default()
        };
        let transport = Transport { tls, proxy };
        let timeout = Duration::from_millis(500);
        let sender = Sender::new(&Credential::None, &transport, timeout).unwrap();
        let mut delivered = Vec::new();
        for _ in 0..4 {
            let message = Message {
                url: format!("https://{}/", server.address).parse().unwrap(),
                body: b"{}".to_vec(),
                secrets: Vec::new(),
            };
            let answer = sender.post(message, Timestamp::UNIX_EPOCH).await;
            delivered.push(answer.is_ok());
            sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(delivered, [true, false, true, true], "{transport:?}");
    }
}

#[tokio::test]
async fn connections_that_are_reset_when_they_are_used_again_cost_no_poll() {
    let server = Server::http1(Fate::ResetWhenUsedAgain).await;
    let endpoint = format!("http://{}", server.address);
    let poller = poller(&endpoint, Duration::from_secs(5), 8);
    for poll in 1..=8 {
        let before = server.answered();
        let report = poller.poll_once(None).await;
        assert_eq!(reason(&report), None, "poll {poll}");
        assert_eq!(undescribed(&report), 0, "poll {poll}");
        assert_eq!(server.answered() - before, 4, "poll {poll}");
        let sent = report.requests.len();
        assert!(sent < 8, "{sent} requests in poll {poll}");
    }
}

#[tokio::test]
async fn one_answer_in_trouble_fails_no_poll_of_the_smallest_cluster() {
    // Each poll is a list and a describe, one of which is asked for again.
    for in_trouble in [0, 1] {
        let server = Server::start(move |stream, answered| async move {
            let service = service_fn(|request: Request<Incoming>| {
                let number = answered.fetch_add(1, Ordering::Relaxed);
                let status = if number % 3 == in_trouble { 503 } else { 200 };
                let body = answer_of(request.uri().path(), &["a"]);
                let response = Response::builder().status(status);
                async move { response.body(Full::<Bytes>::new(body.into())) }
            });
            let serving = conn::http1::Builder::new();
            let _ = serving
                .serve_connection(TokioIo::new(stream), service)
                .await;
        })
        .await;
        let endpoint = format!("http://{}", server.address);
        let poller = poller(&endpoint, Duration::from_secs(5), 8);
        for poll in 1..=3 {
            let report = poller.poll_once(None).await;
            assert_eq!(reason(&report), None, "poll {poll}");
            assert_eq!(undescribed(&report), 0, "poll {poll}");
            assert_eq!(report.requests.len(), 3, "poll {poll}");
        }
    }
}

#[tokio::test]
async fn no_connection_is_kept_for_longer_than_five_minutes() {
    let server = Server::http1(Fate::Kept).await;
    let endpoint = format!("http://{}", server.address);
    let poller = poller(&endpoint, Duration::from_secs(5), 1);
    let mut accepted = Vec::new();
    for _ in 0..8 {
        poller.poll_once(None).await.outcome.unwrap();
        accepted.push(server.accepted());
        pass(Duration::from_secs(50)).await;
    }
    assert_eq!(accepted, [1, 1, 1, 1, 1, 1, 2, 2]);
}
