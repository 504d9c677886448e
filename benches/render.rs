//! What 280,000 series of task states (10,000 links of 4 tasks in 7 states) cost to render and to scrape.

use std::{hint::black_box, sync::Arc, time::Duration};

use cluster_link_exporter::{
    metrics::{Renderer, families},
    model::{Cluster, Endpoint, Limits, Link, LinkState, ObservedLink, Snapshot, Task, TaskState},
};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;

const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);
const TASKS: [&str; 4] = [
    "AclSync",
    "AutoCreateMirror",
    "ConsumerOffsetSync",
    "TopicConfigsSync",
];

fn snapshot() -> Snapshot {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    let endpoints = [Endpoint::Links, Endpoint::Link];
    let cluster = Cluster {
        listed_at: Some(NOW),
        links: (0..10_000).map(|number| Arc::new(link(number))).collect(),
        ..Cluster::unpolled(
            "production".into(),
            Some("lkc-abc123".into()),
            limits,
            &endpoints,
        )
    };
    Snapshot {
        clusters: vec![Arc::new(cluster)],
        ..Snapshot::default()
    }
}

fn link(number: usize) -> ObservedLink {
    let tasks = TASKS.map(|name| Task {
        task_name: name.into(),
        state: TaskState::Active,
        errors: Vec::new(),
    });
    let link = Link {
        link_name: format!("link-{number:05}").into(),
        cluster_link_id: format!("id-{number}"),
        remote_cluster_id: Some("lkc-far456".into()),
        link_state: Some(LinkState::Active),
        link_error: None,
        tasks: Some(tasks.to_vec()),
        mirror_partitions: None,
    };
    ObservedLink::described(link, NOW)
}

fn benches(criterion: &mut Criterion) {
    let snapshot = snapshot();
    let cluster = &snapshot.clusters[0];
    let states = families()
        .find(|family| family.name == "clusterlink_task_state")
        .expect("the contract has it");
    let mut group = criterion.benchmark_group("render");
    group.sample_size(10);
    group.bench_function("280,000 task states", |bencher| {
        bencher.iter(|| states.text(black_box(cluster), &snapshot.vocabulary));
    });
    group.bench_function("every family for the first time", |bencher| {
        bencher.iter(|| Renderer::default().render(black_box(&snapshot)));
    });
    let mut renderer = Renderer::default();
    group.bench_function("join and compress what is rendered", |bencher| {
        bencher.iter(|| renderer.render(black_box(&snapshot)));
    });

    let exposition = renderer.render(&snapshot);
    for (name, gzip) in [("plain", false), ("gzip", true)] {
        let length = exposition.body("self 1\n", gzip).length;
        group.bench_function(format!("scrape {length} bytes {name}"), |bencher| {
            bencher.iter(|| exposition.body(black_box("self 1\n"), gzip));
        });
    }
    group.finish();
}

criterion_group!(render, benches);
criterion_main!(render);
