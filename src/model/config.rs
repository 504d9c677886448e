//! The settings of a link that we keep: an allow-list, one row a key. Everything else a server sends, and everything it
//! calls sensitive, is dropped where it is read.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use strum::IntoStaticStr;

use super::Task;

/// Declares [`LinkConfigs`] and the list of its keys: a row is the field, its kind, the key and what it means.
macro_rules! link_configs {
    ($($field:ident $kind:ident $key:literal $meaning:literal;)*) => {
        /// The settings of one link (`GET …/links/{link_name}/configs`), as far as this program needs them.
        ///
        /// A field is `None` where the server did not send the key, called it sensitive, or sent what its kind cannot
        /// hold: nothing is known then, and no default is guessed.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct LinkConfigs {
            $(
                #[doc = concat!("`", $key, "`: ", $meaning, ".")]
                pub $field: Option<$kind>,
            )*
            /// Entries without a name: any of the settings may be among them.
            pub nameless: usize,
        }

        impl LinkConfigs {
            /// The keys that are kept, in the order of the alphabet of their fields' rows.
            pub const KEYS: &[&str] = &[$($key,)*];

            /// Whether the answer named any of these settings, and every entry of it had a name.
            pub fn is_understood(&self) -> bool {
                self.nameless == 0 && (false $(|| self.$field.is_some())*)
            }

            /// Takes one entry in. An unlisted key leaves no trace. `value` is `None` where the server sent null, which
            /// it does for what is not set.
            pub fn set(&mut self, key: &str, value: Option<&str>) {
                match key {
                    $($key => self.$field = <$kind as Setting>::read(value),)*
                    _ => {}
                }
            }
        }
    };
}

link_configs! {
    link_mode LinkMode "link.mode" "which end of the link this cluster is";
    connection_mode ConnectionMode "connection.mode" "which end opens the connections";
    prefix Text "cluster.link.prefix" "what the names of mirror topics begin with; empty for nothing";
    paused Switch "cluster.link.paused" "whether an operator paused the link";
    retry_timeout Period "cluster.link.retry.timeout.ms" "how long a failing mirror topic is tried again before it fails for good";
    acl_sync Switch "acl.sync.enable" "whether ACLs are copied";
    acl_sync_interval Period "acl.sync.ms" "how often ACLs are copied";
    acl_filters Filters "acl.filters" "which ACLs are copied";
    offset_sync Switch "consumer.offset.sync.enable" "whether consumer offsets are copied";
    offset_sync_interval Period "consumer.offset.sync.ms" "how often consumer offsets are copied";
    offset_filters Filters "consumer.offset.group.filters" "which groups' offsets are copied";
    group_prefix Switch "consumer.group.prefix.enable" "whether consumer groups get the link's prefix too";
    auto_create Switch "auto.create.mirror.topics.enable" "whether mirror topics are created by themselves";
    auto_create_filters Filters "auto.create.mirror.topics.filters" "for which topics mirrors are created";
    topic_config_interval Period "topic.config.sync.ms" "how often topics' settings are copied";
    topic_config_include Text "topic.config.sync.include" "which of the topics' settings are copied; empty for none";
    start_offset Text "mirror.start.offset.spec" "from where a new mirror topic begins to copy";
}

impl LinkConfigs {
    /// The configured period of a task; `None` where no setting names one, or its value is not known.
    pub fn task_interval(&self, task_name: &str) -> Option<Duration> {
        let period = match task_name {
            Task::OFFSET_SYNC => self.offset_sync_interval,
            Task::ACL_SYNC => self.acl_sync_interval,
            Task::TOPIC_CONFIG_SYNC => self.topic_config_interval,
            _ => None,
        };
        period.map(|Period(period)| period)
    }
}

/// What one kind of setting makes of a value.
trait Setting: Sized {
    fn read(value: Option<&str>) -> Option<Self>;
}

/// `link.mode`. It cannot be changed after the link is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkMode {
    /// The cluster that reads.
    Destination,
    /// The cluster that is read and opens the connections.
    Source,
    /// One of two equal halves.
    Bidirectional,
    /// A word that nobody has heard of.
    Unknown,
}

impl LinkMode {
    /// The value of label `link_mode`.
    pub fn label(self) -> &'static str {
        self.into()
    }
}

impl Setting for LinkMode {
    fn read(value: Option<&str>) -> Option<Self> {
        let value = value.filter(|value| !value.is_empty())?;
        let known = [Self::Destination, Self::Source, Self::Bidirectional];
        let is_named = |mode: &Self| mode.label().eq_ignore_ascii_case(value);
        Some(known.into_iter().find(is_named).unwrap_or(Self::Unknown))
    }
}

/// `connection.mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ConnectionMode {
    /// This end opens the connections.
    Outbound,
    /// This end waits for the other one to connect.
    Inbound,
    /// A word that nobody has heard of.
    Unknown,
}

impl ConnectionMode {
    /// The value of label `connection_mode`.
    pub fn label(self) -> &'static str {
        self.into()
    }
}

impl Setting for ConnectionMode {
    fn read(value: Option<&str>) -> Option<Self> {
        let value = value.filter(|value| !value.is_empty())?;
        let known = [Self::Outbound, Self::Inbound];
        let is_named = |mode: &Self| mode.label().eq_ignore_ascii_case(value);
        Some(known.into_iter().find(is_named).unwrap_or(Self::Unknown))
    }
}

/// A setting that is on or off.
type Switch = bool;

impl Setting for Switch {
    fn read(value: Option<&str>) -> Option<Self> {
        value?.to_ascii_lowercase().parse().ok()
    }
}

/// A setting in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period(pub Duration);

impl Setting for Period {
    fn read(value: Option<&str>) -> Option<Self> {
        let milliseconds = value?.parse().ok()?;
        Some(Self(Duration::from_millis(milliseconds)))
    }
}

/// A setting that is free text. Not set is the same as empty.
type Text = Arc<str>;

impl Setting for Text {
    fn read(value: Option<&str>) -> Option<Self> {
        Some(value.unwrap_or_default().into())
    }
}

/// Whether a setting of filters holds any. What they say is not kept: it names groups, topics and principals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filters {
    /// Not set, empty, or JSON whose lists are all empty: it lets nothing through.
    Empty,
    /// There is at least one filter.
    Set,
}

impl Setting for Filters {
    fn read(value: Option<&str>) -> Option<Self> {
        let text = value.unwrap_or_default().trim();
        let is_empty = match serde_json::from_str(text) {
            Ok(json) => holds_nothing(&json),
            // Cut off or damaged: what is missing may be any filter, or none.
            Err(_) if text.starts_with(['{', '[']) => return None,
            // It is not ours to say what a text in another form means; that it is there is certain.
            Err(_) => text.is_empty(),
        };
        Some(if is_empty { Self::Empty } else { Self::Set })
    }
}

/// `{"groupFilters": []}` holds as little as `{}`.
fn holds_nothing(json: &Value) -> bool {
    match json {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.values().all(holds_nothing),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configs(entries: &[(&str, Option<&str>)]) -> LinkConfigs {
        let mut configs = LinkConfigs::default();
        for (key, value) in entries {
            configs.set(key, *value);
        }
        configs
    }

    #[test]
    fn each_kind_reads_what_servers_send() {
        let read = configs(&[
            ("link.mode", Some("bidirectional")),
            ("connection.mode", Some("SIDEWAYS")),
            ("cluster.link.prefix", None),
            ("acl.sync.enable", Some("TRUE")),
            ("acl.sync.ms", Some("5000")),
            ("consumer.offset.sync.enable", Some("perhaps")),
            ("consumer.offset.sync.ms", None),
            ("topic.config.sync.include", Some("retention.ms")),
            ("sasl.jaas.config", Some("never kept")),
        ]);
        let expected = LinkConfigs {
            link_mode: Some(LinkMode::Bidirectional),
            connection_mode: Some(ConnectionMode::Unknown),
            prefix: Some("".into()),
            acl_sync: Some(true),
            acl_sync_interval: Some(Period(Duration::from_secs(5))),
            topic_config_include: Some("retention.ms".into()),
            ..LinkConfigs::default()
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn filters_that_hold_nothing_are_empty_however_they_are_written() {
        let read = |value: Option<&str>| configs(&[("acl.filters", value)]).acl_filters.unwrap();
        for empty in [
            None,
            Some(""),
            Some(" "),
            Some("null"),
            Some("{}"),
            Some(r#"{"aclFilters": []}"#),
            Some(r#"{ "aclFilters" : [ ], "version": null }"#),
        ] {
            assert_eq!(read(empty), Filters::Empty, "{empty:?}");
        }
        for set in [r#"{"aclFilters": [{"resourceFilter": {}}]}"#, "all"] {
            assert_eq!(read(Some(set)), Filters::Set, "{set}");
        }
    }

    #[test]
    fn filters_in_json_that_cannot_be_parsed_are_not_known() {
        for broken in [
            r#"{"aclFilters": ["#,
            r#" {"aclFilters": [{"resourceFilter": {}}]"#,
            "[",
            "{}}",
        ] {
            let read = configs(&[("acl.filters", Some(broken))]).acl_filters;
            assert_eq!(read, None, "{broken}");
        }
    }

    #[test]
    fn a_task_whose_settings_name_no_period_has_none() {
        let configs = configs(&[
            ("consumer.offset.sync.ms", Some("30000")),
            ("acl.sync.ms", Some("5000")),
            ("topic.config.sync.ms", Some("6000")),
        ]);
        let seconds = [
            "ConsumerOffsetSync",
            "AclSync",
            "TopicConfigsSync",
            "AutoCreateMirror",
        ]
        .map(|task| configs.task_interval(task).map(|period| period.as_secs()));
        assert_eq!(seconds, [Some(30), Some(5), Some(6), None]);
    }
}
