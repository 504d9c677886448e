//! What 280,000 series of task states (10,000 links of 4 tasks in 7 states) cost to render and to scrape.

mod fleet;
mod messages;

use std::{hint::black_box, sync::Arc};

use cluster_link_exporter::{
    metrics::{Format, Renderer, families},
    model::Snapshot,
};
use criterion::{Criterion, criterion_group, criterion_main};

fn snapshot() -> Snapshot {
    Snapshot {
        clusters: vec![Arc::new(fleet::cluster(|_, _| {}))],
        ..Snapshot::default()
    }
}

fn benches(criterion: &mut Criterion) {
    let snapshot = snapshot();
    let cluster = &snapshot.clusters[0];
    let states = families()
        .find(|family| family.name == "clusterlink_task_state")
        .expect("the contract has it");
    let mut group = criterion.benchmark_group("render");
    group.sample_size(10);
    assert!(
        messages::task_states(cluster) == states.text(Format::Text, cluster, &snapshot.vocabulary),
        "both write the same"
    );
    group.bench_function("280,000 task states as message objects", |bencher| {
        bencher.iter(|| messages::task_states(black_box(cluster)));
    });
    group.bench_function("280,000 task states", |bencher| {
        bencher.iter(|| states.text(Format::Text, black_box(cluster), &snapshot.vocabulary));
    });
    group.bench_function("every family, rendered and compressed", |bencher| {
        bencher.iter(|| Renderer::default().render(black_box(&snapshot)));
    });
    let mut renderer = Renderer::default();
    group.bench_function("the first scrape after a poll of others", |bencher| {
        bencher.iter(|| {
            renderer
                .render(black_box(&snapshot))
                .body(Format::Text, "self 1\n".to_owned(), true)
        });
    });

    let exposition = renderer.render(&snapshot);
    for (name, gzip) in [("plain", false), ("gzip", true)] {
        let length = exposition
            .body(Format::Text, "self 1\n".to_owned(), gzip)
            .left();
        group.bench_function(format!("scrape {length} bytes {name}"), |bencher| {
            bencher.iter(|| {
                let body = exposition.body(Format::Text, black_box("self 1\n").to_owned(), gzip);
                body.map(|part| black_box(part).len()).sum::<usize>()
            });
        });
    }
    group.finish();
}

criterion_group!(render, benches);
criterion_main!(render);
