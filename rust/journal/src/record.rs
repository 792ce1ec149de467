//! Events as entries: the one place where types of the model become signed text.
//!
//! What is written here is written for ever, so nothing leaves it to a type's own way of printing
//! itself: words are listed or pinned by a test, addresses and times are written here.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use portlog_model::{
    Alert, Coverage, CoverageDetail, Endpoint, Event, EventKind, Firmware, GapReason, Heartbeat,
    Inode, ListInfo, Moment, NameSource, NotedReason, Observed, Owner, PackagesInfo, Role,
    SeenName, Started, Stopped, Uid, WallTime, Weakening,
};

use crate::calendar::UtcOffset;
use crate::digest::Hash;
use crate::entry::{Entry, EntryError, FieldType, Kind, MAX_VALUE, Value};

/// What entries say beyond what events have.
pub struct Context<'a> {
    /// What the clock on the wall is set to.
    pub offset: UtcOffset,
    /// The index of the latest packages entry that names this UID.
    pub owner: &'a dyn Fn(Uid) -> Option<u64>,
    /// Whether /proc was found to be procfs, where that was looked at.
    pub procfs: Option<bool>,
    /// The case that the operator named.
    pub case: Option<&'a str>,
    /// The operator.
    pub operator: Option<&'a str>,
}

impl Context<'_> {
    /// The entry that says what `event` says.
    ///
    /// A packages event gives an entry without owners; add them by [`Entry::with_owner`] and [`owner`].
    pub fn entry(&self, event: &Event) -> Result<Entry, EntryError> {
        let entry = match &event.kind {
            EventKind::Started(started) => self.started(started),
            EventKind::Opened {
                observed,
                after,
                by,
            } => self.change(Entry::new(Kind::Opened), observed, *after, *by),
            EventKind::Changed {
                observed,
                was,
                after,
                by,
            } => {
                let entry = Entry::new(Kind::Changed).with("was", Value::word(was.as_str()))?;
                self.change(entry, observed, *after, *by)
            }
            EventKind::Closed {
                observed,
                after,
                by,
            } => self.change(Entry::new(Kind::Closed), observed, *after, *by),
            EventKind::Alert(alert) => self.alert(alert, "list-entry", None),
            EventKind::Noted(alert, reason) => {
                let (word, bytes) = noted_reason(*reason);
                self.alert(alert, word, bytes)
            }
            EventKind::Coverage(one) => coverage_of(Entry::new(Kind::Coverage), one),
            EventKind::List(list) => self.list(list),
            EventKind::Packages(packages) => packages_list(packages),
            EventKind::Clock {
                before,
                jump_millis,
            } => Entry::new(Kind::Clock)
                .with("before", self.moment(Some(*before)))?
                .with("jump_ms", Value::signed(*jump_millis)),
            EventKind::Heartbeat(beat) => heartbeat(beat),
            EventKind::Config { name, value } => Entry::new(Kind::Config)
                .with("name", Value::text(name))?
                .with("value", Value::text(value)),
            EventKind::Drop { events } => {
                Entry::new(Kind::Drop).with("events", Value::number(*events))
            }
            EventKind::Gap { from, reason } => self.gap(*from, reason),
            EventKind::Stopped(stopped) => stop(stopped),
        };
        entry?.with("time", self.moment(Some(event.at)))
    }

    fn moment(&self, moment: Option<Moment>) -> Value {
        moment.map_or_else(Value::none, |moment| Value::moment(moment, self.offset))
    }

    fn time(&self, time: Option<WallTime>) -> Value {
        time.map_or_else(Value::none, |time| Value::time(time, self.offset))
    }

    fn started(&self, started: &Started) -> Result<Entry, EntryError> {
        Entry::new(Kind::Started)
            .with("version", Value::text(&started.version))?
            .with("provenance", Value::word(started.provenance.as_str()))?
            .with("platform", Value::word(started.platform.as_str()))?
            .with("boot_id", Value::text_or_none(started.boot_id.as_deref()))?
            .with("procfs", self.procfs.map_or_else(Value::none, Value::flag))?
            .with("source", Value::word(started.source.as_str()))?
            .with("interval_ms", millis(started.interval))?
            .with(
                "scope",
                Value::word(if started.scope_all { "all" } else { "firmware" }),
            )?
            .with(
                "packages_overridden",
                Value::flag(started.packages_overridden),
            )?
            .with("case", Value::text_or_none(self.case))?
            .with("operator", Value::text_or_none(self.operator))
    }

    fn change(
        &self,
        entry: Entry,
        observed: &Observed,
        after: Option<Moment>,
        by: Moment,
    ) -> Result<Entry, EntryError> {
        let inode = observed.connection.inode;
        self.observed(entry, observed)?
            .with("after", self.moment(after))?
            .with("by", self.moment(Some(by)))?
            .with("inode", Value::number_or_none(inode.map(Inode::get)))
    }

    /// What entries about a connection have in common.
    fn observed(&self, entry: Entry, observed: &Observed) -> Result<Entry, EntryError> {
        let connection = &observed.connection;
        let ours = match (connection.own, connection.practice) {
            (true, _) => "self-check",
            (false, true) => "practice",
            (false, false) => "no",
        };
        self.who(entry, &observed.owner, connection.uid)?
            .with("connection", Value::number(connection.id.get()))?
            .with("protocol", Value::word(connection.protocol().as_str()))?
            .with("local", endpoint(connection.local))?
            .with("remote", endpoint(connection.remote))?
            .with("state", Value::word(connection.state.as_str()))?
            .with("direction", Value::word(connection.direction.as_str()))?
            .with("names", names(&observed.names))?
            .with("ours", Value::word(ours))
    }

    fn who(&self, entry: Entry, owner: &Owner, uid: Option<Uid>) -> Result<Entry, EntryError> {
        let program = owner.program.as_ref().map(|program| &*program.name);
        let index = uid.and_then(|uid| (self.owner)(uid));
        entry
            .with(
                "uid",
                Value::number_or_none(uid.map(|uid| u64::from(uid.get()))),
            )?
            .with("owner", Value::number_or_none(index))?
            .with("program", Value::text_or_none(program))
    }

    fn alert(&self, alert: &Alert, reason: &str, bytes: Option<u64>) -> Result<Entry, EntryError> {
        let mut entry = Entry::new(Kind::Alert)
            .with("level", Value::word(alert.level.as_str()))?
            .with("reason", Value::word(reason))?
            .with("first_seen", self.time(Some(alert.first_seen)))?
            .with("last_seen", self.time(Some(alert.last_seen)))?
            .with("count", Value::number(alert.count))?
            .with("bytes", Value::number_or_none(bytes))?
            .with(
                "candidates",
                Value::numbers(
                    alert
                        .candidates
                        .iter()
                        .filter_map(|owner| owner.uid)
                        .map(|uid| u64::from(uid.get())),
                ),
            )?;
        entry = match (&alert.observed, &alert.asked) {
            (Some(observed), _) => self.observed(entry, observed)?,
            (None, Some(name)) => self
                .who(entry, &alert.owner, alert.owner.uid)?
                .with("names", asked(name, alert.owner.uid))?,
            (None, None) => self.who(entry, &alert.owner, alert.owner.uid)?,
        };
        let Some(matched) = &alert.matched else {
            return Ok(entry);
        };
        let hit = &matched.hit;
        let weakened: Vec<Cow<'_, str>> = matched.weakened.iter().copied().map(weakening).collect();
        entry
            .with("list", Value::text(&hit.list))?
            .with("category", Value::word(hit.category.as_str()))?
            .with("entry", Value::text(&hit.entry))?
            .with("line", Value::number(u64::from(hit.line)))?
            .with("list_date", self.time(hit.list_date))?
            .with("list_sha256", sha256(hit.list_sha256))?
            .with("hit", Value::word(hit.kind.as_str()))?
            .with("weakened", Value::words(weakened.iter().map(AsRef::as_ref)))
    }

    fn list(&self, list: &ListInfo) -> Result<Entry, EntryError> {
        Entry::new(Kind::List)
            .with("name", Value::text(&list.name))?
            .with("category", Value::word(list.category.as_str()))?
            .with("date", self.time(list.date))?
            .with("sha256", sha256(list.sha256))?
            .with("rules", Value::number(list.rules))?
            .with("bad_lines", Value::number(list.bad_lines))
    }

    fn gap(&self, from: Option<Moment>, reason: &GapReason) -> Result<Entry, EntryError> {
        let (word, cause, detail) = match reason {
            GapReason::Fault(what) => ("fault", None, Some(&**what)),
            GapReason::Suspended => ("suspended", None, None),
            GapReason::Late => ("late", None, None),
            GapReason::Unreadable(item) => ("unreadable", Some(item.as_str()), None),
            GapReason::NotRunning => ("not-running", None, None),
            GapReason::Died(death) => ("died", Some(death.as_str()), None),
            GapReason::Unreachable(why) => ("unreachable", Some(why.as_str()), None),
        };
        Entry::new(Kind::Gap)
            .with("from", self.moment(from))?
            .with("reason", Value::word(word))?
            .with("cause", cause.map_or_else(Value::none, Value::word))?
            .with("detail", Value::text_or_none(detail))
    }
}

/// The value that says who a UID is; `None` for an owner without UID.
pub fn owner(owner: &Owner) -> Option<Value> {
    let uid = owner.uid?.get();
    let roles: Vec<&str> = owner.roles.iter().map(Role::as_str).collect();
    let packages = packages(owner);
    let name = Value::text(&owner.name);
    let text = |name: &str| {
        format!(
            "{uid} {} {} {} {packages} {name}",
            owner.kind.as_str(),
            owner.firmware.as_str(),
            or_none(&roles.join(",")),
        )
    };
    // A name that leaves no room is left out: the packages say more.
    Value::of(&text(name.as_str()), FieldType::Owner)
        .or_else(|| Value::of(&text("-"), FieldType::Owner))
}

/// The packages of an owner, as many as leave room for the rest.
fn packages(owner: &Owner) -> String {
    let room = MAX_VALUE / 2;
    let mut text = String::new();
    for (at, package) in owner.packages.iter().enumerate() {
        if text.len() + package.as_str().len() > room {
            let left = owner.packages.len() - at;
            return format!("{text},+{left}");
        }
        if at > 0 {
            text.push(',');
        }
        text.push_str(package.as_str());
    }
    or_none(&text).to_owned()
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

fn coverage_of(entry: Entry, coverage: &Coverage) -> Result<Entry, EntryError> {
    let details: Vec<String> = coverage.details.iter().map(detail).collect();
    let details = details.join(", ");
    entry
        .with("table", Value::word(coverage.item.as_str()))?
        .with("source", Value::word(coverage.source.as_str()))?
        .with("status", Value::word(coverage.status.as_str()))?
        .with("rows", Value::number(coverage.rows))?
        .with("bad_rows", Value::number(coverage.bad_rows))?
        .with(
            "detail",
            Value::text_or_none(Some(&*details).filter(|details| !details.is_empty())),
        )
}

fn packages_list(packages: &PackagesInfo) -> Result<Entry, EntryError> {
    let coverage = &packages.coverage;
    Entry::new(Kind::Packages)
        .with("status", Value::word(coverage.status.as_str()))?
        .with("source", Value::word(coverage.source.as_str()))?
        .with("packages", Value::number(packages.packages))?
        .with("uids", Value::number(packages.uids))?
        .with("sha256", packages.sha256.map_or_else(Value::none, sha256))
}

fn heartbeat(beat: &Heartbeat) -> Result<Entry, EntryError> {
    Entry::new(Kind::Heartbeat)
        .with("awake_ms", millis(beat.awake))?
        .with("suspended_ms", millis(beat.suspended))?
        .with("polls", Value::number(beat.polls))?
        .with("watched_ms", millis(beat.watched))?
        .with("denied_ms", millis(beat.denied))?
        .with("connections", Value::number(beat.connections))
}

fn stop(stopped: &Stopped) -> Result<Entry, EntryError> {
    Entry::new(Kind::Stopped)
        .with("polls", Value::number(stopped.polls))?
        .with("matches", Value::number(stopped.matches))?
        .with("possible", Value::number(stopped.possible))?
        .with("dropped", Value::number(stopped.dropped))
}

fn millis(span: Duration) -> Value {
    Value::number(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
}

fn sha256(digest: portlog_model::Sha256) -> Value {
    Value::hex(Hash::new(*digest.as_bytes()))
}

/// ADDRESS:PORT. IPv6 is written as RFC 5952 has it, which std does.
fn endpoint(endpoint: Endpoint) -> Value {
    let port = endpoint.port();
    let text = match endpoint.address() {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{a}.{b}.{c}.{d}:{port}")
        }
        IpAddr::V6(address) => format!("[{address}]:{port}"),
    };
    Value::of(&text, FieldType::Endpoint).unwrap_or_else(Value::none)
}

/// Each name with where it was learnt and who asked for it.
fn names(names: &[SeenName]) -> Value {
    let names: Vec<String> = names
        .iter()
        .map(|name| one_name(&name.name, name.source, name.asker))
        .collect();
    Value::text_or_none(Some(&*names.join(", ")).filter(|names| !names.is_empty()))
}

/// A name that was asked for, without an address.
fn asked(name: &str, asker: Option<Uid>) -> Value {
    Value::text(&one_name(name, NameSource::Tap, asker))
}

fn one_name(name: &str, source: NameSource, asker: Option<Uid>) -> String {
    let source = source_word(source);
    match asker {
        Some(uid) => format!("{name} {source} {}", uid.get()),
        None => format!("{name} {source} -"),
    }
}

const fn source_word(source: NameSource) -> &'static str {
    match source {
        NameSource::Tap => "tap",
        NameSource::Pinned => "pinned",
    }
}

const fn noted_reason(reason: NotedReason) -> (&'static str, Option<u64>) {
    match reason {
        NotedReason::ListEntry => ("list-entry", None),
        NotedReason::FirstSeenDestination => ("first-seen-destination", None),
        NotedReason::NewListener => ("new-listener", None),
        NotedReason::BytesWithoutConnection(bytes) => ("bytes-without-connection", Some(bytes)),
    }
}

/// The word for what weakens a claim.
fn weakening(weakening: Weakening) -> Cow<'static, str> {
    Cow::Borrowed(match weakening {
        Weakening::Category(category) => {
            return Cow::Owned(format!("category-{}", category.as_str()));
        }
        Weakening::Role(role) => return Cow::Owned(format!("role-{}", role.as_str())),
        Weakening::FirmwareUncertain(firmware) => match firmware {
            Firmware::Yes => "firmware-yes",
            Firmware::No => "firmware-no",
            Firmware::Mixed => "firmware-mixed",
            Firmware::Preloaded => "firmware-preloaded",
            Firmware::Unknown => "firmware-unknown",
        },
        Weakening::OwnerUnknown => "owner-unknown",
        Weakening::Datagram => "datagram",
        Weakening::NotEstablished => "not-established",
        Weakening::Inbound => "inbound",
        Weakening::DirectionUnknown => "direction-unknown",
        Weakening::PinnedAnswer => "pinned-answer",
        Weakening::AskedByAnother => "asked-by-another",
        Weakening::AskerUnknown => "asker-unknown",
        Weakening::NotAskedJustBefore => "not-asked-just-before",
        Weakening::NameAlone => "name-alone",
        Weakening::OutOfScope => "out-of-scope",
        Weakening::ContentNetwork => "content-network",
        Weakening::PackageNameAlone => "package-name-alone",
    })
}

/// A word, and the number that goes with it.
fn detail(detail: &CoverageDetail) -> String {
    let with = |word: &str, number: Option<i64>| match number {
        Some(number) => format!("{word} {number}"),
        None => word.to_owned(),
    };
    match detail {
        CoverageDetail::Errno(errno) => with("errno", Some(i64::from(*errno))),
        CoverageDetail::FellBackToProcfs(errno) => {
            with("fell-back-to-procfs", errno.map(i64::from))
        }
        CoverageDetail::NotCheckable => with("not-checkable", None),
        CoverageDetail::OwnSocketMissing => with("own-socket-missing", None),
        CoverageDetail::OnlyOwnRows => with("only-own-rows", None),
        CoverageDetail::Truncated(bytes) => format!("truncated {bytes}"),
        CoverageDetail::FirstBadLine(line) => with("first-bad-line", Some(i64::from(*line))),
        CoverageDetail::NotTracked(rows) => with("not-tracked", Some(i64::from(*rows))),
        CoverageDetail::WithoutPeer(sockets) => with("without-peer", Some(i64::from(*sockets))),
        CoverageDetail::EventsLost(times) => format!("events-lost {times}"),
        CoverageDetail::NoDestroyEvents(errno) => with("no-destroy-events", errno.map(i64::from)),
        CoverageDetail::BadEntries(entries) => with("bad-entries", Some(i64::from(*entries))),
        CoverageDetail::ImplausiblyShort(entries) => {
            with("implausibly-short", Some(i64::from(*entries)))
        }
        CoverageDetail::NotGiven => with("not-given", None),
        CoverageDetail::TapOff => with("tap-off", None),
        CoverageDetail::TapWithoutResolver => with("tap-without-resolver", None),
        CoverageDetail::OtherVpn => with("other-vpn", None),
        CoverageDetail::ClearText => with("clear-text", None),
        CoverageDetail::StrictPrivateDns => with("strict-private-dns", None),
        CoverageDetail::AskersUnknown => with("askers-unknown", None),
        CoverageDetail::KnownResolvers(sockets) => {
            with("known-resolvers", Some(i64::from(*sockets)))
        }
        CoverageDetail::ForeignResolvers(sockets) => {
            with("foreign-resolvers", Some(i64::from(*sockets)))
        }
        CoverageDetail::FakeAddresses(sockets) => with("fake-addresses", Some(i64::from(*sockets))),
        CoverageDetail::Pinned { names, days } => format!("pinned {names} {days}"),
        CoverageDetail::PinnedExpired(names) => with("pinned-expired", Some(i64::from(*names))),
        CoverageDetail::NamesLost(names) => format!("names-lost {names}"),
    }
}

#[cfg(test)]
mod tests;
