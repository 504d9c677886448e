//! A cluster's part of an exposition: made once for each poll of it, whatever the other clusters do.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Family, Format, Kind, Shows, families,
    gzip::{Deflater, Frame},
};
use crate::model::{Cluster, Vocabulary};

/// The text of a family, in pieces; none where the cluster has no samples of it.
type Frames = Box<[Arc<Frame>]>;

/// What was rendered of the same cluster before.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    pub(super) rendered: &'a Rendered,
    /// What [shows the answers](Shows::Answers) would be the same now.
    pub(super) answers_are_the_same: bool,
}

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
    /// Renders the cluster, as far as it is not as `before`. Of the text, most of which is the same from poll to poll, only
    /// the pieces that `before` has not are compressed.
    pub(super) fn new(
        cluster: &Arc<Cluster>,
        vocabulary: &Vocabulary,
        deflater: &mut Deflater,
        before: Option<Before>,
    ) -> Self {
        let mut frames = |format, place: usize, family: &Family| {
            let known = before.map(|before| before.rendered.frames(format, place));
            let known = known.unwrap_or_default();
            let mut anew = || family.frames(format, cluster, vocabulary, deflater, known);
            match before {
                Some(before) if before.answers_are_the_same && family.shows == Shows::Answers => {
                    let same: Frames = known.into();
                    debug_assert!(
                        are_the_same(&same, &anew()),
                        "{} shows more than the answers",
                        family.name
                    );
                    same
                }
                _ => anew(),
            }
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

    /// Of which cluster it is, as it was then.
    pub(super) fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
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

fn are_the_same(before: &[Arc<Frame>], now: &[Arc<Frame>]) -> bool {
    let mut pairs = before.iter().zip(now);
    before.len() == now.len() && pairs.all(|(before, now)| Arc::ptr_eq(before, now))
}
