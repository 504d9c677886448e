//! The README's tables of metric families and of the words in which links are judged are written from the code.

use std::{fs, io::Write as _, path::Path, process::Stdio};

use cluster_link_exporter::{
    intent::{FEATURES, PAIR_SETTINGS, PAIR_TASKS},
    metrics::{Family, Label, families},
    model::{Blocker, Check, Expectation, Finding, Gap, TableWord, Unknown},
    telemetry::Telemetry,
};

use crate::support::{self, golden::golden_part, installed};

#[test]
fn the_readme_lists_every_metric_family_and_every_word_of_judgement() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let parts = [
        (
            "expectations",
            words("expectation", "rests on", Expectation::TABLE),
        ),
        (
            "findings",
            words("finding", "rests on", Finding::TABLE) + &features(),
        ),
        ("checks", words("check", "because", Check::TABLE) + &pair()),
        ("blockers", words("reason", "because", Blocker::TABLE)),
        ("gaps", words("not known", "because", Gap::TABLE)),
        ("unknown", reasons()),
        ("metrics", table()),
    ];
    for (part, text) in parts {
        golden_part(&path, part, &text);
    }
}

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

fn words(what: &str, because: &str, words: &[TableWord]) -> String {
    let head = format!("\n| {what} | meaning | {because} | what to do |\n|---|---|---|---|\n");
    let rows = words
        .iter()
        .map(|word| row(word.name, word.meaning, word.because, word.remedy));
    head + &rows.collect::<String>() + "\n"
}

fn features() -> String {
    let head = "| task | switched on by | filters |\n|---|---|---|\n".to_owned();
    let rows = FEATURES.map(|feature| {
        let [task, switch, filters] = [feature.task, feature.switch, feature.filters].map(code);
        format!("| {task} | {switch} | {filters} |\n")
    });
    head + &rows.concat() + "\n"
}

/// What nobody asks for is not missed, so that it is the reason of no series.
fn reasons() -> String {
    let head = "\n| reason | meaning |\n|---|---|\n".to_owned();
    let asked = Unknown::ALL.iter().filter(|why| **why != Unknown::NotAsked);
    let rows = asked.map(|why| format!("| {} | {why} |\n", code(why.label())));
    head + &rows.collect::<String>() + "\n"
}

fn pair() -> String {
    let settings = PAIR_SETTINGS.map(|setting| code(setting.key)).join(", ");
    let tasks = PAIR_TASKS.map(code).join(", ");
    format!("`pair_settings_differ` compares {settings}; `tasks_agree` compares {tasks}.\n\n")
}

fn table() -> String {
    let mut table = "\n| family | type | labels | meaning |\n|---|---|---|---|\n".to_owned();
    for family in families() {
        table += &row(
            family.name,
            family.kind.as_str(),
            &labels(family),
            family.meaning,
        );
    }
    let telemetry = Telemetry::new();
    // A family without a receiver is empty, and nobody gathers it.
    telemetry.notifications("any");
    for family in telemetry.gather() {
        let name = family.name();
        if !name.starts_with("process_") {
            let kind = format!("{:?}", family.get_field_type()).to_lowercase();
            let first = family
                .get_metric()
                .first()
                .expect("no gathered family is empty");
            let labels: Vec<String> = first.get_label().iter().map(|l| code(l.name())).collect();
            table += &row(
                name,
                &kind,
                &labels.join(", "),
                family.help().trim_end_matches('.'),
            );
        }
    }
    table += &row(
        "process_*",
        "",
        "",
        "What the process uses: CPU seconds, memory, file descriptors, threads, start time",
    );
    table + "\n"
}

/// All the labels of a family, with their values where these can be listed.
fn labels(family: &Family) -> String {
    let identity = Family::IDENTITY.map(code);
    let own = family
        .labels
        .iter()
        .map(|Label { name, values }| match values {
            Some(values) => format!("{} ∈ {}", code(name), values().join(" ")),
            None => code(name),
        });
    identity
        .into_iter()
        .chain(own)
        .collect::<Vec<_>>()
        .join(", ")
}

fn row(name: &str, kind: &str, labels: &str, meaning: &str) -> String {
    format!("| {} | {kind} | {labels} | {meaning} |\n", code(name))
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
