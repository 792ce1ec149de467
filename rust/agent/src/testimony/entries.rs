//! What of a watch's events is recorded, and whom the entries name.

use std::collections::HashMap;

use portlog_journal::entry::{Entry, EntryError, Kind, OwnerText, Value};
use portlog_journal::record;
use portlog_journal::store::{RedbSnapshot, Snapshot as _};
use portlog_model::{
    Event, EventKind, Firmware, Level, Observed, Owner, OwnerKind, Platform, Uid, UserId,
};

use super::{Device, Recorded};

/// Whose connections are recorded, on the system that is watched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Privacy {
    pub(super) recorded: Recorded,
    /// What a UID means; `None` before a watch began.
    pub(super) platform: Option<Platform>,
    /// The Android user that the watch runs for.
    pub(super) user: UserId,
}

impl Privacy {
    /// Whether `event` is recorded: every one that is not about a connection, every alert, and what is
    /// about owners that are recorded.
    pub(super) fn records(self, event: &Event) -> bool {
        match &event.kind {
            EventKind::Opened { observed, .. }
            | EventKind::Changed { observed, .. }
            | EventKind::Closed { observed, .. } => self.records_owner(observed),
            EventKind::Noted(alert, _) => match &alert.observed {
                Some(observed) => self.records_owner(observed),
                None => self.records_uid(&alert.owner, alert.owner.uid),
            },
            _ => true,
        }
    }

    fn records_owner(self, observed: &Observed) -> bool {
        let connection = &observed.connection;
        // Portlog's own sockets tell of nobody.
        connection.own || connection.practice || self.records_uid(&observed.owner, connection.uid)
    }

    fn records_uid(self, owner: &Owner, uid: Option<Uid>) -> bool {
        if self.recorded == Recorded::Everyone || self.platform == Some(Platform::Linux) {
            return true;
        }
        let Some(uid) = uid else { return true };
        if uid.user() != self.user {
            return false;
        }
        owner.kind == OwnerKind::Unknown || owner.firmware != Firmware::No
    }
}

/// Whether an event is not to wait for the next commit.
pub(super) fn is_urgent(event: &Event) -> bool {
    match &event.kind {
        EventKind::Alert(alert) => alert.level != Level::Noted,
        EventKind::Started(_) | EventKind::Stopped(_) => true,
        _ => false,
    }
}

/// Who the log has said that UIDs are, and where.
#[derive(Debug, Default)]
pub(super) struct Named(HashMap<u64, (u64, Box<str>)>);

impl Named {
    /// Rows that are read for owners when a log is opened; older ones are said again.
    const LOOK_BACK: u64 = 8_192;
    /// UIDs that are remembered. No phone has as many.
    const MOST: usize = 65_536;

    /// What the latest rows of a log say.
    pub(super) fn read(snapshot: &RedbSnapshot, size: u64) -> Result<Self, portlog_journal::Error> {
        let mut named = Self::default();
        for index in (size.saturating_sub(Self::LOOK_BACK)..size).rev() {
            let Some(row) = snapshot
                .get(index)?
                .filter(|row| row.kind == Kind::Packages)
            else {
                continue;
            };
            for text in row.values().skip(Kind::Packages.fields().len()) {
                if let Some(owner) = OwnerText::parse(text) {
                    let said = (index, Box::from(text));
                    named.0.entry(owner.uid).or_insert(said);
                }
            }
        }
        Ok(named)
    }

    /// The index of the entry that says who `uid` is.
    pub(super) fn entry_of(&self, uid: Uid) -> Option<u64> {
        self.0.get(&u64::from(uid.get())).map(|(index, _)| *index)
    }

    /// Remembers what the entry at `index` says.
    pub(super) fn learn(&mut self, index: u64, owners: &[(u64, Value)]) {
        if self.0.len().saturating_add(owners.len()) > Self::MOST {
            self.0.clear();
        }
        for (uid, text) in owners {
            self.0.insert(*uid, (index, Box::from(text.as_str())));
        }
    }

    /// The owners that have to be named before the first of `events` is recorded: its own, and those of
    /// the following ones, up to one entry full and to where a UID becomes somebody else.
    pub(super) fn missing(&self, events: &[Event], privacy: Privacy) -> Vec<(u64, Value)> {
        /// Bytes of owners in one entry; the format has room for twice as many.
        const ROOM: usize = 512 << 10;
        let Some((first, rest)) = events.split_first() else {
            return Vec::new();
        };
        let mut found = Found::default();
        for owner in owners(first) {
            if found.owners.len() >= Kind::MAX_OWNERS || !self.find(owner, &mut found) {
                break;
            }
        }
        let wanted = matches!(first.kind, EventKind::Packages(_)) || !found.owners.is_empty();
        if !wanted {
            return Vec::new();
        }
        // Those of one delivery share an entry.
        'following: for event in rest {
            if matches!(event.kind, EventKind::Packages(_) | EventKind::Started(_)) {
                break;
            }
            if !privacy.records(event) {
                continue;
            }
            for owner in owners(event) {
                let full = found.owners.len() >= Kind::MAX_OWNERS || found.bytes >= ROOM;
                if full || !self.find(owner, &mut found) {
                    break 'following;
                }
            }
        }
        found.owners
    }

    /// Adds `owner` if the log does not say so yet; `false` where its UID is somebody else already.
    fn find(&self, owner: &Owner, found: &mut Found) -> bool {
        let Some((uid, text)) = owner.uid.zip(record::owner(owner)) else {
            return true;
        };
        let uid = u64::from(uid.get());
        if let Some(at) = found.at.get(&uid) {
            let said = found.owners.get(*at);
            return said.is_none_or(|(_, said)| *said == text);
        }
        if self
            .0
            .get(&uid)
            .is_some_and(|(_, said)| **said == *text.as_str())
        {
            return true;
        }
        found.bytes = found.bytes.saturating_add(text.as_str().len());
        found.at.insert(uid, found.owners.len());
        found.owners.push((uid, text));
        true
    }
}

#[derive(Default)]
struct Found {
    owners: Vec<(u64, Value)>,
    at: HashMap<u64, usize>,
    bytes: usize,
}

/// Everyone whom the entry of `event` names.
fn owners(event: &Event) -> Vec<&Owner> {
    match &event.kind {
        EventKind::Opened { observed, .. }
        | EventKind::Changed { observed, .. }
        | EventKind::Closed { observed, .. } => vec![&observed.owner],
        EventKind::Alert(alert) | EventKind::Noted(alert, _) => {
            let observed = alert.observed.as_ref();
            let owner = observed.map_or(&alert.owner, |observed| &observed.owner);
            let candidates = alert.candidates.iter();
            std::iter::once(owner)
                .chain(candidates)
                .map(|owner| &**owner)
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The entry for what a phone says of itself.
pub(super) fn device(time: Value, device: &Device) -> Result<Entry, EntryError> {
    use portlog_journal::Hash;

    let text = |text: &Option<String>| Value::text_or_none(text.as_deref());
    Entry::new(Kind::Device)
        .with("time", time)?
        .with("model", text(&device.model))?
        .with("fingerprint", text(&device.fingerprint))?
        .with("tags", text(&device.tags))?
        .with("security_patch", text(&device.security_patch))?
        .with("kernel", text(&device.kernel))?
        .with("baseband", text(&device.baseband))?
        .with("verified_boot", text(&device.verified_boot))?
        .with("bootloader", text(&device.bootloader))?
        .with(
            "selinux",
            device
                .selinux
                .map_or_else(Value::none, |mode| Value::word(mode.as_str())),
        )?
        .with("adb", device.adb.map_or_else(Value::none, Value::flag))?
        .with("version", Value::text(env!("CARGO_PKG_VERSION")))?
        .with(
            "apk_signer",
            device
                .apk_signer
                .map_or_else(Value::none, |signer| Value::hex(Hash::new(signer))),
        )
}
