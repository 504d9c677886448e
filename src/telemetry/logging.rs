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
    /// Everything, the libraries' own lines included.
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
    let filter = Targets::new()
        .with_default(theirs)
        .with_target(env!("CARGO_CRATE_NAME"), ours);
    tracing_subscriber::registry().with(lines.with_filter(filter))
}
