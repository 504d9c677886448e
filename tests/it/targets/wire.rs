//! A body that any server may send: it is refused, or becomes links that keep the promises of `model` up to the
//! exposition.

use std::collections::HashSet;

use cluster_link_exporter::{
    api::wire::{self, ConfigEntry},
    model::{
        Detail, Failure, Link, LinkConfigs, LinkName, LinkReport, Listing, MirrorDetail,
        MirrorReport, MirrorTopic, Reason,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{exporter::Exporter, exposition::Sample};

/// Takes the body for the answer to each question that the client asks.
pub fn check(body: &[u8]) {
    if let Ok(id) = wire::cluster_id(body) {
        assert!(!id.as_str().is_empty(), "a cluster without an id");
    }
    if let Ok(page) = wire::link_page(body) {
        assert_ne!(page.next.as_deref(), Some(""), "a next page without a URL");
        show(page.links, page.remnants);
    }
    check_details(body);
    let asked = serde_json::from_slice::<Value>(body).ok();
    let asked = asked.as_ref().and_then(|body| body["link_name"].as_str());
    // The client asks only for links that a list named.
    let asked = asked.filter(|name| !name.is_empty()).unwrap_or("dr").into();
    if let Ok(link) = wire::link(body, &asked) {
        assert_eq!(link.link_name, asked, "another link than the one asked for");
        show(vec![link], 0);
    }
}

/// Takes the body for the answer to each question about details: settings, mirror topics, one mirror topic.
fn check_details(body: &[u8]) {
    if let Ok(page) = wire::config_page(body) {
        let is_listed = |entry: &ConfigEntry| match entry {
            ConfigEntry::Known(config) => LinkConfigs::KEYS.contains(&config.name.as_str()),
            ConfigEntry::Nameless => true,
        };
        assert!(page.items.iter().all(is_listed));
        let configs: LinkConfigs = page.items.into_iter().collect();
        let _ = configs.task_interval("AclSync");
    }
    if let Ok(page) = wire::mirror_page(body, None) {
        assert_ne!(page.next.as_deref(), Some(""), "a next page without a URL");
        show_mirrors(wire::unique_topics(page.topics));
    }
    let asked = serde_json::from_slice::<Value>(body).ok();
    let asked = asked
        .as_ref()
        .and_then(|body| body["mirror_topic_name"].as_str());
    if let Ok(errors) = wire::transition_errors(body, &asked.unwrap_or("orders").into()) {
        let sentinel = |code: &str| ["NO_ERROR", "NOT_SET"].contains(&code);
        let healthy = errors
            .iter()
            .find(|error| sentinel(error.error_code.as_str()));
        assert_eq!(healthy, None, "an error that is none");
    }
}

/// Observes the topics twice, as if all were one link's: nothing lags longer than it was observed, and each topic is
/// shown once.
fn show_mirrors(topics: Vec<(LinkName, MirrorTopic)>) {
    let mut topics: Vec<_> = topics.into_iter().map(|(_, topic)| topic).collect();
    topics.sort_by(|a, b| a.topic_name.cmp(&b.topic_name));
    topics.dedup_by(|a, b| a.topic_name == b.topic_name);
    for topic in &topics {
        let partitions = &topic.partitions;
        assert!(
            !topic.topic_name.as_str().is_empty(),
            "a topic without a name"
        );
        let sorted = partitions
            .windows(2)
            .all(|pair| pair[0].partition < pair[1].partition);
        assert!(sorted, "a partition twice, or out of order: {topic:?}");
    }
    let link = wire::link(br#"{"link_name": "dr"}"#, &"dr".into()).expect("a name is enough");
    let mut exporter = Exporter::new("dr", "lkc-dr0001");
    for second in [0, 30] {
        let report = MirrorReport {
            nameless: 0,
            at: Timestamp::constant(1_700_000_000, 0) + SignedDuration::from_secs(second),
            detail: MirrorDetail::All,
            topics: topics.clone(),
            transition_errors: Vec::new(),
        };
        let samples = exporter.poll(Listing {
            listed: 1,
            links: vec![LinkReport {
                mirrors: Detail::Read(report),
                ..LinkReport::described(link.clone())
            }],
            ..Listing::default()
        });
        let values = |family: &'static str| {
            let of_family = samples.iter().filter(move |sample| sample.name == family);
            of_family.map(|sample| sample.value)
        };
        let states: f64 = values("clusterlink_mirror_topic_state").sum();
        let counts: f64 = values("clusterlink_mirror_topics").sum();
        let is_all = |sum: f64| (sum - topics.len() as f64).abs() < 0.5;
        assert!(is_all(states) && is_all(counts), "{topics:?}");
        let mut ages = values("clusterlink_mirror_topic_lag_seconds");
        assert!(
            ages.all(|age| (0.0..=second as f64).contains(&age)),
            "{topics:?}"
        );
    }
}

/// Polls twice as `poll::survey` would: each link described, then every second one not.
fn show(mut links: Vec<Link>, remnants: usize) {
    links.iter().for_each(assert_promises);
    let listed = links.len();
    links.sort_by(|a, b| a.link_name.cmp(&b.link_name));
    links.dedup_by(|a, b| a.link_name == b.link_name);

    let mut exporter = Exporter::new("dr", "lkc-dr0001");
    for worked in [|_| true, |index| index % 2 == 0] {
        let reports = links.iter().enumerate();
        let reports = reports.map(|(index, link)| report(link, worked(index)));
        let samples = exporter.poll(Listing {
            listed,
            remnants,
            links: reports.collect(),
            ..Listing::default()
        });
        assert_counts(&samples, &links);
    }
}

fn report(link: &Link, worked: bool) -> LinkReport {
    if worked {
        return LinkReport::described(link.clone());
    }
    let failure = Failure {
        reason: Reason::Timeout,
        message: "no answer within 10s".to_owned(),
    };
    LinkReport::undescribed(link.clone(), failure)
}

fn assert_promises(link: &Link) {
    assert!(!link.link_name.as_str().is_empty(), "a link without a name");
    let mut names = HashSet::new();
    for task in link.tasks.iter().flatten() {
        assert!(names.insert(&task.task_name), "a task twice: {link:?}");
    }
    let sentinel = |code: &str| ["NO_ERROR", "NOT_SET"].contains(&code);
    let healthy = link.error_codes().find(|code| sentinel(code.as_str()));
    assert_eq!(healthy, None, "an error that is none: {link:?}");
}

/// Every link and every task is shown, whether or not its last describe worked.
fn assert_counts(samples: &[Sample], links: &[Link]) {
    let count = |family: &str| {
        samples
            .iter()
            .filter(|sample| sample.name == family)
            .count()
    };
    let tasks: usize = links
        .iter()
        .flat_map(|link| &link.tasks)
        .map(Vec::len)
        .sum();
    let stated = links
        .iter()
        .filter(|link| link.link_state.is_some())
        .count();
    assert_eq!(
        [
            count("clusterlink_link_info"),
            count("clusterlink_link_state_transitions_total"),
            count("clusterlink_task_state_transitions_total"),
        ],
        [links.len(), stated, tasks],
        "links, links with a state, and tasks: {links:?}"
    );
}
