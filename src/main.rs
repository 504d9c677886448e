//! The binary `cluster-link-exporter`.

use std::{env, process::ExitCode};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cluster_link_exporter::cli::run(env::args_os())
}
