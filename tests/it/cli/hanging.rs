//! Files that never answer, never end, or are no files: they fail whom they belong to, and nobody else.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use cluster_link_exporter::simulator::Scenario;
use tokio::time::{Duration, Instant};

use super::{run, tasks::simulator};
use crate::support::{
    self,
    program::{Running, get, program, until_ready},
};

const HANGS: &str =
    "it does not answer within 5 seconds; check the mount or the disk that it is on";

/// What the deadline and a loaded machine may take together. Whoever waits for files one by one needs longer.
const SOON: Duration = Duration::from_secs(9);

/// Makes opening the files hang: a lease, which the kernel takes away only after most of a minute.
const LEASE: &str = r#"
    $SIG{IO} = "IGNORE";
    $| = 1;
    for (@ARGV) { open($_, "+<", $_) && fcntl($_, 1024, 1) or exit 1; push @held, $_ }
    print "held\n";
    sleep 60;
"#;

/// Files that hang until it is dropped.
struct Hanging(Child);

impl Hanging {
    /// `None` where this machine has no leases, which the test `test` then says.
    fn hold(test: &str, files: &[&Path]) -> Option<Self> {
        let script = Command::new("perl")
            .args(["-e", LEASE])
            .args(files)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut line = String::new();
        let held = script.map(|mut child| {
            let stdout = child.stdout.take().expect("it is piped");
            let _ = BufReader::new(stdout).read_line(&mut line);
            Self(child)
        });
        if line != "held\n" {
            support::skip(
                test,
                "no file can be leased; install perl, use Linux and a local disk",
            );
            return None;
        }
        held.ok()
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn secrets(folder: &Path, names: &[&str]) {
    for name in names {
        fs::write(folder.join(name), "secret").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_hangs_fails_its_own_cluster_and_holds_up_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    secrets(folder.path(), &["password", "web.yaml", "ca.pem"]);
    fs::write(at("web.yaml"), "").unwrap();
    let authority = rcgen::generate_simple_self_signed(["ca".into()]).unwrap();
    fs::write(at("ca.pem"), authority.cert.pem()).unwrap();
    let (_simulator, endpoint) = simulator(Scenario::named("healthy").unwrap()).await;
    fs::write(
        at("exporter.yaml"),
        format!(
            "global: {{ poll_interval: 1s, request_timeout: 500ms }}\n\
             clusters:\n\
             - {{ name: signed, cluster_id: lkc-east01, endpoint: '{endpoint}', \
                  basic_auth: {{ username: key, password_file: password }} }}\n\
             - {{ name: trusting, cluster_id: lkc-east01, endpoint: '{endpoint}', tls_config: {{ ca_file: ca.pem }} }}\n\
             - {{ name: plain, cluster_id: lkc-east01, endpoint: '{endpoint}' }}\n"
        ),
    )
    .unwrap();
    let (file, web) = (at("exporter.yaml"), at("web.yaml"));
    let mut running = Running::start(program(&[
        "--config.file",
        file.to_str().unwrap(),
        "--web.config.file",
        web.to_str().unwrap(),
        "--web.listen-address",
        "127.0.0.1:0",
    ]));
    let address = running.address();
    until_ready(&address).await;

    let hanging = [at("password"), at("ca.pem"), at("web.yaml")];
    let paths: Vec<&Path> = hanging.iter().map(AsRef::as_ref).collect();
    let test = "a_file_that_hangs_fails_its_own_cluster_and_holds_up_nothing_else";
    let Some(hanging) = Hanging::hold(test, &paths) else {
        return;
    };
    // Touched, so that it is read again; which is what hangs.
    let touched = fs::Permissions::from_mode(0o600);
    fs::set_permissions(&web, touched).unwrap();
    let mut named = std::collections::BTreeSet::new();
    while named.len() < 3 {
        let asked = Instant::now();
        for path in ["-/healthy", "metrics"] {
            let (status, _) = get(&format!("http://{address}/{path}")).await;
            assert_eq!(status, 200);
        }
        assert!(
            asked.elapsed() < Duration::from_secs(3),
            "{:?}",
            asked.elapsed()
        );
        let line = running.until("does not answer");
        for name in ["password", "ca.pem", "web.yaml"] {
            named.extend(line.contains(name).then_some(name));
        }
    }
    // When the last good poll of the cluster was.
    let polled = |metrics: &str, cluster: &str| {
        let series = "clusterlink_poll_last_success_timestamp_seconds";
        let series = format!("{series}{{cluster_name=\"{cluster}\"");
        let line = metrics.lines().find(|line| line.starts_with(&series));
        line.expect("every cluster has the series").to_owned()
    };
    let metrics = || async { get(&format!("http://{address}/metrics")).await.1 };
    let before = metrics().await;
    let deadline = Instant::now() + SOON;
    loop {
        let now = metrics().await;
        assert_eq!(polled(&before, "signed"), polled(&now, "signed"));
        if polled(&now, "plain") != polled(&before, "plain") {
            break;
        }
        assert!(Instant::now() < deadline, "the other cluster stands still");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let outcome = running.stop("TERM");
    assert_eq!(outcome.status.unwrap().code(), Some(0));
    drop(hanging);
}

#[test]
fn a_start_and_a_check_say_so_of_all_files_that_hang_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let names = ["password", "user", "token", "hook"];
    secrets(folder.path(), &names);
    fs::write(
        at("exporter.yaml"),
        "clusters:\n\
         - name: first\n  endpoint: 'http://127.0.0.1:1'\n  basic_auth: { username_file: user, password_file: password }\n\
         - name: second\n  endpoint: 'http://127.0.0.1:1'\n  authorization: { credentials_file: token }\n\
         alerting:\n  receivers: [{ name: hook, webhook: { url_file: hook } }]\n",
    )
    .unwrap();
    let hanging = names.map(at);
    let paths: Vec<&Path> = hanging.iter().map(AsRef::as_ref).collect();
    let test = "a_start_and_a_check_say_so_of_all_files_that_hang_at_once";
    let Some(_hanging) = Hanging::hold(test, &paths) else {
        return;
    };
    let file = at("exporter.yaml");
    let file = file.to_str().unwrap();
    for arguments in [&["check-config", file][..], &["--config.file", file]] {
        let began = Instant::now();
        let (status, stdout, stderr) = run(program(arguments));
        assert_eq!((status, stdout.as_str()), (2, ""), "{stderr}");
        assert_eq!(stderr.matches(HANGS).count(), 4, "{stderr}");
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    }
}

/// What blocks for ever, has no end or is too large, wherever a file can be named.
#[test]
fn what_is_no_decent_file_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    assert!(
        Command::new("mkfifo")
            .arg(at("pipe"))
            .status()
            .unwrap()
            .success()
    );
    fs::write(at("large"), vec![b'x'; (1 << 20) + 1]).unwrap();
    let kinds = [
        (at("pipe"), "it is a pipe and no regular file"),
        ("/dev/zero".to_owned(), "it is a device and no regular file"),
        (at("large"), "it is larger than 1 MiB"),
    ];
    let cluster = "clusters:\n- name: a\n  endpoint: 'https://127.0.0.1:1'\n  ";
    for (path, expected) in kinds {
        let keys = [
            format!("{cluster}basic_auth: {{ username: u, password_file: {path} }}\n"),
            format!("{cluster}tls_config: {{ ca_file: {path} }}\n"),
            format!(
                "{cluster}oauth2: {{ client_id: a, client_secret_file: {path}, token_url: 'https://a' }}\n"
            ),
            format!(
                "{cluster}cluster_id: a\nalerting: {{ receivers: [{{ name: a, webhook: {{ url_file: {path} }} }}] }}\n"
            ),
        ];
        for yaml in keys {
            fs::write(at("exporter.yaml"), &yaml).unwrap();
            let (status, _, stderr) = run(program(&["check-config", &at("exporter.yaml")]));
            assert_eq!((status, stderr.lines().count()), (2, 1), "{yaml}{stderr}");
            assert!(stderr.contains(expected), "{yaml}{stderr}");
        }
        let web = format!("tls_server_config: {{ cert_file: {path}, key_file: {path} }}\n");
        fs::write(at("web.yaml"), web).unwrap();
        let (status, _, stderr) = run(super::described(&["--web.config.file", &at("web.yaml")]));
        assert_eq!(
            (status, stderr.matches(expected).count()),
            (2, 2),
            "{stderr}"
        );
        let (status, _, stderr) = run(super::described(&["--web.config.file", &path]));
        assert!(status == 2 && stderr.contains(expected), "{stderr}");
    }
    for (key, path) in [("--config.file", "/dev/zero"), ("--config.file", "/dev")] {
        let (status, _, stderr) = run(program(&[key, path]));
        assert!(status == 2 && stderr.starts_with(path), "{stderr}");
    }
    let mut command = super::described(&["--web.listen-address", "127.0.0.1:0"]);
    command.env("CLUSTERLINK_GLOBAL__STATE_FILE", at("pipe"));
    let (status, _, stderr) = run(command);
    assert!(
        status == 1 && stderr.contains("it is a pipe and no regular file"),
        "{stderr}"
    );
}
