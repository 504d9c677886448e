//! The keys of `global` and their built-in defaults.

use figment::value::{Dict, Value};

use crate::{api, poll};

/// Those that a cluster may override.
const OVERRIDABLE: [&str; 5] = [
    "poll_interval",
    "poll_timeout",
    "request_timeout",
    "max_concurrent_requests",
    "stale_after",
];

/// The one that no cluster can override.
pub(super) const STATE_FILE: &str = "state_file";

/// All of them; a variable can override each.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    OVERRIDABLE.into_iter().chain([STATE_FILE])
}

/// The lowest layer. `poll_timeout` and `stale_after` are not in it: they follow from the interval.
pub(super) fn defaults() -> Dict {
    let duration = |duration| Value::from(humantime::format_duration(duration).to_string());
    let requests = Value::from(poll::Settings::MAX_CONCURRENT_REQUESTS);
    let global = Dict::from([
        ("poll_interval".into(), duration(poll::Settings::INTERVAL)),
        (
            "request_timeout".into(),
            duration(api::Settings::REQUEST_TIMEOUT),
        ),
        ("max_concurrent_requests".into(), requests),
    ]);
    Dict::from([("global".into(), global.into())])
}
