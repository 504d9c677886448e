//! What is exposed, as Prometheus' own linter reads it.

use std::{fs, io::Write as _, path::Path, process::Stdio};

use cluster_link_exporter::telemetry::Telemetry;

use crate::support::{self, installed};

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
