//! Mirror topics in trouble that a good answer does not name any more. That it does not name them ends no trouble: each is
//! asked about by its name, and only a 404 says that it is gone.

use super::{DetailError, Details, Outcomes};
use crate::{
    api::ApiError,
    model::{ByName, Detail, Endpoint, LinkName, LinkReport, MirrorStatus, MirrorTopic, TopicName},
};

/// How many topics a poll asks about.
const MOST: usize = 10;

/// What asking for a topic by its name brought.
enum Answer {
    /// It is there.
    Found(Box<MirrorTopic>),
    /// It is gone; or the server answers no such question, and its list is all that there is to know.
    Gone,
    /// Nobody knows.
    Unknown,
}

/// An answer, and what was wrong with it.
type Asked = (Answer, Option<ApiError>);

impl Details<'_> {
    /// Adds the topics that are there to what was read, and those of which nobody knows as being in no known status.
    pub(super) async fn add_vanished(
        &self,
        poll: u64,
        links: &mut [LinkReport],
        outcomes: &mut Outcomes,
    ) {
        let mut vanished = self.vanished(links);
        if vanished.is_empty() {
            return;
        }
        // Where there are more than a poll may ask about, the following polls ask about the others.
        let start = usize::try_from(poll).unwrap_or_default() * MOST % vanished.len();
        vanished.rotate_left(start);
        let rest = vanished.split_off(vanished.len().min(MOST));
        let answers = self.ask_by_names(links, vanished).await;
        // A list that is right about all that were asked is taken to be right about the others.
        let mut is_right = true;
        let mut added = Vec::new();
        for (link, topic, (answer, failure)) in answers {
            outcomes.note(Endpoint::Mirror, failure);
            match answer {
                Answer::Gone => {}
                Answer::Found(found) => {
                    is_right = false;
                    added.push((link, *found));
                }
                Answer::Unknown => {
                    is_right = false;
                    added.push((link, unknown(topic)));
                }
            }
        }
        if !is_right {
            added.extend(rest.into_iter().map(|(link, topic)| (link, unknown(topic))));
        }
        for (link, topic) in added {
            if let Detail::Read(report) = &mut links[link].mirrors {
                let place = report
                    .topics
                    .partition_point(|known| known.topic_name < topic.topic_name);
                report.topics.insert(place, topic);
            }
        }
    }

    /// Asks about each of the topics, which come with the numbers of their links.
    async fn ask_by_names(
        &self,
        links: &[LinkReport],
        topics: Vec<(usize, TopicName)>,
    ) -> Vec<(usize, TopicName, Asked)> {
        let asked = topics.into_iter().map(|(link, topic)| {
            let name = links[link].link_name().clone();
            (link, name, topic)
        });
        let asked: Vec<_> = asked.collect();
        let ask = |(link, name, topic)| async move {
            let answer = self.ask_by_name(&name, &topic).await;
            (link, topic, answer)
        };
        self.at_once(asked, ask).await
    }

    /// The topics that were in trouble and are not named, each with the number of its link.
    fn vanished(&self, links: &[LinkReport]) -> Vec<(usize, TopicName)> {
        let mut vanished = Vec::new();
        let known = self.before.map_or(&[][..], |cluster| &cluster.links);
        let mut known = ByName::of(known);
        for (index, link) in links.iter().enumerate() {
            let Detail::Read(report) = &link.mirrors else {
                continue;
            };
            let known = known.find(link.link_name());
            let known = known.filter(|kept| kept.is_same_as(&link.link));
            let troubled = known.iter().flat_map(|kept| kept.troubled_topics.iter());
            for name in troubled {
                let place = report
                    .topics
                    .binary_search_by(|topic| topic.topic_name.cmp(name));
                if place.is_err() {
                    vanished.push((index, name.clone()));
                }
            }
        }
        vanished
    }

    async fn ask_by_name(&self, link: &LinkName, topic: &TopicName) -> Asked {
        let request = || self.session.mirror(self.cluster, link, topic);
        match self.requester.ask(request).await {
            Ok(Some(found)) => (Answer::Found(Box::new(found)), None),
            Ok(None) => (Answer::Gone, None),
            Err(error) if DetailError::of(&error).is_refusal() => (Answer::Gone, Some(error)),
            Err(error) => (Answer::Unknown, Some(error)),
        }
    }
}

fn unknown(topic_name: TopicName) -> MirrorTopic {
    MirrorTopic {
        topic_name,
        status: MirrorStatus::Unknown,
        error: None,
        status_since: None,
        partitions: Vec::new(),
        is_lag_whole: false,
        is_counted: false,
    }
}
