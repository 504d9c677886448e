//! Text that is compressed once, piece by piece, and put together to one gzip member for each scrape.
//!
//! A deflate stream that ends with a sync flush ends on a byte boundary and may be continued by another one that refers
//! to nothing before itself. So a piece that stays is never compressed twice, whatever changes around it, and clients that
//! stop after the first member of a gzip file, as some do, still get everything.

use std::{hash::BuildHasher, io::Write, mem, sync::Arc};

use bytes::Bytes;
use flate2::{Compression, Crc, write::DeflateEncoder};
use foldhash::quality::RandomState;

use super::inflate::Inflater;

/// Magic number, deflate, no flags, no time, fastest compression, unknown system (RFC 1952, section 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff];

/// Smaller pieces are copied together: a write of many small ones costs more than the copy.
const SMALL: usize = 4 << 10;

/// Shorter texts are stored as they are: to begin a stream costs more time than compressing them saves bytes.
const SHORT: usize = 512;

/// Some text as a deflate stream that may be continued.
pub(super) struct Frame {
    deflated: Bytes,
    crc: Crc,
    length: usize,
    /// Of the text: with length and checksum it tells whether another text is the same.
    hash: u64,
}

/// Compresses one text after the other; a new encoder for each would cost more than most of them.
pub(super) struct Deflater {
    encoder: DeflateEncoder<Vec<u8>>,
    hashing: RandomState,
    /// Where the next text may be written before it is compressed, so that each text does not grow a buffer of its own.
    pub(super) buffer: String,
}

/// The frames of an answer, put together, and open for one more part.
pub(super) struct Joined {
    /// The header of a gzip member and the streams.
    deflated: Arc<[Bytes]>,
    crc: Crc,
    length: usize,
    /// How many bytes of it are its own and not shared with the frames.
    copied: u64,
}

impl Default for Deflater {
    fn default() -> Self {
        Self {
            encoder: DeflateEncoder::new(Vec::new(), Compression::fast()),
            hashing: RandomState::default(),
            buffer: String::new(),
        }
    }
}

impl Deflater {
    /// Compresses the text, unless `before` is of the same: then it is that one. `before` was made here too.
    pub(super) fn frame(&mut self, text: &str, before: Option<&Arc<Frame>>) -> Arc<Frame> {
        let hash = self.hashing.hash_one(text);
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        if let Some(before) = before
            && (before.length, before.crc.sum(), before.hash) == (text.len(), crc.sum(), hash)
        {
            return Arc::clone(before);
        }
        let deflated = if text.len() < SHORT {
            stored(text.as_bytes())
        } else {
            self.compressed(text.as_bytes())
        };
        Arc::new(Frame {
            deflated: deflated.into(),
            crc,
            length: text.len(),
            hash,
        })
    }

    fn compressed(&mut self, text: &[u8]) -> Vec<u8> {
        self.encoder.write_all(text).expect(VEC);
        self.encoder.flush().expect(VEC);
        // A copy has the size that is needed; the buffer stays for the next text.
        let deflated = self.encoder.get_ref().as_slice().to_vec();
        let mut buffer = mem::take(self.encoder.get_mut());
        buffer.clear();
        // This closes the stream too, into the old vector: what closes it must not be in the frame.
        self.encoder.reset(buffer).expect(VEC);
        deflated
    }
}

/// A stream of one block that is not compressed and not the last one (RFC 1951, section 3.2.4).
fn stored(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("it is short");
    let mut block = Vec::with_capacity(5 + text.len());
    block.push(0);
    block.extend(length.to_le_bytes());
    block.extend((!length).to_le_bytes());
    block.extend(text);
    block
}

impl Frame {
    /// The bytes it takes in memory.
    pub(super) fn held(&self) -> u64 {
        self.deflated.len() as u64
    }
}

impl Joined {
    /// Puts them together, which compresses nothing.
    pub(super) fn of<'a>(frames: impl Iterator<Item = &'a Arc<Frame>>) -> Self {
        let mut deflated = Vec::new();
        let mut small = HEADER.to_vec();
        let mut crc = Crc::new();
        let (mut length, mut copied) = (0, 0);
        for frame in frames {
            length += frame.length;
            crc.combine(&frame.crc);
            if frame.deflated.len() < SMALL {
                small.extend_from_slice(&frame.deflated);
                continue;
            }
            if !small.is_empty() {
                copied += small.len() as u64;
                deflated.push(std::mem::take(&mut small).into());
            }
            deflated.push(frame.deflated.clone());
        }
        if !small.is_empty() {
            copied += small.len() as u64;
            deflated.push(small.into());
        }
        Self {
            deflated: deflated.into(),
            crc,
            length,
            copied,
        }
    }

    /// How many bytes of it are its own and not shared with the frames.
    pub(super) fn copied(&self) -> u64 {
        self.copied
    }

    /// The text and the last part, decompressed while it is taken.
    pub(super) fn plain(&self, last: String) -> Inflater {
        // What a gzip member begins with is no part of a stream.
        Inflater::new(self.deflated.clone(), HEADER.len(), self.length, last)
    }

    /// The same as a gzip member. Only the last part is compressed here.
    pub(super) fn member(&self, last: &str) -> Vec<Bytes> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(last.as_bytes()).expect(VEC);
        let mut end = encoder.finish().expect(VEC);
        let mut last_crc = Crc::new();
        last_crc.update(last.as_bytes());
        let mut crc = Crc::new();
        crc.combine(&self.crc);
        crc.combine(&last_crc);
        end.extend(crc.sum().to_le_bytes());
        end.extend(modulo_32(self.length + last.len()).to_le_bytes());
        let end = Bytes::from(end);
        self.deflated.iter().cloned().chain([end]).collect()
    }
}

const VEC: &str = "a vector takes all that is written to it";

/// The trailer holds the length modulo 2³².
fn modulo_32(length: usize) -> u32 {
    u32::try_from(length & 0xffff_ffff).expect("32 bits are left")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    fn joined(texts: &[String]) -> Joined {
        let mut deflater = Deflater::default();
        let frames: Vec<_> = texts
            .iter()
            .map(|text| deflater.frame(text, None))
            .collect();
        Joined::of(frames.iter())
    }

    fn unzip(member: &[Bytes]) -> Vec<u8> {
        let zipped = member.concat();
        let mut plain = Vec::new();
        let mut decoder = GzDecoder::new(zipped.as_slice());
        decoder.read_to_end(&mut plain).expect("one valid member");
        assert!(
            decoder.into_inner().is_empty(),
            "nothing follows the first member"
        );
        plain
    }

    #[test]
    fn nothing_at_all_is_a_valid_member_too() {
        for (texts, last) in [(&[][..], ""), (&[], "self 1\n"), (&["a 1\n".into()], "")] {
            let expected = texts.concat() + last;
            assert_eq!(unzip(&joined(texts).member(last)), expected.as_bytes());
        }
    }

    fn inflated(joined: &Joined, last: &str) -> Vec<u8> {
        let pieces: Vec<_> = joined.plain(last.to_owned()).collect();
        pieces.concat()
    }

    /// Text that hardly compresses: its stream is larger than what is copied.
    fn noise() -> String {
        let mut random = fastrand::Rng::with_seed(7);
        (0..100_000).map(|_| random.alphanumeric()).collect()
    }

    #[test]
    fn what_is_joined_once_serves_many_scrapes_and_shares_what_is_large() {
        let texts = [noise(), "y 1\n".repeat(200), "z 1\n".into(), noise()];
        let joined = joined(&texts);
        assert_eq!(joined.deflated.len(), 4);
        assert!(joined.copied() < 200, "{}", joined.copied());
        for scrape in ["self 1\n", "self 2\n"] {
            let expected = texts.concat() + scrape;
            assert!(unzip(&joined.member(scrape)) == expected.as_bytes());
            assert!(inflated(&joined, scrape) == expected.as_bytes());
        }
    }

    proptest! {
        /// Whatever was compressed before: a frame refers to nothing outside of itself.
        #[test]
        fn frames_come_back_in_any_order_and_number(
            texts in prop::collection::vec("[ab\n]{0,300}|[ab\n]{500,530}|.{0,30}", 1..5),
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
            last: String,
        ) {
            let mut deflater = Deflater::default();
            let frames: Vec<_> = texts.iter().map(|text| deflater.frame(text, None)).collect();
            let chosen: Vec<_> = order.iter().map(|index| index.index(texts.len())).collect();
            let expected: String = chosen.iter().map(|index| texts[*index].as_str()).collect();
            let joined = Joined::of(chosen.iter().map(|index| &frames[*index]));
            let expected = expected + &last;
            prop_assert!(unzip(&joined.member(&last)) == expected.as_bytes());
            prop_assert!(inflated(&joined, &last) == expected.as_bytes());
        }
    }
}
