//! How much patience clients get. Not configurable: no client of an exporter needs more, and a test needs less.

use std::time::Duration;

/// What a client may take, so that no client takes it from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a request's whole head, and for a connection between two requests: an idle one is closed after it.
    /// Prometheus then connects anew for each scrape, as it does after any pause.
    pub header_timeout: Duration,
    /// For the TLS handshake.
    pub handshake_timeout: Duration,
    /// For a client that takes none of its answer's bytes.
    pub write_timeout: Duration,
    /// For a client that takes its answer, however steadily: what it is sent stays in memory as long.
    pub answer_timeout: Duration,
    /// Connections at once. Of those above it one waits for a permit, the others in the kernel's queue.
    pub connections: usize,
    /// When somebody waits for a permit, connections of at least this age that are between two requests are closed.
    pub yield_after: Duration,
    /// And so are those that have taken nothing of their answer for this long.
    pub stuck_yield_after: Duration,
    /// How long a stop waits for answers under way.
    pub stop_within: Duration,
    /// The longest head of a request, in bytes; a longer one is answered with 431.
    pub head_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Shorter than Prometheus' default scrape timeout of 10 s: even when every permit is held by a client that
            // never ends its request, the next scrape gets one in time.
            header_timeout: Duration::from_secs(5),
            handshake_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(10),
            // The longest scrape timeout that makes sense with Prometheus' default interval.
            answer_timeout: Duration::from_secs(60),
            // Prometheus replicas, a few browsers and probes need a handful.
            connections: 512,
            yield_after: Duration::from_secs(1),
            stuck_yield_after: Duration::from_millis(500),
            // With what comes after it, a stop stays below 5 s.
            stop_within: Duration::from_secs(3),
            head_bytes: 32 << 10,
        }
    }
}
