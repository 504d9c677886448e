//! What it costs to take in a poll of 10,000 links of 4 tasks: the first one, one that brings the same again, and one in
//! which every link has another state and so another verdict.

mod fleet;

use std::time::Duration;

use cluster_link_exporter::{
    model::{Cluster, LinkReport, LinkState, Listing, Report},
    store::Store,
};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

use fleet::NOW;

/// The cluster as it is before its first poll.
fn unpolled() -> Cluster {
    let mut cluster = fleet::cluster(|_, _| {});
    cluster.links.clear();
    cluster
}

/// A poll that finds every link in this state.
fn report(state: &LinkState) -> Report {
    let links = fleet::links().map(|mut link| {
        link.link_state = Some(state.clone());
        LinkReport::described(link)
    });
    let listing = Listing::of(links.collect());
    Report::new(NOW, Duration::from_secs(30), Ok(listing))
}

fn reports(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("store");
    group.sample_size(20);
    let name = unpolled().name;
    let active = report(&LinkState::Active);
    group.bench_function("the first poll", |bencher| {
        bencher.iter_batched(
            || (Store::new([unpolled()]), active.clone()),
            |(store, report)| {
                store.report(&name, report);
                store
            },
            BatchSize::LargeInput,
        );
    });
    let store = Store::new([unpolled()]);
    group.bench_function("the same again", |bencher| {
        bencher.iter_batched(
            || active.clone(),
            |report| store.report(&name, report),
            BatchSize::LargeInput,
        );
    });
    let states = [LinkState::Paused, LinkState::Active].map(|state| report(&state));
    let mut turns = states.iter().cycle();
    group.bench_function("another state of every link", |bencher| {
        bencher.iter_batched(
            || turns.next().expect("a cycle never ends").clone(),
            |report| store.report(&name, report),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(store, reports);
criterion_main!(store);
