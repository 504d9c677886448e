//! A server on loopback with links to show, and a client that sees every byte.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use cluster_link_exporter::{
    clock::Clock,
    http::{self, AppState, Limits, Settings, WebConfig},
    journal::Transitions,
    metrics::{Exposition, Renderer},
    model::{
        Cluster, Endpoint, ErrorCode, Failure, Limits as Ages, Link, LinkReport, LinkState,
        Listing, Reason, Report, ReportedError, Task, TaskState,
    },
    notify::{Notified, Notifiers},
    state_file::Rows,
    store::Store,
    telemetry::Telemetry,
};
use jiff::Timestamp;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// Far more than anything here takes, so that a failure is a failure and not a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; stops when it is told to.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    pub(crate) stopped: JoinHandle<()>,
    /// What takes the place of the metrics that are served.
    pub(crate) exposition: watch::Sender<Exposition>,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// Serves a cluster with links of many states.
    pub(crate) async fn start(web_config: WebConfig, limits: Limits) -> Self {
        let polled = Store::new([unpolled()]);
        polled.report(&"dr".into(), report(Ok(links())));
        Self::of(&polled, web_config, limits).await
    }

    /// Serves what the store holds now.
    pub(crate) async fn of(store: &Store, web_config: WebConfig, limits: Limits) -> Self {
        let nothing = Transitions::restored(Transitions::KEPT, &Rows::new(), None);
        Self::remembering(store, nothing, web_config, limits).await
    }

    /// Serves what the store holds now, and these changes of state.
    pub(crate) async fn remembering(
        store: &Store,
        transitions: Transitions,
        web_config: WebConfig,
        limits: Limits,
    ) -> Self {
        let rendered = Renderer::default().render(&store.snapshot());
        let (exposition, published) = watch::channel(rendered);
        let telemetry = Arc::new(Telemetry::new());
        let clock = Clock::fixed(Timestamp::from_second(1_750_000_090).unwrap());
        let shutdown = CancellationToken::new();
        let notifiers = Notifiers::new(
            Notified::new(),
            telemetry.clone(),
            clock.clone(),
            shutdown.clone(),
        );
        let app = AppState {
            snapshot: store.subscribe(),
            exposition: published,
            telemetry,
            alerts: watch::channel(Arc::from([])).1,
            notification_builder: watch::channel(Arc::default()).1,
            transitions: Arc::new(transitions),
            notifiers: Arc::new(notifiers),
            clock,
            telemetry_path: "/metrics".into(),
            shard: None,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let settings = Settings {
            web_config,
            limits,
            reloads: None,
        };
        let serving = http::serve(listener, Arc::new(app), settings, shutdown.clone());
        Self {
            address,
            shutdown,
            stopped: tokio::spawn(serving),
            exposition,
        }
    }

    /// A server with default patience, for everybody.
    pub(crate) async fn plain() -> Self {
        Self::start(WebConfig::default(), Limits::default()).await
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Asks on a connection of its own.
    pub(crate) async fn ask(&self, line: &str, headers: &str) -> Answer {
        ask(self.connect().await, line, headers).await
    }
}

/// Asks once, and reads all until the server closes.
pub(crate) async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    line: &str,
    headers: &str,
) -> Answer {
    let request =
        format!("{line} HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    Answer::parse(&rest(&mut stream).await)
}

/// All that comes until the end of the connection, however it ends.
pub(crate) async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    assert!(
        read.is_ok(),
        "the server should have closed this connection long ago"
    );
    bytes
}

impl Answer {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        Self {
            status: status.parse().unwrap(),
            headers: headers
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

pub(crate) fn unpolled() -> Cluster {
    let ages = Ages {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    Cluster::unpolled("dr".into(), None, ages, &[Endpoint::Links, Endpoint::Link])
}

pub(crate) fn report(outcome: Result<Listing, Failure>) -> Report {
    let at = Timestamp::from_second(1_750_000_000).unwrap();
    Report {
        took: Duration::from_millis(5),
        ..Report::new(at, Duration::from_secs(30), outcome)
    }
}

pub(crate) fn failure() -> Failure {
    Failure {
        reason: Reason::Auth,
        message: "401 from <the server>; check the key".into(),
    }
}

/// A link for each state of a link, with a task for each state of a task.
pub(crate) fn links() -> Listing {
    let words = LinkState::TABLE.iter().map(|row| row.name);
    let links: Vec<_> = words.map(|word| link(&word.to_lowercase(), word)).collect();
    listing(links)
}

pub(crate) fn listing(links: Vec<Link>) -> Listing {
    Listing::of(links.into_iter().map(LinkReport::described).collect())
}

pub(crate) fn link(name: &str, state: &str) -> Link {
    let task = |word: &str| Task {
        task_name: format!("{word}-task").as_str().into(),
        state: TaskState::parse(word),
        errors: Vec::new(),
    };
    Link {
        cluster_link_id: "id".into(),
        link_state: Some(LinkState::parse(state)),
        link_error: Some(ReportedError {
            error_code: ErrorCode::from("AUTHENTICATION_ERROR"),
            error_message: "<b>no</b>".into(),
        }),
        tasks: Some(TaskState::TABLE.iter().map(|row| task(row.name)).collect()),
        ..Link::named(name)
    }
}
