//! Rows in little memory: those of one kind are mostly the same words.

use std::{borrow::Cow, collections::BTreeMap, fmt, io::Write as _, sync::Arc};

use flate2::{Compression, Decompress, FlushDecompress, Status, write::DeflateEncoder};

use super::{Place, Rows, Table};

/// Up to this many bytes a row is kept as it is: there is next to nothing to win, and such rows change with every poll.
const SHORT: usize = 128;

/// The bytes of a row.
#[derive(Clone, Debug)]
pub(super) enum Packed {
    /// As they are.
    Short(Arc<[u8]>),
    /// Compressed, and how many bytes they are.
    Deflated(Arc<[u8]>, usize),
}

/// Rows to write by their places; `None` removes one.
pub(super) type PackedChanges = BTreeMap<Place, Option<Packed>>;

/// Compresses rows. One is used for many: to make one costs more than to compress a row.
pub(super) struct Packer(DeflateEncoder<Vec<u8>>);

/// Reads rows. One is used for many, for the same reason: it has 32 KiB to look back into.
pub(super) struct Unpacker(Decompress);

/// All that the file should hold.
pub(super) struct Kept(BTreeMap<Place, Packed>);

impl Packer {
    pub(super) fn pack(&mut self, row: &[u8]) -> Packed {
        const VEC: &str = "a vector takes all that is written to it";
        if row.len() <= SHORT {
            return Packed::Short(row.into());
        }
        self.0.write_all(row).expect(VEC);
        let packed = self.0.reset(Vec::new()).expect(VEC);
        Packed::Deflated(packed.into(), row.len())
    }
}

impl Unpacker {
    pub(super) fn unpack<'a>(&mut self, row: &'a Packed) -> Cow<'a, [u8]> {
        match row {
            Packed::Short(row) => Cow::Borrowed(row),
            Packed::Deflated(packed, length) => {
                let mut row = Vec::with_capacity(*length);
                self.0.reset(false);
                let status = self
                    .0
                    .decompress_vec(packed, &mut row, FlushDecompress::Finish);
                let is_whole = matches!(status, Ok(Status::StreamEnd)) && row.len() == *length;
                assert!(is_whole, "what was compressed here can be read");
                Cow::Owned(row)
            }
        }
    }
}

impl Default for Unpacker {
    fn default() -> Self {
        Self(Decompress::new(false))
    }
}

impl Default for Packer {
    fn default() -> Self {
        Self(DeflateEncoder::new(Vec::new(), Compression::fast()))
    }
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Packer")
    }
}

impl Kept {
    pub(super) fn of(rows: Rows) -> Self {
        let mut packer = Packer::default();
        let kept = rows
            .into_iter()
            .map(|(place, row)| (place, packer.pack(&row)));
        Self(kept.collect())
    }

    pub(super) fn apply(&mut self, changes: &PackedChanges) {
        for (place, row) in changes {
            match row {
                Some(row) => self.0.insert(place.clone(), row.clone()),
                None => self.0.remove(place),
            };
        }
    }

    /// The rows of the table, by their keys.
    pub(super) fn of_table(&self, table: Table) -> impl Iterator<Item = (&str, Cow<'_, [u8]>)> {
        let mut unpacker = Unpacker::default();
        let rows = self.0.iter().filter(move |((of, _), _)| *of == table);
        rows.map(move |((_, key), row)| (key.as_str(), unpacker.unpack(row)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out_and_takes_less() {
        let row = br#"{"state":"ACTIVE","since":1},"#.repeat(40);
        let place = |key: &str| (Table::Links, key.to_owned());
        let mut kept = Kept::of([(place("a"), row.clone()), (place("gone"), row.clone())].into());
        let lag = (Table::Lags, "a".to_owned());
        let changes = [
            (place("b"), Some(Vec::new())),
            (place("gone"), None),
            (lag.clone(), Some(vec![1])),
            (lag, Some(vec![1, 2])),
        ];
        let mut packer = Packer::default();
        let changes = changes.map(|(place, row)| (place, row.map(|row| packer.pack(&row))));
        kept.apply(&changes.into_iter().collect());

        let links: Vec<_> = kept.of_table(Table::Links).collect();
        assert_eq!(links, [("a", Cow::from(&row)), ("b", Cow::from(&[]))]);
        let lags: Vec<_> = kept.of_table(Table::Lags).collect();
        assert_eq!(lags, [("a", Cow::from(&[1, 2]))], "the last one counts");
        let Packed::Deflated(bytes, _) = &kept.0[&place("a")] else {
            panic!("it is long");
        };
        assert!(bytes.len() < row.len() / 4);
    }

    #[test]
    fn rows_of_every_length_come_out_as_they_went_in() {
        let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
        for length in (0..=2 * SHORT).chain([5000, 100_000]) {
            let row: Vec<u8> = (0..=250).cycle().take(length).collect();
            assert_eq!(*unpacker.unpack(&packer.pack(&row)), *row);
        }
    }
}
