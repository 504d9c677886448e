//! The serving side over real sockets: routes, clients of every kind, TLS and users.

mod api;
mod authentication;
pub(crate) mod certificates;
mod clients;
mod details;
mod page;
mod replaced;
mod routes;
mod runbooks;
mod server;
mod tls;
mod verdicts;
mod views;
mod web_config;
