//! `demo`: the whole thing at work, without any cluster of yours: simulated clusters and the exporter that watches them
//! over real HTTP, on this machine only.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    Log,
    output::Unwritten,
    serve,
    web::{self, Listen, Web},
};
use crate::{
    alert::Overrides,
    api, app,
    client::{Credential, Transport},
    clock::Clock,
    config::{Alerting, ClusterConfig, Config, Discoveries, base_url},
    http::WebConfig,
    journal::Transitions,
    model::{Expect, LinkPatterns, LinkState, MirrorDetail, Task, TaskState},
    poll::{self, Collect, LinkFilter},
    secret::Secret,
    simulator::{self, Scenario, Simulator},
};

/// Short, so that a visitor sees things happen.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// How old the simulated world says to be: what hangs in it has hung for long enough to be asked about.
const AGE: Duration = Duration::from_secs(60 * 60);
/// The simulated API asks for them, so that the demo signs in as a real set-up does.
const KEY: &str = "demo";
const SECRET: &str = "demo-secret";
/// Those of its organisation API are others, as there.
const CLOUD_KEY: &str = "demo-cloud";
const CLOUD_SECRET: &str = "demo-cloud-secret";

#[derive(Debug, Args)]
// Nobody's business but this machine's.
#[command(mut_args(Listen::by_default("127.0.0.1:10191")))]
pub(super) struct Options {
    /// Address of the simulated API
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = super::address::address)]
    api_address: String,
    #[command(flatten)]
    web: Web,
    #[command(flatten)]
    pub(super) log: Log,
}

pub(super) fn run(options: &Options) -> ExitCode {
    match options.web.config.load() {
        Ok(web_config) => super::block_on(demo(options, web_config)),
        Err(status) => status,
    }
}

async fn demo(options: &Options, web_config: WebConfig) -> ExitCode {
    let hangup = app::hangup();
    let (listener, api) = match tokio::try_join!(
        options.web.listen.bind(),
        web::bind(&options.api_address, "--api-address")
    ) {
        Ok(listeners) => listeners,
        Err(status) => return status,
    };
    let simulator = Simulator::new(
        Scenario::named("demo").expect("the demo has its scenario"),
        None,
    );
    let began = Clock::system().now() - AGE;
    simulator.update(|world| {
        world.began_ms = Some(began.as_millisecond());
        world.credentials = Some((KEY.to_owned(), SECRET.to_owned()));
        world.organisation.credentials = Some((CLOUD_KEY.to_owned(), CLOUD_SECRET.to_owned()));
    });
    let page = format!("{}://{}", web_config.scheme(), address(&listener));
    let mut config = config(address(&api), &simulator);
    config.alerting.links.external_url = base_url(&page).ok();
    if print(&page, address(&api), &options.web.telemetry_path, &config).is_err() {
        return ExitCode::FAILURE;
    }

    tokio::spawn(simulator::serve(api, simulator, CancellationToken::new()));
    let again = config.clone();
    serve::run_until_stopped(app::Start {
        config,
        hangup,
        load: Arc::new(move || Ok(again.clone())),
        auto_reload: None,
        web: options.web.serving(listener, web_config, None),
        dry_run: options.web.dry_run,
        service_manager: serve::service_manager(),
    })
    .await
}

fn address(listener: &TcpListener) -> SocketAddr {
    listener
        .local_addr()
        .expect("a bound socket has an address")
}

/// The last of the scenario's clusters is not listed: the organisation API of the simulator knows it.
fn discovered(api: SocketAddr, by_hand: &[ClusterConfig]) -> Discoveries {
    let timeout = humantime::format_duration(POLL_INTERVAL * 4 / 5).to_string();
    let template = json!({
        "name": "{display_name}",
        "basic_auth": { "username": KEY, "password": SECRET },
        "poll_interval": humantime::format_duration(POLL_INTERVAL).to_string(),
        "poll_timeout": timeout,
        "request_timeout": humantime::format_duration(POLL_INTERVAL / 2).to_string(),
        "collect": { "mirrors": "all" },
    });
    let cloud = json!({
        "url": format!("http://{api}"),
        "refresh_interval": "1m",
        "basic_auth": { "username": CLOUD_KEY, "password": CLOUD_SECRET },
    });
    let discovery = json!({ "discovery": [{ "confluent_cloud": cloud, "template": template }] });
    // JSON is YAML.
    let config = Config::of_text(&discovery.to_string());
    let items = config
        .expect("the demo's template is valid")
        .discovery
        .items;
    Discoveries::beside(by_hand, items)
}

/// One of the scenario's clusters, as an operator would configure it.
struct Watched {
    name: &'static str,
    mirrors: MirrorDetail,
    expect: Vec<Expect>,
}

/// The scenario's clusters but the last, in its order. What is expected of them is met here and violated there.
fn watched() -> [Watched; 3] {
    let minutes = |minutes: u64| Some(Duration::from_secs(60 * minutes));
    let must_run = |task: &str| [(task.into(), vec![TaskState::Active])].into();
    let cluster = |name, mirrors, expect| Watched {
        name,
        mirrors,
        expect,
    };
    let ways_back = Expect {
        states: vec![LinkState::Active],
        tasks: must_run(Task::OFFSET_SYNC),
        rpo: minutes(5),
        // Nobody has made the link for invoices yet.
        ..expect(&["orders-dr", "invoices-dr", ".*-both-ways"])
    };
    let alive = Expect {
        states: vec![LinkState::Active, LinkState::Paused],
        ..expect(&[".*"])
    };
    let prices = Expect {
        tasks: must_run(Task::ACL_SYNC),
        rpo: minutes(1),
        ..expect(&["partner-feed"])
    };
    [
        cluster("recovery", MirrorDetail::Summary, vec![ways_back]),
        cluster("production", MirrorDetail::Summary, Vec::new()),
        cluster("analytics", MirrorDetail::All, vec![alive, prices]),
    ]
}

/// Nothing yet, of the links of these names.
fn expect(links: &[&str]) -> Expect {
    let links: Vec<_> = links.iter().map(|pattern| (*pattern).to_owned()).collect();
    Expect {
        links: LinkPatterns::new(&links).expect("the demo's patterns are regular expressions"),
        states: Vec::new(),
        tasks: [].into(),
        rpo: None,
    }
}

fn config(api: SocketAddr, simulator: &Simulator) -> Config {
    let clusters = watched().into_iter().zip(simulator.cluster_ids());
    let clusters = clusters.map(|(watched, id)| ClusterConfig {
        name: watched.name.into(),
        api: api::Settings {
            endpoint: format!("http://{api}")
                .parse()
                .expect("an address makes a URL"),
            base_path: api::Settings::BASE_PATH.to_owned(),
            cluster_id: Some(id.into()),
            credential: Credential::Basic {
                username: Secret::Literal(KEY.into()),
                password: Secret::Literal(SECRET.into()),
            },
            transport: Transport::default(),
            request_timeout: POLL_INTERVAL / 2,
        },
        poll: poll::Settings {
            interval: POLL_INTERVAL,
            timeout: POLL_INTERVAL * 4 / 5,
            max_concurrent_requests: poll::Settings::MAX_CONCURRENT_REQUESTS,
            stale_after: poll::Settings::default_stale_after(POLL_INTERVAL),
            links: LinkFilter::all(),
            collect: Collect {
                mirrors: watched.mirrors,
                ..Collect::default()
            },
        },
        expect: watched.expect,
        unusable: None,
    });
    let clusters: Vec<_> = clusters.collect();
    Config {
        discovery: discovered(api, &clusters),
        clusters,
        state_file: None,
        transitions_kept: Transitions::KEPT,
        rules: Overrides::default(),
        alerting: Alerting::default(),
        warnings: Vec::new(),
    }
}

fn print(
    web: &str,
    api: SocketAddr,
    telemetry_path: &str,
    config: &Config,
) -> Result<(), Unwritten> {
    let id = config.clusters[0]
        .api
        .cluster_id
        .as_ref()
        .expect("the demo's clusters have ids");
    super::say(format_args!(
        "Four simulated clusters with one of each trouble, polled every {}.\n\
         Three are listed by hand, one is discovered.\n\
         A task goes into error and back every two minutes. A link exceeds its RPO after one minute,\n\
         and a mirror topic counts as stalled after fifteen.\n\n  \
         the page     {web}/\n  \
         the metrics  {web}{telemetry_path}\n  \
         the API      curl -u {KEY}:{SECRET} http://{api}/kafka/v3/clusters/{id}/links\n\n\
         Stop with Ctrl-C.",
        humantime::format_duration(POLL_INTERVAL),
    ))
}
