//! Mirror topics. There may be a hundred thousand partitions, so each becomes what we keep as soon as it is read.

use jiff::Timestamp;
use serde::Deserialize;

use super::{ErrorData, List, Page, WireError, reported};
use crate::model::{
    ErrorCode, LinkName, MirrorPartition, MirrorStatus, MirrorTopic, ReportedError, TopicName,
};

/// Reads a page of `GET …/links/-/mirrors` or of one link's. A topic without a name of its own or of its link is left out.
pub fn mirror_page(body: &[u8]) -> Result<Page<(LinkName, MirrorTopic)>, WireError> {
    let list: List<Mirror> = serde_json::from_slice(body)?;
    let (data, next) = list.into_page()?;
    Ok(Page {
        items: data
            .into_iter()
            .filter_map(|Mirror(mirror)| mirror)
            .collect(),
        next,
    })
}

/// Reads why the change of status of one topic does not finish
/// (`GET …/mirrors/{mirror_topic_name}?include_state_transition_errors=true`). Empty where the server names no reason.
pub fn transition_errors(body: &[u8], asked: &TopicName) -> Result<Vec<ReportedError>, WireError> {
    let data: TransitionData = serde_json::from_slice(body)?;
    if data.mirror_topic_name.as_deref() != Some(asked.as_str()) {
        return Err(WireError::NotThatTopic);
    }
    let errors = data.mirror_state_transition_errors.unwrap_or_default();
    let errors = errors.into_iter();
    Ok(errors
        .filter_map(|error| reported(error.error_code, error.error_message))
        .collect())
}

/// Topics by link and name, each once: a topic sent twice must not count twice. Of two, the worse status stands.
pub fn unique(mut topics: Vec<(LinkName, MirrorTopic)>) -> Vec<(LinkName, MirrorTopic)> {
    fn key((link, topic): &(LinkName, MirrorTopic)) -> (&LinkName, &TopicName) {
        (link, &topic.topic_name)
    }
    topics.sort_by(|a, b| {
        let worse_first = || b.1.status.health().cmp(&a.1.status.health());
        key(a).cmp(&key(b)).then_with(worse_first)
    });
    topics.dedup_by(|later, kept| key(later) == key(kept));
    topics
}

#[derive(Deserialize)]
#[serde(from = "MirrorData")]
struct Mirror(Option<(LinkName, MirrorTopic)>);

/// `ListMirrorTopicsResponseData`; everything may be absent or null.
#[derive(Deserialize)]
#[serde(expecting = "a mirror topic")]
struct MirrorData {
    link_name: Option<String>,
    mirror_topic_name: Option<String>,
    mirror_status: Option<String>,
    mirror_topic_error: Option<String>,
    state_time_ms: Option<i64>,
    mirror_lags: Option<Vec<Lag>>,
}

impl From<MirrorData> for Mirror {
    fn from(data: MirrorData) -> Self {
        let named = |name: Option<String>| name.filter(|name| !name.is_empty());
        let (link, topic) = (named(data.link_name), named(data.mirror_topic_name));
        let Some((link_name, topic_name)) = link.zip(topic) else {
            return Self(None);
        };
        let status = data.mirror_status.unwrap_or_else(|| "UNKNOWN".to_owned());
        let error = data.mirror_topic_error.unwrap_or_default();
        let since = data.state_time_ms.filter(|time| *time > 0);
        let topic = MirrorTopic {
            topic_name: topic_name.into(),
            status: MirrorStatus::parse(&status),
            error: Some(ErrorCode::from(error.as_str())).filter(|code| !code.is_healthy()),
            status_since: since.and_then(|time| Timestamp::from_millisecond(time).ok()),
            partitions: partitions(data.mirror_lags.unwrap_or_default()),
        };
        Self(Some((link_name.into(), topic)))
    }
}

/// Partitions in order, each once; of one sent twice the larger lag stands.
fn partitions(sent: Vec<Lag>) -> Vec<MirrorPartition> {
    let mut partitions: Vec<_> = sent.into_iter().filter_map(|Lag(lag)| lag).collect();
    partitions.sort_unstable_by_key(|p| (p.partition, std::cmp::Reverse(p.lag)));
    partitions.dedup_by_key(|partition| partition.partition);
    partitions.shrink_to_fit();
    partitions
}

#[derive(Deserialize)]
#[serde(from = "LagData")]
struct Lag(Option<MirrorPartition>);

/// `MirrorLag`.
#[derive(Deserialize)]
#[serde(expecting = "the lag of a partition")]
struct LagData {
    partition: Option<i32>,
    lag: Option<i64>,
    last_source_fetch_offset: Option<i64>,
}

impl From<LagData> for Lag {
    fn from(data: LagData) -> Self {
        // Below zero stands for what is not known: an offset is -1 before the first fetch.
        let known = |number: Option<i64>| u64::try_from(number?).ok();
        let (partition, lag) = (data.partition, known(data.lag));
        Self(partition.zip(lag).map(|(partition, lag)| MirrorPartition {
            partition,
            lag,
            fetched: known(data.last_source_fetch_offset),
        }))
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a mirror topic")]
struct TransitionData {
    mirror_topic_name: Option<String>,
    mirror_state_transition_errors: Option<Vec<ErrorData>>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(data: &Value) -> Vec<(LinkName, MirrorTopic)> {
        let body = json!({ "data": data }).to_string();
        unique(mirror_page(body.as_bytes()).unwrap().items)
    }

    fn partition(partition: i32, lag: u64, fetched: Option<u64>) -> MirrorPartition {
        MirrorPartition {
            partition,
            lag,
            fetched,
        }
    }

    #[test]
    fn a_topic_is_read_with_its_partitions_in_order_and_healthy_sentinels_are_no_error() {
        let topics = read(&json!([{
            "kind": "KafkaMirrorData", "link_name": "dr", "mirror_topic_name": "orders", "source_topic_name": "orders",
            "num_partitions": 3, "mirror_status": "ACTIVE", "mirror_topic_error": "NO_ERROR",
            "state_time_ms": 1_702_536_103_993_i64, "mirror_lags": [
                {"partition": 2, "lag": 7, "last_source_fetch_offset": 90},
                {"partition": 0, "lag": 0, "last_source_fetch_offset": -1},
                {"partition": 1, "lag": -1, "last_source_fetch_offset": 5},
                {"partition": 2, "lag": 9, "last_source_fetch_offset": 88},
                {"partition": 3, "lag": null}, {},
            ],
        }]));
        let expected = MirrorTopic {
            topic_name: "orders".into(),
            status: MirrorStatus::Active,
            error: None,
            status_since: Some("2023-12-14T06:41:43.993Z".parse().unwrap()),
            partitions: vec![partition(0, 0, None), partition(2, 9, Some(88))],
        };
        assert_eq!(topics, [("dr".into(), expected)]);
    }

    #[test]
    fn what_is_absent_or_null_is_not_known() {
        let topics = read(&json!([
            {"link_name": "dr", "mirror_topic_name": "a"},
            {"link_name": "dr", "mirror_topic_name": "b", "mirror_status": null, "mirror_topic_error": null,
             "state_time_ms": null, "mirror_lags": null, "mirror_state_transition_errors": null, "unheard_of": [1]},
            {"link_name": "", "mirror_topic_name": "nameless link"}, {"mirror_topic_name": "no link"},
            {"link_name": "dr"}, {},
        ]));
        let unknown = |name: &str| MirrorTopic {
            topic_name: name.into(),
            status: MirrorStatus::Unknown,
            error: None,
            status_since: None,
            partitions: Vec::new(),
        };
        assert_eq!(
            topics,
            [("dr".into(), unknown("a")), ("dr".into(), unknown("b"))]
        );
    }

    #[test]
    fn a_topic_sent_twice_is_one_topic_in_the_worse_status() {
        let topic = |link: &str, status: &str| json!({"link_name": link, "mirror_topic_name": "orders", "mirror_status": status});
        let topics = read(&json!([
            topic("b", "ACTIVE"),
            topic("a", "ACTIVE"),
            topic("a", "FAILED"),
        ]));
        let shown: Vec<_> = topics
            .iter()
            .map(|(link, topic)| format!("{link} {}", topic.status))
            .collect();
        assert_eq!(shown, ["a FAILED", "b ACTIVE"]);
    }

    #[test]
    fn the_errors_of_a_transition_may_be_null_and_belong_to_the_topic_that_was_asked_for() {
        let read = |body: Value| transition_errors(body.to_string().as_bytes(), &"orders".into());
        let named = |errors: Value| json!({"mirror_topic_name": "orders", "mirror_state_transition_errors": errors});
        let error =
            json!({"error_code": "CONSUMER_GROUP_IN_USE_ERROR", "error_message": "Group billing"});
        let shown =
            |errors: Vec<ReportedError>| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            shown(read(named(json!([error, {"error_code": "NO_ERROR"}]))).unwrap()),
            ["CONSUMER_GROUP_IN_USE_ERROR: Group billing"]
        );
        assert_eq!(read(named(Value::Null)).unwrap(), []);
        assert!(read(json!({"mirror_topic_name": "sales"})).is_err());
    }
}
