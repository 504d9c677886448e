//! The history of states: what goes into it, what a restart leaves, and how much it holds.

use std::time::Duration;

use super::*;
use crate::{
    model::{Cluster, Limits, Link, LinkReport, Listing, Report, Task, TaskState},
    store::Store,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn unpolled() -> Cluster {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    Cluster::unpolled("dr".into(), Some("lkc-1".into()), limits, &[])
}

fn history(most: usize) -> Transitions {
    Transitions::restored(most, &Rows::new(), None)
}

/// A link that says no state where that is empty, with a task in each of these states.
fn link(name: &str, state: &str, tasks: &[(&str, &str)]) -> Link {
    let tasks: Vec<_> = tasks
        .iter()
        .map(|(name, state)| Task {
            task_name: (*name).into(),
            state: TaskState::parse(state),
            errors: Vec::new(),
        })
        .collect();
    Link {
        cluster_link_id: format!("id of {name}"),
        link_state: (!state.is_empty()).then(|| LinkState::parse(state)),
        tasks: (!tasks.is_empty()).then_some(tasks),
        ..Link::named(name)
    }
}

fn poll(store: &Store, history: &Transitions, second: i64, links: &[Link]) {
    let links = links.iter().cloned().map(LinkReport::described).collect();
    let report = Report::new(at(second), Duration::from_secs(30), Ok(Listing::of(links)));
    let events = store.report(&"dr".into(), report);
    history.record(store.snapshot().clusters[0].id.as_ref(), &events);
}

/// The changes, the oldest first: when, whose, from and to.
fn told(history: &Transitions) -> Vec<String> {
    let (newest, _) = history.newest(|_| true, usize::MAX);
    let in_words = |entry: &Arc<Entry>| {
        let none = Arc::<str>::from("-");
        format!(
            "{} {}/{} {}>{}",
            entry.at.as_second(),
            entry.link_name,
            entry.task_name.as_ref().unwrap_or(&none),
            entry.from.as_ref().unwrap_or(&none),
            entry.to.as_ref().unwrap_or(&none),
        )
    };
    newest.iter().rev().map(in_words).collect()
}

#[test]
fn what_the_first_poll_shows_was_there_before_and_what_comes_and_goes_later_is_told() {
    let (store, history) = (Store::new([unpolled()]), history(100));
    let old = link("old", "FAILED", &[("AclSync", "IN_ERROR")]);
    poll(&store, &history, 10, std::slice::from_ref(&old));
    assert_eq!(told(&history), [""; 0]);

    let fine = link(
        "new",
        "ACTIVE",
        &[("AclSync", "ACTIVE"), ("Bad", "IN_ERROR")],
    );
    let silent = link("silent", "", &[]);
    poll(&store, &history, 40, &[old, fine, silent]);
    let mended = link(
        "old",
        "ACTIVE",
        &[("AclSync", "DREAMING"), ("Late", "IN_ERROR")],
    );
    poll(&store, &history, 70, std::slice::from_ref(&mended));
    assert_eq!(
        told(&history),
        [
            "40 new/- ->ACTIVE",
            "40 new/Bad ->IN_ERROR",
            "40 silent/- ->UNKNOWN",
            "70 old/- FAILED>ACTIVE",
            "70 old/AclSync IN_ERROR>DREAMING",
            "70 old/Late ->IN_ERROR",
            "70 new/- ACTIVE>-",
            "70 silent/- UNKNOWN>-",
        ]
    );
}

#[test]
fn a_link_made_anew_is_one_that_went_and_one_that_came() {
    let (store, history) = (Store::new([unpolled()]), history(100));
    poll(&store, &history, 10, &[link("a", "FAILED", &[])]);
    let again = Link {
        cluster_link_id: "another".to_owned(),
        ..link("a", "ACTIVE", &[])
    };
    poll(&store, &history, 40, &[again]);
    assert_eq!(told(&history), ["40 a/- FAILED>-", "40 a/- ->ACTIVE"]);
}

#[test]
fn links_that_the_configuration_asks_for_anew_are_no_news_and_neither_are_those_it_leaves_out() {
    let (store, history) = (Store::new([unpolled()]), history(100));
    let [a, b, c] = ["a", "b", "c"].map(|name| link(name, "ACTIVE", &[]));
    poll(&store, &history, 10, &[a.clone(), b.clone()]);
    store.reconfigure(|snapshot| {
        let mut cluster = Cluster::clone(&snapshot.clusters[0]);
        cluster.is_reselected = true;
        vec![Arc::new(cluster)]
    });
    poll(&store, &history, 40, &[b.clone(), c.clone()]);
    assert_eq!(told(&history), [""; 0]);
    poll(&store, &history, 70, &[c]);
    assert_eq!(told(&history), ["70 b/- ACTIVE>-"]);
}

#[test]
fn tasks_that_could_not_be_read_before_are_no_news() {
    let (store, history) = (Store::new([unpolled()]), history(100));
    poll(&store, &history, 10, &[link("a", "ACTIVE", &[])]);
    let described = link("a", "ACTIVE", &[("AclSync", "IN_ERROR")]);
    poll(&store, &history, 40, &[described]);
    assert_eq!(told(&history), [""; 0]);
}

fn gone(number: u64, name: &str) -> Event {
    Event::LinkGone {
        cluster_name: "dr".into(),
        link_name: name.into(),
        last_state: Some("ACTIVE".to_owned()),
        at: at(number.try_into().unwrap()),
        may_be_unwanted: false,
    }
}

#[test]
fn the_newest_are_kept_and_what_is_written_does_not_grow_with_them() {
    let history = history(3);
    for number in 0..5 {
        history.record(None, &[gone(number, "a")]);
    }
    let expected = ["2 a/- ACTIVE>-", "3 a/- ACTIVE>-", "4 a/- ACTIVE>-"];
    assert_eq!(told(&history), expected);
    history.keep(1);
    assert_eq!(told(&history), expected[2..]);

    let (newest, truncated) = history.newest(|_| true, 1);
    assert_eq!((newest.len(), truncated), (1, false));
    history.keep(10);
    history.record(None, &[gone(5, "b"), gone(6, "c")]);
    let (newest, truncated) = history.newest(|_| true, 2);
    assert_eq!((newest[0].at, newest.len(), truncated), (at(6), 2, true));
    let (newest, truncated) = history.newest(|entry| &*entry.link_name == "b", 1);
    assert_eq!((newest[0].at, truncated), (at(5), false));
}

#[test]
fn a_restart_goes_on_where_the_rows_stop_and_removes_what_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let open = || StateFile::open(&path, at(0)).unwrap();
    for (most, expected) in [(3, 3), (3, 3), (2, 2)] {
        let opened = open();
        let history = Transitions::restored(most, &opened.rows, Some(Arc::new(opened.file)));
        for number in 0..5 {
            history.record(Some(&"lkc-1".into()), &[gone(number, "a")]);
        }
        drop(history);
        let opened = open();
        assert_eq!(opened.rows.len(), expected);
        let unreadable = (Table::Transitions, "x".to_owned());
        opened.file.write([(unreadable, Some(b"x".to_vec()))]);
    }
    let opened = open();
    let history = Transitions::restored(10, &opened.rows, Some(Arc::new(opened.file)));
    assert_eq!(told(&history), ["3 a/- ACTIVE>-", "4 a/- ACTIVE>-"]);
    drop(history);
    let keys: Vec<_> = open().rows.into_keys().map(|(_, key)| key).collect();
    let numbers = [13, 14].map(|number| format!("{number:020}"));
    assert_eq!(
        keys, numbers,
        "numbers go on and the unreadable row is gone"
    );
}

#[test]
fn a_change_is_bounded_whatever_a_server_sends() {
    let long = |letter: &str| letter.repeat(100_000);
    let error = |letter: &str| ReportedError {
        error_code: long(letter).as_str().into(),
        error_message: long(letter),
    };
    let failing = Task {
        task_name: long("t").into(),
        state: TaskState::parse(&long("s")),
        errors: ["a", "b", "c", "d", "e"].map(error).to_vec(),
    };
    let (store, history) = (Store::new([unpolled()]), history(100));
    let fine = Link {
        tasks: Some(vec![Task {
            state: TaskState::Active,
            errors: Vec::new(),
            ..failing.clone()
        }]),
        ..link(&long("l"), "ACTIVE", &[])
    };
    let bad = Link {
        tasks: Some(vec![failing]),
        ..fine.clone()
    };
    poll(&store, &history, 10, &[fine]);
    poll(&store, &history, 40, &[bad]);
    let (newest, _) = history.newest(|_| true, 1);
    let Entry {
        cluster_name,
        link_name,
        task_name,
        from,
        to,
        errors,
        ..
    } = &*newest[0];
    let texts = [
        Some(cluster_name),
        Some(link_name),
        task_name.as_ref(),
        from.as_ref(),
    ];
    let texts = texts.into_iter().chain([to.as_ref()]).flatten();
    let errors = errors
        .iter()
        .flat_map(|error| [&error.error_code, &error.error_message]);
    let bytes: usize = texts.chain(errors).map(|text| text.len()).sum();
    assert!((3000..MOST_BYTES).contains(&bytes), "{bytes}");
    assert_eq!(Transitions::kept_name(&long("l")), **link_name);
}
