//! `demo` and `simulate`: what they print is true.

use std::time::Duration;

use serde_json::{Value, json};

use super::run;
use crate::support::program::{Running, get, program, until_ready};
use cluster_link_exporter::{metrics::families, simulator::SCENARIOS};

/// The last word of the line that holds `part`.
fn last_word(text: &str, part: &str) -> String {
    let line = text.lines().find(|line| line.contains(part));
    let word = line.and_then(|line| line.split_whitespace().last());
    word.expect("the line is printed").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_prints_urls_that_answer() {
    let mut running = Running::start(program(&["demo", "--web.listen-address", "127.0.0.1:0"]));
    running.until("Stop with Ctrl-C.");
    let address = running.address();
    until_ready(&address).await;
    let outcome = async {
        let page = get(&format!("http://{address}/")).await;
        let metrics = get(&format!("http://{address}/metrics")).await;
        assert!(
            page.0 == 200 && page.1.contains("ConsumerOffsetSync"),
            "{page:?}"
        );
        assert!(
            metrics.0 == 200 && metrics.1.contains("clusterlink_task_state{"),
            "{metrics:?}"
        );
        running.stop("INT")
    }
    .await;
    assert_eq!(outcome.status.unwrap().code(), Some(0));

    let api = last_word(&outcome.stdout, "the API");
    let (host, _) = api
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let expected = format!(
        "Four simulated clusters with one of each trouble, polled every 5s.\n\
         Three are listed by hand, one is discovered.\n\
         A task goes into error and back every two minutes. A link exceeds its RPO after one minute,\n\
         and a mirror topic counts as stalled after fifteen.\n\n  \
         the page     http://{address}/\n  \
         the metrics  http://{address}/metrics\n  \
         the API      curl -u demo:demo-secret http://{host}/kafka/v3/clusters/lkc-dr0001/links\n\n\
         Stop with Ctrl-C.\n"
    );
    assert_eq!(outcome.stdout, expected);
}

/// The demo signs in with a key and a secret, which do not expire.
const EMPTY_IN_THE_DEMO: [&str; 1] = ["clusterlink_exporter_credential_expiry_timestamp_seconds"];

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_shows_a_series_of_every_family_that_can_have_one() {
    let mut running = Running::start(program(&["demo", "--web.listen-address", "127.0.0.1:0"]));
    running.until("Stop with Ctrl-C.");
    let address = running.address();
    until_ready(&address).await;
    // The first polls are over, but perhaps not yet written down.
    let url = format!("http://{address}/metrics");
    let mut empty = without_a_series(&get(&url).await.1);
    for _ in 0..100 {
        if empty == EMPTY_IN_THE_DEMO {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        empty = without_a_series(&get(&url).await.1);
    }
    assert_eq!(empty, EMPTY_IN_THE_DEMO);
}

/// The families of which the exposition has not one series.
fn without_a_series(metrics: &str) -> Vec<&'static str> {
    let is_empty = |name: &&str| {
        let is_of = |rest: &str| rest.starts_with(['{', '_']);
        let mut samples = metrics.lines().filter_map(|line| line.strip_prefix(name));
        !samples.any(is_of)
    };
    families()
        .map(|family| family.name)
        .filter(is_empty)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_of_the_demo_lets_in_who_signs_as_printed() {
    let mut running = Running::start(program(&["demo", "--web.listen-address", "127.0.0.1:0"]));
    let api = last_word(&running.until("the API"), "the API");
    let signed = api.replace("http://", "http://demo:demo-secret@");
    assert_eq!((get(&api).await.0, get(&signed).await.0), (401, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_api_asks_for_the_credentials_it_was_given() {
    let arguments = ["simulate", "healthy", "--basic-auth", "key:s:ecret"];
    let web = ["--web.listen-address", "127.0.0.1:0"];
    let mut running = Running::start(program(&[&arguments[..], &web].concat()));
    let url = running.until("http://");
    assert!(
        url.ends_with("/kafka/v3/clusters/lkc-east01/links"),
        "{url}"
    );

    let as_user = |user: &str| url.replace("http://", &format!("http://{user}@"));
    let mut answers = Vec::new();
    for url in [url.clone(), as_user("key:secret"), as_user("key:s%3Aecret")] {
        answers.push(get(&url).await.0);
    }
    assert_eq!(answers, [401, 401, 200]);

    let outcome = running.stop("TERM");
    assert_eq!(outcome.status.unwrap().code(), Some(0));
    assert_eq!(outcome.stdout, format!("{url}\n"));
}

#[test]
fn every_scenario_is_listed_with_what_happens_in_it() {
    let lines = SCENARIOS
        .iter()
        .map(|entry| format!("{:22}{}\n", entry.name, entry.description));
    let (status, stdout, stderr) = run(program(&["simulate", "--list"]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    // What is too long for a line goes on in the next, below its beginning.
    let unwrapped = stdout.replace(&format!("\n{:22}", ""), " ");
    assert_eq!(unwrapped, lines.collect::<String>());
    let width = stdout.lines().map(|line| line.chars().count()).max();
    assert!(width <= Some(160), "{width:?}");

    let (status, stdout, stderr) = run(program(&["simulate", "--list", "--output", "json"]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    let entries = SCENARIOS.iter();
    let entries = entries.map(|it| json!({ "name": it.name, "description": it.description }));
    let expected = json!({ "scenarios": entries.collect::<Vec<_>>() });
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap(), expected);
}
