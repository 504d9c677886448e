//! The shipped example, and what the tests make of it: other receivers or addresses and shorter times, nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

/// Settings of a route that say when, not who.
const TIMES: [&str; 3] = ["group_wait", "group_interval", "repeat_interval"];
/// Where the example has secrets, and what it calls while all is well.
const SECRETS: &str = "/etc/alertmanager/secrets";
const DEAD_MAN: &str = "https://dead-man.example.com/cluster-link";

pub(crate) fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/alertmanager.example.yaml")
}

/// The example as it is shipped.
pub(crate) fn shipped() -> Value {
    parse(&text())
}

fn text() -> String {
    fs::read_to_string(path()).expect("the example can be read")
}

fn parse(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("the example is YAML")
}

/// The items of a list; none where there is no list.
pub(crate) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// The example with every receiver a webhook at `URL/NAME`, and groups that wait for `wait`.
pub(crate) fn rehearsed(url: &str, wait: &str) -> Value {
    let mut config = shipped();
    quicken(&mut config["route"], wait);
    let receivers = config["receivers"].as_array_mut().expect("it is a list");
    for receiver in receivers {
        let name = receiver["name"].as_str().expect("it has a name").to_owned();
        // What it is sent about a recovery stays as shipped.
        if let Some(send_resolved) = find(receiver, "send_resolved") {
            let webhook = json!({"url": format!("{url}/{name}"), "send_resolved": send_resolved});
            *receiver = json!({"name": name, "webhook_configs": [webhook]});
        }
    }
    assert_eq!(
        skeleton(config.clone()),
        skeleton(shipped()),
        "routes, matchers and inhibitions must be the shipped ones"
    );
    config
}

/// The example with its own receivers, whose addresses lead to `url` and whose secrets are in this folder.
pub(crate) fn redirected(url: &str, folder: &Path) -> Value {
    let secrets = [
        ("pagerduty-routing-key", "key-of-the-file\n".to_owned()),
        ("slack-webhook-url", format!("{url}/chat\n")),
        ("dead-man-token", "token-of-the-file".to_owned()),
    ];
    for (name, secret) in secrets {
        fs::write(folder.join(name), secret).expect("the folder can be written to");
    }
    let text = text()
        .replace(SECRETS, &folder.display().to_string())
        .replace(DEAD_MAN, &format!("{url}/dead-man"));
    let mut config = parse(&text);
    config["global"] = json!({"pagerduty_url": format!("{url}/pager")});
    quicken(&mut config["route"], "1s");
    config
}

/// Makes groups wait for this long, and repeats what is repeated within minutes as often.
fn quicken(route: &mut Value, wait: &str) {
    for key in TIMES {
        let hours = |value: &Value| value.as_str().is_some_and(|value| value.ends_with('h'));
        if let Some(value) = route.get_mut(key).filter(|value| !hours(value)) {
            *value = json!(wait);
        }
    }
    let below = route.get_mut("routes").and_then(Value::as_array_mut);
    for route in below.into_iter().flatten() {
        quicken(route, wait);
    }
}

/// What a rehearsal may not change: everything but times and the settings of receivers.
fn skeleton(mut config: Value) -> Value {
    fn timeless(route: &mut Value) {
        let settings = route.as_object_mut().expect("a route has settings");
        settings.retain(|key, _| !TIMES.contains(&key.as_str()));
        let below = settings.get_mut("routes").and_then(Value::as_array_mut);
        below.into_iter().flatten().for_each(timeless);
    }
    timeless(&mut config["route"]);
    for receiver in config["receivers"].as_array_mut().into_iter().flatten() {
        *receiver = receiver["name"].take();
    }
    config
}

/// The first value under this key, however deep.
fn find<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map
            .get(key)
            .or_else(|| map.values().find_map(|value| find(value, key))),
        Value::Array(list) => list.iter().find_map(|value| find(value, key)),
        _ => None,
    }
}
