//! What the exporter costs its machine: processor time for each request of a poll, and resident memory, of the program as
//! users run it, beside a simulated API in another process and scraped as Prometheus would.
//!
//! A client that does nothing but the same requests is measured after it: so much of the processor time is the HTTP client's.
//!
//! `cargo bench --bench cost` prints the table; `cargo bench --bench cost -- "100 clusters"` only the rows whose name holds
//! that. The variable `EXPORTER` names another build of the program to measure.

mod api;
mod bare;
mod process;

use std::{env, ffi::OsString, fs, process::Command, thread::sleep, time::Duration};

use tokio::{runtime::Runtime, time::Instant};

use api::{Fleet, SIMULATE};
use bare::POLL;
use process::Process;

/// As Prometheus would with the interval that most set-ups have.
const SCRAPE_INTERVAL: Duration = Duration::from_secs(15);
/// For how long a fleet is watched after its first poll: two polls at the exporter's default interval.
const WATCHED: Duration = Duration::from_secs(60);

/// What it sets for the allocator is set here too, as the images do.
const UNIT: &str = include_str!("../deploy/systemd/cluster-link-exporter.service");

/// What it logs is shown beside the table.
const QUIET: [&str; 2] = ["--log.level", "error"];

const DEMO: &str = "the demo, the simulated API in the same process";

const USUAL: Fleet = Fleet {
    links: 10_000,
    clusters: 1,
    latency_ms: 20,
    at_once: 8,
    interval_s: 30,
    changes: 0,
};

const FLEETS: [Fleet; 8] = [
    USUAL,
    // As many requests under way as ten clusters have: those that are far apart cost more each.
    Fleet {
        at_once: 80,
        ..USUAL
    },
    Fleet {
        clusters: 10,
        ..USUAL
    },
    Fleet {
        clusters: 100,
        ..USUAL
    },
    Fleet {
        links: 1000,
        clusters: 100,
        ..USUAL
    },
    Fleet {
        latency_ms: 0,
        at_once: 64,
        ..USUAL
    },
    Fleet {
        links: 1000,
        ..USUAL
    },
    Fleet {
        links: 1000,
        latency_ms: 0,
        at_once: 64,
        interval_s: 2,
        changes: 80,
        ..USUAL
    },
];

/// What one fleet came to.
struct Figures {
    cost: Cost,
    /// MiB at the end.
    resident: f64,
    /// MiB since the start.
    peak: f64,
    slowest_scrape: Duration,
    series: usize,
}

/// What requests took.
struct Cost {
    requests: u64,
    processor_time: Duration,
}

impl Cost {
    fn micros_per_request(&self) -> f64 {
        self.processor_time.as_secs_f64() * 1e6 / self.requests as f64
    }
}

/// The process that is the API.
struct Api {
    process: Process,
    endpoint: String,
}

impl Api {
    fn start(fleet: Fleet) -> Self {
        let mut process = Process::start(myself().arg(SIMULATE).args(fleet.arguments()));
        let endpoint = process.line_with("http");
        Self { process, endpoint }
    }

    /// What `asking` takes for what it asks meanwhile.
    fn cost<T>(&mut self, asking: &Process, meanwhile: impl FnOnce() -> T) -> (Cost, T) {
        let (requests, before) = (self.requests(), asking.processor_time());
        let outcome = meanwhile();
        let cost = Cost {
            requests: self.requests() - requests,
            processor_time: asking.processor_time().saturating_sub(before),
        };
        (cost, outcome)
    }

    /// How many it has answered.
    fn requests(&mut self) -> u64 {
        self.process.ask().parse().expect("it tells a number")
    }
}

fn myself() -> Command {
    Command::new(env::current_exe().expect("a program knows where it is"))
}

/// The program to measure.
fn exporter() -> Command {
    let built = || OsString::from(env!("CARGO_BIN_EXE_cluster-link-exporter"));
    let mut command = Command::new(env::var_os("EXPORTER").unwrap_or_else(built));
    let set = UNIT
        .lines()
        .filter_map(|line| line.strip_prefix("Environment="));
    let of_allocator = set.filter(|variable| variable.starts_with("MIMALLOC_"));
    let variables = of_allocator.filter_map(|variable| variable.split_once('='));
    command.env_clear().envs(variables);
    command
}

/// Asks the exporter, as Prometheus would.
struct Scraper<'a> {
    runtime: &'a Runtime,
    client: reqwest::Client,
    address: String,
}

impl Scraper<'_> {
    fn get(&self, path: &str, encoding: &str) -> reqwest::Result<Vec<u8>> {
        let url = format!("http://{}{path}", self.address);
        let request = self.client.get(url).header("accept-encoding", encoding);
        self.runtime.block_on(async {
            let body = request.send().await?.error_for_status()?.bytes().await?;
            Ok(body.into())
        })
    }

    /// Scrapes for a while; how long the slowest scrape took.
    fn scrape(&self) -> Duration {
        let (begun, mut slowest) = (Instant::now(), Duration::ZERO);
        while begun.elapsed() < WATCHED {
            let asked = Instant::now();
            self.get("/metrics", "gzip").expect("it serves");
            slowest = slowest.max(asked.elapsed());
            sleep(SCRAPE_INTERVAL.saturating_sub(asked.elapsed()));
        }
        slowest
    }
}

fn measure(fleet: Fleet, runtime: &Runtime) -> Figures {
    let mut api = Api::start(fleet);
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let file = folder.path().join("exporter.yaml");
    fs::write(&file, fleet.config(&api.endpoint, folder.path()))
        .expect("the folder can be written");
    let address = free_address();
    let mut exporter = Process::start(
        exporter()
            .arg("--config.file")
            .arg(&file)
            .args(["--web.listen-address", &address])
            .args(QUIET),
    );
    let client = reqwest::Client::builder().no_proxy().build();
    let scraper = Scraper {
        runtime,
        client: client.expect("it needs nothing special"),
        address,
    };
    while scraper.get("/-/ready", "identity").is_err() {
        assert!(exporter.runs(), "the exporter ended; its log says why");
        sleep(Duration::from_millis(50));
    }

    let (cost, slowest_scrape) = api.cost(&exporter, || scraper.scrape());
    let (resident, peak) = (exporter.mebibytes("VmRSS"), exporter.mebibytes("VmHWM"));
    let text = scraper.get("/metrics", "identity").expect("it serves");
    let is_sample = |line: &&[u8]| line.first().is_some_and(|byte| *byte != b'#');
    Figures {
        cost,
        resident,
        peak,
        slowest_scrape,
        series: text.split(|byte| *byte == b'\n').filter(is_sample).count(),
    }
}

/// What the demo holds after a while, the simulated API in the same process: MiB, and the most there was.
fn measure_demo() -> (f64, f64) {
    let arguments = ["demo", "--web.listen-address", "127.0.0.1:0"];
    let mut demo = Process::start(exporter().args(arguments).args(QUIET));
    demo.line_with("the page");
    sleep(WATCHED);
    (demo.mebibytes("VmRSS"), demo.mebibytes("VmHWM"))
}

/// What a client takes for the same requests that reads nothing of the answers.
fn measure_bare(fleet: Fleet) -> Cost {
    let mut api = Api::start(fleet);
    let client = Process::start(myself().args([POLL, &api.endpoint]).args(fleet.arguments()));
    // Every cluster has been polled once.
    sleep(Duration::from_secs(2 * fleet.interval_s));
    api.cost(&client, || sleep(WATCHED)).0
}

/// A port that is free now is free in a moment.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr();
    address.expect("a bound socket has an address").to_string()
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let runtime = Runtime::new().expect("the system gives a process its threads");
    if let Some((_, fleet)) = arguments
        .split_first()
        .filter(|(first, _)| *first == SIMULATE)
    {
        return api::simulate(Fleet::read(fleet), &runtime);
    }
    if let [first, endpoint, fleet @ ..] = arguments.as_slice()
        && first == POLL
    {
        return bare::poll(endpoint, Fleet::read(fleet));
    }
    // `cargo test --benches` only wants to know that it starts.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let wanted = arguments
        .iter()
        .find(|argument| !argument.starts_with("--"));
    println!(
        "| fleet | requests | CPU per request | of a bare client | resident | peak | slowest scrape | series |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for fleet in FLEETS {
        let name = fleet.name();
        if wanted.is_some_and(|wanted| !name.contains(wanted.as_str())) {
            continue;
        }
        let figures = measure(fleet, &runtime);
        let bare = measure_bare(fleet);
        println!(
            "| {name} | {} | {:.0} µs | {:.0} µs | {:.0} MiB | {:.0} MiB | {:.1?} | {} |",
            figures.cost.requests,
            figures.cost.micros_per_request(),
            bare.micros_per_request(),
            figures.resident,
            figures.peak,
            figures.slowest_scrape,
            figures.series
        );
    }
    if wanted.is_none_or(|wanted| DEMO.contains(wanted.as_str())) {
        let (resident, peak) = measure_demo();
        println!("| {DEMO} | | | | {resident:.0} MiB | {peak:.0} MiB | | |");
    }
}
