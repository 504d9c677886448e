//! The thread that all polls share.
//!
//! A poll waits nearly all of its time, and each of its answers is a little work for a connection, a client and a poll in
//! turn. On one thread none of them has to wake another thread for the next, which costs more than their work. And what an
//! answer costs, the list of ten thousand links for instance, delays no scrape: those are served by other threads.

use std::{convert::Infallible, thread};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinHandle,
};

/// What the system calls it, and those that read files for it.
const NAME: &str = "polls";

/// Runs tasks, each while the others wait, until it is dropped.
pub(super) struct PollThread {
    runtime: Handle,
    /// Nothing is sent: that it is dropped ends the thread.
    _held: oneshot::Sender<Infallible>,
}

impl PollThread {
    pub(super) fn new() -> Self {
        let runtime = Builder::new_current_thread()
            .thread_name(NAME)
            .enable_all()
            .build()
            .expect("the system gives a process its event queue");
        let handle = runtime.handle().clone();
        let (held, dropped) = oneshot::channel();
        let run = move || {
            let _: Result<Infallible, _> = runtime.block_on(dropped);
            // What still ran is dropped; a file that is still being read is nobody's business any more.
            runtime.shutdown_background();
        };
        thread::Builder::new()
            .name(NAME.to_owned())
            .spawn(run)
            .expect("the system gives a process its threads");
        Self {
            runtime: handle,
            _held: held,
        }
    }

    /// Runs the task on the thread.
    pub(super) fn spawn<T>(&self, task: T) -> JoinHandle<T::Output>
    where
        T: Future<Output: Send> + Send + 'static,
    {
        self.runtime.spawn(task)
    }
}
