//! Scenarios about links that fail, and about what one does then.

use super::{
    ACL_FILTERS_MISSING, BOOTSTRAP_OUT_OF_REACH, CLUSTER, Change, Cluster, Effect, Fault, MINUTE,
    Mirror, OrganisationFault, PathKind, REMOTE, Scenario, Task, TaskError, World, failing,
    link_ref, one_link, orders, pairs,
};

const AUTHENTICATION: (&str, &str) = (
    "AUTHENTICATION_ERROR",
    "The credentials of the link are not accepted by the remote cluster.",
);

/// What becomes of the link of [`orders`] in this state.
fn fails(state: &str, (code, message): (&str, &str), mirror_status: &str) -> [Change; 3] {
    let link = Change::Link {
        link: link_ref(),
        state: state.to_owned(),
        error: Some(TaskError::new(code, message)),
    };
    let tasks = Change::Tasks {
        link: link_ref(),
        tasks: Task::all(&format!("LINK_{state}")),
    };
    [link, tasks, turns("orders", mirror_status)]
}

/// Half of each list of the organisation API, and then 500.
pub(super) fn discovery_fails() -> Scenario {
    let mut world = one_link(orders());
    world.organisation.fault = Some(OrganisationFault::SecondPage(500));
    Scenario::still(world)
}

fn turns(topic: &str, status: &str) -> Change {
    Change::MirrorStatus {
        link: link_ref(),
        topic: topic.to_owned(),
        status: status.to_owned(),
    }
}

fn out_of_reach() -> [Change; 3] {
    fails("UNAVAILABLE", BOOTSTRAP_OUT_OF_REACH, "SOURCE_UNAVAILABLE")
}

pub(super) fn link_unavailable() -> Scenario {
    Scenario {
        world: one_link(orders()),
        timeline: out_of_reach().map(|change| (MINUTE, change)).into(),
        period: Some(5 * MINUTE),
    }
}

/// Somebody takes the link's credentials away.
pub(super) fn link_failed() -> Scenario {
    let changes = fails("FAILED", AUTHENTICATION, "LINK_FAILED");
    Scenario {
        world: one_link(orders()),
        timeline: changes.map(|change| (MINUTE, change)).into(),
        period: None,
    }
}

/// Keys whose owners miss a right each. The last one misses all of them, and the server answers that with 401, as real ones
/// do.
pub(super) fn rights_missing() -> Scenario {
    let refuses = |id, effect, path| {
        let cluster = Cluster::new(id, [orders()]);
        cluster.fault(Fault::new(effect).on(path))
    };
    Scenario::still(World::new([
        refuses("lkc-nolist", Effect::Forbidden, PathKind::Links),
        refuses("lkc-nolink", Effect::Forbidden, PathKind::Link),
        refuses("lkc-nosets", Effect::Forbidden, PathKind::Configs),
        refuses("lkc-nomirr", Effect::Forbidden, PathKind::Mirrors),
        Cluster::new("lkc-norole", [orders()]).fault(Fault::new(Effect::Unauthorized)),
    ]))
}

/// A disaster from beginning to end. The smaller topic is through at once.
pub(super) fn failover() -> Scenario {
    let link = orders().mirror(Mirror::new("returns", &[1]).traffic(5, 2));
    let gone = out_of_reach().into_iter();
    let gone = gone.chain([turns("returns", "SOURCE_UNAVAILABLE")]);
    let topics = ["orders", "returns"];
    let begun = topics.map(|topic| (5 * MINUTE, turns(topic, "PENDING_STOPPED")));
    let done = [
        (6 * MINUTE, turns("returns", "STOPPED")),
        (8 * MINUTE, turns("orders", "STOPPED")),
    ];
    let gone = gone.map(|change| (MINUTE, change));
    Scenario {
        world: one_link(link),
        timeline: gone.chain(begun).chain(done).collect(),
        period: None,
    }
}

/// Nobody mends anything: the server only ceases to tell. The other half of the pair is on a server that goes on telling.
pub(super) fn says_nothing() -> Scenario {
    let link = orders()
        .task(failing("AclSync", ACL_FILTERS_MISSING))
        .mirror(Mirror::new("sales", &[9]).status("FAILED"));
    let silence = Change::Fault {
        cluster_id: CLUSTER.to_owned(),
        fault: Some(Fault::new(Effect::Silent)),
    };
    let [here, there] = pairs::pair(pairs::BOTH_WAYS);
    let clusters = [
        Cluster::new(CLUSTER, [link, here]),
        Cluster::new(REMOTE, [there]),
    ];
    Scenario {
        world: World::new(clusters),
        timeline: vec![(2 * MINUTE, silence)],
        period: None,
    }
}
