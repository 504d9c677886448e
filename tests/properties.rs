//! What holds for any answer and any name, not only for those we thought of.

use std::time::Duration;

use cluster_link_exporter::{
    api::{self, Client, Credential, wire},
    model::LinkName,
    poll::{self, Clock, Collect, LinkFilter, Surveyor},
    simulator::{self, Cluster, Link, Mode, Scenario, Simulator, World},
};
use jiff::Timestamp;
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Any JSON value, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4).prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

/// A word the API uses, or any other text, or null.
fn word() -> impl Strategy<Value = Value> {
    let known = select(vec![
        "ACTIVE",
        "IN_ERROR",
        "UNMANAGED_SOURCE",
        "NO_ERROR",
        "AclSync",
        "dr",
        "",
    ]);
    prop_oneof![
        4 => known.prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

/// An object with these keys: each left out, of the right form, or any JSON.
fn object(
    keys: &'static [&'static str],
    right: impl Strategy<Value = Value> + Clone + 'static,
) -> impl Strategy<Value = Value> {
    let entry = option::weighted(
        0.9,
        prop_oneof![9 => right.boxed(), 1 => any_json().boxed()],
    );
    vec(entry, keys.len()).prop_map(|values| {
        let entries = keys.iter().zip(values);
        let entries: Map<_, _> = entries
            .filter_map(|(key, value)| Some(((*key).to_owned(), value?)))
            .collect();
        Value::Object(entries)
    })
}

const LINK: &[&str] = &[
    "link_name",
    "cluster_link_id",
    "remote_cluster_id",
    "source_cluster_id",
    "destination_cluster_id",
    "link_state",
    "link_error",
    "link_error_message",
    "topic_names",
];

/// A link as the API might send it, with tasks and errors as it might send them.
fn link() -> impl Strategy<Value = Value> {
    let word = || word().boxed();
    let error = object(&["error_code", "error_message"], word());
    let task = (object(&["task_name", "state"], word()), vec(error, 0..3)).prop_map(
        |(mut task, errors)| {
            task["errors"] = errors.into();
            task
        },
    );
    (object(LINK, word()), option::of(vec(task, 0..5))).prop_map(|(mut link, tasks)| {
        link["tasks"] = tasks.into();
        link
    })
}

proptest! {
    #[test]
    fn no_answer_of_the_right_outer_shape_makes_the_decoder_panic(links in vec(link(), 0..4), next in any_json()) {
        let page = json!({ "data": links, "metadata": { "next": next } }).to_string();
        if let Ok(page) = wire::link_page(page.as_bytes()) {
            prop_assert_eq!(page.links.len() + page.remnants, links.len());
            prop_assert!(page.links.iter().all(|link| !link.link_name.as_str().is_empty()));
        }
        for link in links {
            let asked = LinkName::from(link["link_name"].as_str().unwrap_or_default());
            if let Ok(link) = wire::link(link.to_string().as_bytes(), &asked) {
                let mut names: Vec<_> = link.tasks.iter().flatten().map(|task| &task.task_name).collect();
                let sent = names.len();
                names.dedup();
                prop_assert_eq!(names.len(), sent, "a task is there twice");
            }
        }
    }
}

/// Names that a path can hold: in a URL, `.` and `..` mean directions however they are written.
fn name() -> impl Strategy<Value = String> {
    let tricky = select(vec![
        "a/b", "50%", "%2F", "a b", "\"", "'", "\\", "\n", "\r\n", "?x=1#y", "ü", "😀", "a+b",
        "...", "\u{0}",
    ]);
    let any_name = prop_oneof![
        any::<String>(),
        tricky.prop_map(str::to_owned),
        "[ -~]{1,12}"
    ];
    any_name.prop_filter("no name and no direction", |name| {
        !["", ".", ".."].contains(&name.as_str())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_name_survives_its_way_through_the_url(names in proptest::collection::btree_set(name(), 1..24)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let links: Vec<_> = names.iter().map(|name| Link::new(name, Mode::Destination, "lkc-far")).collect();
        let world = World::new([Cluster::new("lkc/near 1%", links)]);
        let described = runtime.block_on(described(world));
        prop_assert_eq!(described, names.into_iter().collect::<Vec<_>>());
    }
}

/// The links that a poll of this world could describe, in the order of their names.
async fn described(world: World) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let id = world.clusters[0].cluster_id.as_str().into();
    let simulator = Simulator::new(Scenario::still(world), None);
    tokio::spawn(simulator::serve(
        listener,
        simulator,
        CancellationToken::new(),
    ));
    let client = Client::new(api::Settings {
        endpoint: endpoint.parse().unwrap(),
        base_path: api::Settings::BASE_PATH.into(),
        cluster_id: Some(id),
        credential: Credential::None,
        transport: api::Transport::default(),
        request_timeout: api::Settings::REQUEST_TIMEOUT,
    });
    let settings = poll::Settings {
        interval: poll::Settings::INTERVAL,
        timeout: poll::Settings::TIMEOUT,
        max_concurrent_requests: poll::Settings::MAX_CONCURRENT_REQUESTS,
        stale_after: Duration::from_secs(120),
        links: LinkFilter::all(),
        collect: Collect::default(),
    };
    let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
    let report = Surveyor::new(client.unwrap(), settings, clock)
        .survey()
        .await;
    let links = report.outcome.unwrap().links.into_iter();
    links
        .map(|link| link.described.unwrap().link_name.to_string())
        .collect()
}
