//! What the page says of settings and mirror topics.

use std::time::Duration;

use cluster_link_exporter::{
    model::{
        Detail, Endpoint, Failure, LinkConfigs, LinkReport, Listing, MirrorDetail, MirrorPartition,
        MirrorReport, MirrorStatus, MirrorTopic, Reason, Report, ReportedError,
    },
    store::Store,
};
use jiff::Timestamp;

use super::{
    routes::showing,
    server::{link, report, unpolled},
};

fn topic(name: &str, status: &str, lag: u64) -> MirrorTopic {
    MirrorTopic {
        is_lag_whole: true,
        is_counted: true,
        topic_name: name.into(),
        status: MirrorStatus::parse(status),
        error: (status == "FAILED").then(|| "SOURCE_TOPIC_MAY_BE_DELETED".into()),
        status_since: None,
        partitions: vec![MirrorPartition {
            partition: 0,
            lag,
            fetched: Some(10),
        }],
    }
}

fn polled(second: i64) -> Report {
    let at = Timestamp::from_second(1_750_000_000 + second).unwrap();
    let mut configs = LinkConfigs::default();
    configs.set("cluster.link.prefix", Some("<us>"));
    let hanging: Vec<_> = (0..12).map(|number| format!("hangs-{number:02}")).collect();
    let error = ReportedError {
        error_code: "AUTHENTICATION_ERROR".into(),
        error_message: "<i>no</i>".to_owned(),
    };
    let topics = hanging.iter().map(|name| topic(name, "PENDING_STOPPED", 0));
    let topics = [topic("a", "ACTIVE", 7), topic("b", "FAILED", 5)]
        .into_iter()
        .chain(topics);
    let mirrors = MirrorReport {
        nameless: 0,
        at,
        detail: MirrorDetail::Summary,
        topics: topics.collect(),
        transition_errors: hanging
            .iter()
            .map(|name| (name.as_str().into(), vec![error.clone()]))
            .collect(),
    };
    let orders = link("orders", "ACTIVE");
    let orders = LinkReport {
        configs: Detail::Read(configs.into()),
        mirrors: Detail::Read(mirrors),
        ..LinkReport::described(orders)
    };
    let failure = Failure {
        reason: Reason::Forbidden,
        message: "HTTP 403 <b>".to_owned(),
    };
    let listing = Listing {
        listed: 1,
        links: vec![orders],
        details: [(Endpoint::Mirror, Some(failure))].into(),
        ..Listing::default()
    };
    Report {
        at,
        took: Duration::from_millis(5),
        ..report(Ok(listing))
    }
}

#[tokio::test]
async fn the_page_shows_the_prefix_and_a_row_of_mirror_topics() {
    let store = Store::new([unpolled()]);
    for second in [0, 960] {
        store.report(&"dr".into(), polled(second));
    }
    let page = showing(&store).await.ask("GET /", "").await;
    for text in [
        "prefix <code>&lt;us&gt;</code></span>",
        "<th scope=\"row\">mirror topics</th>",
        ">1 ACTIVE</span>",
        ">1 FAILED</span>",
        ">12 PENDING_STOPPED</span>",
        "lag 7 messages, 7 in the worst partition; the worst is at least 16m behind its source",
        "1 stalled: they lag and have not fetched for 15 minutes",
        "<b>SOURCE_TOPIC_MAY_BE_DELETED</b> 1 topic</p>",
        "If so, fail the mirror over or delete it.",
        "<bdi>hangs-09</bdi> is still PENDING_STOPPED:",
        "&lt;i&gt;no&lt;/i&gt;",
        "and 2 more that hang",
        "NOT READ</span> mirror: HTTP 403 &lt;b&gt;",
    ] {
        assert!(
            page.text().contains(text),
            "{text} is not on {}",
            page.text()
        );
    }
    assert!(!page.text().contains("hangs-10"), "{}", page.text());
}
