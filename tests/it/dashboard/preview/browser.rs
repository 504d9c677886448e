//! The preview as a process, and what a browser sees of it.

use std::{fs, net::TcpStream, path::Path, thread, time::Duration};

use serde::Deserialize;
use tokio::time::Instant;

use crate::support::{
    installed, node,
    program::{Outcome, Running, get},
};

/// Rates, changes and the worst lag of a while need some history: in a minute the demo is polled a dozen times.
const HISTORY: &str = "min(count_over_time(up[1h])) >= 30";
/// Three times what this history takes: a loaded machine is slow.
const PATIENCE: Duration = Duration::from_secs(180);
/// What the preview takes to end its Prometheus, at most.
const STOP_WITHIN: Duration = Duration::from_secs(5);
/// The exit status of `look.mjs` where there is no browser.
const NO_BROWSER: i32 = 3;

/// A board as `look.mjs` saw it.
#[derive(Deserialize)]
pub(crate) struct Board {
    pub(crate) uid: String,
    /// What stands instead of panels.
    pub(crate) message: Option<String>,
    /// Of the browser's console.
    pub(crate) errors: Vec<String>,
    pub(crate) panels: Vec<Panel>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Panel {
    pub(crate) id: u64,
    pub(crate) title: String,
    /// The letters of its queries.
    pub(crate) queries: Vec<String>,
    /// `loading`, `drawn`, `empty` or `error`.
    pub(crate) state: String,
    /// Of what is drawn: series, rows or values.
    pub(crate) count: usize,
    /// What the preview cannot draw as Grafana does, or what failed.
    pub(crate) notes: String,
    pub(crate) text: String,
    /// Of its tables.
    pub(crate) rows: Vec<Vec<Cell>>,
}

#[derive(Deserialize)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// The whole of it, without scrolling.
    pub(crate) seen: bool,
}

/// The preview of the boards; it ends with the value, and its Prometheus with it.
pub(crate) struct Preview {
    running: Option<Running>,
    /// `127.0.0.1:PORT`.
    address: String,
}

impl Preview {
    /// One beside this exporter, or what is missing here and what to do.
    pub(crate) fn beside(exporter: &str) -> Result<Self, String> {
        installed::command("PROMETHEUS")?;
        let mut serve = node::script("serve.mjs")?;
        serve.args(["--exporter", exporter, "--listen", "127.0.0.1:0"]);
        let mut running = Running::start(serve);
        let line = running.until("serving http://");
        let address = line.split('/').nth(2).expect("a URL").to_owned();
        let running = Some(running);
        Ok(Self { running, address })
    }

    pub(crate) async fn until_there_is_history(&self) {
        let deadline = Instant::now() + PATIENCE;
        let url = format!("http://{}/api/v1/query", self.address);
        let url = url::Url::parse_with_params(&url, [("query", HISTORY)]).expect("a URL");
        loop {
            let (_, body) = get(url.as_str()).await;
            if body.contains(r#""value""#) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "Prometheus does not come to `{HISTORY}`: {body}"
            );
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Stops it as Ctrl-C does.
    pub(crate) fn stop(mut self) -> Outcome {
        let running = self.running.take().expect("it stops once");
        running.stop("INT")
    }

    /// The boards as a browser sees them, or what is missing here and what to do.
    pub(crate) fn seen_by_a_browser(&self) -> Result<Vec<Board>, String> {
        let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dashboards");
        fs::create_dir_all(&pictures).expect("a folder of ours");
        let mut look = node::script("look.mjs")?;
        look.arg(format!("http://{}", self.address))
            .args(["--whole", "--pictures"])
            .arg(pictures);
        let output = look.output().expect("`node` runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(NO_BROWSER) {
            return Err(errors.trim().to_owned());
        }
        assert!(output.status.success(), "`look.mjs` fails:\n{errors}");
        Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
    }
}

impl Drop for Preview {
    /// Where a test fails. Killed, it could not end its Prometheus.
    fn drop(&mut self) {
        let Some(running) = &self.running else {
            return;
        };
        running.signal("TERM");
        let deadline = Instant::now() + STOP_WITHIN;
        while TcpStream::connect(&self.address).is_ok() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
    }
}
