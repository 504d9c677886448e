//! What each path answers.

use std::io::Read;

use cluster_link_exporter::{
    http::{Limits, WebConfig},
    model::{LinkState, ReportedError, TaskState},
    store::Store,
};

use super::server::{Server, failure, link, listing, report, unpolled};

const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) async fn showing(store: &Store) -> Server {
    Server::of(store, WebConfig::default(), Limits::default()).await
}

#[tokio::test]
async fn metrics_come_plain_or_as_gzip_and_say_their_length() {
    let server = Server::plain().await;
    let plain = server.ask("GET /metrics", "").await;
    assert_eq!(
        (
            plain.status,
            plain.header("content-type"),
            plain.header("vary")
        ),
        (200, METRICS, "Accept, Accept-Encoding")
    );
    assert_eq!(plain.header("content-length"), plain.body.len().to_string());
    assert_eq!(plain.header("content-encoding"), "");
    assert!(
        plain.text().contains("clusterlink_task_state{"),
        "{}",
        plain.text()
    );

    let packed = server
        .ask("GET /metrics", "Accept-Encoding: br, gzip;q=0.5\r\n")
        .await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(packed.header("content-type"), METRICS);
    assert_eq!(
        packed.header("content-length"),
        packed.body.len().to_string()
    );
    let mut unpacked = String::new();
    flate2::read::MultiGzDecoder::new(&*packed.body)
        .read_to_string(&mut unpacked)
        .unwrap();
    let ours = |text: &str| {
        let lines = text.lines().filter(|line| line.starts_with("clusterlink_"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ours(&unpacked), ours(plain.text()));

    let refused = server
        .ask("GET /metrics", "Accept-Encoding: gzip;q=0\r\n")
        .await;
    assert_eq!(refused.header("content-encoding"), "");
}

#[tokio::test]
async fn metrics_come_as_openmetrics_to_who_asks_for_it() {
    let server = Server::plain().await;
    // As Prometheus 3 asks.
    let accept = "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
        application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1\r\n";
    let open = server.ask("GET /metrics", accept).await;
    assert_eq!(
        [open.header("content-type"), open.header("vary")],
        [OPEN_METRICS, "Accept, Accept-Encoding"]
    );
    let text = open.text();
    assert!(text.ends_with("\n# EOF\n"), "{text}");
    for line in [
        "# TYPE clusterlink_task_state_transitions counter",
        "# UNIT process_cpu_seconds seconds",
        "# TYPE process_cpu_seconds counter",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }

    let packed = server
        .ask(
            "GET /metrics",
            &format!("{accept}Accept-Encoding: gzip\r\n"),
        )
        .await;
    assert_eq!(
        ["content-type", "content-encoding"].map(|name| packed.header(name)),
        [OPEN_METRICS, "gzip"]
    );
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&*packed.body)
        .read_to_string(&mut unpacked)
        .unwrap();
    assert!(unpacked.ends_with("\n# EOF\n"), "{unpacked}");
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = Server::plain().await;
    for path in ["/", "/runbooks/", "/-/healthy", "/-/ready", "/nowhere"] {
        let mut get = server.ask(&format!("GET {path}"), "").await;
        let mut head = server.ask(&format!("HEAD {path}"), "").await;
        assert_eq!(head.body, b"", "{path}");
        get.headers.remove("date");
        head.headers.remove("date");
        assert_eq!(
            (get.status, get.headers),
            (head.status, head.headers),
            "{path}"
        );
    }
    let head = server.ask("HEAD /metrics", "").await;
    assert!(head.header("content-length").parse::<u64>().unwrap() > 1000);
    assert_eq!((head.status, head.body.len()), (200, 0));
}

const NEAR: &str = "not found; /runbooks/ClusterLinkBlind is there; there are /, /metrics, /runbooks/, /api/v1/status, /-/healthy and /-/ready\n";

#[tokio::test]
async fn short_answers_are_as_documented() {
    let server = Server::plain().await;
    let there_are =
        "not found; there are /, /metrics, /runbooks/, /api/v1/status, /-/healthy and /-/ready\n";
    let get_only = "this path answers GET and HEAD only\n";
    let cases = [
        ("GET /-/healthy", 200, "cluster-link-exporter is healthy.\n"),
        ("GET /-/ready", 200, "cluster-link-exporter is ready.\n"),
        (
            "GET /-/ready?verbose",
            200,
            "cluster-link-exporter is ready.\n",
        ),
        ("GET /metrics/", 404, there_are),
        ("GET /runbooks", 404, there_are),
        ("GET /runbooks/README", 404, there_are),
        ("GET /runbooks/ClusterLinkBlind/", 404, NEAR),
        ("GET /runbooks/clusterlinkblind", 404, NEAR),
        ("POST /runbooks/ClusterLinkBlind", 405, get_only),
        ("GET /favicon.ico", 404, there_are),
        ("POST /nowhere", 404, there_are),
        ("POST /metrics", 405, get_only),
        ("DELETE /", 405, get_only),
        ("PUT /-/healthy", 405, get_only),
    ];
    for (line, status, text) in cases {
        let answer = server.ask(line, "Content-Length: 0\r\n").await;
        assert_eq!((answer.status, answer.text()), (status, text), "{line}");
        assert_eq!(
            answer.header("content-type"),
            "text/plain; charset=utf-8",
            "{line}"
        );
        let allow = if status == 405 { "GET, HEAD" } else { "" };
        assert_eq!(answer.header("allow"), allow, "{line}");
    }
}

#[tokio::test]
async fn it_is_ready_after_the_first_poll_well_or_badly() {
    let store = Store::new([unpolled()]);
    let server = showing(&store).await;
    let before = server.ask("GET /-/ready", "").await;
    assert_eq!(
        (before.status, before.text()),
        (503, "not ready: waiting for the first poll of `dr`\n")
    );
    assert_eq!(server.ask("GET /-/healthy", "").await.status, 200);
    let page = server.ask("GET /", "").await;
    assert!(page.text().contains("NOT YET POLLED"), "{}", page.text());
    let summary = "1 cluster has no good last poll.";
    assert!(page.text().contains(summary), "{}", page.text());

    store.report(&"dr".into(), report(Err(failure())));
    assert_eq!(server.ask("GET /-/ready", "").await.status, 200);
}

#[tokio::test]
async fn the_page_has_a_word_for_every_state() {
    let page = Server::plain().await.ask("GET /", "").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    for row in LinkState::TABLE.iter().chain(TaskState::TABLE) {
        let badge = format!(
            r#"<span class="badge {}">{}</span>"#,
            row.health.as_str(),
            row.name
        );
        assert!(
            page.text().contains(&badge),
            "{badge} is not on {}",
            page.text()
        );
    }
}

#[tokio::test]
async fn foreign_text_on_the_page_is_text() {
    let store = Store::new([unpolled()]);
    let name = "<script>alert(\"1\")</script>";
    store.report(
        &"dr".into(),
        report(Ok(listing(vec![link(name, "<i>ACTIVE")]))),
    );
    let page = showing(&store).await.ask("GET /", "").await;
    let escaped = [
        "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;",
        "&lt;i&gt;ACTIVE",
        "&lt;b&gt;no&lt;/b&gt;",
    ];
    for text in escaped {
        assert!(
            page.text().contains(text),
            "{text} is not on {}",
            page.text()
        );
    }
    for markup in ["<script", "<i>", "<b>no"] {
        assert!(
            !page.text().contains(markup),
            "{markup} is on {}",
            page.text()
        );
    }
}

#[tokio::test]
async fn foreign_text_neither_hides_nor_turns_what_is_beside_it_on_the_page() {
    let store = Store::new([unpolled()]);
    let mut orders = link("a\u{202e}b\u{9b}c\u{645}", "ACT\u{7f}IVE");
    orders.tasks.as_mut().unwrap()[0].task_name = "T\u{2066}1".into();
    orders.link_error = Some(ReportedError {
        error_code: "X\u{200f}".into(),
        error_message: "one\u{1b}[2Jtwo".to_owned(),
    });
    store.report(&"dr".into(), report(Ok(listing(vec![orders]))));
    let page = showing(&store).await.ask("GET /", "").await;
    for text in [
        "<b><bdi>a\u{fffd}b\u{fffd}c\u{645}</bdi></b>",
        "ACT\u{fffd}IVE",
        "<th scope=\"row\"><bdi>T\u{fffd}1</bdi></th>",
        "X\u{fffd}",
        "<bdi>one\u{fffd}[2Jtwo</bdi>",
    ] {
        assert!(
            page.text().contains(text),
            "{text} is not on {}",
            page.text()
        );
    }
    let unprintable = |c: char| c != '\n' && cluster_link_exporter::text::is_unprintable(c);
    assert!(!page.text().contains(unprintable), "{:?}", page.text());
}

#[tokio::test]
async fn a_known_error_has_its_remedy_below_it_on_the_page() {
    let store = Store::new([unpolled()]);
    let error = |code: &str| ReportedError {
        error_code: code.into(),
        error_message: String::new(),
    };
    let mut orders = link("orders", "ACTIVE");
    orders.link_error = Some(error("TIMEOUT_ERROR"));
    let tasks = orders.tasks.as_mut().unwrap();
    tasks[0].errors = vec![error("REMOTE_LINK_NOT_FOUND_ERROR")];
    tasks[1].errors = vec![error("MADE_UP_ERROR")];
    store.report(&"dr".into(), report(Ok(listing(vec![orders]))));
    let page = showing(&store).await.ask("GET /", "").await;
    let hints: Vec<_> = page.text().split("<small>hint: ").skip(1).collect();
    let hints: Vec<_> = hints
        .iter()
        .filter_map(|rest| rest.split_once("</small>"))
        .map(|(hint, _)| hint)
        .collect();
    let expected = [
        "Often passes by itself. If it lasts, check the network path and the load of the remote cluster. (our reading)",
        "Create the other half under exactly the same link name on the remote cluster, or delete this half.",
    ];
    assert_eq!(hints, expected);
}

#[tokio::test]
async fn a_failing_poll_says_why_on_the_page_and_leaves_the_rows() {
    let store = Store::new([unpolled()]);
    store.report(
        &"dr".into(),
        report(Ok(listing(vec![link("orders", "ACTIVE")]))),
    );
    store.report(&"dr".into(), report(Err(failure())));
    let page = showing(&store).await.ask("GET /", "").await;
    for text in [
        "POLL FAILED",
        "401 from &lt;the server&gt;; check the key",
        "; last good poll ",
        "orders",
    ] {
        assert!(
            page.text().contains(text),
            "{text} is not on {}",
            page.text()
        );
    }
}
