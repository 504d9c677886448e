//! Snapshots as Prometheus series: what `/metrics` says.
//!
//! A metric family is one row of a literal table: its name, its help, its labels and the pure function from a cluster to
//! its samples. There is a table per noun, and [`FAMILIES`] joins them. A [`Renderer`] turns each snapshot into an
//! [`Exposition`], which a scrape only hands out. Nothing here asks the API, reads a clock or keeps a gauge up to date.

mod exporter;
mod exposition;
mod family;
mod format;
mod gzip;
mod identity;
mod inflate;
mod intent;
mod line;
mod link;
mod mirror;
mod own;
mod poll;
mod render;
mod rendered;
mod samples;
mod shape;
mod task;
#[cfg(test)]
mod testing;

pub use exposition::{Age, Body, Exposition};
pub use family::Family;
pub use format::Format;
pub(crate) use identity::identity;
pub use identity::{CLUSTER, LINK, TASK};
pub use own::open_metrics;
pub use render::Renderer;
pub use samples::Samples;
pub use shape::{Kind, Label, Shows};

/// Every family that is read from a snapshot, a table per noun, in the order of the exposition.
pub const FAMILIES: &[&[Family]] = &[
    link::FAMILIES,
    task::FAMILIES,
    intent::FAMILIES,
    mirror::FAMILIES,
    poll::FAMILIES,
    exporter::FAMILIES,
];

/// The rows of [`FAMILIES`], one after the other.
pub fn families() -> impl Iterator<Item = &'static Family> {
    FAMILIES.iter().copied().flatten()
}
