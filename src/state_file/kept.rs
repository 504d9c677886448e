//! All that the file should hold, in little memory: rows of one kind are mostly the same words.

use std::{collections::BTreeMap, io::Write as _};

use flate2::{
    Compression,
    write::{DeflateDecoder, DeflateEncoder},
};

use super::{Changes, Rows, Table};

/// Rows by their keys, compressed one by one.
pub(super) struct Kept {
    rows: BTreeMap<(Table, String), Box<[u8]>>,
    /// One for all: to make one costs more than to compress a row.
    encoder: DeflateEncoder<Vec<u8>>,
}

impl Kept {
    pub(super) fn of(rows: Rows) -> Self {
        let mut kept = Self {
            rows: BTreeMap::new(),
            encoder: DeflateEncoder::new(Vec::new(), Compression::fast()),
        };
        for (key, value) in rows {
            kept.insert(key, &value);
        }
        kept
    }

    pub(super) fn apply(&mut self, changes: &Changes) {
        for (key, value) in changes {
            match value {
                Some(value) => self.insert(key.clone(), value),
                None => {
                    self.rows.remove(key);
                }
            }
        }
    }

    /// The rows of the table, by their keys.
    pub(super) fn of_table(&self, table: Table) -> impl Iterator<Item = (&str, Vec<u8>)> {
        let rows = self.rows.iter().filter(move |((of, _), _)| *of == table);
        rows.map(|((_, key), packed)| {
            let mut decoder = DeflateDecoder::new(Vec::new());
            let value = decoder.write_all(packed).and_then(|()| decoder.finish());
            let value = value.expect("what was compressed here can be read");
            (key.as_str(), value)
        })
    }

    fn insert(&mut self, key: (Table, String), value: &[u8]) {
        const VEC: &str = "a vector takes all that is written to it";
        self.encoder.write_all(value).expect(VEC);
        let packed = self.encoder.reset(Vec::new()).expect(VEC);
        self.rows.insert(key, packed.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out_and_takes_less() {
        let row = br#"{"state":"ACTIVE","since":1},"#.repeat(40);
        let key = |name: &str| (Table::Links, name.to_owned());
        let mut kept = Kept::of([(key("a"), row.clone()), (key("gone"), row.clone())].into());
        let lag = (Table::Lags, "a".to_owned());
        let changes = [
            (key("b"), Some(Vec::new())),
            (key("gone"), None),
            (lag, Some(vec![1, 2])),
        ];
        kept.apply(&changes.into());

        let links: Vec<_> = kept.of_table(Table::Links).collect();
        assert_eq!(links, [("a", row.clone()), ("b", Vec::new())]);
        let lags: Vec<_> = kept.of_table(Table::Lags).collect();
        assert_eq!(lags, [("a", vec![1, 2])]);
        assert!(kept.rows[&key("a")].len() < row.len() / 4);
    }
}
