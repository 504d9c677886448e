//! Which requests a poll sent: counted also when the poll is cut while they are under way.

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::model::{Endpoint, Request};

/// The requests of one poll.
#[derive(Debug, Default)]
pub struct RequestLog(Mutex<Vec<Request>>);

impl RequestLog {
    /// The requests that ended, in that order.
    pub fn into_requests(self) -> Vec<Request> {
        self.0.into_inner()
    }

    /// Marks the start of a request. It is entered when the mark is dropped, however the request ends.
    pub(super) fn start(&self, endpoint: Endpoint) -> UnderWay<'_> {
        UnderWay {
            log: self,
            endpoint,
            status: None,
            started: Instant::now(),
        }
    }
}

impl UnderWay<'_> {
    /// Enters the request that was answered with a redirect, before the one that is under way since.
    pub(super) fn redirected(&self, status: u16) {
        self.log.0.lock().push(Request {
            endpoint: self.endpoint,
            status: Some(status),
            took: self.started.elapsed(),
        });
    }
}

/// A request that was sent.
pub(super) struct UnderWay<'a> {
    log: &'a RequestLog,
    endpoint: Endpoint,
    started: Instant,
    /// Set when the response's headers came.
    pub(super) status: Option<u16>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let &mut Self {
            log,
            endpoint,
            status,
            started,
        } = self;
        let request = Request {
            endpoint,
            status,
            took: started.elapsed(),
        };
        log.0.lock().push(request);
    }
}
