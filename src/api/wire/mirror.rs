//! Mirror topics. There may be a hundred thousand partitions, so each becomes what we keep as soon as it is read.

use jiff::Timestamp;
use serde::Deserialize;

use super::{
    ErrorData, List, WireError, errors,
    lenient::{Items, Number, Text, Word},
    read, said,
};
use crate::model::{
    ErrorCode, LinkName, MirrorPartition, MirrorStatus, MirrorTopic, ReportedError, TopicName,
};

/// Mirror topics as they were sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MirrorPage {
    /// The topics that have a name, each with its link.
    pub topics: Vec<(LinkName, MirrorTopic)>,
    /// The links of topics that were sent without a name.
    pub nameless: Vec<LinkName>,
    /// How many topics were sent without a link: they may be of any.
    pub without_link: usize,
    /// `metadata.next`, where there is a further page.
    pub next: Option<String>,
}

/// Reads a page of `GET …/links/-/mirrors` or, where a link was asked for, of that link's: what does not say of which link
/// it is is then of that one.
pub fn mirror_page(body: &[u8], asked: Option<&LinkName>) -> Result<MirrorPage, WireError> {
    let list: List<Mirror> = read(body)?;
    let (data, next) = list.into_page()?;
    let mut page = MirrorPage {
        next,
        ..MirrorPage::default()
    };
    let mut is_none_named = !data.is_empty();
    for item in data {
        let Mirror { link, topic } = item.or_empty();
        is_none_named &= link.is_none() && topic.is_none();
        match (link.or_else(|| asked.cloned()), topic) {
            (Some(link), Some(topic)) => page.topics.push((link, topic)),
            (Some(link), None) => page.nameless.push(link),
            (None, _) => page.without_link += 1,
        }
    }
    if is_none_named {
        return Err(WireError::NoTopicNames);
    }
    Ok(page)
}

/// Reads `GET …/mirrors/{mirror_topic_name}`, the answer about the topic that was asked for.
pub fn mirror(body: &[u8], asked: &TopicName) -> Result<MirrorTopic, WireError> {
    let Mirror { topic, .. } = read(body)?;
    topic
        .filter(|topic| topic.topic_name == *asked)
        .ok_or(WireError::NotThatTopic)
}

/// Reads why the change of status of one topic does not finish
/// (`GET …/mirrors/{mirror_topic_name}?include_state_transition_errors=true`). Empty where the server names no reason.
pub fn transition_errors(body: &[u8], asked: &TopicName) -> Result<Vec<ReportedError>, WireError> {
    let data: TransitionData = read(body)?;
    if said(data.mirror_topic_name).as_deref() != Some(asked.as_str()) {
        return Err(WireError::NotThatTopic);
    }
    Ok(errors(data.mirror_state_transition_errors).collect())
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

#[derive(Deserialize, Default)]
#[serde(from = "MirrorData")]
struct Mirror {
    link: Option<LinkName>,
    /// `None` where it has no name.
    topic: Option<MirrorTopic>,
}

/// `ListMirrorTopicsResponseData`; everything may be absent or null.
#[derive(Deserialize)]
#[serde(expecting = "a mirror topic")]
struct MirrorData {
    link_name: Option<Text>,
    mirror_topic_name: Option<Text>,
    num_partitions: Option<Number>,
    mirror_status: Option<Word>,
    mirror_topic_error: Option<Word>,
    state_time_ms: Option<Number>,
    mirror_lags: Option<Items<Lag>>,
}

impl From<MirrorData> for Mirror {
    fn from(data: MirrorData) -> Self {
        let link = said(data.link_name).map(LinkName::from);
        let Some(topic_name) = said(data.mirror_topic_name) else {
            return Self { link, topic: None };
        };
        // That it is not said is told apart from the word `UNKNOWN`.
        let text = |word: Option<Word>| word.map(|Word(text)| text).unwrap_or_default();
        let status = text(data.mirror_status);
        let error = text(data.mirror_topic_error);
        let since = data.state_time_ms.map(|Number(time)| time);
        let since = since.filter(|time| *time > 0);
        let count = data.num_partitions.map(|Number(count)| count);
        let lags = data.mirror_lags.into_iter();
        let sent: Vec<Lag> = lags.flat_map(Items::objects).collect();
        let partitions = partitions(&sent);
        let topic = MirrorTopic {
            topic_name: topic_name.into(),
            status: MirrorStatus::parse(&status),
            error: Some(ErrorCode::from(error.as_str())).filter(|code| !code.is_healthy()),
            status_since: since.and_then(|time| Timestamp::from_millisecond(time).ok()),
            is_lag_whole: is_whole(count, &sent, &partitions),
            is_counted: count.is_some(),
            partitions,
        };
        Self {
            link,
            topic: Some(topic),
        }
    }
}

/// Whether these are all partitions: each number from 0 on, once and with its lag, and as many as the server says that
/// there are. Where it does not say that, whatever it names is all; that is at least one, as every topic has.
fn is_whole(count: Option<i64>, sent: &[Lag], partitions: &[MirrorPartition]) -> bool {
    let is_each_once = sent.len() == partitions.len();
    let numbers = partitions.iter().map(|partition| partition.partition);
    let is_count = |count| usize::try_from(count).is_ok_and(|count| count == partitions.len());
    !sent.is_empty()
        && is_each_once
        && numbers.eq((0..).take(sent.len()))
        && count.is_none_or(is_count)
}

/// Partitions in order, each once; of one sent twice the larger lag stands.
fn partitions(sent: &[Lag]) -> Vec<MirrorPartition> {
    let mut partitions: Vec<_> = sent.iter().filter_map(|Lag(lag)| *lag).collect();
    partitions.sort_unstable_by_key(|p| (p.partition, std::cmp::Reverse(p.lag)));
    partitions.dedup_by_key(|partition| partition.partition);
    partitions.shrink_to_fit();
    partitions
}

#[derive(Deserialize, Default)]
#[serde(from = "LagData")]
struct Lag(Option<MirrorPartition>);

/// `MirrorLag`.
#[derive(Deserialize)]
#[serde(expecting = "the lag of a partition")]
struct LagData {
    partition: Option<Number>,
    lag: Option<Number>,
    last_source_fetch_offset: Option<Number>,
}

impl From<LagData> for Lag {
    fn from(data: LagData) -> Self {
        // Below zero stands for what is not known: an offset is -1 before the first fetch.
        let known = |number: Option<Number>| u64::try_from(number?.0).ok();
        let partition = known(data.partition).and_then(|number| i32::try_from(number).ok());
        let lag = known(data.lag);
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
    mirror_topic_name: Option<Text>,
    mirror_state_transition_errors: Option<Items<ErrorData>>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(data: &Value) -> Vec<(LinkName, MirrorTopic)> {
        let body = json!({ "data": data }).to_string();
        unique(mirror_page(body.as_bytes(), None).unwrap().topics)
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
            is_lag_whole: false,
            is_counted: true,
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
            status: MirrorStatus::Unrecognized("".into()),
            error: None,
            status_since: None,
            partitions: Vec::new(),
            is_lag_whole: false,
            is_counted: false,
        };
        assert_eq!(
            topics,
            [("dr".into(), unknown("a")), ("dr".into(), unknown("b"))]
        );
    }

    #[test]
    fn a_value_of_another_type_makes_only_itself_unknown() {
        let body = json!({"data": [
            7, null, "a",
            {"link_name": "dr", "mirror_topic_name": 7},
            {"link_name": 7, "mirror_topic_name": "a"},
            {"link_name": "dr", "mirror_topic_name": "a", "mirror_status": 7, "mirror_topic_error": ["X"],
             "state_time_ms": "now", "num_partitions": "2", "mirror_lags": [
                {"partition": 0, "lag": 3, "last_source_fetch_offset": 0.5}, {"partition": "1", "lag": 0},
                {"partition": 4_294_967_296_i64, "lag": 0}, {"partition": 3, "lag": u64::MAX}, 7, null,
             ]},
            {"link_name": "dr", "mirror_topic_name": "b", "mirror_status": "ACTIVE", "mirror_lags": "0"},
        ]});
        let page = mirror_page(body.to_string().as_bytes(), None).unwrap();
        assert_eq!((page.nameless, page.without_link), (vec!["dr".into()], 4));
        let topic = |name: &str, status, error, partitions, is_counted| MirrorTopic {
            topic_name: name.into(),
            status,
            error,
            status_since: None,
            partitions,
            is_lag_whole: false,
            is_counted,
        };
        let expected = [
            topic(
                "a",
                MirrorStatus::Unrecognized("7".into()),
                Some("[…]".into()),
                vec![partition(0, 3, None)],
                true,
            ),
            topic("b", MirrorStatus::Active, None, Vec::new(), false),
        ];
        assert_eq!(page.topics, expected.map(|topic| ("dr".into(), topic)));
    }

    #[test]
    fn what_has_no_name_is_counted_and_the_path_names_the_link() {
        let body = json!({"data": [
            {"mirror_topic_name": "a"}, {"link_name": "", "mirror_topic_name": "b"}, {"link_name": "dr"}, {},
            {"link_name": "dr", "mirror_topic_name": "c"},
        ]});
        let body = body.to_string();
        let counted = |asked: Option<&LinkName>| {
            let page = mirror_page(body.as_bytes(), asked).unwrap();
            (page.topics.len(), page.nameless.len(), page.without_link)
        };
        assert_eq!(counted(None), (1, 1, 3));
        assert_eq!(counted(Some(&"dr".into())), (3, 2, 0));
    }

    #[test]
    fn a_lag_is_whole_where_each_of_the_partitions_has_one() {
        let lag = |partition: i32, lag: Value| json!({"partition": partition, "lag": lag});
        let is_whole = |count: Value, lags: Value| {
            let topic = json!({"link_name": "dr", "mirror_topic_name": "a", "num_partitions": count, "mirror_lags": lags});
            read(&json!([topic]))[0].1.is_lag_whole
        };
        let (zero, one) = (lag(0, json!(3)), lag(1, json!(0)));
        assert!(is_whole(json!(2), json!([zero, one])));
        assert!(is_whole(Value::Null, json!([zero])));
        assert!(is_whole(Value::Null, json!([one, zero])));
        for (count, lags) in [
            (json!(0), json!([])),
            (json!(0), json!([zero])),
            (json!(-1), json!([])),
            (json!(1), json!([zero, one])),
            (json!(1), json!([one])),
            (json!(2), json!([zero, lag(2, json!(0))])),
            (json!(2), json!([zero, lag(-1, json!(0))])),
            (json!(2), json!([zero, one, one])),
            (json!(2), json!([zero, one, lag(-1, json!(0))])),
            (Value::Null, json!([one])),
            (Value::Null, json!([zero, zero])),
            (Value::Null, json!([lag(-1, json!(0))])),
            (json!(2), json!([zero])),
            (json!(2), json!([zero, zero])),
            (json!(2), Value::Null),
            (json!(2), json!([])),
            (Value::Null, json!([])),
            (Value::Null, Value::Null),
            (json!(2), json!([zero, lag(1, Value::Null)])),
            (json!(2), json!([zero, lag(1, json!(-1))])),
            (Value::Null, json!([zero, {"lag": 3}])),
            (json!(1), json!([zero, lag(1, json!(-1))])),
        ] {
            assert!(!is_whole(count.clone(), lags.clone()), "{count} {lags}");
        }
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
