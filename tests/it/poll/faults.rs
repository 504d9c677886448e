//! Every fault of the API and of the network: why the poll failed, how often it was asked again, and what is exposed
//! while the fault lasts, when the old values became too old, and when it has passed.

mod endless;
mod kept;
mod matrix;
mod pace;
mod scene;
mod server;
mod unusual;
