//! Rows of any bytes in a state file: they are restored or forgotten, and what is restored polls, shows and alerts.

use std::{collections::BTreeMap, fs, sync::Arc, time::Duration};

use cluster_link_exporter::{
    alert::{self, Engine},
    api::wire,
    journal,
    metrics::{Format, Renderer},
    model::{
        Cluster, ClusterId, Detail, Endpoint, Limits, LinkName, LinkReport, Listing, MirrorDetail,
        MirrorReport, Report, Snapshot,
    },
    notify::{self, Notified},
    state_file::{Changes, Rows, StateFile},
    store::Store,
};
use jiff::{SignedDuration, Timestamp};

use crate::targets::exposition;

const NOW: Timestamp = Timestamp::constant(1_750_000_000, 0);

/// One whose id is configured, and one whose id its server tells.
fn clusters() -> [Cluster; 2] {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    [("dr", Some("lkc-dr0001")), ("lab", None)].map(|(name, id)| {
        let id = id.map(ClusterId::from);
        Cluster::unpolled(name.into(), id, limits, &[Endpoint::Links, Endpoint::Link])
    })
}

fn report(at: Timestamp, round: i64) -> Report {
    let name = LinkName::from("orders");
    let link = format!(
        r#"{{"link_name": "orders", "cluster_link_id": "id", "remote_cluster_id": "lkc-main01", "link_state": "ACTIVE",
            "link_error": "NO_ERROR", "tasks": [
              {{"task_name": "AclSync", "state": "IN_ERROR", "errors":
                [{{"error_code": "AUTHORIZATION_ERROR", "error_message": "m {round}"}}]}},
              {{"task_name": "ConsumerOffsetSync", "state": "ACTIVE", "errors": []}}]}}"#
    );
    let mirrors = format!(
        r#"{{"data": [{{"link_name": "orders", "mirror_topic_name": "t", "num_partitions": 1, "mirror_status": "ACTIVE",
            "mirror_lags": [{{"partition": 0, "lag": {lag}, "last_source_fetch_offset": 90}}], "state_time_ms": 1749999000000}},
            {{"link_name": "orders", "mirror_topic_name": "u", "num_partitions": 1, "mirror_status": "PENDING_STOPPED",
            "mirror_lags": [{{"partition": 0, "lag": 0, "last_source_fetch_offset": 5}}], "state_time_ms": 1749990000000}}]}}"#,
        lag = 7 + round
    );
    let configs = br#"{"data": [{"name": "acl.sync.enable", "value": "true"}, {"name": "acl.sync.ms", "value": "5000"}]}"#;
    let link = wire::link(link.as_bytes(), &name).unwrap();
    let topics = wire::mirror_page(mirrors.as_bytes(), None).unwrap().topics;
    let link = LinkReport {
        configs: Detail::Read(Arc::new(
            wire::config_page(configs)
                .unwrap()
                .items
                .into_iter()
                .collect(),
        )),
        mirrors: Detail::Read(MirrorReport {
            nameless: 0,
            at,
            detail: MirrorDetail::All,
            topics: topics.into_iter().map(|(_, topic)| topic).collect(),
            transition_errors: Vec::new(),
        }),
        ..LinkReport::described(link)
    };
    let listing = Listing {
        listed: 1,
        links: vec![link],
        ..Listing::default()
    };
    Report {
        cluster_id: Some("lkc-dr0001".into()),
        ..Report::new(at, Duration::from_secs(30), Ok(listing))
    }
}

/// Polls and evaluates a few times; what there is to write down of it.
fn live(store: &Store, engine: &mut Engine, before: &Snapshot) -> Changes {
    let mut changes = Changes::new();
    for round in 1..=3 {
        let now = NOW + SignedDuration::from_secs(30 * round);
        for cluster in ["dr", "lab"] {
            // The last poll of the one fails to tell whether what was known stands.
            if round < 3 || cluster == "dr" {
                store.report(&cluster.into(), report(now, round));
            }
        }
        store.expire(now);
        let evaluation = engine.evaluate(&store.snapshot(), now);
        changes.extend(evaluation.changes.encoded());
        let rendered = Renderer::default().render(&store.snapshot());
        let text = rendered.body(Format::Text, String::new(), false).concat();
        exposition::read(&String::from_utf8(text).expect("an exposition is UTF-8"));
    }
    changes.extend(journal::changes(before, &store.snapshot()));
    changes
}

fn engine(rows: &Rows) -> Engine {
    Engine::restored(alert::rules().copied().collect(), alert::restored(rows))
}

/// What an exporter writes down that was well.
pub(super) fn seeds() -> Rows {
    let store = Store::new(clusters());
    let mut changes = live(&store, &mut engine(&Rows::new()), &store.snapshot());
    let key = notify::Key::from("0123456789abcdef".to_owned());
    let told = BTreeMap::from([("ops".to_owned(), BTreeMap::from([(key, NOW)]))]);
    changes.extend(notify::notified_changes(&Notified::new(), &told));
    let written = |(place, row): (_, Option<Vec<u8>>)| Some((place, row?));
    changes.into_iter().filter_map(written).collect()
}

/// Starts an exporter on these rows.
pub(super) fn check(rows: &Rows) {
    let mut restored: Vec<_> = clusters().into_iter().map(Arc::new).collect();
    let mut removed = journal::restore(&mut restored, rows);
    removed.extend(notify::restore_notified(rows).1);
    assert!(removed.keys().all(|place| rows.contains_key(place)));
    let store = Store::new(restored.into_iter().map(Arc::unwrap_or_clone));
    let before = store.snapshot();
    live(&store, &mut engine(rows), &before);
}

/// A state file of these rows.
pub(super) fn state_file(rows: &Rows) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let opened = StateFile::open(&path, NOW).unwrap();
    let rows = rows.clone().into_iter();
    opened
        .file
        .write(rows.map(|(place, row)| (place, Some(row))));
    drop(opened.file);
    fs::read(path).unwrap()
}

/// Opens a file of these bytes, and starts an exporter on what it holds.
pub(super) fn check_file(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write(&path, bytes).unwrap();
    let opened = StateFile::open(&path, NOW).unwrap();
    assert_eq!(opened.was_empty, bytes.is_empty());
    assert!(opened.set_aside.is_none() || opened.rows.is_empty());
    check(&opened.rows);
}
