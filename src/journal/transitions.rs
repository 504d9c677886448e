//! The history of states: the last changes, in memory and, where there is a state file, there too, a row each.
//!
//! A row is written when the change is seen and removed when newer ones have pushed it out: what is written does not grow
//! with what is kept. Each text is cut, so that a change is [`MOST_BYTES`] at the most, however long the names and messages
//! of a server are; names and messages that come again are kept once.

use std::{collections::VecDeque, sync::Arc};

use jiff::Timestamp;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::{bounded, names::Names};
use crate::{
    model::{ClusterId, Event, LinkState, ReportedError, Transition},
    state_file::{Changes, Place, Rows, StateFile, Table, TableRow},
};

/// How many errors of a change are kept; those that are reported first.
const MOST_ERRORS: usize = 4;

/// What one change takes at the most: four names, two states, [`MOST_ERRORS`] codes and messages, each of them cut.
#[cfg(test)]
const MOST_BYTES: usize = 5 << 10;

/// A change of state that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was seen.
    pub at: Timestamp,
    /// On which cluster.
    pub cluster_name: Arc<str>,
    /// Its id at that time, where that was known.
    pub cluster_id: Option<Arc<str>>,
    /// Of which link.
    pub link_name: Arc<str>,
    /// Of which task; `None` for the link itself.
    pub task_name: Option<Arc<str>>,
    /// The state before, as the API spelled it; `None` where there was none: it is new.
    pub from: Option<Arc<str>>,
    /// The state after, as the API spelled it; `None` where there is none: it is gone.
    pub to: Option<Arc<str>>,
    /// What was reported with it.
    pub errors: Box<[KeptError]>,
}

/// An error that was reported with a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptError {
    /// The code; empty where there was none.
    pub error_code: Arc<str>,
    /// The beginning of the message.
    pub error_message: Arc<str>,
}

/// The last changes of state of all clusters, those that are not watched any more included: they happened.
#[derive(Debug)]
pub struct Transitions {
    state: Mutex<State>,
    file: Option<Arc<StateFile>>,
}

#[derive(Debug, Default)]
struct State {
    /// The oldest first, each with the number of its row.
    entries: VecDeque<(u64, Arc<Entry>)>,
    /// How many are kept.
    most: usize,
    /// The number of the next row.
    next: u64,
    names: Names,
}

/// A change in a row. A later version may add fields that have a default.
#[derive(Debug, Deserialize, Serialize)]
struct Row {
    at: Timestamp,
    cluster_name: String,
    cluster_id: Option<String>,
    link_name: String,
    task_name: Option<String>,
    from: Option<String>,
    to: Option<String>,
    errors: Vec<(String, String)>,
}

impl TableRow for Row {
    const TABLE: Table = Table::Transitions;

    fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("its keys are texts")
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

impl Transitions {
    /// The default of `global.transitions_kept`.
    pub const KEPT: usize = 10_000;

    /// Those of the rows and all that come, so many at the most; written to the file, where there is one.
    pub fn restored(most: usize, rows: &Rows, file: Option<Arc<StateFile>>) -> Self {
        let mut state = State {
            most,
            ..State::default()
        };
        let mut changes = Changes::new();
        for (key, row) in Row::all(rows) {
            let number: Option<u64> = key.1.parse().ok();
            match number.zip(row) {
                Some((number, row)) => {
                    let entry = state.entry(&row);
                    state.entries.push_back((number, entry));
                    state.next = number + 1;
                }
                None => {
                    changes.insert(key.clone(), None);
                }
            }
        }
        state.forget(&mut changes);
        if let Some(file) = &file {
            file.write(changes);
        }
        Self {
            state: Mutex::new(state),
            file,
        }
    }

    /// Keeps so many from now on.
    pub fn keep(&self, most: usize) {
        let mut changes = Changes::new();
        let mut state = self.state.lock();
        state.most = most;
        state.forget(&mut changes);
        self.write(changes);
    }

    /// Keeps what of the events of a cluster is a change of state.
    pub fn record(&self, cluster_id: Option<&ClusterId>, events: &[Event]) {
        let rows = events.iter().filter_map(|event| row(cluster_id, event));
        let mut changes = Changes::new();
        let mut state = self.state.lock();
        for row in rows {
            let number = state.next;
            state.next += 1;
            let entry = state.entry(&row);
            state.entries.push_back((number, entry));
            changes.insert(place(number), Some(row.encode()));
        }
        state.forget(&mut changes);
        // Under the lock: rows of two clusters must not overtake one another on their way to the file.
        self.write(changes);
    }

    /// Those that are asked for, the newest first, and whether there are more than so many.
    pub fn newest(
        &self,
        is_wanted: impl Fn(&Entry) -> bool,
        limit: usize,
    ) -> (Vec<Arc<Entry>>, bool) {
        // Nobody who polls waits for the search.
        let all: Vec<_> = {
            let state = self.state.lock();
            let entries = state.entries.iter().rev();
            entries.map(|(_, entry)| entry.clone()).collect()
        };
        let mut wanted = all.into_iter().filter(|entry| is_wanted(entry));
        let newest = wanted.by_ref().take(limit).collect();
        (newest, wanted.next().is_some())
    }

    /// A name as it is kept: whoever searches for one must cut it in the same way.
    pub fn kept_name(name: &str) -> String {
        bounded(name)
    }

    fn write(&self, changes: Changes) {
        if let Some(file) = &self.file {
            file.write(changes);
        }
    }
}

impl State {
    fn entry(&mut self, row: &Row) -> Arc<Entry> {
        let names = &mut self.names;
        let mut shared = |text: &String| names.shared(text);
        let errors = row.errors.iter().map(|(code, message)| KeptError {
            error_code: shared(code),
            error_message: shared(message),
        });
        let errors = errors.collect();
        Arc::new(Entry {
            at: row.at,
            cluster_name: shared(&row.cluster_name),
            cluster_id: row.cluster_id.as_ref().map(&mut shared),
            link_name: shared(&row.link_name),
            task_name: row.task_name.as_ref().map(&mut shared),
            from: row.from.as_ref().map(&mut shared),
            to: row.to.as_ref().map(&mut shared),
            errors,
        })
    }

    /// Drops the oldest of those that are too many.
    fn forget(&mut self, changes: &mut Changes) {
        while self.entries.len() > self.most {
            if let Some((number, _)) = self.entries.pop_front() {
                changes.insert(place(number), None);
            }
        }
    }
}

/// Sorted as the numbers are.
fn place(number: u64) -> Place {
    Row::at(format!("{number:020}"))
}

/// The row of the event, where it is a change of state that happened while we looked.
fn row(cluster_id: Option<&ClusterId>, event: &Event) -> Option<Row> {
    let id = cluster_id.map(|id| bounded(id.as_str()));
    match event {
        Event::Transition(transition) if transition.is_news => Some(changed(id, transition)),
        Event::LinkGone {
            cluster_name,
            link_name,
            last_state,
            at,
            may_be_unwanted: false,
        } => {
            let unknown = LinkState::Unknown.label();
            Some(Row {
                at: *at,
                cluster_name: bounded(cluster_name.as_str()),
                cluster_id: id,
                link_name: bounded(link_name.as_str()),
                task_name: None,
                from: Some(bounded(last_state.as_deref().unwrap_or(unknown))),
                to: None,
                errors: Vec::new(),
            })
        }
        _ => None,
    }
}

fn changed(cluster_id: Option<String>, transition: &Transition) -> Row {
    let subject = &transition.subject;
    let errors = transition.errors.iter().take(MOST_ERRORS);
    let kept = |error: &ReportedError| {
        let code = bounded(error.error_code.as_str());
        (code, bounded(&error.error_message))
    };
    Row {
        at: transition.since,
        cluster_name: bounded(subject.cluster_name.as_str()),
        cluster_id,
        link_name: bounded(subject.link_name.as_str()),
        task_name: subject.task_name.as_ref().map(|it| bounded(it.as_str())),
        from: transition.from.as_deref().map(bounded),
        to: Some(bounded(&transition.to)),
        errors: errors.map(kept).collect(),
    }
}

#[cfg(test)]
mod tests;
