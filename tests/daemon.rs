//! The program as somebody who pages: what receivers hear of it, through restarts, kills, outages and damaged files.

#[path = "daemon/alertmanager.rs"]
mod alertmanager;
#[path = "daemon/answers.rs"]
mod answers;
#[path = "alertmanager/alertmanager.rs"]
#[expect(dead_code, reason = "another test asks it for more")]
mod debian;
#[path = "daemon/dry_run.rs"]
mod dry_run;
#[path = "notify/server.rs"]
#[expect(dead_code, reason = "another test asks it for more")]
mod endpoint;
#[path = "running/exporter.rs"]
#[expect(dead_code, reason = "another test asks it for more")]
mod exporter;
#[path = "support/installed.rs"]
mod installed;
#[path = "daemon/latency.rs"]
mod latency;
#[path = "daemon/pagerduty.rs"]
mod pagerduty;
#[path = "support/program.rs"]
mod program;
#[path = "daemon/relabel.rs"]
mod relabel;
#[path = "daemon/restart.rs"]
mod restart;
#[path = "daemon/scene.rs"]
mod scene;
#[path = "running/server.rs"]
#[expect(dead_code, reason = "another test asks it for more")]
mod server;
#[path = "daemon/state_file.rs"]
mod state_file;
mod support;

use server::PATIENCE;
