//! A file of any bytes as the configuration: it is read, or refused with problems that a log can take line by line.

use std::{collections::HashSet, fs};

use cluster_link_exporter::config::{Config, Environment, Location, Problems, Source};

/// Where it stands in a file, no message may repeat it. With its digit it is no word that may be shown as a key.
const SECRET: &str = "s3cret";

/// Loads the bytes as a file, beside an environment that a file may refer to.
pub fn check(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("exporter.yaml");
    fs::write(&path, data).expect("the folder takes a file");
    let environment: Environment = [("DR_KEY", "key"), ("DR_SECRET", SECRET)]
        .into_iter()
        .collect();
    match Config::load(&Source::File(path), &environment) {
        Ok(config) => assert_promises(&config),
        Err(problems) => assert_tellable(&problems, data),
    }
}

fn assert_promises(config: &Config) {
    assert!(
        !config.clusters.is_empty(),
        "a configuration without clusters"
    );
    let mut names = HashSet::new();
    for cluster in &config.clusters {
        assert!(names.insert(&cluster.name), "a name twice: {config:?}");
        let settings = &cluster.poll;
        assert!(
            settings.timeout < settings.interval,
            "polls overlap: {config:?}"
        );
        assert!(
            settings.max_concurrent_requests > 0,
            "a poll asks nothing: {config:?}"
        );
    }
}

fn assert_tellable(problems: &Problems, data: &[u8]) {
    assert!(problems.iter().next().is_some(), "refused without a reason");
    // YAML's line breaks are more than `\n`; a position may stand behind the last of them.
    let lines = 1 + String::from_utf8_lossy(data).matches(breaks_a_line).count() as u64;
    for problem in problems.iter() {
        let line = problem.to_string();
        assert!(
            !line.contains(breaks_a_line),
            "more than one line: {line:?}"
        );
        assert!(!line.contains(SECRET), "a secret is told: {line:?}");
        if let Location::File {
            position: Some(position),
            ..
        } = &problem.location
        {
            let is_in_file = (1..=lines).contains(&position.line) && position.column > 0;
            assert!(is_in_file, "behind the file's {lines} lines: {line:?}");
        }
    }
}

/// Whether some terminal, log or YAML parser takes the character for a line break; no other control belongs there either.
fn breaks_a_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}
