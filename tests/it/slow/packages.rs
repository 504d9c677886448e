//! What a release gives, made by the script that the release workflow calls, and used as its users do.
//!
//! `cargo test --test it -- --ignored --nocapture --test-threads=1 slow::packages` makes and tries it, as root on Debian:
//! the package is installed and purged again.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use tokio::time::Instant;

use crate::support::{self, program::Running, prometheus::free_port};

const NAME: &str = "cluster-link-exporter";
const TARGET: &str = "x86_64-unknown-linux-musl";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The image is said to weigh less.
const MOST_BYTES: u64 = 20_000_000;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder() -> PathBuf {
    root().join("target/packages")
}

/// Runs a program to its end; what it says goes to the failure.
fn run(command: &mut Command) -> Output {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:#?}");
    output
}

fn text(command: &mut Command) -> String {
    String::from_utf8(run(command).stdout).expect("programs write text")
}

/// The first of these programs that is not here.
fn missing<'a>(programs: &[&'a str]) -> Option<&'a str> {
    let is_missing = |program: &&&str| {
        let mut paths =
            env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>();
        paths.push("/usr/sbin".into());
        !paths.iter().any(|path| path.join(program).is_file())
    };
    programs.iter().find(is_missing).copied()
}

/// Makes everything, unless a tool for it is missing.
fn made(test: &str, also: &[&str]) -> bool {
    let tools = ["musl-gcc", "objcopy", "cargo-deb", "cargo-generate-rpm"];
    if let Some(program) = missing(&[&tools, also].concat()) {
        support::skip(
            test,
            &format!("`{program}` is not on PATH; docs/releasing.md says what to install"),
        );
        return false;
    }
    run(Command::new("bash")
        .arg("deploy/packages/build.sh")
        .arg(TARGET)
        .current_dir(root()));
    true
}

fn package(extension: &str) -> PathBuf {
    let is_it = |path: &PathBuf| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("our names are text");
        name.contains(VERSION) && name.ends_with(extension)
    };
    let mut found = folder()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(is_it);
    found
        .next()
        .unwrap_or_else(|| panic!("no {extension} of {VERSION} in {}", folder().display()))
}

/// Waits until a demo that runs somewhere is healthy, as its health check says.
fn until_healthy(mut check: impl FnMut() -> Command) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !check().output().unwrap().status.success() {
        assert!(Instant::now() < deadline, "{:?} never succeeded", check());
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
#[ignore = "builds the program for another target"]
fn the_static_binary_runs_the_demo_and_its_health_check() {
    if !made(
        "slow::packages::the_static_binary_runs_the_demo_and_its_health_check",
        &["tar"],
    ) {
        return;
    }
    let unpacked = tempfile::tempdir().unwrap();
    let archive = package("-unknown-linux-musl.tar.gz");
    run(Command::new("tar")
        .arg("xzf")
        .arg(&archive)
        .arg("-C")
        .arg(unpacked.path()));
    let binary = unpacked
        .path()
        .join(format!("{NAME}-{VERSION}-{TARGET}"))
        .join(NAME);
    let linked = Command::new("ldd").arg(&binary).output().unwrap();
    let linked = [linked.stdout, linked.stderr].concat();
    assert!(
        ["statically linked", "not a dynamic executable"]
            .iter()
            .any(|words| String::from_utf8_lossy(&linked).contains(words)),
        "{}",
        String::from_utf8_lossy(&linked)
    );
    let address = format!("127.0.0.1:{}", free_port());
    let mut demo = Command::new(&binary);
    demo.args(["demo", "--web.listen-address", &address]);
    let running = Running::start(demo);
    until_healthy(|| {
        let mut check = Command::new(&binary);
        check.args(["healthcheck", "--web.listen-address", &address]);
        check
    });
    assert!(running.stop("TERM").status.unwrap().success());
}

#[test]
#[ignore = "builds the program for another target, installs a package and purges it"]
fn the_debian_package_installs_runs_and_leaves_nothing() {
    let test = "slow::packages::the_debian_package_installs_runs_and_leaves_nothing";
    if !made(test, &["dpkg", "lintian"]) {
        return;
    }
    if text(Command::new("id").arg("-u")).trim() != "0" {
        return support::skip(test, "only root can install a package");
    }
    if Path::new("/usr/bin").join(NAME).exists() || Path::new("/etc").join(NAME).exists() {
        return support::skip(
            test,
            "it is installed here already and stays as it is; purge it first",
        );
    }
    let deb = package(".deb");
    run(Command::new("lintian")
        .args(["--fail-on", "error"])
        .arg(&deb));

    let listed = text(Command::new("dpkg").arg("--contents").arg(&deb));
    run(Command::new("dpkg").arg("--install").arg(&deb));
    let purge = Purge;
    let installed = format!("/usr/bin/{NAME}");
    let version = text(Command::new(&installed).arg("--version"));
    assert!(
        version.starts_with(&format!("{NAME} {VERSION} ")),
        "{version}"
    );
    let config = tempfile::tempdir().unwrap();
    let file = config.path().join("exporter.yaml");
    std::fs::write(
        &file,
        "clusters: [{ name: dr, endpoint: 'https://dr.example:443' }]\n",
    )
    .unwrap();
    let checked = text(Command::new(&installed).arg("check-config").arg(&file));
    assert!(checked.ends_with(": valid, 1 cluster\n"), "{checked}");
    drop(purge);

    for line in listed.lines() {
        let path = line.split_whitespace().nth(5).expect("tar's columns");
        let path = Path::new("/").join(path.trim_start_matches("./"));
        assert!(!path.is_file(), "{} is still there", path.display());
    }
    for left in ["/etc", "/usr/share", "/usr/share/doc", "/var/lib"] {
        assert!(
            !Path::new(left).join(NAME).exists(),
            "{left}/{NAME} is still there"
        );
    }
}

/// Purges the package, also when its test fails.
struct Purge;

impl Drop for Purge {
    fn drop(&mut self) {
        run(Command::new("dpkg").args(["--purge", NAME]));
    }
}

#[test]
#[ignore = "builds the program for another target"]
fn both_packages_hold_the_same() {
    if !made(
        "slow::packages::both_packages_hold_the_same",
        &["rpm", "dpkg"],
    ) {
        return;
    }
    let rpm = text(
        Command::new("rpm")
            .args(["--query", "--list", "--package"])
            .arg(package(".rpm")),
    );
    let deb = text(Command::new("dpkg").arg("--contents").arg(package(".deb")));
    let deb: Vec<_> = deb
        .lines()
        .filter(|line| line.starts_with('-'))
        .map(|line| {
            line.split_whitespace()
                .nth(5)
                .unwrap()
                .trim_start_matches('.')
        })
        .collect();
    // By their names: each distribution has its own places for documents and completions.
    let names = |paths: Vec<&str>, only_here: &[&str]| -> std::collections::BTreeSet<String> {
        let named = paths.iter().filter_map(|path| path.rsplit('/').next());
        named
            .filter(|name| !only_here.contains(name))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(
        names(rpm.lines().collect(), &["LICENSE"]),
        names(deb, &["copyright", "changelog.Debian.gz"])
    );
}

#[test]
#[ignore = "builds the program for another target, and an image of it"]
fn the_image_of_one_file_runs_the_demo_and_its_health_check() {
    if !made(
        "slow::packages::the_image_of_one_file_runs_the_demo_and_its_health_check",
        &["buildah"],
    ) {
        return;
    }
    let storage = tempfile::tempdir().unwrap();
    let buildah = || {
        let mut command = Command::new("buildah");
        command
            .env("BUILDAH_ISOLATION", "chroot")
            .args(["--storage-driver", "vfs", "--root"])
            .arg(storage.path().join("root"))
            .arg("--runroot")
            .arg(storage.path().join("run"));
        command
    };
    let binary = folder().join("share");
    let context = format!("static-build={}", binary.display());
    run(buildah()
        .args([
            "build",
            "--format",
            "docker",
            "--target",
            "static",
            "--build-context",
            &context,
            "--tag",
            NAME,
            ".",
        ])
        .current_dir(root()));
    let size = binary.join(NAME).metadata().unwrap().len();
    println!("the image holds one file of {size} bytes");
    assert!(size < MOST_BYTES);

    let container = text(buildah().args(["from", &format!("localhost/{NAME}")]));
    let container = container.trim();
    let inside = |arguments: &[&str]| {
        let mut command = buildah();
        command
            .args([
                "run",
                container,
                "--",
                "/usr/local/bin/cluster-link-exporter",
            ])
            .args(arguments);
        command
    };
    let address = format!("127.0.0.1:{}", free_port());
    let mut demo = Running::start(inside(&["demo", "--web.listen-address", &address]));
    demo.until(&address);
    until_healthy(|| inside(&["healthcheck", "--web.listen-address", &address]));
    run(&mut inside(&[
        "healthcheck",
        "--web.listen-address",
        &address,
    ]));
    demo.stop("TERM");
}
