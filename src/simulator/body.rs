//! The bodies of the answers, property by property as the published schema and real servers have them.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::{
    Cluster, ConfigFlags, Link, LinkConfig, Mirror, Mode, NullStyle, Partition, Task, TaskError,
    World,
};

/// Writes the resources of one cluster in its dialect.
pub(super) struct Writer<'a> {
    pub(super) world: &'a World,
    pub(super) cluster: &'a Cluster,
    /// Scheme, host and port as the client called them.
    pub(super) origin: &'a str,
    /// `/kafka/v3` or `/v3`.
    pub(super) base: &'static str,
    /// The time since the start of the world.
    pub(super) elapsed: Duration,
}

/// How much of a link is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// As an item of the list.
    Listed,
    /// On its own, without tasks.
    Described,
    /// On its own, with `include_tasks=true`.
    WithTasks,
}

/// What stays as it is in a path segment (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Writer<'_> {
    /// The address of a resource of this cluster.
    fn url(&self, segments: &[&str]) -> String {
        let mut url = format!("{}{}/clusters", self.origin, self.base);
        for segment in [self.cluster.cluster_id.as_str()].iter().chain(segments) {
            url.push('/');
            url.extend(utf8_percent_encode(segment, SEGMENT));
        }
        url
    }

    fn resource(&self, kind: &str, segments: &[&str]) -> Map<String, Value> {
        let mut metadata = Map::new();
        metadata.insert("self".to_owned(), self.url(segments).into());
        if self.null_style() == NullStyle::Null {
            metadata.insert("resource_name".to_owned(), Value::Null);
        }
        let mut object = Map::new();
        object.insert("kind".to_owned(), kind.into());
        object.insert("metadata".to_owned(), metadata.into());
        object
    }

    fn null_style(&self) -> NullStyle {
        self.cluster.dialect.null_style
    }

    /// A property that may have no value; `on_cloud` is what Confluent Cloud writes then, `None` for nothing at all.
    fn optional(&self, value: Option<Value>, on_cloud: Option<Value>) -> Option<Value> {
        value.or(match self.null_style() {
            NullStyle::AsOnCloud => on_cloud,
            NullStyle::Absent => None,
            NullStyle::Null => Some(Value::Null),
        })
    }

    /// `KafkaCluster`.
    pub(super) fn cluster(&self) -> Value {
        const RELATED: [(&str, &[&str]); 6] = [
            ("acls", &["acls"]),
            ("brokers", &["brokers"]),
            ("broker_configs", &["broker-configs"]),
            ("consumer_groups", &["consumer-groups"]),
            ("topics", &["topics"]),
            (
                "partition_reassignments",
                &["topics", "-", "partitions", "-", "reassignment"],
            ),
        ];
        let mut object = self.resource("KafkaCluster", &[]);
        object.insert("cluster_id".into(), self.cluster.cluster_id.clone().into());
        for (name, segments) in RELATED {
            object.insert(name.into(), json!({ "related": self.url(segments) }));
        }
        object.into()
    }

    /// `KafkaLinkData`.
    pub(super) fn link(&self, link: &Link, detail: Detail) -> Value {
        let old_server = self.cluster.dialect.old_server;
        let id = link.id(self.world.seed);
        let mut object = self.resource("KafkaLinkData", &["links", &link.link_name]);
        put(
            &mut object,
            [
                ("link_name", link.link_name.clone().into()),
                ("link_id", hyphenated(id).into()),
                ("cluster_link_id", URL_SAFE_NO_PAD.encode(id).into()),
                ("topic_names", link.topic_names.clone().into()),
            ],
        );
        put_some(&mut object, self.peer(link));
        if !old_server {
            put_some(&mut object, self.state(link));
            put_some(&mut object, [("tasks", self.tasks(link, detail))]);
        }
        if detail != Detail::Listed && !link.category_counts.is_empty() {
            let counts = link.category_counts.iter();
            let counts = counts
                .map(|(category, count)| json!({ "state_category": category, "count": count }));
            put(&mut object, [("category_counts", counts.collect())]);
        }
        object.into()
    }

    /// Which ids name the other cluster depends on the link's mode and the server's age.
    fn peer(&self, link: &Link) -> [Property; 3] {
        let id = || Some(Value::from(link.remote_cluster_id.clone()));
        let newer = || id().filter(|_| !self.cluster.dialect.old_server);
        let (source, destination, remote) = match link.mode {
            Mode::Destination => (id(), None, newer()),
            Mode::Source => (None, id(), None),
            Mode::Bidirectional => (None, None, id()),
        };
        [
            ("source_cluster_id", source),
            ("destination_cluster_id", destination),
            ("remote_cluster_id", remote),
        ]
        .map(|(name, value)| (name, self.optional(value, Some(Value::Null))))
    }

    fn state(&self, link: &Link) -> [Property; 3] {
        let (code, message) = match &link.link_error {
            None => (None, None),
            Some(error) => (
                Some(error.error_code.clone().into()),
                Some(error.error_message.clone().into()),
            ),
        };
        let state = link.link_state.clone().map(Value::from);
        [
            ("link_state", self.optional(state, None)),
            ("link_error", self.optional(code, Some("NO_ERROR".into()))),
            (
                "link_error_message",
                self.optional(message, Some("".into())),
            ),
        ]
    }

    fn tasks(&self, link: &Link, detail: Detail) -> Option<Value> {
        match detail {
            Detail::Listed | Detail::Described => self.optional(None, None),
            Detail::WithTasks => {
                let tasks = link.tasks.as_ref();
                let tasks = tasks.map(|tasks| tasks.iter().map(|task| self.task(task)).collect());
                self.optional(tasks, Some(Value::Null))
            }
        }
    }

    fn task(&self, task: &Task) -> Value {
        let misspells = self.cluster.dialect.misspells_unavailable;
        let state = match task.state.as_str() {
            "LINK_UNAVAILABLE" if misspells => "LINK_UNAVAILBLE",
            state => state,
        };
        json!({ "task_name": task.task_name, "state": state, "errors": errors(&task.errors) })
    }

    /// `KafkaLinkConfigData`.
    pub(super) fn config(&self, link: &Link, config: &LinkConfig) -> Value {
        let source = if config.is_default {
            "DEFAULT_CONFIG"
        } else {
            "DYNAMIC_CLUSTER_LINK_CONFIG"
        };
        let [default, read_only, sensitive] = match self.cluster.dialect.config_flags {
            ConfigFlags::Long => ["is_default", "is_read_only", "is_sensitive"],
            ConfigFlags::Short => ["default", "read_only", "sensitive"],
        };
        let path = ["links", &link.link_name, "configs", &config.name];
        let mut object = self.resource("KafkaLinkConfigData", &path);
        let properties = [
            ("cluster_id", self.cluster.cluster_id.clone().into()),
            ("link_name", link.link_name.clone().into()),
            ("name", config.name.clone().into()),
            ("value", config.value.clone().into()),
            (default, config.is_default.into()),
            (read_only, config.is_read_only.into()),
            (sensitive, config.is_sensitive.into()),
            ("source", source.into()),
            ("synonyms", json!([])),
        ];
        put(&mut object, properties);
        object.into()
    }

    /// When the mirror topic got its status, by the time of day of this world.
    fn in_our_time(&self, mirror: &Mirror) -> i64 {
        let began = self.world.began_ms.unwrap_or(World::START_MS);
        mirror.state_time_ms - World::START_MS + began
    }

    /// `KafkaMirrorData`; `with_errors` for `include_state_transition_errors=true`.
    pub(super) fn mirror(&self, link: &Link, mirror: &Mirror, with_errors: bool) -> Value {
        let path = [
            "links",
            &link.link_name,
            "mirrors",
            &mirror.mirror_topic_name,
        ];
        let lags: Vec<_> = mirror
            .partitions
            .iter()
            .map(|partition| self.lag(&mirror.mirror_topic_name, partition))
            .collect();
        let error = mirror.mirror_topic_error.clone().map(Value::from);
        let transitions = mirror
            .transition_errors
            .as_ref()
            .filter(|_| with_errors)
            .map(|transitions| errors(transitions));
        let mut object = self.resource("KafkaMirrorData", &path);
        let properties = [
            ("link_name", link.link_name.clone().into()),
            ("mirror_topic_name", mirror.mirror_topic_name.clone().into()),
            ("source_topic_name", mirror.source_topic_name.clone().into()),
            ("num_partitions", lags.len().into()),
            ("mirror_lags", lags.into()),
            ("mirror_status", mirror.mirror_status.clone().into()),
            ("state_time_ms", self.in_our_time(mirror).into()),
        ];
        put(&mut object, properties);
        if !self.cluster.dialect.old_server {
            let error = self.optional(error, Some("NO_ERROR".into()));
            let transitions = self.optional(transitions, None);
            put_some(&mut object, [("mirror_topic_error", error)]);
            put_some(
                &mut object,
                [("mirror_state_transition_errors", transitions)],
            );
        }
        object.into()
    }

    fn lag(&self, topic: &str, partition: &Partition) -> Value {
        json!({
            "partition": partition.partition,
            "lag": partition.lag_at(topic, self.world.seed, self.elapsed),
            "last_source_fetch_offset": partition.offset_at(self.elapsed),
        })
    }
}

/// A property by name; without a value it is left out.
type Property = (&'static str, Option<Value>);

fn put(
    object: &mut Map<String, Value>,
    properties: impl IntoIterator<Item = (&'static str, Value)>,
) {
    let properties = properties.into_iter();
    object.extend(properties.map(|(name, value)| (name.to_owned(), value)));
}

fn put_some(object: &mut Map<String, Value>, properties: impl IntoIterator<Item = Property>) {
    let properties = properties.into_iter();
    put(
        object,
        properties.filter_map(|(name, value)| Some((name, value?))),
    );
}

fn errors(errors: &[TaskError]) -> Value {
    errors
        .iter()
        .map(
            |error| json!({ "error_code": error.error_code, "error_message": error.error_message }),
        )
        .collect()
}

fn hyphenated(id: [u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(id));
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &hex[range]);
    groups.join("-")
}
