//! The handle of a running simulator: change its world, read what it was asked.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use http::request::Parts;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{
    Change, Fault, LinkRef, Missing, PathKind, Reply, Scenario, Task, World, answer, route::Route,
};

/// A simulated server. Clones share one world, one clock and one set of counters.
#[derive(Clone, Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    scenario: Mutex<Scenario>,
    requests: Mutex<Requests>,
    started: Instant,
    /// The time since the start where somebody else turns the clock; `None` while it runs.
    turned_to: Mutex<Option<Duration>>,
}

/// What a simulator was asked so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    by_path: BTreeMap<(String, PathKind), u64>,
    total: u64,
    under_way: usize,
    max_concurrent: usize,
}

impl Requests {
    /// Requests of this kind about this cluster, refused ones included. The cluster's id is empty for
    /// [`PathKind::Clusters`].
    pub fn count(&self, cluster_id: &str, path: PathKind) -> u64 {
        let key = (cluster_id.to_owned(), path);
        self.by_path.get(&key).copied().unwrap_or(0)
    }

    /// All requests, those that lead nowhere included.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The most requests that were under way at the same time.
    pub fn max_concurrent(&self) -> usize {
        self.max_concurrent
    }
}

impl Simulator {
    /// Starts the scenario's clock. Without a seed, the one in the scenario's world counts.
    pub fn new(scenario: Scenario, seed: Option<u64>) -> Self {
        let mut scenario = scenario;
        if let Some(seed) = seed {
            scenario.world.seed = seed;
        }
        Self {
            shared: Arc::new(Shared {
                scenario: Mutex::new(scenario),
                requests: Mutex::default(),
                started: Instant::now(),
                turned_to: Mutex::default(),
            }),
        }
    }

    /// It is this time after the start from now on, and the clock stands: for tests that turn it themselves.
    pub fn turn_to(&self, elapsed: Duration) {
        *self.shared.turned_to.lock() = Some(elapsed);
    }

    /// Changes the world from which the timeline begins; what the timeline says still happens on top of it.
    pub fn update<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.shared.scenario.lock().world)
    }

    /// Makes one change, now.
    pub fn apply(&self, change: &Change) -> Result<(), Missing> {
        let elapsed = self.elapsed();
        self.update(|world| change.apply(world, elapsed))
    }

    /// Replaces the task of the same name, or adds it.
    pub fn set_task(&self, cluster_id: &str, link_name: &str, task: Task) -> Result<(), Missing> {
        let link = LinkRef::new(cluster_id, link_name);
        self.apply(&Change::Task { link, task })
    }

    /// Replaces every fault of the cluster by this one, or by none.
    pub fn set_fault(&self, cluster_id: &str, fault: Option<Fault>) -> Result<(), Missing> {
        let cluster_id = cluster_id.to_owned();
        self.apply(&Change::Fault { cluster_id, fault })
    }

    /// The ids of the clusters as the world begins, in their order.
    pub fn cluster_ids(&self) -> Vec<String> {
        self.update(|world| {
            let clusters = world.clusters.iter();
            clusters.map(|cluster| cluster.cluster_id.clone()).collect()
        })
    }

    /// What was asked since the start or the last [`Simulator::forget_requests`].
    pub fn requests(&self) -> Requests {
        self.shared.requests.lock().clone()
    }

    /// Counts anew from zero.
    pub fn forget_requests(&self) {
        let mut requests = self.shared.requests.lock();
        let under_way = requests.under_way;
        *requests = Requests {
            under_way,
            max_concurrent: under_way,
            ..Requests::default()
        };
    }

    /// Answers as the world is now. Counts nothing.
    pub fn answer(&self, request: &Parts) -> Reply {
        let elapsed = self.elapsed();
        let scenario = self.shared.scenario.lock();
        answer(&scenario.world_at(elapsed), request, elapsed)
    }

    /// Counts a request, which is under way until the value is dropped.
    pub(super) fn arrive(&self, request: &Parts) -> UnderWay {
        let route = Route::parse(request.uri.path());
        let mut requests = self.shared.requests.lock();
        requests.total += 1;
        if let Ok(Route {
            cluster_id, kind, ..
        }) = route
        {
            *requests.by_path.entry((cluster_id, kind)).or_default() += 1;
        }
        requests.under_way += 1;
        requests.max_concurrent = requests.max_concurrent.max(requests.under_way);
        UnderWay(self.clone())
    }

    fn elapsed(&self) -> Duration {
        let turned_to = *self.shared.turned_to.lock();
        turned_to.unwrap_or_else(|| self.shared.started.elapsed())
    }
}

/// A request between its arrival and the end of its answer.
pub(super) struct UnderWay(Simulator);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.shared.requests.lock().under_way -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::{Effect, Outcome};

    const LINK: &str = "/v3/clusters/lkc-east01/links/orders-dr?include_tasks=true";

    fn get(path: &str) -> Parts {
        let request = http::Request::get(path).body(()).unwrap();
        request.into_parts().0
    }

    fn acl_sync(simulator: &Simulator) -> String {
        let Outcome::Response(response) = simulator.answer(&get(LINK)).outcome else {
            panic!("the link is answered");
        };
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        body["tasks"][1]["state"].as_str().unwrap().to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn a_scenario_runs_by_the_clock_and_a_test_may_change_it_meanwhile() {
        let simulator = Simulator::new(Scenario::named("task-flips").unwrap(), Some(7));
        assert_eq!(acl_sync(&simulator), "ACTIVE");
        tokio::time::advance(Duration::from_secs(61)).await;
        assert_eq!(acl_sync(&simulator), "IN_ERROR");
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(acl_sync(&simulator), "ACTIVE");

        let off = Task::new("AclSync", "NOT_CONFIGURED");
        simulator.set_task("lkc-east01", "orders-dr", off).unwrap();
        assert_eq!(acl_sync(&simulator), "NOT_CONFIGURED");
    }

    #[tokio::test]
    async fn a_clock_that_is_turned_stands_where_it_was_turned_to() {
        let simulator = Simulator::new(Scenario::named("task-flips").unwrap(), None);
        let states = [90, 30, 119].map(|second| {
            simulator.turn_to(Duration::from_secs(second));
            acl_sync(&simulator)
        });
        assert_eq!(states, ["IN_ERROR", "ACTIVE", "IN_ERROR"]);
    }

    #[tokio::test(start_paused = true)]
    async fn faults_come_and_go() {
        let simulator = Simulator::new(Scenario::named("healthy").unwrap(), None);
        let hang = Some(Fault::new(Effect::Hang));
        simulator.set_fault("lkc-east01", hang).unwrap();
        let hangs = || matches!(simulator.answer(&get(LINK)).outcome, Outcome::Hang);
        assert!(hangs());
        simulator.set_fault("lkc-east01", None).unwrap();
        assert!(!hangs());
        assert!(simulator.set_fault("lkc-nobody", None).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_counted_by_cluster_and_kind_of_path() {
        let simulator = Simulator::new(Scenario::named("healthy").unwrap(), None);
        let together = [LINK, LINK, "/v3/clusters"].map(|path| simulator.arrive(&get(path)));
        drop(together);
        drop(simulator.arrive(&get("/nowhere")));

        let requests = simulator.requests();
        let told = [
            requests.count("lkc-east01", PathKind::Link),
            requests.count("lkc-east01", PathKind::Links),
            requests.count("", PathKind::Clusters),
            requests.total(),
        ];
        assert_eq!((told, requests.max_concurrent()), ([2, 0, 1, 4], 3));

        simulator.forget_requests();
        assert_eq!(simulator.requests(), Requests::default());
    }
}
