//! What Confluent sends, and how it becomes `model`. Forgiving where the API is open, strict where silence would lie.
//!
//! Absent and null mean the same everywhere. Unknown keys are ignored, unknown words are kept with their text, and a value
//! of another type makes only itself unknown. But a list without `data`, or a link without its name, is not an answer:
//! taking it for one would make every link look deleted.

mod config;
mod lenient;
mod link;
mod mirror;

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::{Deserialize, de::DeserializeOwned};

pub use config::{ConfigEntry, LinkConfig, config_page};
pub use link::{LinkPage, link, link_page};
pub use mirror::{MirrorPage, mirror, mirror_page, transition_errors, unique};

use self::lenient::{Item, Items, Text, Word};
use crate::model::{ClusterId, ErrorCode, ReportedError};

/// One page of any other list.
#[derive(Debug)]
pub struct Page<T> {
    /// What stands on it.
    pub items: Vec<T>,
    /// `metadata.next`, where there is a further page.
    pub next: Option<String>,
}

/// Why a body is not what the API sends.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Not JSON, or a value of another type than the API's.
    #[error("{}", without_value(.0))]
    Json(#[from] serde_json::Error),
    /// A list without `data`.
    #[error("`data` is missing or null")]
    NoData,
    /// A list of links in which no entry has a `link_name`.
    #[error("`link_name` is missing or not a name in every entry of `data`")]
    NoNames,
    /// A list of mirror topics in which no entry has a name.
    #[error(
        "`mirror_topic_name` and `link_name` are missing or not names in every entry of `data`"
    )]
    NoTopicNames,
    /// A describe without `link_name`, or with another one.
    #[error("`link_name` is missing or not the one that was asked for")]
    NotThatLink,
    /// A mirror topic without `mirror_topic_name`, or with another one.
    #[error("`mirror_topic_name` is missing or not the one that was asked for")]
    NotThatTopic,
    /// `GET …/clusters` without a cluster.
    #[error("`data` holds no `cluster_id`")]
    NoCluster,
}

/// Reads a body. Half of a character that UTF-16 writes in two, which is what cutting a message leaves of it, must not hide
/// the rest: it is read as a replacement character.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(body).or_else(|error| match without_halves(body) {
        Some(body) => serde_json::from_str(&body),
        None => Err(error),
    })
}

/// The body with replacement characters for halves; `None` where it has none.
fn without_halves(body: &[u8]) -> Option<String> {
    /// What the other half does not follow. Whole characters and escaped backslashes are matched to be passed over.
    static HALVES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\\\\|\\ud[89ab]..\\ud[c-f]..|(?<half>\\ud[89a-f]..)")
            .expect("the pattern is tested")
    });
    let text = str::from_utf8(body).ok()?;
    let replaced = HALVES.replace_all(text, |found: &Captures<'_>| match found.name("half") {
        Some(_) => r"\ufffd".to_owned(),
        None => found[0].to_owned(),
    });
    (replaced != text).then(|| replaced.into_owned())
}

/// What was expected and where. serde would quote the value that stands there, which is foreign and of any length.
fn without_value(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => text,
    }
}

/// Reads the id of the only cluster that `GET …/clusters` of Confluent Platform lists.
pub fn cluster_id(body: &[u8]) -> Result<ClusterId, WireError> {
    let list: List<ClusterData> = read(body)?;
    let clusters = list.data.ok_or(WireError::NoData)?.into_iter();
    clusters
        .map(Item::or_empty)
        .find_map(|cluster| said(cluster.cluster_id))
        .map(ClusterId::from)
        .ok_or(WireError::NoCluster)
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `data`")]
struct List<T> {
    data: Option<Vec<Item<T>>>,
    metadata: Option<Metadata>,
}

impl<T> List<T> {
    /// Its items, and the next page where there is one.
    fn into_page(self) -> Result<(Vec<Item<T>>, Option<String>), WireError> {
        let next = self.metadata.and_then(|metadata| metadata.next);
        let data = self.data.ok_or(WireError::NoData)?;
        Ok((data, next.filter(|next| !next.is_empty())))
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an object `metadata`")]
struct Metadata {
    next: Option<String>,
}

#[derive(Deserialize, Default)]
struct ClusterData {
    cluster_id: Option<Text>,
}

/// `LinkTaskError`.
#[derive(Deserialize)]
struct ErrorData {
    error_code: Option<Word>,
    error_message: Option<Word>,
}

/// A name or an id, where one is said.
fn said(text: Option<Text>) -> Option<String> {
    text?.0.filter(|text| !text.is_empty())
}

/// The errors of a list. An entry that is no object is taken for a code, so that no error goes unseen.
fn errors(list: Option<Items<ErrorData>>) -> impl Iterator<Item = ReportedError> {
    let items = list.into_iter().flat_map(|Items(items)| items);
    items.filter_map(|item| match item {
        Item::Object(error) => reported(error.error_code, error.error_message),
        Item::Other(code) => reported(code, None),
    })
}

/// An error, unless the code is a healthy sentinel. A message that came without a code is kept for people to read.
fn reported(code: Option<Word>, message: Option<Word>) -> Option<ReportedError> {
    let text = |word: Option<Word>| word.map(|Word(text)| text).unwrap_or_default();
    let error_code = ErrorCode::from(text(code).as_str());
    let error_message = text(message);
    let is_silent = error_code.as_str().is_empty() && error_message.is_empty();
    let is_sentinel = error_code.is_healthy() && !error_code.as_str().is_empty();
    (!is_silent && !is_sentinel).then_some(ReportedError {
        error_code,
        error_message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_hides_nothing_beside_it() {
        let read = |name: &str| {
            let body = format!(r#"{{"data": [{{"cluster_id": "{name}"}}], "metadata": null}}"#);
            cluster_id(body.as_bytes()).map(|id| id.to_string())
        };
        let id = |name: &str| read(name).unwrap();
        assert_eq!(id(r"cut \ud83d"), "cut \u{fffd}");
        assert_eq!(id(r"cut \uDE00, \ud83d\ude00 \\ud83d"), r"cut �, 😀 \ud83d");
        assert_eq!(id(r"\ud83d\uD83D\ude00\u00e9"), "\u{fffd}😀é");
        assert!(read(r"\ud8").is_err());
    }

    #[test]
    fn what_is_not_an_answer_is_refused() {
        let refused = [
            link_page(b"{}").unwrap_err(),
            link_page(br#"{"data": null}"#).unwrap_err(),
            link_page(b"").unwrap_err(),
            link(b"{}", &"dr".into()).unwrap_err(),
            link(br#"{"link_name": "other"}"#, &"dr".into()).unwrap_err(),
            cluster_id(br#"{"data": []}"#).unwrap_err(),
        ]
        .map(|error| error.to_string());
        assert_eq!(
            refused,
            [
                "`data` is missing or null",
                "`data` is missing or null",
                "EOF while parsing a value at line 1 column 0",
                "`link_name` is missing or not the one that was asked for",
                "`link_name` is missing or not the one that was asked for",
                "`data` holds no `cluster_id`",
            ]
        );
    }
}
