//! What a scrape gets: text that stands ready, plain and compressed.

use std::sync::Arc;

use bytes::Bytes;

use super::gzip::OpenMember;

/// The text of one snapshot. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Exposition(Arc<Shared>);

struct Shared {
    frames: Vec<Bytes>,
    length: usize,
    gzip: OpenMember,
    age: Age,
}

/// How much text had been replaced, in bytes, when a text was made. An answer keeps what it is made of in memory until its
/// client has taken it: what has been replaced since then is there for its sake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(pub(super) u64);

/// Replaced text that may stay in memory for clients that still take it, however little the newest is.
const LEAST_SPARED: u64 = 8 << 20;

/// A response's body.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its parts, in order; shared with every other scrape of the snapshot.
    pub frames: Vec<Bytes>,
    /// Their total length in bytes.
    pub length: usize,
}

impl Exposition {
    /// The content type of the text.
    pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

    /// Compresses the frames, which takes some 30 ms for 60 MB: off the request path.
    pub(super) fn new(frames: Vec<Bytes>, age: Age) -> Self {
        Self(Arc::new(Shared {
            length: length(&frames),
            gzip: OpenMember::new(&frames),
            frames,
            age,
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
        let own = (self.0.length + self.0.gzip.length()) as u64;
        replaced <= LEAST_SPARED.max(own + own / 2)
    }

    /// The bytes of its compressed form.
    pub(super) fn deflated(&self) -> u64 {
        self.0.gzip.length() as u64
    }

    /// The length of the snapshot's text in bytes, plain and without self-metrics.
    pub fn length(&self) -> usize {
        self.0.length
    }

    /// The snapshot's text followed by the self-metrics, plain or as one gzip member. Only the self-metrics are
    /// compressed here: the rest stands ready in both forms.
    pub fn body(&self, self_metrics: &str, gzip: bool) -> Body {
        let frames = if gzip {
            self.0.gzip.close(self_metrics.as_bytes()).to_vec()
        } else {
            let last = Bytes::copy_from_slice(self_metrics.as_bytes());
            self.0.frames.iter().cloned().chain([last]).collect()
        };
        Body {
            length: length(&frames),
            frames,
        }
    }
}

fn length(frames: &[Bytes]) -> usize {
    frames.iter().map(Bytes::len).sum()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn an_answer_is_spared_until_much_more_was_replaced_than_there_is() {
        let spared = |length: usize, replaced: u64| {
            let frames = vec![Bytes::from(vec![b'a'; length])];
            let newest = Exposition::new(frames, Age(1000 + replaced));
            newest.spares(Age(1000))
        };
        assert!(spared(0, LEAST_SPARED) && !spared(0, LEAST_SPARED + 1));
        let large = 20 << 20;
        // All of it once, and not twice.
        assert!(spared(large, large as u64) && !spared(large, 2 * large as u64));
    }

    #[test]
    fn plain_and_gzip_say_the_same_and_know_their_length() {
        for frames in [vec![], vec!["a 1\n".into(), "b 2\n".into()]] {
            let exposition = Exposition::new(frames, Age::default());
            let plain = exposition.body("self 3\n", false);
            let gzip = exposition.body("self 3\n", true);

            let text = plain.frames.concat();
            assert_eq!(
                (plain.length, exposition.length() + 7),
                (text.len(), text.len())
            );
            let zipped = gzip.frames.concat();
            assert_eq!(gzip.length, zipped.len());
            let mut unzipped = Vec::new();
            GzDecoder::new(zipped.as_slice())
                .read_to_end(&mut unzipped)
                .expect("one valid member");
            assert_eq!(unzipped, text);
        }
    }
}
