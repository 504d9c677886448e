//! Clusters that nobody lists by hand: what the organisation API is asked, and what becomes of what it answers. What the
//! program makes of it is in `app::daemon::discovery`.

mod asked;
mod bad;
pub(crate) mod server;
