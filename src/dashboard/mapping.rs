//! Which number and which word stands for what, and in which colour. States come from the state tables, texts from the
//! tables of words and from the catalogue; a colour never comes without its word.

use serde_json::{Map, Value, json};

use super::numbers::{
    BLIND_AMONG_LINKS, BLIND_NUMBER, LINK_OFFSET, NOT_ASKED, NOT_JUDGED, NOT_KNOWN, numbered,
};
use crate::{
    alert::NO_REMEDY,
    catalogue::{self, ENTRIES, Entry},
    model::{Health, LinkState, StateRow, TableWord, TaskState, Unknown},
};

/// Good news.
pub(super) const GREEN: &str = "green";
/// A person must look.
pub(super) const RED: &str = "red";
/// Somebody should look soon.
pub(super) const ORANGE: &str = "orange";
/// Worth a glance.
pub(super) const YELLOW: &str = "yellow";
/// On its way.
pub(super) const BLUE: &str = "blue";
/// Switched off, or not asked for.
pub(super) const BLUE_GREY: &str = "#57687d";
/// Nothing is known.
pub(super) const GREY: &str = "#808080";

/// No ground at all.
pub(super) const TRANSPARENT: &str = "transparent";

/// What a tile shows where its query brings nothing.
pub(super) const NO_DATA: &str = "NO DATA";

/// The colour of a state.
pub(super) fn colour(health: Health) -> &'static str {
    match health {
        Health::Healthy => GREEN,
        Health::Off => BLUE_GREY,
        Health::Changing => BLUE,
        Health::Paused => YELLOW,
        Health::Unknown => "purple",
        Health::Unavailable => ORANGE,
        Health::Broken => RED,
    }
}

/// Value mappings as Grafana has them; the first that fits counts.
#[derive(Clone, Default)]
pub(super) struct Mappings(Vec<Value>);

impl Mappings {
    /// Numbers or texts, each with the text to show and the colour.
    pub(super) fn values<V: ToString>(
        mut self,
        rows: impl IntoIterator<Item = (V, String, Option<&'static str>)>,
    ) -> Self {
        let rows = rows.into_iter().enumerate();
        let options: Map<String, Value> = rows
            .map(|(index, (value, text, colour))| (value.to_string(), shown(index, &text, colour)))
            .collect();
        self.0.push(json!({ "type": "value", "options": options }));
        self
    }

    /// One number.
    pub(super) fn value(self, value: i64, text: &str, colour: &'static str) -> Self {
        self.values([(value, text.to_owned(), Some(colour))])
    }

    /// All numbers from one to another, both included; `None` is without end.
    pub(super) fn range(
        mut self,
        (from, to): (Option<f64>, Option<f64>),
        text: &str,
        colour: &'static str,
    ) -> Self {
        let result = shown(self.0.len(), text, Some(colour));
        let options = json!({ "from": from, "to": to, "result": result });
        self.0.push(json!({ "type": "range", "options": options }));
        self
    }

    /// Where there is no number. Grafana's timelines know only this spelling of it before version 11.
    pub(super) fn nothing(mut self, text: &str, colour: &'static str) -> Self {
        let result = shown(self.0.len(), text, Some(colour));
        let options = json!({ "match": "null", "result": result });
        self.0
            .push(json!({ "type": "special", "options": options }));
        self
    }

    /// The mappings for a panel.
    pub(super) fn json(self) -> Value {
        Value::Array(self.0)
    }
}

fn shown(index: usize, text: &str, colour: Option<&'static str>) -> Value {
    match colour {
        Some(colour) => json!({ "index": index, "text": text, "color": colour }),
        None => json!({ "index": index, "text": text }),
    }
}

/// A number of a state set becomes the state's name.
pub(super) fn states(table: &'static [StateRow]) -> Mappings {
    let rows = numbered(table)
        .map(|(number, row)| (number, row.name.to_owned(), Some(colour(row.health))));
    Mappings::default().values(rows)
}

/// The same for a timeline, whose gaps say that nothing is known.
pub(super) fn timeline(table: &'static [StateRow]) -> Mappings {
    states(table).nothing("no data", GREY)
}

/// A number of any state set becomes how bad it is; what is off is well.
pub(super) fn healths() -> Mappings {
    let decade = |health: Health| {
        let from = f64::from(10 * health as u32);
        (Some(from), Some(from + 9.0))
    };
    let mut mappings = blind(Mappings::default(), BLIND_NUMBER.into()).range(
        (Some(0.0), decade(Health::Off).1),
        "OK",
        GREEN,
    );
    for health in [
        Health::Changing,
        Health::Paused,
        Health::Unknown,
        Health::Unavailable,
        Health::Broken,
    ] {
        let word = health.as_str().to_uppercase();
        mappings = mappings.range(decade(health), &word, colour(health));
    }
    mappings
}

/// A number that stands for a cluster which is not seen.
pub(super) fn blind(mappings: Mappings, number: i64) -> Mappings {
    mappings.value(number, "BLIND", RED)
}

/// 1 is the good word, 0 the bad one.
pub(super) fn verdict(good: &str, bad: &str) -> Mappings {
    let rows = [(1, good, GREEN), (0, bad, RED)];
    Mappings::default().values(rows.map(|(value, text, colour)| (value, text.into(), Some(colour))))
}

/// 1 is the good word, 0 the bad one, and what cannot be judged is neither.
pub(super) fn judged(good: &str, bad: &str) -> Mappings {
    not_judged(verdict(good, bad), "NOT JUDGED")
}

/// The word for what cannot be judged, beside the others.
pub(super) fn not_judged(mappings: Mappings, word: &str) -> Mappings {
    mappings.value(NOT_JUDGED.into(), word, colour(Health::Unknown))
}

/// A value that may not be known.
pub(super) fn not_known() -> Mappings {
    Mappings::default().value(NOT_KNOWN.into(), "NOT KNOWN", colour(Health::Unknown))
}

/// What a tile shows besides its count.
pub(super) fn tile(not_asked: &str) -> Mappings {
    not_known()
        .value(NOT_ASKED.into(), not_asked, BLUE_GREY)
        .nothing(NO_DATA, RED)
}

/// Why something is not known.
pub(super) fn reasons() -> Mappings {
    let reasons = Unknown::ALL
        .iter()
        .map(|why| (why.label(), sentence(why.meaning()), None));
    Mappings::default().values(reasons)
}

/// Of a table of words, what each means or what to do about it.
pub(super) fn words(table: &'static [TableWord], text: fn(&TableWord) -> &'static str) -> Mappings {
    Mappings::default().values(
        table
            .iter()
            .map(|word| (word.name, text(word).to_owned(), None)),
    )
}

/// What to do about an error code, which stands behind who reports it.
pub(super) fn remedies() -> Mappings {
    let hints = ENTRIES.iter().filter_map(|entry| {
        let Entry { code, scope, .. } = entry;
        let hint = catalogue::hint(&code.as_str().into(), *scope)?;
        Some((format!("{} {code}", scope.label()), hint.to_string(), None))
    });
    let mut mappings = Mappings::default().values(hints);
    let unknown = shown(mappings.0.len(), &sentence(NO_REMEDY), None);
    let options = json!({ "pattern": ".+", "result": unknown });
    mappings
        .0
        .push(json!({ "type": "regex", "options": options }));
    mappings
}

/// The text with a capital letter at its beginning.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The states of links, whose numbers begin at an offset, and of tasks, in one column; blind clusters beside them.
pub(super) fn links_and_tasks() -> Mappings {
    let links = numbered(LinkState::TABLE).map(|(number, row)| (number + LINK_OFFSET, row));
    let rows = links.chain(numbered(TaskState::TABLE));
    let rows = rows.map(|(number, row)| (number, row.name.to_owned(), Some(colour(row.health))));
    blind(Mappings::default().values(rows), BLIND_AMONG_LINKS)
}
