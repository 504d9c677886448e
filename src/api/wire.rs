//! What Confluent sends, and how it becomes `model`. Forgiving where the API is open, strict where silence would lie.
//!
//! Absent and null mean the same everywhere. Unknown keys are ignored, unknown words are kept with their text, and a value
//! of another type makes only itself unknown. But a list without `data`, or a link without its name, is not an answer:
//! taking it for one would make every link look deleted.

mod config;
mod lenient;
mod link;
mod mirror;

use std::{collections::BTreeSet, sync::LazyLock};

use regex::{Captures, Regex};
use serde::{Deserialize, de::DeserializeOwned};

pub use config::{ConfigEntry, LinkConfig, config_page};
pub use link::{LinkPage, link, link_page, unique_links};
pub use mirror::{MirrorPage, mirror, mirror_page, transition_errors, unique_topics};

use self::lenient::{Item, Items, Text, Word};
use crate::{
    model::{ClusterId, ErrorCode, ReportedError},
    text::{excerpt, printable},
};

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
    /// `GET …/clusters` with several clusters: which of them is meant is not for us to guess.
    #[error(
        "`data` holds {count} clusters{}; write the id of the one that is meant as `cluster_id`, or an item of `clusters` for \
         each",
        among(.ids)
    )]
    Clusters {
        /// How many.
        count: usize,
        /// Their ids, as far as they have one.
        ids: Vec<ClusterId>,
    },
}

/// What stands in a text for bytes that are no UTF-8: no character that anybody writes.
pub(crate) const BROKEN: char = '\u{fdd0}';

/// Reads a body. A text in it that is no Unicode must not hide the rest: neither half of a character that UTF-16 writes in
/// two, which is what cutting a message leaves of it, nor bytes of another encoding.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(body).or_else(|error| match mended(body) {
        Some(body) => serde_json::from_str(&body),
        None => Err(error),
    })
}

/// The body with other characters for what is no Unicode; `None` where all of it is.
fn mended(body: &[u8]) -> Option<String> {
    /// What the other half does not follow. Whole characters and escaped backslashes are matched to be passed over.
    static HALVES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\\\\|\\ud[89ab]..\\ud[c-f]..|(?<half>\\ud[89a-f]..)")
            .expect("the pattern is tested")
    });
    let mut text = String::with_capacity(body.len());
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(BROKEN);
        }
    }
    let replaced = HALVES.replace_all(&text, |found: &Captures<'_>| match found.name("half") {
        Some(_) => r"\ufffd".to_owned(),
        None => found[0].to_owned(),
    });
    (replaced.as_bytes() != body).then(|| replaced.into_owned())
}

/// What was expected and where. serde would quote the value that stands there, which is foreign and of any length.
fn without_value(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => text,
    }
}

/// How many ids a message names.
const MAX_NAMED: usize = 5;

/// Some ids for a message.
fn among(ids: &[ClusterId]) -> String {
    let named = ids.iter().take(MAX_NAMED);
    let named: Vec<_> = named
        .map(|id| format!("`{}`", excerpt(&printable(id.as_str()), 64)))
        .collect();
    let more = if ids.len() > MAX_NAMED { ", …" } else { "" };
    if named.is_empty() {
        String::new()
    } else {
        format!(" ({}{more})", named.join(", "))
    }
}

/// One page of `GET …/clusters`; `None` for a cluster that has no id.
pub fn cluster_page(body: &[u8]) -> Result<Page<Option<ClusterId>>, WireError> {
    let list: List<ClusterData> = read(body)?;
    let (data, next) = list.into_page()?;
    let ids = data.into_iter();
    let ids = ids.map(|item| said(item.or_empty().cluster_id).map(ClusterId::from));
    Ok(Page {
        items: ids.collect(),
        next,
    })
}

/// The id of the one cluster that a server lists. Which of several is meant is not for us to guess, also where only one of
/// them has an id.
pub fn only_cluster(clusters: Vec<Option<ClusterId>>) -> Result<ClusterId, WireError> {
    let nameless = clusters.iter().filter(|id| id.is_none()).count();
    let ids: BTreeSet<ClusterId> = clusters.into_iter().flatten().collect();
    let count = ids.len() + nameless;
    let mut ids: Vec<_> = ids.into_iter().collect();
    match (ids.pop(), count) {
        (None, _) => Err(WireError::NoCluster),
        (Some(only), 1) => Ok(only),
        (Some(last), count) => {
            ids.push(last);
            Err(WireError::Clusters { count, ids })
        }
    }
}

/// Reads the id of the one cluster that one page of `GET …/clusters` lists.
pub fn cluster_id(body: &[u8]) -> Result<ClusterId, WireError> {
    only_cluster(cluster_page(body)?.items)
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
    let items = list.into_iter().flat_map(|list| list.items);
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
    fn bytes_of_another_encoding_hide_nothing_beside_them() {
        let body = b"\xef\xbb\xbf{\"link_name\": \"dr\", \"link_error\": \"X\", \"link_error_message\": \"caf\xe9\",
            \"tasks\": [{\"task_name\": \"A\xff\", \"state\": \"IN_ERROR\"}]}";
        let link = link(body, &"dr".into()).unwrap();
        assert_eq!(link.link_error.unwrap().to_string(), "X: caf\u{fffd}");
        let task = &link.tasks.unwrap()[0];
        assert_eq!(
            (task.task_name.as_str(), task.state.raw()),
            ("", "IN_ERROR")
        );
        let page = link_page(b"{\"data\": [{\"link_name\": \"d\xff\"}, {\"link_name\": \"dr\"}]}")
            .unwrap();
        assert_eq!((page.links.len(), page.nameless), (1, 1));
        assert!(cluster_id(b"\xff{}").is_err());
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
            cluster_id(br#"{"data": [{"cluster_id": "b"}, {"cluster_id": "a"}]}"#).unwrap_err(),
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
                "`data` holds 2 clusters (`a`, `b`); write the id of the one that is meant as `cluster_id`, or an item of \
                 `clusters` for each",
            ]
        );
    }
}
