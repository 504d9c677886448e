//! What a restart remembers of links.

use std::time::Duration;

use super::*;
use crate::{
    model::{Event, Failure, Limits, LinkReport, Listing, Reason, Report, Task},
    store::Store,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn unpolled(id: Option<&str>) -> Cluster {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    Cluster::unpolled("dr".into(), id.map(Into::into), limits, &[])
}

/// Reports the links, each with a task in this state.
fn poll(store: &Store, second: i64, links: &[(&str, &str)]) -> Vec<Event> {
    let described = links.iter().map(|(name, task)| Link {
        cluster_link_id: format!("id of {name}"),
        link_state: Some(LinkState::Active),
        tasks: Some(vec![Task {
            task_name: "AclSync".into(),
            state: TaskState::parse(task),
            errors: Vec::new(),
        }]),
        ..Link::named(*name)
    });
    let listing = Listing::of(described.map(LinkReport::described).collect());
    let report = Report {
        cluster_id: Some("lkc-1".into()),
        ..Report::new(at(second), Duration::from_secs(30), Ok(listing))
    };
    store.report(&"dr".into(), report)
}

/// What a file holds after the changes.
fn apply(rows: &mut Rows, changes: impl IntoIterator<Item = Change>) -> usize {
    let mut count = 0;
    for (key, row) in changes {
        count += 1;
        match row {
            Some(row) => rows.insert(key, row),
            None => rows.remove(&key),
        };
    }
    count
}

/// Two links, one of which changed its task's state twice, on disk.
fn remembered() -> Rows {
    let store = Store::new([unpolled(None)]);
    let mut rows = Rows::new();
    let mut before = store.snapshot();
    let mut written = Vec::new();
    for (second, task) in [
        (0, "ACTIVE"),
        (30, "IN_ERROR"),
        (60, "ACTIVE"),
        (90, "ACTIVE"),
    ] {
        poll(&store, second, &[("a \"b\"\n", "ACTIVE"), ("orders", task)]);
        let after = store.snapshot();
        written.push(apply(&mut rows, changes(&before, &after)));
        before = after;
    }
    assert_eq!(written, [3, 1, 1, 0], "only what changed is written");
    rows
}

fn restored(id: impl Into<Option<&'static str>>, rows: &Rows) -> (Store, Changes) {
    let store = Store::new([unpolled(id.into())]);
    let mut removed = Changes::new();
    store.reconfigure(|snapshot| {
        let mut clusters = snapshot.clusters.clone();
        removed = restore(&mut clusters, rows);
        clusters
    });
    (store, removed)
}

fn task(store: &Store, link: usize) -> (i64, u64) {
    let snapshot = store.snapshot();
    let observed = &snapshot.clusters[0].links[link].named_tasks()[0];
    (observed.state_since.as_second(), observed.state_transitions)
}

#[test]
fn counting_goes_on_after_a_restart_and_nothing_is_shown_before_a_poll() {
    let (store, removed) = restored("lkc-1", &remembered());
    let of_configured_id = (Table::Clusters, "dr".to_owned());
    assert_eq!(removed, Changes::from([(of_configured_id, None)]));
    assert_eq!(store.snapshot().clusters[0].shown_links().count(), 0);
    let events = poll(
        &store,
        900,
        &[("a \"b\"\n", "ACTIVE"), ("orders", "IN_ERROR")],
    );
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!([task(&store, 0), task(&store, 1)], [(0, 0), (900, 3)]);
}

#[test]
fn tasks_that_are_not_named_at_the_restart_go_on_when_they_are_named_again() {
    let mut rows = remembered();
    let (store, _) = restored("lkc-1", &rows);
    let before = store.snapshot();
    poll(&store, 900, &[("orders", "IN_ERROR")]);
    let silent = Link {
        cluster_link_id: "id of orders".to_owned(),
        link_state: Some(LinkState::Active),
        ..Link::named("orders")
    };
    let listing = Listing::of(vec![LinkReport::described(silent)]);
    let report = Report::new(at(930), Duration::from_secs(30), Ok(listing));
    store.report(&"dr".into(), report);
    assert!(store.snapshot().clusters[0].links[0].tasks.is_none());
    apply(&mut rows, changes(&before, &store.snapshot()));

    let (store, _) = restored("lkc-1", &rows);
    poll(&store, 1800, &[("orders", "IN_ERROR")]);
    assert_eq!(task(&store, 0), (900, 3));
}

#[test]
fn an_id_that_the_server_told_is_there_before_a_poll() {
    let (store, removed) = restored(None, &remembered());
    assert_eq!(removed, Changes::new());
    let id = |store: &Store| store.snapshot().clusters[0].id.clone();
    assert_eq!(id(&store), Some("lkc-1".into()));

    let (store, _) = restored("lkc-2", &remembered());
    assert_eq!(id(&store), Some("lkc-2".into()), "it is configured");

    let moved = Cluster {
        endpoint: "https://elsewhere.example.com".into(),
        ..unpolled(None)
    };
    let mut clusters = [Arc::new(moved)];
    let removed = restore(&mut clusters, &remembered());
    assert_eq!(
        clusters[0].id, None,
        "at another endpoint is another cluster"
    );
    assert_eq!(removed, Changes::from([(cluster_key(&clusters[0]), None)]));
}

#[test]
fn how_long_tasks_are_not_named_is_not_remembered_though_the_first_describe_fails() {
    let (store, _) = restored("lkc-1", &remembered());
    let listed = || Link::named("orders");
    let failure = || Failure {
        reason: Reason::ServerError,
        message: "invented".to_owned(),
    };
    let failing = Listing::of(vec![LinkReport::undescribed(listed(), failure())]);
    let report = Report::new(at(9000), Duration::from_secs(30), Ok(failing));
    store.report(&"dr".into(), report);
    poll(&store, 9030, &[("orders", "ACTIVE")]);
    let snapshot = store.snapshot();
    let orders = snapshot.clusters[0].link(&"orders".into()).unwrap();
    assert_eq!(orders.task_names_since, at(9000));
    assert!(!orders.has_no_task("ConsumerOffsetSync"));
}

#[test]
fn a_link_that_vanished_while_we_were_down_is_gone() {
    let mut rows = remembered();
    let (store, removed) = restored("lkc-1", &rows);
    apply(&mut rows, removed);
    let before = store.snapshot();
    let events = poll(&store, 900, &[("orders", "ACTIVE")]);
    assert!(
        matches!(&events[..], [Event::LinkGone { link_name, .. }] if link_name.as_str() == "a \"b\"\n")
    );
    apply(&mut rows, changes(&before, &store.snapshot()));
    assert_eq!(rows.len(), 1);
}

#[test]
fn rows_of_other_clusters_and_unreadable_ones_are_removed() {
    let mut rows = remembered();
    rows.insert((Table::Links, "[]".into()), b"not a row".to_vec());
    rows.insert((Table::Alerts, "[]".into()), b"somebody else's".to_vec());
    let (store, removed) = restored("lkc-2", &rows);
    assert_eq!(store.snapshot().clusters[0].links.len(), 0);
    apply(&mut rows, removed);
    assert_eq!(
        rows.into_keys().collect::<Vec<_>>(),
        [(Table::Alerts, "[]".to_owned())]
    );
}

#[test]
fn a_cluster_that_left_takes_its_rows_with_it() {
    let mut rows = remembered();
    let (store, _) = restored(None, &rows);
    let before = store.snapshot();
    store.reconfigure(|_| Vec::new());
    apply(&mut rows, changes(&before, &store.snapshot()));
    assert_eq!(rows, Rows::new());
}
