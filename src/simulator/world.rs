//! What the simulated server knows: clusters, and how it likes to write them down.

use super::{Fault, Link, Mirror, Organisation, start::START_MS};

/// Everything a simulated server answers from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// What the ids of links, jitter and lag are derived from.
    pub seed: u64,
    /// API key and secret asked for by HTTP Basic authentication; `None` lets everybody in.
    pub credentials: Option<(String, String)>,
    /// When it began, in epoch milliseconds, for `state_time_ms` alone; by default [`World::START_MS`]. Who shows it to
    /// people or lets an exporter compare it with the time of day gives that.
    pub began_ms: Option<i64>,
    /// The Kafka clusters behind this server.
    pub clusters: Vec<Cluster>,
    /// How the organisation API of Confluent Cloud lists them.
    pub organisation: Organisation,
}

/// One Kafka cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    /// REST field `cluster_id`.
    pub cluster_id: String,
    /// Its links, in the order of the list.
    pub links: Vec<Link>,
    /// What goes wrong with its answers. Latencies add up; of the others the first that matches counts.
    pub faults: Vec<Fault>,
    /// How it writes its answers.
    pub dialect: Dialect,
}

/// The forms in which servers of different ages write the same facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// How a property without a value is written.
    pub null_style: NullStyle,
    /// A server of 2022: knows no `link_state`, no `link_error` and no `tasks`, not even when asked for them.
    pub old_server: bool,
    /// Writes `LINK_UNAVAILABLE` as the documentation misspells it.
    pub misspells_unavailable: bool,
    /// How the flags of a config entry are spelled.
    pub config_flags: ConfigFlags,
    /// Items per page of a list; `None` sends everything at once, as every server seen so far does.
    pub page_size: Option<usize>,
}

/// How a property without a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NullStyle {
    /// As on Confluent Cloud today: ids are null, errors are `NO_ERROR` and tasks not asked for are left out.
    #[default]
    AsOnCloud,
    /// Left out altogether.
    Absent,
    /// Null, also where the published schema has no room for it.
    Null,
}

/// How the flags of a config entry are spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConfigFlags {
    /// `is_default`, `is_read_only`, `is_sensitive`, as the published schema has it.
    #[default]
    Long,
    /// `default`, `read_only`, `sensitive`.
    Short,
}

/// A link by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRef {
    /// The cluster that owns the link.
    pub cluster_id: String,
    /// The link's name.
    pub link_name: String,
}

/// A [`super::Change`] names something the world does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the simulated world has no such {kind}: `{name}`")]
pub struct Missing {
    /// `cluster`, `link` or `mirror topic`.
    pub kind: &'static str,
    /// The name that was looked for.
    pub name: String,
}

impl World {
    /// When a world begins that nobody gave another time, in epoch milliseconds: 1 January 2026, UTC.
    pub const START_MS: i64 = START_MS;

    /// A world of these clusters, open to everybody.
    pub fn new(clusters: impl Into<Vec<Cluster>>) -> Self {
        Self {
            clusters: clusters.into(),
            ..Self::default()
        }
    }

    /// The cluster of that id.
    pub fn cluster(&self, cluster_id: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|c| c.cluster_id == cluster_id)
    }

    /// The cluster of that id, to be changed.
    pub fn cluster_mut(&mut self, cluster_id: &str) -> Result<&mut Cluster, Missing> {
        self.clusters
            .iter_mut()
            .find(|cluster| cluster.cluster_id == cluster_id)
            .ok_or_else(|| Missing::new("cluster", cluster_id))
    }

    /// The link of that name, to be changed.
    pub fn link_mut(&mut self, link_ref: &LinkRef) -> Result<&mut Link, Missing> {
        self.cluster_mut(&link_ref.cluster_id)?
            .links
            .iter_mut()
            .find(|link| link.link_name == link_ref.link_name)
            .ok_or_else(|| Missing::new("link", &link_ref.link_name))
    }

    pub(super) fn mirror_mut(
        &mut self,
        link_ref: &LinkRef,
        topic: &str,
    ) -> Result<&mut Mirror, Missing> {
        self.link_mut(link_ref)?
            .mirrors
            .iter_mut()
            .find(|mirror| mirror.mirror_topic_name == topic)
            .ok_or_else(|| Missing::new("mirror topic", topic))
    }
}

impl Cluster {
    /// A current server's cluster, without faults.
    pub fn new(cluster_id: &str, links: impl Into<Vec<Link>>) -> Self {
        Self {
            cluster_id: cluster_id.to_owned(),
            links: links.into(),
            ..Self::default()
        }
    }

    /// With one fault more.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// With another dialect.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }
}

impl LinkRef {
    /// A link of a cluster.
    pub fn new(cluster_id: &str, link_name: &str) -> Self {
        Self {
            cluster_id: cluster_id.to_owned(),
            link_name: link_name.to_owned(),
        }
    }
}

impl Missing {
    fn new(kind: &'static str, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
        }
    }
}
