//! Which place in a frame belongs to which partition.

use crate::model::{MirrorPartition, MirrorTopic, TopicName};

/// Topics by name, each with its partitions in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout(pub(super) Vec<(TopicName, Vec<i32>)>);

impl Layout {
    /// That of these topics. A topic that does not tell of all its partitions keeps those that were known.
    pub(super) fn followed_by(&self, topics: &[&MirrorTopic]) -> Self {
        let mut known = self.0.iter().peekable();
        let topics = topics.iter().map(|topic| {
            let name = &topic.topic_name;
            while known.next_if(|(known, _)| known < name).is_some() {}
            let known = known.next_if(|(known, _)| known == name);
            let mut partitions: Vec<_> = topic.partitions.iter().map(|p| p.partition).collect();
            if let Some((_, known)) = known.filter(|_| !topic.is_lag_whole) {
                partitions.extend(known);
                partitions.sort_unstable();
                partitions.dedup();
            }
            (name.clone(), partitions)
        });
        Self(topics.collect())
    }

    /// The partitions of each topic.
    pub(super) fn topics(&self) -> impl Iterator<Item = &[i32]> {
        self.0.iter().map(|(_, partitions)| partitions.as_slice())
    }

    /// For each partition of `next` its place here, where it has one. Both are in order.
    pub(super) fn places(&self, next: &Self) -> Vec<Option<usize>> {
        let mut here = self.partitions().enumerate().peekable();
        let places = next.partitions().map(|partition| {
            while here.next_if(|(_, known)| *known < partition).is_some() {}
            here.next_if(|(_, known)| *known == partition)
                .map(|(place, _)| place)
        });
        places.collect()
    }

    fn partitions(&self) -> impl Iterator<Item = (&TopicName, i32)> {
        let topics = self.0.iter();
        topics.flat_map(|(name, partitions)| partitions.iter().map(move |number| (name, *number)))
    }
}

/// What the topic tells of each of these partitions, which are at least those that it tells of. Both are in order.
pub(super) fn sent<'a>(
    partitions: &'a [i32],
    topic: &'a MirrorTopic,
) -> impl Iterator<Item = Option<&'a MirrorPartition>> {
    let mut sent = topic.partitions.iter().peekable();
    partitions
        .iter()
        .map(move |number| sent.next_if(|partition| partition.partition == *number))
}
