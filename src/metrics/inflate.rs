//! The plain form of an answer, decompressed while its client takes it: it costs a scrape without gzip some time, and no
//! memory that a client could hold on to but a piece.

use std::{mem, vec};

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress};

/// How much is decompressed at once: little enough for a thread that serves others too.
const PIECE: usize = 32 << 10;

/// The pieces of a text.
#[derive(Debug)]
pub(super) struct Inflater {
    /// Streams that continue one another.
    streams: vec::IntoIter<Bytes>,
    current: Bytes,
    decoder: Decompress,
    /// How much of the text is still to come from the streams, in bytes.
    left: usize,
    /// What follows it.
    last: String,
}

impl Inflater {
    /// What the streams hold, which is so long, and then the last part.
    pub(super) fn new(streams: Vec<Bytes>, length: usize, last: String) -> Self {
        Self {
            streams: streams.into_iter(),
            current: Bytes::new(),
            decoder: Decompress::new(false),
            left: length,
            last,
        }
    }

    /// How much is still to come, in bytes.
    pub(super) fn left(&self) -> usize {
        self.left + self.last.len()
    }

    fn inflate(&mut self) -> Vec<u8> {
        let mut piece = Vec::with_capacity(PIECE.min(self.left));
        while piece.len() < piece.capacity() && piece.len() < self.left {
            while self.current.is_empty()
                && let Some(next) = self.streams.next()
            {
                self.current = next;
            }
            let (read, written) = (self.decoder.total_in(), piece.len());
            self.decoder
                .decompress_vec(&self.current, &mut piece, FlushDecompress::None)
                .expect(OURS);
            let read = usize::try_from(self.decoder.total_in() - read).expect("it is in memory");
            self.current = self.current.split_off(read);
            assert!(read > 0 || piece.len() > written, "{OURS}");
        }
        self.left -= piece.len();
        piece
    }
}

impl Iterator for Inflater {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.left > 0 {
            return Some(self.inflate().into());
        }
        let last = mem::take(&mut self.last);
        (!last.is_empty()).then(|| last.into())
    }
}

const OURS: &str = "what was compressed here can be decompressed";
