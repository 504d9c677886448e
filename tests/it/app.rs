//! The whole exporter: in this process (`running`), and as the program that somebody pages with (`daemon`).

mod daemon;
mod running;
