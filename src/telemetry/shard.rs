//! Which shard of a fleet this process is, as a metric that is there only where there are shards.

use prometheus::{IntGaugeVec, Opts, Registry};

use super::{VALID, register};
use crate::model::Shard;

/// The family; empty where nothing is sharded.
pub(super) struct ShardInfo(IntGaugeVec);

impl ShardInfo {
    pub(super) fn new(registry: &Registry) -> Self {
        let options = Opts::new(
            "clusterlink_exporter_shard_info",
            "1; which shard of how many this process is, counted from 0. Only with --shard.",
        );
        let family = IntGaugeVec::new(options, &["index", "total"]).expect(VALID);
        register(registry, family.clone());
        Self(family)
    }

    pub(super) fn show(&self, shard: Shard) {
        let labels = [shard.index().to_string(), shard.total().to_string()];
        self.0.with_label_values(&labels).set(1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Telemetry;

    #[test]
    fn only_a_shard_says_which_it_is() {
        let telemetry = Telemetry::new();
        let name = "clusterlink_exporter_shard_info";
        assert!(!telemetry.text().contains(name));
        telemetry.sharded("1/3".parse().expect("it is a shard"));
        let line = format!("\n{name}{{index=\"1\",total=\"3\"}} 1\n");
        assert!(telemetry.text().contains(&line), "{}", telemetry.text());
    }
}
