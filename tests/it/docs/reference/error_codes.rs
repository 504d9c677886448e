//! The error codes.

use std::fmt::Write as _;

use cluster_link_exporter::catalogue::{self, Entry};

use super::page;

const INTRODUCTION: &str = "\
What Confluent's REST API reports, what it means and what to do; `cluster-link-exporter explain CODE` says the same. The
sets of codes are open: a newer server may send one that is not here. Of most codes Confluent publishes nothing but the
name; what is said of those is our reading of it. A promote, reverse or restore can report every code of a task too, with
that meaning unless it is explained apart.

*This cluster* is the one that reports the code, the *remote* cluster is at the other end of its link. Fill in what stands
in `<…>`. `{base_path}` is `/kafka/v3` on Confluent Cloud and on the brokers of Confluent Platform, `/v3` on a standalone
REST Proxy.
";

#[test]
fn the_page_has_every_error_code() {
    let mut text = INTRODUCTION.to_owned();
    for code in catalogue::codes() {
        let _ = write!(text, "\n## {code}\n");
        for entry in catalogue::lookup(code) {
            write(entry, &mut text);
        }
    }
    page("error-codes.md", "Error codes", &text);
}

fn write(entry: &Entry, text: &mut String) {
    let Entry {
        code: _,
        scope,
        evidence,
        meaning,
        causes,
        remedy,
        commands,
        heals,
    } = entry;
    let causes = causes.join(" ");
    let rows = [
        ("Evidence", evidence.in_words()),
        ("Meaning", meaning),
        ("Causes", &causes),
        ("What to do", remedy),
        ("Heals by itself", heals.in_words()),
    ];
    let rows = rows.map(|(name, said)| format!("* {name}: {said}\n"));
    let _ = write!(
        text,
        "\nReported by {}:\n\n{}\n```text\n{}\n```\n",
        scope.reporter(),
        rows.concat(),
        commands.join("\n")
    );
}
