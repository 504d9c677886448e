//! A history in strings, one character a minute, and the test of `promtool` that plays it.
//!
//! `c*n` is `c` for n minutes; a last character lasts to the end. In a gauge `.` is 0, `x` is 1, a digit itself, `_` no
//! sample, `!` a target that is gone; in a counter (`+` first) a digit is added and `r` starts anew at 0; in a clock (`@`
//! first) `x` is now, in Unix seconds, and `.` the same as a minute ago; in a deadline
//! (`^` first) `x` is in an hour, a digit in so many minutes, and `.` again the same.
//!
//! A history begins in minute 1 of promtool's time: a rule may take the time 0 for never.
//!
//! What a history does not have and an exporter always shows beside it is added ([`whole`]): the state ACTIVE of a link or a
//! task where it is not in the state that the history is about, and whether a link is shown.

use std::{collections::BTreeSet, fmt::Write as _};

/// What a timeline shows of its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Firing,
    Silent,
    NoData,
}

pub(crate) struct Timeline {
    /// The alert; of all the timelines of a rule each has a name of its own. [`ALL`] stands for every alert but the
    /// Watchdog.
    pub(crate) rule: &'static str,
    pub(crate) name: &'static str,
    pub(crate) case: Case,
    /// What is scraped: a series in short and its values.
    pub(crate) world: Vec<(&'static str, String)>,
    /// `x` where exactly one alert fires, `.` where none does.
    pub(crate) expected: String,
}

/// The minute of promtool's time in which every history begins.
pub(crate) const FIRST: usize = 1;

/// Every alert but the Watchdog.
pub(crate) const ALL: &str = "";

const CLUSTER: &str = r#"cluster_name="dr",cluster_id="lkc-1""#;
const LINK: &str = r#"link_name="orders""#;
const TASK: &str = r#"task_name="AclSync""#;

impl Timeline {
    /// One element of `tests:`.
    pub(crate) fn yaml(&self) -> String {
        let expected = minutes(&self.expected);
        let mut yaml = format!(
            "  - name: {}\n    interval: 1m\n    input_series:\n",
            self.title()
        );
        for (short, values) in &whole(&self.world, expected.len()) {
            let _ = writeln!(
                yaml,
                "      - {{series: '{}', values: '{}'}}",
                series(short),
                values_of(values, expected.len())
            );
        }
        let name = if self.rule == ALL {
            r#"alertname!="ClusterLinkWatchdog""#.to_owned()
        } else {
            format!("alertname=\"{}\"", self.rule)
        };
        yaml += "    promql_expr_test:\n";
        for (minute, mark) in (FIRST..).zip(&expected) {
            // The name is in the expression, because promtool's complaint quotes that.
            let _ = write!(
                yaml,
                "      - eval_time: {minute}m\n        expr: 'count(ALERTS{{{name},alertstate=\"firing\"}}) # {}'\n",
                self.title()
            );
            if *mark == 'x' {
                yaml += "        exp_samples: [{labels: '{}', value: 1}]\n";
            }
        }
        yaml
    }

    fn title(&self) -> String {
        format!("{} {}", self.rule, self.name)
    }
}

/// The world with what an exporter always shows beside it, over so many minutes.
pub(crate) fn whole(world: &[(&'static str, String)], length: usize) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = world
        .iter()
        .map(|(short, values)| ((*short).to_owned(), values.clone()))
        .collect();
    let replicas: BTreeSet<_> = world.iter().map(|(short, _)| replica(short)).collect();
    for replica in replicas {
        let own = world
            .iter()
            .filter(|(short, _)| self::replica(short) == replica);
        let own: Vec<_> = own
            .map(|(short, values)| (&short[replica.len()..], marks_of(values, length)))
            .collect();
        let mut add = |short: &str, marks: Vec<char>| {
            if !own.iter().any(|(known, _)| *known == short) {
                all.push((format!("{replica}{short}"), marks.into_iter().collect()));
            }
        };
        for (what, companions) in [
            ("task ", ["task ACTIVE", "task LINK_PAUSED"]),
            ("link ", ["link ACTIVE", "link PAUSED"]),
        ] {
            let states = own.iter().filter(|(short, _)| short.starts_with(what));
            let states: Vec<_> = states.map(|(_, marks)| marks).collect();
            let is_new = |short: &&&str| !own.iter().any(|(known, _)| known == *short);
            if let (Some(short), false) = (companions.iter().find(is_new), states.is_empty()) {
                add(short, beside(&states, length));
            }
        }
        let of_link: Vec<_> = own.iter().filter(|(short, _)| is_of_link(short)).collect();
        if !of_link.is_empty() {
            let polled = own.iter().find(|(short, _)| *short == "polled");
            let is_shown = |minute: usize| {
                let is_there = |marks: &Vec<char>| !['_', '!'].contains(&marks[minute]);
                of_link.iter().any(|(_, marks)| is_there(marks))
                    || polled.is_some_and(|(_, marks)| marks[minute] == 'x')
            };
            let shown = (0..length).map(|minute| if is_shown(minute) { 'x' } else { '!' });
            add("link_polled", shown.clone().collect());
            add("links", shown.collect());
        }
    }
    all
}

/// `b: ` of `b: task IN_ERROR`.
fn replica(short: &str) -> &str {
    short
        .split_once(": ")
        .map_or("", |(name, _)| &short[..name.len() + 2])
}

/// Whether the series is there only where its link is shown.
fn is_of_link(short: &str) -> bool {
    let of_others = [
        "polled",
        "last_success",
        "interval",
        "requests",
        "unrecognized",
        "expiry",
        "reloaded",
        "notified",
        "started",
        "up",
        "details",
        "unlearnt",
    ];
    !of_others.contains(&short.split(' ').next().unwrap_or_default())
}

/// A gauge's marks over so many minutes; those of others only say whether there is a sample.
fn marks_of(text: &str, length: usize) -> Vec<char> {
    let marks = minutes(text.trim_start_matches(['+', '@', '^']));
    let last = *marks.last().expect("a series has values");
    marks
        .into_iter()
        .chain(std::iter::repeat(last))
        .take(length)
        .collect()
}

/// 1 where each of these states is 0.
fn beside(states: &[&Vec<char>], length: usize) -> Vec<char> {
    let marks = (0..length).map(|minute| {
        let marks = || states.iter().map(|marks| marks[minute]);
        if marks().any(|mark| mark == 'x') {
            '.'
        } else if marks().any(|mark| mark == '.') {
            'x'
        } else {
            states[0][minute]
        }
    });
    marks.collect()
}

/// `x*3.` is `xxx.`.
pub(crate) fn minutes(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(mark) = rest.next() {
        let mut count = String::new();
        if rest.next_if_eq(&'*').is_some() {
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                count.push(digit);
            }
            assert!(!count.is_empty(), "a number after each `*`: {text}");
            assert!(
                rest.next_if_eq(&' ').is_some() || rest.peek().is_none(),
                "a space after a number: {text}"
            );
        }
        let count = count.parse().unwrap_or(1);
        found.extend(std::iter::repeat_n(mark, count));
    }
    found
}

/// The values in promtool's notation.
pub(crate) fn values_of(text: &str, length: usize) -> String {
    let (kind, marks) = match text.strip_prefix(['+', '@', '^']) {
        Some(marks) => (&text[..1], marks),
        None => ("=", text),
    };
    let marks = minutes(marks);
    let last = *marks.last().expect("a series has values");
    let mut value = 0;
    let values = marks
        .into_iter()
        .chain(std::iter::repeat(last))
        .take(length);
    let values = (FIRST..).zip(values).map(|(minute, mark)| {
        value = match (kind, mark) {
            (_, '_') => return "_".to_owned(),
            (_, '!') => return "stale".to_owned(),
            ("+", 'r') => 0,
            ("@", 'x') => 60 * minute,
            ("^", 'x') => 60 * (minute + 60),
            ("+" | "@" | "^", '.') => value,
            ("^", digit) => 60 * (minute + number(digit)),
            ("+", digit) => value + number(digit),
            (_, mark) => number(mark),
        };
        value.to_string()
    });
    let values: Vec<_> = values.collect();
    format!("{} {}", ["_"; FIRST].join(" "), values.join(" "))
}

fn number(mark: char) -> usize {
    match mark {
        '.' => 0,
        'x' => 1,
        digit => digit.to_digit(10).expect("a mark that the module explains") as usize,
    }
}

/// `b: task IN_ERROR` is that series as the second exporter serves it, `unlearnt polled` that of the cluster while its id
/// is not known.
pub(crate) fn series(short: &str) -> String {
    if let Some(short) = short.strip_prefix("unlearnt ") {
        return series(short).replace("lkc-1", "");
    }
    let (replica, what) = short.split_once(": ").unwrap_or(("a", short));
    let (what, value) = what.split_once(' ').unwrap_or((what, ""));
    let (family, labels) = match what {
        "task" => (
            "clusterlink_task_state",
            format!("{CLUSTER},{LINK},{TASK},state=\"{value}\""),
        ),
        "link" => (
            "clusterlink_link_state",
            format!("{CLUSTER},{LINK},state=\"{value}\""),
        ),
        "task_errors" => (
            "clusterlink_task_errors",
            format!("{CLUSTER},{LINK},{TASK},error_code=\"{value}\""),
        ),
        "task_since" => (
            "clusterlink_task_state_since_timestamp_seconds",
            format!("{CLUSTER},{LINK},{TASK}"),
        ),
        "task_changes" => (
            "clusterlink_task_state_transitions_total",
            format!("{CLUSTER},{LINK},{TASK}"),
        ),
        "link_changes" => (
            "clusterlink_link_state_transitions_total",
            format!("{CLUSTER},{LINK}"),
        ),
        "links" => ("clusterlink_links", CLUSTER.to_owned()),
        "reported" => (
            "clusterlink_link_tasks_reported",
            format!("{CLUSTER},{LINK}"),
        ),
        "unknown" => (
            "clusterlink_judgement_unknown",
            format!("{CLUSTER},{LINK},judgement=\"{value}\",reason=\"failed\""),
        ),
        "details" => (
            "clusterlink_details_success",
            format!("{CLUSTER},endpoint=\"{value}\""),
        ),
        "link_polled" => ("clusterlink_link_poll_success", format!("{CLUSTER},{LINK}")),
        "polled" => ("clusterlink_poll_success", CLUSTER.to_owned()),
        "last_success" => (
            "clusterlink_poll_last_success_timestamp_seconds",
            CLUSTER.to_owned(),
        ),
        "interval" => ("clusterlink_poll_interval_seconds", CLUSTER.to_owned()),
        "requests" => (
            "clusterlink_api_requests_total",
            format!("{CLUSTER},endpoint=\"links\",code=\"{value}\""),
        ),
        "unrecognized" => (
            "clusterlink_unrecognized_values_total",
            format!("{CLUSTER},field=\"{value}\""),
        ),
        "expiry" => (
            "clusterlink_exporter_credential_expiry_timestamp_seconds",
            CLUSTER.to_owned(),
        ),
        "reloaded" => (
            "clusterlink_exporter_config_last_reload_successful",
            String::new(),
        ),
        "notified" => (
            "clusterlink_notifications_total",
            format!("receiver=\"ops\",outcome=\"{value}\""),
        ),
        "started" => ("process_start_time_seconds", String::new()),
        "up" => ("up", String::new()),
        other => judged(other, value),
    };
    let scraped = format!("job=\"cluster-link-exporter\",instance=\"{replica}\"");
    let labels = if labels.is_empty() {
        scraped
    } else {
        format!("{scraped},{labels}")
    };
    format!("{family}{{{labels}}}")
}

/// The family and the labels of what is judged of a link, or known of its mirror topics.
fn judged(what: &str, value: &str) -> (&'static str, String) {
    match what {
        "expected" => (
            "clusterlink_expectation_met",
            format!("{CLUSTER},{LINK},expectation=\"{value}\""),
        ),
        "finding" => (
            "clusterlink_link_config_finding",
            format!("{CLUSTER},{LINK},finding=\"{value}\""),
        ),
        "pair" => (
            "clusterlink_pair_consistent",
            format!("{CLUSTER},{LINK},remote_cluster_id=\"lkc-2\",check=\"{value}\""),
        ),
        "topics" => (
            "clusterlink_mirror_topics",
            format!("{CLUSTER},{LINK},mirror_status=\"{value}\""),
        ),
        "stalled" => (
            "clusterlink_mirror_stalled_topics",
            format!("{CLUSTER},{LINK}"),
        ),
        "lag" => (
            "clusterlink_mirror_lag_seconds",
            format!("{CLUSTER},{LINK}"),
        ),
        "objective" => (
            "clusterlink_mirror_rpo_objective_seconds",
            format!("{CLUSTER},{LINK}"),
        ),
        other => panic!("no such series: {other}"),
    }
}
