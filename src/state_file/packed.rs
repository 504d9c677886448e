//! Rows on their way to the file, in little memory: those of one kind are mostly the same words.

use std::{borrow::Cow, collections::BTreeMap, io::Write as _, sync::Arc};

use flate2::{Compression, Decompress, FlushDecompress, Status, write::DeflateEncoder};

use super::Place;

/// Up to this many bytes a row is kept as it is: there is next to nothing to win, and such rows change with every poll.
const SHORT: usize = 128;

/// The bytes of a row.
#[derive(Clone, Debug)]
pub(super) enum Packed {
    /// As they are.
    Plain(Arc<[u8]>),
    /// Compressed, and how many bytes they are.
    Deflated(Arc<[u8]>, usize),
}

/// Rows to write by their places; `None` removes one.
pub(super) type PackedChanges = BTreeMap<Place, Option<Packed>>;

/// Compresses rows. One is used for many: to make one costs more than to compress a row.
pub(super) struct Packer(DeflateEncoder<Vec<u8>>);

/// Reads rows. One is used for many, for the same reason: it has 32 KiB to look back into.
pub(super) struct Unpacker(Decompress);

impl Packer {
    pub(super) fn pack(&mut self, row: &[u8]) -> Packed {
        const VEC: &str = "a vector takes all that is written to it";
        if row.len() <= SHORT {
            return Packed::Plain(row.into());
        }
        self.0.write_all(row).expect(VEC);
        let packed = self.0.reset(Vec::new()).expect(VEC);
        Packed::Deflated(packed.into(), row.len())
    }
}

impl Unpacker {
    pub(super) fn unpack<'a>(&mut self, row: &'a Packed) -> Cow<'a, [u8]> {
        match row {
            Packed::Plain(row) => Cow::Borrowed(row),
            Packed::Deflated(packed, length) => {
                let mut row = Vec::with_capacity(*length);
                self.0.reset(false);
                let status = self
                    .0
                    .decompress_vec(packed, &mut row, FlushDecompress::Finish);
                let is_whole = matches!(status, Ok(Status::StreamEnd)) && row.len() == *length;
                assert!(is_whole, "what was compressed here can be read");
                Cow::Owned(row)
            }
        }
    }
}

impl Default for Unpacker {
    fn default() -> Self {
        Self(Decompress::new(false))
    }
}

impl Default for Packer {
    fn default() -> Self {
        Self(DeflateEncoder::new(Vec::new(), Compression::fast()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_every_length_come_out_as_they_went_in() {
        let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
        for length in (0..=2 * SHORT).chain([5000, 100_000]) {
            let row: Vec<u8> = (0..=250).cycle().take(length).collect();
            assert_eq!(*unpacker.unpack(&packer.pack(&row)), *row);
        }
    }
}
