//! The first law: nothing is healed, met, ready or over unless the server said so.
//!
//! A table of facts, of the ways in which a good answer may not say them, and of the rules that rest on them: none of these
//! ways ends an alert, and each is told of somewhere. Played from the wire to the alert, over restarts too.

mod facts;
mod scene;
mod table;
mod ways;
mod world;
