//! A cluster's part of an exposition: made once for each poll of it, whatever the other clusters do.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Family, Format, Kind, families,
    gzip::{Deflater, Frame},
};
use crate::model::{Cluster, Vocabulary};

/// A cluster's part of an exposition.
pub(super) struct Rendered {
    cluster: Arc<Cluster>,
    /// In the order of the families; empty where the cluster has no samples of one.
    frames: Vec<Frame>,
    /// Those of families that OpenMetrics writes otherwise, by their places.
    open_metrics: BTreeMap<usize, Frame>,
    /// The bytes that these take in memory.
    held: u64,
}

impl Rendered {
    pub(super) fn new(
        cluster: &Arc<Cluster>,
        vocabulary: &Vocabulary,
        deflater: &mut Deflater,
    ) -> Self {
        let mut frame =
            |format, family: &Family| family.frame(format, cluster, vocabulary, deflater);
        let frames = families().map(|family| frame(Format::Text, family));
        let frames: Vec<_> = frames.collect();
        let histograms = families().enumerate();
        let histograms = histograms.filter(|(_, family)| family.kind == Kind::Histogram);
        let open_metrics: BTreeMap<_, _> = histograms
            .map(|(place, family)| (place, frame(Format::OpenMetrics, family)))
            .collect();
        let held = frames.iter().chain(open_metrics.values());
        Self {
            cluster: Arc::clone(cluster),
            held: held.map(Frame::held).sum(),
            frames,
            open_metrics,
        }
    }

    /// Whether it is of this very cluster, as it was then.
    pub(super) fn is_of(&self, cluster: &Arc<Cluster>) -> bool {
        Arc::ptr_eq(&self.cluster, cluster)
    }

    /// Its samples of the family that has this place.
    pub(super) fn frame(&self, format: Format, family: usize) -> &Frame {
        let other = match format {
            Format::Text => None,
            Format::OpenMetrics => self.open_metrics.get(&family),
        };
        other.unwrap_or(&self.frames[family])
    }

    /// The bytes it takes in memory.
    pub(super) fn held(&self) -> u64 {
        self.held
    }
}
