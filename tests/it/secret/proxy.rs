//! A proxy of the environment that lets nobody through and says back what it was told.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

use super::{CANARY, assert_silent};
use crate::support::program::{Running, get, program, until_ready};

/// A poll, a tunnel, a token request of either kind, and a receiver that is told that they fail.
const YAML: &str = "
global: { poll_interval: 1s, stale_after: 5s, state_file: state.redb }
clusters:
  - { name: plain, cluster_id: lkc-1, endpoint: 'http://kafka.example.com', proxy_from_environment: true }
  - { name: tunnel, cluster_id: lkc-1, endpoint: 'https://kafka.example.com', proxy_from_environment: true }
  - name: oauth
    cluster_id: lkc-1
    endpoint: https://kafka.example.com
    allow_insecure_http: true
    oauth2: { client_id: me, client_secret: word, token_url: 'http://idp.example.com/token', proxy_from_environment: true }
  - name: mds
    cluster_id: lkc-1
    endpoint: http://kafka.example.com
    allow_insecure_http: true
    metadata_service: { url: 'http://mds.example.com', username: me, password: word, proxy_from_environment: true }
alerting:
  rules: { ClusterLinkPollFailing: { for: 0s } }
  receivers:
    - { name: hook, webhook: { url: 'http://hooks.example.com/some-long-path', proxy_from_environment: true } }
";

/// Refuses one request after the other with all that it was sent.
async fn refuse(mut client: TcpStream, asked: Arc<AtomicUsize>) -> std::io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        if head
            .to_lowercase()
            .contains("\r\nproxy-authorization: basic ")
        {
            asked.fetch_add(1, Ordering::Relaxed);
        }
        let answer = format!(
            "HTTP/1.1 407 Proxy Authentication Required\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{head}",
            head.len()
        );
        client.write_all(answer.as_bytes()).await?;
        client.shutdown().await?;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_of_an_environments_proxy_is_told_though_the_proxy_echoes_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let encoded = utf8_percent_encode(CANARY, NON_ALPHANUMERIC);
    let proxy = format!("http://key:{encoded}@{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(refuse(stream, counted.clone()));
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let state = at("state.redb");
    let yaml = YAML.replace("state.redb", state.to_str().unwrap());
    fs::write(at("exporter.yaml"), yaml).unwrap();

    let mut serve = program(&[
        "--web.listen-address",
        "127.0.0.1:0",
        "--log.level",
        "trace",
    ]);
    serve.arg("--config.file").arg(at("exporter.yaml"));
    serve.env("HTTP_PROXY", &proxy).env("HTTPS_PROXY", &proxy);
    let mut running = Running::start(serve);
    let address = running.address();
    until_ready(&address).await;
    running.until("hook");
    sleep(Duration::from_secs(2)).await;
    let (_, page) = get(&format!("http://{address}/")).await;
    let (_, metrics) = get(&format!("http://{address}/metrics")).await;
    let outcome = running.stop("TERM");
    let state = fs::read(state).unwrap();
    let state = String::from_utf8_lossy(&state);
    for (place, text) in [
        ("the page", page.as_str()),
        ("the metrics", &metrics),
        ("standard output", &outcome.stdout),
        ("standard error", &outcome.stderr),
        ("the state file", &state),
    ] {
        assert_silent(place, text);
    }
    // What makes the silence worth something.
    assert!(asked.load(Ordering::Relaxed) >= 5);
    for (cluster, refusal) in [
        (
            "plain",
            "HTTP 407: `(not quoted: the body holds the credential)`",
        ),
        ("tunnel", "proxy authorization required"),
        ("oauth", "HTTP 407"),
        ("mds", "HTTP 407"),
    ] {
        let named = format!("cluster_name={cluster}");
        let mut lines = outcome.stderr.lines();
        let is_told = lines.any(|line| line.contains(&named) && line.contains(refusal));
        assert!(is_told, "{cluster}: {}", outcome.stderr);
    }
    assert!(
        page.contains("HTTP 407") && state.contains("HTTP 407"),
        "{page}"
    );
}
