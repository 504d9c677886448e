//! A response body: ready pieces, of which a scrape sends the snapshot's own bytes and copies none of them, or pieces that
//! are made while they are sent, each when the one before it has been taken.

use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::{lent::Lent, written::Written};
use crate::metrics;

/// What is sent, in order.
pub struct ResponseBody(Source);

enum Source {
    /// With their length known beforehand.
    Ready {
        pieces: VecDeque<Bytes>,
        left: u64,
    },
    /// The metrics, which are kept compressed; their length is known as well.
    Metrics(metrics::Body, Lent),
    Written(Box<Written>),
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.left() {
            Some(left) => write!(f, "ResponseBody({left} bytes)"),
            None => f.write_str("ResponseBody(written while it is sent)"),
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

impl From<metrics::Body> for ResponseBody {
    fn from(body: metrics::Body) -> Self {
        Self(Source::Metrics(body, Lent::default()))
    }
}

impl From<Written> for ResponseBody {
    fn from(written: Written) -> Self {
        Self(Source::Written(Box::new(written)))
    }
}

impl ResponseBody {
    /// How many bytes are still to come, where that is known.
    fn left(&self) -> Option<u64> {
        match &self.0 {
            Source::Ready { left, .. } => Some(*left),
            Source::Metrics(body, _) => Some(body.left() as u64),
            Source::Written(_) => None,
        }
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
            Source::Metrics(body, lent) if body.is_made() => {
                if lent.is_out(context) {
                    return Poll::Pending;
                }
                Poll::Ready(body.next().map(|piece| lent.lend(piece)))
            }
            Source::Metrics(body, _) => Poll::Ready(body.next()),
            Source::Written(written) => written.poll_piece(context),
        };
        piece.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Written(written) => written.is_over(),
            Source::Ready { .. } | Source::Metrics(..) => self.left() == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.left()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::{
        metrics::{Format, Renderer},
        model::Snapshot,
    };

    fn body(gzip: bool, own: &str) -> ResponseBody {
        let exposition = Renderer::default().render(&Snapshot::default());
        exposition.body(Format::Text, own.to_owned(), gzip).into()
    }

    #[tokio::test]
    async fn a_body_is_all_of_its_pieces_and_knows_its_length() {
        for pieces in [vec![], vec!["a"], vec!["a", "bc"]] {
            let expected = pieces.concat();
            let pieces: Vec<_> = pieces.into_iter().map(Bytes::from).collect();
            let body = ResponseBody::from(pieces);
            assert_eq!(body.size_hint().exact(), Some(expected.len() as u64));
            assert_eq!(body.is_end_stream(), expected.is_empty());
            assert_eq!(body.collect().await.unwrap().to_bytes(), expected);
        }
        let plain = body(false, "self 1\n");
        assert_eq!(plain.size_hint().exact(), Some(7));
        // As who sends it, and holds no piece while asking for the next.
        let mut plain = plain;
        let mut sent = Vec::new();
        while let Some(frame) = plain.frame().await {
            sent.extend_from_slice(&frame.unwrap().into_data().unwrap());
        }
        assert_eq!(sent, b"self 1\n");
        let gzip = body(true, "self 1\n");
        let length = gzip.size_hint().exact();
        let sent = gzip.collect().await.unwrap().to_bytes();
        assert_eq!(length, Some(sent.len() as u64));
    }
}
