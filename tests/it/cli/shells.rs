//! What shells and `man` read of the command line.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use super::{assert_says, run};
use crate::{
    alert::commands::COMMANDS,
    support::{golden::golden, program::program, skip},
};

/// Each shell, and the option by which it only checks a script.
const SHELLS: [(&str, Option<&str>); 5] = [
    ("bash", Some("-n")),
    ("zsh", Some("-n")),
    ("fish", Some("--no-execute")),
    ("elvish", Some("-compileonly")),
    ("powershell", None),
];

fn script(shell: &str) -> String {
    let (status, script, stderr) = run(program(&["completions", shell]));
    assert_eq!((status, stderr.as_str()), (0, ""), "{shell}");
    script
}

fn is_there(name: &str) -> bool {
    let mut command = Command::new(name);
    command.arg("--version").stdin(Stdio::null());
    command.output().is_ok()
}

#[test]
fn every_shell_is_offered_every_command_and_reads_its_script() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, check) in SHELLS {
        let script = script(shell);
        for (command, _) in COMMANDS.iter() {
            assert!(script.contains(command.as_str()), "{shell}: {command}");
        }
        let file = folder.path().join(shell);
        fs::write(&file, &script).unwrap();
        let Some(check) = check.filter(|_| is_there(shell)) else {
            let why = format!("there is no {shell} to read the completions; install it");
            skip("every_shell_is_offered_every_command", &why);
            continue;
        };
        let read = Command::new(shell).arg(check).arg(&file).output().unwrap();
        assert!(read.status.success() && read.stderr.is_empty(), "{read:?}");
    }
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let script = script("bash");
    for (words, offered) in [
        ("cluster-link-exporter comp", "completions"),
        ("cluster-link-exporter test", "test-alert"),
        ("cluster-link-exporter --web.tel", "--web.telemetry-path"),
        ("cluster-link-exporter completions f", "fish"),
        ("cluster-link-exporter tasks --output j", "json"),
        ("cluster-link-exporter runbooks --t", "--to"),
        (
            "cluster-link-exporter simulate --web.l",
            "--web.listen-address",
        ),
        // Not a flag of this command.
        ("cluster-link-exporter tasks --web.l", ""),
    ] {
        let words: Vec<_> = words.split(' ').collect();
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let asked = format!(
            "{script}\nCOMP_WORDS=({}); COMP_CWORD={}\n\
             _cluster__link__exporter cluster-link-exporter {last} {before}\necho \"${{COMPREPLY[*]}}\"",
            words.join(" "),
            words.len() - 1
        );
        let answer = Command::new("bash").args(["-c", &asked]).output().unwrap();
        let answer = String::from_utf8(answer.stdout).unwrap();
        assert_eq!(answer.trim_end(), offered, "{words:?}");
    }
}

#[test]
fn the_manual_page_is_as_it_was_read_last_and_man_shows_it() {
    let (status, page, stderr) = run(program(&["man"]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli/man.txt");
    golden(&file, &page.replace(env!("CARGO_PKG_VERSION"), "VERSION"));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cluster-link-exporter.1");
    fs::write(&file, &page).unwrap();
    assert_man_shows(&file, "runbooks [--to] [ALERT]");
}

#[track_caller]
fn assert_man_shows(file: &Path, part: &str) {
    if !is_there("man") {
        skip("the_manual_page", "there is no `man`; install man-db");
        return;
    }
    let mut man = Command::new("man");
    man.args(["--warnings", "--encoding=utf8", "-l"]).arg(file);
    man.env("MANWIDTH", "100").env("LC_ALL", "C.UTF-8");
    let (status, shown, complaints) = run(man);
    assert_eq!((status, complaints.as_str()), (0, ""));
    assert!(shown.contains(part), "{shown}");
}

#[test]
fn every_command_has_a_page_of_its_own_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let names = COMMANDS.iter().map(|(name, _)| name.as_str());
    let names = names.filter(|name| *name != "help");
    let mut pages: Vec<_> = names
        .map(|name| format!("{path}/cluster-link-exporter-{name}.1"))
        .collect();
    pages.push(format!("{path}/cluster-link-exporter.1"));
    pages.sort();

    let (status, said, stderr) = run(program(&["man", "--to", path]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    let mut written: Vec<_> = said.lines().map(str::to_owned).collect();
    written.sort();
    assert_eq!(written, pages);
    let own = folder.path().join("cluster-link-exporter.1");
    assert_man_shows(&own, "cluster-link-exporter-tasks(1)");
    let tasks = folder.path().join("cluster-link-exporter-tasks.1");
    assert_man_shows(&tasks, "--config.file");

    let nowhere = "/nowhere: found no such folder; make it, or name another\n";
    assert_says(program(&["man", "--to", "/nowhere"]), 2, "", nowhere);
}
