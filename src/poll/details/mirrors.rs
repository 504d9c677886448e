//! Asks for mirror topics: all links' with one request where the server knows how, else link by link.

use std::collections::BTreeMap;

use super::{DetailError, Details, Outcomes, hanging::hanging, refusals::Way};
use crate::{
    api::{ApiError, MirrorPage},
    model::{
        Detail, Endpoint, LinkName, LinkReport, MirrorReport, MirrorTopic, ReportedError, TopicName,
    },
};

type Answers = Vec<Detail<MirrorReport>>;

/// A topic whose change of status takes too long.
struct Hanging {
    /// The number of its link.
    link: usize,
    link_name: LinkName,
    topic: TopicName,
}

impl Details<'_> {
    /// Says how many topics were sent that do not say of which link they are.
    pub(super) async fn add_mirrors(
        &self,
        poll: u64,
        links: &mut [LinkReport],
        outcomes: &mut Outcomes,
    ) -> usize {
        let way = self.history.lock().refusals.way(poll);
        let mut without_link = 0;
        let answers = match way {
            Way::Together => {
                let (answers, odd) = self.mirrors_together(poll, links, outcomes).await;
                without_link = odd;
                answers
            }
            Way::LinkByLink => None,
            Way::Silent { is_forbidden: true } => {
                Some(links.iter().map(|_| Detail::Forbidden).collect())
            }
            Way::Silent {
                is_forbidden: false,
            } => Some(links.iter().map(|_| Detail::Failed).collect()),
        };
        let answers = match answers {
            Some(answers) => answers,
            None => self.mirrors_by_link(poll, links, outcomes).await,
        };
        for (link, answer) in links.iter_mut().zip(answers) {
            link.mirrors = answer;
        }
        without_link
    }

    /// `None` where the server does not know how, or tells of topics without saying of which link they are: asked link by
    /// link, the question says it. Also how many such topics there were.
    async fn mirrors_together(
        &self,
        poll: u64,
        links: &[LinkReport],
        outcomes: &mut Outcomes,
    ) -> (Option<Answers>, usize) {
        let request = || self.session.all_mirrors(self.cluster);
        let error = match self.requester.ask(request).await {
            Ok(page) if page.without_link > 0 => {
                self.history.lock().refusals.refuse_together(poll);
                return (None, page.without_link);
            }
            Ok(page) => {
                outcomes.note(Endpoint::Mirrors, None);
                return (Some(self.by_link(links, page)), 0);
            }
            Err(error) => error,
        };
        let detail_error = DetailError::of(&error);
        match detail_error {
            DetailError::NotSupported => {
                self.history.lock().refusals.refuse_together(poll);
                return (None, 0);
            }
            DetailError::Forbidden => self.history.lock().refusals.refuse_all(poll, true),
            DetailError::Failed => {}
        }
        outcomes.note(Endpoint::Mirrors, Some(error));
        (
            Some(links.iter().map(|_| detail_error.detail()).collect()),
            0,
        )
    }

    async fn mirrors_by_link(
        &self,
        poll: u64,
        links: &[LinkReport],
        outcomes: &mut Outcomes,
    ) -> Answers {
        let names = links.iter().map(|link| link.link_name().clone());
        let names: Vec<_> = names.collect();
        let answers = self.at_once(names, |name| self.mirrors(name)).await;
        let (mut all_refused, mut all_forbidden) = (true, true);
        let read = |answer| match answer {
            Ok(report) => {
                all_refused = false;
                outcomes.note(Endpoint::Mirrors, None);
                Detail::Read(report)
            }
            Err(error) => {
                let detail_error = DetailError::of(&error);
                all_refused &= detail_error.is_refusal();
                all_forbidden &= detail_error == DetailError::Forbidden;
                outcomes.note(Endpoint::Mirrors, Some(error));
                detail_error.detail()
            }
        };
        let answers = answers.into_iter().map(read).collect();
        if all_refused {
            let mut state = self.history.lock();
            state.refusals.refuse_all(poll, all_forbidden);
        }
        answers
    }

    /// Hands each link its topics. Topics of links that are not wanted are dropped.
    fn by_link(&self, links: &[LinkReport], page: MirrorPage) -> Answers {
        let mut by_link: BTreeMap<_, (Vec<_>, usize)> = BTreeMap::new();
        for (link, topic) in page.topics {
            by_link.entry(link).or_default().0.push(topic);
        }
        for link in page.nameless {
            by_link.entry(link).or_default().1 += 1;
        }
        let of = |link: &LinkReport| by_link.remove(link.link_name()).unwrap_or_default();
        let topics = links.iter().map(of);
        topics
            .map(|(topics, nameless)| Detail::Read(self.report(topics, nameless)))
            .collect()
    }

    /// Adds why changes of status hang, to the mirrors that were read.
    pub(super) async fn add_transition_errors(
        &self,
        poll: u64,
        links: &mut [LinkReport],
        outcomes: &mut Outcomes,
    ) {
        let hanging = self.hanging(poll, links);
        if hanging.is_empty() {
            return;
        }
        let ask = |hanging| self.transition_errors(hanging);
        let answers = self.at_once(hanging, ask).await;
        let mut all_refused = true;
        for (Hanging { link, topic, .. }, answer) in answers {
            match answer {
                Ok(errors) => {
                    all_refused = false;
                    outcomes.note(Endpoint::Mirror, None);
                    if let Detail::Read(report) = &mut links[link].mirrors {
                        report.transition_errors.push((topic, errors));
                    }
                }
                Err(error) => {
                    all_refused &= DetailError::of(&error).is_refusal();
                    outcomes.note(Endpoint::Mirror, Some(error));
                }
            }
        }
        if all_refused {
            self.history.lock().refusals.refuse_why(poll);
        }
    }

    fn hanging(&self, poll: u64, links: &[LinkReport]) -> Vec<Hanging> {
        if !self.history.lock().refusals.may_ask_why(poll) {
            return Vec::new();
        }
        let mirrors = links.iter().enumerate().filter_map(|(index, link)| {
            let Detail::Read(report) = &link.mirrors else {
                return None;
            };
            Some((index, report))
        });
        let named = hanging(poll, mirrors)
            .into_iter()
            .map(|(link, topic)| Hanging {
                link,
                link_name: links[link].link_name().clone(),
                topic,
            });
        named.collect()
    }

    async fn mirrors(&self, link: LinkName) -> Result<MirrorReport, ApiError> {
        let request = || self.session.mirrors(self.cluster, &link);
        let page = self.requester.ask(request).await?;
        let of_it = |of: &LinkName| *of == link;
        let strange = page.topics.iter().filter(|(of, _)| !of_it(of)).count();
        let nameless = page.nameless.iter().filter(|of| of_it(of)).count();
        let topics = page.topics.into_iter().filter(|(of, _)| of_it(of));
        let topics = topics.map(|(_, topic)| topic).collect();
        // A link that is itself called `-` is answered with the topics of all; whose answer tells of others is not
        // understood.
        let strange = if link.as_str() == "-" { 0 } else { strange };
        Ok(self.report(topics, nameless + strange))
    }

    async fn transition_errors(
        &self,
        hanging: Hanging,
    ) -> (Hanging, Result<Vec<ReportedError>, ApiError>) {
        let (link, topic) = (&hanging.link_name, &hanging.topic);
        let request = || self.session.transition_errors(self.cluster, link, topic);
        let answer = self.requester.ask(request).await;
        (hanging, answer)
    }

    fn report(&self, topics: Vec<MirrorTopic>, nameless: usize) -> MirrorReport {
        MirrorReport {
            at: self.clock.now(),
            detail: self.settings.collect.mirrors,
            topics,
            nameless,
            transition_errors: Vec::new(),
        }
    }
}
