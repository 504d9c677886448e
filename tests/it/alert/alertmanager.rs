//! The example for Alertmanager: read by amtool, run by Debian's Alertmanager, alone and behind Debian's Prometheus.

mod chain;
mod example;
mod inhibitions;
mod receiver;
mod routes;
mod stories;
mod table;
mod words;
