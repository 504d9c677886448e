//! The thread that all polls share.
//!
//! A poll waits nearly all of its time, and each of its answers is a little work for a connection, a client and a poll in
//! turn. On one thread none of them has to wake another thread for the next, which costs more than their work. And what an
//! answer costs, the list of ten thousand links for instance, delays no scrape: those are served by other threads.

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

/// Runs tasks, each while the others wait, until it is dropped. `None` only while it is dropped.
pub(super) struct PollThread(Option<Runtime>);

impl PollThread {
    pub(super) fn new() -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("polls")
            .enable_all()
            .build();
        Self(Some(runtime.expect(
            "the system gives a process its threads and its event queue",
        )))
    }

    /// Runs the task on the thread.
    pub(super) fn spawn<T>(&self, task: T) -> JoinHandle<T::Output>
    where
        T: Future<Output: Send> + Send + 'static,
    {
        let runtime = self.0.as_ref().expect("it is not dropped");
        runtime.spawn(task)
    }
}

impl Drop for PollThread {
    fn drop(&mut self) {
        // Where it is dropped is no place to wait; what still ran there is dropped when it next waits.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
