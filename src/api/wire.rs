//! What Confluent sends, and how it becomes `model`. Forgiving where the API is open, strict where silence would lie.
//!
//! Absent and null mean the same everywhere. Unknown keys are ignored, unknown words are kept with their text. But a
//! list without `data`, or a link without its name, is not an answer: taking it for one would make every link look
//! deleted.

mod config;
mod link;
mod mirror;

use serde::Deserialize;

pub use config::{ConfigEntry, LinkConfig, config_page};
pub use link::{LinkPage, link, link_page};
pub use mirror::{MirrorPage, mirror, mirror_page, transition_errors, unique};

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
    let list: List<ClusterData> = serde_json::from_slice(body)?;
    let first = list.data.ok_or(WireError::NoData)?.into_iter().next();
    first
        .and_then(|cluster| cluster.cluster_id)
        .filter(|id| !id.is_empty())
        .map(ClusterId::from)
        .ok_or(WireError::NoCluster)
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `data`")]
struct List<T> {
    data: Option<Vec<T>>,
    metadata: Option<Metadata>,
}

impl<T> List<T> {
    /// Its items, and the next page where there is one.
    fn into_page(self) -> Result<(Vec<T>, Option<String>), WireError> {
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

#[derive(Deserialize)]
#[serde(expecting = "a cluster")]
struct ClusterData {
    cluster_id: Option<String>,
}

/// `LinkTaskError`.
#[derive(Deserialize)]
#[serde(expecting = "an error of a task")]
struct ErrorData {
    error_code: Option<String>,
    error_message: Option<String>,
}

/// An error, unless the code is a healthy sentinel. A message that came without a code is kept for people to read.
fn reported(code: Option<String>, message: Option<String>) -> Option<ReportedError> {
    let error_code = ErrorCode::from(code.unwrap_or_default().as_str());
    let error_message = message.unwrap_or_default();
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
