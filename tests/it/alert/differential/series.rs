//! Series over the minutes of a test, in promtool's notation.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fmt::Write as _,
};

/// Values by the name and labels of their series. Minute 0 has none.
#[derive(Default)]
pub(crate) struct AllSeries {
    series: BTreeMap<String, Runs>,
    /// Minutes in which Prometheus was not there, so that it could not mark what ended either.
    away: BTreeSet<usize>,
}

/// A series as runs of the same value; `None` is no sample.
struct Runs(Vec<(Option<String>, usize)>);

impl AllSeries {
    /// Adds a sample of this minute; minutes come in their order.
    pub(crate) fn push(&mut self, minute: usize, series: &str, value: &str) {
        if let Some(runs) = self.series.get_mut(series) {
            runs.push(minute, value);
        } else if let Entry::Vacant(place) = self.series.entry(series.to_owned()) {
            place.insert(Runs(Vec::new())).push(minute, value);
        }
    }

    /// Nobody reads anything in this minute.
    pub(crate) fn away(&mut self, minute: usize) {
        self.away.insert(minute);
    }

    /// The elements of `input_series:` of a test with so many minutes.
    pub(crate) fn yaml(&self, minutes: usize) -> String {
        let mut yaml = String::new();
        for (series, runs) in &self.series {
            let _ = writeln!(
                yaml,
                "      - {{series: '{series}', values: '{}'}}",
                runs.values(minutes, &self.away)
            );
        }
        yaml
    }
}

impl Runs {
    fn length(&self) -> usize {
        self.0.iter().map(|(_, length)| length).sum()
    }

    fn push(&mut self, minute: usize, value: &str) {
        let missing = minute - self.length();
        if missing > 0 {
            self.0.push((None, missing));
        }
        match self.0.last_mut() {
            Some((Some(last), length)) if last == value => *length += 1,
            _ => self.0.push((Some(value.to_owned()), 1)),
        }
    }

    /// A series that ends or pauses gets the mark that Prometheus would set, if it was there.
    fn values(&self, minutes: usize, away: &BTreeSet<usize>) -> String {
        let rest = minutes.saturating_sub(self.length());
        let rest = (rest > 0).then_some((None, rest));
        let mut minute = 0;
        let mut values = Vec::new();
        for (value, length) in self.0.iter().cloned().chain(rest) {
            values.push(match value {
                None if minute == 0 || away.contains(&minute) => format!("_x{length}"),
                None => format!("stale _x{}", length - 1),
                Some(value) => format!("{value}x{}", length - 1),
            });
            minute += length;
        }
        values.join(" ").replace(" _x0", "")
    }
}

#[test]
fn a_series_is_written_as_promtool_reads_it() {
    let mut series = AllSeries::default();
    for (minute, value) in [(1, "0"), (2, "0"), (3, "7"), (5, "7"), (8, "1.5")] {
        series.push(minute, "a", value);
    }
    let expected =
        "      - {series: 'a', values: '_x1 0x1 7x0 stale 7x0 stale _x1 1.5x0 stale _x2'}\n";
    assert_eq!(series.yaml(12), expected);

    series.away(4);
    let expected =
        "      - {series: 'a', values: '_x1 0x1 7x0 _x1 7x0 stale _x1 1.5x0 stale _x2'}\n";
    assert_eq!(series.yaml(12), expected);
}
