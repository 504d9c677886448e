//! What the process uses: the families of every client library of Prometheus.

use procfs::process::Process;
use prometheus::{
    core::{Collector, Desc},
    process_collector::ProcessCollector,
    proto::{Counter, MetricFamily},
};

/// The family that the client library counts in whole seconds: an exporter that needs five milliseconds a scrape would stand
/// still for minutes, and its `rate()` be nothing or far too much.
const CPU_SECONDS: &str = "process_cpu_seconds_total";

/// The client library's collector, its processor time as fine as the system counts it.
pub(super) struct ProcessFamilies(ProcessCollector);

impl ProcessFamilies {
    /// Of this process.
    pub(super) fn new() -> Self {
        Self(ProcessCollector::for_self())
    }
}

impl Collector for ProcessFamilies {
    fn desc(&self) -> Vec<&Desc> {
        self.0.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut families = self.0.collect();
        // Where it cannot be read, the coarse number is better than none.
        if let Some(seconds) = cpu_seconds() {
            let family = families.iter_mut().find(|it| it.name() == CPU_SECONDS);
            for metric in family.into_iter().flat_map(MetricFamily::mut_metric) {
                let mut counter = Counter::default();
                counter.set_value(seconds);
                metric.set_counter(counter);
            }
        }
        families
    }
}

/// What the process has had of processors, in user and in kernel mode: the kernel counts it in ticks, a hundred a second.
fn cpu_seconds() -> Option<f64> {
    let stat = Process::myself().ok()?.stat().ok()?;
    Some((stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(families: &[MetricFamily]) -> f64 {
        let family = families.iter().find(|it| it.name() == CPU_SECONDS);
        family.expect("it is always there").get_metric()[0]
            .get_counter()
            .get_value()
    }

    #[test]
    fn processor_time_is_counted_in_fractions_of_a_second_and_never_goes_back() {
        let families = ProcessFamilies::new();
        let first = seconds(&families.collect());
        let mut last = first;
        // Gathering is work itself, so the time comes.
        while last < first + 0.05 {
            let now = seconds(&families.collect());
            assert!(now >= last, "{now} after {last}");
            assert!(now < first + 1.0, "{now} after {first}: whole seconds");
            last = now;
        }
    }

    #[test]
    fn the_other_families_are_the_client_librarys() {
        let names = |collector: &dyn Collector| -> Vec<_> {
            let families = collector.collect();
            let described = |it: &MetricFamily| {
                (
                    it.name().to_owned(),
                    it.help().to_owned(),
                    it.get_field_type(),
                )
            };
            families.iter().map(described).collect()
        };
        let ours = names(&ProcessFamilies::new());
        assert_eq!(ours, names(&ProcessCollector::for_self()));
        assert_eq!(ours.len(), 7);
    }
}
