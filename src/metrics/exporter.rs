//! Families about the exporter itself, as far as they are about a cluster; the others are in `telemetry`.

use super::{Family, Kind, Shows, samples::unix_seconds};

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "clusterlink_exporter_credential_expiry_timestamp_seconds",
    meaning: "When the bearer token in use for the cluster expires, in Unix seconds; absent where it does not say",
    kind: Kind::Gauge,
    shows: Shows::Polls,
    labels: &[],
    collect: |cluster, samples| {
        if let Some(expiry) = cluster.polls.credential_expiry {
            samples.push(&[], unix_seconds(expiry));
        }
    },
}];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{NOW, samples_of, unpolled};

    #[test]
    fn only_a_credential_that_expires_has_a_series() {
        let mut cluster = unpolled("prod");
        assert_eq!(samples_of(FAMILIES, &cluster), "");
        cluster.polls.credential_expiry = Some(NOW);
        assert_eq!(
            samples_of(FAMILIES, &cluster),
            "clusterlink_exporter_credential_expiry_timestamp_seconds 1700000060.5"
        );
    }
}
