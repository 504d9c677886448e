//! The JSON Schema of the configuration: the file that is shipped, what check-jsonschema takes by it, and what an editor
//! with yaml-language-server shows.

use std::{collections::BTreeSet, fs, path::Path};

use cluster_link_exporter::config::{self, Config, Environment, Source};
use serde_json::Value;

use super::root;
use crate::support::{golden::golden, node, python::CHECK_JSONSCHEMA, skip};

const SCHEMA: &str = "cluster-link-exporter.schema.json";
const EXAMPLE: &str = "cluster-link-exporter.example.yaml";

#[test]
fn the_schema_is_written_from_the_table_of_keys() {
    golden(&root().join(SCHEMA), &format!("{}\n", config::schema()));
}

/// A value that holds itself; check-jsonschema follows it until it has no stack left, before it asks the schema.
const ENDLESS: &str = "tests/config/bad/an-alias-of-itself.yaml";

/// The bad files of `tests/config/bad` of which a schema cannot tell that they are bad, each with the reason.
const NOT_TOLD: [(&str, &str); 8] = [
    ("a-tag-of-a-merge", "tags are gone when a schema is asked"),
    (
        "credentials-over-http",
        "depends on several keys, and on what a URL says",
    ),
    ("names-given-twice", "depends on several items"),
    (
        "patterns",
        "Rust's regular expressions are not those of a schema",
    ),
    ("proxy-with-a-path", "depends on what a URL says"),
    ("secret-sources", "depends on what files and variables hold"),
    ("stale-before-the-next-poll", "depends on several keys"),
    (
        "timeout-not-shorter-than-interval",
        "depends on several keys",
    ),
];

#[test]
fn by_the_schema_every_good_file_is_taken_and_every_bad_one_refused_but_for_those_of_which_it_cannot_tell()
 {
    let mut files = vec![EXAMPLE.to_owned()];
    for folder in ["tests/config/good", "tests/config/bad"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let file = format!("{folder}/{name}");
            let is_yaml = Path::new(&name).extension().is_some_and(|it| it == "yaml");
            if is_yaml && file != ENDLESS {
                files.push(file);
            }
        }
    }
    // What one file leaves in check-jsonschema's parser can spoil the next one: in the same order everywhere.
    files.sort();
    let Some(refused) = refused("by_the_schema_every_good_file_is_taken", &files) else {
        return;
    };
    let not_told = |file: &str| {
        let path = Path::new(file);
        let name = path.file_stem().and_then(|name| name.to_str());
        NOT_TOLD.iter().any(|(told, _)| name == Some(*told))
    };
    let is_bad = |file: &&String| file.starts_with("tests/config/bad/") && !not_told(file);
    let expected: BTreeSet<_> = files.iter().filter(is_bad).cloned().collect();
    assert!(expected.len() > 20, "{expected:?}");
    let differ: Vec<_> = refused.symmetric_difference(&expected).collect();
    let why = "refused though it is good, or named in `NOT_TOLD`, or taken though it is bad";
    assert!(differ.is_empty(), "{why}: {differ:#?}");
}

/// What each key of the example is given in turn; of most keys, most are wrong.
const VALUES: [&str; 6] = ["", "5", "true", "\"30s\"", "[]", "{}"];

/// The example with each line left out in turn, and with each key's value replaced.
fn variants(example: &str) -> Vec<String> {
    let key = regex::Regex::new(r"^(\s*(?:- )?)#?([a-zA-Z_]+):").unwrap();
    let lines: Vec<_> = example.lines().collect();
    let with = |index: usize, line: Option<String>| {
        let mut lines: Vec<_> = lines.iter().map(|line| Some((*line).to_owned())).collect();
        lines[index] = line;
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    };
    let mut variants = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = key.captures(line) else {
            continue;
        };
        variants.push(with(index, None));
        let values = VALUES
            .iter()
            .map(|value| format!("{}{}: {value}", &found[1], &found[2]));
        variants.extend(values.map(|line| with(index, Some(line))));
    }
    variants
}

#[test]
fn what_the_exporter_takes_the_schema_takes_too() {
    let example = fs::read_to_string(root().join(EXAMPLE)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut taken = Vec::new();
    for (number, variant) in variants(&example).iter().enumerate() {
        let path = folder.path().join(format!("{number}.yaml"));
        fs::write(&path, variant).unwrap();
        let source = Source::File(path.clone());
        if Config::load_without_secrets(&source, &Environment::default()).is_ok() {
            taken.push(path.to_str().unwrap().to_owned());
        }
    }
    assert!(taken.len() > 80, "{}", taken.len());
    let Some(refused) = refused("what_the_exporter_takes_the_schema_takes_too", &taken) else {
        return;
    };
    let lines: Vec<_> = refused
        .iter()
        .map(|file| {
            let variant = fs::read_to_string(file).unwrap();
            let changed = variant
                .lines()
                .zip(example.lines())
                .find(|(new, old)| new != old);
            format!("{changed:?}")
        })
        .collect();
    assert!(
        lines.is_empty(),
        "refused by the schema, (new line, old line): {lines:#?}"
    );
}

/// Which of these files check-jsonschema refuses; `None`, and said aloud, where it is not there.
fn refused(test: &str, files: &[String]) -> Option<BTreeSet<String>> {
    let mut command = match CHECK_JSONSCHEMA.python() {
        Ok(python) => python,
        Err(why) => {
            skip(test, &why);
            return None;
        }
    };
    command.args([
        "-m",
        "check_jsonschema",
        "--output-format",
        "json",
        "--schemafile",
        SCHEMA,
    ]);
    let output = command.args(files).current_dir(root()).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    let kinds = ["errors", "parse_errors"].into_iter();
    let errors = kinds.flat_map(|kind| answer[kind].as_array().into_iter().flatten());
    let files = errors.filter_map(|error| error["filename"].as_str());
    Some(files.map(str::to_owned).collect())
}

/// What an editor shows of a file beside the schema, with the cursor where the text has a `|`.
fn edited(who_asks: &str, text: &str) -> Option<Value> {
    let mut command = match node::script("schema/editor.mjs") {
        Ok(command) => command,
        Err(why) => {
            skip(who_asks, why);
            return None;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root().join(SCHEMA), folder.path().join(SCHEMA)).unwrap();
    let file = folder.path().join("exporter.yaml");
    let (before, _) = text.split_once('|').unwrap_or((text, ""));
    fs::write(&file, text.replacen('|', "", 1)).unwrap();
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().len();
    command
        .arg(&file)
        .args([line.to_string(), column.to_string()]);
    let output = command.output().unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    Some(answer)
}

/// The example's first line, and one cluster.
const BEGINNING: &str = "# yaml-language-server: $schema=cluster-link-exporter.schema.json
clusters:
  - name: dr
    endpoint: https://lab.example.com
";

#[test]
fn an_editor_completes_keys_and_values_and_explains_them() {
    let test = "an_editor_completes_keys_and_values_and_explains_them";
    let example = fs::read_to_string(root().join(EXAMPLE)).unwrap();
    assert!(example.starts_with(BEGINNING.lines().next().unwrap()));
    // A `|` of its own would be taken for the cursor.
    let Some(whole) = edited(test, &format!("|{example}")) else {
        return;
    };
    assert_eq!(whole["wrong"], serde_json::json!([]), "{whole:#}");

    let edited = |rest: &str| edited(test, &format!("{BEGINNING}{rest}")).unwrap();
    let offers = |answer: &Value, wanted: &str| {
        let offered = answer["offered"].as_array().unwrap();
        assert!(offered.iter().any(|label| label == wanted), "{answer:#}");
    };
    offers(&edited("    basic_|\n"), "basic_auth");
    offers(&edited("    collect:\n      mirrors: |\n"), "unhealthy");
    offers(
        &edited("alerting:\n  rules:\n    ClusterLinkTask|\n"),
        "ClusterLinkTaskInError",
    );
    let explained = edited("    basic|_auth: { username: key, password_file: secret }\n");
    assert_eq!(explained["wrong"], serde_json::json!([]), "{explained:#}");
    let said = explained["explained"].as_str().unwrap();
    assert!(
        said.contains("for Confluent Cloud a cluster API key and its secret"),
        "{said}"
    );
    let wrong = edited(
        "    poll_intervl: 30s|\n    poll_timeout: 25\n    request_timeout: soon\n    stale_after: 0s\n",
    );
    let duration = "write a number and a unit, such as `30s` or `2m`";
    assert_eq!(
        wrong["wrong"],
        serde_json::json!([
            "5: Property poll_intervl is not allowed.",
            "6: Incorrect type. Expected \"string\".",
            format!("7: {duration}"),
            format!("8: {duration}"),
        ])
    );
}
