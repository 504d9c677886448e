//! What the operator wants to be true of a cluster's links (`links` and `expect` of the configuration).

use std::{collections::BTreeMap, time::Duration};

use super::{LinkFilter, LinkPatterns, LinkState, TaskName, TaskState};

/// What is wanted of one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// `links`: which links are asked about. Of the others nobody knows whether they exist.
    pub links: LinkFilter,
    /// `expect`. All that match a link hold for it.
    pub expect: Vec<Expect>,
}

/// One item of `expect`. What it does not say, it does not expect.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// `links`: what holds for the links of these names; each pattern matches at least one.
    pub links: LinkPatterns,
    /// `state`: the states that the link may be in; empty for any.
    pub states: Vec<LinkState>,
    /// `tasks`: the states that each task may be in; never empty ones.
    pub tasks: BTreeMap<TaskName, Vec<TaskState>>,
    /// `rpo`: the most that its mirror topics may lag.
    pub rpo: Option<Duration>,
}

impl Default for Intent {
    fn default() -> Self {
        Self {
            links: LinkFilter::all(),
            expect: Vec::new(),
        }
    }
}
