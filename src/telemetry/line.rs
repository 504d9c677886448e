//! One log line: `ts`, `level` and `msg` first, then the event's own keys, the same in both formats.
//!
//! Whatever the values hold, a line stays one line: control characters and those that turn the direction of text
//! are escaped the way JSON does it, which parsers of logfmt understand too.

use std::fmt::{self, Debug};

use clap::ValueEnum;
use serde_json::Value;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

use crate::text::{is_unprintable, printable_json};

/// `--log.format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// `ts=… level=… msg=… key=value`
    Logfmt,
    /// One JSON object a line, with the same keys.
    Json,
}

/// How events become lines. Spans are left out: there are none of ours, and libraries' say nothing to operators.
pub(super) struct Line {
    pub(super) format: LogFormat,
    /// Whether to say who speaks.
    pub(super) with_target: bool,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut now = String::new();
        SystemTime.format_time(&mut Writer::new(&mut now))?;
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        let mut entries = Entries(vec![("ts", now.into()), ("level", level.into())]);
        if self.with_target {
            entries.0.push(("target", event.metadata().target().into()));
        }
        event.record(&mut entries);
        let line = match self.format {
            LogFormat::Logfmt => logfmt(&entries.0),
            LogFormat::Json => json(&entries.0),
        };
        writeln!(writer, "{line}")
    }
}

/// Keys and values in the order in which they are written.
struct Entries(Vec<(&'static str, Value)>);

impl Entries {
    fn push(&mut self, field: &Field, value: impl Into<Value>) {
        let key = match field.name() {
            "message" => "msg",
            name => name,
        };
        self.0.push((key, value.into()));
    }
}

impl Visit for Entries {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.push(field, format!("{value:?}"));
    }
}

fn logfmt(entries: &[(&str, Value)]) -> String {
    let entries = entries.iter().map(|(key, value)| match value {
        Value::String(text) if needs_quotes(text) => format!("{key}={}", quoted(text)),
        Value::String(text) => format!("{key}={text}"),
        other => format!("{key}={other}"),
    });
    entries.collect::<Vec<_>>().join(" ")
}

fn json(entries: &[(&str, Value)]) -> String {
    let entries = entries.iter().map(|(key, value)| match value {
        Value::String(text) => format!("{}:{}", quoted(key), quoted(text)),
        other => format!("{}:{other}", quoted(key)),
    });
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

fn needs_quotes(text: &str) -> bool {
    let special = |c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\\') || is_unprintable(c);
    text.is_empty() || text.contains(special)
}

/// A JSON string of printable characters only; JSON itself would let DEL, C1 and the turning of text through.
fn quoted(text: &str) -> String {
    printable_json(&Value::from(text).to_string()).into_owned()
}
