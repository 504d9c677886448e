//! The binary `cluster-link-exporter`.

fn main() {}
