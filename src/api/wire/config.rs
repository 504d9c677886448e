//! The settings of a link. What is not on our list, and what the server calls sensitive, goes no further than here.

use std::collections::{BTreeMap, btree_map::Entry};

use serde::Deserialize;

use super::{
    List, Page, WireError,
    lenient::{Flag, Item, Scalar, Sent, Text, Word},
    read, said,
};
use crate::model::LinkConfigs;

/// Reads a page of `GET …/links/{link_name}/configs`; what of it is kept is for [`LinkConfigs::set`] to say.
pub fn config_page(body: &[u8]) -> Result<Page<ConfigEntry>, WireError> {
    let list: List<ConfigData> = read(body)?;
    let (data, next) = list.into_page()?;
    let items = data.into_iter().map(Item::or_empty);
    let items = items.filter_map(ConfigData::into_config);
    Ok(Page {
        items: items.collect(),
        next,
    })
}

/// An entry of the list that matters.
#[derive(Debug, PartialEq, Eq)]
pub enum ConfigEntry {
    /// One of the settings that are kept.
    Known(LinkConfig),
    /// An entry without a name, which may be any of them, or with a value that is not one.
    Nameless,
}

/// One setting that is on our list and no secret.
#[derive(Debug, PartialEq, Eq)]
pub struct LinkConfig {
    /// REST field `name`.
    pub name: String,
    /// REST field `value`; `None` where nothing is set.
    pub value: Option<String>,
}

/// A setting that is sent twice with different values is not known: none of them is more likely than the other.
impl FromIterator<ConfigEntry> for LinkConfigs {
    fn from_iter<I: IntoIterator<Item = ConfigEntry>>(entries: I) -> Self {
        let mut configs = Self::default();
        // `None` where the entries contradict each other.
        let mut values: BTreeMap<String, Option<Option<String>>> = BTreeMap::new();
        for entry in entries {
            match entry {
                ConfigEntry::Known(LinkConfig { name, value }) => match values.entry(name) {
                    Entry::Vacant(slot) => {
                        slot.insert(Some(value));
                    }
                    Entry::Occupied(mut slot) => {
                        if slot.get().as_ref() != Some(&value) {
                            slot.insert(None);
                        }
                    }
                },
                ConfigEntry::Nameless => configs.nameless += 1,
            }
        }
        for (name, value) in values {
            if let Some(value) = value {
                configs.set(&name, value.as_deref());
            }
        }
        configs
    }
}

/// `ListLinkConfigsResponseData`. The flag has two spellings.
#[derive(Deserialize, Default)]
struct ConfigData {
    name: Option<Text>,
    value: Option<Scalar>,
    is_sensitive: Option<Flag>,
    sensitive: Option<Flag>,
}

impl ConfigData {
    fn into_config(self) -> Option<ConfigEntry> {
        let Self {
            name,
            value,
            is_sensitive,
            sensitive,
        } = self;
        let is_sensitive = [is_sensitive, sensitive]
            .into_iter()
            .any(|flag| flag.is_some_and(|Flag(is_set)| is_set));
        let Some(name) = said(name) else {
            return Some(ConfigEntry::Nameless);
        };
        if is_sensitive || !LinkConfigs::KEYS.contains(&name.as_str()) {
            return None;
        }
        let value = match value {
            Some(Sent::List(_) | Sent::Object(_)) => return Some(ConfigEntry::Nameless),
            value => value.map(Sent::spelling).map(|Word(text)| text),
        };
        Some(ConfigEntry::Known(LinkConfig { name, value }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::model::{Filters, LinkMode, Period};

    fn read(data: &serde_json::Value) -> Vec<ConfigEntry> {
        let body = json!({ "data": data }).to_string();
        config_page(body.as_bytes()).unwrap().items
    }

    #[test]
    fn only_listed_settings_that_are_no_secret_are_kept_in_either_spelling_of_the_flag() {
        let configs = read(&json!([
            {"name": "link.mode", "value": "DESTINATION", "is_sensitive": false},
            {"name": "acl.filters", "value": null, "sensitive": false},
            {"name": "acl.sync.ms", "value": "1", "is_sensitive": true},
            {"name": "cluster.link.prefix", "value": "secret-", "sensitive": true},
            {"name": "sasl.jaas.config", "value": "secret", "is_sensitive": false},
            {"value": "nameless"},
        ]));
        let names: Vec<_> = configs
            .iter()
            .map(|entry| match entry {
                ConfigEntry::Known(config) => config.name.as_str(),
                ConfigEntry::Nameless => "",
            })
            .collect();
        assert_eq!(names, ["link.mode", "acl.filters", ""]);

        let expected = LinkConfigs {
            link_mode: Some(LinkMode::Destination),
            acl_filters: Some(Filters::Empty),
            nameless: 1,
            ..LinkConfigs::default()
        };
        assert_eq!(configs.into_iter().collect::<LinkConfigs>(), expected);
    }

    #[test]
    fn a_setting_that_contradicts_itself_is_not_known_whichever_value_comes_last() {
        let setting = |name: &str, value: serde_json::Value| json!({"name": name, "value": value});
        let configs: LinkConfigs = read(&json!([
            setting("acl.sync.enable", json!("true")),
            setting("acl.sync.enable", json!("false")),
            setting("acl.sync.enable", json!("true")),
            setting("cluster.link.prefix", json!("dr-")),
            setting("cluster.link.prefix", json!(null)),
            setting("cluster.link.paused", json!("false")),
            setting("cluster.link.paused", json!("false")),
        ]))
        .into_iter()
        .collect();
        let expected = LinkConfigs {
            paused: Some(false),
            ..LinkConfigs::default()
        };
        assert_eq!(configs, expected);
    }

    #[test]
    fn a_value_of_another_type_makes_only_itself_unknown() {
        let configs: LinkConfigs = read(&json!([
            {"name": "acl.sync.enable", "value": true},
            {"name": "acl.sync.ms", "value": 5000},
            {"name": "consumer.offset.sync.enable", "value": ["true"]},
            {"name": "cluster.link.prefix", "value": {}},
            {"name": "cluster.link.paused", "value": "false", "is_sensitive": "no"},
            {"name": "auto.create.mirror.topics.enable", "value": "true", "is_sensitive": false, "sensitive": 1},
            {"name": "consumer.offset.sync.ms", "value": "1", "is_sensitive": null, "sensitive": false},
            {"name": ["link.mode"], "value": "SOURCE"}, 7, null,
        ]))
        .into_iter()
        .collect();
        let expected = LinkConfigs {
            acl_sync: Some(true),
            acl_sync_interval: Some(Period(Duration::from_secs(5))),
            offset_sync_interval: Some(Period(Duration::from_millis(1))),
            nameless: 5,
            ..LinkConfigs::default()
        };
        assert_eq!(configs, expected);
    }

    #[test]
    fn a_list_without_data_is_no_answer() {
        assert!(config_page(b"{}").is_err());
        assert!(config_page(br#"{"data": null}"#).is_err());
    }
}
