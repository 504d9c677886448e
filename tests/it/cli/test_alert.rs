//! `test-alert`: what the receiver gets, what is said of its answers, and the three exit statuses.

use std::{convert::Infallible, fs, process::Command, sync::mpsc};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::{assert_says, run};
use crate::support::program::program;

/// A receiver that answers a message by what it holds; its port, and what it gets.
async fn receiver(
    answer: impl Fn(&Value) -> (u16, String) + Clone + Send + 'static,
) -> (u16, mpsc::Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, got) = mpsc::channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (answer, sender) = (answer.clone(), sender.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                let (answer, sender) = (answer.clone(), sender.clone());
                async move {
                    let body = request.into_body().collect().await.unwrap().to_bytes();
                    let body = serde_json::from_slice(&body).unwrap();
                    let (status, text) = answer(&body);
                    sender.send(body).unwrap();
                    let response = Response::builder().status(status);
                    let body = Full::new(Bytes::from(text));
                    Ok::<_, Infallible>(response.body(body).unwrap())
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (port, got)
}

/// A configuration with these receivers, and the command that tests one of them.
struct Configured(TempDir);

impl Configured {
    fn with(alerting: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clusters = "clusters: [{ name: lab, endpoint: 'https://lab.example.com' }]";
        let yaml =
            format!("{clusters}\nalerting:\n  external_labels: {{ env: prod }}\n{alerting}\n");
        fs::write(folder.path().join("exporter.yaml"), yaml).unwrap();
        Self(folder)
    }

    /// A webhook and a pager at this port, and an Alertmanager that is not there.
    fn at(port: u16) -> Self {
        Self::with(&format!(
            "  alertmanagers: [{{ url: 'http://127.0.0.1:1' }}]\n  \
             receivers:\n  - {{ name: ops, webhook: {{ url: 'http://127.0.0.1:{port}/canary' }} }}\n  \
             - {{ name: pager, pagerduty: {{ routing_key: canary, url: 'http://127.0.0.1:{port}' }} }}"
        ))
    }

    fn test(&self, arguments: &[&str]) -> Command {
        let mut command = program(&[&["test-alert"], arguments].concat());
        command
            .current_dir(&self.0)
            .args(["--config.file", "exporter.yaml"]);
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_takes_both_is_status_0() {
    let (port, got) = receiver(|_| (202, r#"{"status":"success"}"#.into())).await;
    let said = "HTTP 202: `{\"status\":\"success\"}`";
    assert_says(
        Configured::at(port).test(&["pager"]),
        0,
        &format!(
            "`pager` took the alert `ClusterLinkTestAlert`: {said}\n`pager` took its resolve: {said}\n"
        ),
        "",
    );
    let [trigger, resolve] = [(); 2].map(|()| got.recv().unwrap());
    assert_eq!(trigger["event_action"], "trigger");
    assert_eq!(trigger["payload"]["severity"], "info");
    assert_eq!(
        trigger["payload"]["summary"],
        "This is a test of `cluster-link-exporter test-alert`."
    );
    assert_eq!(resolve["event_action"], "resolve");
    assert_eq!(resolve["dedup_key"], trigger["dedup_key"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alert_says_that_it_is_a_test_and_has_the_labels_of_the_deployment() {
    let (port, got) = receiver(|_| (200, String::new())).await;
    let (status, _, _) = run(Configured::at(port).test(&["ops"]));
    assert_eq!(status, 0);
    let told: Vec<Value> = got.try_iter().collect();
    let statuses: Vec<_> = told
        .iter()
        .map(|message| message["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["firing", "resolved"]);
    let labels = json!({
        "alertname": "ClusterLinkTestAlert", "severity": "info", "component": "cluster-link", "scope": "exporter",
        "env": "prod",
    });
    assert_eq!(told[0]["commonLabels"], labels);
    assert_eq!(
        told[0]["commonAnnotations"]["summary"],
        "This is a test of `cluster-link-exporter test-alert`."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_are_told_of_the_test_and_of_its_end() {
    let (port, got) = receiver(|_| (200, "ok".to_owned())).await;
    let url = format!("http://127.0.0.1:{port}/services/canary");
    let configured = Configured::with(&format!(
        "  external_url: https://exporter.example.com/links/\n  receivers:\n  \
         - {{ name: talk, slack: {{ url: '{url}', channel: '#links' }} }}\n  \
         - {{ name: meet, teams: {{ url: '{url}' }} }}"
    ));
    for name in ["talk", "meet"] {
        let said = format!(
            "`{name}` took the alert `ClusterLinkTestAlert`: HTTP 200: `ok`\n`{name}` took its resolve: HTTP 200: `ok`\n"
        );
        assert_says(configured.test(&[name]), 0, &said, "");
    }
    let of_slack = |body: &Value| body["blocks"][0]["text"]["text"].clone();
    let of_teams =
        |body: &Value| body["attachments"][0]["content"]["body"][0]["inlines"][0]["text"].clone();
    let told: Vec<Value> = got.try_iter().collect();
    let summary = "This is a test of `cluster-link-exporter test-alert`.";
    let expected = ["FIRING", "RESOLVED"].map(|word| json!(format!("{word}: {summary}")));
    assert_eq!([0, 1].map(|place| of_slack(&told[place])), expected);
    assert_eq!([2, 3].map(|place| of_teams(&told[place])), expected);
    assert_eq!(told[0]["channel"], "#links");
    for message in &told {
        let message = message.to_string();
        assert!(message.contains("https://exporter.example.com/links/"));
        assert!(!message.contains("canary"), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_refuses_the_alert_is_not_sent_its_resolve_and_is_status_1() {
    let (port, got) = receiver(|_| (401, "no\n/canary ".to_owned() + &"x".repeat(500))).await;
    let line = "`ops` did not take the alert `ClusterLinkTestAlert`: HTTP 401: `(not quoted: the body holds the \
                credential)`; check the receiver's credentials\n";
    assert_says(Configured::at(port).test(&["ops"]), 1, "", line);
    assert_eq!(got.try_iter().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_refuses_the_resolve_alone_is_status_1() {
    let (port, _got) = receiver(|body| match body["event_action"].as_str() {
        Some("trigger") => (202, String::new()),
        _ => (429, "x".repeat(500)),
    })
    .await;
    let took = "`pager` took the alert `ClusterLinkTestAlert`: HTTP 202, empty body\n";
    let line = format!(
        "`pager` did not take its resolve: HTTP 429: `{}`; the receiver wants fewer requests\n",
        "x".repeat(200)
    );
    assert_says(Configured::at(port).test(&["pager"]), 1, took, &line);
}

#[test]
fn a_receiver_that_is_not_there_is_status_1() {
    let line = "`127.0.0.1:1` did not take the alert `ClusterLinkTestAlert`: no connection to `127.0.0.1:1`: tcp connect \
                error: Connection refused (os error 111); check `url`, DNS, firewall and `proxy_url`\n";
    assert_says(Configured::at(1).test(&["127.0.0.1:1"]), 1, "", line);
}

#[test]
fn what_is_asked_without_a_receiver_lists_them_and_is_status_2() {
    let names = "name one of `127.0.0.1:1`, `ops`, `pager`\n";
    let configured = Configured::at(1);
    assert_says(
        configured.test(&[]),
        2,
        "",
        &format!("no receiver is named; {names}"),
    );
    let unknown = format!("there is no receiver `oops`; {names}");
    assert_says(configured.test(&["oops"]), 2, "", &unknown);
    let none = "there is no receiver; write one under `alerting` of the configuration file\n";
    assert_says(Configured::with("").test(&["ops"]), 2, "", none);
}
