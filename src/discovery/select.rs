//! Which clusters of a list are to be polled, and why the others are not: pure.

use strum::{IntoStaticStr, VariantArray};

use super::{ListedCluster, Phase, Settings};

/// What became of a cluster of the list; label `status` of `clusterlink_discovery_clusters`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// It is polled.
    Polled,
    /// The configuration does not want it.
    Excluded,
    /// It has no endpoint at any of the access points.
    NoEndpoint,
    /// It is not there yet, or could not be made.
    NotProvisioned,
    /// The configuration, or a discovery before it, has a cluster of its id or name.
    Overridden,
}

impl Status {
    /// All of them, in the order of the contract.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The label value.
    pub fn label(self) -> &'static str {
        self.into()
    }
}

/// The endpoint of a cluster that is to be polled, or why it is not.
pub fn judge<'a>(cluster: &'a ListedCluster, settings: &Settings) -> Result<&'a str, Status> {
    // A list may be from before a reload that wants other environments.
    if !settings.wants_environment(&cluster.environment) || !settings.wants(cluster) {
        return Err(Status::Excluded);
    }
    if cluster.phase != Phase::Provisioned {
        return Err(Status::NotProvisioned);
    }
    cluster
        .endpoint(&settings.access_points)
        .ok_or(Status::NoEndpoint)
}
