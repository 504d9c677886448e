//! A cluster's part of an exposition: made once for each poll of it, whatever the other clusters do.

use std::sync::Arc;

use super::{
    Family, families,
    gzip::{Deflater, Frame},
};
use crate::model::{Cluster, Vocabulary};

/// A cluster's part of an exposition.
pub(super) struct Rendered {
    cluster: Arc<Cluster>,
    /// In the order of the families; empty where the cluster has no samples of one.
    frames: Vec<Frame>,
}

impl Rendered {
    pub(super) fn new(
        cluster: &Arc<Cluster>,
        vocabulary: &Vocabulary,
        deflater: &mut Deflater,
    ) -> Self {
        let frame = |family: &Family| deflater.frame(family.text(cluster, vocabulary));
        Self {
            cluster: Arc::clone(cluster),
            frames: families().map(frame).collect(),
        }
    }

    /// Whether it is of this very cluster, as it was then.
    pub(super) fn is_of(&self, cluster: &Arc<Cluster>) -> bool {
        Arc::ptr_eq(&self.cluster, cluster)
    }

    /// Its samples of the family that has this place.
    pub(super) fn frame(&self, family: usize) -> &Frame {
        &self.frames[family]
    }

    /// The bytes it takes in memory.
    pub(super) fn held(&self) -> u64 {
        self.frames.iter().map(Frame::held).sum()
    }
}
