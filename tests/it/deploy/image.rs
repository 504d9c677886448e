//! What a container, or a service of systemd, may count on: foreign variables, secrets that change under it, the one file it
//! writes to, and its health check.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use cluster_link_exporter::simulator::{Scenario, Simulator};

use crate::{
    http::certificates::Authority,
    support::{
        program::{Running, get, program, until_ready},
        watcher::serve,
    },
};

const ANY_PORT: &str = "--web.listen-address=127.0.0.1:0";

/// What Kubernetes sets for a Service of this name, in capitals, with a named port.
fn service_links(service: &str) -> Vec<(String, &'static str)> {
    [
        ("SERVICE_HOST", "10.96.0.7"),
        ("SERVICE_PORT", "10191"),
        ("SERVICE_PORT_HTTP", "10191"),
        ("PORT", "tcp://10.96.0.7:10191"),
        ("PORT_10191_TCP", "tcp://10.96.0.7:10191"),
        ("PORT_10191_TCP_PROTO", "tcp"),
        ("PORT_10191_TCP_PORT", "10191"),
        ("PORT_10191_TCP_ADDR", "10.96.0.7"),
    ]
    .map(|(end, value)| (format!("{service}_{end}"), value))
    .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_variables_of_services_change_nothing() {
    let simulator = Simulator::new(Scenario::named("healthy").unwrap(), None);
    let endpoint = serve(&simulator).await;
    let mut command = program(&[ANY_PORT]);
    command.env("CLUSTERLINK_ENDPOINT", endpoint);
    for service in [
        "CLUSTER_LINK_EXPORTER",
        "CLUSTERLINK",
        "CLUSTERLINK_EXPORTER",
    ] {
        command.envs(service_links(service));
    }
    let mut running = Running::start(command);
    until_ready(&running.address()).await;
    let outcome = running.stop("TERM");
    assert!(!outcome.stderr.contains("CLUSTER"), "{}", outcome.stderr);
}

/// A mounted Secret: `NAME` leads to `..data/NAME`, and `..data` to the folder of a generation.
struct Mounted {
    folder: tempfile::TempDir,
    generation: u32,
}

impl Mounted {
    fn new(name: &str, secret: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        symlink(Path::new("..data").join(name), folder.path().join(name)).expect("it is ours");
        let mut mounted = Self {
            folder,
            generation: 0,
        };
        mounted.rotate(name, secret);
        mounted
    }

    /// As the kubelet does it: a new folder, a link to it in the place of the old one, then the old folder goes.
    fn rotate(&mut self, name: &str, secret: &str) {
        let of = |generation: u32| self.folder.path().join(format!("..{generation}"));
        self.generation += 1;
        fs::create_dir(of(self.generation)).expect("it is ours");
        fs::write(of(self.generation).join(name), secret).expect("it is ours");
        let fresh = self.folder.path().join("..data_tmp");
        symlink(of(self.generation), &fresh).expect("it is ours");
        fs::rename(fresh, self.folder.path().join("..data")).expect("it is ours");
        // There is none before the first.
        let _ = fs::remove_dir_all(of(self.generation - 1));
    }
}

/// A ConfigMap is mounted as a Secret is.
#[test]
fn a_configuration_that_is_swapped_by_a_link_is_followed_where_it_says_something_else() {
    let cluster = |name: &str| {
        format!("- {{ name: {name}, cluster_id: lkc-{name}, endpoint: 'http://127.0.0.1:1' }}\n")
    };
    let one = format!("clusters:\n{}", cluster("first"));
    let mut mounted = Mounted::new("exporter.yaml", &one);
    let mut command = program(&[
        ANY_PORT,
        "--config.auto-reload",
        "--config.auto-reload-interval=1s",
    ]);
    command.arg("--config.file");
    command.arg(mounted.folder.path().join("exporter.yaml"));
    let mut running = Running::start(command);
    running.address();
    mounted.rotate("exporter.yaml", &one);
    // It is looked at three times.
    std::thread::sleep(std::time::Duration::from_millis(3500));
    mounted.rotate("exporter.yaml", &format!("{one}{}", cluster("second")));
    let line = running.until("reloaded");
    assert!(
        line.ends_with("msg=\"configuration reloaded\" clusters=2"),
        "{line}"
    );
    let stderr = running.stop("TERM").stderr;
    assert_eq!(stderr.matches("reloaded").count(), 1, "{stderr}");
}

/// Waits until the metrics hold a line.
async fn until(address: &str, line: &str) {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let (_, metrics) = get(&format!("http://{address}/metrics")).await;
        if metrics.lines().any(|found| found == line) {
            return;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "no `{line}` in\n{metrics}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

/// A file with one cluster at the endpoint, polled every second, whose password is in the file.
fn configuration(endpoint: &str, password: &Path, folder: &Path) -> PathBuf {
    let password = password.display();
    let file = folder.join("exporter.yaml");
    let text = format!(
        "global: {{ poll_interval: 1s, request_timeout: 500ms }}\n\
         clusters:\n  - name: lab\n    cluster_id: lkc-east01\n    endpoint: {endpoint}\n    \
         basic_auth: {{ username: exporter, password_file: '{password}' }}\n"
    );
    fs::write(&file, text).expect("the folder is ours");
    file
}

fn poll_success(value: u8) -> String {
    format!("clusterlink_poll_success{{cluster_name=\"lab\",cluster_id=\"lkc-east01\"}} {value}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_rotated_by_a_link_is_followed() {
    let simulator = Simulator::new(Scenario::named("healthy").unwrap(), None);
    let wants = |secret: &str| {
        let credentials = ("exporter".to_owned(), secret.to_owned());
        simulator.update(|world| world.credentials = Some(credentials));
    };
    wants("the first");
    let endpoint = serve(&simulator).await;
    let mut mounted = Mounted::new("lab", "the first\n");
    let folder = tempfile::tempdir().unwrap();
    let file = configuration(&endpoint, &mounted.folder.path().join("lab"), folder.path());
    let mut running = Running::start(program(&[
        "--config.file",
        file.to_str().unwrap(),
        ANY_PORT,
    ]));
    let address = running.address();
    until(&address, &poll_success(1)).await;
    for secret in ["the second", "the third"] {
        wants(secret);
        until(&address, &poll_success(0)).await;
        mounted.rotate("lab", secret);
        until(&address, &poll_success(1)).await;
    }
}

/// The files that a process has open for writing, but for its streams.
fn written_to(process: u32) -> Vec<PathBuf> {
    let folder = PathBuf::from(format!("/proc/{process}"));
    let entries = fs::read_dir(folder.join("fd")).expect("it runs");
    let files = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let info = folder.join("fdinfo").join(entry.file_name());
        let info = fs::read_to_string(info).ok()?;
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
        let flags = u32::from_str_radix(flags.trim(), 8).ok()?;
        let target = fs::read_link(entry.path()).ok()?;
        // The two lowest bits say how it is open: 0 is for reading only. Sockets and pipes have no path.
        (flags & 3 != 0 && target.is_absolute() && !target.starts_with("/dev")).then_some(target)
    });
    files.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_file_is_all_it_writes_to() {
    let simulator = Simulator::new(Scenario::named("healthy").unwrap(), None);
    let endpoint = serve(&simulator).await;
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "a secret").unwrap();
    let file = configuration(&endpoint, &secret, folder.path());
    let state = folder.path().join("state");
    fs::create_dir(&state).unwrap();
    let mut command = program(&["--config.file", file.to_str().unwrap(), ANY_PORT]);
    // Where it starts nothing can be written, not even by root.
    command.current_dir("/proc/self");
    command.env("CLUSTERLINK_GLOBAL__STATE_FILE", state.join("state.redb"));
    let mut running = Running::start(command);
    until(&running.address(), &poll_success(1)).await;
    assert_eq!(written_to(running.id()), [state.join("state.redb")]);
    let outcome = running.stop("TERM");
    assert_eq!(
        outcome.status.unwrap().code(),
        Some(0),
        "{}",
        outcome.stderr
    );
    let left = fs::read_dir(&state)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["state.redb"]);
}

/// The health check of the image has no password, and none of the exporter's flags unless somebody gives it them.
#[tokio::test(flavor = "multi_thread")]
async fn the_health_check_works_with_a_web_configuration() {
    let tls = "tls_server_config: { cert_file: server.pem, key_file: server.key }\n";
    let hash = bcrypt::hash("a password", 4)
        .unwrap()
        .replacen("$2b$", "$2y$", 1);
    let users = format!("basic_auth_users: {{ prometheus: '{hash}' }}\n");
    for web in [
        String::new(),
        tls.to_owned(),
        users.clone(),
        format!("{tls}{users}"),
    ] {
        let authority = Authority::new();
        // An empty file is none.
        authority.write(if web.is_empty() { "{}\n" } else { &web });
        let file = authority.path().join("web.yml");
        let flag = format!("--web.config.file={}", file.display());
        let mut command = program(&[ANY_PORT, &flag]);
        command.env("CLUSTERLINK_ENDPOINT", "http://127.0.0.1:1");
        let mut running = Running::start(command);
        let address = format!("--web.listen-address={}", running.address());
        for arguments in [
            &["healthcheck", &address][..],
            &["healthcheck", &address, &flag],
        ] {
            let output = program(arguments).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success() && said.is_empty(),
                "{web}{arguments:?}: {said}"
            );
        }
        drop(running);
        let output = program(&["healthcheck", &address, &flag]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "nobody is there: {web}");
    }
}

#[test]
fn both_images_say_and_do_the_same() {
    let dockerfile = Path::new(env!("CARGO_MANIFEST_DIR")).join("Dockerfile");
    let dockerfile = fs::read_to_string(dockerfile).expect("it is part of the repository");
    let image = |name: &str| {
        let (_, stage) = dockerfile
            .split_once(&format!(" AS {name}\n"))
            .unwrap_or_else(|| panic!("there is no stage `{name}`"));
        // Where the binary comes from is what they differ in.
        let lines = stage.lines().take_while(|line| !line.starts_with("FROM "));
        let lines = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
        let lines = lines.map(|line| line.replace("glibc-build", "static-build"));
        lines.collect::<Vec<_>>()
    };
    assert_eq!(image("distroless"), image("static"));
    assert!(dockerfile.contains("\nUSER 65532:65532\n"));
}
