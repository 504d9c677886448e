//! The serving side over real sockets: routes, clients of every kind, TLS and users.

#[path = "serving/authentication.rs"]
mod authentication;
#[path = "serving/certificates.rs"]
mod certificates;
#[path = "serving/clients.rs"]
mod clients;
#[path = "serving/details.rs"]
mod details;
#[path = "support/golden.rs"]
mod golden;
#[path = "serving/page.rs"]
mod page;
#[path = "serving/replaced.rs"]
mod replaced;
#[path = "serving/routes.rs"]
mod routes;
#[path = "serving/server.rs"]
mod server;
mod support;
#[path = "serving/tls.rs"]
mod tls;
#[path = "serving/verdicts.rs"]
mod verdicts;
#[path = "serving/web_config.rs"]
mod web_config;
