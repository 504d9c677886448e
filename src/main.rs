//! The binary `cluster-link-exporter`.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    cluster_link_exporter::cli::run(env::args_os())
}
