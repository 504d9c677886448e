//! Bodies, decompressed. A gzip body may have several members (RFC 1952, 2.2), which the HTTP client's own decoder does not
//! read.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

/// Takes a body in, piece by piece.
pub(super) enum Reader {
    Plain(Bounded),
    Gzip {
        decoder: Box<MultiGzDecoder<Bounded>>,
        is_empty: bool,
    },
}

/// What a body may have, and what there is of it.
pub(super) struct Bounded {
    body: Vec<u8>,
    limit: usize,
    is_full: bool,
}

/// Why a body cannot be taken in.
#[derive(Debug)]
pub(super) enum BodyError {
    TooLarge,
    NotGzip(String),
}

impl Reader {
    /// A reader for the body that follows these headers. `length` is how many bytes the server says it has, where it does.
    pub(super) fn new(headers: &HeaderMap, length: Option<u64>, limit: usize) -> Self {
        let length = length.map_or(0, |length| usize::try_from(length).unwrap_or(limit));
        let bounded = Bounded {
            // So that a large one is not copied each time it outgrows its place. Decompressed, it has at least as much.
            body: Vec::with_capacity(length.min(limit)),
            limit,
            is_full: false,
        };
        let encoding = headers.get(CONTENT_ENCODING);
        // RFC 9110, 8.4.1.3: both names mean the same.
        let is_gzip = |value: &[u8]| {
            value.eq_ignore_ascii_case(b"gzip") || value.eq_ignore_ascii_case(b"x-gzip")
        };
        if encoding.is_some_and(|value| is_gzip(value.as_bytes())) {
            Self::Gzip {
                decoder: Box::new(MultiGzDecoder::new(bounded)),
                is_empty: true,
            }
        } else {
            Self::Plain(bounded)
        }
    }

    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), BodyError> {
        match self {
            Self::Plain(bounded) => bounded.write_all(piece).map_err(|_| BodyError::TooLarge),
            Self::Gzip { decoder, is_empty } => {
                *is_empty &= piece.is_empty();
                let taken = decoder.write_all(piece);
                taken.map_err(|error| failed(&error, decoder.get_ref()))
            }
        }
    }

    /// The whole body.
    pub(super) fn finish(self) -> Result<Bytes, BodyError> {
        let Bounded { body, .. } = match self {
            Self::Plain(bounded) => bounded,
            // A body of nothing at all is no gzip and no fault.
            Self::Gzip { is_empty: true, .. } => return Ok(Bytes::new()),
            Self::Gzip { mut decoder, .. } => {
                let finished = decoder.try_finish();
                finished.map_err(|error| failed(&error, decoder.get_ref()))?;
                let Ok(bounded) = decoder.finish() else {
                    return Err(BodyError::NotGzip("the gzip stream ends early".to_owned()));
                };
                bounded
            }
        };
        Ok(body.into())
    }
}

fn failed(error: &io::Error, bounded: &Bounded) -> BodyError {
    if bounded.is_full {
        BodyError::TooLarge
    } else {
        BodyError::NotGzip(error.to_string())
    }
}

impl Write for Bounded {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.body.len() + piece.len() > self.limit {
            self.is_full = true;
            return Err(io::Error::other("too large"));
        }
        self.body.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// What is read of a body that comes in pieces of this size.
    fn read(encoding: &str, body: &[u8], piece: usize) -> Result<Bytes, BodyError> {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, encoding.parse().unwrap())]);
        let mut reader = Reader::new(&headers, Some(body.len() as u64), 1000);
        for piece in body.chunks(piece) {
            reader.take(piece)?;
        }
        reader.finish()
    }

    #[test]
    fn a_gzip_body_of_one_or_several_members_is_read_however_it_is_cut() {
        let several = [gzip(b"one, "), gzip(b""), gzip(b"two, "), gzip(b"three")].concat();
        for piece in [1, 7, 10_000] {
            for encoding in ["gzip", "GZIP", "x-gzip"] {
                let body = read(encoding, &several, piece).unwrap();
                assert_eq!(body, "one, two, three", "{encoding} {piece}");
            }
            assert_eq!(read("gzip", &gzip(b"alone"), piece).unwrap(), "alone");
            assert_eq!(read("identity", b"plain", piece).unwrap(), "plain");
        }
        assert_eq!(read("gzip", b"", 1).unwrap(), "");
    }

    #[test]
    fn what_is_too_large_or_no_gzip_is_told_apart() {
        let large = gzip(&vec![b' '; 1_000_000]);
        assert!(matches!(
            read("gzip", &large, 100),
            Err(BodyError::TooLarge)
        ));
        let plain = [b' '; 1001];
        assert!(matches!(read("br", &plain, 100), Err(BodyError::TooLarge)));
        let whole = gzip(b"a text that is cut off");
        for broken in [
            &whole[..whole.len() - 1],
            &whole[..12],
            b"{\"data\": []}, no gzip",
        ] {
            let read = read("gzip", broken, 5);
            assert!(matches!(read, Err(BodyError::NotGzip(_))), "{read:?}");
        }
    }
}
