//! A piece of an answer that is made when it is asked for, and holds up the next one until nobody has it any more.

use std::{
    sync::Arc,
    task::{Context, Waker},
};

use bytes::Bytes;
use parking_lot::Mutex;

/// Whether somebody still has the piece that was made last.
#[derive(Clone, Debug, Default)]
pub(super) struct Lent(Arc<Mutex<Lending>>);

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

impl Lent {
    /// Whether the last piece is still out; then the task is woken when it comes back.
    pub(super) fn is_out(&self, context: &Context<'_>) -> bool {
        let mut lending = self.0.lock();
        if lending.is_out {
            lending.waker = Some(context.waker().clone());
        }
        lending.is_out
    }

    /// Hands the piece out.
    pub(super) fn lend(&self, piece: Bytes) -> Bytes {
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

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

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
