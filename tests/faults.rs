//! Every fault of the API and of the network: why the poll failed, how often it was asked again, and what is exposed
//! while the fault lasts, when the old values became too old, and when it has passed.

#[path = "faults/endless.rs"]
mod endless;
#[path = "../fuzz/src/exposition.rs"]
mod exposition;
#[path = "faults/kept.rs"]
mod kept;
#[path = "faults/matrix.rs"]
mod matrix;
#[path = "faults/pace.rs"]
mod pace;
#[path = "faults/scene.rs"]
mod scene;
#[path = "faults/server.rs"]
mod server;
#[path = "faults/unusual.rs"]
mod unusual;
