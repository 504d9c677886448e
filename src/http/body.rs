//! A response body of ready pieces: a scrape sends the snapshot's own bytes and copies none of them. Where a piece has to
//! be made first, it is made when the one before it has been taken.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use parking_lot::Mutex;

use crate::metrics;

/// Sent in order, with its length known beforehand.
#[derive(Debug)]
pub struct ResponseBody(Pieces);

#[derive(Debug)]
enum Pieces {
    Ready(VecDeque<Bytes>, u64),
    Metrics(metrics::Body, Lent),
}

/// Whether somebody still has the piece that was made last.
#[derive(Clone, Debug, Default)]
struct Lent(Arc<Mutex<Lending>>);

#[derive(Debug, Default)]
struct Lending {
    is_out: bool,
    /// Who waits for it to come back.
    waker: Option<Waker>,
}

/// A piece that says when nobody has it any more.
struct LentPiece {
    piece: Bytes,
    lent: Lent,
}

impl From<Vec<Bytes>> for ResponseBody {
    fn from(pieces: Vec<Bytes>) -> Self {
        let left = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self(Pieces::Ready(pieces.into(), left))
    }
}

impl From<String> for ResponseBody {
    fn from(text: String) -> Self {
        vec![Bytes::from(text)].into()
    }
}

impl From<metrics::Body> for ResponseBody {
    fn from(body: metrics::Body) -> Self {
        Self(Pieces::Metrics(body, Lent::default()))
    }
}

impl Lent {
    /// Whether the last piece is still out; then the task is woken when it comes back.
    fn is_out(&self, context: &Context<'_>) -> bool {
        let mut lending = self.0.lock();
        if lending.is_out {
            lending.waker = Some(context.waker().clone());
        }
        lending.is_out
    }

    fn lend(&self, piece: Bytes) -> Bytes {
        self.0.lock().is_out = true;
        Bytes::from_owner(LentPiece {
            piece,
            lent: self.clone(),
        })
    }
}

impl AsRef<[u8]> for LentPiece {
    fn as_ref(&self) -> &[u8] {
        &self.piece
    }
}

impl Drop for LentPiece {
    fn drop(&mut self) {
        let mut lending = self.lent.0.lock();
        lending.is_out = false;
        if let Some(waker) = lending.waker.take() {
            waker.wake();
        }
    }
}

impl ResponseBody {
    fn left(&self) -> u64 {
        match &self.0 {
            Pieces::Ready(_, left) => *left,
            Pieces::Metrics(body, _) => body.left() as u64,
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
            Pieces::Ready(pieces, left) => {
                let piece = pieces.pop_front();
                *left -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
                piece
            }
            Pieces::Metrics(body, lent) if body.is_made() => {
                if lent.is_out(context) {
                    return Poll::Pending;
                }
                body.next().map(|piece| lent.lend(piece))
            }
            Pieces::Metrics(body, _) => body.next(),
        };
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
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

    #[tokio::test]
    async fn a_piece_that_is_made_waits_for_the_one_before_it() {
        let lent = Lent::default();
        let context = Context::from_waker(Waker::noop());
        assert!(!lent.is_out(&context));
        let piece = lent.lend(Bytes::from("a"));
        let part = piece.slice(..1);
        drop(piece);
        assert!(lent.is_out(&context), "a part of it is still there");
        let waiting = std::future::poll_fn(|own| {
            if lent.is_out(own) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        });
        let returning = async { drop(part) };
        tokio::join!(waiting, returning);
        assert!(!lent.is_out(&context));
    }
}
