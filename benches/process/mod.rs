//! Processes that are measured from outside: started, asked, and what the system says of them.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

/// The kernel counts processor time for `/proc` in hundredths of a second on every Linux there is.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process with pipes. Killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Process {
    /// Starts it. What it logs is shown beside the table.
    pub(crate) fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("cargo built it");
        let lines = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, lines }
    }

    /// Whether it has not ended.
    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The next line that holds `part`.
    pub(crate) fn line_with(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.lines.read_line(&mut line).expect("it writes text");
            assert!(read > 0, "it ended before it wrote `{part}`");
            if line.contains(part) {
                return line.trim_end().to_owned();
            }
        }
    }

    /// What it answers to a line.
    pub(crate) fn ask(&mut self) -> String {
        let input = self.child.stdin.as_mut().expect("it is piped");
        input.write_all(b"\n").expect("it reads");
        self.line_with("")
    }

    /// The processor time that all its threads have taken, those that ended included.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = self.read("stat");
        // What stands in parentheses is the name of the program, which may hold spaces.
        let (_, fields) = stat.rsplit_once(')').expect("the name is in parentheses");
        let mut fields = fields.split_whitespace().skip(11);
        let mut ticks = || {
            let field = fields.next().expect("it has user and system time");
            field.parse::<f64>().expect("a number")
        };
        Duration::from_secs_f64((ticks() + ticks()) / TICKS_PER_SECOND)
    }

    /// A figure of its status in MiB, such as `VmRSS`.
    pub(crate) fn mebibytes(&self, figure: &str) -> f64 {
        let status = self.read("status");
        let line = status.lines().find(|line| line.starts_with(figure));
        let field = line.and_then(|line| line.split_whitespace().nth(1));
        let kibibytes: f64 = field.expect("it has one").parse().expect("a number");
        kibibytes / 1024.0
    }

    fn read(&self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.child.id());
        fs::read_to_string(path).expect("Linux has `/proc`, and the process runs")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
