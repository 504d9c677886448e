//! A response body: ready pieces, of which a scrape sends the snapshot's own bytes and copies none of them, or one that is
//! written while it is sent.

use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::written::Written;

/// What is sent, in order.
pub struct ResponseBody(Source);

enum Source {
    /// With their length known beforehand.
    Ready {
        pieces: VecDeque<Bytes>,
        left: u64,
    },
    Written(Box<Written>),
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Ready { left, .. } => write!(f, "ResponseBody({left} bytes)"),
            Source::Written(_) => f.write_str("ResponseBody(written while it is sent)"),
        }
    }
}

impl From<Vec<Bytes>> for ResponseBody {
    fn from(pieces: Vec<Bytes>) -> Self {
        let left = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self(Source::Ready {
            pieces: pieces.into(),
            left,
        })
    }
}

impl From<String> for ResponseBody {
    fn from(text: String) -> Self {
        vec![Bytes::from(text)].into()
    }
}

impl From<Written> for ResponseBody {
    fn from(written: Written) -> Self {
        Self(Source::Written(Box::new(written)))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = match &mut self.0 {
            Source::Ready { pieces, left } => {
                let piece = pieces.pop_front();
                *left -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
                Poll::Ready(piece)
            }
            Source::Written(written) => written.poll_piece(context),
        };
        piece.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Ready { pieces, .. } => pieces.is_empty(),
            Source::Written(written) => written.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Ready { left, .. } => SizeHint::with_exact(*left),
            Source::Written(_) => SizeHint::default(),
        }
    }
}
