//! The ways in which an answer may not say something. Each is a change of what a cluster answers when something is wrong
//! with it; the answer stays a good one wherever it can.

use serde_json::{Value, json};

use super::world::Side;

/// A way of not saying something, and its name.
pub(crate) type Way = (&'static str, fn(&mut Side));

fn clear(value: &mut Value, key: &str) {
    value.as_object_mut().expect("an object").remove(key);
}

fn error(status: u16) -> (u16, Value) {
    (status, json!({"error_code": status, "message": "no"}))
}

/// Whatever is not known of the link as a whole.
pub(crate) const LINK: &[Way] = &[
    ("the list fails", |side| side.list = error(500)),
    ("the list has no data", |side| {
        side.list = (200, json!({"data": null}));
    }),
    ("the describe fails", |side| side.link = error(500)),
    ("the describe is another link's", |side| {
        side.link.1["link_name"] = json!("other");
    }),
    ("listed, and 404 by name", |side| {
        side.link = error(404);
        side.list = (200, json!({"data": [{"link_name": "orders"}]}));
    }),
    ("forgotten by the list, and silent by name", |side| {
        side.list = (200, json!({"data": []}));
        side.link = (
            200,
            json!({"link_name": "orders", "cluster_link_id": "id-1"}),
        );
    }),
    ("forgotten by the list, and failing by name", |side| {
        side.list = (200, json!({"data": []}));
        side.link = error(503);
    }),
    ("nothing but a name", |side| {
        side.link = (200, json!({"link_name": "orders"}));
        side.list = (200, json!({"data": [{"link_name": "orders"}]}));
    }),
];

/// The state of the link.
pub(crate) const LINK_STATE: &[Way] = &[
    ("null", |side| link_state(side, Some(&Value::Null))),
    ("absent", |side| link_state(side, None)),
    ("UNKNOWN", |side| link_state(side, Some(&json!("UNKNOWN")))),
    ("unheard of", |side| {
        link_state(side, Some(&json!("DREAMING")));
    }),
    ("empty", |side| link_state(side, Some(&json!("")))),
    ("a number", |side| link_state(side, Some(&json!(7)))),
    ("an object", |side| {
        link_state(side, Some(&json!({"state": "ACTIVE"})));
    }),
    ("null, and no id", |side| {
        link_state(side, Some(&Value::Null));
        side.link.1["cluster_link_id"] = Value::Null;
        side.list.1["data"][0]["cluster_link_id"] = Value::Null;
    }),
];

fn link_state(side: &mut Side, state: Option<&Value>) {
    for link in [&mut side.link.1, &mut side.list.1["data"][0]] {
        match state {
            Some(state) => link["link_state"] = state.clone(),
            None => clear(link, "link_state"),
        }
    }
}

/// The tasks of the link, as a list.
pub(crate) const TASKS: &[Way] = &[
    ("null", |side| side.link.1["tasks"] = Value::Null),
    ("absent", |side| clear(&mut side.link.1, "tasks")),
    ("empty", |side| side.link.1["tasks"] = json!([])),
    ("a word", |side| side.link.1["tasks"] = json!("ACTIVE")),
    ("an object", |side| {
        side.link.1["tasks"] = json!({"AclSync": "ACTIVE"});
    }),
    ("of words", |side| {
        side.link.1["tasks"] = json!(["ACTIVE", null, 7, []]);
    }),
    ("null, and no id", |side| {
        side.link.1["tasks"] = Value::Null;
        side.link.1["cluster_link_id"] = Value::Null;
        side.list.1["data"][0]["cluster_link_id"] = Value::Null;
    }),
];

/// Each task for itself.
pub(crate) const TASK: &[Way] = &[
    ("not named", |side| {
        let named = json!([{"task_name": "SchemaSync", "state": "ACTIVE"}]);
        side.link.1["tasks"] = named;
    }),
    ("without its name", |side| {
        tasks(side, |task| {
            clear(task, "task_name");
            task["state"] = json!("ACTIVE");
        });
    }),
    ("null", |side| {
        tasks(side, |task| task["state"] = Value::Null);
    }),
    ("absent", |side| tasks(side, |task| clear(task, "state"))),
    ("UNKNOWN", |side| {
        tasks(side, |task| task["state"] = json!("UNKNOWN"));
    }),
    ("unheard of", |side| {
        tasks(side, |task| task["state"] = json!("DREAMING"));
    }),
    ("empty", |side| {
        tasks(side, |task| task["state"] = json!(""));
    }),
    ("a flag", |side| {
        tasks(side, |task| task["state"] = json!(true));
    }),
    ("a list", |side| {
        tasks(side, |task| task["state"] = json!(["ACTIVE"]));
    }),
    ("with a number for its name", |side| {
        tasks(side, |task| {
            task["task_name"] = json!(1);
            task["state"] = json!("ACTIVE");
        });
    }),
];

fn tasks(side: &mut Side, change: fn(&mut Value)) {
    let tasks = side.link.1["tasks"].as_array_mut().expect("a list");
    tasks.iter_mut().for_each(change);
}

/// The mirror topics, as a list.
pub(crate) const MIRRORS: &[Way] = &[
    ("refused", |side| mirrors(side, error(403))),
    ("failing", |side| mirrors(side, error(500))),
    ("not supported", |side| mirrors(side, error(404))),
    ("without data", |side| {
        mirrors(side, (200, json!({"data": null})));
    }),
    ("the topic is not named, and asking by name fails", |side| {
        unnamed(side);
        side.topics.insert("a".to_owned(), error(500));
    }),
    ("the topic is not named, and answers by name", |side| {
        let topics = side.topics.clone();
        unnamed(side);
        side.topics = topics;
    }),
];

fn mirrors(side: &mut Side, answer: (u16, Value)) {
    side.own_mirrors = answer.clone();
    side.mirrors = answer;
}

fn unnamed(side: &mut Side) {
    for answer in [&mut side.mirrors, &mut side.own_mirrors] {
        let topics = answer.1["data"].as_array_mut().expect("a list");
        topics.retain(|topic| topic["mirror_topic_name"] != "a");
    }
}

/// The status of a topic.
pub(crate) const STATUS: &[Way] = &[
    ("null", |side| {
        topics(side, |topic| topic["mirror_status"] = Value::Null);
    }),
    ("absent", |side| {
        topics(side, |topic| clear(topic, "mirror_status"));
    }),
    ("empty", |side| {
        topics(side, |topic| topic["mirror_status"] = json!(""));
    }),
    ("UNKNOWN", |side| {
        topics(side, |topic| topic["mirror_status"] = json!("UNKNOWN"));
    }),
    ("a number", |side| {
        topics(side, |topic| topic["mirror_status"] = json!(1));
    }),
    ("a list", |side| {
        topics(side, |topic| topic["mirror_status"] = json!(["ACTIVE"]));
    }),
    ("with a number for the topic's name", |side| {
        topics(side, |topic| topic["mirror_topic_name"] = json!(1));
    }),
    ("of topics that are words", |side| {
        mirrors(side, (200, json!({"data": ["a", 7, null, []]})));
        side.topics.clear();
    }),
    ("unheard of", |side| {
        topics(side, |topic| topic["mirror_status"] = json!("DREAMING"));
    }),
    ("without the topic's name", |side| {
        topics(side, |topic| clear(topic, "mirror_topic_name"));
    }),
    ("with an empty name", |side| {
        topics(side, |topic| topic["mirror_topic_name"] = json!(""));
    }),
    ("without the link's name, and status", |side| {
        topics(side, |topic| {
            clear(topic, "link_name");
            clear(topic, "mirror_status");
        });
    }),
    (
        "without the link's name, and link by link refused",
        |side| {
            topics(side, |topic| clear(topic, "link_name"));
            side.own_mirrors = error(403);
        },
    ),
    ("as of another link", |side| {
        side.mirrors = error(404);
        for topic in side.own_mirrors.1["data"].as_array_mut().expect("a list") {
            topic["link_name"] = json!("other");
        }
    }),
];

fn topics(side: &mut Side, change: fn(&mut Value)) {
    for answer in [&mut side.mirrors, &mut side.own_mirrors] {
        let topics = answer.1["data"].as_array_mut().expect("a list");
        topics.iter_mut().for_each(change);
    }
    side.topics
        .values_mut()
        .for_each(|(_, topic)| change(topic));
}

/// How far a topic lags.
pub(crate) const LAG: &[Way] = &[
    ("null", |side| {
        topics(side, |topic| topic["mirror_lags"] = Value::Null);
    }),
    ("absent", |side| {
        topics(side, |topic| clear(topic, "mirror_lags"));
    }),
    ("empty", |side| {
        topics(side, |topic| topic["mirror_lags"] = json!([]));
    }),
    ("empty, and no number of partitions", |side| {
        topics(side, |topic| {
            topic["mirror_lags"] = json!([]);
            clear(topic, "num_partitions");
        });
    }),
    ("a partition is missing", |side| {
        topics(side, |topic| {
            topic["mirror_lags"]
                .as_array_mut()
                .expect("a list")
                .remove(0);
        });
    }),
    ("a word", |side| {
        topics(side, |topic| topic["mirror_lags"] = json!("0"));
    }),
    ("a number of partitions that is none", |side| {
        topics(side, |topic| topic["num_partitions"] = json!("one"));
    }),
    ("a lag is a number and no object", |side| {
        lags(side, |lag| *lag = json!(0));
    }),
    ("a lag is half a message", |side| {
        lags(side, |lag| lag["lag"] = json!(0.5));
    }),
    ("a lag is a word", |side| {
        lags(side, |lag| lag["lag"] = json!("0"));
    }),
    ("a lag is null", |side| {
        lags(side, |lag| lag["lag"] = Value::Null);
    }),
    ("a lag is absent", |side| {
        lags(side, |lag| clear(lag, "lag"));
    }),
    ("a lag is below zero", |side| {
        lags(side, |lag| lag["lag"] = json!(-1));
    }),
    ("a lag has no partition", |side| {
        lags(side, |lag| clear(lag, "partition"));
    }),
];

fn lags(side: &mut Side, change: fn(&mut Value)) {
    for answer in [&mut side.mirrors, &mut side.own_mirrors] {
        change(&mut answer.1["data"][0]["mirror_lags"][0]);
    }
    let topic = side.topics.get_mut("a").expect("it is there");
    change(&mut topic.1["mirror_lags"][0]);
}

/// The settings of the link.
pub(crate) const SETTINGS: &[Way] = &[
    ("refused", |side| side.configs = error(403)),
    ("failing", |side| side.configs = error(500)),
    ("not supported", |side| side.configs = error(404)),
    ("without data", |side| {
        side.configs = (200, json!({"data": null}));
    }),
    ("empty", |side| side.configs = (200, json!({"data": []}))),
    ("nameless", |side| {
        settings(side, |entry| clear(entry, "name"));
    }),
    ("of words", |side| {
        side.configs = (200, json!({"data": ["acl.sync.enable=true", 7, null]}));
    }),
    ("with numbers for names", |side| {
        settings(side, |entry| entry["name"] = json!(7));
    }),
    ("with lists for values", |side| {
        settings(side, |entry| entry["value"] = json!(["true"]));
    }),
    ("with a word for the flag of secrets", |side| {
        settings(side, |entry| entry["is_sensitive"] = json!("no"));
    }),
    ("with null for names", |side| {
        settings(side, |entry| entry["name"] = Value::Null);
    }),
    ("sensitive", |side| {
        settings(side, |entry| entry["is_sensitive"] = json!(true));
    }),
    ("unreadable", |side| {
        settings(side, |entry| {
            if entry["name"] != "acl.filters" && entry["name"] != "consumer.offset.group.filters" {
                entry["value"] = json!("perhaps");
            }
        });
    }),
    ("null switches", |side| {
        settings(side, |entry| {
            if entry["name"]
                .as_str()
                .is_some_and(|name| name.ends_with("enable") || name.ends_with("mode"))
            {
                entry["value"] = Value::Null;
            }
        });
    }),
];

fn settings(side: &mut Side, change: fn(&mut Value)) {
    let entries = side.configs.1["data"].as_array_mut().expect("a list");
    entries.iter_mut().for_each(change);
}
