//! The settings of a link. What is not on our list, and what the server calls sensitive, goes no further than here.

use std::collections::{BTreeMap, btree_map::Entry};

use serde::Deserialize;

use super::{List, Page, WireError};
use crate::model::LinkConfigs;

/// Reads a page of `GET …/links/{link_name}/configs`; what of it is kept is for [`LinkConfigs::set`] to say.
pub fn config_page(body: &[u8]) -> Result<Page<ConfigEntry>, WireError> {
    let list: List<ConfigData> = serde_json::from_slice(body)?;
    let (data, next) = list.into_page()?;
    let items = data.into_iter().filter_map(ConfigData::into_config);
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
    /// An entry without a name: it may be any of them.
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
#[derive(Deserialize)]
#[serde(expecting = "a setting")]
struct ConfigData {
    name: Option<String>,
    value: Option<String>,
    is_sensitive: Option<bool>,
    sensitive: Option<bool>,
}

impl ConfigData {
    fn into_config(self) -> Option<ConfigEntry> {
        let Self {
            name,
            value,
            is_sensitive,
            sensitive,
        } = self;
        let is_sensitive = is_sensitive.or(sensitive).unwrap_or(false);
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Some(ConfigEntry::Nameless);
        };
        let is_kept = LinkConfigs::KEYS.contains(&name.as_str()) && !is_sensitive;
        is_kept.then_some(ConfigEntry::Known(LinkConfig { name, value }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Filters, LinkMode};

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
    fn a_list_without_data_is_no_answer() {
        assert!(config_page(b"{}").is_err());
        assert!(config_page(br#"{"data": null}"#).is_err());
    }
}
