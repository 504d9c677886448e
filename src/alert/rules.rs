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

/// Whether the rule itself goes through the past of everything that is well, and not only of what is recorded.
pub(super) fn looks_far_back(rule: &Rule) -> bool {
    [
        "ClusterLinkTaskFlapping",
        "ClusterLinkFlapping",
        "ClusterLinkTasksNotReported",
    ]
    .contains(&rule.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_far_back_looks_back() {
        let far = rules().filter(|rule| looks_far_back(rule));
        let expressions: Vec<_> = far.map(|rule| (rule.expression)()).collect();
        assert_eq!(expressions.len(), 3);
        for expression in expressions {
            assert!(
                expression.contains("_over_time(clusterlink_"),
                "{expression}"
            );
        }
    }
}
