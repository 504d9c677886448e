//! The commands that grant what is missing, to be pasted by a person who may grant it.

use std::collections::BTreeSet;

use super::{Acl, ROLE, Right};
use crate::model::{ClusterId, Endpoint};

/// What runs the cluster: its commands differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Confluent Cloud.
    Cloud,
    /// Confluent Platform.
    Platform,
}

/// Who is to be granted something. A user or an API key is no part of a command: it may come from a file of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Whoever owns the credentials.
    Owner,
    /// An identity pool of Confluent Cloud, by its id.
    IdentityPool(String),
}

/// What is missing on a cluster, and whom.
#[derive(Debug)]
pub struct Grants {
    /// What runs it.
    pub product: Product,
    /// Its id, where it is known.
    pub cluster_id: Option<ClusterId>,
    /// Who misses something.
    pub principal: Principal,
    /// The questions that need a right.
    pub refused: BTreeSet<Endpoint>,
}

impl Product {
    /// By the host of the endpoint and by the id: only Confluent Cloud's begin with `lkc-`.
    pub fn of(host: Option<&str>, cluster_id: Option<&ClusterId>) -> Self {
        let is_cloud = host.is_some_and(|host| host.ends_with(".confluent.cloud"))
            || cluster_id.is_some_and(|id| id.as_str().starts_with("lkc-"));
        if is_cloud {
            Self::Cloud
        } else {
            Self::Platform
        }
    }

    /// Its name.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Cloud => "Confluent Cloud",
            Self::Platform => "Confluent Platform",
        }
    }
}

impl Grants {
    /// The command that grants the role.
    pub fn role(&self) -> String {
        let (principal, cluster) = (self.principal(), self.cluster());
        let grant = format!(
            "confluent iam rbac role-binding create --principal User:{principal} --role {ROLE}"
        );
        match self.product {
            Product::Cloud => format!("{grant} --environment <env-id> --cloud-cluster {cluster}"),
            Product::Platform => format!("{grant} --kafka-cluster {cluster}"),
        }
    }

    /// The commands that grant the ACLs, one each: where one of them is not taken the others stand.
    pub fn acls(&self) -> Vec<String> {
        let rights = self.refused.iter().map(|endpoint| Right::of(*endpoint));
        let acls: BTreeSet<_> = rights.flat_map(|right| right.acls).collect();
        acls.into_iter().map(|acl| self.acl(*acl)).collect()
    }

    /// What to write into the configuration so that nothing needs to be granted; `None` where nothing does that.
    pub fn instead(&self) -> Option<String> {
        let rights = self.refused.iter().map(|endpoint| Right::of(*endpoint));
        let instead: Option<Vec<_>> = rights.map(|right| right.instead).collect();
        Some(instead?.join(" and "))
    }

    /// The refused questions of which Confluent does not publish what they need: that is our reading.
    pub fn unpublished(&self) -> Vec<&'static str> {
        let rights = self.refused.iter().map(|endpoint| Right::of(*endpoint));
        let unpublished =
            rights.filter(|right| self.product == Product::Platform || !right.is_published);
        unpublished.map(|right| right.question).collect()
    }

    /// What the places in the commands stand for.
    pub fn places(&self) -> &'static str {
        match (self.product, &self.principal) {
            (Product::Cloud, Principal::Owner) => {
                "`<sa-id>` is the service account that owns the API key, `<env-id>` the cluster's environment"
            }
            (Product::Cloud, Principal::IdentityPool(_)) => {
                "`<env-id>` is the cluster's environment"
            }
            (Product::Platform, _) => {
                "`<user>` is whom the server takes the credentials for, `<broker>` a host and port of the cluster, `<file>` \
                 the settings of a client that may grant"
            }
        }
    }

    fn acl(&self, acl: Acl) -> String {
        let principal = self.principal();
        match self.product {
            Product::Cloud => {
                let whom = match self.principal {
                    Principal::Owner => format!("--service-account {principal}"),
                    Principal::IdentityPool(_) => format!("--principal User:{principal}"),
                };
                let what = match acl {
                    Acl::DescribeCluster => "--operations describe --cluster-scope",
                    Acl::DescribeConfigs => "--operations describe-configs --cluster-scope",
                    Acl::DescribeTopics => "--operations describe --topic \"*\"",
                };
                let cluster = self.cluster();
                format!(
                    "confluent kafka acl create --allow {whom} {what} --cluster {cluster} --environment <env-id>"
                )
            }
            Product::Platform => {
                let what = match acl {
                    Acl::DescribeCluster => "--operation Describe --cluster",
                    Acl::DescribeConfigs => "--operation DescribeConfigs --cluster",
                    Acl::DescribeTopics => "--operation Describe --topic '*'",
                };
                format!(
                    "kafka-acls --bootstrap-server <broker> --command-config <file> --add --allow-principal \
                     User:{principal} {what}"
                )
            }
        }
    }

    fn principal(&self) -> &str {
        match (&self.principal, self.product) {
            (Principal::IdentityPool(id), _) if is_plain(id) => id,
            (Principal::IdentityPool(_), _) => "<pool-id>",
            (Principal::Owner, Product::Cloud) => "<sa-id>",
            (Principal::Owner, Product::Platform) => "<user>",
        }
    }

    /// The id: a server may have sent it, and a person pastes it into a shell.
    fn cluster(&self) -> &str {
        let id = self.cluster_id.as_ref().map(ClusterId::as_str);
        id.filter(|id| is_plain(id)).unwrap_or("<cluster-id>")
    }
}

/// Whether a shell takes the text for itself, and a command for no flag.
fn is_plain(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(product: Product, id: &str, refused: &[Endpoint]) -> Grants {
        Grants {
            product,
            cluster_id: Some(id.into()),
            principal: Principal::Owner,
            refused: refused.iter().copied().collect(),
        }
    }

    fn commands(grants: &Grants) -> String {
        let all: Vec<_> = std::iter::once(grants.role())
            .chain(grants.acls())
            .collect();
        all.join("\n")
    }

    const DETAILS: &[Endpoint] = &[Endpoint::Configs, Endpoint::Mirrors];

    #[test]
    fn on_confluent_cloud_the_command_line_grants_the_role_or_the_acls() {
        let grants = grants(Product::Cloud, "lkc-ok51xj", DETAILS);
        insta::assert_snapshot!(commands(&grants), @r#"
        confluent iam rbac role-binding create --principal User:<sa-id> --role Operator --environment <env-id> --cloud-cluster lkc-ok51xj
        confluent kafka acl create --allow --service-account <sa-id> --operations describe --cluster-scope --cluster lkc-ok51xj --environment <env-id>
        confluent kafka acl create --allow --service-account <sa-id> --operations describe-configs --cluster-scope --cluster lkc-ok51xj --environment <env-id>
        confluent kafka acl create --allow --service-account <sa-id> --operations describe --topic "*" --cluster lkc-ok51xj --environment <env-id>
        "#);
        let instead = "set `collect.configs` to false and set `collect.mirrors` to `off`";
        assert_eq!(grants.instead().as_deref(), Some(instead));
    }

    #[test]
    fn an_identity_pool_is_named() {
        let mut grants = grants(Product::Cloud, "lkc-ok51xj", &[Endpoint::Links]);
        grants.principal = Principal::IdentityPool("pool-a1b2".to_owned());
        insta::assert_snapshot!(commands(&grants), @"
        confluent iam rbac role-binding create --principal User:pool-a1b2 --role Operator --environment <env-id> --cloud-cluster lkc-ok51xj
        confluent kafka acl create --allow --principal User:pool-a1b2 --operations describe --cluster-scope --cluster lkc-ok51xj --environment <env-id>
        ");
    }

    #[test]
    fn on_confluent_platform_kafka_acls_grants_the_acls() {
        let grants = grants(Product::Platform, "vHCgQyIrRHG8Jv27qI2h3Q", DETAILS);
        insta::assert_snapshot!(commands(&grants), @"
        confluent iam rbac role-binding create --principal User:<user> --role Operator --kafka-cluster vHCgQyIrRHG8Jv27qI2h3Q
        kafka-acls --bootstrap-server <broker> --command-config <file> --add --allow-principal User:<user> --operation Describe --cluster
        kafka-acls --bootstrap-server <broker> --command-config <file> --add --allow-principal User:<user> --operation DescribeConfigs --cluster
        kafka-acls --bootstrap-server <broker> --command-config <file> --add --allow-principal User:<user> --operation Describe --topic '*'
        ");
    }

    #[test]
    fn what_a_server_calls_itself_runs_nothing_when_it_is_pasted() {
        for hostile in [
            "lkc-1;reboot",
            "$(reboot)",
            "a b",
            "`id`",
            "-rf",
            "",
            "lkc-1\n",
        ] {
            let mut grants = grants(Product::Cloud, hostile, &[Endpoint::Links]);
            grants.principal = Principal::IdentityPool(hostile.to_owned());
            let role = grants.role();
            assert!(
                role.ends_with("--cloud-cluster <cluster-id>") && role.contains("User:<pool-id> "),
                "{role}"
            );
        }
    }

    #[test]
    fn what_confluent_does_not_publish_is_our_reading() {
        let unpublished =
            |product, refused: &[Endpoint]| grants(product, "id", refused).unpublished();
        let none: [&str; 0] = [];
        assert_eq!(unpublished(Product::Cloud, &[Endpoint::Mirrors]), none);
        let settings = ["read a link's settings"];
        assert_eq!(unpublished(Product::Cloud, DETAILS), settings);
        let mirrors = ["list mirror topics"];
        assert_eq!(
            unpublished(Product::Platform, &[Endpoint::Mirrors]),
            mirrors
        );
    }

    #[test]
    fn nothing_replaces_the_right_to_list() {
        let refused = [Endpoint::Links, Endpoint::Mirrors];
        assert_eq!(grants(Product::Cloud, "id", &refused).instead(), None);
    }

    #[test]
    fn the_product_is_known_by_the_host_or_by_the_id() {
        let of = |host, id: Option<&str>| Product::of(Some(host), id.map(ClusterId::from).as_ref());
        let cloud = "pkc-00000.us-west-2.aws.confluent.cloud";
        assert_eq!(of(cloud, None), Product::Cloud);
        assert_eq!(of("10.0.0.1", Some("lkc-ok51xj")), Product::Cloud);
        assert_eq!(of("confluent.cloud.example.com", None), Product::Platform);
        assert_eq!(
            of("kafka", Some("vHCgQyIrRHG8Jv27qI2h3Q")),
            Product::Platform
        );
    }
}
