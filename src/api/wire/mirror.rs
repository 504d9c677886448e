//! Mirror topics. There may be a hundred thousand partitions, so each becomes what we keep as soon as it is read.

#[cfg(test)]
mod tests;

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

/// Topics by link and name, each once: a topic sent twice must not count twice. Of two, the worse status stands, with either
/// error; lags that differ are not known.
pub fn unique_topics(mut topics: Vec<(LinkName, MirrorTopic)>) -> Vec<(LinkName, MirrorTopic)> {
    fn key((link, topic): &(LinkName, MirrorTopic)) -> (&LinkName, &TopicName) {
        (link, &topic.topic_name)
    }
    topics.sort_by(|a, b| {
        let worse_first = || b.1.status.health().cmp(&a.1.status.health());
        key(a).cmp(&key(b)).then_with(worse_first)
    });
    topics.dedup_by(|later, kept| {
        let is_same = key(later) == key(kept);
        if is_same {
            let (later, kept) = (&mut later.1, &mut kept.1);
            kept.is_lag_whole &= later.is_lag_whole && later.partitions == kept.partitions;
            kept.error = kept.error.take().or(later.error.take());
        }
        is_same
    });
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
