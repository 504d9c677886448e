//! One gzip member from two deflate streams: a large one that is made once and a small one per scrape.
//!
//! A deflate stream that ends with a sync flush ends on a byte boundary and may be continued by another one that refers
//! to nothing before itself. So the large part is never compressed twice, and clients that stop after the first member
//! of a gzip file, as some do, still get everything.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, Crc, write::DeflateEncoder};

/// Magic number, deflate, no flags, no time, fastest compression, unknown system (RFC 1952, section 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff];

/// The beginning of a gzip member, open for one more part.
pub(super) struct OpenMember {
    /// The member's header and a deflate stream that ends with a sync flush.
    deflated: Bytes,
    crc: Crc,
    length: usize,
}

impl OpenMember {
    /// Compresses the frames. Takes some 50 ms for 30 MB of exposition.
    pub(super) fn new(frames: &[Bytes]) -> Self {
        let mut encoder = DeflateEncoder::new(HEADER.to_vec(), Compression::fast());
        let mut crc = Crc::new();
        let mut length = 0;
        for frame in frames {
            encoder.write_all(frame).expect(VEC);
            crc.update(frame);
            length += frame.len();
        }
        encoder.flush().expect(VEC);
        // Finishing would close the stream; what the dropped encoder still writes goes to an empty vector.
        let mut deflated = std::mem::take(encoder.get_mut());
        deflated.shrink_to_fit();
        Self {
            deflated: deflated.into(),
            crc,
            length,
        }
    }

    /// The bytes of this beginning.
    pub(super) fn length(&self) -> usize {
        self.deflated.len()
    }

    /// The whole member: this beginning, the last part and the trailer.
    pub(super) fn close(&self, last: &[u8]) -> [Bytes; 2] {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(last).expect(VEC);
        let mut end = encoder.finish().expect(VEC);
        let mut last_crc = Crc::new();
        last_crc.update(last);
        let mut crc = Crc::new();
        crc.combine(&self.crc);
        crc.combine(&last_crc);
        end.extend(crc.sum().to_le_bytes());
        end.extend(modulo_32(self.length + last.len()).to_le_bytes());
        [self.deflated.clone(), end.into()]
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
        assert_eq!(unzip(&OpenMember::new(&[]).close(b"")), b"");
        assert_eq!(unzip(&OpenMember::new(&[]).close(b"self 1\n")), b"self 1\n");
        let open = OpenMember::new(&[Bytes::from_static(b"a 1\n")]);
        assert_eq!(unzip(&open.close(b"")), b"a 1\n");
    }

    #[test]
    fn a_beginning_serves_many_scrapes() {
        let open = OpenMember::new(&["x".repeat(1_000_000).into(), "y 1\n".into()]);
        for scrape in ["self 1\n", "self 2\n"] {
            let expected = "x".repeat(1_000_000) + "y 1\n" + scrape;
            assert!(unzip(&open.close(scrape.as_bytes())) == expected.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn every_pair_of_parts_comes_back(
            frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3_000), 0..3),
            last: Vec<u8>,
        ) {
            let frames: Vec<Bytes> = frames.into_iter().map(Bytes::from).collect();
            let expected = [frames.concat(), last.clone()].concat();
            prop_assert!(unzip(&OpenMember::new(&frames).close(&last)) == expected);
        }
    }
}
