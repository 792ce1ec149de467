//! The chain that a practice alert runs through, link by link.
//!
//! The connection is real and so is everything it runs through; only what becomes of it is written
//! down apart. The links up to the alert are seen by the poll thread, the last two by the front end
//! and the user.

use std::time::Duration;

use portlog_blocklist::{List, ListSet};
use portlog_model::{
    Category, Connection, Coverage, CoverageStatus, EventKind, LinkState, Moment, Observed,
    OwnerKind, OwnerReason, PracticeLink, Remark, Sentence, Uid, WallTime, WatchState,
};

use super::render::{Voice, join};
use super::views::{self, PracticeLinkLine, PracticeReport};

/// What the practice list is called.
const LIST: &str = "Portlog practice";
/// Looks that may miss the row.
const LOOKS: u64 = 3;
/// How long they may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A practice alert that nobody answers is over after so long.
const ANSWER: Duration = Duration::from_mins(15);

/// The list that speaks of the practice connection, with one entry.
pub(crate) fn lists() -> ListSet {
    let parsed = List::parse(LIST, Some(Category::Own), None, b"127.0.0.1\n");
    ListSet::new(parsed.map(|parsed| parsed.list).into_iter().collect())
}

/// Practice alerts: the latest, and when one last passed.
#[derive(Debug)]
pub(crate) struct Chain {
    latest: Option<Rehearsal>,
    last_passed: Option<WallTime>,
    own: Uid,
}

/// One practice alert.
#[derive(Debug)]
struct Rehearsal {
    began: Moment,
    /// Looks since the connection was opened; `None` before that.
    looks: Option<u64>,
    looked_for: Duration,
    links: [LinkState; PracticeLink::ALL.len()],
    why: Option<Why>,
    over: bool,
}

/// Why a link failed, where there is more to say than that it did.
#[derive(Debug)]
enum Why {
    Stopped,
    Unopened(String),
    Unread(Coverage),
    NotSeen {
        looks: u64,
        within: Duration,
        coverage: Option<Coverage>,
    },
    Owner(OwnerReason),
}

/// What a step brought.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct News {
    /// Links that passed or failed, in order.
    pub(crate) links: Vec<(PracticeLink, LinkState)>,
    /// That it ended: well, or at which link.
    pub(crate) ended: Option<Ending>,
}

/// How a practice alert ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    /// Every link held.
    Passed,
    /// This one did not.
    FailedAt(PracticeLink),
}

impl Chain {
    /// None yet, but one that passed in an earlier run.
    pub(crate) const fn new(last_passed: Option<WallTime>, own: Uid) -> Self {
        Self {
            latest: None,
            last_passed,
            own,
        }
    }

    /// When one last passed as a whole.
    pub(crate) const fn last_passed(&self) -> Option<WallTime> {
        self.last_passed
    }

    /// Whether one is under way at `now`.
    pub(crate) fn is_running(&self, now: Moment) -> bool {
        self.latest
            .as_ref()
            .is_some_and(|latest| !latest.over && now.since(latest.began) < ANSWER)
    }

    /// Whether its connection is needed no more.
    pub(crate) fn needs_no_connection(&self) -> bool {
        self.latest.as_ref().is_none_or(|latest| latest.over)
    }

    /// Another one begins.
    pub(crate) fn begin(&mut self, now: Moment) {
        self.latest = Some(Rehearsal {
            began: now,
            looks: None,
            looked_for: Duration::ZERO,
            links: [LinkState::Pending; PracticeLink::ALL.len()],
            why: None,
            over: false,
        });
    }

    /// The connection was opened, or the system refused.
    pub(crate) fn opened(&mut self, opened: Result<(), String>) -> News {
        let mut news = News::default();
        if let Some(latest) = self.under_way() {
            match opened {
                Ok(()) => latest.looks = Some(0),
                Err(error) => {
                    latest.fail(PracticeLink::Row, Some(Why::Unopened(error)), &mut news);
                }
            }
        }
        news
    }

    /// The watch ended, or never ran.
    pub(crate) fn stopped(&mut self) -> News {
        let mut news = News::default();
        if let Some(latest) = self.under_way()
            && let Some(link) = latest.waiting()
            && link <= PracticeLink::Alert
        {
            latest.fail(link, Some(Why::Stopped), &mut news);
        }
        news
    }

    /// Something happened to a practice connection.
    pub(crate) fn take(&mut self, kind: &EventKind) -> News {
        let own = self.own;
        let mut news = News::default();
        let Some(latest) = self.under_way() else {
            return news;
        };
        match kind {
            EventKind::Opened { observed, .. } | EventKind::Changed { observed, .. }
                if observed.connection.practice =>
            {
                latest.see(observed, own, &mut news);
            }
            EventKind::Alert(alert) => {
                let is_practice = |connection: &Connection| connection.practice;
                if alert
                    .observed
                    .as_ref()
                    .is_some_and(|observed| is_practice(&observed.connection))
                {
                    latest.pass(PracticeLink::Alert, &mut news);
                }
            }
            _ => {}
        }
        news
    }

    /// The tables were looked at, and events of that look were taken. `coverage` is what could be
    /// read of the table in which the connection must stand.
    pub(crate) fn looked(&mut self, now: Moment, coverage: Option<&Coverage>) -> News {
        let mut news = News::default();
        let Some(latest) = self.under_way() else {
            return news;
        };
        latest.looked_for = now.since(latest.began);
        let Some(looks) = &mut latest.looks else {
            return news;
        };
        *looks += 1;
        let looks = *looks;
        let Some(link) = latest.waiting().filter(|link| *link <= PracticeLink::Alert) else {
            return news;
        };
        let unread = coverage.filter(|coverage| {
            matches!(
                coverage.status,
                CoverageStatus::Denied | CoverageStatus::Absent
            )
        });
        if link == PracticeLink::Row
            && let Some(coverage) = unread
        {
            latest.fail(link, Some(Why::Unread(coverage.clone())), &mut news);
        } else if looks >= LOOKS || latest.looked_for >= PATIENCE {
            let why = (link == PracticeLink::Row).then(|| Why::NotSeen {
                looks,
                within: latest.looked_for,
                coverage: coverage.cloned(),
            });
            latest.fail(link, why, &mut news);
        }
        news
    }

    /// Time went by without a look.
    pub(crate) fn pass_time(&mut self, now: Moment) -> News {
        let mut news = News::default();
        if let Some(latest) = self.under_way() {
            let within = now.since(latest.began);
            if latest.waiting() == Some(PracticeLink::Row) && within >= PATIENCE {
                let looks = latest.looks.unwrap_or(0);
                let why = Why::NotSeen {
                    looks,
                    within,
                    coverage: None,
                };
                latest.fail(PracticeLink::Row, Some(why), &mut news);
            }
        }
        news
    }

    /// The front end says whether `link`, one of its own, held. Out of turn it counts for nothing, but
    /// for the user's answer: its button stands in the notification, which then was shown.
    pub(crate) fn answer(&mut self, link: PracticeLink, held: bool, now: Moment) -> News {
        let mut news = News::default();
        let Some(latest) = self.under_way() else {
            return news;
        };
        if link == PracticeLink::SeenAndHeard
            && latest.waiting() == Some(PracticeLink::Notification)
        {
            latest.pass(PracticeLink::Notification, &mut news);
        }
        if latest.waiting() != Some(link) {
            return news;
        }
        if held {
            latest.pass(link, &mut news);
        } else {
            latest.fail(link, None, &mut news);
        }
        if !latest.over && latest.waiting().is_none() {
            latest.over = true;
            self.last_passed = Some(now.wall);
            news.ended = Some(Ending::Passed);
        }
        news
    }

    /// How it is going.
    pub(crate) fn report(&self, voice: Voice, now: Moment) -> PracticeReport {
        let links = PracticeLink::ALL
            .into_iter()
            .enumerate()
            .map(|(index, link)| {
                let latest = self.latest.as_ref();
                let state = latest
                    .and_then(|latest| latest.links.get(index).copied())
                    .unwrap_or(LinkState::Pending);
                let mut text = voice.say(&Sentence::Practice(link, state));
                if state == LinkState::Failed
                    && let Some(why) = latest.and_then(|latest| latest.why.as_ref())
                {
                    text = join(text, &why.say(voice));
                }
                PracticeLinkLine {
                    state: view(state),
                    text,
                }
            })
            .collect();
        PracticeReport {
            running: self.is_running(now),
            links,
            last_passed: self.last_passed.map(WallTime::as_millis),
        }
    }

    fn under_way(&mut self) -> Option<&mut Rehearsal> {
        self.latest.as_mut().filter(|latest| !latest.over)
    }
}

impl Rehearsal {
    /// The first link that was not reached.
    fn waiting(&self) -> Option<PracticeLink> {
        PracticeLink::ALL
            .into_iter()
            .zip(self.links)
            .find(|(_, state)| *state == LinkState::Pending)
            .map(|(link, _)| link)
    }

    fn see(&mut self, observed: &Observed, own: Uid, news: &mut News) {
        self.pass(PracticeLink::Row, news);
        let owner = &observed.owner;
        let is_named = !matches!(owner.kind, OwnerKind::Unknown | OwnerKind::Removed);
        if observed.connection.uid == Some(own) && is_named {
            self.pass(PracticeLink::Owner, news);
        } else if self.waiting() == Some(PracticeLink::Owner) {
            let why = Why::Owner(owner.why.clone());
            return self.fail(PracticeLink::Owner, Some(why), news);
        }
        if observed
            .matches
            .iter()
            .any(|matched| &*matched.hit.list == LIST)
        {
            self.pass(PracticeLink::List, news);
        }
    }

    /// `link` held, if its turn has come.
    fn pass(&mut self, link: PracticeLink, news: &mut News) {
        if self.waiting() == Some(link) {
            self.set(link, LinkState::Passed, news);
        }
    }

    fn fail(&mut self, link: PracticeLink, why: Option<Why>, news: &mut News) {
        self.set(link, LinkState::Failed, news);
        self.why = why;
        self.over = true;
        news.ended = Some(Ending::FailedAt(link));
    }

    fn set(&mut self, link: PracticeLink, state: LinkState, news: &mut News) {
        let links = PracticeLink::ALL.into_iter().zip(&mut self.links);
        for (_, held) in links.filter(|(other, _)| *other == link) {
            *held = state;
        }
        news.links.push((link, state));
    }
}

impl Why {
    fn say(&self, voice: Voice) -> String {
        let of = |coverage: &Coverage| {
            let sentence = voice.say(&Sentence::CoverageOf(coverage, voice.platform));
            format!("{sentence}.")
        };
        match self {
            Self::Stopped => voice.say(&Sentence::State(WatchState::Stopped)),
            Self::Unopened(error) => voice.remark(Remark::PracticeUnopened(error)),
            Self::Unread(coverage) => of(coverage),
            Self::NotSeen {
                looks,
                within,
                coverage,
            } => join(
                voice.remark(Remark::LookedFor {
                    looks: *looks,
                    within: *within,
                }),
                &coverage.as_ref().map_or_else(String::new, of),
            ),
            Self::Owner(reason) => voice.say(&Sentence::OwnerReason(reason)),
        }
    }
}

const fn view(state: LinkState) -> views::LinkState {
    match state {
        LinkState::Pending => views::LinkState::Waiting,
        LinkState::Passed => views::LinkState::Passed,
        LinkState::Failed => views::LinkState::Failed,
    }
}
