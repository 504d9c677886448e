//! Settings and mirror topics, from the wire to the exposition: what they cost, what a server may refuse, what becomes of
//! them, and what is held against links for it.

#[path = "details/cardinality.rs"]
mod cardinality;
#[path = "details/costs.rs"]
mod costs;
#[path = "details/drills.rs"]
mod drills;
#[path = "support/golden.rs"]
mod golden;
#[path = "details/lag.rs"]
mod lag;
#[path = "details/refusals.rs"]
mod refusals;
#[path = "details/scene.rs"]
mod scene;
#[path = "details/secrets.rs"]
mod secrets;
