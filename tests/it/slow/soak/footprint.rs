//! What this process holds: memory, descriptors and tasks. The simulator and the scraper live in it too.

use std::{fmt, fs};

/// At one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Footprint {
    /// Resident memory, in KiB.
    resident: usize,
    descriptors: usize,
    tasks: usize,
}

impl Footprint {
    pub(crate) fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let resident = status.lines().find_map(|line| {
            let kibibytes = line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?;
            kibibytes.parse().ok()
        });
        let runtime = tokio::runtime::Handle::current();
        Self {
            resident: resident.expect("Linux tells the resident memory"),
            descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
            tasks: runtime.metrics().num_alive_tasks(),
        }
    }

    /// What is above `early` by more than a tenth and by more than comes and goes at any moment.
    pub(crate) fn grown_since(&self, early: &Self) -> Vec<&'static str> {
        let Self {
            resident,
            descriptors,
            tasks,
        } = *self;
        [
            ("resident memory", resident, early.resident, 4 << 10),
            ("descriptors", descriptors, early.descriptors, 20),
            ("tasks", tasks, early.tasks, 20),
        ]
        .into_iter()
        .filter(|(_, late, early, slack)| *late > early + early / 10 + slack)
        .map(|(name, ..)| name)
        .collect()
    }
}

impl fmt::Display for Footprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            resident,
            descriptors,
            tasks,
        } = self;
        let mebibytes = *resident as f64 / 1024.0;
        write!(
            f,
            "{mebibytes:6.1} MiB resident, {descriptors:3} descriptors, {tasks:3} tasks"
        )
    }
}

/// The median of each figure.
pub(crate) fn median(samples: &[Footprint]) -> Footprint {
    let of = |figure: fn(&Footprint) -> usize| {
        let mut figures: Vec<usize> = samples.iter().map(figure).collect();
        figures.sort_unstable();
        figures[figures.len() / 2]
    };
    Footprint {
        resident: of(|sample| sample.resident),
        descriptors: of(|sample| sample.descriptors),
        tasks: of(|sample| sample.tasks),
    }
}
