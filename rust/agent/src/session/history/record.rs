//! One thing that the history keeps.

use std::sync::Arc;

use portlog_model::{
    Alert, Category, Coverage, EventKind, Firmware, GapReason, Heartbeat, Level, ListInfo, Moment,
    NotedReason, Observed, Owner, PackagesInfo, PracticeLink, Started, Stopped, WallTime,
};
use serde::{Deserialize, Serialize};

use super::form;
use crate::session::ToldKind;

/// One thing that is kept, with its number.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Record {
    /// Its number, from 1; a line with the same number takes its place.
    #[serde(rename = "n")]
    pub(crate) sequence: u64,
    /// When.
    #[serde(rename = "t")]
    pub(crate) at: WallTime,
    /// The run that it was recorded in: connections have a number within a run. 0 for what was read
    /// back.
    #[serde(skip)]
    pub(crate) run: u32,
    /// What.
    #[serde(rename = "w")]
    pub(crate) what: What,
}

/// What happened, as it is kept.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    /// The watch began.
    Started(#[serde(with = "form::StartedForm")] Started),
    /// The watch ended.
    Stopped(#[serde(with = "form::StoppedForm")] Stopped),
    /// A match or possible match.
    Alert(#[serde(with = "form::alert")] Arc<Alert>),
    /// Something noted, and why.
    Noted(
        #[serde(with = "form::alert")] Arc<Alert>,
        #[serde(with = "form::NotedReasonForm")] NotedReason,
    ),
    /// What can be looked at changed.
    Coverage(#[serde(with = "form::CoverageForm")] Coverage),
    /// A list came into force.
    List(#[serde(with = "form::ListInfoForm")] ListInfo),
    /// A package list came into force.
    Packages(#[serde(with = "form::PackagesInfoForm")] PackagesInfo),
    /// The clock jumped.
    Clock {
        /// What it said before.
        before: Moment,
        /// By how much.
        jump_millis: i64,
    },
    /// A setting changed, or was not saved.
    Config {
        /// The setting.
        name: Arc<str>,
        /// Its value.
        value: Arc<str>,
    },
    /// Events were lost.
    Drop {
        /// How many.
        events: u64,
    },
    /// Nobody looked for a while.
    Gap {
        /// From when.
        from: Option<Moment>,
        /// Why.
        #[serde(with = "form::GapReasonForm")]
        reason: GapReason,
        /// What the system said of a death.
        #[serde(default)]
        note: Option<DeathNote>,
    },
    /// The watch's time within one hour.
    Hour(#[serde(with = "form::HeartbeatForm")] Heartbeat),
    /// Connections of one owner with one peer within one hour.
    Traffic(Traffic),
    /// What was noted in a day.
    Summary(Summary),
    /// A practice alert went well, or failed at a link.
    Practice {
        /// The link.
        #[serde(with = "link")]
        failed: Option<PracticeLink>,
    },
    /// The phone was started, and the watch was not.
    StartMissed,
    /// Who or what started the watch.
    StartedBy(Arc<str>),
}

/// What the system said of a death, and when it was.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct DeathNote {
    /// When.
    pub(crate) at: WallTime,
    /// In the system's words.
    pub(crate) detail: Arc<str>,
}

/// Connections of one owner with one peer within one hour.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Traffic {
    /// The first of them.
    #[serde(with = "form::observed")]
    pub(crate) opened: Arc<Observed>,
    /// The last good look before it opened.
    pub(crate) after: Option<Moment>,
    /// The look that showed it.
    pub(crate) by: Moment,
    /// When the latest of them was seen to open.
    pub(crate) last: WallTime,
    /// How many.
    pub(crate) count: u64,
    /// The strongest that a list said of any of them.
    pub(crate) level: Option<Level>,
}

/// What was noted in a day.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Summary {
    /// Entries of lists that are only noted.
    pub(crate) entries: u64,
    /// Destinations seen for the first time.
    pub(crate) destinations: u64,
    /// Listeners seen for the first time.
    pub(crate) listeners: u64,
    /// Times that bytes moved without a connection.
    pub(crate) bytes_alone: u64,
    /// Some of the owners in question.
    #[serde(with = "form::owners")]
    pub(crate) owners: Vec<Arc<Owner>>,
}

/// What goes first when there is too much.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Class {
    /// Connections of apps that the user installed.
    Apps,
    /// Connections of everybody else.
    Traffic,
    /// Hours and what is only noted.
    Ordinary,
    /// Alerts, gaps, deaths, beginnings, ends, coverage: what must not be pushed out.
    Finding,
}

impl Class {
    /// Every class, in the order in which they lose records.
    pub(crate) const ALL: [Self; 4] = [Self::Apps, Self::Traffic, Self::Ordinary, Self::Finding];
}

impl What {
    /// Whether it is what a start of the watch found out: the next one would not find it again.
    pub(crate) const fn is_of_a_start(&self) -> bool {
        matches!(
            self,
            Self::StartMissed
                | Self::StartedBy(_)
                | Self::Gap {
                    reason: GapReason::NotRunning | GapReason::Died(_),
                    ..
                }
        )
    }
}

impl Record {
    /// What sort of thing it is.
    pub(crate) const fn kind(&self) -> ToldKind {
        match self.what {
            What::Started(_) => ToldKind::Started,
            What::Stopped(_) => ToldKind::Stopped,
            What::Alert(_) => ToldKind::Alert,
            What::Noted(..) => ToldKind::Noted,
            What::Coverage(_) => ToldKind::Coverage,
            What::List(_) => ToldKind::List,
            What::Packages(_) => ToldKind::Packages,
            What::Clock { .. } => ToldKind::Clock,
            What::Config { .. } => ToldKind::Config,
            What::Drop { .. } => ToldKind::Drop,
            What::Gap { .. } => ToldKind::Gap,
            What::Hour(_) => ToldKind::Heartbeat,
            What::Traffic(_) => ToldKind::Opened,
            What::Summary(_) => ToldKind::NotedSummary,
            What::Practice { .. } => ToldKind::Practice,
            What::StartMissed | What::StartedBy(_) => ToldKind::System,
        }
    }

    /// Its class.
    pub(crate) fn class(&self) -> Class {
        match &self.what {
            What::Traffic(traffic) if traffic.opened.owner.firmware == Firmware::No => Class::Apps,
            What::Traffic(_) => Class::Traffic,
            What::Hour(_) | What::Noted(..) | What::Summary(_) => Class::Ordinary,
            _ => Class::Finding,
        }
    }

    /// Whose it is, where it is somebody's.
    pub(crate) fn owner(&self) -> Option<&Arc<Owner>> {
        match &self.what {
            What::Alert(alert) | What::Noted(alert, _) => Some(&alert.owner),
            What::Traffic(traffic) => Some(&traffic.opened.owner),
            _ => None,
        }
    }

    /// The alert that it tells of, noted ones included.
    pub(crate) const fn alert(&self) -> Option<&Arc<Alert>> {
        match &self.what {
            What::Alert(alert) | What::Noted(alert, _) => Some(alert),
            _ => None,
        }
    }

    /// The same as an event of the engine, where it is one.
    pub(crate) fn event(&self) -> Option<EventKind> {
        Some(match &self.what {
            What::Started(started) => EventKind::Started(started.clone()),
            What::Stopped(stopped) => EventKind::Stopped(stopped.clone()),
            What::Alert(alert) => EventKind::Alert(Arc::clone(alert)),
            What::Noted(alert, reason) => EventKind::Noted(Arc::clone(alert), *reason),
            What::Coverage(coverage) => EventKind::Coverage(coverage.clone()),
            What::List(list) => EventKind::List(list.clone()),
            What::Packages(packages) => EventKind::Packages(packages.clone()),
            What::Clock {
                before,
                jump_millis,
            } => EventKind::Clock {
                before: *before,
                jump_millis: *jump_millis,
            },
            What::Config { name, value } => EventKind::Config {
                name: Arc::clone(name),
                value: Arc::clone(value),
            },
            What::Drop { events } => EventKind::Drop { events: *events },
            What::Gap { from, reason, .. } => EventKind::Gap {
                from: *from,
                reason: reason.clone(),
            },
            What::Hour(heartbeat) => EventKind::Heartbeat(*heartbeat),
            What::Traffic(traffic) => EventKind::Opened {
                observed: Arc::clone(&traffic.opened),
                after: traffic.after,
                by: traffic.by,
            },
            What::Summary(_) | What::Practice { .. } | What::StartMissed | What::StartedBy(_) => {
                return None;
            }
        })
    }
}

/// The strongest that lists say of a connection.
pub(crate) fn level_of(observed: &Observed) -> Option<Level> {
    observed.matches.iter().map(|matched| matched.level).max()
}

/// Whether a list that may alert speaks of a connection.
pub(crate) fn is_alerting(observed: &Observed) -> bool {
    observed
        .matches
        .iter()
        .any(|matched| Category::may_alert(matched.hit.category))
}

/// A link by its word.
mod link {
    use portlog_model::PracticeLink;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde gives references"
    )]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<PracticeLink>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(PracticeLink::as_str).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<PracticeLink>, D::Error> {
        let Some(word) = Option::<String>::deserialize(from)? else {
            return Ok(None);
        };
        PracticeLink::ALL
            .into_iter()
            .find(|link| link.as_str() == word)
            .map(Some)
            .ok_or_else(|| de::Error::custom("no link of a practice alert"))
    }
}
