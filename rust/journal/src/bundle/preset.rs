//! What a sharer chooses, in three words: alerts, firmware, everything.

use std::collections::{BTreeMap, BTreeSet};

use portlog_model::WallTime;

use super::Disclosure;
use crate::entry::{Kind, OwnerText, read_moment};
use crate::error::Error;
use crate::store::{Row, Snapshot};

/// How much is shown.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Preset {
    /// Alerts, and what is needed to understand them.
    Alerts,
    /// That, and every connection of owners that come with the phone or may.
    Firmware,
    /// Every entry. For a full bundle.
    Everything,
}

impl Preset {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::Firmware => "firmware",
            Self::Everything => "everything",
        }
    }
}

/// What is shown of a log, and which fields of it.
#[derive(Clone, Debug)]
pub struct Choice {
    /// How much.
    pub preset: Preset,
    /// Not before this time; entries that a log is not understood without are shown all the same.
    pub since: Option<WallTime>,
    /// Not after this time; likewise.
    pub until: Option<WallTime>,
    /// Fields to withhold, by name, in every kind of entry; `owner` is also every `owner.N`, and with
    /// `remote` go `names` and `entry`, which tell it.
    pub redact: BTreeSet<String>,
    /// Whether this side's addresses and ports are disclosed.
    pub with_local: bool,
}

impl Choice {
    /// The preset as it is.
    pub const fn new(preset: Preset) -> Self {
        Self {
            preset,
            since: None,
            until: None,
            redact: BTreeSet::new(),
            with_local: false,
        }
    }

    /// Which entries of the log that makes, and what is disclosed of them.
    pub fn of<S: Snapshot>(&self, snapshot: &S) -> Result<Chosen, Error> {
        let note = snapshot.latest_checkpoint()?.ok_or(Error::Empty)?;
        let mut owners = Owners::default();
        let mut uids = BTreeSet::new();
        let mut indices = Vec::new();
        for row in snapshot.rows(0..note.checkpoint().size, |kind| self.may_choose(kind)) {
            let (index, row) = row?;
            owners.read(index, &row);
            if self.chooses(&row, &owners) {
                indices.push(index);
                let named = row.value("candidates").unwrap_or_default().split(',');
                uids.extend(row.value("uid").into_iter().chain(named).map(str::to_owned));
            }
        }
        Ok(Chosen {
            indices,
            uids: (self.preset != Preset::Everything).then_some(uids),
            redact: self.redact.clone(),
            with_local: self.with_local,
        })
    }

    /// Whether any entry of the kind may be chosen: of the others no more than that is read.
    fn may_choose(&self, kind: Kind) -> bool {
        let is_connection = matches!(kind, Kind::Opened | Kind::Changed | Kind::Closed);
        self.preset != Preset::Alerts || !is_connection
    }

    fn chooses(&self, row: &Row, owners: &Owners) -> bool {
        match row.kind {
            // Without these, nobody knows how rows were obtained, and when somebody looked.
            Kind::Started
            | Kind::Device
            | Kind::Stopped
            | Kind::Packages
            | Kind::List
            | Kind::Epoch
            | Kind::Predecessor
            | Kind::Prune
            | Kind::Witness => true,
            Kind::Opened | Kind::Changed | Kind::Closed => {
                self.within(row)
                    && match self.preset {
                        Preset::Alerts => false,
                        Preset::Firmware => owners.may_be_firmware(row),
                        Preset::Everything => true,
                    }
            }
            Kind::Alert
            | Kind::Coverage
            | Kind::Clock
            | Kind::Heartbeat
            | Kind::Gap
            | Kind::Drop
            | Kind::Mark
            | Kind::Practice
            | Kind::Config => self.within(row),
        }
    }

    fn within(&self, row: &Row) -> bool {
        let time = row.value("time").and_then(read_moment);
        time.is_none_or(|(time, _)| {
            self.since.is_none_or(|since| since <= time)
                && self.until.is_none_or(|until| time <= until)
        })
    }
}

/// Entries that were chosen, and what is disclosed of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chosen {
    /// The chosen entries, ascending.
    pub indices: Vec<u64>,
    /// The UIDs whose owners are disclosed; `None` for all.
    uids: Option<BTreeSet<String>>,
    redact: BTreeSet<String>,
    with_local: bool,
}

impl Disclosure for Chosen {
    fn discloses(&self, _: Kind, name: &str, value: &str) -> bool {
        let plain = name.split('.').next().unwrap_or(name);
        let tells_remote = matches!(plain, "names" | "entry") && self.redact.contains("remote");
        if self.redact.contains(name) || self.redact.contains(plain) || tells_remote {
            return false;
        }
        match plain {
            "local" => self.with_local || value == "-",
            _ if plain != name => self.uids.as_ref().is_none_or(|uids| {
                let owner = OwnerText::parse(value);
                owner.is_some_and(|owner| uids.contains(&owner.uid.to_string()))
            }),
            _ => true,
        }
    }
}

/// Whether owners come with the phone, by what packages entries say.
#[derive(Debug, Default)]
struct Owners(BTreeMap<(u64, String), bool>);

impl Owners {
    fn read(&mut self, index: u64, row: &Row) {
        if row.kind != Kind::Packages {
            return;
        }
        for owner in row.values().skip(Kind::Packages.fields().len()) {
            if let Some(owner) = OwnerText::parse(owner) {
                let no = owner.firmware == "no";
                self.0.insert((index, owner.uid.to_string()), !no);
            }
        }
    }

    /// Whether it cannot be excluded: an owner that is not known may be anybody.
    fn may_be_firmware(&self, row: &Row) -> bool {
        let index = row.value("owner").and_then(crate::number::parse);
        let owner = index.zip(row.value("uid").map(str::to_owned));
        owner
            .and_then(|owner| self.0.get(&owner).copied())
            .unwrap_or(true)
    }
}
