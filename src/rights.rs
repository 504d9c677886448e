//! The rights that the questions to the API need, and the commands that grant them. Messages, commands and pages say what
//! stands in this one table.
//!
//! Confluent publishes which rights listing mirror topics needs on Confluent Cloud. For everything else this is our
//! reading of its pages, and is said to be.

mod grant;

pub use grant::{Grants, Principal, Product};

use crate::model::Endpoint;

/// The role that allows every question. Confluent's list of roles and the command that grants one call it so; its page on
/// the security of Cluster Linking calls it [`ROLE_IN_CLUSTER_LINKING`].
pub const ROLE: &str = "Operator";

/// The other name of [`ROLE`].
pub const ROLE_IN_CLUSTER_LINKING: &str = "ClusterOperator";

/// What the body of a 401 says, in small letters, where the credentials are right and a right is missing.
pub const AUTHORIZATION_FAILED: &str = "authorization failed";

/// An ACL that lets one look and change nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Acl {
    /// DESCRIBE on the cluster.
    DescribeCluster,
    /// DESCRIBE_CONFIGS on the cluster.
    DescribeConfigs,
    /// DESCRIBE on the topics.
    DescribeTopics,
}

/// What a question to the API needs.
#[derive(Debug)]
pub struct Right {
    /// Where it is asked.
    pub endpoint: Endpoint,
    /// The question, for a person.
    pub question: &'static str,
    /// The ACLs that allow it together, where [`ROLE`] is not granted.
    pub acls: &'static [Acl],
    /// Whether Confluent publishes it, for Confluent Cloud; else it is our reading.
    pub is_published: bool,
    /// What to write into the configuration instead of granting anything.
    pub instead: Option<&'static str>,
}

/// Each question that a poll may ask once a cluster or a link, in the order in which they are asked.
pub const RIGHTS: [Right; 5] = [
    Right {
        endpoint: Endpoint::Clusters,
        question: "find the cluster's id",
        acls: &[Acl::DescribeCluster],
        is_published: false,
        instead: Some("write `cluster_id`"),
    },
    Right {
        endpoint: Endpoint::Links,
        question: "list links",
        acls: &[Acl::DescribeCluster],
        is_published: false,
        instead: None,
    },
    Right {
        endpoint: Endpoint::Link,
        question: "describe a link and its tasks",
        acls: &[Acl::DescribeCluster],
        is_published: false,
        instead: None,
    },
    Right {
        endpoint: Endpoint::Configs,
        question: "read a link's settings",
        acls: &[Acl::DescribeCluster, Acl::DescribeConfigs],
        is_published: false,
        instead: Some("set `collect.configs` to false"),
    },
    Right {
        endpoint: Endpoint::Mirrors,
        question: "list mirror topics",
        acls: &[Acl::DescribeCluster, Acl::DescribeTopics],
        is_published: true,
        instead: Some("set `collect.mirrors` to `off`"),
    },
];

impl Right {
    /// What a question to this endpoint needs.
    pub fn of(endpoint: Endpoint) -> &'static Self {
        let listed = match endpoint {
            // Asking about one topic is asking about some of them.
            Endpoint::Mirror => Endpoint::Mirrors,
            endpoint => endpoint,
        };
        let right = RIGHTS.iter().find(|right| right.endpoint == listed);
        right.expect("every other endpoint has a row, which a test says")
    }

    /// The role, or the ACLs, for a sentence: `the role Operator, or the ACL DESCRIBE on the cluster`.
    pub fn in_words(&self) -> String {
        let plural = if self.acls.len() == 1 { "" } else { "s" };
        let acls: Vec<_> = self.acls.iter().map(|acl| acl.in_words()).collect();
        format!("the role {ROLE}, or the ACL{plural} {}", acls.join(" and "))
    }

    /// What to do where the question is not allowed.
    pub fn advice(&self) -> String {
        let instead = self
            .instead
            .map_or_else(String::new, |instead| format!(", or {instead}"));
        format!("grant {}{instead}", self.in_words())
    }
}

impl Acl {
    /// The operation and what it is allowed on, as Confluent's pages spell them.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::DescribeCluster => "DESCRIBE on the cluster",
            Self::DescribeConfigs => "DESCRIBE_CONFIGS on the cluster",
            Self::DescribeTopics => "DESCRIBE on the topics",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_a_right_and_each_right_says_what_to_grant() {
        let advice = Endpoint::ALL
            .iter()
            .map(|endpoint| format!("{}: {}", endpoint.label(), Right::of(*endpoint).advice()));
        let advice: Vec<_> = advice.collect();
        insta::assert_snapshot!(advice.join("\n"), @"
        clusters: grant the role Operator, or the ACL DESCRIBE on the cluster, or write `cluster_id`
        links: grant the role Operator, or the ACL DESCRIBE on the cluster
        link: grant the role Operator, or the ACL DESCRIBE on the cluster
        configs: grant the role Operator, or the ACLs DESCRIBE on the cluster and DESCRIBE_CONFIGS on the cluster, or set `collect.configs` to false
        mirrors: grant the role Operator, or the ACLs DESCRIBE on the cluster and DESCRIBE on the topics, or set `collect.mirrors` to `off`
        mirror: grant the role Operator, or the ACLs DESCRIBE on the cluster and DESCRIBE on the topics, or set `collect.mirrors` to `off`
        ");
    }
}
