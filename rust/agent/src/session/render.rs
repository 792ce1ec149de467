//! Puts what a session knows into the views, in the session's language.

use std::collections::BTreeSet;
use std::sync::Arc;

use portlog_model::{
    Alert, Connection, Daily, Endpoint, EventKind, ListHit, Match, NotedReason, Notice, Observed,
    Owner, PackagePlace, Platform, Remark, Sentence, WallTime, Word,
};
use portlog_owners::{Installer, PackageEntry};
use portlog_watch::{ClaimKey, MuteRule, OwnerKey};
use portlog_words::log::{self, LogSentence};
use portlog_words::{Language, advice, advice_on_phone, clean, explanations, say_at};

use super::board::Seen;
use super::history::{Record, What, level_of};
use super::views::{
    AlertView, ConnectionLine, MatchLine, MuteView, OwnerLine, PackageLine, Told, ToldKind,
};

/// Says things in one language, with times in one zone, about one platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voice {
    pub(crate) language: Language,
    pub(crate) utc_offset_seconds: i32,
    pub(crate) platform: Platform,
}

/// What is known about a claim beyond the alert that told it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing {
    /// Connections, and when it was last seen, where that is more than the alert said.
    pub(crate) latest: Option<(u64, WallTime)>,
    /// Whether it is muted now.
    pub(crate) muted: bool,
    /// Its connection's number, where that is on the board.
    pub(crate) connection: Option<u64>,
}

impl Voice {
    /// One sentence.
    pub(crate) fn say(self, sentence: &Sentence<'_>) -> String {
        say_at(sentence, self.language, self.utc_offset_seconds)
    }

    /// A sentence about the signed log.
    pub(crate) fn of_log(self, sentence: &LogSentence<'_>) -> String {
        log::say(sentence, self.language, self.utc_offset_seconds)
    }

    /// A remark.
    pub(crate) fn remark(self, remark: Remark<'_>) -> String {
        self.say(&Sentence::Remark(remark))
    }

    /// An owner.
    pub(crate) fn owner(self, owner: &Owner) -> OwnerLine {
        let kind = self.say(&Sentence::Word(Word::OwnerKind(owner.kind)));
        let kind_text = match self.platform {
            Platform::Android => {
                let firmware = self.say(&Sentence::Word(Word::Firmware(owner.firmware)));
                format!("{kind} · {firmware}")
            }
            Platform::Linux => kind,
        };
        OwnerLine {
            key: OwnerKey::of(owner).to_string(),
            uid: owner.uid.map(portlog_model::Uid::get),
            user: owner.user.map(portlog_model::UserId::get),
            name: clean(&owner.name),
            kind: owner.kind,
            firmware: owner.firmware,
            kind_text,
            packages: owner.packages.iter().map(ToString::to_string).collect(),
        }
    }

    /// A connection.
    pub(crate) fn connection(self, seen: &Seen) -> ConnectionLine {
        let observed = &seen.observed;
        let connection = &observed.connection;
        ConnectionLine {
            id: connection.id.get(),
            protocol: connection.protocol(),
            local: connection.local.to_string(),
            remote: connection.remote.to_string(),
            state: connection.state,
            direction: connection.direction,
            listener: connection.is_listener(),
            practice: connection.practice,
            owner: self.owner(&observed.owner),
            level: level_of(observed),
            names: names(observed),
            first_seen: connection.first_seen.wall.as_millis(),
            closed_at: seen.closed.map(|closed| closed.wall.as_millis()),
            text: self.say(&Sentence::Connection(connection)),
        }
    }

    /// An alert, or something noted for this reason.
    pub(crate) fn alert(
        self,
        alert: &Arc<Alert>,
        noted: Option<NotedReason>,
        standing: Standing,
    ) -> AlertView {
        let mut current = Alert::clone(alert);
        if let Some((count, last_seen)) = standing.latest {
            current.count = current.count.max(count);
            current.last_seen = current.last_seen.max(last_seen);
        }
        let alert = &current;
        let hit = alert.matched.as_ref().map(|matched| &matched.hit);
        let practice = is_practice(alert);
        let claim = match noted {
            Some(reason) => Sentence::Noted(alert, reason),
            None => Sentence::Alert(alert),
        };
        let text = self.say(&claim);
        let body = match noted {
            Some(_) => text.clone(),
            None => self.say(&Sentence::NoticeBody(Notice::Alert(alert))),
        };
        let steps = match self.platform {
            Platform::Android => advice_on_phone(alert),
            Platform::Linux => advice(alert),
        };
        AlertView {
            key: claim_text(alert, noted),
            level: alert.level,
            sounds: alert.sounds && !standing.muted,
            practice,
            muted: standing.muted,
            title: self.say(&Sentence::NoticeTitle(Notice::Alert(alert))),
            text,
            body,
            public_text: self.say(&Sentence::NoticeBody(Notice::LockScreen { practice })),
            owner: self.owner(&alert.owner),
            remote: match (&alert.asked, peer(alert)) {
                (Some(name), _) => clean(name),
                (None, remote) => remote.map_or_else(String::new, |remote| remote.to_string()),
            },
            list: hit.map_or_else(String::new, |hit| clean(&hit.list)),
            entry: hit.map_or_else(String::new, |hit| hit.entry.as_ref().to_owned()),
            category: hit.map(|hit| hit.category),
            weakened: alert
                .matched
                .as_ref()
                .map_or_else(Vec::new, |matched| self.weakened(matched)),
            explanations: explanations(alert)
                .into_iter()
                .map(|explanation| self.say(&Sentence::Explanation(explanation)))
                .collect(),
            advice: steps
                .into_iter()
                .map(|step| self.say(&Sentence::Advice(step)))
                .collect(),
            candidates: alert
                .candidates
                .iter()
                .map(|owner| clean(&owner.name))
                .collect(),
            first_seen: alert.first_seen.as_millis(),
            last_seen: alert.last_seen.as_millis(),
            count: alert.count,
            bundled: alert.bundled,
            connection: standing.connection,
        }
    }

    /// What an entry says of a connection.
    pub(crate) fn matched(self, matched: &Match) -> MatchLine {
        let ListHit {
            list,
            category,
            entry,
            line,
            list_date,
            list_sha256,
            ..
        } = &matched.hit;
        MatchLine {
            level: matched.level,
            list: clean(list),
            category: *category,
            entry: entry.as_ref().to_owned(),
            line: u64::from(*line),
            list_date: list_date.map(WallTime::as_millis),
            list_sha256: list_sha256.to_string(),
            weakened: self.weakened(matched),
        }
    }

    /// An event that is not kept, or not yet.
    pub(crate) fn event(self, sequence: u64, at: WallTime, kind: &EventKind) -> Told {
        Told {
            sequence,
            at: at.as_millis(),
            kind: told_kind(kind),
            text: self.say(&Sentence::Happened(kind, self.platform)),
            owner_key: owner_of(kind).map(|owner| OwnerKey::of(owner).to_string()),
            connection: match kind {
                EventKind::Opened { observed, .. } | EventKind::Changed { observed, .. } => {
                    Some(self.connection(&Seen::open(observed)))
                }
                EventKind::Closed { observed, by, .. } => Some(self.connection(&Seen {
                    closed: Some(*by),
                    ..Seen::open(observed)
                })),
                _ => None,
            },
            alert: None,
        }
    }

    /// A record, without its alert.
    pub(crate) fn record(self, record: &Record) -> Told {
        let happened = record
            .event()
            .map(|kind| self.say(&Sentence::Happened(&kind, self.platform)));
        let text = match &record.what {
            What::Summary(summary) => {
                let daily = Daily {
                    entries: summary.entries,
                    destinations: summary.destinations,
                    listeners: summary.listeners,
                    bytes_alone: summary.bytes_alone,
                    owners: &summary.owners,
                };
                self.say(&Sentence::NoticeBody(Notice::Daily(daily)))
            }
            What::Practice { failed: None } => self.remark(Remark::PracticePassed),
            What::Practice { failed: Some(link) } => self.remark(Remark::PracticeFailed(*link)),
            What::StartMissed => self.remark(Remark::StartMissed),
            What::StartedBy(by) => self.remark(Remark::StartedBy(by)),
            What::Traffic(traffic) if traffic.count > 1 => join(
                happened.unwrap_or_default(),
                &self.remark(Remark::InThatHour(traffic.count)),
            ),
            What::Gap {
                note: Some(note), ..
            } if !note.detail.is_empty() => {
                format!("{} ({})", happened.unwrap_or_default(), clean(&note.detail))
            }
            _ => happened.unwrap_or_default(),
        };
        Told {
            sequence: record.sequence,
            at: record.at.as_millis(),
            kind: record.kind(),
            text,
            owner_key: record.owner().map(|owner| OwnerKey::of(owner).to_string()),
            connection: None,
            alert: None,
        }
    }

    /// A package, as its list tells.
    pub(crate) fn package(self, entry: &PackageEntry) -> PackageLine {
        let path = entry.source_path.as_deref();
        let factory = entry.factory_path.as_deref();
        let place = entry.flags.map(|flags| {
            if flags.updated_system {
                PackagePlace::Updated { path, factory }
            } else if flags.system {
                PackagePlace::Firmware { path }
            } else {
                PackagePlace::Installed { path }
            }
        });
        PackageLine {
            name: entry.package.to_string(),
            label: entry.label.as_deref().map_or_else(String::new, clean),
            version: entry.version.as_deref().map_or_else(String::new, clean),
            place: match place {
                Some(place) => self.remark(Remark::PackagePlace(place)),
                None => path.map_or_else(String::new, clean),
            },
            signer: entry
                .signers
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            installer: match &entry.installer {
                Some(Installer::Package(package)) => {
                    self.remark(Remark::InstalledBy(Some(package.as_str())))
                }
                Some(Installer::None) => self.remark(Remark::InstalledBy(None)),
                None => String::new(),
            },
            first_install: entry.first_install_time.map(WallTime::as_millis),
        }
    }

    /// A mute; `name` is what its owner is called, where that is known.
    pub(crate) fn mute(self, rule: &MuteRule, name: Option<&str>) -> String {
        match rule {
            MuteRule::Owner(key) => {
                let spelled = match key {
                    OwnerKey::Packages { packages, .. } => packages
                        .iter()
                        .take(3)
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(", "),
                    OwnerKey::Uid(uid) => format!("UID {uid}"),
                    OwnerKey::Unknown | OwnerKey::Isolated { .. } => key.to_string(),
                };
                self.remark(Remark::MutedOwner(name.unwrap_or(&spelled)))
            }
            MuteRule::Entry(entry) => self.remark(Remark::MutedEntry(entry)),
            MuteRule::Remote(remote) => self.remark(Remark::MutedRemote(*remote)),
        }
    }

    fn weakened(self, matched: &Match) -> Vec<String> {
        matched
            .weakened
            .iter()
            .map(|weakening| self.say(&Sentence::Weakening(*weakening)))
            .collect()
    }
}

/// What names a claim across runs. Opaque; the same for an alert that is raised again.
pub(crate) fn claim_text(alert: &Alert, noted: Option<NotedReason>) -> String {
    let owner = OwnerKey::of(&alert.owner);
    let remote = peer(alert);
    if let Some(key) = claim_key(alert) {
        let practice = if is_practice(alert) { "practice:" } else { "" };
        return format!(
            "{practice}{owner}|{}|{}|{}",
            key.peer,
            key.list.replace('|', "||"),
            key.entry
        );
    }
    let what = match noted {
        Some(NotedReason::FirstSeenDestination) => "destination",
        Some(NotedReason::NewListener) => "listener",
        Some(NotedReason::BytesWithoutConnection(_)) => "bytes",
        Some(NotedReason::ListEntry) | None => "entry",
    };
    let end = match (noted, &alert.observed) {
        (Some(NotedReason::NewListener), Some(observed)) => Some(observed.connection.local),
        _ => remote,
    };
    format!(
        "{owner}|{what}|{}",
        end.map_or_else(String::new, |end| end.to_string())
    )
}

/// The engine's key of the claim that an alert tells, where a list speaks.
pub(crate) fn claim_key(alert: &Alert) -> Option<ClaimKey> {
    let hit = &alert.matched.as_ref()?.hit;
    Some(match &alert.asked {
        Some(name) => ClaimKey::of_question(&alert.owner, hit, name),
        None => ClaimKey::new(&alert.owner, hit, peer(alert)?),
    })
}

/// Whether any of `mutes` speaks of an alert.
pub(crate) fn is_muted(mutes: &BTreeSet<MuteRule>, alert: &Alert) -> bool {
    if mutes.is_empty() {
        return false;
    }
    let entry = alert.matched.as_ref().map(|matched| &matched.hit.entry);
    mutes.contains(&MuteRule::Owner(OwnerKey::of(&alert.owner)))
        || entry.is_some_and(|entry| mutes.contains(&MuteRule::Entry(Arc::clone(entry))))
        || peer(alert)
            .is_some_and(|remote| mutes.contains(&MuteRule::Remote(remote.address()).canonical()))
}

/// What is to be muted, if the view is one.
pub(crate) fn mute_rule(view: &MuteView) -> Option<MuteRule> {
    let rule = match view {
        MuteView::Owner(key) => MuteRule::Owner(key.parse().ok()?),
        MuteView::Entry(entry) => MuteRule::Entry(Arc::from(entry.as_str())),
        MuteView::Remote(address) => MuteRule::Remote(address.parse().ok()?),
    };
    Some(rule.canonical())
}

/// The view that gives this rule.
pub(crate) fn mute_view(rule: &MuteRule) -> MuteView {
    match rule {
        MuteRule::Owner(key) => MuteView::Owner(key.to_string()),
        MuteRule::Entry(entry) => MuteView::Entry(entry.as_ref().to_owned()),
        MuteRule::Remote(remote) => MuteView::Remote(remote.to_string()),
    }
}

/// What sort of thing an event is.
pub(crate) const fn told_kind(kind: &EventKind) -> ToldKind {
    match kind {
        EventKind::Started(_) => ToldKind::Started,
        EventKind::Opened { .. } => ToldKind::Opened,
        EventKind::Changed { .. } => ToldKind::Changed,
        EventKind::Closed { .. } => ToldKind::Closed,
        EventKind::Alert(_) => ToldKind::Alert,
        EventKind::Noted(..) => ToldKind::Noted,
        EventKind::Coverage(_) => ToldKind::Coverage,
        EventKind::List(_) => ToldKind::List,
        EventKind::Packages(_) => ToldKind::Packages,
        EventKind::Clock { .. } => ToldKind::Clock,
        EventKind::Heartbeat(_) => ToldKind::Heartbeat,
        EventKind::Config { .. } => ToldKind::Config,
        EventKind::Drop { .. } => ToldKind::Drop,
        EventKind::Gap { .. } => ToldKind::Gap,
        EventKind::Stopped(_) => ToldKind::Stopped,
    }
}

/// Two sentences in a row.
pub(crate) fn join(mut one: String, other: &str) -> String {
    if !one.is_empty() && !other.is_empty() {
        one.push(' ');
    }
    one.push_str(other);
    one
}

/// Names of the peer, without doubles.
pub(crate) fn names(observed: &Observed) -> Vec<String> {
    let names: BTreeSet<&str> = observed.names.iter().map(|name| &*name.name).collect();
    names.into_iter().map(clean).collect()
}

fn peer(alert: &Alert) -> Option<Endpoint> {
    let connection: &Connection = &alert.observed.as_ref()?.connection;
    (!connection.remote.is_unset()).then_some(connection.remote)
}

fn is_practice(alert: &Alert) -> bool {
    alert
        .observed
        .as_ref()
        .is_some_and(|observed| observed.connection.practice)
}

fn owner_of(kind: &EventKind) -> Option<&Arc<Owner>> {
    match kind {
        EventKind::Opened { observed, .. }
        | EventKind::Changed { observed, .. }
        | EventKind::Closed { observed, .. } => Some(&observed.owner),
        EventKind::Alert(alert) | EventKind::Noted(alert, _) => Some(&alert.owner),
        _ => None,
    }
}
