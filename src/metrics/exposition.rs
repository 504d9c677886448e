//! What a scrape gets: text that stands ready, compressed. A scrape that wants it plain gets it decompressed.

use std::{
    sync::{Arc, LazyLock, OnceLock},
    vec,
};

use bytes::Bytes;

use super::{
    Format, families,
    gzip::{Deflater, Frame, Joined},
    inflate::Inflater,
    rendered::Rendered,
};

/// The text of one snapshot. Cheap to clone; clones share everything.
#[derive(Clone, Default)]
pub struct Exposition(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// In their order.
    clusters: Vec<Arc<Rendered>>,
    /// The bytes of all of them.
    held: u64,
    age: Age,
    /// By whoever asks first: many reports come between two scrapes.
    joined: [OnceLock<Joined>; Format::ALL.len()],
}

/// How much compressed text had been replaced, in bytes, when a text was made. An answer keeps what it is made of in memory until its
/// client has taken it: what has been replaced since then is there for its sake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(pub(super) u64);

/// Replaced text that may stay in memory for clients that still take it, however little the newest is.
const LEAST_SPARED: u64 = 8 << 20;

/// A response's body: its parts, in order.
#[derive(Debug)]
pub struct Body(Parts);

#[derive(Debug)]
enum Parts {
    /// Shared with every other scrape of the snapshot.
    Ready {
        parts: vec::IntoIter<Bytes>,
        left: usize,
    },
    /// Decompressed when they are asked for.
    Inflated(Box<Inflater>),
}

impl Body {
    fn ready(parts: Vec<Bytes>) -> Self {
        Self(Parts::Ready {
            left: parts.iter().map(Bytes::len).sum(),
            parts: parts.into_iter(),
        })
    }

    /// How much of it is still to come, in bytes.
    pub fn left(&self) -> usize {
        match &self.0 {
            Parts::Ready { left, .. } => *left,
            Parts::Inflated(inflater) => inflater.left(),
        }
    }

    /// Whether each part is made when it is asked for, so that there should not be many at once.
    pub fn is_made(&self) -> bool {
        matches!(self.0, Parts::Inflated(_))
    }

    /// All that is still to come.
    pub fn concat(self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.left());
        for part in self {
            all.extend_from_slice(&part);
        }
        all
    }
}

impl Iterator for Body {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        match &mut self.0 {
            Parts::Ready { parts, left } => {
                let part = parts.next()?;
                *left -= part.len();
                Some(part)
            }
            Parts::Inflated(inflater) => inflater.next(),
        }
    }
}

impl Exposition {
    pub(super) fn new(clusters: Vec<Arc<Rendered>>, age: Age) -> Self {
        Self(Arc::new(Shared {
            held: clusters.iter().map(|cluster| cluster.held()).sum(),
            clusters,
            age,
            joined: Default::default(),
        }))
    }

    /// How old its answers are.
    pub fn age(&self) -> Age {
        self.0.age
    }

    /// Whether an answer of that age may stay in memory beside this text, the newest: what was replaced since then is no
    /// more than half as much again as the newest. A client that has all of it replaced once may go on.
    pub fn spares(&self, age: Age) -> bool {
        let replaced = self.0.age.0.saturating_sub(age.0);
        let own = self.0.held;
        replaced <= LEAST_SPARED.max(own + own / 2)
    }

    /// In the order of the snapshot.
    pub(super) fn clusters(&self) -> &[Arc<Rendered>] {
        &self.0.clusters
    }

    /// The bytes that it shares with no other exposition, so far.
    pub(super) fn own(&self) -> u64 {
        let joined = self.0.joined.iter().filter_map(OnceLock::get);
        joined.map(Joined::copied).sum()
    }

    /// The snapshot's text in the format, followed by the self-metrics, which must be in it too, plain or as one gzip member.
    /// Only the self-metrics are compressed here: the rest stands ready, and is decompressed piece by piece where it is
    /// wanted plain.
    pub fn body(&self, format: Format, mut self_metrics: String, gzip: bool) -> Body {
        let joined = &self.0.joined[format as usize];
        let joined = joined.get_or_init(|| join(format, &self.0.clusters));
        self_metrics.push_str(format.end());
        if gzip {
            Body::ready(joined.member(&self_metrics))
        } else {
            Body(Parts::Inflated(Box::new(joined.plain(self_metrics))))
        }
    }
}

/// Families in their order, within a family the clusters in theirs; a family without samples has no header.
fn join(format: Format, clusters: &[Arc<Rendered>]) -> Joined {
    let frames = headers(format)
        .iter()
        .enumerate()
        .flat_map(|(family, header)| {
            let texts = clusters
                .iter()
                .flat_map(move |cluster| cluster.frames(format, family));
            let is_shown = texts.clone().next().is_some();
            is_shown.then_some(header).into_iter().chain(texts)
        });
    Joined::of(frames)
}

/// The headers of the families in their order.
fn headers(format: Format) -> &'static [Arc<Frame>] {
    static HEADERS: LazyLock<[Vec<Arc<Frame>>; Format::ALL.len()]> = LazyLock::new(|| {
        let mut deflater = Deflater::default();
        Format::ALL.map(|format| {
            let headers = families().map(|family| deflater.frame(&family.header(format), None));
            headers.collect()
        })
    });
    &HEADERS[format as usize]
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::metrics::{
        Renderer,
        testing::{cluster, documented, snapshot},
    };

    fn of(held: u64, age: Age) -> Exposition {
        Exposition(Arc::new(Shared {
            clusters: Vec::new(),
            held,
            age,
            joined: Default::default(),
        }))
    }

    #[test]
    fn an_answer_is_spared_until_much_more_was_replaced_than_there_is() {
        let spared = |held: u64, replaced: u64| of(held, Age(1000 + replaced)).spares(Age(1000));
        assert!(spared(0, LEAST_SPARED) && !spared(0, LEAST_SPARED + 1));
        let large = 20 << 20;
        // All of it once, and not twice.
        assert!(spared(large, large) && !spared(large, 2 * large));
    }

    #[test]
    fn plain_and_gzip_say_the_same_and_know_their_length() {
        for snapshot in [snapshot([]), snapshot([documented(), cluster("other")])] {
            let exposition = Renderer::default().render(&snapshot);
            for format in Format::ALL {
                let [plain, gzip] =
                    [false, true].map(|gzip| exposition.body(format, "self 3\n".into(), gzip));

                let lengths = (plain.left(), gzip.left());
                let (text, zipped) = (plain.concat(), gzip.concat());
                assert_eq!(lengths, (text.len(), zipped.len()));
                let mut unzipped = Vec::new();
                GzDecoder::new(zipped.as_slice())
                    .read_to_end(&mut unzipped)
                    .expect("one valid member");
                assert!(unzipped == text, "not the same text");
                assert_eq!(
                    text.ends_with(b"self 3\n# EOF\n"),
                    format == Format::OpenMetrics
                );
            }
        }
    }
}
