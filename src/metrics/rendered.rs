//! A cluster's part of an exposition: made once for each poll of it, whatever the other clusters do.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Family, Format, Kind, families,
    gzip::{Deflater, Frame},
};
use crate::model::{Cluster, Vocabulary};

/// The text of a family, in pieces; none where the cluster has no samples of it.
type Frames = Box<[Arc<Frame>]>;

/// A cluster's part of an exposition.
pub(super) struct Rendered {
    cluster: Arc<Cluster>,
    /// In the order of the families.
    families: Vec<Frames>,
    /// Those of families that OpenMetrics writes otherwise, by their places.
    open_metrics: BTreeMap<usize, Frames>,
    /// The bytes that these take in memory.
    held: u64,
}

impl Rendered {
    /// Renders the cluster. Of the text, which is the same from poll to poll while nothing happens, only the pieces that
    /// `before` has not are compressed.
    pub(super) fn new(
        cluster: &Arc<Cluster>,
        vocabulary: &Vocabulary,
        deflater: &mut Deflater,
        before: Option<&Self>,
    ) -> Self {
        let mut frames = |format, place: usize, family: &Family| {
            let before = before.map(|before| before.frames(format, place));
            let before = before.unwrap_or_default();
            family.frames(format, cluster, vocabulary, deflater, before)
        };
        let texts = families().enumerate();
        let texts = texts.map(|(place, family)| frames(Format::Text, place, family));
        let texts: Vec<_> = texts.collect();
        let histograms = families().enumerate();
        let histograms = histograms.filter(|(_, family)| family.kind == Kind::Histogram);
        let open_metrics: BTreeMap<_, _> = histograms
            .map(|(place, family)| (place, frames(Format::OpenMetrics, place, family)))
            .collect();
        let held = texts.iter().chain(open_metrics.values()).flatten();
        Self {
            cluster: Arc::clone(cluster),
            held: held.map(|frame| frame.held()).sum(),
            families: texts,
            open_metrics,
        }
    }

    /// Whether it is of this very cluster, as it was then.
    pub(super) fn is_of(&self, cluster: &Arc<Cluster>) -> bool {
        Arc::ptr_eq(&self.cluster, cluster)
    }

    /// Its samples of the family that has this place.
    pub(super) fn frames(&self, format: Format, family: usize) -> &[Arc<Frame>] {
        let other = match format {
            Format::Text => None,
            Format::OpenMetrics => self.open_metrics.get(&family),
        };
        other.unwrap_or(&self.families[family])
    }

    /// The bytes it takes in memory.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// The bytes of it that the one that was made after it has not.
    pub(super) fn replaced_by(&self, after: &Self) -> u64 {
        let [before, after] = [self, after].map(|it| {
            let open_metrics = it.open_metrics.values();
            it.families.iter().chain(open_metrics)
        });
        let pairs = before
            .zip(after)
            .flat_map(|(before, after)| before.iter().zip(after));
        let shared = pairs.filter(|(before, after)| Arc::ptr_eq(before, after));
        let shared: u64 = shared.map(|(frame, _)| frame.held()).sum();
        self.held - shared
    }
}
