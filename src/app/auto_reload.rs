//! `--config.auto-reload`: notices that the configuration file holds something else than what was read.
//!
//! Only the content of that one file counts, not its times and not which file the path leads to: Kubernetes swaps symbolic
//! links, and editors replace files. Something else is read once it was found twice in a row, so that a file that is being
//! written is left alone; and it is read once, good or bad.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::{
    config::{Config, Problems},
    file::{self, Allowed, FileError},
};

/// Reads the configuration, or says everything that is wrong with it.
pub type Load = Arc<dyn Fn() -> Result<Config, Problems> + Send + Sync>;

/// Which file to look at, how often, and what was in it before the configuration was read for the first time.
#[derive(Debug)]
pub struct AutoReload {
    file: PathBuf,
    interval: Duration,
    content: Content,
}

impl AutoReload {
    /// Looks at the file for the first time; called before the configuration is read, so that no change is missed. May
    /// block. A pipe has no content to compare.
    pub fn new(file: &Path, interval: Duration) -> Result<Self, FileError> {
        match read(file) {
            Err(error @ FileError::Kind(_)) => Err(error),
            found => Ok(Self {
                file: file.to_path_buf(),
                interval,
                content: Content::of(found),
            }),
        }
    }
}

/// What a file holds, as far as it can be told from what it held before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Sum([u8; 32]),
    /// Not there, or it cannot be read: something else as well.
    None,
}

impl Content {
    fn of(read: Result<Vec<u8>, FileError>) -> Self {
        let sum = read.map(|bytes| digest(&SHA256, &bytes).as_ref().try_into());
        sum.map_or(Self::None, |sum| {
            Self::Sum(sum.expect("SHA-256 has 32 bytes"))
        })
    }
}

fn read(file: &Path) -> Result<Vec<u8>, FileError> {
    let regular = Allowed {
        pipe: false,
        ..Allowed::CONFIGURATION
    };
    file::read_as(file, regular)
}

/// Decides when to read the file again.
#[derive(Debug)]
struct Settling {
    /// What it held when it was read last.
    read: Content,
    /// What it held at the last look.
    last: Content,
}

impl Settling {
    /// Takes in what the file holds now, and says whether to read it.
    fn look(&mut self, now: Content) -> bool {
        let is_settled = now == self.last;
        self.last = now;
        is_settled && now != self.read
    }

    /// It is read, for whatever reason, while it holds this.
    fn reads(&mut self, content: Content) {
        *self = Self {
            read: content,
            last: content,
        };
    }
}

/// Reads the configuration again, and looks at its file where that is wanted.
pub(super) struct ConfigSource {
    load: Load,
    watcher: Option<FileWatcher>,
}

struct FileWatcher {
    file: PathBuf,
    ticks: Interval,
    settling: Settling,
}

impl ConfigSource {
    /// The first look is an interval from now.
    pub(super) fn new(load: Load, wanted: Option<AutoReload>) -> Self {
        let watcher = wanted.map(|wanted| {
            let AutoReload {
                file,
                interval,
                content,
            } = wanted;
            let mut ticks = interval_at(Instant::now() + interval, interval);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let settling = Settling {
                read: content,
                last: content,
            };
            FileWatcher {
                file,
                ticks,
                settling,
            }
        });
        Self { load, watcher }
    }

    /// Waits until there is something else to read. To be dropped and called again costs a look at the most.
    pub(super) async fn changed(&mut self) {
        let Some(watcher) = &mut self.watcher else {
            return std::future::pending().await;
        };
        loop {
            watcher.ticks.tick().await;
            let now = content_of(&watcher.file).await;
            if watcher.settling.look(now) {
                return;
            }
        }
    }

    /// Reads what was asked for by somebody else: it need not be read again for its being new.
    pub(super) async fn load(&mut self) -> Result<Config, Problems> {
        if let Some(watcher) = &mut self.watcher {
            // Before it is read: what is written meanwhile is found at the next look.
            let now = content_of(&watcher.file).await;
            watcher.settling.reads(now);
        }
        let load = self.load.clone();
        file::unblocked(move || load()).await
    }

    /// Reads what [`ConfigSource::changed`] found; `None` where the file has changed since, and is looked at again.
    pub(super) async fn load_changed(&mut self) -> Option<Result<Config, Problems>> {
        let watcher = self.watcher.as_mut()?;
        let found = watcher.settling.last;
        let load = self.load.clone();
        let loaded = file::unblocked(move || load()).await;
        let now = content_of(&watcher.file).await;
        if now != found {
            watcher.settling.look(now);
            return None;
        }
        watcher.settling.reads(found);
        Some(loaded)
    }
}

async fn content_of(file: &Path) -> Content {
    let file = file.to_path_buf();
    file::unblocked(move || Content::of(read(&file))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At which looks the file is read, where a letter is what it holds at a look and `-` that it cannot be read.
    fn reads(looks: &str) -> String {
        let content = |look: char| match look {
            '-' => Content::None,
            letter => Content::Sum([u8::try_from(letter).unwrap(); 32]),
        };
        let mut looks = looks.chars();
        let first = content(looks.next().unwrap());
        let mut settling = Settling {
            read: first,
            last: first,
        };
        let read = looks.map(|look| {
            let is_read = settling.look(content(look));
            if is_read {
                settling.reads(content(look));
            }
            if is_read { '!' } else { '.' }
        });
        read.collect()
    }

    #[tokio::test]
    async fn what_changes_while_it_is_read_is_not_taken_and_read_again() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_path_buf();
        let write = |text: &str| std::fs::write(&path, text).unwrap();
        write("first");
        let wanted = AutoReload::new(&path, Duration::from_millis(1)).unwrap();
        let written = path.clone();
        let load: Load = Arc::new(move || {
            std::fs::write(&written, "whole").unwrap();
            Err(Problems::new(Vec::new()))
        });
        let mut source = ConfigSource::new(load, Some(wanted));
        write("half");
        source.changed().await;
        assert!(source.load_changed().await.is_none());
        source.changed().await;
        assert!(source.load_changed().await.is_some());
        let again = tokio::time::timeout(Duration::from_millis(50), source.changed());
        assert!(again.await.is_err(), "it is read once");
    }

    #[test]
    fn what_is_found_twice_in_a_row_and_was_not_read_last_is_read_once() {
        for (looks, expected) in [
            ("aaaa", "..."),
            ("abbbb", ".!.."),
            // It is being written: each look finds more.
            ("abcdd", "...!"),
            ("ababab", "....."),
            ("abaaa", "...."),
            // A bad one is not read again, and what was before it is.
            ("abbbaaa", ".!..!."),
            // Not there for a moment, as where links are swapped one after the other.
            ("a-aaa", "...."),
            ("a-bbb", "..!."),
            ("a---a", ".!.."),
            ("a---aa", ".!..!"),
        ] {
            assert_eq!(reads(looks), expected, "{looks}");
        }
    }
}
