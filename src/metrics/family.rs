//! The shape of a family: one row of a table.

use std::iter;

use prometheus::{
    TextEncoder,
    proto::{Metric, MetricFamily, MetricType},
};

use super::Samples;
use crate::model::{Cluster, Vocabulary};

/// A metric family: what it is called and how a cluster's part of it is read from what is known of the cluster.
pub struct Family {
    /// The name, a promise to every dashboard.
    pub name: &'static str,
    /// What the value is, with its unit; [`Family::help`] adds the values of the labels.
    pub meaning: &'static str,
    /// The type.
    pub kind: Kind,
    /// The labels after [`Family::IDENTITY`], which every series begins with.
    pub labels: &'static [Label],
    /// Writes one cluster's samples, no two with the same label values.
    pub collect: fn(&Cluster, &mut Samples),
}

/// The types of families there are. A state set is a gauge: its own type would break real consumers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Goes up, and to zero with a restart.
    Counter,
    /// Counts observations in buckets.
    Histogram,
}

/// A label of a family.
pub struct Label {
    /// The name: the REST API's own field name where there is one.
    pub name: &'static str,
    /// Every value it can have, in the order of the contract; `None` where nobody can list them.
    pub values: Option<fn() -> Vec<&'static str>>,
}

impl Kind {
    /// The word for it after `# TYPE`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
        }
    }

    pub(super) fn metric_type(self) -> MetricType {
        match self {
            Self::Gauge => MetricType::GAUGE,
            Self::Counter => MetricType::COUNTER,
            Self::Histogram => MetricType::HISTOGRAM,
        }
    }
}

impl Label {
    /// A label whose values come from elsewhere.
    pub const fn open(name: &'static str) -> Self {
        Self { name, values: None }
    }

    /// A label with a closed set of values.
    pub const fn one_of(name: &'static str, values: fn() -> Vec<&'static str>) -> Self {
        Self {
            name,
            values: Some(values),
        }
    }
}

impl Family {
    /// The labels that say which cluster a series is about; `cluster_id` is empty while it is not known.
    pub const IDENTITY: [&str; 2] = ["cluster_name", "cluster_id"];

    /// The text after `# HELP`: the meaning, and which values the labels can have.
    pub fn help(&self) -> String {
        let values = self.labels.iter().filter_map(|Label { name, values }| {
            let values = values.as_ref()?();
            Some(format!(" Values of {name}: {}.", values.join(" ")))
        });
        iter::once(format!("{}.", self.meaning))
            .chain(values)
            .collect()
    }

    /// The lines `# HELP` and `# TYPE`.
    pub fn header(&self) -> String {
        let mut family = self.empty();
        family.set_help(self.help());
        // The encoder refuses a family without a metric, so it gets one, which is cut off again.
        family.set_metric(vec![Metric::default()]);
        let text = encode(family);
        text.split_inclusive('\n')
            .take_while(|line| line.starts_with('#'))
            .collect()
    }

    /// One cluster's samples as text, without the header; empty where there are none.
    pub fn text(&self, cluster: &Cluster, vocabulary: &Vocabulary) -> String {
        let mut samples = Samples::new(self, cluster, vocabulary);
        (self.collect)(cluster, &mut samples);
        samples.into_text()
    }

    /// The family for the encoder, without help and without metrics.
    pub(super) fn empty(&self) -> MetricFamily {
        let mut family = MetricFamily::default();
        family.set_name(self.name.to_owned());
        family.set_field_type(self.kind.metric_type());
        family
    }
}

fn encode(family: MetricFamily) -> String {
    TextEncoder::new()
        .encode_to_string(&[family])
        .expect("the family has a metric, and a string takes all that is written to it")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::metrics::{families, testing::only};

    #[test]
    fn help_and_type_are_told_once_with_the_values_of_the_labels() {
        assert_eq!(
            only("clusterlink_link_state")[0].header(),
            "# HELP clusterlink_link_state 1 for the state the link is in, 0 for every other one. \
             Values of state: ACTIVE FAILED UNAVAILABLE PAUSED UNKNOWN.\n\
             # TYPE clusterlink_link_state gauge\n"
        );
    }

    #[test]
    fn no_two_families_share_a_name() {
        let mut names = BTreeSet::new();
        for family in families() {
            assert!(names.insert(family.name), "rename one {}", family.name);
        }
    }

    #[test]
    fn no_family_takes_a_label_that_belongs_to_the_scraping_side() {
        for family in families() {
            for label in family.labels {
                let taken = ["cluster", "job", "instance", "env", "region"].contains(&label.name);
                assert!(
                    !taken && !Family::IDENTITY.contains(&label.name),
                    "{}: {}",
                    family.name,
                    label.name
                );
            }
        }
    }
}
