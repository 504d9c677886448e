//! A server that answers with given bodies, and an exporter that polls it and shows what it made of them.

use std::{
    collections::HashMap,
    convert::Infallible,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use cluster_link_exporter::{model::MirrorDetail, poll::Collect};
use http_body_util::Full;
use hyper::{
    Request, Response, body::Bytes, body::Incoming, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::net::TcpListener;

use super::watcher::{Watcher, api, polling};

const CLUSTER: &str = "lkc-dr0001";
/// The name of the answer to the list.
const LIST: &str = "_links";

/// The name of the answer about all links' mirror topics.
const MIRRORS: &str = "_mirrors";

/// The name of the answer to a list that is asked for again in the same poll, where it is another one.
const LIST_AGAIN: &str = "_links.again";

/// Status and body by link name; the list's under [`LIST`], a link's settings under its name and `.configs`.
#[derive(Default)]
pub(crate) struct Answers {
    bodies: HashMap<String, (u16, Vec<u8>)>,
    /// Whether the list was asked for.
    is_listed: AtomicBool,
}

impl Answers {
    fn of(bodies: impl IntoIterator<Item = (String, (u16, Vec<u8>))>) -> Self {
        Self {
            bodies: bodies.into_iter().collect(),
            is_listed: AtomicBool::new(false),
        }
    }

    /// The files of a poll's folder.
    pub(crate) fn read(folder: &Path) -> Self {
        let files = fs::read_dir(folder).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let (name, status) = match name.rsplit_once('.') {
                Some((name, status)) if status.parse::<u16>().is_ok() => {
                    (name, status.parse().unwrap())
                }
                _ => (name, 200),
            };
            (decode(name), (status, fs::read(&path).unwrap()))
        });
        Self::of(files)
    }

    /// The list answers this, and there is nothing else.
    pub(crate) fn list(status: u16, body: Vec<u8>) -> Self {
        Self::of([(LIST.into(), (status, body))])
    }

    /// One link is listed, and its describe answers this.
    pub(crate) fn link(name: &str, status: u16, body: Vec<u8>) -> Self {
        let list = serde_json::json!({ "data": [{ "link_name": name }] });
        Self::of([
            (LIST.into(), (200, list.to_string().into_bytes())),
            (name.into(), (status, body)),
        ])
    }

    /// One link is listed, and its settings or its mirror topics answer this.
    pub(crate) fn detail(link: &str, name: &str, status: u16, body: Vec<u8>) -> Self {
        let describe = serde_json::json!({ "link_name": link }).to_string();
        let mut answers = Self::link(link, 200, describe.into_bytes());
        answers.bodies.insert(name.into(), (status, body));
        answers
    }

    /// Details are asked for where there is an answer to tell.
    fn collect(&self) -> Collect {
        let configs = self.bodies.keys().any(|name| name.ends_with(".configs"));
        let mirrors = self
            .bodies
            .keys()
            .any(|name| name == MIRRORS || name.contains(".mirrors"));
        Collect {
            configs,
            mirrors: if mirrors {
                MirrorDetail::All
            } else {
                MirrorDetail::Off
            },
        }
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request
            .uri()
            .path()
            .strip_prefix(&format!("/kafka/v3/clusters/{CLUSTER}/links"));
        let path = path.expect("only links of the configured cluster are asked for");
        let names: Vec<String> = path.split('/').skip(1).map(decode).collect();
        let name = match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] if self.is_listed.swap(true, Relaxed) && self.bodies.contains_key(LIST_AGAIN) => {
                LIST_AGAIN.to_owned()
            }
            [] => LIST.to_owned(),
            ["-", "mirrors"] => MIRRORS.to_owned(),
            _ => names.join("."),
        };
        let missing = (
            404,
            br#"{"error_code":404,"message":"The cluster link doesn't exist: "}"#.to_vec(),
        );
        let (status, body) = self.bodies.get(&name).cloned().unwrap_or(missing);
        Response::builder()
            .status(status)
            .body(Full::new(body.into()))
            .unwrap()
    }
}

fn decode(name: &str) -> String {
    percent_decode_str(name).decode_utf8().unwrap().into_owned()
}

/// An exporter of one cluster, at a time of day that stands still within a poll.
pub(crate) struct Poller(Watcher);

impl Poller {
    pub(crate) fn new() -> Self {
        // It has no server before the first poll.
        let api = api("http://127.0.0.1:1", CLUSTER);
        Self(Watcher::new(api, polling(Collect::NOTHING), 1_750_000_000))
    }

    /// Polls a server that gives these answers, 30 s after the poll before.
    pub(crate) async fn poll(&mut self, answers: Answers) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let collect = answers.collect();
        let server = tokio::spawn(serve(listener, Arc::new(answers)));

        let api = api(&format!("http://{address}"), CLUSTER);
        self.0.turn_to(api, polling(collect));
        self.0.time().pass(30);
        self.0.poll().await;
        server.abort();
    }

    /// The exposition, without the series that tell how long something really took.
    pub(crate) fn exposition(&mut self) -> String {
        let text = self.0.exposition();
        let measured = [
            "clusterlink_poll_duration_seconds{",
            "clusterlink_api_request_duration_seconds_",
        ];
        let is_steady = |line: &&str| !measured.iter().any(|name| line.starts_with(name));
        let lines: Vec<_> = text.split_inclusive('\n').filter(is_steady).collect();
        lines.concat()
    }
}

async fn serve(listener: TcpListener, answers: Arc<Answers>) {
    while let Ok((stream, _)) = listener.accept().await {
        let answers = answers.clone();
        let service = service_fn(move |request| {
            let response = answers.answer(&request);
            async move { Ok::<_, Infallible>(response) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
