//! Which place in a frame belongs to which partition.

use crate::model::{MirrorPartition, MirrorTopic, TopicName};

/// Topics by name, each with its partitions in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout(pub(super) Vec<(TopicName, Vec<i32>)>);

impl Layout {
    /// That of these topics. A partition that was known and that its topic does not tell of stays where `stays` says so of
    /// the topic and the partition's place here.
    pub(super) fn followed_by(
        &self,
        topics: &[&MirrorTopic],
        stays: impl Fn(&MirrorTopic, usize) -> bool,
    ) -> Self {
        let mut place = 0;
        let known = self.0.iter().map(|(name, partitions)| {
            let first = place;
            place += partitions.len();
            (name, partitions.iter().copied().zip(first..))
        });
        let mut known = known.peekable();
        let topics = topics.iter().map(|topic| {
            let name = &topic.topic_name;
            while known.next_if(|(known, _)| *known < name).is_some() {}
            let known = known.next_if(|(known, _)| *known == name);
            let mut partitions: Vec<_> = topic.partitions.iter().map(|p| p.partition).collect();
            let is_told = |number: i32| partitions.binary_search(&number).is_ok();
            let known = known.into_iter().flat_map(|(_, partitions)| partitions);
            let untold = known.filter(|(number, place)| !is_told(*number) && stays(topic, *place));
            let untold: Vec<_> = untold.map(|(number, _)| number).collect();
            if !untold.is_empty() {
                partitions.extend(untold);
                partitions.sort_unstable();
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
