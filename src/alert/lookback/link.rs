//! The look-back of a link and of its tasks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    absence::{Absence, Observation},
    history::{History, named},
    window::{DAY, HOUR},
};
use crate::{
    alert::clock::{EngineClock, EngineInstant},
    model::{LinkName, LinkState, ObservedLink, ObservedTask, TaskName, TaskState},
};

/// The look-back of a link: one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkLookback {
    #[serde(deserialize_with = "named")]
    name: LinkName,
    /// `None`: it is shown now.
    #[serde(rename = "lost")]
    absence: Option<Absence>,
    /// `None` where it never had a state.
    history: Option<History<LinkState>>,
    tasks: Vec<TaskLookback>,
    /// Whether its tasks were named when it was shown last.
    #[serde(default)]
    names_tasks: bool,
    /// When they were last named, unless they are now.
    #[serde(default)]
    named_until: Option<EngineInstant>,
}

/// The look-back of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskLookback {
    #[serde(deserialize_with = "named")]
    name: TaskName,
    history: History<TaskState>,
    /// When it was last shown as ACTIVE, unless it is so now.
    active_until: Option<EngineInstant>,
}

impl LinkLookback {
    pub(super) fn first(observed: &ObservedLink) -> Self {
        let state = observed.link_state.as_ref();
        Self {
            name: observed.link_name.clone(),
            absence: None,
            history: state.map(|state| History::first(state, observed.state_transitions)),
            tasks: observed
                .named_tasks()
                .iter()
                .map(TaskLookback::first)
                .collect(),
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

    pub(in crate::alert) fn tasks(&self) -> &[TaskLookback] {
        &self.tasks
    }

    /// `None` while it is shown.
    pub(in crate::alert) fn absence(&self) -> Option<Absence> {
        self.absence
    }

    /// Takes what is shown now; says whether it is anything new.
    pub(super) fn observe(&mut self, observed: &ObservedLink, observation: Observation) -> bool {
        let mut new = self.absence.take().is_some();
        new |= match (&mut self.history, &observed.link_state) {
            (Some(history), Some(state)) => {
                history.observe(state, observed.state_transitions, observation.clock)
            }
            (Some(history), None) => history.lose(observation),
            (unknown @ None, Some(state)) => {
                *unknown = Some(History::first(state, observed.state_transitions));
                true
            }
            (None, None) => false,
        };
        let names_tasks = !observed.tasks_unknown();
        if self.names_tasks && !names_tasks {
            self.named_until = Some(observation.clock.before);
        }
        new |= self.names_tasks != names_tasks;
        self.names_tasks = names_tasks;
        // Only an answer that names tasks can leave one out.
        let observation = Observation {
            is_answer: names_tasks,
            ..observation
        };
        new | self.observe_tasks(observed.named_tasks(), observation)
    }

    /// Whether the server names none of its tasks, and did so within the window; by what was shown last.
    pub(in crate::alert) fn stopped_naming_tasks(
        &self,
        window: Duration,
        now: EngineInstant,
    ) -> bool {
        let was_named = |until: EngineInstant| until.is_within(window, now);
        !self.names_tasks && self.named_until.is_some_and(was_named)
    }

    fn observe_tasks(&mut self, observed: &[ObservedTask], observation: Observation) -> bool {
        let mut new = false;
        // Nearly always a task has the place that it had before.
        let has_name =
            |lookback: &TaskLookback, observed: &ObservedTask| lookback.name == observed.task_name;
        for (place, task) in observed.iter().enumerate() {
            let known = match self.tasks.get(place) {
                Some(lookback) if has_name(lookback, task) => Some(place),
                _ => self
                    .tasks
                    .iter()
                    .position(|lookback| has_name(lookback, task)),
            };
            if let Some(known) = known {
                new |= self.tasks[known].observe(task, observation.clock);
            } else {
                self.tasks.push(TaskLookback::first(task));
                new = true;
            }
        }
        if self.tasks.len() > observed.len() {
            for lookback in &mut self.tasks {
                if !observed.iter().any(|task| has_name(lookback, task)) {
                    new |= lookback.lose(observation);
                }
            }
            new |= self.forget_tasks(observation.clock.now);
        }
        new
    }

    /// It is not shown now; says whether that is anything new.
    pub(super) fn lose(&mut self, observation: Observation) -> bool {
        let mut new = Absence::note(&mut self.absence, observation);
        new |= self
            .history
            .as_mut()
            .is_some_and(|history| history.lose(observation));
        let observation = Observation {
            is_answer: false,
            ..observation
        };
        for task in &mut self.tasks {
            new |= task.lose(observation);
        }
        new | self.forget_tasks(observation.clock.now)
    }

    fn forget_tasks(&mut self, now: EngineInstant) -> bool {
        let before = self.tasks.len();
        self.tasks.retain(|task| !task.is_forgotten(now));
        self.tasks.len() < before
    }

    /// Whether no rule can ask for it any more.
    pub(super) fn is_forgotten(&self, now: EngineInstant) -> bool {
        let shown = self
            .absence
            .is_none_or(|absence| absence.is_within(HOUR, now));
        self.tasks.is_empty() && !shown
    }
}

impl TaskLookback {
    fn first(observed: &ObservedTask) -> Self {
        Self {
            name: observed.task_name.clone(),
            history: History::first(&observed.state, observed.state_transitions),
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
    pub(in crate::alert) fn disappeared(&self, window: Duration, now: EngineInstant) -> bool {
        let absence = self.history.absence();
        absence.is_some_and(|absence| absence.is_gone() && absence.is_within(window, now))
    }

    /// Whether it was shown as ACTIVE within the window, at most a day.
    pub(in crate::alert) fn was_active(&self, window: Duration, now: EngineInstant) -> bool {
        self.history.shown() == Some(&TaskState::Active)
            || self
                .active_until
                .is_some_and(|until| until.is_within(window, now))
    }

    fn observe(&mut self, observed: &ObservedTask, clock: EngineClock) -> bool {
        if observed.state != TaskState::Active {
            self.end_activity(clock);
        }
        self.history
            .observe(&observed.state, observed.state_transitions, clock)
    }

    fn lose(&mut self, observation: Observation) -> bool {
        self.end_activity(observation.clock);
        self.history.lose(observation)
    }

    fn end_activity(&mut self, clock: EngineClock) {
        if self.history.shown() == Some(&TaskState::Active) {
            self.active_until = Some(clock.before);
        }
    }

    fn is_forgotten(&self, now: EngineInstant) -> bool {
        !self.history.was_shown(HOUR, now) && !self.was_active(DAY, now)
    }
}
