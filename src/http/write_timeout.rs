//! A stream whose reader must keep reading: without it, a client that asks and never takes the answer stays for ever, and
//! with it what it asked for.

use std::{
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

use super::Limits;
use crate::metrics::Age;

/// Fails with `TimedOut` when no byte could be written for a while, or too long after the last byte was read: a client is
/// read from only between two answers.
pub(super) struct WriteTimeout<S> {
    stream: S,
    patience: Duration,
    answer_timeout: Duration,
    answer_due: Instant,
    deadline: Pin<Box<Sleep>>,
    waiting: Waiting,
}

/// What there is for the reader that it has not taken.
#[derive(Clone, Default)]
pub(super) struct Waiting(Arc<Mutex<Untaken>>);

#[derive(Clone, Copy, Default)]
struct Untaken {
    since: Option<Instant>,
    oldest: Option<Age>,
}

impl Waiting {
    /// Since when the reader has taken nothing.
    pub(super) fn since(&self) -> Option<Instant> {
        self.0.lock().since
    }

    /// How old what it takes is at most, as long as it has not taken all.
    pub(super) fn oldest(&self) -> Option<Age> {
        let untaken = *self.0.lock();
        untaken.since.and(untaken.oldest)
    }

    /// An answer of this age is sent next. One before it that is not taken yet may be older.
    pub(super) fn answers(&self, age: Option<Age>) {
        let mut untaken = self.0.lock();
        let before = untaken.since.and(untaken.oldest);
        untaken.oldest = before.into_iter().chain(age).min();
    }

    fn set(&self, since: Option<Instant>) {
        self.0.lock().since = since;
    }
}

impl<S> WriteTimeout<S> {
    pub(super) fn new(stream: S, limits: &Limits) -> Self {
        Self {
            stream,
            patience: limits.write_timeout,
            answer_timeout: limits.answer_timeout,
            answer_due: Instant::now() + limits.answer_timeout,
            deadline: Box::pin(sleep(limits.write_timeout)),
            waiting: Waiting::default(),
        }
    }

    pub(super) fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }

    /// Passes on what a write came to, and counts the time in which it comes to nothing.
    fn judge<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting.set(None);
            if Instant::now() >= self.answer_due {
                return Poll::Ready(Err(ErrorKind::TimedOut.into()));
            }
            return written;
        }
        if self.waiting.since().is_none() {
            let now = Instant::now();
            self.waiting.set(Some(now));
            let due = self.answer_due.min(now + self.patience);
            self.deadline.as_mut().reset(due);
        }
        ready!(self.deadline.as_mut().poll(context));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteTimeout<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.answer_due = Instant::now() + self.answer_timeout;
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteTimeout<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.judge(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(context);
        self.judge(context, closed)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    /// How long a client is written to that takes 8 bytes each time after this pause.
    async fn patience_with(pause: Duration, takes: usize, limits: &Limits) -> Duration {
        let (server, mut client) = duplex(8);
        let mut server = WriteTimeout::new(server, limits);
        let begun = Instant::now();
        let writing = tokio::spawn(async move {
            let failed = server.write_all(&[0; 8000]).await.unwrap_err();
            assert_eq!(failed.kind(), ErrorKind::TimedOut);
            begun.elapsed()
        });
        for _ in 0..takes {
            sleep(pause).await;
            if client.read_exact(&mut [0; 8]).await.is_err() {
                break;
            }
        }
        writing.await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_stops_is_given_up_and_a_slow_one_only_after_the_time_for_an_answer() {
        let limits = Limits {
            write_timeout: LIMIT,
            answer_timeout: 6 * LIMIT,
            ..Limits::default()
        };
        let seconds = Duration::from_secs;
        assert_eq!(patience_with(seconds(9), 0, &limits).await, LIMIT);
        assert_eq!(patience_with(seconds(9), 4, &limits).await, seconds(46));
        assert_eq!(patience_with(seconds(9), 100, &limits).await, seconds(60));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_read_begins_the_time_for_an_answer_anew() {
        let limits = Limits {
            answer_timeout: LIMIT,
            ..Limits::default()
        };
        let (server, mut client) = duplex(8);
        let mut server = WriteTimeout::new(server, &limits);
        for _ in 0..3 {
            sleep(LIMIT).await;
            client.write_all(&[1]).await.unwrap();
            server.read_exact(&mut [0]).await.unwrap();
            sleep(LIMIT / 2).await;
            server.write_all(&[2; 8]).await.unwrap();
            client.read_exact(&mut [0; 8]).await.unwrap();
        }
        assert!(server.waiting().since().is_none());
    }
}
