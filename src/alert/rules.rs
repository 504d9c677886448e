//! The tables of rules, one per scope.

mod exporter;
mod intent;
mod link;
mod mirror;
mod polling;
pub(super) mod slo;
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
    slo::RULES,
];

/// All of them, one after the other.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().flatten()
}

/// Whether the rule is one of those that are written for an objective alone.
pub(super) fn is_of_slo(rule: &Rule) -> bool {
    slo::RULES.iter().any(|of_slo| of_slo.name == rule.name)
}
