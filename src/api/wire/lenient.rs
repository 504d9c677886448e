//! Values that may be of another type than the API's. One value that cannot be understood must not hide the values beside
//! it, so nothing here fails but for what is not JSON at all.
//!
//! Where a word belongs, whatever stands there is a word that nobody has heard of; where a number belongs, it is below
//! zero, which this API sends for what it does not know; where an object belongs, it is an item that names nothing.

use std::{fmt, marker::PhantomData};

use super::BROKEN;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// A text; of what stands in its place, its spelling, or brackets for a list or an object.
#[derive(Deserialize)]
#[serde(from = "Scalar")]
pub(super) struct Word(pub(super) String);

/// A text that is used as it is, such as a name that the next request asks for; `None` for everything else, and for a text
/// of which bytes are no Unicode.
#[derive(Deserialize, Default)]
#[serde(from = "Scalar")]
pub(super) struct Text(pub(super) Option<String>);

/// A whole number; -1 for everything else.
#[derive(Deserialize)]
#[serde(from = "Scalar")]
pub(super) struct Number(pub(super) i64);

/// A flag that is set by everything but `false` and null.
#[derive(Deserialize)]
#[serde(from = "Scalar")]
pub(super) struct Flag(pub(super) bool);

/// An entry of a list of objects.
#[derive(Deserialize)]
#[serde(from = "Sent<IgnoredAny, T>", bound = "T: Deserialize<'de>")]
pub(super) enum Item<T> {
    /// What it should be.
    Object(T),
    /// The spelling of what it is instead; `None` for null.
    Other(Option<Word>),
}

/// A list of objects. What stands in the list's place is taken for its only entry.
#[derive(Deserialize)]
#[serde(from = "Sent<Item<T>, T>", bound = "T: Deserialize<'de>")]
pub(super) struct Items<T> {
    pub(super) items: Vec<Item<T>>,
    /// Whether it is a list.
    is_list: bool,
}

impl<T: Default> Item<T> {
    /// The object; for what is none, one in which everything is absent.
    pub(super) fn or_empty(self) -> T {
        match self {
            Self::Object(object) => object,
            Self::Other(_) => T::default(),
        }
    }
}

impl<T: Default> Items<T> {
    /// Whether it is a list, and one of objects if there is anything in it.
    pub(super) fn is_understood(&self) -> bool {
        let is_object = |item: &Item<T>| matches!(item, Item::Object(_));
        self.is_list && (self.items.is_empty() || self.items.iter().any(is_object))
    }

    /// The objects, as [`Item::or_empty`] has them.
    pub(super) fn objects(self) -> impl Iterator<Item = T> {
        self.items.into_iter().map(Item::or_empty)
    }
}

/// Any value, whose entries and fields are dropped where it has some.
pub(super) type Scalar = Sent<IgnoredAny, IgnoredAny>;

/// Any value of JSON: what a list and an object become is for its reader to say.
pub(super) enum Sent<E, T> {
    Null,
    Flag(bool),
    Whole(i64),
    /// Not whole, or too large.
    Number(f64),
    Text(String),
    List(Vec<E>),
    Object(T),
}

impl<E, T> Sent<E, T> {
    /// As text; brackets for a list or an object.
    pub(super) fn spelling(self) -> Word {
        Word(match self {
            Self::Null => "null".to_owned(),
            Self::Flag(flag) => flag.to_string(),
            Self::Whole(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) if text.contains(BROKEN) => text.replace(BROKEN, "\u{fffd}"),
            Self::Text(text) => text,
            Self::List(_) => "[…]".to_owned(),
            Self::Object(_) => "{…}".to_owned(),
        })
    }
}

impl From<Scalar> for Word {
    fn from(sent: Scalar) -> Self {
        sent.spelling()
    }
}

impl From<Scalar> for Text {
    fn from(sent: Scalar) -> Self {
        Self(match sent {
            Sent::Text(text) if !text.contains(BROKEN) => Some(text),
            _ => None,
        })
    }
}

impl From<Scalar> for Number {
    fn from(sent: Scalar) -> Self {
        Self(match sent {
            Sent::Whole(number) => number,
            _ => -1,
        })
    }
}

impl From<Scalar> for Flag {
    fn from(sent: Scalar) -> Self {
        Self(!matches!(sent, Sent::Flag(false) | Sent::Null))
    }
}

impl<T> From<Sent<IgnoredAny, T>> for Item<T> {
    fn from(sent: Sent<IgnoredAny, T>) -> Self {
        match sent {
            Sent::Object(object) => Self::Object(object),
            Sent::Null => Self::Other(None),
            other => Self::Other(Some(other.spelling())),
        }
    }
}

impl<T> From<Sent<Item<T>, T>> for Items<T> {
    fn from(sent: Sent<Item<T>, T>) -> Self {
        let is_list = matches!(sent, Sent::List(_));
        let items = match sent {
            Sent::List(items) => items,
            Sent::Object(object) => vec![Item::Object(object)],
            other => vec![Item::Other(Some(other.spelling()))],
        };
        Self { items, is_list }
    }
}

impl<'de, E: Deserialize<'de>, T: Deserialize<'de>> Deserialize<'de> for Sent<E, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any(PhantomData))
    }
}

/// Takes whatever is there.
struct Any<E, T>(PhantomData<(E, T)>);

impl<'de, E: Deserialize<'de>, T: Deserialize<'de>> Visitor<'de> for Any<E, T> {
    type Value = Sent<E, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<X>(self) -> Result<Self::Value, X> {
        Ok(Sent::Null)
    }

    fn visit_bool<X>(self, flag: bool) -> Result<Self::Value, X> {
        Ok(Sent::Flag(flag))
    }

    fn visit_i64<X>(self, number: i64) -> Result<Self::Value, X> {
        Ok(Sent::Whole(number))
    }

    fn visit_u64<X>(self, number: u64) -> Result<Self::Value, X> {
        // A number that is too large only has to be told apart from those that are not.
        #[expect(clippy::cast_precision_loss)]
        let sent = i64::try_from(number).map_or(Sent::Number(number as f64), Sent::Whole);
        Ok(sent)
    }

    fn visit_f64<X>(self, number: f64) -> Result<Self::Value, X> {
        Ok(Sent::Number(number))
    }

    fn visit_str<X>(self, text: &str) -> Result<Self::Value, X> {
        Ok(Sent::Text(text.to_owned()))
    }

    fn visit_string<X>(self, text: String) -> Result<Self::Value, X> {
        Ok(Sent::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element()? {
            entries.push(entry);
        }
        Ok(Sent::List(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Sent::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Default)]
    struct Row {
        word: Option<Word>,
        text: Option<Text>,
        number: Option<Number>,
        flag: Option<Flag>,
        rows: Option<Items<Row>>,
    }

    fn shown(row: Row) -> String {
        let Row {
            word,
            text,
            number,
            flag,
            rows,
        } = row;
        let rows: Option<Vec<_>> = rows.map(|rows| rows.objects().map(shown).collect());
        format!(
            "{:?} {:?} {:?} {:?} {rows:?}",
            word.map(|word| word.0),
            text.map(|text| text.0),
            number.map(|number| number.0),
            flag.map(|flag| flag.0),
        )
    }

    #[test]
    fn every_value_stands_in_every_place_and_hides_no_neighbour() {
        let rows: Vec<_> = [
            "null",
            "true",
            "7",
            "0.5",
            "-1",
            "18446744073709551615",
            r#""x""#,
            "[1,[2]]",
            r#"{"a":{}}"#,
        ]
        .map(|value| {
            let fields = ["word", "text", "number", "flag", "rows"];
            let fields = fields.map(|name| format!(r#""{name}": {value}"#));
            let json = format!("{{{}}}", fields.join(","));
            format!("{value}: {}", shown(serde_json::from_str(&json).unwrap()))
        })
        .into();
        insta::assert_snapshot!(rows.join("\n"), @r#"
        null: None None None None None
        true: Some("true") Some(None) Some(-1) Some(true) Some(["None None None None None"])
        7: Some("7") Some(None) Some(7) Some(true) Some(["None None None None None"])
        0.5: Some("0.5") Some(None) Some(-1) Some(true) Some(["None None None None None"])
        -1: Some("-1") Some(None) Some(-1) Some(true) Some(["None None None None None"])
        18446744073709551615: Some("18446744073709552000") Some(None) Some(-1) Some(true) Some(["None None None None None"])
        "x": Some("x") Some(Some("x")) Some(-1) Some(true) Some(["None None None None None"])
        [1,[2]]: Some("[…]") Some(None) Some(-1) Some(true) Some(["None None None None None", "None None None None None"])
        {"a":{}}: Some("{…}") Some(None) Some(-1) Some(true) Some(["None None None None None"])
        "#);
    }

    #[test]
    fn an_entry_that_is_no_object_is_an_empty_one() {
        let json = r#"{"rows": [{"number": 1}, 7, null, "x", [], {"number": 2}]}"#;
        let row: Row = serde_json::from_str(json).unwrap();
        let numbers = row
            .rows
            .unwrap()
            .objects()
            .map(|row| row.number.map(|number| number.0));
        assert_eq!(
            numbers.collect::<Vec<_>>(),
            [Some(1), None, None, None, None, Some(2)]
        );
    }
}
