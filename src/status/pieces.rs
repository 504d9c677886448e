//! The documents piece by piece: whole, those of many links would be texts of many megabytes. Each piece is serialised
//! when it is asked for, of what is asked for and nothing else.

use std::{iter::once, sync::Arc};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    alert::{AlertStatus, Phase},
    cluster::{ClusterHead, StatusHead},
    document,
    filter::Filter,
    link::LinkStatus,
    transition::TransitionStatus,
};
use crate::{
    alert::{ActiveAlert, Mutes, NotificationBuilder},
    journal::Entry,
    model::Snapshot,
};

/// The pieces of a document, in order.
pub type Pieces = Box<dyn Iterator<Item = String> + Send>;

/// Those of a [`super::Status`].
pub fn status(snapshot: Arc<Snapshot>, filter: Filter, now: Timestamp) -> Pieces {
    let head = opened(&StatusHead::at(now), "clusters");
    let filter = Arc::new(filter);
    let clusters = {
        let (snapshot, filter) = (snapshot.clone(), filter.clone());
        (0..snapshot.clusters.len()).filter(move |place| filter.keeps(&snapshot.clusters[*place]))
    };
    let clusters = clusters.enumerate().flat_map(move |(number, place)| {
        let (snapshot, filter) = (snapshot.clone(), filter.clone());
        let cluster = snapshot.clusters[place].clone();
        let comma = if number > 0 { "," } else { "" };
        let head = format!("{comma}{}", opened(&ClusterHead::of(&cluster), "links"));
        let links = (0..cluster.links.len()).filter_map(move |place| {
            let link = &cluster.links[place];
            let is_wanted = filter.wants(&cluster, link);
            is_wanted.then(|| document(&LinkStatus::of(&cluster, link)))
        });
        once(head).chain(items(links)).chain(once("]}".to_owned()))
    });
    Box::new(once(head).chain(clusters).chain(once("]}".to_owned())))
}

/// Those of [`super::Alerts`]; of one phase where one is asked for.
pub fn alerts(
    alerts: Arc<[ActiveAlert]>,
    phase: Option<Phase>,
    builder: Arc<NotificationBuilder>,
    mutes: Arc<Mutes>,
    snapshot: Arc<Snapshot>,
    now: Timestamp,
) -> Pieces {
    let alerts = (0..alerts.len()).filter_map(move |place| {
        let active = &alerts[place];
        let is_wanted = phase.is_none_or(|phase| phase == Phase::of(active));
        is_wanted.then(|| document(&AlertStatus::of(active, &builder, &mutes, &snapshot, now)))
    });
    list("alerts", alerts, "]}".to_owned())
}

/// Those of [`super::Transitions`].
pub fn transitions(newest: Vec<Arc<Entry>>, truncated: bool) -> Pieces {
    let entries = newest.into_iter();
    let entries = entries.map(|entry| document(&TransitionStatus::of(&entry)));
    list(
        "transitions",
        entries,
        format!("],\"truncated\":{truncated}}}"),
    )
}

/// The document in the envelope of an answer.
pub fn enveloped(data: Pieces) -> Pieces {
    let head = r#"{"status":"success","data":"#.to_owned();
    Box::new(once(head).chain(data).chain(once("}\n".to_owned())))
}

fn list(key: &str, all: impl Iterator<Item = String> + Send + 'static, end: String) -> Pieces {
    let head = format!("{{\"{key}\":[");
    Box::new(once(head).chain(items(all)).chain(once(end)))
}

/// The items of an array, with commas between them.
fn items(all: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    all.enumerate().map(|(number, item)| {
        if number == 0 {
            item
        } else {
            format!(",{item}")
        }
    })
}

/// The object with one more key, whose array is left open.
fn opened(head: &impl Serialize, key: &str) -> String {
    let head = document(head);
    let open = head.strip_suffix('}').expect("it is an object");
    format!("{open},\"{key}\":[")
}
