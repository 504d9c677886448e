//! Minutes of everything at once: links come and go, tasks flip, faults come and pass, reloads, scrapes. What the exporter
//! holds must be flat at the end. And a crowd of clients that ask for all there is and take none of it.
//!
//! `SOAK_MINUTES=10 cargo test --release --test it -- --ignored --nocapture slow::soak::whatever`; five minutes where
//! nothing is said. Run it alone: it measures its own process.

mod crowd;
mod footprint;
mod transitions;
mod unrest;

use std::{env, time::Duration};

use footprint::Footprint;
use tokio::time::{Instant, sleep};
use unrest::Unrest;

use crate::support::exporter::{Exporter, value};

/// How many times the footprint is looked at.
const SAMPLES: u32 = 100;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes long; run by hand: cargo test --release --test it -- --ignored --nocapture slow::soak::whatever"]
async fn whatever_happens_for_how_long_the_footprint_stays_flat() {
    let minutes: f64 = env::var("SOAK_MINUTES").map_or(5.0, |minutes| {
        minutes.parse().expect("SOAK_MINUTES is a number")
    });
    let every = Duration::from_secs_f64(minutes * 60.0) / SAMPLES;
    let unrest = Unrest::new();
    let exporter = Exporter::watching(unrest.simulator()).await;
    let start = Instant::now();
    let watch = async {
        let mut samples = Vec::new();
        for number in 1..=SAMPLES {
            sleep(every).await;
            let footprint = Footprint::now();
            // What comes before is warming up.
            if number > SAMPLES / 5 {
                println!("{:4} s  {footprint}", start.elapsed().as_secs());
                samples.push(footprint);
            }
        }
        samples
    };
    let samples = tokio::select! {
        samples = watch => samples,
        never = unrest.scrape(&exporter) => never,
        never = unrest.churn() => never,
        never = unrest.reload(&exporter) => never,
    };
    println!("{}", unrest.done());

    let fifth = samples.len() / 4;
    let early = footprint::median(&samples[..fifth]);
    let late = footprint::median(&samples[samples.len() - fifth..]);
    println!("second fifth: {early}\nlast fifth:   {late}");
    let grown = late.grown_since(&early);
    assert!(grown.is_empty(), "grown: {grown:?}");

    let last = exporter.metrics().await;
    let reloaded = "clusterlink_exporter_config_last_reload_successful";
    assert_eq!(value(&last, reloaded), Some(1.0));
}
