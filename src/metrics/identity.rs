//! The labels that tell clusters, links and tasks apart, as PromQL lists them in aggregations and joins: of alert rules and
//! of boards alike.

/// The labels of a `cluster`, of its `details` by endpoint, of a `link` or of a `task`, as a literal.
macro_rules! identity {
    (cluster) => {
        "cluster_name, cluster_id"
    };
    (details) => {
        concat!($crate::metrics::identity!(cluster), ", endpoint")
    };
    (link) => {
        concat!($crate::metrics::identity!(cluster), ", link_name")
    };
    (task) => {
        concat!($crate::metrics::identity!(link), ", task_name")
    };
}

pub(crate) use identity;

/// The identity of a cluster in a vector match.
pub const CLUSTER: &str = identity!(cluster);
/// That of a link.
pub const LINK: &str = identity!(link);
/// That of a task.
pub const TASK: &str = identity!(task);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Family;

    #[test]
    fn identities_begin_as_every_series_does() {
        assert_eq!(CLUSTER, Family::IDENTITY.join(", "));
        assert_eq!(TASK, [LINK, "task_name"].join(", "));
    }
}
