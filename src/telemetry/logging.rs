//! Log lines on standard error: logfmt for people and Loki, JSON for those who parse.

use clap::ValueEnum;
use tracing::Level;
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
};

use super::line::Line;
pub use super::line::LogFormat;

/// `--log.level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// What stopped working.
    Error,
    /// What a person should look at.
    Warn,
    /// Changes.
    Info,
    /// Every poll.
    Debug,
    /// Everything, the libraries' own lines included, but for those that may hold what a server says.
    Trace,
}

/// Starts logging for the life of the process. Later calls change nothing.
pub fn start(format: LogFormat, level: LogLevel) {
    let subscriber = subscriber(format, level, std::io::stderr);
    // Only a second call in one process fails, and then there is logging already.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// What [`start`] installs, with the place where lines go.
pub fn subscriber<W>(
    format: LogFormat,
    level: LogLevel,
    writer: W,
) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let line = Line {
        format,
        with_target: level == LogLevel::Trace,
    };
    let lines = fmt::layer().event_format(line).with_writer(writer);
    let ours = match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    // Libraries speak up only when asked for everything: their debug lines may hold headers.
    let theirs = if level == LogLevel::Trace {
        Level::DEBUG
    } else {
        Level::WARN
    };
    // These would tell what a server says at the end of an HTTP/2 connection, which may be anything that it was sent.
    let echoing = [
        "h2",
        "hyper::proto::h2",
        "hyper_util::client::legacy::client",
    ];
    let filter = Targets::new()
        .with_default(theirs)
        .with_targets(echoing.map(|target| (target, Level::WARN)))
        .with_target(env!("CARGO_CRATE_NAME"), ours);
    tracing_subscriber::registry().with(lines.with_filter(filter))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn libraries_that_tell_what_a_server_says_speak_up_for_no_level() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let writer = lines.clone();
        let subscriber = subscriber(LogFormat::Logfmt, LogLevel::Trace, move || {
            Lines(writer.clone())
        });
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!(target: "reqwest::connect", "starting new connection");
            tracing::debug!(target: "h2::codec::framed_read", "canary");
            tracing::debug!(target: "hyper::proto::h2::client", "canary");
            tracing::debug!(target: "hyper_util::client::legacy::client", "canary");
            tracing::debug!(target: "hyper_util::client::legacy::pool", "reuse idle connection");
        });
        let text = String::from_utf8(lines.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(!text.contains("canary"), "{text}");
    }

    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
