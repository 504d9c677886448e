//! The commands of the runbooks: those of the program, those of others, and the shell around them.

use std::{
    collections::BTreeSet,
    io::Write as _,
    process::{Command, Stdio},
    sync::LazyLock,
};

use cluster_link_exporter::{catalogue::ENTRIES, model::Blocker};

use super::page::{self, PLACEHOLDER, found, nothing_wrong};

/// What the program prints for these arguments.
fn help(arguments: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cluster-link-exporter"));
    let output = program.args(arguments).env_clear().output();
    let output = output.expect("cargo has built the program");
    String::from_utf8(output.stdout).expect("the program writes UTF-8")
}

/// Each command of the program with its help.
pub(crate) static COMMANDS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let all = help(&["--help"]);
    let (_, list) = all
        .split_once("\nCommands:\n")
        .expect("help lists commands");
    let list = list.split("\n\n").next().unwrap_or_default();
    let names = found(r"(?m)^  ([a-z][a-z-]*)", list).into_iter();
    names
        .map(|name| (name.to_owned(), help(&[name, "--help"])))
        .collect()
});

#[test]
fn every_command_of_the_program_in_a_runbook_exists() {
    nothing_wrong(|page| {
        let code = page.code().join("\n");
        let code = PLACEHOLDER.replace_all(&code, "x");
        let asked = found(r"cluster-link-exporter +([^|>\n]+)", &code).into_iter();
        asked.filter_map(unknown_to_the_program).collect()
    });
}

/// What the program would not understand of `tasks --output json` and the like.
pub(crate) fn unknown_to_the_program(arguments: &str) -> Option<String> {
    let name = arguments.split_whitespace().next()?;
    let known = COMMANDS.iter().find(|(command, _)| command == name);
    let all;
    let help = match known {
        Some((_, help)) => help,
        // Without a command it serves.
        None if name.starts_with("--") => {
            all = help(&["--help"]);
            &all
        }
        None => return Some(format!("`cluster-link-exporter` has no command `{name}`")),
    };
    let flags = found(r"(?:^|\s)(--[a-z][a-z.-]*)", arguments).into_iter();
    let unknown = flags.filter(|flag| found(r"(--[a-z][a-z.-]*)", help).iter().all(|f| f != flag));
    let unknown: Vec<_> = unknown.collect();
    (!unknown.is_empty()).then(|| format!("`{name}` has no flag {unknown:?}"))
}

/// What a runbook tells to ask about the clusters of an organisation, which no error code and no blocker is about.
const OF_AN_ORGANISATION: [&str; 2] = ["confluent api-key create", "confluent kafka cluster list"];

#[test]
fn every_confluent_command_is_one_of_the_catalogue() {
    let words = "(confluent(?: [a-z]+)+)";
    let catalogue = ENTRIES.iter().flat_map(|entry| &entry.commands);
    let blockers = Blocker::TABLE.iter().map(|row| row.remedy);
    let known = catalogue.map(String::as_str).chain(blockers);
    let known = known.chain(OF_AN_ORGANISATION);
    let known: BTreeSet<_> = known.flat_map(|text| found(words, text)).collect();
    nothing_wrong(|page| {
        let code = page.code().join("\n");
        let asked = found(words, &code).into_iter();
        asked
            .filter(|asked| !known.iter().any(|known| known.starts_with(asked)))
            .map(|asked| {
                format!("`{asked}` is in no row of src/catalogue and of the blockers; is it right?")
            })
            .collect()
    });
}

#[test]
fn every_placeholder_is_explained_in_the_index() {
    let readme = page::readme();
    let explained = readme.explained();
    nothing_wrong(|page| {
        let code = page.code().join("\n");
        let placeholders: BTreeSet<_> =
            PLACEHOLDER.find_iter(&code).map(|it| it.as_str()).collect();
        let unknown = placeholders
            .into_iter()
            .filter(|name| !explained.contains(name));
        unknown
            .map(|name| format!("explain `{name}` in alerts/runbooks/README.md, or use another"))
            .collect()
    });
}

#[test]
fn every_block_of_commands_is_shell() {
    nothing_wrong(|page| {
        let shell = page.blocks.iter().filter(|(language, _)| language == "sh");
        let filled: String = shell
            .map(|(_, block)| PLACEHOLDER.replace_all(block, "x").into_owned())
            .collect();
        let languages = page.blocks.iter().map(|(language, _)| language.as_str());
        let strange = languages.filter(|language| !["sh", "promql"].contains(language));
        let strange = strange.map(|language| format!("write `sh` or `promql`, not `{language}`"));
        strange.chain(not_shell(&filled)).collect()
    });
}

/// What bash says of a script that it cannot read.
fn not_shell(script: &str) -> Option<String> {
    let mut bash = Command::new("bash");
    let bash = bash
        .args(["-n"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped());
    let mut bash = bash.spawn().expect("there is a bash");
    let mut stdin = bash.stdin.take().expect("it is piped");
    stdin.write_all(script.as_bytes()).expect("bash reads");
    drop(stdin);
    let output = bash.wait_with_output().expect("bash ends");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}
