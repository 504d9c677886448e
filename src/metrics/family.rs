//! A family: one row of a table.

use std::{iter, sync::Arc};

use super::{
    Format, Samples,
    gzip::{Deflater, Frame},
    shape::{IDENTITY, Kind, Label, Shape, Shows},
};
use crate::model::{Cluster, Vocabulary};

/// A metric family: what it is called and how a cluster's part of it is read from what is known of the cluster.
pub struct Family {
    /// The name, a promise to every dashboard.
    pub name: &'static str,
    /// What the value is, with its unit; [`Family::help`] adds the values of the labels.
    pub meaning: &'static str,
    /// The type.
    pub kind: Kind,
    /// When it is rendered again.
    pub shows: Shows,
    /// The labels after [`Family::IDENTITY`], which every series begins with.
    pub labels: &'static [Label],
    /// Writes one cluster's samples, no two with the same label values.
    pub collect: fn(&Cluster, &mut Samples),
}

impl Family {
    /// The labels that say which cluster a series is about; `cluster_id` is empty while it is not known.
    pub const IDENTITY: [&str; 2] = IDENTITY;

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

    /// What stands before its samples in the format.
    pub fn header(&self, format: Format) -> String {
        format.header(self.name, self.kind, &self.help())
    }

    /// One cluster's samples as text in the format, without the header; empty where there are none. Only histograms are not
    /// the same in both formats.
    pub fn text(&self, format: Format, cluster: &Cluster, vocabulary: &Vocabulary) -> String {
        let mut samples = Samples::new(self.shape(), cluster, vocabulary, format);
        (self.collect)(cluster, &mut samples);
        samples.into_text()
    }

    /// The same, compressed piece by piece while it is written; what is the same as in `before` is taken from there.
    pub(super) fn frames(
        &self,
        format: Format,
        cluster: &Cluster,
        vocabulary: &Vocabulary,
        deflater: &mut Deflater,
        before: &[Arc<Frame>],
    ) -> Box<[Arc<Frame>]> {
        let samples = Samples::new(self.shape(), cluster, vocabulary, format);
        let mut samples = samples.compressed(deflater, before);
        (self.collect)(cluster, &mut samples);
        samples.into_frames()
    }

    pub(super) fn shape(&self) -> Shape {
        Shape {
            name: self.name,
            kind: self.kind,
            labels: self.labels,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::metrics::{families, testing::only};

    #[test]
    fn help_and_type_are_told_once_with_the_values_of_the_labels() {
        assert_eq!(
            only("clusterlink_link_state")[0].header(Format::Text),
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
