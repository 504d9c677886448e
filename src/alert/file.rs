//! The rule file: every rule as Prometheus 2.42 and later read it.

use std::{fmt::Write as _, time::Duration};

use super::{
    KeptLabels, Objective, Overrides, Recording, Rule, Selector,
    expression::SELECTOR,
    recordings::{needed, slo},
    rules,
    template::{self, Texts},
};
use crate::web_links::WebLinks;

/// What a deployment's rule file is written for.
#[derive(Clone, Debug, Default)]
pub struct RuleFile {
    /// The exporters whose series the rules read.
    pub selector: Selector,
    /// The labels of targets that alerts have beside their identity.
    pub keep_labels: KeptLabels,
    /// What the rules have otherwise than the table.
    pub overrides: Overrides,
    /// Where the links of alerts lead. What is not said here they ask the exporter for while they fire.
    pub links: WebLinks,
    /// Which part of the time must be good; without it the file has nothing about that.
    pub slo: Option<Objective>,
}

impl RuleFile {
    /// The rules in YAML.
    pub fn yaml(&self) -> String {
        let mut file =
            "# Written by `cluster-link-exporter rules`; needs Prometheus 2.42 or later.\ngroups:\n"
                .to_owned();
        let is_of_exporter = |rule: &Rule| rule.subject.scopes() == ["exporter"];
        let rules = self.overrides.applied().into_iter();
        let (of_slo, others): (Vec<_>, Vec<_>) = rules.partition(rules::is_of_slo);
        let (of_exporter, of_links): (Vec<_>, Vec<_>) =
            others.into_iter().partition(is_of_exporter);
        // What is good now is recorded after what it reads.
        let good: &[Recording] = if self.slo.is_some() { slo::NOW } else { &[] };
        self.write_links(of_links, good, &mut file);
        self.write_group(
            "exporter",
            &of_exporter,
            &expressions(&of_exporter),
            &[],
            &mut file,
        );
        if let Some(objective) = &self.slo {
            self.write_slo(objective, &of_slo, &mut file);
        }
        file
    }

    /// The groups of links and tasks. What goes through the past of all that is well is evaluated less often; the others
    /// record for it.
    fn write_links(&self, rules: Vec<Rule>, good: &[Recording], file: &mut String) {
        let read = expressions(&rules);
        let (slow, rules): (Vec<_>, Vec<_>) = rules.into_iter().partition(rules::looks_far_back);
        self.write_group("links", &rules, &read, good, file);
        if !slow.is_empty() {
            file.push_str("  - name: cluster-link-links-slow\n    interval: 2m\n    rules:\n");
        }
        for rule in &slow {
            self.write(rule, file);
        }
    }

    /// A group of these rules, after what is recorded for those expressions and before what is recorded from that. Within
    /// a group Prometheus evaluates one rule after the other, so that alerts see what was recorded just before.
    fn write_group(
        &self,
        name: &str,
        rules: &[Rule],
        read: &[String],
        recordings: &[Recording],
        file: &mut String,
    ) {
        let recorded = recordings.iter().map(Recording::expression);
        let needed = needed(recorded.chain(read.iter().cloned()).collect());
        if !rules.is_empty() || !recordings.is_empty() || !needed.is_empty() {
            let _ = write!(file, "  - name: cluster-link-{name}\n    rules:\n");
        }
        for recording in needed {
            self.write_recording(recording, file);
        }
        for rule in rules {
            self.write(rule, file);
        }
        for recording in recordings {
            self.write_recording(recording, file);
        }
    }

    /// The groups of shares and error budgets. That of the long windows is evaluated less often, but within the five
    /// minutes for which Prometheus takes a sample for present.
    fn write_slo(&self, objective: &Objective, rules: &[Rule], file: &mut String) {
        file.push_str("  - name: cluster-link-slo\n    rules:\n");
        self.write_record(slo::OBJECTIVE, &objective.expression(), file);
        for recording in slo::SHORT {
            self.write_recording(recording, file);
        }
        for rule in rules {
            self.write(rule, file);
        }
        file.push_str("  - name: cluster-link-slo-long\n    interval: 4m\n    rules:\n");
        for recording in slo::LONG {
            self.write_recording(recording, file);
        }
    }

    fn write_recording(&self, recording: &Recording, file: &mut String) {
        self.write_record(recording.name, &recording.expression(), file);
    }

    fn write_record(&self, name: &str, expression: &str, file: &mut String) {
        let _ = writeln!(file, "      - record: {name}");
        write_block(file, 8, "expr", &self.filled(expression));
        if !self.selector.as_str().is_empty() {
            let selector = quoted(self.selector.as_str());
            let _ = writeln!(file, "        labels:\n          {SELECTOR}: {selector}");
        }
    }

    /// The expression without marks.
    fn filled(&self, expression: &str) -> String {
        self.selector.fill(&self.keep_labels.fill(expression))
    }

    fn write(&self, rule: &Rule, file: &mut String) {
        let expression = self.filled(&(rule.expression)());
        let _ = writeln!(file, "      - alert: {}", rule.name);
        write_block(file, 8, "expr", &expression);
        for (key, duration) in [
            ("for", rule.hold_duration),
            ("keep_firing_for", rule.keep_firing_for),
        ] {
            if duration > Duration::ZERO {
                let _ = writeln!(file, "        {key}: {}", in_units(duration));
            }
        }
        let _ = write!(
            file,
            "        labels:\n          severity: {}\n          component: cluster-link\n          scope: {}\n",
            quoted(rule.severity.label()),
            template::scope(rule.subject),
        );
        file.push_str("        annotations:\n");
        let _ = writeln!(file, "          summary: {}", quoted(rule.summary));
        let texts = Texts {
            rule,
            selector: &self.selector,
            kept: &self.keep_labels,
        };
        write_block(file, 10, "description", &texts.description());
        for (key, url) in [
            ("runbook_url", texts.runbook_url(&self.links)),
            ("dashboard_url", texts.dashboard_url(&self.links)),
        ] {
            let _ = writeln!(file, "          {key}: {}", quoted(&url));
        }
    }
}

fn expressions(rules: &[Rule]) -> Vec<String> {
    rules.iter().map(|rule| (rule.expression)()).collect()
}

/// One line of YAML that no character of the text can end.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A text of several lines, without a line break at its end.
fn write_block(file: &mut String, indent: usize, key: &str, text: &str) {
    let _ = writeln!(file, "{:indent$}{key}: |-", "");
    for line in text.lines() {
        let _ = writeln!(file, "{:indent$}  {line}", "");
    }
}

/// A duration as Prometheus reads it, such as `1h30m`.
fn in_units(duration: Duration) -> String {
    let mut rest = duration.as_millis();
    let mut text = String::new();
    for (unit, millis) in [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ] {
        if rest >= millis {
            let _ = write!(text, "{}{unit}", rest / millis);
            rest %= millis;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_prometheus_own() {
        let texts = [5_400_000, 90_000, 300_000, 1_500, 90_061_000, 7].map(|millis| {
            let duration = Duration::from_millis(millis);
            in_units(duration)
        });
        assert_eq!(
            texts,
            ["1h30m", "1m30s", "5m", "1s500ms", "1d1h1m1s", "7ms"]
        );
    }
}
