//! Names and ids as types, so that a link's name cannot be passed where a cluster's is meant.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::Serialize;

macro_rules! name {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as the API or the configuration spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.into())
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(name.into())
            }
        }

        // Lets a map keyed by this name be searched with a `&str`.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )*};
}

name! {
    /// The name a cluster has in the configuration; label `cluster_name`.
    ClusterName;
    /// The Kafka cluster's id (`lkc-…` on Confluent Cloud); label `cluster_id`.
    ClusterId;
    /// REST field `link_name`: any Unicode, slashes and line breaks included; label `link_name`.
    LinkName;
    /// REST field `task_name`, a free string; label `task_name`.
    TaskName;
    /// REST field `mirror_topic_name`; label `mirror_topic_name`.
    TopicName;
}
