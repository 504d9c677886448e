//! `expect` of a cluster: what should be true of its links.

use std::collections::BTreeMap;

use super::pattern;
use crate::{
    document::{self, NO_KEY, Parsed, Section, Word, WordList},
    model::{Expect, LinkPatterns, LinkState, StateRow, Task, TaskName, TaskState},
};

/// Reads every expectation and reports all that is wrong with them.
pub(super) fn read(cluster: &Section) -> Parsed<Vec<Expect>> {
    let sections = cluster.sections("expect")?;
    let all: Vec<_> = sections
        .into_iter()
        .map(|section| section.and_then(|section| one(&section)))
        .collect();
    all.into_iter().collect()
}

fn one(section: &Section) -> Parsed<Expect> {
    let links = links(section);
    let states = states(section);
    let tasks = tasks(section);
    let rpo = section.duration("rpo");
    Ok(Expect {
        links: links?,
        states: states?,
        tasks: tasks?,
        rpo: rpo?,
    })
}

fn links(section: &Section) -> Parsed<LinkPatterns> {
    let patterns = pattern::list(section, "links")?.unwrap_or_default();
    if patterns.is_empty() {
        let found = if section.has("links") {
            "an empty list"
        } else {
            NO_KEY
        };
        let instead = "write at least one pattern of link names, such as `dr-.*`";
        return Err(section.report("links", found, instead));
    }
    LinkPatterns::new(&patterns).map_err(|error| {
        section.report(
            "links",
            &pattern::found(&error),
            "write fewer or shorter ones",
        )
    })
}

fn states(section: &Section) -> Parsed<Vec<LinkState>> {
    let words = section.words("state", &LINK.wanted())?.unwrap_or_default();
    LINK.known(section, words)
}

fn tasks(section: &Section) -> Parsed<BTreeMap<TaskName, Vec<TaskState>>> {
    let mut tasks = BTreeMap::new();
    let Some(section) = section.section("tasks")? else {
        return Ok(tasks);
    };
    let mut read = Ok(());
    for (name, words) in section.all_words(&TASK.wanted()) {
        if !Task::KNOWN.contains(&name) {
            warn(&section, name);
        }
        match words.and_then(|words| TASK.known(&section, words)) {
            Ok(states) => {
                tasks.insert(name.into(), states);
            }
            Err(reported) => read = Err(reported),
        }
    }
    read.map(|()| tasks)
}

/// The API's set of tasks is open, so that a name nobody has seen is allowed; more often it is a typing error.
fn warn(section: &Section, name: &str) {
    let meant = match document::closest(name, &Task::KNOWN) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the known ones are `{}`", Task::KNOWN.join("`, `")),
    };
    let what = format!("is no task that is known; {meant}");
    section.warn(document::shown(name, true), &what);
}

/// The states of one kind of thing.
struct States<S> {
    what: &'static str,
    table: &'static [StateRow],
    parse: fn(&str) -> Option<S>,
}

const LINK: States<LinkState> = States {
    what: "link",
    table: LinkState::TABLE,
    parse: |text| Some(LinkState::parse(text)).filter(|state| state.unrecognized().is_none()),
};
const TASK: States<TaskState> = States {
    what: "task",
    table: TaskState::TABLE,
    parse: |text| Some(TaskState::parse(text)).filter(|state| state.unrecognized().is_none()),
};

impl<S> States<S> {
    /// What to write.
    fn wanted(&self) -> String {
        let names: Vec<_> = self.table.iter().map(|row| row.name).collect();
        format!("one of `{}`, or a list of them", names.join("`, `"))
    }

    /// The states that these words name, all of them known.
    fn known(&self, section: &Section, words: WordList) -> Parsed<Vec<S>> {
        let states = words.into_iter().map(|word| {
            let Word { key, text } = word?;
            (self.parse)(&text).ok_or_else(|| {
                let found = format!("a text that is no state of a {}", self.what);
                section.report(&key, &found, format!("write {}", self.wanted()))
            })
        });
        let states: Vec<_> = states.collect();
        states.into_iter().collect()
    }
}
