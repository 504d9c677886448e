//! What a hundred thousand mirror partitions cost: to read from the wire, and to estimate their lag, at its worst.

use std::{fmt::Write as _, hint::black_box};

use cluster_link_exporter::{
    api::wire,
    model::{LagHistory, MirrorPartition, MirrorStatus, MirrorTopic},
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};

const TOPICS: usize = 10_000;
const PARTITIONS: i32 = 10;

/// The answer about all links, as the API sends it.
fn body() -> String {
    let mut body = r#"{"kind":"KafkaMirrorDataList","metadata":{"next":null},"data":["#.to_owned();
    for number in 0..TOPICS {
        let comma = if number == 0 { "" } else { "," };
        let name = format!("orders.topic-{number:05}");
        let base = "https://pkc-00000.eu-central-1.aws.confluent.cloud/kafka/v3/clusters/lkc-1/links/dr/mirrors";
        let _ = write!(
            body,
            r#"{comma}{{"kind":"KafkaMirrorData","metadata":{{"self":"{base}/{name}"}},"link_name":"dr","mirror_topic_name":"{name}","source_topic_name":"{name}","num_partitions":10,"mirror_status":"ACTIVE","mirror_topic_error":"NO_ERROR","state_time_ms":1750000000000,"mirror_lags":["#
        );
        for partition in 0..PARTITIONS {
            let comma = if partition == 0 { "" } else { "," };
            let _ = write!(
                body,
                r#"{comma}{{"partition":{partition},"lag":1234,"last_source_fetch_offset":987654321}}"#
            );
        }
        body.push_str("]}");
    }
    body + "]}"
}

/// All topics, each partition of which is at this position behind a source that goes on.
fn topics(poll: u64) -> Vec<MirrorTopic> {
    let partition = |partition| MirrorPartition {
        partition,
        lag: 1000 * (poll + 1),
        fetched: Some(5_000),
    };
    let topic = |number| MirrorTopic {
        is_lag_whole: true,
        is_counted: true,
        topic_name: format!("orders.topic-{number:05}").into(),
        status: MirrorStatus::Active,
        error: None,
        status_since: None,
        partitions: (0..PARTITIONS).map(partition).collect(),
    };
    (0..TOPICS).map(topic).collect()
}

fn at(poll: u64) -> Timestamp {
    let seconds = i64::try_from(30 * poll).expect("a few polls");
    Timestamp::constant(1_750_000_000, 0) + SignedDuration::from_secs(seconds)
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("100,000 mirror partitions");
    group.sample_size(20);
    let body = body();
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("read from the wire", |bencher| {
        bencher.iter(|| {
            let page = wire::mirror_page(black_box(body.as_bytes()), None).expect("a good body");
            wire::unique_topics(page.topics)
        });
    });
    group.throughput(Throughput::Elements(100_000));

    // As much history as is ever remembered, and every partition needs all of it.
    let mut history = LagHistory::default();
    let polls = LagHistory::FRAMES as u64 + 12;
    for poll in 0..polls {
        let topics = topics(poll);
        (history, _) = history.observe(at(poll), &topics.iter().collect::<Vec<_>>());
    }
    let topics = topics(polls);
    let topics: Vec<_> = topics.iter().collect();
    group.bench_function(
        "estimate the lag of all, none of which keeps up",
        |bencher| {
            bencher.iter(|| history.observe(at(polls), black_box(&topics)));
        },
    );
    let fewer = &topics[1..];
    group.bench_function("and a topic is deleted", |bencher| {
        bencher.iter(|| history.observe(at(polls), black_box(fewer)));
    });
    group.finish();
}

criterion_group!(mirrors, benches);
criterion_main!(mirrors);
