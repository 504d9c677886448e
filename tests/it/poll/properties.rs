//! What holds for any answer and any name, not only for those we thought of.

use cluster_link_exporter::{
    api::wire::{self, ConfigEntry},
    clock::Clock,
    model::{Detail, LinkName, LinkReport},
    poll::Collect,
    simulator::{Cluster, Link, Mirror, Mode, Scenario, Simulator, World},
};
use jiff::Timestamp;
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};

use crate::support::watcher::{api, poller, polling, serve};

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
            prop_assert_eq!(page.links.len() + page.remnants + page.nameless, links.len());
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

/// Numbers as the API sends them, and such as it should not.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0..1000_i64).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

/// A mirror topic as the API might send it.
fn mirror() -> impl Strategy<Value = Value> {
    let lag = object(
        &["partition", "lag", "last_source_fetch_offset"],
        number().boxed(),
    );
    let words = &[
        "link_name",
        "mirror_topic_name",
        "mirror_status",
        "mirror_topic_error",
    ];
    (
        object(words, word().boxed()),
        number(),
        option::of(vec(lag, 0..6)),
    )
        .prop_map(|(mut mirror, time, lags)| {
            mirror["state_time_ms"] = time;
            mirror["mirror_lags"] = lags.into();
            mirror
        })
}

/// A setting as the API might send it.
fn config() -> impl Strategy<Value = Value> {
    let flag = prop_oneof![any::<bool>().prop_map(Value::from), Just(Value::Null)];
    let name = select(vec![
        "link.mode",
        "acl.filters",
        "acl.sync.ms",
        "sasl.jaas.config",
    ]);
    (
        name,
        word(),
        object(&["is_sensitive", "sensitive"], flag.boxed()),
    )
        .prop_map(|(name, value, mut config)| {
            config["name"] = name.into();
            config["value"] = value;
            config
        })
}

proptest! {
    #[test]
    fn any_list_of_mirror_topics_and_settings_is_read_or_refused(
        mirrors in vec(mirror(), 0..6),
        configs in vec(config(), 0..6),
    ) {
        let body = json!({ "data": mirrors }).to_string();
        if let Ok(page) = wire::mirror_page(body.as_bytes(), None) {
            let topics = wire::unique_topics(page.topics);
            prop_assert!(topics.is_sorted_by(|(a, x), (b, y)| (a, &x.topic_name) < (b, &y.topic_name)));
            for (_, topic) in topics {
                prop_assert!(topic.partitions.is_sorted_by(|a, b| a.partition < b.partition));
            }
        }
        let body = json!({ "data": configs }).to_string();
        if let Ok(page) = wire::config_page(body.as_bytes()) {
            let is_secret = |entry: &ConfigEntry| {
                matches!(entry, ConfigEntry::Known(config) if config.name == "sasl.jaas.config")
            };
            prop_assert!(!page.items.iter().any(is_secret));
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
        let hanging = |name: &str| Mirror::new(name, &[1]).status("PENDING_STOPPED");
        let link = |name: &String| Link::new(name, Mode::Destination, "lkc-far").mirror(hanging(name));
        let world = World::new([Cluster::new("lkc/near 1%", names.iter().map(link).collect::<Vec<_>>())]);
        let links = runtime.block_on(polled(world));
        prop_assert!(links.iter().all(|link| link.failure.is_none()), "{links:?}");
        let described = links.iter().map(|link| link.link_name().to_string());
        prop_assert_eq!(described.collect::<Vec<_>>(), names.into_iter().collect::<Vec<_>>());
        let mut explained = 0;
        for link in &links {
            prop_assert!(matches!(link.configs, Detail::Read(_)), "{:?}", link.configs);
            let Detail::Read(mirrors) = &link.mirrors else { panic!("{:?}", link.mirrors) };
            let topics: Vec<_> = mirrors.topics.iter().map(|topic| topic.topic_name.to_string()).collect();
            prop_assert_eq!(topics, [link.link_name().to_string()]);
            explained += mirrors.transition_errors.len();
        }
        prop_assert_eq!(explained, links.len().min(10));
    }
}

/// What a poll of this world brings of its links, in the order of their names.
async fn polled(world: World) -> Vec<LinkReport> {
    let id = world.clusters[0].cluster_id.clone();
    let endpoint = serve(&Simulator::new(Scenario::still(world), None)).await;
    let clock = Clock::fixed(Timestamp::constant(1_900_000_000, 0));
    let poller = poller(api(&endpoint, &id), polling(Collect::default()), clock);
    poller.poll_once(None).await.outcome.unwrap().links
}
