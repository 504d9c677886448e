//! What a poll costs: decoding describe bodies, and a whole poll of a thousand links against the simulator.

use std::{hint::black_box, time::Duration};

use cluster_link_exporter::{
    api::{self, Client, wire},
    client::{Credential, Transport},
    clock::Clock,
    poll::{self, Collect, LinkFilter, Poller},
    simulator::{self, Simulator},
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const LINKS: usize = 1000;
const LATENCY: Duration = Duration::from_millis(20);
const AT_ONCE: usize = 8;

fn decode(criterion: &mut Criterion) {
    let body = describe_body();
    let mut group = criterion.benchmark_group("decode");
    group
        .throughput(Throughput::Elements(10_000))
        .sample_size(20);
    group.bench_function("10,000 describe bodies", |bencher| {
        bencher.iter(|| {
            for _ in 0..10_000 {
                black_box(wire::link(black_box(&body), &"orders-dr".into()).expect("a good body"));
            }
        });
    });
    group.finish();
}

/// A healthy link with four tasks and one in error, as the API sends it.
fn describe_body() -> Vec<u8> {
    let task = |name: &str, state: &str, errors: serde_json::Value| serde_json::json!({"task_name": name, "state": state, "errors": errors});
    let failing = serde_json::json!([{"error_code": "AUTHORIZATION_ERROR", "error_message": "not authorised: DESCRIBE"}]);
    let none = serde_json::json!([]);
    let link = serde_json::json!({
        "kind": "KafkaLinkData",
        "metadata": {"self": "https://pkc-12345.eu-central-1.aws.confluent.cloud/kafka/v3/clusters/lkc-1/links/orders-dr"},
        "source_cluster_id": "lkc-2", "destination_cluster_id": null, "remote_cluster_id": "lkc-2",
        "link_name": "orders-dr", "link_id": "3f2a9c54-0b7e-4b6f-9a51-6d2f8c7e1a90",
        "cluster_link_id": "PyqcVAt-S2-aUW0vjH4akA", "topic_names": ["orders", "payments", "invoices"],
        "link_error": "NO_ERROR", "link_error_message": "", "link_state": "ACTIVE",
        "tasks": [
            task("ConsumerOffsetSync", "ACTIVE", none.clone()), task("AclSync", "IN_ERROR", failing),
            task("TopicConfigsSync", "ACTIVE", none.clone()), task("AutoCreateMirror", "NOT_CONFIGURED", none),
        ],
    });
    link.to_string().into_bytes()
}

fn whole_poll(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("the system gives a process its threads");
    let endpoint = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let fleet = Simulator::new(simulator::fleet(LINKS, LATENCY), None);
        tokio::spawn(simulator::serve(listener, fleet, CancellationToken::new()));
        format!("http://{address}")
    });
    let client = Client::new(api::Settings {
        endpoint: endpoint.parse().expect("an address makes a URL"),
        base_path: api::Settings::BASE_PATH.to_owned(),
        cluster_id: Some("lkc-fleet1".into()),
        credential: Credential::None,
        transport: Transport::default(),
        request_timeout: api::Settings::REQUEST_TIMEOUT,
    })
    .expect("the client needs nothing special");
    let settings = poll::Settings {
        interval: poll::Settings::INTERVAL,
        timeout: poll::Settings::TIMEOUT,
        max_concurrent_requests: AT_ONCE,
        stale_after: Duration::from_secs(120),
        links: LinkFilter::all(),
        collect: Collect::default(),
    };
    let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
    let poller = Poller::new(client, settings, clock);

    let mut group = criterion.benchmark_group("poll");
    group.sample_size(10);
    group.bench_function("1,000 links at 20 ms, 8 at once", |bencher| {
        bencher.iter(|| {
            let report = runtime.block_on(poller.poll_once(None));
            assert_eq!(
                report.outcome.expect("the simulator answers").links.len(),
                LINKS
            );
        });
    });
    group.finish();
}

criterion_group!(benches, decode, whole_poll);
criterion_main!(benches);
