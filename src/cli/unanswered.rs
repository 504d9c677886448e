//! What a command asked for and was not told.

use crate::{
    model::{Cluster, LinkName},
    text::printable,
};

/// A line for each cluster whose poll failed and for each wanted link that is on none of them.
pub(super) fn all(clusters: &[&Cluster], wanted: &[String]) -> Vec<String> {
    let failed = clusters.iter().filter_map(|cluster| {
        let failure = cluster.polls.last_failure.as_ref()?;
        Some(format!("cluster `{}`: {}", cluster.name, failure.message))
    });
    let missing = wanted.iter().filter_map(|name| {
        let link = LinkName::from(name.as_str());
        let is_there = clusters.iter().any(|cluster| cluster.link(&link).is_some());
        (!is_there).then(|| format!("link `{name}` is on none of the clusters that answered"))
    });
    let lines = failed.chain(missing);
    lines.map(|line| printable(&line).into_owned()).collect()
}
