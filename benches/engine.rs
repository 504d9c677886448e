//! What a round of the alert engine costs over 10,000 judged links of 4 tasks with mirror topics: nothing new, every
//! cluster polled again, and more or less of it in error.

use std::{sync::Arc, time::Duration};

use cluster_link_exporter::{
    alert::{Engine, rules},
    intent::judge,
    model::{
        Cluster, Endpoint, Limits, Link, LinkState, MirrorStatus, Mirrors, ObservedLink,
        ReportedError, Snapshot, Task, TaskState,
    },
};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::Timestamp;

const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);
const LINKS: usize = 10_000;
const TASKS: [&str; 4] = [
    "AclSync",
    "AutoCreateMirror",
    "ConsumerOffsetSync",
    "TopicConfigsSync",
];

/// The fleet as a poll leaves it, every `one_in`th link with a task in error.
fn snapshot(one_in: usize) -> Snapshot {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    let endpoints = [Endpoint::Links, Endpoint::Link];
    let id = Some("lkc-abc123".into());
    let mut cluster = Cluster::unpolled("production".into(), id, limits, &endpoints);
    cluster.polls.count = 1;
    cluster.polls.last_success = Some(NOW);
    cluster.listed_at = Some(NOW);
    let links = (0..LINKS).map(|number| Arc::new(link(number, number % one_in == one_in - 1)));
    cluster.links = links.collect();
    let snapshot = Snapshot {
        clusters: vec![Arc::new(cluster)],
        ..Snapshot::default()
    };
    judge(&Snapshot::default(), snapshot)
}

fn link(number: usize, in_error: bool) -> ObservedLink {
    let tasks = TASKS.map(|name| task(name, in_error && name == "AclSync"));
    let link = Link {
        link_name: format!("link-{number:05}").into(),
        cluster_link_id: format!("id-{number}"),
        remote_cluster_id: Some("lkc-far456".into()),
        link_state: Some(LinkState::Active),
        link_error: None,
        tasks: Some(tasks.to_vec()),
        mirror_partitions: None,
    };
    ObservedLink {
        mirrors: Ok(mirrors().into()),
        ..ObservedLink::described(link, NOW)
    }
}

/// Three topics that keep up and one that was promoted.
fn mirrors() -> Mirrors {
    let mut mirrors = Mirrors::none(NOW);
    mirrors.statuses[MirrorStatus::Active.index()] = 3;
    mirrors.statuses[MirrorStatus::Stopped.index()] = 1;
    mirrors
}

fn task(name: &str, in_error: bool) -> Task {
    let error = ReportedError {
        error_code: "AUTHORIZATION_ERROR".into(),
        error_message: "not authorised to describe the group; ".repeat(6),
    };
    Task {
        task_name: name.into(),
        state: if in_error {
            TaskState::InError
        } else {
            TaskState::Active
        },
        errors: in_error.then_some(error).into_iter().collect(),
    }
}

/// Rounds half a minute apart over two snapshots in turns, so that each of them is new to the engine.
fn rounds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engine");
    group.sample_size(20);
    for (name, one_in) in [
        ("all healthy", usize::MAX),
        ("100 alerts", 100),
        ("10,000 alerts", 1),
    ] {
        let snapshots = [snapshot(one_in), snapshot(one_in)];
        let mut engine = Engine::new(rules().copied().collect());
        let mut now = NOW;
        let mut turns = snapshots.iter().cycle();
        for _ in 0..20 {
            now += Duration::from_secs(30);
            engine.evaluate(turns.next().expect("a cycle never ends"), now);
        }
        group.bench_function(format!("a new snapshot, {name}"), |bencher| {
            bencher.iter(|| {
                now += Duration::from_secs(30);
                engine.evaluate(turns.next().expect("a cycle never ends"), now)
            });
        });
        group.bench_function(format!("the same snapshot, {name}"), |bencher| {
            bencher.iter(|| {
                now += Duration::from_secs(30);
                engine.evaluate(&snapshots[0], now)
            });
        });
    }
    let snapshot = snapshot(usize::MAX);
    group.bench_function("the first snapshot, all healthy", |bencher| {
        bencher.iter_batched(
            || Engine::new(rules().copied().collect()),
            |mut engine| engine.evaluate(&snapshot, NOW),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(engine, rounds);
criterion_main!(engine);
