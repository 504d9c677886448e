//! What programs are told: the JSON of the HTTP API, of `tasks` and of `dr-check`. Views of the snapshot, of the alerts and
//! of the history, each type defined once; the OpenAPI document is written from them.

mod filter;

pub use filter::{Filter, is_fresh, needs_attention};
