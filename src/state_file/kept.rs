//! All that the file should hold, in little memory: with 10,000 links some 30,000 rows, whose keys alone would take more than
//! all of them do when neighbours are compressed together.

use std::{
    collections::BTreeMap,
    mem,
    ops::Bound::{Excluded, Unbounded},
};

use super::{
    Place, Rows,
    packed::{Packed, PackedChanges, Packer, Unpacker},
};

/// Rows of so many bytes are compressed together, and of less than twice as many but where one row is larger: larger frames
/// take little less memory, and longer to change.
const FRAME: usize = 16 * 1024;

/// So many changes are kept one by one before they go to their neighbours: with every poll the same rows change.
const MOST_RECENT: usize = 1000;

/// Rows by their places, as the last changes left them.
#[derive(Default)]
pub(super) struct Kept {
    /// Each is a [`Rows`], under the first of its places.
    frames: BTreeMap<Place, Packed>,
    /// What became of rows since.
    recent: PackedChanges,
}

impl Kept {
    pub(super) fn of(rows: &Rows) -> Self {
        let mut kept = Self::default();
        let mut packer = Packer::default();
        let mut writer = FrameWriter::to(&mut kept.frames, &mut packer);
        for (place, row) in rows {
            writer.push(place.clone(), row.clone());
        }
        writer.finish();
        kept
    }

    pub(super) fn apply(&mut self, changes: &PackedChanges) {
        let changes = changes.iter();
        self.recent
            .extend(changes.map(|(place, row)| (place.clone(), row.clone())));
        if self.recent.len() > MOST_RECENT {
            self.settle();
        }
    }

    /// Every row, by place.
    pub(super) fn rows(&mut self) -> impl Iterator<Item = (Place, Vec<u8>)> {
        self.settle();
        let mut unpacker = Unpacker::default();
        let frames = self.frames.values();
        frames.flat_map(move |frame| read(frame, &mut unpacker))
    }

    /// Puts recent changes among their neighbours. Only frames that they are in are read and written.
    fn settle(&mut self) {
        let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
        let mut changes = mem::take(&mut self.recent).into_iter().peekable();
        while let Some((place, _)) = changes.peek() {
            let (before, end) = self.take_frame(place, &mut unpacker);
            let mut before = before.into_iter().peekable();
            let mut writer = FrameWriter::to(&mut self.frames, &mut packer);
            let is_here = |place: &Place| end.as_ref().is_none_or(|end| place < end);
            while let Some((place, row)) = changes.next_if(|(place, _)| is_here(place)) {
                while let Some((earlier, row)) = before.next_if(|(known, _)| *known < place) {
                    writer.push(earlier, row);
                }
                before.next_if(|(known, _)| *known == place);
                if let Some(row) = row {
                    writer.push(place, unpacker.unpack(&row).into_owned());
                }
            }
            before.for_each(|(place, row)| writer.push(place, row));
            writer.finish();
        }
    }

    /// Takes out the frame where the place is or belongs; and the place where the next one begins.
    fn take_frame(&mut self, place: &Place, unpacker: &mut Unpacker) -> (Rows, Option<Place>) {
        let frame = self.frames.range(..=place).next_back();
        let frame = frame.or_else(|| self.frames.first_key_value());
        let Some(first) = frame.map(|(first, _)| first.clone()) else {
            return (Rows::new(), None);
        };
        let rows = self.frames.remove(&first);
        let rows = rows.map_or_else(Rows::new, |frame| read(&frame, unpacker));
        let later = (Excluded(first), Unbounded);
        let next = self.frames.range(later).next();
        (rows, next.map(|(next, _)| next.clone()))
    }
}

fn read(frame: &Packed, unpacker: &mut Unpacker) -> Rows {
    let bytes = unpacker.unpack(frame);
    postcard::from_bytes(&bytes).expect("what was written here can be read")
}

/// Makes frames of rows that come in their order.
struct FrameWriter<'a> {
    frames: &'a mut BTreeMap<Place, Packed>,
    packer: &'a mut Packer,
    /// Those that are in no frame yet, and how many bytes they are.
    rows: Rows,
    bytes: usize,
}

impl<'a> FrameWriter<'a> {
    fn to(frames: &'a mut BTreeMap<Place, Packed>, packer: &'a mut Packer) -> Self {
        Self {
            frames,
            packer,
            rows: Rows::new(),
            bytes: 0,
        }
    }

    fn push(&mut self, place: Place, row: Vec<u8>) {
        self.bytes += bytes(&place, &row);
        self.rows.insert(place, row);
        while self.bytes >= 2 * FRAME {
            let later = self.split_off();
            self.flush();
            self.bytes = later.iter().map(|(place, row)| bytes(place, row)).sum();
            self.rows = later;
        }
    }

    /// Leaves as much as it takes: a frame that is full does not shed single rows. One row stays, however large.
    fn split_off(&mut self) -> Rows {
        let mut earlier = 0;
        let is_later = |(place, row): &(&Place, &Vec<u8>)| {
            let is_first = earlier == 0;
            earlier += bytes(place, row);
            !is_first && earlier > FRAME
        };
        let middle = self.rows.iter().find(is_later);
        let middle = middle.map(|(place, _)| place.clone());
        middle.map_or_else(Rows::new, |middle| self.rows.split_off(&middle))
    }

    /// Nothing more comes.
    fn finish(mut self) {
        self.flush();
    }

    fn flush(&mut self) {
        let rows = mem::take(&mut self.rows);
        let bytes = postcard::to_stdvec(&rows).expect("plain data can be written");
        if let Some((first, _)) = rows.into_iter().next() {
            self.frames.insert(first, self.packer.pack(&bytes));
        }
    }
}

fn bytes((_, key): &Place, row: &[u8]) -> usize {
    key.len() + row.len()
}

#[cfg(test)]
mod tests {
    use super::{super::Table, *};

    fn place(table: Table, number: usize) -> Place {
        (table, format!("link-{number:05}"))
    }

    fn row(length: usize) -> Vec<u8> {
        br#"{"state":"ACTIVE","since":1},"#.repeat(length)
    }

    /// Tells it the changes, and what it should hold then.
    fn change(
        kept: &mut Kept,
        expected: &mut Rows,
        changes: impl Iterator<Item = (Place, Option<Vec<u8>>)>,
    ) {
        let mut packer = Packer::default();
        let mut compressed = PackedChanges::new();
        for (place, row) in changes {
            compressed.insert(place.clone(), row.as_ref().map(|row| packer.pack(row)));
            match row {
                Some(row) => expected.insert(place, row),
                None => expected.remove(&place),
            };
        }
        kept.apply(&compressed);
    }

    #[test]
    fn what_was_put_in_comes_out_and_takes_a_tenth() {
        let mut kept = Kept::default();
        let mut expected = Rows::new();
        for table in [Table::Links, Table::Lags, Table::Alerts] {
            let rows = (0..2000).map(|number| (place(table, number), Some(row(20))));
            change(&mut kept, &mut expected, rows);
        }
        assert_eq!(kept.rows().collect::<Rows>(), expected);
        let length = |frame: &Packed| match frame {
            Packed::Plain(bytes) | Packed::Deflated(bytes, _) => bytes.len(),
        };
        let taken: usize = kept.frames.values().map(length).sum();
        let raw: usize = expected.iter().map(|(place, row)| bytes(place, row)).sum();
        assert!(taken < raw / 10, "{taken} of {raw}");
        let restored = Kept::of(&expected).rows().collect::<Rows>();
        assert_eq!(restored, expected);
    }

    /// What happens to a table over a long time: rows come before, between and after the others, change, and go.
    #[test]
    fn every_change_counts_wherever_it_falls() {
        for most in [1, 7, 600, 3000] {
            let mut kept = Kept::default();
            let mut expected = Rows::new();
            for step in 0..40 {
                let changes = (0..most).map(|number| {
                    // A walk that meets every place in another order each time.
                    let at = (number * 7919 + step * 104_729) % 5000;
                    let lives = (number + step) % 3 > 0;
                    (place(Table::Links, at), lives.then(|| row(step % 30)))
                });
                let changes = changes.collect::<BTreeMap<_, _>>();
                change(&mut kept, &mut expected, changes.into_iter());
                if step % 4 == 0 {
                    kept.settle();
                    assert!(kept.recent.is_empty());
                }
            }
            assert_eq!(kept.rows().collect::<Rows>(), expected, "{most} at a time");
            let gone = expected.clone().into_keys().map(|place| (place, None));
            change(&mut kept, &mut expected, gone);
            assert_eq!(kept.rows().count(), 0);
            assert!(kept.frames.is_empty());
        }
    }

    #[test]
    fn a_row_that_is_larger_than_a_frame_is_one() {
        let mut kept = Kept::default();
        let mut expected = Rows::new();
        for length in [350, 2000, 1, 4000, 5000, 1] {
            let number = expected.len();
            let rows = [place(Table::Links, number), place(Table::Alerts, number)];
            let rows = rows.map(|place| (place, Some(row(length))));
            change(&mut kept, &mut expected, rows.into_iter());
        }
        assert_eq!(kept.rows().collect::<Rows>(), expected);
        assert!(kept.frames.len() >= 6, "{}", kept.frames.len());
    }

    #[test]
    fn frames_stay_between_their_bounds_while_rows_come_between() {
        let mut kept = Kept::default();
        let mut expected = Rows::new();
        for number in (0..4000).map(|number| number * 7919 % 4000) {
            let new = [(place(Table::Links, number), Some(row(10)))];
            change(&mut kept, &mut expected, new.into_iter());
            if number % 5 == 0 {
                kept.settle();
            }
        }
        kept.settle();
        let raw: usize = expected.iter().map(|(place, row)| bytes(place, row)).sum();
        assert!(
            kept.frames.len() <= raw / FRAME + 1,
            "{}",
            kept.frames.len()
        );
        assert!(kept.frames.len() >= raw / (2 * FRAME));
    }
}
