//! The JSON API: its paths, its parameters and its envelope.

mod attention;
mod clients;
mod transitions;

use std::{io::Read, sync::Arc};

use cluster_link_exporter::{
    model::{Snapshot, TaskName},
    status::{Filter, Status},
    store::Store,
};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    routes::showing,
    server::{Answer, Server, failure, link, listing, report, unpolled},
};

impl Answer {
    fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Two clusters: one with links of every state, one that could not be polled.
fn store() -> Store {
    let mut second = unpolled();
    second.name = "prod".into();
    let store = Store::new([unpolled(), second]);
    store.report(&"dr".into(), report(Ok(super::server::links())));
    store.report(&"prod".into(), report(Err(failure())));
    store
}

/// What the server says at the time of its clock, from the types themselves.
fn expected(snapshot: &Arc<Snapshot>, filter: &Filter) -> Value {
    let now = Timestamp::from_second(1_750_000_090).unwrap();
    serde_json::to_value(Status::of(snapshot, filter, now)).unwrap()
}

#[tokio::test]
async fn a_status_is_what_the_types_say_plain_or_as_gzip() {
    let store = store();
    let server = showing(&store).await;
    let plain = server
        .ask("GET /api/v1/status", "Accept-Encoding: identity\r\n")
        .await;
    let data = expected(&store.snapshot(), &Filter::default());
    assert_eq!(plain.status, 200);
    assert_eq!(plain.header("vary"), "Accept-Encoding");
    assert_eq!(
        serde_json::from_slice::<Value>(&unchunked(&plain)).unwrap(),
        json!({ "status": "success", "data": data })
    );
    let gzip = server
        .ask("GET /api/v1/status", "Accept-Encoding: gzip\r\n")
        .await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let mut text = Vec::new();
    let body = unchunked(&gzip);
    let mut decoder = flate2::read::GzDecoder::new(&*body);
    decoder.read_to_end(&mut text).unwrap();
    assert_eq!(text, unchunked(&plain));
}

/// The body without the lengths of its chunks.
fn unchunked(answer: &Answer) -> Vec<u8> {
    assert_eq!(answer.header("transfer-encoding"), "chunked");
    let mut rest = &answer.body[..];
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
        let length = usize::from_str_radix(str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 4 + length..];
    }
}

/// The answer's data, which must be there.
async fn data(server: &Server, path: &str) -> Value {
    let answer = server.ask(&format!("GET /api/v1/{path}"), "").await;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, 200, "{path}: {text}");
    let mut value: Value = serde_json::from_slice(&unchunked(&answer)).unwrap();
    assert_eq!(value["status"], "success");
    value["data"].take()
}

/// Status, kind and words of a refusal.
async fn refused(server: &Server, line: &str) -> (u16, String, String) {
    let answer = server.ask(line, "").await;
    let value = answer.json();
    let word = |key: &str| value[key].as_str().unwrap().to_owned();
    assert_eq!(word("status"), "error", "{line}");
    (answer.status, word("errorType"), word("error"))
}

/// Requests, and the status, the kind and the words of their refusals.
const REFUSALS: &[(&str, u16, &str, &str)] = &[
    (
        "GET /api/v1/",
        404,
        "not_found",
        "there is no `/api/v1/`; there are `/api/v1/status`, `/api/v1/alerts`, `/api/v1/transitions` and `/api/v1/openapi.json`",
    ),
    (
        "GET /api/v1/statuz",
        404,
        "not_found",
        "there is no `/api/v1/statuz`; did you mean `/api/v1/status`?",
    ),
    (
        "POST /api/v1/statuz",
        404,
        "not_found",
        "there is no `/api/v1/statuz`; did you mean `/api/v1/status`?",
    ),
    (
        "POST /api/v1/alerts",
        405,
        "not_allowed",
        "this path does not answer POST; ask with GET or HEAD",
    ),
    (
        "GET /api/v1/status?cluser=dr",
        400,
        "bad_data",
        "there is no parameter `cluser`; did you mean `cluster`?",
    ),
    (
        "GET /api/v1/status?task=x",
        400,
        "bad_data",
        "there is no parameter `task`; there are `cluster`, `link` and `attention`",
    ),
    (
        "GET /api/v1/alerts?x=",
        400,
        "bad_data",
        "there is no parameter `x`; there is `state`",
    ),
    (
        "GET /api/v1/openapi.json?x",
        400,
        "bad_data",
        "there is no parameter `x`; this path takes none",
    ),
    (
        "GET /api/v1/status?link=a&link=b",
        400,
        "bad_data",
        "parameter `link` stands there twice; write it once",
    ),
    (
        "GET /api/v1/status?attention=yes",
        400,
        "bad_data",
        "parameter `attention` is `yes`; write `1` or `0`",
    ),
    (
        "GET /api/v1/alerts?state=resolved",
        400,
        "bad_data",
        "parameter `state` is `resolved`; write `firing` or `pending`",
    ),
    (
        "GET /api/v1/transitions?limit=0",
        400,
        "bad_data",
        "parameter `limit` is `0`; write a whole number from 1 to 10000",
    ),
    (
        "GET /api/v1/transitions?limit=10001",
        400,
        "bad_data",
        "parameter `limit` is `10001`; write a whole number from 1 to 10000",
    ),
    (
        "GET /api/v1/transitions?since=yesterday",
        400,
        "bad_data",
        "parameter `since` is `yesterday`; write a moment in RFC 3339, such as `2026-01-31T03:00:00Z`, or Unix seconds",
    ),
    (
        "GET /api/v1/transitions?since=20&until=10.5",
        400,
        "bad_data",
        "`since` (1970-01-01T00:00:20Z) is later than `until` (1970-01-01T00:00:10.5Z); write the earlier moment as `since`",
    ),
    (
        "GET /api/v1/status?cluster=pod",
        404,
        "not_found",
        "no cluster is called `pod`; did you mean `prod`?",
    ),
    (
        "GET /api/v1/status?cluster=%1b%22%2f",
        404,
        "not_found",
        "no cluster is called `\u{fffd}\"/`; ask without `cluster` for all of them",
    ),
    (
        "GET /api/v1/status?cluster=dr&link=actve",
        404,
        "not_found",
        "cluster `dr` has no link that is called `actve`; did you mean `active`?",
    ),
    (
        "GET /api/v1/transitions?cluster=nowhere",
        404,
        "not_found",
        "no cluster is called `nowhere`; ask without `cluster` for all of them",
    ),
];

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_in_the_envelope_with_what_to_write() {
    let server = showing(&store()).await;
    for (line, status, kind, error) in REFUSALS {
        let found = refused(&server, line).await;
        let expected = (*status, (*kind).to_owned(), (*error).to_owned());
        assert_eq!(found, expected, "{line}");
    }
    let answer = server.ask("DELETE /api/v1/status", "").await;
    assert_eq!(answer.header("allow"), "GET, HEAD");
    let two = server.ask("GET /api/v1/status", "Host: other\r\n").await;
    assert_eq!(two.status, 400);
    assert_eq!(
        two.json()["error"],
        "the request names two hosts; send one header `Host`"
    );
}

/// The names of clusters and their links.
fn names(data: &Value) -> Vec<(String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let clusters = data["clusters"].as_array().unwrap().iter();
    clusters
        .map(|cluster| {
            let links = cluster["links"].as_array().unwrap().iter();
            let links = links.map(|link| text(&link["link_name"]));
            (text(&cluster["cluster_name"]), links.collect())
        })
        .collect()
}

#[tokio::test]
async fn what_is_asked_for_is_what_comes_whatever_a_link_is_called() {
    let odd = [
        "a/b",
        "a\"b",
        "100%",
        "a+b c",
        "\u{202e}\u{645}\u{1f600}\n",
        "&link=x",
    ];
    let store = Store::new([unpolled()]);
    let healthy = odd.map(|name| link(name, "ACTIVE"));
    store.report(&"dr".into(), report(Ok(listing(healthy.to_vec()))));
    let server = showing(&store).await;
    for name in odd {
        let escaped = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let data = data(&server, &format!("status?link={escaped}")).await;
        assert_eq!(names(&data), [("dr".to_owned(), vec![name.to_owned()])]);
        let filter = Filter {
            link: Some(name.to_owned()),
            ..Filter::default()
        };
        assert_eq!(data, expected(&store.snapshot(), &filter));
    }
    // What is left empty is not asked for.
    let all = data(&server, "status?cluster=&link=&attention=").await;
    assert_eq!(names(&all)[0].1.len(), odd.len());
}

#[tokio::test]
async fn a_link_may_be_on_a_cluster_of_which_nothing_is_known() {
    let server = showing(&store()).await;
    let found = data(&server, "status?link=active").await;
    let active = ("dr".to_owned(), vec!["active".to_owned()]);
    assert_eq!(names(&found), [active, ("prod".to_owned(), Vec::new())]);
    let prod = data(&server, "status?link=nobody&cluster=prod").await;
    let cluster = &prod["clusters"][0];
    assert_eq!(
        cluster["poll"],
        json!({
            "success": false, "ended_at": "2025-06-15T15:06:40Z", "last_success_at": null,
            "interval_seconds": 30.0, "duration_seconds": 0.005,
            "failure": { "reason": "auth", "message": failure().message },
        })
    );
}

#[tokio::test]
async fn nothing_that_is_not_known_is_absent_and_an_unheard_of_state_is_unknown_with_its_text() {
    let store = Store::new([unpolled()]);
    let server = showing(&store).await;
    let polls = &data(&server, "status").await["clusters"][0]["poll"];
    assert_eq!(
        *polls,
        json!({
            "success": null, "ended_at": null, "last_success_at": null, "interval_seconds": 30.0,
            "duration_seconds": null, "failure": null,
        })
    );
    let mut strange = link("strange", "DREAMING");
    strange.tasks = None;
    strange.cluster_link_id = String::new();
    store.report(&"dr".into(), report(Ok(listing(vec![strange]))));
    let server = showing(&store).await;
    let found = data(&server, "status").await;
    let link = &found["clusters"][0]["links"][0];
    assert_eq!(
        *link,
        json!({
            "link_name": "strange", "cluster_link_id": null, "remote_cluster_id": null,
            "link_mode": null, "connection_mode": null,
            "link_state": "UNKNOWN", "raw_state": "DREAMING", "state_since": "2025-06-15T15:06:40Z",
            "errors": [{
                "error_code": "AUTHENTICATION_ERROR", "error_message": "<b>no</b>",
                "remedy": link["errors"][0]["remedy"].as_str().unwrap(),
            }],
            "described_at": "2025-06-15T15:06:40Z", "fresh": true, "failure": null,
            "tasks": null, "mirrors": null, "expectations": [], "findings": [], "judgements_unknown": link["judgements_unknown"], "pair": link["pair"],
            "failover": {
                "ready": false, "blockers": link["failover"]["blockers"], "source_gone": null,
                "unknown": link["failover"]["unknown"], "rpo_seconds": null,
            },
        })
    );
    // What `clusterlink_judgement_unknown` says is said here too: a link without findings may be one that nobody could audit.
    let snapshot = store.snapshot();
    let verdict = snapshot.clusters[0].links[0].verdict.as_ref().unwrap();
    let expected = verdict.unknown.iter().map(|it| {
        let task_name = it.task_name.as_ref().map(TaskName::as_str);
        json!({ "judgement": it.judgement, "task_name": task_name, "detail": it.why.meaning() })
    });
    let expected: Vec<_> = expected.collect();
    assert!(!expected.is_empty());
    assert_eq!(link["judgements_unknown"], json!(expected));
}
