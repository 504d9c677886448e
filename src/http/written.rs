//! A body that is written while it is sent, piece by piece: it holds one piece at a time, however large the answer is.
//!
//! The next piece is made when the client has taken the one before, on no thread that serves, and one body at a time has
//! its turn. A client that takes nothing holds no thread and keeps nobody from a turn.

use std::{
    io::Write,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use tokio::{
    sync::Semaphore,
    task::{JoinHandle, spawn_blocking},
};

use crate::status::pieces::Pieces;

/// How much is sent at once.
const PIECE: usize = 64 << 10;

/// How much text becomes one piece at the most: what compresses well takes its turn no longer for that.
const MOST_TEXT: usize = 1 << 20;

const VEC: &str = "a vector takes all that is written to it";

/// Who has the turn to write.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<Semaphore>);

/// A body that is still written.
pub(super) struct Written {
    turns: Turns,
    stage: Stage,
}

enum Stage {
    Resting(Box<Writer>),
    Working(JoinHandle<(Bytes, Box<Writer>)>),
    Over,
}

struct Writer {
    pieces: Pieces,
    encoder: Option<GzEncoder<Vec<u8>>>,
    is_over: bool,
}

impl Turns {
    /// One body at a time, so that scrapes find a processor even where there are two.
    pub(super) fn one() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }

    /// Waits for the turn and writes. The turn ends with the work, whether or not anybody still waits for what it brings.
    fn write(&self, mut writer: Box<Writer>) -> JoinHandle<(Bytes, Box<Writer>)> {
        let turns = self.0.clone();
        tokio::spawn(async move {
            let turn = turns.acquire_owned().await.expect("it is never closed");
            let work = move || {
                let piece = writer.next();
                drop(turn);
                (piece, writer)
            };
            spawn_blocking(work).await.expect("no piece panics")
        })
    }
}

impl Written {
    /// A body of these pieces, plain or as one gzip member.
    pub(super) fn new(pieces: Pieces, gzip: bool, turns: Turns) -> Self {
        let encoder = gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast()));
        let writer = Writer {
            pieces,
            encoder,
            is_over: false,
        };
        Self {
            turns,
            stage: Stage::Resting(Box::new(writer)),
        }
    }

    /// The next bytes; `None` where there are no more.
    pub(super) fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            match mem::replace(&mut self.stage, Stage::Over) {
                Stage::Over => return Poll::Ready(None),
                Stage::Resting(writer) if writer.is_over => {}
                Stage::Resting(writer) => {
                    self.stage = Stage::Working(self.turns.write(writer));
                }
                Stage::Working(mut work) => {
                    let polled = Pin::new(&mut work).poll(context);
                    if polled.is_pending() {
                        self.stage = Stage::Working(work);
                    }
                    let (bytes, writer) = ready!(polled).expect("no piece panics");
                    self.stage = Stage::Resting(writer);
                    if !bytes.is_empty() {
                        return Poll::Ready(Some(bytes));
                    }
                }
            }
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }
}

impl Writer {
    fn next(&mut self) -> Bytes {
        let mut text = String::new();
        let mut taken = 0;
        while taken < MOST_TEXT {
            let Some(piece) = self.pieces.next() else {
                self.is_over = true;
                break;
            };
            taken += piece.len();
            let ready = if let Some(encoder) = &mut self.encoder {
                encoder.write_all(piece.as_bytes()).expect(VEC);
                encoder.get_ref().len()
            } else {
                text.push_str(&piece);
                text.len()
            };
            if ready >= PIECE {
                break;
            }
        }
        match &mut self.encoder {
            None => text.into(),
            Some(encoder) if self.is_over => {
                encoder.try_finish().expect(VEC);
                mem::take(encoder.get_mut()).into()
            }
            Some(encoder) => mem::take(encoder.get_mut()).into(),
        }
    }
}
