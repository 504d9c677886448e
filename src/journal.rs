//! Writes what happened into the log: one line per change of state, one per failed poll, nothing when all is well.

mod history;
mod names;
mod transitions;

pub use history::{changes, restore};
pub use transitions::{Entry, KeptError, Transitions};

use crate::model::{
    ClusterName, Endpoint, Event, Failure, Field, HangingTopic, Item, LinkName, ReportedError,
    Subject, Transition,
};

/// Names and messages of the API are free text of any length; a log line holds this many bytes of each.
const MAX_TEXT: usize = 300;

/// Writes one event as one line.
pub fn write(event: &Event) {
    match event {
        Event::Transition(transition) => write_transition(transition),
        Event::Unrecognized {
            cluster_name,
            field,
            raw,
        } => write_unrecognized(cluster_name, *field, raw),
        Event::Nameless {
            cluster_name,
            link_name,
            item,
        } => write_nameless(cluster_name, link_name.as_ref(), *item),
        Event::PollFailed {
            cluster_name,
            failure,
        } => write_poll_failed(cluster_name, failure),
        Event::PollRecovered { cluster_name } => tracing::info!(%cluster_name, "poll works again"),
        Event::DetailFailed {
            cluster_name,
            endpoint,
            failure,
        } => write_detail_failed(cluster_name, *endpoint, failure),
        Event::DetailRecovered {
            cluster_name,
            endpoint,
        } => tracing::info!(%cluster_name, endpoint = endpoint.label(), "this can be read again"),
        Event::NotUnderstood {
            cluster_name,
            endpoint,
            link_name,
        } => write_not_understood(cluster_name, *endpoint, link_name),
        Event::Understood {
            cluster_name,
            endpoint,
        } => write_understood(cluster_name, *endpoint),
        Event::TransitionHangs {
            cluster_name,
            link_name,
            topic,
        } => write_hanging(cluster_name.as_str(), link_name, topic),
        Event::LinkGone {
            cluster_name,
            link_name,
            may_be_unwanted,
            ..
        } => write_link_gone(cluster_name, link_name, *may_be_unwanted),
    }
}

fn write_unrecognized(cluster_name: &ClusterName, field: Field, raw: &str) {
    tracing::warn!(
        %cluster_name,
        field = field.label(),
        value = bounded(raw),
        "the API sent a value this version does not know; it counts as UNKNOWN, or as its own error code"
    );
}

fn write_nameless(cluster_name: &ClusterName, link_name: Option<&LinkName>, item: Item) {
    tracing::warn!(
        %cluster_name,
        link_name = link_name.map(|name| bounded(name.as_str())),
        item = item.in_words(),
        "the API sent an item without its name, or in a form that its documentation does not have: what it is about is not known; further ones are only counted"
    );
}

fn write_poll_failed(cluster_name: &ClusterName, failure: &Failure) {
    tracing::error!(
        %cluster_name,
        reason = failure.reason.label(),
        error = failure.message,
        "poll failed"
    );
}

fn write_detail_failed(cluster_name: &ClusterName, endpoint: Endpoint, failure: &Failure) {
    tracing::warn!(
        %cluster_name,
        endpoint = endpoint.label(),
        reason = failure.reason.label(),
        error = failure.message,
        "links and tasks are polled, but not everything else"
    );
}

fn write_not_understood(cluster_name: &ClusterName, endpoint: Endpoint, link_name: &LinkName) {
    tracing::warn!(
        %cluster_name,
        endpoint = endpoint.label(),
        link_name = bounded(link_name.as_str()),
        missing = missing(endpoint),
        "an answer was not understood whole: what rests on the rest of it is not known"
    );
}

fn write_understood(cluster_name: &ClusterName, endpoint: Endpoint) {
    tracing::info!(%cluster_name, endpoint = endpoint.label(), "answers are understood whole again");
}

fn write_link_gone(cluster_name: &ClusterName, link_name: &LinkName, may_be_unwanted: bool) {
    let link_name = bounded(link_name.as_str());
    if may_be_unwanted {
        tracing::info!(%cluster_name, link_name, "link is no longer listed, or no longer asked for");
    } else {
        tracing::info!(%cluster_name, link_name, "link is no longer listed");
    }
}

/// What an answer of this endpoint may lack, for a person.
fn missing(endpoint: Endpoint) -> Option<&'static str> {
    match endpoint {
        Endpoint::Configs => Some("the name of a setting, or all settings that this version knows"),
        Endpoint::Mirrors => Some(
            "a topic's name, a status that this version knows, or the lag of all its partitions",
        ),
        _ => None,
    }
}

/// Two levels and three kinds of subject make one line with the same keys in the same order.
fn write_transition(transition: &Transition) {
    let Transition {
        subject,
        from,
        to,
        health,
        errors,
        from_since,
        since,
        ..
    } = transition;
    let Subject {
        cluster_name,
        link_name,
        task_name,
    } = subject;
    let link_name = bounded(link_name.as_str());
    let task_name = task_name.as_ref().map(|name| bounded(name.as_str()));
    let from = from.as_deref().map(bounded);
    let to = bounded(to);
    let error_codes = joined(errors, |error| error.error_code.as_str());
    let error_messages = joined(errors, |error| &error.error_message);
    let from_since = from_since.map(|since| since.strftime("%FT%TZ").to_string());
    let since = since.strftime("%FT%TZ").to_string();
    let what = match (task_name.is_some(), from.is_some()) {
        (true, true) => "task changed its state",
        (true, false) => "task was first seen in this state",
        (false, true) => "link changed its state",
        (false, false) => "link was first seen in this state",
    };
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(%cluster_name, link_name, task_name, from, to, error_codes, error_messages,
                from_since, since, "{what}")
        };
    }
    if health.needs_attention() {
        line!(warn);
    } else {
        line!(info);
    }
}

fn write_hanging(cluster_name: &str, link_name: &LinkName, topic: &HangingTopic) {
    let HangingTopic {
        topic_name,
        status,
        status_since,
        errors,
    } = topic;
    let link_name = bounded(link_name.as_str());
    let mirror_topic_name = bounded(topic_name.as_str());
    let mirror_status = bounded(status.raw());
    let error_codes = joined(errors, |error| error.error_code.as_str());
    let error_messages = joined(errors, |error| &error.error_message);
    let since = status_since.map(|since| since.strftime("%FT%TZ").to_string());
    tracing::warn!(
        cluster_name,
        link_name,
        mirror_topic_name,
        mirror_status,
        error_codes,
        error_messages,
        since,
        "a change of the mirror topic's status does not finish"
    );
}

fn joined(errors: &[ReportedError], part: impl Fn(&ReportedError) -> &str) -> Option<String> {
    let parts: Vec<_> = errors
        .iter()
        .map(part)
        .filter(|part| !part.is_empty())
        .collect();
    (!parts.is_empty()).then(|| bounded(&parts.join("; ")))
}

/// The start of a foreign text. The line's format keeps it on one line.
fn bounded(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let start = &text[..text.floor_char_boundary(MAX_TEXT)];
    format!("{start}…")
}
