//! A strict reader of the Prometheus text format that knows nothing of its writer: what is not as the format and our own
//! promises want it is a panic.

use std::collections::{BTreeMap, HashSet};

/// One line of an exposition.
#[derive(Debug)]
pub struct Sample {
    /// Of the metric, with `_bucket` and its like.
    pub name: String,
    /// In order of name.
    pub labels: Labels,
    /// As it is written.
    pub value: f64,
}

/// Label values by label name.
type Labels = BTreeMap<String, String>;

impl Sample {
    /// The value of a label that every sample of the family has.
    pub fn label(&self, name: &str) -> &str {
        let value = self.labels.get(name);
        value.unwrap_or_else(|| panic!("no label `{name}`: {self:?}"))
    }
}

/// Reads a whole exposition: each family headed once and in one piece, no series twice, one state of each state set.
pub fn read(text: &str) -> Vec<Sample> {
    assert!(
        text.is_empty() || text.ends_with('\n'),
        "the last line is cut"
    );
    let mut families = HashSet::new();
    let mut series = HashSet::new();
    let mut samples = Vec::new();
    let mut family = ("", "");
    // Not `lines`: a carriage return before the line break belongs to the line.
    for line in text.split_terminator('\n') {
        if let Some(header) = line.strip_prefix("# HELP ") {
            let (name, _) = header.split_once(' ').expect("a name and a text");
            assert!(families.insert(name), "headed twice: {name}");
            family = (name, "");
        } else if let Some(header) = line.strip_prefix("# TYPE ") {
            let (name, kind) = header.split_once(' ').expect("a name and a type");
            assert_eq!((name, ""), family, "`# TYPE` follows its `# HELP`");
            assert!(["gauge", "counter", "histogram"].contains(&kind), "{kind}");
            family = (name, kind);
        } else {
            let sample = sample(line).unwrap_or_else(|| panic!("not well formed: {line:?}"));
            assert!(belongs(&sample, family), "in {family:?}: {sample:?}");
            let identity = (sample.name.clone(), sample.labels.clone());
            assert!(series.insert(identity), "there twice: {line:?}");
            samples.push(sample);
        }
    }
    assert_state_sets(&samples);
    samples
}

fn sample(line: &str) -> Option<Sample> {
    let (name, mut rest) = line.split_once('{')?;
    let mut labels = Labels::new();
    loop {
        let (label, quoted) = rest.split_once("=\"")?;
        let (value, after) = unescape(quoted)?;
        let is_new = labels.insert(label.to_owned(), value).is_none();
        if !is_new || !is_name(label) {
            return None;
        }
        match after.split_at_checked(1)? {
            (",", next) => rest = next,
            ("}", end) => {
                return Some(Sample {
                    name: name.to_owned(),
                    labels,
                    value: end.strip_prefix(' ')?.parse().ok()?,
                });
            }
            _ => return None,
        }
    }
}

/// Whether a label may be called so: `[a-zA-Z_][a-zA-Z0-9_]*`, and two underscores are Prometheus' own.
fn is_name(text: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let first = |byte: &u8| part(*byte) && !byte.is_ascii_digit();
    text.as_bytes().first().is_some_and(first) && text.bytes().all(part) && !text.starts_with("__")
}

/// The value up to the closing quote, and what follows it.
fn unescape(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(match chars.next()? {
                'n' => '\n',
                same @ ('\\' | '"') => same,
                _ => return None,
            }),
            plain => value.push(plain),
        }
    }
}

fn belongs(sample: &Sample, (family, kind): (&str, &str)) -> bool {
    let Some(suffix) = sample.name.strip_prefix(family) else {
        return false;
    };
    let suffixes: &[&str] = match kind {
        "histogram" => &["_bucket", "_sum", "_count"],
        "gauge" | "counter" => &[""],
        _ => &[],
    };
    suffixes.contains(&suffix)
        && sample.labels.contains_key("le") == (suffix == "_bucket")
        && sample.value.is_finite()
        && sample.value >= 0.0
}

/// Of the states of one thing exactly one is 1, and all others are 0.
fn assert_state_sets(samples: &[Sample]) {
    let mut sets: BTreeMap<(&str, Labels), Vec<f64>> = BTreeMap::new();
    for sample in samples
        .iter()
        .filter(|sample| sample.labels.contains_key("state"))
    {
        let mut labels = sample.labels.clone();
        labels.remove("state");
        sets.entry((&sample.name, labels))
            .or_default()
            .push(sample.value);
    }
    for (thing, mut values) in sets {
        values.sort_by(f64::total_cmp);
        let current = values.pop();
        let others_are_off = values.iter().all(|value| *value == 0.0);
        assert!(
            current == Some(1.0) && others_are_off,
            "not one state: {thing:?}"
        );
    }
}
