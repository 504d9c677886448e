//! The program as a process, the way a user starts it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use tokio::time::Instant;

/// Generous: a loaded machine starts processes slowly.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the program promises for a stop.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// The program with these arguments and an empty environment, off any terminal.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-link-exporter"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

/// A program that runs until it is stopped; killed when the value is dropped, so also when its test fails.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<Line>,
    outcome: Outcome,
}

/// What a program wrote, and how it ended.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

enum Line {
    Stdout(String),
    Stderr(String),
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("cargo has built the program");
        let (sender, lines) = mpsc::channel();
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        let errors = sender.clone();
        thread::spawn(move || forward(stdout, |line| sender.send(Line::Stdout(line)).is_ok()));
        thread::spawn(move || forward(stderr, |line| errors.send(Line::Stderr(line)).is_ok()));
        Self {
            child,
            lines,
            outcome: Outcome::default(),
        }
    }

    /// Waits for the first line that holds `part`, on either stream.
    pub(crate) fn until(&mut self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                let Outcome { stdout, stderr, .. } = &self.outcome;
                panic!("no line holds `{part}`\n--- stdout\n{stdout}--- stderr\n{stderr}");
            };
            let line = self.outcome.keep(line);
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Waits until the exporter serves; its `address:port`.
    pub(crate) fn address(&mut self) -> String {
        Self::address_in(&self.until("serving"))
    }

    /// The `address:port` in the line that says so.
    pub(crate) fn address_in(line: &str) -> String {
        let mut words = line.split(['=', '"']);
        let address = words.find(|word| word.starts_with("127.0.0.1:"));
        address.expect("the line says where").to_owned()
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `HUP`.
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.expect("every Unix has `kill`").success());
    }

    /// Sends a signal, such as `TERM`, and waits for the end, no longer than the program promises.
    pub(crate) fn stop(mut self, signal: &str) -> Outcome {
        self.signal(signal);
        let deadline = Instant::now() + STOP_WITHIN;
        while self.outcome.status.is_none() {
            self.outcome.status = self.child.try_wait().unwrap();
            assert!(Instant::now() < deadline, "it does not stop on SIG{signal}");
            thread::sleep(Duration::from_millis(10));
        }
        let mut outcome = std::mem::take(&mut self.outcome);
        while let Ok(line) = self.lines.recv() {
            outcome.keep(line);
        }
        outcome
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Outcome {
    fn keep(&mut self, line: Line) -> String {
        let (text, line) = match line {
            Line::Stdout(line) => (&mut self.stdout, line),
            Line::Stderr(line) => (&mut self.stderr, line),
        };
        text.push_str(&line);
        text.push('\n');
        line
    }
}

fn forward(stream: impl Read, send: impl Fn(String) -> bool) {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    for line in lines {
        if !send(line) {
            return;
        }
    }
}

/// Status and body of a GET; `user:password@` in the URL signs it.
pub(crate) async fn get(url: &str) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Waits until the exporter has polled every cluster once.
pub(crate) async fn until_ready(address: &str) {
    let deadline = Instant::now() + PATIENCE;
    let url = format!("http://{address}/-/ready");
    loop {
        let (status, body) = get(&url).await;
        if status == 200 {
            return;
        }
        assert!(Instant::now() < deadline, "{body}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
