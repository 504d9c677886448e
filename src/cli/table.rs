//! Tables for people: a line for each row, and what is too long for a line below it where the terminal is too narrow.

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};

use crate::text;

/// How wide the output may be where standard output is no terminal: a mail, a ticket or the log of a job, in which nothing
/// wraps it well.
pub(super) const PIPE_WIDTH: u16 = 160;

/// Stands for what is not known.
pub(super) const NOT_KNOWN: &str = "-";

/// A line under the header and nothing else: a row is a line that `grep` finds, unless it had to be wrapped.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// One row: its cells, none with a line break, and notes of any length, one a line.
pub(super) struct Row {
    pub(super) cells: Vec<String>,
    pub(super) notes: String,
}

/// The table; `None` where there is no row. The header's last column is that of the notes. Where the table is wider than
/// `width`, by default [`PIPE_WIDTH`], the notes stand below their rows, wrapped: beside them they would be squeezed into a
/// word or two a line. Only names that are too long for a line pass it, as a name that is cut is found by nobody.
pub(super) fn render(header: &[&str], rows: &[Row], width: Option<u16>) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let whole = table(
        header,
        rows.iter().map(|row| row.cells.iter().chain([&row.notes])),
    );
    let width = width.unwrap_or(PIPE_WIDTH);
    let is_too_wide = |line: &str| line.chars().count() > width.into();
    Some(if whole.lines().any(is_too_wide) {
        narrow(header, rows, width)
    } else {
        whole
    })
}

fn narrow(header: &[&str], rows: &[Row], width: u16) -> String {
    let columns = &header[..header.len() - 1];
    let table = table(columns, rows.iter().map(|row| row.cells.iter()));
    let mut lines = table.lines();
    let mut shown: Vec<_> = lines.by_ref().take(2).map(str::to_owned).collect();
    // No cell holds a line break, so each row is one line.
    for (line, row) in lines.zip(rows) {
        shown.push(line.to_owned());
        if !row.notes.is_empty() {
            shown.push(indented(&row.notes, width));
        }
    }
    shown.join("\n")
}

fn table<'a, R: IntoIterator<Item = &'a String>>(
    header: &[&str],
    rows: impl Iterator<Item = R>,
) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// The text, wrapped between words.
fn indented(text: &str, width: u16) -> String {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new())
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .add_row([text]);
    for column in table.column_iter_mut() {
        column.set_padding((4, 0));
    }
    table.trim_fmt()
}

/// A foreign text as a cell or a part of a note.
pub(super) fn printable(text: &str) -> String {
    text::printable(text).into_owned()
}
