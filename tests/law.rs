//! The first law: nothing is healed, met, ready or over unless the server said so.
//!
//! A table of facts, of the ways in which a good answer may not say them, and of the rules that rest on them: none of these
//! ways ends an alert, and each is told of somewhere. Played from the wire to the alert, over restarts too.

#[path = "law/facts.rs"]
mod facts;
#[path = "law/scene.rs"]
mod scene;
#[path = "law/table.rs"]
mod table;
#[path = "law/ways.rs"]
mod ways;
#[path = "law/world.rs"]
mod world;
