//! Every fault, of the list and of one of two describes, in the first poll and in a later one.

use std::{io::Write as _, time::Duration};

use bytes::Bytes;
use cluster_link_exporter::{
    model::{Endpoint, Report},
    simulator::{BrokenBody, Effect, Fault, PathKind},
};
use flate2::{Compression, write::GzEncoder};
use futures_util::{FutureExt, StreamExt, stream};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};

use super::{
    scene::{CLUSTER, Scene},
    server::Door,
};

/// What is exposed while a list cannot be read, in the first poll of all and in a later one.
const NO_LIST: [&str; 2] = [
    "during: success=0 since=never links=none orders=none payments=none | \
     stale: success=0 since=never links=none orders=none payments=none | \
     healed: success=1 since=180 links=2 orders=fresh payments=fresh",
    "during: success=0 since=30 links=2 orders=old payments=old | \
     stale: success=0 since=30 links=none orders=none payments=none | \
     healed: success=1 since=180 links=2 orders=fresh payments=fresh",
];

/// What is exposed while the link `orders` cannot be described.
const NO_DESCRIPTION: [&str; 2] = [
    "during: success=0 since=never links=2 orders=listed? payments=fresh | \
     stale: success=0 since=never links=2 orders=listed? payments=fresh | \
     healed: success=1 since=180 links=2 orders=fresh payments=fresh",
    "during: success=0 since=30 links=2 orders=old? payments=fresh | \
     stale: success=0 since=30 links=2 orders=none payments=fresh | \
     healed: success=1 since=180 links=2 orders=fresh payments=fresh",
];

/// How often a list is asked for that may come with the next try: twice in the first poll, which knows of no link yet.
const AGAIN: [usize; 2] = [2, 3];

/// One fault: what is wrong, how often it is asked for in the first poll and in a later one (where a throttled one has
/// earned retries), the reason that is counted, and a part of what the log says.
type Row = (&'static str, Wrong, [usize; 2], &'static str, &'static str);

/// Faults that a list and a describe may have alike.
#[rustfmt::skip]
fn of_any_answer() -> Vec<Row> {
    use BrokenBody::{DataMissing, DataNull, Empty, Html, InvalidUtf8, TruncatedJson, WrongTypes};
    use Effect::{
        BadGateway, Broken, CutAfterHeaders, Disconnect, Forbidden, Hang, RetriableError, ServerError,
        ServiceUnavailable, Unauthorized, Unsupported,
    };
    vec![
        ("hang",                   answer(Hang),                 AGAIN,  "timeout",      "no complete answer within 2s; check the network path"),
        ("disconnect",             answer(Disconnect),           AGAIN,  "connect",      "no connection to `127.0.0.1:"),
        ("cut after headers",      answer(CutAfterHeaders),      [1, 1], "bad_response", "the answer was cut off: "),
        ("400",                    answer(Unsupported),          [1, 1], "bad_response", "HTTP 400: `{\"error_code\":40035,"),
        ("401",                    answer(Unauthorized),         [1, 1], "auth",         "a Cloud key is the wrong kind"),
        ("403",                    answer(Forbidden),            [1, 1], "forbidden",    "grant the role Operator"),
        ("429",                    throttled(None),              [1, 3], "throttled",    "raise `poll_interval`"),
        ("429, a second",          throttled(Some("1")),         [1, 3], "throttled",    "HTTP 429: `<!DOCTYPE html> <html>"),
        ("500",                    answer(ServerError),          AGAIN,  "server_error", "HTTP 500: `{\"error_code\":500,"),
        ("500, retriable",         answer(RetriableError),       AGAIN,  "server_error", "HTTP 500: `{\"error_code\":50003,"),
        ("502",                    answer(BadGateway),           AGAIN,  "server_error", "a proxy before it is in trouble"),
        ("503",                    answer(ServiceUnavailable),   AGAIN,  "server_error", "HTTP 503: `<!DOCTYPE html> <html>"),
        ("truncated JSON",         answer(Broken(TruncatedJson)),[1, 1], "bad_response", "EOF while parsing"),
        ("HTML with 200",          answer(Broken(Html)),         [1, 1], "bad_response", "`<!DOCTYPE html> <html><body><h1>Sign in</h1>"),
        ("empty 200",              answer(Broken(Empty)),        [1, 1], "bad_response", "empty body; check `endpoint`"),
        ("data missing",           answer(Broken(DataMissing)),  [1, 1], "bad_response", "is missing or n"),
        ("data null",              answer(Broken(DataNull)),     [1, 1], "bad_response", "is missing or n"),
        ("wrong types",            answer(Broken(WrongTypes)),   [1, 1], "bad_response", "`link_name` is missing or not "),
        ("invalid UTF-8",          answer(Broken(InvalidUtf8)),  [1, 1], "bad_response", "`link_name` is missing or not "),
        ("larger than 16 MiB",     body(None, large()),          [1, 1], "bad_response", "larger than 16 MiB"),
        ("gzip bomb",              body(Some("gzip"), bomb()),   [1, 1], "bad_response", "larger than 16 MiB"),
        ("not gzip",               body(Some("gzip"), nested()), [1, 1], "bad_response", "the answer was cut off: "),
        ("100,000 deep",           body(None, nested()),         [1, 1], "bad_response", "the answer is not what this API sends: "),
    ]
}

/// Faults that only a list can have: of its pages, of its own 404, of connections, which serve every path, and a pause
/// beyond the deadline, which silences the other link too if that was not yet asked for (`pace` has it).
#[rustfmt::skip]
fn of_the_list(elsewhere: &str) -> Vec<Row> {
    let refused = Wrong::Door { healthy: Door::Plain, sick: Door::Shut };
    let no_tls = Wrong::Door { healthy: Door::Tls, sick: Door::Plain };
    let no_http = Wrong::Door { healthy: Door::Plain, sick: Door::Tls };
    vec![
        ("refused",                refused,                      AGAIN,  "connect",      "no connection to `127.0.0.1:"),
        ("no TLS on the other side", no_tls,                     [1, 1], "tls",          "TLS failed: "),
        ("TLS on the other side",  no_http,                      AGAIN,  "connect",      "no connection to `127.0.0.1:"),
        ("429, ten minutes",       throttled(Some("600")),       [1, 1], "throttled",    "HTTP 429: `<!DOCTYPE html> <html>"),
        ("404",                    not_found(),                  [1, 1], "not_found",    "check `cluster_id` and `base_path`"),
        ("next page elsewhere",    answer(Effect::ForeignNext(elsewhere.into())), [1, 1], "bad_response", "`metadata.next` names another origin"),
        ("endless pages",          answer(Effect::EndlessPages), [100, 100], "bad_response", "more than 100 pages"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_keeps_the_old_values_until_they_are_too_old() {
    let foreign = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}", foreign.local_addr().unwrap());
    let mut rows = of_any_answer();
    rows.extend(of_the_list(&elsewhere));
    rows.push(redirect(&elsewhere));
    check(rows, Endpoint::Links, NO_LIST).await;
    assert_nobody_came(&foreign).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_describe_that_fails_costs_its_own_link_only() {
    let foreign = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}", foreign.local_addr().unwrap());
    let mut rows = of_any_answer();
    rows.push(redirect(&elsewhere));
    // A list that is read again has it still: it was not deleted in between.
    let said =
        "the list has it, and asking for it by its name is answered with 404; look for a proxy";
    rows.push(("404", not_found(), [1, 1], "not_found", said));
    for (.., asked, _, _) in &mut rows {
        if *asked == AGAIN {
            // The list was answered: even the first poll is one of three requests.
            *asked = [3, 3];
        }
    }
    check(rows, Endpoint::Link, NO_DESCRIPTION).await;
    assert_nobody_came(&foreign).await;
}

#[derive(Clone)]
enum Wrong {
    /// The answers to the one endpoint.
    Answer(Effect),
    /// The connections.
    Door { healthy: Door, sick: Door },
}

fn answer(effect: Effect) -> Wrong {
    Wrong::Answer(effect)
}

fn throttled(retry_after: Option<&str>) -> Wrong {
    let retry_after = retry_after.map(str::to_owned);
    answer(Effect::Throttled { retry_after })
}

fn body(encoding: Option<&'static str>, body: Bytes) -> Wrong {
    let status = 200;
    answer(Effect::Verbatim {
        status,
        encoding,
        body,
    })
}

fn not_found() -> Wrong {
    answer(Effect::Verbatim {
        status: 404,
        encoding: None,
        body: r#"{"error_code":404,"message":"HTTP 404 Not Found"}"#.into(),
    })
}

fn redirect(elsewhere: &str) -> Row {
    let moved = answer(Effect::Redirect(elsewhere.into()));
    let says = "HTTP 307 redirects to another place";
    ("redirect elsewhere", moved, [1, 1], "bad_response", says)
}

/// Right in all but its size.
fn large() -> Bytes {
    let spaces = " ".repeat(16 << 20);
    format!(r#"{{"link_name":"orders","tasks":[],"data":[{spaces}]}}"#).into()
}

/// The same, small.
fn bomb() -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&large()).unwrap();
    let bomb = gzip.finish().unwrap();
    assert!(bomb.len() < 256 << 10, "{} bytes", bomb.len());
    bomb.into()
}

/// An array in an array in an array, where either endpoint has a property of ours.
fn nested() -> Bytes {
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    format!(r#"{{"metadata":{deep},"data":{deep},"tasks":{deep}}}"#).into()
}

/// Stages every row twice, as the first poll and as a later one, and fails with all that is not as in the table.
async fn check(rows: Vec<Row>, endpoint: Endpoint, exposed: [&'static str; 2]) {
    let stages = rows.into_iter().flat_map(|row| {
        [0, 1].map(|later| {
            let row = row.clone();
            async move {
                let (fault, wrong, asked, reason, says) = row;
                let poll = ["first", "later"][later];
                let head = format!("{fault}, {poll} poll: ");
                let (asked, exposed) = (asked[later], exposed[later]);
                let expected =
                    format!("{head}asked={asked} reason={reason} says={says} | {exposed}");
                let found = stage(wrong, endpoint, later == 1, says).await;
                (expected, head + &found)
            }
            .boxed()
        })
    });
    // A few at once, since most only wait for their next try; each a task of its own, since some bodies take long to read.
    let seen: Vec<_> = stream::iter(stages.map(tokio::spawn))
        .buffered(8)
        .map(|stage| stage.expect("a stage does not panic"))
        .collect()
        .await;
    let wrong: Vec<_> = seen
        .iter()
        .filter(|(expected, found)| expected != found)
        .map(|(expected, found)| format!("expected {expected}\nfound    {found}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

/// Lets it go wrong and tells what was seen.
async fn stage(wrong: Wrong, endpoint: Endpoint, later: bool, says: &str) -> String {
    let healthy = match wrong {
        Wrong::Answer(_) => Door::Plain,
        Wrong::Door { healthy, .. } => healthy,
    };
    let is_hanging = matches!(wrong, Wrong::Answer(Effect::Hang));
    let request_timeout = Duration::from_millis(if is_hanging { 2000 } else { 20_000 });
    let mut scene = Scene::new(healthy, request_timeout).await;
    if later {
        // Three polls earn the retries of the fourth.
        for second in [10, 20, 30] {
            scene.poll(second).await;
        }
        assert!(scene.exposed().starts_with("success=1"), "it began healthy");
    }
    scene.change_the_truth();
    turn(&mut scene, Some(&wrong), endpoint).await;
    scene.server.simulator.forget_requests();
    let report = scene.poll(60).await;
    if matches!(wrong, Wrong::Answer(_)) {
        let received = scene.server.simulator.requests().total();
        assert_eq!(report.requests.len() as u64, received, "all are counted");
    }
    let asked = asked(&report, endpoint);
    let reason = scene.reasons();
    let message = scene.message();
    let said = if message.contains(says) {
        says
    } else {
        &message
    };
    let during = scene.exposed();
    scene.poll(150).await;
    let stale = scene.exposed();
    match wrong {
        Wrong::Answer(_) => turn(&mut scene, None, endpoint).await,
        Wrong::Door { healthy, .. } => scene.server.turn(healthy).await,
    }
    scene.poll(180).await;
    // A failure of the healed poll, which there must not be, says why.
    let healed = scene.exposed() + &scene.message();
    format!(
        "asked={asked} reason={reason} says={said} | during: {during} | stale: {stale} | healed: {healed}"
    )
}

/// Lets it go wrong, or heals it.
async fn turn(scene: &mut Scene, wrong: Option<&Wrong>, endpoint: Endpoint) {
    let fault = match wrong {
        Some(Wrong::Door { sick, .. }) => {
            scene.server.turn(*sick).await;
            // Kept connections are known to be closed as soon as their tasks were woken.
            return sleep(Duration::from_millis(100)).await;
        }
        Some(Wrong::Answer(effect)) => Some(match endpoint {
            Endpoint::Link => Fault::new(effect.clone())
                .on(PathKind::Link)
                .of_link("orders"),
            _ => Fault::new(effect.clone()).on(PathKind::Links),
        }),
        None => None,
    };
    scene.server.simulator.set_fault(CLUSTER, fault).unwrap();
}

/// How often the poll asked for what fails.
fn asked(report: &Report, endpoint: Endpoint) -> usize {
    let requests = report.requests.iter();
    let asked = requests.filter(|sent| sent.endpoint == endpoint).count();
    match endpoint {
        // The other link's describe is among them.
        Endpoint::Link => asked - 1,
        _ => asked,
    }
}

async fn assert_nobody_came(listener: &TcpListener) {
    let came = timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(came.is_err(), "a request left its origin: {came:?}");
}
