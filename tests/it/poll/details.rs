//! Settings and mirror topics, from the wire to the exposition: what they cost, what a server may refuse, what becomes of
//! them, and what is held against links for it.

mod cardinality;
mod costs;
mod drills;
mod lag;
mod refusals;
mod scene;
mod secrets;
