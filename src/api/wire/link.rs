//! Links and their tasks.

#[cfg(test)]
mod tests;

use std::mem;

use serde::Deserialize;

use super::{
    ErrorData, List, WireError, errors,
    lenient::{Item, Items, Number, Text, Word},
    read, reported, said,
};
use crate::model::{
    ClusterId, Link, LinkName, LinkState, PartitionCategory, PartitionCounts, Task, TaskState,
};

/// One page of `GET …/links`.
#[derive(Debug)]
pub struct LinkPage {
    /// The links of this page that have a name.
    pub links: Vec<Link>,
    /// `UNMANAGED_SOURCE` remnants: no name, no URL of their own.
    pub remnants: usize,
    /// Links without a name that say of themselves that they are something else.
    pub nameless: usize,
    /// `metadata.next`, where there is a further page.
    pub next: Option<String>,
}

/// Reads a page of `GET …/links`.
pub fn link_page(body: &[u8]) -> Result<LinkPage, WireError> {
    let list: List<LinkData> = read(body)?;
    let (data, next) = list.into_page()?;
    let mut page = LinkPage {
        links: Vec::with_capacity(data.len()),
        remnants: 0,
        nameless: 0,
        next,
    };
    for item in data {
        match item {
            Item::Object(link) if link.is_remnant() => page.remnants += 1,
            Item::Object(link) if link.name().is_some() => page.links.push(link.into_link()),
            Item::Object(_) | Item::Other(_) => page.nameless += 1,
        }
    }
    if page.nameless > 0 && page.links.is_empty() && page.remnants == 0 {
        return Err(WireError::NoNames);
    }
    Ok(page)
}

/// Links by name, each once: a name listed twice must not become two series. Of two, the worse state stands.
pub fn unique_links(mut links: Vec<Link>) -> Vec<Link> {
    let health = |link: &Link| link.link_state.as_ref().map(LinkState::health);
    links.sort_by(|a, b| {
        let worse_first = || health(b).cmp(&health(a));
        a.link_name.cmp(&b.link_name).then_with(worse_first)
    });
    links.dedup_by(|later, kept| later.link_name == kept.link_name);
    links
}

/// Reads `GET …/links/{link_name}`, the answer about the link that was asked for.
pub fn link(body: &[u8], asked: &LinkName) -> Result<Link, WireError> {
    let data: LinkData = read(body)?;
    if data.name() != Some(asked.as_str()) {
        return Err(WireError::NotThatLink);
    }
    Ok(Link {
        // The same text, and one copy of it for both answers.
        link_name: asked.clone(),
        ..data.into_link()
    })
}

/// `ListLinksResponseData`; everything may be absent or null.
#[derive(Deserialize)]
#[serde(expecting = "a link")]
struct LinkData {
    link_name: Option<Text>,
    cluster_link_id: Option<Text>,
    remote_cluster_id: Option<Text>,
    source_cluster_id: Option<Text>,
    destination_cluster_id: Option<Text>,
    link_state: Option<Word>,
    link_error: Option<Word>,
    link_error_message: Option<Word>,
    tasks: Option<Items<TaskData>>,
    category_counts: Option<Items<CategoryData>>,
}

/// `LinkCategory`.
#[derive(Deserialize, Default)]
struct CategoryData {
    state_category: Option<Text>,
    count: Option<Number>,
}

/// `LinkTask`.
#[derive(Deserialize, Default)]
struct TaskData {
    task_name: Option<Text>,
    state: Option<Word>,
    errors: Option<Items<ErrorData>>,
}

impl LinkData {
    fn name(&self) -> Option<&str> {
        let name = self.link_name.as_ref()?.0.as_deref();
        name.filter(|name| !name.is_empty())
    }

    /// Whether it is the rest of a deleted source-initiated link. A server that sends no states sends it without a name
    /// alone; a name that is no text is one that we do not know.
    fn is_remnant(&self) -> bool {
        let is_not_text = |name: &Text| name.0.is_none();
        match &self.link_state {
            Some(Word(state)) if state == "UNMANAGED_SOURCE" => true,
            None => self.name().is_none() && !self.link_name.as_ref().is_some_and(is_not_text),
            Some(_) => false,
        }
    }

    fn into_link(self) -> Link {
        let remote = said(self.remote_cluster_id)
            .or_else(|| said(self.source_cluster_id))
            .or_else(|| said(self.destination_cluster_id));
        let tasks = self.tasks.filter(Items::is_understood);
        Link {
            link_name: said(self.link_name).unwrap_or_default().into(),
            cluster_link_id: said(self.cluster_link_id).unwrap_or_default(),
            remote_cluster_id: remote.map(ClusterId::from),
            link_state: self.link_state.map(|Word(state)| LinkState::parse(&state)),
            link_error: reported(self.link_error, self.link_error_message),
            tasks: tasks.map(|sent| unique(sent.objects())),
            mirror_partitions: self.category_counts.and_then(partition_counts),
        }
    }
}

/// Tasks by name, each name once: a name sent twice must not become two series. Of two, the worse state stands, with
/// the errors of both, so that no error is lost.
fn unique(sent: impl Iterator<Item = TaskData>) -> Vec<Task> {
    let mut tasks: Vec<_> = sent.map(TaskData::into_task).collect();
    tasks.sort_by(|a, b| a.task_name.cmp(&b.task_name));
    tasks.dedup_by(|later, kept| {
        let is_the_same = later.task_name == kept.task_name;
        if is_the_same {
            if later.state.health() > kept.state.health() {
                mem::swap(&mut kept.state, &mut later.state);
            }
            kept.errors.append(&mut later.errors);
        }
        is_the_same
    });
    tasks
}

/// Partitions by category; a category sent twice counts twice. One that comes without a number, or with one below zero, is
/// not known. None is known where an entry does not say its category, which may be any, nor where the list is empty: each
/// mirror partition is in a category.
fn partition_counts(sent: Items<CategoryData>) -> Option<PartitionCounts> {
    let mut counts = [Some(0); PartitionCategory::TABLE.len()];
    let mut is_empty = true;
    for entry in sent.objects() {
        let category = PartitionCategory::parse(&said(entry.state_category)?);
        let count = entry
            .count
            .and_then(|Number(count)| u64::try_from(count).ok());
        let slot: &mut Option<u64> = &mut counts[category.index()];
        *slot = slot
            .zip(count)
            .map(|(sum, count)| sum.saturating_add(count));
        is_empty = false;
    }
    (!is_empty).then(|| counts.into())
}

impl TaskData {
    fn into_task(self) -> Task {
        let state = self.state.map(|Word(state)| TaskState::parse(&state));
        Task {
            task_name: Task::name(&said(self.task_name).unwrap_or_default()),
            state: state.unwrap_or(TaskState::Unknown),
            errors: errors(self.errors).collect(),
        }
    }
}
