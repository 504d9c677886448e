//! Clients that ask for the page or the metrics of 5,000 links, and take nothing of it. The exporter runs as a process of its
//! own, as users run it.

use std::{fs, time::Duration};

use cluster_link_exporter::simulator::{Cluster, Link, Mode, Scenario, Simulator, World};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout},
};

use crate::support::{
    program::{Running, program, until_ready},
    watcher::serve,
};

const CLUSTER: &str = "lkc-crowd1";
const LINKS: usize = 5000;
/// As many as the exporter serves at once.
const CLIENTS: usize = 512;
/// Longer than a client is waited for that takes nothing, with a poll or two.
const SCRAPES: u32 = 50;
const SCRAPE_EVERY: Duration = Duration::from_millis(500);

/// MiB, 128 KiB for each client: a piece of the text (32), what decompresses it (48), what its connection buffers (24).
const MOST_GROWTH: f64 = 64.0;
/// While every place is taken by a client that takes nothing, a scrape waits until the page was rendered for one of them and
/// it has taken nothing of it for half a second.
const SLOWEST_SCRAPE: Duration = Duration::from_secs(2);

/// MiB.
pub(crate) fn resident(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = resident.unwrap().trim().trim_end_matches(" kB");
    kibibytes.parse::<f64>().unwrap() / 1024.0
}

/// Asks, and takes as little of the answer as a system permits.
async fn ask(address: &str, path: &str, headers: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(1024).unwrap();
    let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: exporter\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// What the crowd asks for.
struct Crowd {
    clients: usize,
    path: &'static str,
    headers: &'static str,
}

/// The most that was resident, in MiB, and the slowest scrape while the crowd stands there.
async fn besiege(exporter: &Running, address: &str, crowd: &Crowd) -> (f64, Duration) {
    let Crowd {
        clients,
        path,
        headers,
    } = *crowd;
    let mut waiting = Vec::new();
    for _ in 0..clients {
        waiting.push(ask(address, path, headers).await);
    }
    let client = reqwest::Client::builder().no_gzip().build().unwrap();
    let (mut most, mut slowest) = (0.0, Duration::ZERO);
    for number in 0..SCRAPES {
        let asked = Instant::now();
        let request = client.get(format!("http://{address}/metrics"));
        let request = request.header("Accept-Encoding", "gzip");
        let scrape = async { request.send().await?.bytes().await };
        // One that fails counts as the slowest there can be.
        match timeout(Duration::from_secs(10), scrape).await {
            Ok(Ok(_)) => slowest = slowest.max(asked.elapsed()),
            _ => slowest = Duration::MAX,
        }
        most = resident(exporter.id()).max(most);
        // Whoever was cut off asks again.
        if number % 4 == 3 && clients > 0 {
            waiting.remove(0);
            waiting.push(ask(address, path, headers).await);
        }
        sleep(SCRAPE_EVERY).await;
    }
    (most, slowest)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes long; run by hand: cargo test --release --test it -- --ignored --nocapture slow::soak::crowd"]
async fn a_crowd_that_takes_nothing_costs_little_memory_and_no_scrape() {
    let links =
        (0..LINKS).map(|n| Link::new(&format!("link-{n:04}"), Mode::Destination, "lkc-far"));
    let world = World::new([Cluster::new(CLUSTER, links.collect::<Vec<_>>())]);
    let simulator = Simulator::new(Scenario::still(world), None);
    let endpoint = serve(&simulator).await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    let yaml = format!(
        "global: {{ poll_interval: 10s }}\nclusters: [{{ name: crowd, cluster_id: {CLUSTER}, endpoint: \"{endpoint}\" }}]\n"
    );
    fs::write(&file, yaml).unwrap();
    let file = file.to_str().unwrap();
    let mut exporter = Running::start(program(&[
        "--config.file",
        file,
        "--web.listen-address",
        "127.0.0.1:0",
    ]));
    let address = exporter.address();
    until_ready(&address).await;
    let crowd = |clients, path, headers| Crowd {
        clients,
        path,
        headers,
    };
    let gzip = "Accept-Encoding: gzip\r\n";
    // Further polls, and scrapes meanwhile: what it holds grows for a minute or two by itself.
    let mut rest: f64 = 0.0;
    for _ in 0..6 {
        let (most, slowest) = besiege(&exporter, &address, &crowd(0, "", "")).await;
        println!("at rest: {most:.0} MiB resident, slowest scrape {slowest:?}");
        rest = rest.max(most);
    }
    let mut too_much = Vec::new();
    for crowd in [
        crowd(CLIENTS, "/", ""),
        crowd(CLIENTS, "/", gzip),
        crowd(CLIENTS, "/metrics", ""),
        crowd(CLIENTS, "/metrics", gzip),
    ] {
        let (most, slowest) = besiege(&exporter, &address, &crowd).await;
        let Crowd { path, headers, .. } = crowd;
        let found =
            format!("{path} {headers:?}: {most:.0} MiB resident, slowest scrape {slowest:?}");
        println!("{found}");
        if most > rest + MOST_GROWTH || slowest > SLOWEST_SCRAPE {
            too_much.push(found);
        }
    }
    exporter.stop("TERM");
    assert!(too_much.is_empty(), "{too_much:#?}");
}
