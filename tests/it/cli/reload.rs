//! Reloading a running exporter: by signal and over HTTP, with good and bad files.

use std::{fs, io::Write as _};

use crate::support::program::{Running, get, program};

const GOOD: &str =
    "clusters:\n  - { name: first, cluster_id: lkc-1, endpoint: 'http://127.0.0.1:1' }\n";
const BETTER: &str = "  - { name: second, cluster_id: lkc-2, endpoint: 'http://127.0.0.1:1' }\n";
const BAD: &str = "clusters:\n  - { name: first, endpiont: 'http://127.0.0.1:1' }\n";

/// Status and body of a request to reload.
async fn ask(method: reqwest::Method, address: &str) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{address}/-/reload");
    let answer = client.request(method, url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn metrics(address: &str) -> String {
    get(&format!("http://{address}/metrics")).await.1
}

#[tokio::test]
async fn a_signal_reloads_and_a_bad_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    fs::write(&file, GOOD).unwrap();
    let name = file.to_str().unwrap();
    let arguments = ["--config.file", name, "--web.listen-address", "127.0.0.1:0"];
    let mut running = Running::start(program(&arguments));
    let address = running.address();

    fs::write(&file, format!("{GOOD}{BETTER}")).unwrap();
    running.signal("HUP");
    let line = running.until("configuration reloaded");
    assert!(
        line.ends_with("level=info msg=\"configuration reloaded\" clusters=2"),
        "{line}"
    );
    assert!(metrics(&address).await.contains(r#"cluster_name="second""#));

    fs::write(&file, BAD).unwrap();
    running.signal("HUP");
    let first = running.until("configuration not reloaded");
    let expected = format!(
        "level=error msg=\"configuration not reloaded, it stays as it was\" \
         problem=\"{name}:2:5: `clusters[0].endpoint`: found no such key; "
    );
    assert!(first.contains(&expected), "{first}");
    // Logged whole: the second problem has its own line.
    running.until("did you mean `endpoint`?");
    let after = metrics(&address).await;
    assert!(
        after.contains("\nclusterlink_exporter_config_last_reload_successful 0\n"),
        "{after}"
    );
    assert!(after.contains(r#"cluster_name="second""#), "{after}");

    let closed =
        "reloading over HTTP is not enabled; start with `--web.enable-lifecycle`, or send SIGHUP\n";
    assert_eq!(
        ask(reqwest::Method::POST, &address).await,
        (403, closed.to_owned())
    );
}

#[tokio::test]
async fn a_request_reloads_where_that_is_permitted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    fs::write(&file, GOOD).unwrap();
    let name = file.to_str().unwrap();
    let mut running = Running::start(program(&[
        "--config.file",
        name,
        "--web.listen-address",
        "127.0.0.1:0",
        "--web.enable-lifecycle",
    ]));
    let address = running.address();

    let again = (200, "the configuration was read again\n".to_owned());
    assert_eq!(ask(reqwest::Method::POST, &address).await, again);
    let refused = (405, "this path answers POST and PUT only\n".to_owned());
    assert_eq!(ask(reqwest::Method::GET, &address).await, refused);

    fs::write(&file, BAD).unwrap();
    let (status, text) = ask(reqwest::Method::POST, &address).await;
    let first = "the configuration stays as it was:\n";
    assert!(
        status == 500 && text.starts_with(first) && text.ends_with('\n'),
        "{text}"
    );
    assert_eq!(text.lines().count(), 3, "{text}");
    fs::write(&file, GOOD).unwrap();
    assert_eq!(ask(reqwest::Method::POST, &address).await, again);
}

/// A pipe holds the start up where the configuration is read: whoever opens its other end knows that the reading began.
#[test]
fn a_signal_during_the_start_does_not_end_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    let made = std::process::Command::new("mkfifo").arg(&file).status();
    assert!(made.unwrap().success());
    let name = file.to_str().unwrap();
    let arguments = ["--config.file", name, "--web.listen-address", "127.0.0.1:0"];
    let mut running = Running::start(program(&arguments));
    let mut writer = fs::OpenOptions::new().write(true).open(&file).unwrap();
    for _ in 0..3 {
        running.signal("HUP");
    }
    writer.write_all(GOOD.as_bytes()).unwrap();
    drop(writer);
    running.until("serving");
    // It was not lost: the configuration is read again.
    fs::write(&file, format!("{GOOD}{BETTER}")).unwrap();
    running.until("configuration reloaded");
}
