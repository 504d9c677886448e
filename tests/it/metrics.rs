//! What is exposed, as Prometheus' own linter and a parser of another language read it.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use cluster_link_exporter::telemetry::Telemetry;

use crate::support::{
    self, installed,
    program::{Running, program, until_ready},
    python,
};

/// Every family with whatever values: what the cases of `poll` show, and the exporter's own.
#[test]
fn promtool_finds_nothing_to_say() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/poll/cases");
    let own = Telemetry::new().text();
    for case in fs::read_dir(cases).expect("the cases can be listed") {
        let file = case
            .expect("a case can be listed")
            .path()
            .join("metrics.txt");
        let Ok(shown) = fs::read_to_string(&file) else {
            continue;
        };
        let mut promtool = match installed::command("PROMTOOL") {
            Ok(promtool) => promtool,
            Err(why) => return support::skip("promtool_finds_nothing_to_say", &why),
        };
        let mut promtool = promtool
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it ran a moment ago");
        let mut stdin = promtool.stdin.take().expect("it is piped");
        let text = shown + &own;
        stdin
            .write_all(text.as_bytes())
            .expect("promtool reads all");
        drop(stdin);
        let output = promtool.wait_with_output().expect("promtool ends");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(
            (output.status.code(), said.as_ref()),
            (Some(0), ""),
            "{}",
            file.display()
        );
    }
}

/// The demo has nearly every family, the exporter's own among them.
#[tokio::test]
async fn openmetrics_says_the_same_to_a_parser_that_is_not_ours() {
    let python = match python::PROMETHEUS_CLIENT.python() {
        Ok(python) => python.get_program().to_owned(),
        Err(why) => {
            return support::skip(
                "openmetrics_says_the_same_to_a_parser_that_is_not_ours",
                &why,
            );
        }
    };
    let demo = program(&["demo", "--web.listen-address=127.0.0.1:0"]);
    let mut demo = Running::start(demo);
    let line = demo.until("the page     http://");
    let address = line.split("http://").nth(1).expect("it was waited for");
    let address = address.trim_end_matches('/').to_owned();
    until_ready(&address).await;

    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/metrics/same.py");
    let mut said = String::new();
    // A poll between the two scrapes may bring or end a series.
    for _ in 0..10 {
        let files = ["application/openmetrics-text", "text/plain"].map(|accept| {
            let name = accept.replace('/', "-");
            (accept, folder.path().join(name))
        });
        for (accept, file) in &files {
            let text = scrape(&address, accept).await;
            fs::write(file, text).expect("the folder is there");
        }
        let output = Command::new(&python)
            .arg(&script)
            .args(files.map(|(_, file)| file))
            .output()
            .expect("it ran a moment ago");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        said = String::from_utf8(output.stdout).expect("the script writes UTF-8");
        let mut words = said.split(' ');
        let both: Option<usize> = words.next().and_then(|word| word.parse().ok());
        if both.is_some_and(|both| both > 1000) {
            return;
        }
    }
    panic!("only one format has these:\n{said}");
}

async fn scrape(address: &str, accept: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().build();
    let client = client.expect("a client without TLS is always there");
    let url = format!("http://{address}/metrics");
    let answer = client.get(url).header("Accept", accept).send().await;
    let answer = answer.expect("the demo answers");
    let content_type = answer.headers()["content-type"].to_str();
    assert!(content_type.is_ok_and(|it| it.starts_with(accept)));
    answer.text().await.expect("the demo answers whole")
}
