//! What systemd hears of the program over `NOTIFY_SOCKET`.

use std::{
    fs,
    net::TcpListener,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixDatagram},
    },
    path::Path,
    process::{self, Command},
    time::Duration,
};

use cluster_link_exporter::simulator::Scenario;
use tokio::time::Instant;

use super::{described, run, tasks::simulator};
use crate::support::program::{Running, get, program};

const ANY_PORT: [&str; 2] = ["--web.listen-address", "127.0.0.1:0"];
/// Generous: a loaded machine starts processes slowly.
const PATIENCE: Duration = Duration::from_secs(30);

/// The end of systemd.
struct Manager {
    socket: UnixDatagram,
    pings: usize,
}

impl Manager {
    fn at(address: &SocketAddr) -> Self {
        let socket = UnixDatagram::bind_addr(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, pings: 0 }
    }

    fn in_folder(folder: &Path) -> (Self, String) {
        let path = folder.join("notify");
        let address = SocketAddr::from_pathname(&path).unwrap();
        (Self::at(&address), path.to_str().unwrap().to_owned())
    }

    /// The next message, as it came.
    fn message(&self) -> String {
        let mut bytes = [0; 4096];
        let length = self.socket.recv(&mut bytes).expect("it says something");
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    /// The next message that is none for the watchdog.
    fn next(&mut self) -> String {
        loop {
            let message = self.message();
            if message != "WATCHDOG=1" {
                return message;
            }
            self.pings += 1;
        }
    }

    /// Reads until this comes; what came before it.
    fn until(&mut self, wanted: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            let message = self.next();
            if message == wanted {
                return before;
            }
            before.push(message);
            assert!(before.len() < 20, "no `{wanted}` among {before:?}");
        }
    }
}

fn configuration(endpoints: &[&str]) -> String {
    let clusters = endpoints.iter().enumerate().map(|(number, endpoint)| {
        format!("  - {{ name: c{number}, cluster_id: lkc-east01, endpoint: '{endpoint}' }}\n")
    });
    format!(
        "global: {{ poll_interval: 4s, poll_timeout: 3s, request_timeout: 3s }}\nclusters:\n{}",
        clusters.collect::<String>()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_a_reload_and_a_stop_are_told_when_they_are_done() {
    let (_simulator, healthy) = simulator(Scenario::named("healthy").unwrap()).await;
    // Connections wait in its backlog for ever.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (mut manager, socket) = Manager::in_folder(folder.path());
    let file = folder.path().join("exporter.yaml");
    fs::write(&file, configuration(&[&healthy, &silent])).unwrap();
    let arguments = [&["--config.file", file.to_str().unwrap()], &ANY_PORT[..]].concat();
    let mut command = program(&arguments);
    command.env("NOTIFY_SOCKET", &socket);
    let begun = Instant::now();
    let mut running = Running::start(command);

    let patience = manager.next();
    let micros = patience.strip_prefix("EXTEND_TIMEOUT_USEC=");
    let micros: u64 = micros.and_then(|micros| micros.parse().ok()).unwrap();
    // 4 s until the last first poll, 3 s for it, and twice 5 s.
    assert!((16_000_000..=17_000_000).contains(&micros), "{patience}");
    let before = manager.until("READY=1");
    assert!(
        begun.elapsed() >= Duration::from_secs(3),
        "before the deadline of the silent cluster"
    );
    let waiting = |message: &String| message.starts_with("STATUS=waiting for the first poll of ");
    assert!(
        before.iter().all(waiting) && !before.is_empty(),
        "{before:?}"
    );
    let address = running.address();
    assert_eq!(get(&format!("http://{address}/-/ready")).await.0, 200);
    manager.until("STATUS=2 clusters, 1 without a good last poll, 1 link, 0 need attention");

    fs::write(&file, configuration(&[&healthy])).unwrap();
    running.signal("HUP");
    let reloading = manager.next();
    let at = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
    assert!(
        at.is_some_and(|at| at.parse::<u64>().is_ok()),
        "{reloading}"
    );
    assert!(manager.until("READY=1").len() < 2);
    manager.until("STATUS=1 cluster, 1 link, 0 need attention");

    fs::write(&file, "clusters: []\n").unwrap();
    running.signal("HUP");
    let again = manager.next();
    assert!(
        again.starts_with("RELOADING=1\nMONOTONIC_USEC=") && again > reloading,
        "{again}"
    );
    assert_eq!(manager.next(), "READY=1");
    let refused =
        "STATUS=1 cluster, 1 link, 0 need attention; the last reload was refused, see the log";
    assert_eq!(manager.next(), refused);

    let outcome = running.stop("TERM");
    assert_eq!(outcome.status.unwrap().code(), Some(0));
    assert_eq!(manager.next(), "STOPPING=1\nSTATUS=stopping");
    assert_eq!(manager.pings, 0, "nobody asked for pings");
    assert!(
        !outcome.stderr.contains("service manager"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn the_watchdog_hears_of_it_again_and_again_on_an_abstract_socket() {
    let name = format!("cluster-link-exporter-test-{}", process::id());
    let manager = Manager::at(&SocketAddr::from_abstract_name(&name).unwrap());
    // The shell becomes the program, so that the id is its own.
    let mut command = Command::new("/bin/sh");
    let script = "export WATCHDOG_PID=$$; exec \"$0\" \"$@\"";
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_cluster-link-exporter")])
        .args(ANY_PORT)
        .env_clear()
        .env("CLUSTERLINK_ENDPOINT", "http://127.0.0.1:1")
        .env("NOTIFY_SOCKET", format!("@{name}"))
        .env("WATCHDOG_USEC", "400000");
    let _running = Running::start(command);
    let mut pings = 0;
    while pings < 5 {
        pings += usize::from(manager.message() == "WATCHDOG=1");
    }
}

#[test]
fn a_watchdog_of_another_process_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (mut manager, socket) = Manager::in_folder(folder.path());
    let mut command = described(&ANY_PORT);
    command
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", "100000")
        .env("WATCHDOG_PID", "1");
    let mut running = Running::start(command);
    running.until("serving");
    manager.until("READY=1");
    running.stop("TERM");
    manager.until("STOPPING=1\nSTATUS=stopping");
    assert_eq!(manager.pings, 0);
}

#[test]
fn the_status_of_the_demo_counts_what_needs_attention() {
    let folder = tempfile::tempdir().unwrap();
    let (mut manager, socket) = Manager::in_folder(folder.path());
    let mut command = program(&[&["demo"], &ANY_PORT[..]].concat());
    command.env("NOTIFY_SOCKET", &socket);
    let _running = Running::start(command);
    manager.until("READY=1");
    let status = manager.next();
    let form =
        regex::Regex::new(r"^STATUS=4 clusters, \d+ links, [1-9]\d* need attention$").unwrap();
    assert!(form.is_match(&status), "{status}");
}

#[test]
fn who_is_not_there_or_cannot_be_named_holds_up_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent").to_str().unwrap().to_owned();
    let no_socket = "`NOTIFY_SOCKET`: found neither a path from the root nor `@` and a name; nothing is said to the service \
        manager: leave the variable to systemd";
    let untold = "the service manager cannot be told how it goes; check `NOTIFY_SOCKET`";
    for (socket, said) in [(absent.as_str(), untold), ("vsock:2:1234", no_socket)] {
        let mut command = described(&ANY_PORT);
        command.env("NOTIFY_SOCKET", socket);
        let mut running = Running::start(command);
        running.until("serving");
        let outcome = running.stop("TERM");
        assert_eq!(outcome.status.unwrap().code(), Some(0));
        assert_eq!(
            outcome.stderr.matches(said).count(),
            1,
            "{}",
            outcome.stderr
        );
    }
    // A command is no service.
    let mut command = program(&["explain"]);
    command.env("NOTIFY_SOCKET", &absent);
    assert_eq!(run(command).2, "");
}
