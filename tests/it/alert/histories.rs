//! Timelines of single rules, and of the fleet as a whole: `histories.txt`.
//!
//! A head line has the rule (`*` is every one but the Watchdog), the case and what happens; below it stand the series
//! and, after `=`, when the alert fires.

use super::timeline::{ALL, Case, Timeline};

const HISTORIES: &str = include_str!("histories.txt");

pub(crate) fn timelines() -> Vec<Timeline> {
    let blocks = HISTORIES.split("\n\n").map(str::trim_end);
    blocks
        .filter(|block| !block.starts_with('#'))
        .map(|block| timeline(block).unwrap_or_else(|| panic!("not a history: {block}")))
        .collect()
}

fn timeline(block: &'static str) -> Option<Timeline> {
    let (head, lines) = block.split_once('\n')?;
    let (subject, name) = head.split_once(": ")?;
    let (rule, case) = subject.split_once(' ')?;
    let case = match case {
        "Firing" => Case::Firing,
        "Silent" => Case::Silent,
        "NoData" => Case::NoData,
        _ => return None,
    };
    let (world, expected) = lines.rsplit_once("= ")?;
    let series = |line: &'static str| {
        let (series, values) = line.trim().split_once(" | ")?;
        Some((series, values.to_owned()))
    };
    Some(Timeline {
        rule: if rule == "*" { ALL } else { rule },
        name,
        case,
        world: world
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(series)
            .collect::<Option<_>>()?,
        expected: expected.to_owned(),
    })
}
