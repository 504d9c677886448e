//! What cannot be read of a cluster's links.

use crate::alert::{
    expression::{CLUSTER, DETAILS, LISTED, by, own_endpoint},
    recording::{Latched, Recording, latch},
};

pub(super) const RECORDINGS: &[Recording] = &[Recording {
    name: "clusterlink:details_failing:last_seen",
    of_name: |name| {
        let success = own_endpoint("clusterlink_details_success{@}");
        latch(&Latched {
            name,
            labels: DETAILS,
            now: format!("({} == 0)", by(DETAILS, &success)),
            // Details that are not wanted any more have no series, while the list of links is there.
            kept: format!(
                "{{before}}\n  \
                 unless on ({DETAILS}) {success}\n  \
                 unless on ({CLUSTER}) {LISTED}"
            ),
        })
    },
}];
