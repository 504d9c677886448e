//! What is logged while a test runs.

use std::{
    io,
    sync::{Arc, Mutex},
};

use cluster_link_exporter::telemetry::logging::{LogFormat, LogLevel, subscriber};
use tracing::subscriber::DefaultGuard;

/// Takes the lines of the current thread for as long as it lives.
pub(crate) struct Log {
    buffer: Buffer,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Lines of this level and above.
    pub(crate) fn of(level: LogLevel) -> Self {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(LogFormat::Logfmt, level, move || writer.clone());
        Self {
            buffer,
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    /// The lines without their times.
    pub(crate) fn lines(&self) -> Vec<String> {
        let bytes = self.buffer.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        let since = regex::Regex::new(r"since=\S+").unwrap();
        let lines = text.lines().map(|line| {
            let (_, line) = line.split_once(' ').unwrap();
            since.replace(line, "since=T").into_owned()
        });
        lines.collect()
    }
}
