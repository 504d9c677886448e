//! Words of the API that are in none of our tables: counted at every sight, told once, never the end of a poll.

use std::sync::Arc;

use crate::{
    catalogue,
    model::{
        ClusterName, ErrorCode, Event, Field, Link, LinkState, MirrorReport, TaskState, Vocabulary,
    },
};

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

    /// Counts every unheard-of word of this link, in the order of [`Field::ALL`].
    pub(super) fn observe(&mut self, link: &Link, counts: &mut [u64; Field::ALL.len()]) {
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

    fn observe_code(&mut self, code: &ErrorCode, counts: &mut [u64; Field::ALL.len()]) {
        if !code.is_healthy() && !catalogue::contains(code.as_str()) {
            counts[Field::ErrorCode as usize] += 1;
            self.tell(Field::ErrorCode, code.as_str());
            self.admit(code);
        }
    }

    /// Counts every unheard-of word of these mirror topics.
    pub(super) fn observe_mirrors(
        &mut self,
        report: &MirrorReport,
        counts: &mut [u64; Field::ALL.len()],
    ) {
        counts[Field::Item as usize] += report.nameless as u64;
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
