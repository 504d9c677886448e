//! Any names and codes: as label values they read back as what they were.
//!
//! The bytes are texts with `0xff` between them, which no UTF-8 text holds: the cluster's name and id, then a link, a
//! task and an error code, again and again.

use std::collections::{BTreeMap, BTreeSet};

use cluster_link_exporter::model::{
    ErrorCode, Link, LinkReport, LinkState, Listing, ReportedError, Task, TaskState,
};

use super::{exporter::Exporter, exposition::Sample};

/// Tasks and the codes of their errors, by link and task.
type Links = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Names a cluster, its links and their tasks by these bytes and looks for each name in the exposition.
pub fn check(data: &[u8]) {
    let mut texts = data
        .split(|byte| *byte == 0xff)
        .map(|text| String::from_utf8_lossy(text).into_owned());
    let [cluster_name, cluster_id] = [(); 2].map(|()| texts.next().unwrap_or_default());
    let links = links(texts);
    let listing = Listing {
        listed: links.len(),
        links: links.iter().map(report).collect(),
        ..Listing::default()
    };
    let samples = Exporter::new(&cluster_name, &cluster_id).poll(listing);

    for sample in &samples {
        let identity = [sample.label("cluster_name"), sample.label("cluster_id")];
        assert_eq!(identity, [&cluster_name, &cluster_id], "{sample:?}");
    }
    let expected: BTreeSet<_> = links.keys().map(|link| [link.as_str(); 3]).collect();
    let named = ["link_name", "cluster_link_id", "remote_cluster_id"];
    assert_eq!(found(&samples, "clusterlink_link_info", named), expected);

    let tasks = links
        .iter()
        .flat_map(|(link, tasks)| tasks.keys().map(move |task| [link.as_str(), task]));
    let named = ["link_name", "task_name"];
    assert_eq!(
        found(&samples, "clusterlink_task_state", named),
        tasks.collect()
    );
    for [code] in found(&samples, "clusterlink_task_errors", ["error_code"]) {
        assert!(ErrorCode::from(code).is_well_formed(), "{code:?}");
    }
}

/// A link always has a name, see `model::Link`.
fn links(texts: impl Iterator<Item = String>) -> Links {
    let texts: Vec<String> = texts.collect();
    let mut links = Links::new();
    for names in texts.chunks(3).filter(|names| !names[0].is_empty()) {
        let tasks = links.entry(names[0].clone()).or_default();
        if let Some(task) = names.get(1) {
            tasks
                .entry(task.clone())
                .or_default()
                .extend(names.get(2).cloned());
        }
    }
    links
}

fn report((name, tasks): (&String, &BTreeMap<String, Vec<String>>)) -> LinkReport {
    let tasks = tasks.iter().map(|(name, codes)| Task {
        task_name: name.as_str().into(),
        state: TaskState::InError,
        errors: codes.iter().map(|code| error(code)).collect(),
    });
    let link = Link {
        cluster_link_id: name.clone(),
        remote_cluster_id: Some(name.as_str().into()),
        link_state: Some(LinkState::Active),
        tasks: Some(tasks.collect()),
        ..Link::named(name.as_str())
    };
    LinkReport::described(link)
}

fn error(code: &str) -> ReportedError {
    ReportedError {
        error_code: code.into(),
        error_message: "something is wrong".to_owned(),
    }
}

/// The values of these labels in a family.
fn found<'s, const N: usize>(
    samples: &'s [Sample],
    family: &str,
    labels: [&str; N],
) -> BTreeSet<[&'s str; N]> {
    let samples = samples.iter().filter(|sample| sample.name == family);
    samples
        .map(|sample| labels.map(|label| sample.label(label)))
        .collect()
}
