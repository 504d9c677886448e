//! What an evaluation of the alert engine costs over 10,000 judged links of 4 tasks with mirror topics: nothing new, every
//! cluster polled again, and more or less of it in error.

mod fleet;

use std::{sync::Arc, time::Duration};

use cluster_link_exporter::{
    alert::{Engine, rules},
    intent::judge,
    model::{MirrorStatus, Mirrors, ObservedLink, ReportedError, Snapshot, Task, TaskState},
};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

use fleet::NOW;

/// The fleet with mirror topics, every `one_in`th link with a task in error.
fn snapshot(one_in: usize) -> Snapshot {
    let cluster = fleet::cluster(|number, link| {
        link.mirrors = Ok(mirrors().into());
        if number % one_in == one_in - 1 {
            fail(link);
        }
    });
    let snapshot = Snapshot {
        clusters: vec![Arc::new(cluster)],
        ..Snapshot::default()
    };
    judge(&Snapshot::default(), snapshot)
}

/// Three topics that keep up and one that was promoted.
fn mirrors() -> Mirrors {
    let mut mirrors = Mirrors::none(NOW);
    mirrors.statuses[MirrorStatus::Active.index()] = 3;
    mirrors.statuses[MirrorStatus::Stopped.index()] = 1;
    mirrors
}

/// Puts its ACL sync in error.
fn fail(link: &mut ObservedLink) {
    let tasks = link.tasks.as_mut().map(Arc::make_mut);
    for task in tasks.into_iter().flatten() {
        if task.task_name.as_str() == Task::ACL_SYNC {
            task.state = TaskState::InError;
            task.errors = vec![ReportedError {
                error_code: "AUTHORIZATION_ERROR".into(),
                error_message: "not authorised to describe the group; ".repeat(6),
            }];
        }
    }
}

/// Rounds half a minute apart over two snapshots in turns, so that each of them is new to the engine.
fn evaluations(criterion: &mut Criterion) {
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

criterion_group!(engine, evaluations);
criterion_main!(engine);
