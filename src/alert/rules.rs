//! The tables of rules, one per scope.

mod exporter;
mod intent;
mod link;
mod mirror;
mod polling;
mod task;

use super::rule::Rule;

/// Every rule, a table per scope, in the order of the file.
const RULES: &[&[Rule]] = &[
    task::RULES,
    link::RULES,
    intent::RULES,
    mirror::RULES,
    polling::RULES,
    exporter::RULES,
];

/// All of them, one after the other.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().flatten()
}
