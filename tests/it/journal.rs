//! The log lines, verbatim: what is told of each event, in both formats, and that no foreign text can break a line.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use cluster_link_exporter::{
    journal,
    model::{
        Cluster, ClusterName, Endpoint, Event, Failure, Field, HangingTopic, Health, Item, Limits,
        Link, LinkReport, LinkState, Listing, MirrorStatus, Reason, Report, ReportedError, Subject,
        Task, TaskState, Transition,
    },
    store::Store,
    telemetry::logging::{LogFormat, LogLevel, subscriber},
};
use jiff::Timestamp;

/// Where the lines go.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged of these events, the times replaced.
fn logged(format: LogFormat, level: LogLevel, events: &[Event]) -> String {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let subscriber = subscriber(format, level, move || writer.clone());
    tracing::subscriber::with_default(subscriber, || events.iter().for_each(journal::write));
    let bytes = buffer.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    let time = r#"(?m)^(ts=|\{"ts":")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"#;
    let time = regex::Regex::new(time).unwrap();
    time.replace_all(&text, "${1}T").into_owned()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + second).unwrap()
}

fn error(code: &str, message: &str) -> ReportedError {
    ReportedError {
        error_code: code.into(),
        error_message: message.to_owned(),
    }
}

fn transition(task_name: Option<&str>, from: Option<&str>, to: &str, health: Health) -> Transition {
    Transition {
        subject: Subject {
            cluster_name: "prod-dr".into(),
            link_name: "orders-dr".into(),
            task_name: task_name.map(Into::into),
        },
        from: from.map(str::to_owned),
        is_news: true,
        to: to.to_owned(),
        health,
        errors: Vec::new(),
        from_since: from.map(|_| at(0)),
        since: at(60),
    }
}

fn unrecognized(raw: &str) -> Event {
    Event::Unrecognized {
        cluster_name: "prod-dr".into(),
        field: Field::TaskState,
        raw: raw.to_owned(),
    }
}

/// A topic of a link, with a status and an error, all of them this text.
fn hangs(text: &str) -> Event {
    Event::TransitionHangs {
        cluster_name: "prod-dr".into(),
        link_name: text.into(),
        topic: HangingTopic {
            topic_name: text.into(),
            status: MirrorStatus::parse(text),
            status_since: Some(at(0)),
            errors: vec![error(text, text)],
        },
    }
}

fn nameless(link_name: Option<&str>, item: Item) -> Event {
    Event::Nameless {
        cluster_name: "prod-dr".into(),
        link_name: link_name.map(Into::into),
        item,
    }
}

fn not_understood(endpoint: Endpoint, link_name: &str) -> Event {
    Event::NotUnderstood {
        cluster_name: "prod-dr".into(),
        endpoint,
        link_name: link_name.into(),
    }
}

fn gone(link_name: &str) -> Event {
    Event::LinkGone {
        cluster_name: "prod-dr".into(),
        link_name: link_name.into(),
        last_state: Some("ACTIVE".to_owned()),
        at: at(60),
        may_be_unwanted: false,
    }
}

/// One event of each kind, and a transition of each kind.
fn every_event() -> Vec<Event> {
    let cluster_name = || ClusterName::from("prod-dr");
    let failing = Transition {
        errors: vec![
            error("REMOTE_LINK_NOT_FOUND_ERROR", "It says \"no such link\"."),
            error("", "words alone"),
            error("CONSUMER_GROUP_IN_USE_ERROR", ""),
        ],
        ..transition(
            Some("ConsumerOffsetSync"),
            Some("ACTIVE"),
            "IN_ERROR",
            Health::Broken,
        )
    };
    vec![
        Event::Transition(failing),
        Event::Transition(transition(
            Some("AclSync"),
            Some("IN_ERROR"),
            "ACTIVE",
            Health::Healthy,
        )),
        Event::Transition(transition(
            Some("AclSync"),
            None,
            "IN_ERROR",
            Health::Broken,
        )),
        Event::Transition(transition(None, Some("ACTIVE"), "FAILED", Health::Broken)),
        Event::Transition(transition(None, None, "UNAVAILABLE", Health::Broken)),
        unrecognized("HIBERNATING"),
        nameless(Some("orders-dr"), Item::Task),
        nameless(None, Item::MirrorTopicOfNoLink),
        Event::PollFailed {
            cluster_name: cluster_name(),
            failure: Failure {
                reason: Reason::Timeout,
                message: "no complete answer within 10s; check the network path".to_owned(),
            },
        },
        Event::PollRecovered {
            cluster_name: cluster_name(),
        },
        Event::DetailFailed {
            cluster_name: cluster_name(),
            endpoint: Endpoint::Mirrors,
            failure: Failure {
                reason: Reason::Forbidden,
                message: "HTTP 403, empty body; set `collect.mirrors` to off".to_owned(),
            },
        },
        Event::DetailRecovered {
            cluster_name: cluster_name(),
            endpoint: Endpoint::Mirrors,
        },
        not_understood(Endpoint::Configs, "orders-dr"),
        not_understood(Endpoint::Mirrors, "orders-dr"),
        Event::Understood {
            cluster_name: cluster_name(),
            endpoint: Endpoint::Mirrors,
        },
        hangs("orders"),
        gone("orders-dr"),
    ]
}

#[test]
fn every_event_is_one_line_of_logfmt() {
    let lines = logged(LogFormat::Logfmt, LogLevel::Info, &every_event());
    insta::assert_snapshot!(lines, @r#"
    ts=T level=warn msg="task changed its state" cluster_name=prod-dr link_name=orders-dr task_name=ConsumerOffsetSync from=ACTIVE to=IN_ERROR error_codes="REMOTE_LINK_NOT_FOUND_ERROR; CONSUMER_GROUP_IN_USE_ERROR" error_messages="It says \"no such link\".; words alone" from_since=2025-06-15T15:06:40Z since=2025-06-15T15:07:40Z
    ts=T level=info msg="task changed its state" cluster_name=prod-dr link_name=orders-dr task_name=AclSync from=IN_ERROR to=ACTIVE from_since=2025-06-15T15:06:40Z since=2025-06-15T15:07:40Z
    ts=T level=warn msg="task was first seen in this state" cluster_name=prod-dr link_name=orders-dr task_name=AclSync to=IN_ERROR since=2025-06-15T15:07:40Z
    ts=T level=warn msg="link changed its state" cluster_name=prod-dr link_name=orders-dr from=ACTIVE to=FAILED from_since=2025-06-15T15:06:40Z since=2025-06-15T15:07:40Z
    ts=T level=warn msg="link was first seen in this state" cluster_name=prod-dr link_name=orders-dr to=UNAVAILABLE since=2025-06-15T15:07:40Z
    ts=T level=warn msg="the API sent a value this version does not know; it counts as UNKNOWN, or as its own error code" cluster_name=prod-dr field=task_state value=HIBERNATING
    ts=T level=warn msg="the API sent an item without its name, or in a form that its documentation does not have: what it is about is not known; further ones are only counted" cluster_name=prod-dr link_name=orders-dr item=task
    ts=T level=warn msg="the API sent an item without its name, or in a form that its documentation does not have: what it is about is not known; further ones are only counted" cluster_name=prod-dr item="link of a mirror topic"
    ts=T level=error msg="poll failed" cluster_name=prod-dr reason=timeout error="no complete answer within 10s; check the network path"
    ts=T level=info msg="poll works again" cluster_name=prod-dr
    ts=T level=warn msg="links and tasks are polled, but not everything else" cluster_name=prod-dr endpoint=mirrors reason=forbidden error="HTTP 403, empty body; set `collect.mirrors` to off"
    ts=T level=info msg="this can be read again" cluster_name=prod-dr endpoint=mirrors
    ts=T level=warn msg="an answer was not understood whole: what rests on the rest of it is not known" cluster_name=prod-dr endpoint=configs link_name=orders-dr missing="the name of a setting, or all settings that this version knows"
    ts=T level=warn msg="an answer was not understood whole: what rests on the rest of it is not known" cluster_name=prod-dr endpoint=mirrors link_name=orders-dr missing="a topic's name, a status that this version knows, or the lag of all its partitions"
    ts=T level=info msg="answers are understood whole again" cluster_name=prod-dr endpoint=mirrors
    ts=T level=warn msg="a change of the mirror topic's status does not finish" cluster_name=prod-dr link_name=orders mirror_topic_name=orders mirror_status=orders error_codes=orders error_messages=orders since=2025-06-15T15:06:40Z
    ts=T level=info msg="link is no longer listed" cluster_name=prod-dr link_name=orders-dr
    "#);
}

#[test]
fn every_event_is_one_json_object_with_the_same_keys() {
    let lines = logged(LogFormat::Json, LogLevel::Info, &every_event());
    insta::assert_snapshot!(lines, @r#"
    {"ts":"T","level":"warn","msg":"task changed its state","cluster_name":"prod-dr","link_name":"orders-dr","task_name":"ConsumerOffsetSync","from":"ACTIVE","to":"IN_ERROR","error_codes":"REMOTE_LINK_NOT_FOUND_ERROR; CONSUMER_GROUP_IN_USE_ERROR","error_messages":"It says \"no such link\".; words alone","from_since":"2025-06-15T15:06:40Z","since":"2025-06-15T15:07:40Z"}
    {"ts":"T","level":"info","msg":"task changed its state","cluster_name":"prod-dr","link_name":"orders-dr","task_name":"AclSync","from":"IN_ERROR","to":"ACTIVE","from_since":"2025-06-15T15:06:40Z","since":"2025-06-15T15:07:40Z"}
    {"ts":"T","level":"warn","msg":"task was first seen in this state","cluster_name":"prod-dr","link_name":"orders-dr","task_name":"AclSync","to":"IN_ERROR","since":"2025-06-15T15:07:40Z"}
    {"ts":"T","level":"warn","msg":"link changed its state","cluster_name":"prod-dr","link_name":"orders-dr","from":"ACTIVE","to":"FAILED","from_since":"2025-06-15T15:06:40Z","since":"2025-06-15T15:07:40Z"}
    {"ts":"T","level":"warn","msg":"link was first seen in this state","cluster_name":"prod-dr","link_name":"orders-dr","to":"UNAVAILABLE","since":"2025-06-15T15:07:40Z"}
    {"ts":"T","level":"warn","msg":"the API sent a value this version does not know; it counts as UNKNOWN, or as its own error code","cluster_name":"prod-dr","field":"task_state","value":"HIBERNATING"}
    {"ts":"T","level":"warn","msg":"the API sent an item without its name, or in a form that its documentation does not have: what it is about is not known; further ones are only counted","cluster_name":"prod-dr","link_name":"orders-dr","item":"task"}
    {"ts":"T","level":"warn","msg":"the API sent an item without its name, or in a form that its documentation does not have: what it is about is not known; further ones are only counted","cluster_name":"prod-dr","item":"link of a mirror topic"}
    {"ts":"T","level":"error","msg":"poll failed","cluster_name":"prod-dr","reason":"timeout","error":"no complete answer within 10s; check the network path"}
    {"ts":"T","level":"info","msg":"poll works again","cluster_name":"prod-dr"}
    {"ts":"T","level":"warn","msg":"links and tasks are polled, but not everything else","cluster_name":"prod-dr","endpoint":"mirrors","reason":"forbidden","error":"HTTP 403, empty body; set `collect.mirrors` to off"}
    {"ts":"T","level":"info","msg":"this can be read again","cluster_name":"prod-dr","endpoint":"mirrors"}
    {"ts":"T","level":"warn","msg":"an answer was not understood whole: what rests on the rest of it is not known","cluster_name":"prod-dr","endpoint":"configs","link_name":"orders-dr","missing":"the name of a setting, or all settings that this version knows"}
    {"ts":"T","level":"warn","msg":"an answer was not understood whole: what rests on the rest of it is not known","cluster_name":"prod-dr","endpoint":"mirrors","link_name":"orders-dr","missing":"a topic's name, a status that this version knows, or the lag of all its partitions"}
    {"ts":"T","level":"info","msg":"answers are understood whole again","cluster_name":"prod-dr","endpoint":"mirrors"}
    {"ts":"T","level":"warn","msg":"a change of the mirror topic's status does not finish","cluster_name":"prod-dr","link_name":"orders","mirror_topic_name":"orders","mirror_status":"orders","error_codes":"orders","error_messages":"orders","since":"2025-06-15T15:06:40Z"}
    {"ts":"T","level":"info","msg":"link is no longer listed","cluster_name":"prod-dr","link_name":"orders-dr"}
    "#);
}

#[test]
fn nothing_below_the_level_is_written() {
    let levels = |level| {
        let lines = logged(LogFormat::Logfmt, level, &every_event());
        let levels = lines
            .lines()
            .map(|line| line.split(' ').nth(1).unwrap()[6..].to_owned());
        levels.collect::<Vec<_>>().join(" ")
    };
    let shown = [
        LogLevel::Error,
        LogLevel::Warn,
        LogLevel::Info,
        LogLevel::Debug,
    ]
    .map(levels);
    assert_eq!(
        shown,
        [
            "error",
            "warn warn warn warn warn warn warn error warn warn warn warn",
            "warn info warn warn warn warn warn warn error info warn info warn warn info warn info",
            "warn info warn warn warn warn warn warn error info warn info warn warn info warn info",
        ]
    );
}

/// A name or message that tries to look like the end of a line, to steer a terminal and to turn the text around.
const HOSTILE: &str =
    "a\nts=T level=info msg=\"all is well\"\r\u{1b}[2J\u{9b}31m\u{7f}\0\u{202e}\\\"=ü";

#[test]
fn foreign_text_ends_no_line_and_steers_no_terminal() {
    let mut hostile = transition(Some(HOSTILE), Some(HOSTILE), HOSTILE, Health::Broken);
    hostile.subject.link_name = HOSTILE.into();
    hostile.errors = vec![error(HOSTILE, HOSTILE)];
    let failure = Failure {
        reason: Reason::BadResponse,
        message: HOSTILE.to_owned(),
    };
    let cluster_name = ClusterName::from(HOSTILE);
    let failed = Event::PollFailed {
        cluster_name,
        failure,
    };
    let events = [
        Event::Transition(hostile),
        failed,
        unrecognized(HOSTILE),
        nameless(Some(HOSTILE), Item::Task),
        not_understood(Endpoint::Mirrors, HOSTILE),
        hangs(HOSTILE),
        gone(HOSTILE),
    ];
    for format in [LogFormat::Logfmt, LogFormat::Json] {
        let lines = logged(format, LogLevel::Info, &events);
        assert_eq!(lines.lines().count(), events.len(), "{lines}");
        let steers = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!lines.contains(steers), "{lines:?}");
    }
    let line = logged(LogFormat::Logfmt, LogLevel::Info, &[gone(HOSTILE)]);
    insta::assert_snapshot!(line, @r#"
    ts=T level=info msg="link is no longer listed" cluster_name=prod-dr link_name="a\nts=T level=info msg=\"all is well\"\r\u001b[2J\u009b31m\u007f\u0000\u202e\\\"=ü"
    "#);
    let line = logged(LogFormat::Json, LogLevel::Info, &[gone(HOSTILE)]);
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["link_name"], HOSTILE);
}

#[test]
fn of_long_foreign_text_the_start_is_written() {
    let long = "ü".repeat(5000);
    let mut event = transition(Some(&long), Some(&long), &long, Health::Broken);
    event.subject.link_name = long.as_str().into();
    event.errors = vec![error(&long, &long); 20];
    let events = [
        Event::Transition(event),
        unrecognized(&long),
        nameless(Some(&long), Item::Task),
        not_understood(Endpoint::Mirrors, &long),
        hangs(&long),
        gone(&long),
    ];
    for event in events {
        let line = logged(LogFormat::Logfmt, LogLevel::Info, &[event]);
        assert!(line.len() < 2500 && line.contains("ü…"), "{line}");
    }
}

fn healthy() -> Report {
    let link = Link {
        cluster_link_id: "id".to_owned(),
        link_state: Some(LinkState::parse("ACTIVE")),
        tasks: Some(vec![Task {
            task_name: "AclSync".into(),
            state: TaskState::parse("ACTIVE"),
            errors: Vec::new(),
        }]),
        ..Link::named("orders-dr")
    };
    let listing = Listing::of(vec![LinkReport::described(link)]);
    Report {
        took: Duration::from_millis(20),
        ..Report::new(at(0), Duration::from_secs(30), Ok(listing))
    }
}

#[test]
fn healthy_polls_are_not_worth_a_line() {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    let endpoints = [Endpoint::Links, Endpoint::Link];
    let store = Store::new([Cluster::unpolled(
        "prod-dr".into(),
        None,
        limits,
        &endpoints,
    )]);
    for _ in 0..3 {
        let events = store.report(&"prod-dr".into(), healthy());
        assert_eq!(logged(LogFormat::Logfmt, LogLevel::Info, &events), "");
    }
}
