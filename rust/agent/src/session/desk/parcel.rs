//! What is on its way to the front end, and where a run stands.

use std::sync::Arc;

use portlog_model::{EventKind, LinkState, Moment, PracticeLink, Remark, WatchState};

use crate::queue::Item;
use crate::session::SessionState;
use crate::session::history::Record;

/// Where the run stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Phase {
    Stopped,
    Starting,
    Watching,
    Denied,
    /// It ended by itself, and why.
    Failed(Arc<str>),
}

/// What went wrong with what is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Trouble {
    HistoryNewer,
    HistorySetAside,
    HistoryUnwritten(Arc<str>),
    HistoryBadLines(u64),
    StateSetAside,
    ShelfSetAside,
}

/// Something on its way to the front end.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) at: Moment,
    pub(crate) sequence: u64,
    pub(crate) run: u32,
    pub(crate) what: Content,
}

/// What is in it.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Event(EventKind),
    Record(Arc<Record>),
    Trouble(Trouble),
    Link(PracticeLink, LinkState),
}

impl Item for Parcel {
    fn at(&self) -> Moment {
        self.at
    }

    fn is_expendable(&self) -> bool {
        matches!(
            self.what,
            Content::Event(
                EventKind::Opened { .. } | EventKind::Changed { .. } | EventKind::Closed { .. }
            )
        )
    }

    fn lost(at: Moment, events: u64) -> Self {
        Self {
            at,
            sequence: 0,
            run: 0,
            what: Content::Event(EventKind::Drop { events }),
        }
    }
}

impl Phase {
    /// The same for sentences, on an Android that refuses every app the tables or another.
    pub(crate) const fn watch_state(&self, refuses_apps: bool) -> WatchState {
        match self {
            Self::Stopped | Self::Failed(_) => WatchState::Stopped,
            Self::Starting => WatchState::Starting,
            Self::Watching => WatchState::Running,
            Self::Denied if refuses_apps => WatchState::Blind,
            Self::Denied => WatchState::Denied,
        }
    }

    /// The same for a view.
    pub(crate) const fn view(&self) -> SessionState {
        match self {
            Self::Stopped => SessionState::Stopped,
            Self::Starting => SessionState::Starting,
            Self::Watching => SessionState::Watching,
            Self::Denied => SessionState::Denied,
            Self::Failed(_) => SessionState::Failed,
        }
    }

    /// Whether a run is on.
    pub(crate) const fn is_on(&self) -> bool {
        matches!(self, Self::Starting | Self::Watching | Self::Denied)
    }
}

impl Trouble {
    /// In words.
    pub(crate) fn remark(&self) -> Remark<'_> {
        match self {
            Self::HistoryNewer => Remark::HistoryNewer,
            Self::HistorySetAside => Remark::HistorySetAside,
            Self::HistoryUnwritten(error) => Remark::HistoryUnwritten(error),
            Self::HistoryBadLines(lines) => Remark::HistoryBadLines(*lines),
            Self::StateSetAside => Remark::StateSetAside,
            Self::ShelfSetAside => Remark::ShelfSetAside,
        }
    }
}
