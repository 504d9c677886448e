//! The program as somebody who pages: what receivers hear of it, through restarts, kills, outages and damaged files.

mod alertmanager;
mod answers;
mod api;
mod discovery;
mod dry_run;
mod latency;
mod links;
mod mute;
mod pagerduty;
mod relabel;
mod restart;
mod scene;
mod state_file;

use crate::support::prometheus::PATIENCE;
