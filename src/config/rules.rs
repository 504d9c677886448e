//! What a deployment wants of the alert rules: `alerting.rules`, `alerting.keep_labels` and where their links lead.

use std::path::Path;

use super::{
    Environment, Problems, file,
    keys::KEYS,
    layers::Layers,
    web_links::{self, LINKS},
};
use crate::{
    alert::{KeptLabel, KeptLabels, Override, Overrides, RuleFile, Severity, rules},
    document::{Parsed, Problem, Reading, Section},
};

/// `alerting.keep_labels`.
pub(super) const KEEP_LABELS: &str = "keep_labels";

/// Reads what concerns the rules from a configuration file, and only that: rule files are written where the secrets of
/// the clusters are not at hand.
pub(super) fn load(path: &Path, environment: &Environment) -> Result<RuleFile, Problems> {
    let document = file::read(path).map_err(|problem| Problems::new(vec![problem]))?;
    let mut layers = Layers::new().with_file(document);
    layers.problems.retain(concerns_rules);
    let values = layers.merged();
    let reading = Reading::new(Path::new(""), layers.origins, layers.problems)
        .with_variables(environment.variables());
    let root = Section::root(&reading, &values, KEYS);
    let mut file = RuleFile::default();
    if let Ok(Some(alerting)) = root.section("alerting") {
        file.links = web_links::read(&alerting);
        file.keep_labels = keep_labels(&alerting).unwrap_or_default();
        file.overrides = read(&alerting);
        if let Ok(Some(rules)) = alerting.section("rules") {
            rules.finish();
        }
    }
    let problems = reading.finish().problems;
    if problems.is_empty() {
        Ok(file)
    } else {
        Err(Problems::new(problems))
    }
}

/// Whether a problem of the whole document, a key given twice or a tag, is one of what is read here.
fn concerns_rules(problem: &Problem) -> bool {
    let Some(key) = &problem.key else {
        return true;
    };
    let mut path = key.split('.');
    path.next() == Some("alerting")
        && path.next().is_none_or(|key| {
            key == "rules" || LINKS.contains(&key) || key.starts_with(KEEP_LABELS)
        })
}

/// Reads the overrides that are right, and reports what is wrong with the others.
pub(super) fn read(alerting: &Section) -> Overrides {
    let mut overrides = Overrides::default();
    let Ok(Some(section)) = alerting.section("rules") else {
        return overrides;
    };
    for rule in rules() {
        if let Ok(Some(section)) = section.section(rule.name)
            && let Ok(own) = one(&section)
        {
            overrides.0.insert(rule.name, own);
        }
    }
    overrides
}

/// Reads which labels of targets the rules keep.
pub(super) fn keep_labels(alerting: &Section) -> Parsed<KeptLabels> {
    let names = alerting.texts(KEEP_LABELS, "the name of a label, such as `env`")?;
    let kept = names
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, name)| {
            name.parse::<KeptLabel>().map_err(|error| {
                let key = format!("{KEEP_LABELS}[{index}]");
                alerting.report(&key, error.found(), error.instead())
            })
        });
    // Every problem is told, not only the first.
    kept.collect::<Vec<_>>().into_iter().collect()
}

fn one(section: &Section) -> Parsed<Override> {
    let wait = section.duration("for");
    let keep_firing_for = section.duration("keep_firing_for");
    let severity = severity(section);
    let disabled = section.flag("disabled");
    Ok(Override {
        hold_duration: wait?,
        keep_firing_for: keep_firing_for?,
        severity: severity?,
        disabled: disabled?,
    })
}

fn severity(section: &Section) -> Parsed<Option<Severity>> {
    let words: Vec<_> = Severity::ALL.iter().map(|it| it.label()).collect();
    let wanted = format!("`{}`", words.join("`, `"));
    let Some(text) = section.word("severity", &format!("one of {wanted}"))? else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| {
        let found = "a text that is no severity";
        section.report("severity", found, format!("write one of {wanted}"))
    })
}
