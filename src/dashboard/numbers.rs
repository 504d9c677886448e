//! The numbers that stand for states and for what is not known: what a query makes, a value mapping turns into a word.

use crate::model::StateRow;

/// The number of what nobody can see, worse than the worst state.
pub(super) const BLIND_NUMBER: u32 = 70;

/// The number of a count that cannot be made because nothing of its kind was asked for.
pub(super) const NOT_ASKED: i32 = -1;

/// The number of a judgement that cannot be made, beside 0 and 1.
pub(super) const NOT_JUDGED: i32 = -1;

/// The number of a value that is not known, and of a count that may be larger than what is seen.
pub(super) const NOT_KNOWN: i32 = -2;

/// What is added to the number of a link's state where it stands beside those of tasks.
pub(super) const LINK_OFFSET: u32 = 100;

/// The number of a blind cluster where links stand beside tasks.
pub(super) const BLIND_AMONG_LINKS: i64 = 200;

/// The states with the numbers that stand for them: ten times how bad, and the place among those that are as bad.
pub(super) fn numbered(
    table: &'static [StateRow],
) -> impl Iterator<Item = (u32, &'static StateRow)> {
    table.iter().enumerate().map(|(place, row)| {
        let as_bad = |other: &&StateRow| other.health == row.health;
        let before = table[..place].iter().filter(as_bad).count();
        let before = u32::try_from(before).expect("a state table is short");
        (10 * row.health as u32 + before, row)
    })
}
