//! The history of states over HTTP.

use cluster_link_exporter::{
    http::{Limits, WebConfig},
    journal::Transitions,
    model::{Event, Health, ReportedError, Subject, Transition},
    state_file::Rows,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{data, refused, store};
use crate::http::server::Server;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn change(second: i64, link: &str, task: Option<&str>, from: Option<&str>, to: &str) -> Event {
    Event::Transition(Transition {
        subject: Subject {
            cluster_name: "old".into(),
            link_name: link.into(),
            task_name: task.map(Into::into),
        },
        from: from.map(str::to_owned),
        is_news: true,
        to: to.to_owned(),
        health: Health::Broken,
        errors: vec![ReportedError {
            error_code: "AUTHENTICATION_ERROR".into(),
            error_message: "no".to_owned(),
        }],
        from_since: None,
        since: at(second),
    })
}

async fn server() -> Server {
    let history = Transitions::restored(100, &Rows::new(), None);
    let gone = Event::LinkGone {
        cluster_name: "old".into(),
        link_name: "a/%\"".into(),
        last_state: None,
        at: at(400),
        may_be_unwanted: false,
    };
    history.record(
        Some(&"lkc-1".into()),
        &[
            change(100, "a/%\"", None, None, "ACTIVE"),
            change(200, "a/%\"", Some("AclSync"), Some("ACTIVE"), "DREAMING"),
            change(300, "b", Some("AclSync"), Some("LINK_UNAVAILBLE"), "ACTIVE"),
            gone,
        ],
    );
    Server::remembering(&store(), history, WebConfig::default(), Limits::default()).await
}

/// The times of the answer's changes, and whether there are more.
async fn times(server: &Server, query: &str) -> (Vec<i64>, bool) {
    let data = data(server, &format!("transitions?{query}")).await;
    let transitions = data["transitions"].as_array().unwrap();
    let time = |it: &Value| -> i64 {
        let at: Timestamp = it["at"].as_str().unwrap().parse().unwrap();
        at.as_second()
    };
    let times = transitions.iter().map(time).collect();
    (times, data["truncated"].as_bool().unwrap())
}

#[tokio::test]
async fn the_newest_come_first_with_states_and_errors_as_elsewhere() {
    let server = server().await;
    let all = data(&server, "transitions").await;
    let all = all["transitions"].as_array().unwrap();
    assert_eq!(
        all[0],
        json!({
            "at": "1970-01-01T00:06:40Z", "cluster_name": "old", "cluster_id": "lkc-1",
            "link_name": "a/%\"", "task_name": null, "from": "UNKNOWN", "to": null,
            "raw_from": null, "raw_to": null, "errors": [],
        })
    );
    let words = |place: usize, keys: [&str; 4]| keys.map(|key| all[place][key].clone());
    let keys = ["from", "raw_from", "to", "raw_to"];
    assert_eq!(
        words(1, keys),
        [
            json!("LINK_UNAVAILABLE"),
            Value::Null,
            json!("ACTIVE"),
            Value::Null
        ]
    );
    assert_eq!(
        words(2, keys),
        [
            json!("ACTIVE"),
            Value::Null,
            json!("UNKNOWN"),
            json!("DREAMING")
        ]
    );
    let error = &all[2]["errors"][0];
    assert_eq!(error["error_code"], "AUTHENTICATION_ERROR");
    assert_eq!(error["error_message"], "no");
    assert!(error["remedy"].is_string());
    assert_eq!(
        words(3, keys)[..3],
        [Value::Null, Value::Null, json!("ACTIVE")]
    );
}

#[tokio::test]
async fn changes_are_asked_for_by_time_name_and_number() {
    let server = server().await;
    for (query, expected, truncated) in [
        ("", &[400, 300, 200, 100][..], false),
        ("limit=2", &[400, 300], true),
        ("limit=4", &[400, 300, 200, 100], false),
        ("since=200&until=300", &[300, 200], false),
        ("since=200.001", &[400, 300], false),
        ("since=1970-01-01T01:03:20%2B01:00", &[400, 300, 200], false),
        ("until=1970-01-01T01:03:20+01:00", &[200, 100], false),
        ("link=a%2F%25%22", &[400, 200, 100], false),
        ("cluster=old&task=AclSync", &[300, 200], false),
        ("task=Nobody", &[], false),
        ("cluster=dr&link=active", &[], false),
        ("cluster=&link=b&task=&since=&limit=", &[300], false),
    ] {
        let found = times(&server, query).await;
        assert_eq!(found, (expected.to_vec(), truncated), "{query}");
    }
    // It is on no cluster, and the history knows it on none that is called so.
    let (status, ..) = refused(&server, "GET /api/v1/transitions?cluster=dr&link=b").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn on_the_page_each_leads_to_its_link_or_to_the_cluster_that_has_it_no_more() {
    let history = Transitions::restored(100, &Rows::new(), None);
    let of_dr = |link| match change(100, link, Some("AclSync"), Some("ACTIVE"), "IN_ERROR") {
        Event::Transition(mut change) => {
            change.subject.cluster_name = "dr".into();
            Event::Transition(change)
        }
        other => other,
    };
    history.record(Some(&"lkc-1".into()), &[of_dr("active"), of_dr("gone")]);
    let server =
        Server::remembering(&store(), history, WebConfig::default(), Limits::default()).await;
    let page = server.ask("GET /", "").await;
    for link in [
        // It names no task any more.
        r#"<a href="./?cluster=dr&amp;link=active#dr/active"><bdi>dr / active / AclSync</bdi></a>"#,
        r#"<a href="./?cluster=dr#dr"><bdi>dr / gone / AclSync</bdi></a>"#,
    ] {
        assert!(page.text().contains(link), "{link}: {}", page.text());
    }
}

#[tokio::test]
async fn the_page_shows_them_too_and_none_leads_to_what_is_gone() {
    let answer = server().await.ask("GET /", "").await;
    assert_eq!(answer.status, 200);
    let (_, last) = answer
        .text()
        .split_once("Last transitions")
        .expect("a part of the page");
    let place = |text: &str| {
        last.find(text)
            .unwrap_or_else(|| panic!("{text} is not in {last}"))
    };
    // The newest first, each with what it was and what it became.
    let rows = [
        "GONE</span>",
        "LINK_UNAVAILBLE</span>",
        "DREAMING</span>",
        "NEW</span>",
    ]
    .map(place);
    assert!(rows.is_sorted(), "{last}");
    // Their cluster is not there any more.
    assert!(
        last.contains(r#"<a href="./"><bdi>old / a/%&quot;</bdi></a>"#),
        "{last}"
    );
    assert!(!last.contains("#old"), "{last}");
}
