//! A YAML file that somebody writes by hand, read so that every problem is told at once, each with its place.
//!
//! [`read`] turns a text into mappings whose keys know where they stand, and a [`Section`] reads a mapping key by key, as
//! a table of [`Key`]s says. The exporter's own file and the web configuration are read so. No text of a file is ever repeated in a message: nobody
//! can know in which place a secret ended up by mistake.

mod json_schema;
mod key;
mod origins;
mod problem;
mod reading;
mod section;
mod table;
mod tree;
mod yaml;

pub use problem::{Location, Position, Problem, Problems};
pub use reading::Unread;
pub use table::{Absent, Group, Key, Keys, Kind, Table};

pub(crate) use json_schema::json_schema;
pub(crate) use key::{closest, join, shown};
pub(crate) use origins::Origins;
pub(crate) use reading::{AlreadyReported, Findings, Parsed, Reading};
pub(crate) use section::{NO_KEY, Section, Word, WordList, kind};
pub(crate) use tree::{Document, read};
pub(crate) use yaml::Limit;
