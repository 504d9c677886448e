//! The binary `cluster-link-exporter`.

use std::{env, process::ExitCode};

/// Polls take less processor time than with glibc's (docs/operations.md, "Figures"); musl's has one lock for all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cluster_link_exporter::cli::run(env::args_os())
}
