//! Words of the API that are in none of our tables, and items that have no name: counted each time, logged once, never
//! the end of a poll.

use std::sync::Arc;

use crate::{
    catalogue,
    model::{
        ClusterName, Detail, ErrorCode, Event, Field, Item, Link, LinkName, LinkState, Listing,
        MirrorReport, TaskState, Vocabulary,
    },
};

/// How often each of [`Field::ALL`] held what nobody can read.
type Counts = [u64; Field::ALL.len()];

/// Collects the unheard-of words of one report.
pub(super) struct UnknownValues<'a> {
    before: &'a Arc<Vocabulary>,
    cluster: &'a ClusterName,
    /// Cloned from `before` when the first new word comes, which is hardly ever.
    grown: Option<Vocabulary>,
    events: Vec<Event>,
}

impl<'a> UnknownValues<'a> {
    pub(super) fn new(before: &'a Arc<Vocabulary>, cluster: &'a ClusterName) -> Self {
        Self {
            before,
            cluster,
            grown: None,
            events: Vec::new(),
        }
    }

    /// Counts what has no name and every unheard-of word of this report, in the order of [`Field::ALL`].
    pub(super) fn observe(&mut self, listing: &Listing, counts: &mut Counts) {
        self.observe_nameless(Item::Link, None, listing.nameless, counts);
        let topics = listing.without_link;
        self.observe_nameless(Item::MirrorTopicOfNoLink, None, topics, counts);
        for link in &listing.links {
            let seen = &link.link;
            let link_name = Some(&seen.link_name);
            let tasks = seen.tasks.iter().flatten();
            // Those without a name are one task.
            let tasks = tasks.filter(|task| task.task_name.as_str().is_empty());
            self.observe_nameless(Item::Task, link_name, tasks.count(), counts);
            self.observe_link(seen, counts);
            if let Detail::Read(report) = &link.mirrors {
                self.observe_nameless(Item::MirrorTopic, link_name, report.nameless, counts);
                self.observe_mirrors(report, counts);
            }
            if let Detail::Read(configs) = &link.configs {
                self.observe_nameless(Item::Setting, link_name, configs.nameless, counts);
            }
        }
    }

    fn observe_nameless(
        &mut self,
        item: Item,
        link_name: Option<&LinkName>,
        count: usize,
        counts: &mut Counts,
    ) {
        if count == 0 {
            return;
        }
        counts[Field::Item as usize] += count as u64;
        let entry = (self.cluster.clone(), item);
        if !self.vocabulary().nameless.contains(&entry) {
            self.grow().nameless.insert(entry);
            self.events.push(Event::Nameless {
                cluster_name: self.cluster.clone(),
                link_name: link_name.cloned(),
                item,
            });
        }
    }

    fn observe_link(&mut self, link: &Link, counts: &mut Counts) {
        let mut found = |unknown_values: &mut Self, field: Field, raw: &str| {
            counts[field as usize] += 1;
            unknown_values.tell(field, raw);
        };
        if let Some(raw) = link.link_state.as_ref().and_then(LinkState::unrecognized) {
            found(self, Field::LinkState, raw);
        }
        let tasks = link.tasks.iter().flatten();
        for raw in tasks.filter_map(|task| TaskState::unrecognized(&task.state)) {
            found(self, Field::TaskState, raw);
        }
        for code in link.error_codes() {
            self.observe_code(code, counts);
        }
    }

    fn observe_code(&mut self, code: &ErrorCode, counts: &mut Counts) {
        if !code.is_healthy() && !catalogue::contains(code.as_str()) {
            counts[Field::ErrorCode as usize] += 1;
            self.tell(Field::ErrorCode, code.as_str());
            self.admit(code);
        }
    }

    fn observe_mirrors(&mut self, report: &MirrorReport, counts: &mut Counts) {
        for topic in &report.topics {
            if let Some(raw) = topic.status.unrecognized() {
                counts[Field::MirrorStatus as usize] += 1;
                self.tell(Field::MirrorStatus, raw);
            }
        }
        let topics = report
            .topics
            .iter()
            .filter_map(|topic| topic.error.as_ref());
        let transitions = report
            .transition_errors
            .iter()
            .flat_map(|(_, errors)| errors);
        let codes = topics.chain(transitions.map(|error| &error.error_code));
        for code in codes {
            self.observe_code(code, counts);
        }
    }

    /// The vocabulary after the report, and what to tell.
    pub(super) fn finish(self) -> (Arc<Vocabulary>, Vec<Event>) {
        (
            self.grown.map_or_else(|| self.before.clone(), Arc::new),
            self.events,
        )
    }

    fn tell(&mut self, field: Field, raw: &str) {
        let known = self.vocabulary();
        let entry = (field, raw.to_owned());
        if known.logged.len() >= Vocabulary::MAX_LOGGED || known.logged.contains(&entry) {
            return;
        }
        self.grow().logged.insert(entry);
        let cluster_name = self.cluster.clone();
        self.events.push(Event::Unrecognized {
            cluster_name,
            field,
            raw: raw.to_owned(),
        });
    }

    /// Gives a code its own label value, as long as there are few of them.
    fn admit(&mut self, code: &ErrorCode) {
        let known = self.vocabulary();
        if code.is_well_formed()
            && known.codes.len() < Vocabulary::MAX_CODES
            && !known.codes.contains(code)
        {
            self.grow().codes.insert(code.clone());
        }
    }

    fn vocabulary(&self) -> &Vocabulary {
        self.grown.as_ref().unwrap_or(self.before)
    }

    fn grow(&mut self) -> &mut Vocabulary {
        self.grown
            .get_or_insert_with(|| Vocabulary::clone(self.before))
    }
}
