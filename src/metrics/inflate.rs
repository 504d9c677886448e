//! The plain form of an answer, decompressed while its client takes it: it costs a scrape without gzip some time, and no
//! memory that a client could hold on to but a piece.

use std::{mem, sync::Arc};

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress};

/// How much is decompressed at once: little enough for a thread that serves others too.
const PIECE: usize = 32 << 10;

/// The pieces of a text.
#[derive(Debug)]
pub(super) struct Inflater {
    /// Streams that continue one another, of which those before `next` have been begun. Whoever takes the same shares them.
    streams: Arc<[Bytes]>,
    next: usize,
    /// What is left of the last that was begun.
    current: Bytes,
    decoder: Decompress,
    /// How much of the text is still to come from the streams, in bytes.
    left: usize,
    /// What follows it.
    last: String,
}

impl Inflater {
    /// What the streams hold behind the first so many bytes, which is so long, and then the last part.
    pub(super) fn new(
        streams: Arc<[Bytes]>,
        skipped: usize,
        length: usize,
        mut last: String,
    ) -> Self {
        // It waits as long as the client does.
        last.shrink_to_fit();
        Self {
            current: streams[0].slice(skipped..),
            streams,
            next: 1,
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
                && let Some(next) = self.streams.get(self.next)
            {
                self.current = next.clone();
                self.next += 1;
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
