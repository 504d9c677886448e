//! Random histories of a cluster, as strings of one character a minute.
//!
//! A poll (`polls`) is good (`.`), good after a 429 (`t`), not made (`_`) or fails: by time (`x`), 401 (`4`), 403 (`3`) or
//! 429 (`9`, after which polls are rare). A link is ACTIVE, FAILED, UNAVAILABLE, PAUSED, UNKNOWN (`A` `F` `U` `P` `K`) or
//! in a state nobody has heard of (`D`); it is ACTIVE without a list of tasks (`n`), has no state (`?`), cannot be
//! described (`!`), is not listed (`-`) or was created anew (`R`). A task is ACTIVE, IN_ERROR, NOT_CONFIGURED, LINK_FAILED,
//! LINK_UNAVAILABLE, LINK_PAUSED, UNKNOWN (`A` `E` `N` `F` `U` `P` `K`), in a state nobody has heard of (`D`) or not there
//! (`-`). The settings of a link are those of half a pair (`p`), of one that waits for the other half (`i`), or lack filters
//! (`f`), or say nothing at all (`0`); its one mirror topic keeps up (`A`), stands still (`L`), has FAILED, is
//! SOURCE_UNAVAILABLE or is being stopped (`F` `S` `P`), does not say its status or its lag (`s` `l`), has no name (`0`), or
//! is gone (`G`). Either is not asked for (`.`), does not come (`!`), is forbidden (`x`) or not wanted (`-`). A token is not
//! there (`-`), as it was (`.`) or new, for half an hour (`n`) or for eight minutes (`m`). The exporter goes on (`.`), was
//! just restarted (`^`) or is down (`_`), or Prometheus is away and misses its scrape (`~`).

use std::{fmt, iter, time::Duration};

use fastrand::Rng;

/// How many histories are one fleet: promtool lets no query hold more than 10,000 samples.
pub(crate) const FLEET: u64 = 5;

/// What happens to one cluster.
pub(crate) struct History {
    /// Label `cluster_name`.
    pub(crate) name: String,
    /// Label `cluster_id`; some clusters are polled under two names.
    pub(crate) id: String,
    /// Whether its id is in the configuration; else its first answer tells it.
    pub(crate) has_id: bool,
    pub(crate) interval: Duration,
    pub(crate) stale_after: Duration,
    /// How long before the full minute its polls end.
    pub(crate) early: Duration,
    /// The same in all histories of a fleet.
    pub(crate) exporter: Vec<char>,
    pub(crate) polls: Vec<char>,
    pub(crate) token: Vec<char>,
    pub(crate) links: Vec<LinkHistory>,
    /// The id of the cluster to which its links lead.
    pub(crate) remote_id: String,
    /// Whether something is expected of its first link.
    pub(crate) expects: bool,
}

pub(crate) struct LinkHistory {
    pub(crate) marks: Vec<char>,
    pub(crate) configs: Vec<char>,
    pub(crate) mirrors: Vec<char>,
    pub(crate) tasks: Vec<Vec<char>>,
}

impl History {
    pub(crate) fn random(seed: u64, minutes: usize) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let seconds = |rng: &mut Rng, choices: &[u64]| Duration::from_secs(pick(rng, choices));
        // Of a link that was out of sight while polls worked and is there again without its details, Prometheus takes for
        // known what it saw before; the engine knows better. So links come back, or they have details and lead somewhere.
        let has_details = seed % 10 < 8 && (seed / 2).is_multiple_of(2);
        let mut polls = polls(rng, minutes);
        if has_details {
            polls
                .iter_mut()
                .filter(|mark| **mark == '_')
                .for_each(|mark| *mark = 'x');
        }
        Self {
            name: format!("h{seed}"),
            exporter: exporter(seed / FLEET, minutes),
            id: format!("lkc-{}", if seed % 10 == 9 { seed - 1 } else { seed }),
            has_id: rng.u8(..4) > 0,
            interval: seconds(rng, &[30, 60, 60, 150]),
            stale_after: seconds(rng, &[120, 180, 180, 600]),
            early: seconds(rng, &[0, 0, 7, 31]),
            polls,
            token: track(rng, minutes, "-.", "-..nm"),
            links: (0..rng.usize(1..=2))
                .map(|_| LinkHistory::random(rng, minutes, has_details))
                .collect(),
            remote_id: if has_details {
                format!("lkc-{}", seed ^ 1)
            } else {
                "lkc-elsewhere".to_owned()
            },
            expects: rng.u8(..3) > 0,
        }
    }
}

impl History {
    /// Whether Prometheus sees what the exporter says in this minute, counted from 0.
    pub(crate) fn is_seen(&self, minute: usize) -> bool {
        !['_', '~'].contains(&self.exporter[minute])
    }

    pub(crate) fn is_always_seen(&self) -> bool {
        (0..self.exporter.len()).all(|minute| self.is_seen(minute))
    }
}

impl LinkHistory {
    fn random(rng: &mut Rng, minutes: usize, has_details: bool) -> Self {
        let mut marks = track(rng, minutes, "AAF", "AAFFUPKDn?!-R");
        let mut configs = track(rng, minutes, "p.", "p.pif!x-0");
        let mut mirrors = track(rng, minutes, "AAL", "ALLFSP.!!x-ssll0G");
        if !has_details {
            configs.fill('-');
            mirrors.fill('-');
        } else if let Some(gone) = marks.iter().position(|mark| *mark == '-') {
            marks[gone..].fill('-');
        }
        Self {
            marks,
            configs,
            mirrors,
            tasks: (0..rng.usize(0..=2))
                .map(|_| track(rng, minutes, "AAE", "AAEENNFUPKD-"))
                .collect(),
        }
    }
}

/// An exporter that runs all the time, is restarted at times, or is down at times and out of Prometheus' sight.
fn exporter(fleet: u64, minutes: usize) -> Vec<char> {
    let rng = &mut Rng::with_seed(fleet);
    let marks = match fleet % 4 {
        0 | 1 => "..",
        2 => "..^",
        _ => "_~",
    };
    let mut track = Vec::new();
    while track.len() < minutes {
        track.extend(iter::repeat_n('.', rng.usize(1..30)));
        let length = rng.usize(1..10);
        match pick(rng, &marks.chars().collect::<Vec<_>>()) {
            '_' => {
                track.extend(iter::repeat_n('_', length));
                track.push('^');
            }
            '~' => track.extend(iter::repeat_n('~', length)),
            mark => track.push(mark),
        }
    }
    track.truncate(minutes);
    track
}

/// Polls that are good for most of the time, or hardly ever.
fn polls(rng: &mut Rng, minutes: usize) -> Vec<char> {
    let mut polls = Vec::new();
    if rng.u8(..4) == 0 {
        stretch(rng, &mut polls, "_x4");
    }
    while polls.len() < minutes {
        stretch(rng, &mut polls, ".");
        stretch(rng, &mut polls, "...x4x4t3t9_x");
    }
    polls.truncate(minutes);
    polls
}

/// Stretches of calm marks and of any.
fn track(rng: &mut Rng, minutes: usize, calm: &str, any: &str) -> Vec<char> {
    let mut marks = Vec::new();
    while marks.len() < minutes {
        stretch(rng, &mut marks, calm);
        stretch(rng, &mut marks, any);
    }
    marks.truncate(minutes);
    marks
}

/// One mark for some minutes, or two in turns. The times of the rules and those beside them are the likeliest.
fn stretch(rng: &mut Rng, marks: &mut Vec<char>, choices: &str) {
    const LENGTHS: &[usize] = &[
        1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 15, 16, 17, 30, 31, 32, 59, 60, 61, 62, 66,
    ];
    let choices: Vec<char> = choices.chars().collect();
    let (one, other) = (pick(rng, &choices), pick(rng, &choices));
    let other = if rng.u8(..4) == 0 { other } else { one };
    let pairs = pick(rng, LENGTHS);
    marks.extend([one, other].into_iter().cycle().take(pairs));
}

fn pick<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(..choices.len())]
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            id,
            has_id,
            interval,
            stale_after,
            early,
            exporter,
            polls,
            token,
            links,
            remote_id,
            expects,
        } = self;
        let marks = |marks: &[char]| marks.iter().collect::<String>();
        writeln!(
            f,
            "{name}: {id} (configured: {has_id}), remote {remote_id}, expects: {expects}, interval {interval:?}, stale after {stale_after:?}, {early:?} early; from minute 1:"
        )?;
        writeln!(f, "  exporter {}", marks(exporter))?;
        writeln!(f, "  polls {}", marks(polls))?;
        writeln!(f, "  token {}", marks(token))?;
        for link in links {
            writeln!(f, "  link  {}", marks(&link.marks))?;
            writeln!(f, "  configs {}", marks(&link.configs))?;
            writeln!(f, "  mirrors {}", marks(&link.mirrors))?;
            for task in &link.tasks {
                writeln!(f, "  task  {}", marks(task))?;
            }
        }
        Ok(())
    }
}
