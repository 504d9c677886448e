//! What is remembered of a link and of its tasks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    DAY, HOUR, Moment, Tick,
    history::{History, named},
    lost::{Look, Lost},
};
use crate::model::{LinkName, LinkState, ObservedLink, ObservedTask, TaskName, TaskState};

/// What is remembered of a link: one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkMemory {
    #[serde(deserialize_with = "named")]
    name: LinkName,
    /// `None`: it is shown now.
    lost: Option<Lost>,
    /// `None` where it never had a state.
    history: Option<History<LinkState>>,
    tasks: Vec<TaskMemory>,
    /// Whether its tasks were named when it was shown last.
    #[serde(default)]
    names_tasks: bool,
    /// When they were last named, unless they are now.
    #[serde(default)]
    named_until: Option<Moment>,
}

/// What is remembered of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskMemory {
    #[serde(deserialize_with = "named")]
    name: TaskName,
    history: History<TaskState>,
    /// When it was last shown as ACTIVE, unless it is so now.
    active_until: Option<Moment>,
}

impl LinkMemory {
    pub(super) fn first(observed: &ObservedLink) -> Self {
        let state = observed.link.link_state.as_ref();
        Self {
            name: observed.link.link_name.clone(),
            lost: None,
            history: state.map(|state| History::first(state, observed.state_transitions)),
            tasks: observed.tasks.iter().map(TaskMemory::first).collect(),
            names_tasks: !observed.tasks_unknown(),
            named_until: None,
        }
    }

    pub(in crate::alert) fn name(&self) -> &LinkName {
        &self.name
    }

    pub(in crate::alert) fn history(&self) -> Option<&History<LinkState>> {
        self.history.as_ref()
    }

    pub(in crate::alert) fn tasks(&self) -> &[TaskMemory] {
        &self.tasks
    }

    /// `None` while it is shown.
    pub(in crate::alert) fn lost(&self) -> Option<Lost> {
        self.lost
    }

    /// Takes what is shown now; says whether it is anything new.
    pub(super) fn observe(&mut self, observed: &ObservedLink, look: Look) -> bool {
        let mut new = self.lost.take().is_some();
        new |= match (&mut self.history, &observed.link.link_state) {
            (Some(history), Some(state)) => {
                history.observe(state, observed.state_transitions, look.tick)
            }
            (Some(history), None) => history.lose(look),
            (unknown @ None, Some(state)) => {
                *unknown = Some(History::first(state, observed.state_transitions));
                true
            }
            (None, None) => false,
        };
        let names_tasks = !observed.tasks_unknown();
        if self.names_tasks && !names_tasks {
            self.named_until = Some(look.tick.before);
        }
        new |= self.names_tasks != names_tasks;
        self.names_tasks = names_tasks;
        // Only an answer that names tasks can leave one out.
        let look = Look {
            is_answer: names_tasks,
            ..look
        };
        new | self.observe_tasks(&observed.tasks, look)
    }

    /// Whether the server names none of its tasks, and did so within the window; by what was shown last.
    pub(in crate::alert) fn stopped_naming_tasks(&self, window: Duration, now: Moment) -> bool {
        let was_named = |until: Moment| until.is_within(window, now);
        !self.names_tasks && self.named_until.is_some_and(was_named)
    }

    fn observe_tasks(&mut self, observed: &[ObservedTask], look: Look) -> bool {
        let mut new = false;
        // Nearly always a task stands where it stood before.
        let is_it =
            |memory: &TaskMemory, observed: &ObservedTask| memory.name == observed.task.task_name;
        for (place, task) in observed.iter().enumerate() {
            let known = match self.tasks.get(place) {
                Some(memory) if is_it(memory, task) => Some(place),
                _ => self.tasks.iter().position(|memory| is_it(memory, task)),
            };
            if let Some(known) = known {
                new |= self.tasks[known].observe(task, look.tick);
            } else {
                self.tasks.push(TaskMemory::first(task));
                new = true;
            }
        }
        if self.tasks.len() > observed.len() {
            for memory in &mut self.tasks {
                if !observed.iter().any(|task| is_it(memory, task)) {
                    new |= memory.lose(look);
                }
            }
            new |= self.forget_tasks(look.tick.now);
        }
        new
    }

    /// It is not shown now; says whether that is anything new.
    pub(super) fn lose(&mut self, look: Look) -> bool {
        let mut new = Lost::note(&mut self.lost, look);
        new |= self
            .history
            .as_mut()
            .is_some_and(|history| history.lose(look));
        let look = Look {
            is_answer: false,
            ..look
        };
        for task in &mut self.tasks {
            new |= task.lose(look);
        }
        new | self.forget_tasks(look.tick.now)
    }

    fn forget_tasks(&mut self, now: Moment) -> bool {
        let before = self.tasks.len();
        self.tasks.retain(|task| !task.is_forgotten(now));
        self.tasks.len() < before
    }

    /// Whether no rule can ask for it any more.
    pub(super) fn is_forgotten(&self, now: Moment) -> bool {
        let shown = self.lost.is_none_or(|lost| lost.is_within(HOUR, now));
        self.tasks.is_empty() && !shown
    }
}

impl TaskMemory {
    fn first(observed: &ObservedTask) -> Self {
        Self {
            name: observed.task.task_name.clone(),
            history: History::first(&observed.task.state, observed.state_transitions),
            active_until: None,
        }
    }

    pub(in crate::alert) fn name(&self) -> &TaskName {
        &self.name
    }

    pub(in crate::alert) fn history(&self) -> &History<TaskState> {
        &self.history
    }

    /// Whether it was named within the window, and the server names other tasks since then and not this one.
    pub(in crate::alert) fn disappeared(&self, window: Duration, now: Moment) -> bool {
        let lost = self.history.lost();
        lost.is_some_and(|lost| lost.is_gone() && lost.is_within(window, now))
    }

    /// Whether it was shown as ACTIVE within the window, at most a day.
    pub(in crate::alert) fn was_active(&self, window: Duration, now: Moment) -> bool {
        self.history.shown() == Some(&TaskState::Active)
            || self
                .active_until
                .is_some_and(|until| until.is_within(window, now))
    }

    fn observe(&mut self, observed: &ObservedTask, tick: Tick) -> bool {
        if observed.task.state != TaskState::Active {
            self.end_activity(tick);
        }
        self.history
            .observe(&observed.task.state, observed.state_transitions, tick)
    }

    fn lose(&mut self, look: Look) -> bool {
        self.end_activity(look.tick);
        self.history.lose(look)
    }

    fn end_activity(&mut self, tick: Tick) {
        if self.history.shown() == Some(&TaskState::Active) {
            self.active_until = Some(tick.before);
        }
    }

    fn is_forgotten(&self, now: Moment) -> bool {
        !self.history.was_shown(HOUR, now) && !self.was_active(DAY, now)
    }
}
