//! The kinds of entries and their fields, in the order that leaf texts have them.
//!
//! These tables are frozen: another field, order or name is another version of the format.

use std::borrow::Cow;
use std::fmt;

use super::value::FieldType;

/// What an entry is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// The watch began, and how rows are obtained.
    Started,
    /// What the phone says of itself.
    Device,
    /// The watch ended.
    Stopped,
    /// A connection was seen for the first time.
    Opened,
    /// A connection's state, owner or inode became another.
    Changed,
    /// A connection is gone.
    Closed,
    /// A list entry was hit, or something is noted.
    Alert,
    /// What can be looked at changed.
    Coverage,
    /// The clock on the wall jumped.
    Clock,
    /// The watch was alive.
    Heartbeat,
    /// Nobody looked for a while.
    Gap,
    /// Events were lost.
    Drop,
    /// A list was loaded.
    List,
    /// Who the UIDs are, one field each.
    Packages,
    /// The operator's words.
    Mark,
    /// The practice alert.
    Practice,
    /// A setting changed.
    Config,
    /// The next key.
    Epoch,
    /// A witness answered.
    Witness,
    /// The log that this one continues.
    Predecessor,
    /// Old rows were deleted.
    Prune,
}

/// A field of every entry of a kind: its name and the type of its values.
pub type Field = (&'static str, FieldType);

impl Kind {
    /// Every kind, in order of number.
    pub const ALL: [Self; 21] = [
        Self::Started,
        Self::Device,
        Self::Stopped,
        Self::Opened,
        Self::Changed,
        Self::Closed,
        Self::Alert,
        Self::Coverage,
        Self::Clock,
        Self::Heartbeat,
        Self::Gap,
        Self::Drop,
        Self::List,
        Self::Packages,
        Self::Mark,
        Self::Practice,
        Self::Config,
        Self::Epoch,
        Self::Witness,
        Self::Predecessor,
        Self::Prune,
    ];

    /// The most `owner.N` fields that a packages entry may have.
    pub const MAX_OWNERS: usize = 4096;

    /// The word in signed text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Device => "device",
            Self::Stopped => "stopped",
            Self::Opened => "opened",
            Self::Changed => "changed",
            Self::Closed => "closed",
            Self::Alert => "alert",
            Self::Coverage => "coverage",
            Self::Clock => "clock",
            Self::Heartbeat => "heartbeat",
            Self::Gap => "gap",
            Self::Drop => "drop",
            Self::List => "list",
            Self::Packages => "packages",
            Self::Mark => "mark",
            Self::Practice => "practice",
            Self::Config => "config",
            Self::Epoch => "epoch",
            Self::Witness => "witness",
            Self::Predecessor => "predecessor",
            Self::Prune => "prune",
        }
    }

    /// The kind that signed text calls so.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The number in stored rows.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Started => 1,
            Self::Device => 2,
            Self::Stopped => 3,
            Self::Opened => 4,
            Self::Changed => 5,
            Self::Closed => 6,
            Self::Alert => 7,
            Self::Coverage => 8,
            Self::Clock => 9,
            Self::Heartbeat => 10,
            Self::Gap => 11,
            Self::Drop => 12,
            Self::List => 13,
            Self::Packages => 14,
            Self::Mark => 15,
            Self::Practice => 16,
            Self::Config => 17,
            Self::Epoch => 18,
            Self::Witness => 19,
            Self::Predecessor => 20,
            Self::Prune => 21,
        }
    }

    /// The kind with this number in stored rows.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The fields that every entry of this kind has, in order.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Started => STARTED,
            Self::Device => DEVICE,
            Self::Stopped => STOPPED,
            Self::Opened | Self::Closed => OPENED,
            Self::Changed => CHANGED,
            Self::Alert => ALERT,
            Self::Coverage => COVERAGE,
            Self::Clock => CLOCK,
            Self::Heartbeat => HEARTBEAT,
            Self::Gap => GAP,
            Self::Drop => DROP,
            Self::List => LIST,
            Self::Packages => PACKAGES,
            Self::Mark => MARK,
            Self::Practice => PRACTICE,
            Self::Config => CONFIG,
            Self::Epoch => EPOCH,
            Self::Witness => WITNESS,
            Self::Predecessor => PREDECESSOR,
            Self::Prune => PRUNE,
        }
    }

    /// The name of the field at `position`, with `owner.N` behind the fields of a packages entry;
    /// `None` where this kind has none.
    pub fn field_name(self, position: usize) -> Option<Cow<'static, str>> {
        if let Some((name, _)) = self.fields().get(position) {
            return Some(Cow::Borrowed(name));
        }
        let owner = self.owner_number(position)?;
        Some(Cow::Owned(format!("{OWNER_PREFIX}{owner}")))
    }

    /// The type of the field at `position`.
    pub fn field_type(self, position: usize) -> Option<FieldType> {
        if let Some((_, kind)) = self.fields().get(position) {
            return Some(*kind);
        }
        self.owner_number(position).map(|_| FieldType::Owner)
    }

    /// Where the field called `name` stands.
    pub fn position(self, name: &str) -> Option<usize> {
        if let Some(at) = self.fields().iter().position(|(known, _)| *known == name) {
            return Some(at);
        }
        let number = crate::number::parse(name.strip_prefix(OWNER_PREFIX)?)?;
        let behind = usize::try_from(number).ok()?.checked_sub(1)?;
        let position = self.fields().len().checked_add(behind)?;
        self.owner_number(position).map(|_| position)
    }

    /// Whether an entry of this kind may have `count` fields.
    pub fn may_have(self, count: usize) -> bool {
        let fixed = self.fields().len();
        count == fixed || (count > fixed && self.owner_number(count.saturating_sub(1)).is_some())
    }

    /// Whether entries of this kind stay when old rows are pruned: without them, the rest is not
    /// understood, or its signatures cannot be checked.
    pub const fn stays(self) -> bool {
        matches!(
            self,
            Self::Started | Self::Device | Self::Packages | Self::Epoch
        )
    }

    /// The N of `owner.N` at `position`.
    fn owner_number(self, position: usize) -> Option<usize> {
        let behind = position.checked_sub(self.fields().len())?;
        (self == Self::Packages && behind < Self::MAX_OWNERS).then_some(behind + 1)
    }
}

/// The word in signed text.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

const OWNER_PREFIX: &str = "owner.";

const STARTED: &[Field] = &[
    ("time", FieldType::Moment),
    ("version", FieldType::Text),
    ("provenance", FieldType::Word),
    ("platform", FieldType::Word),
    ("boot_id", FieldType::Text),
    ("procfs", FieldType::Flag),
    ("source", FieldType::Word),
    ("interval_ms", FieldType::Number),
    ("scope", FieldType::Word),
    ("packages_overridden", FieldType::Flag),
    ("case", FieldType::Text),
    ("operator", FieldType::Text),
];

const DEVICE: &[Field] = &[
    ("time", FieldType::Moment),
    ("model", FieldType::Text),
    ("fingerprint", FieldType::Text),
    ("tags", FieldType::Text),
    ("security_patch", FieldType::Text),
    ("kernel", FieldType::Text),
    ("baseband", FieldType::Text),
    ("verified_boot", FieldType::Text),
    ("bootloader", FieldType::Text),
    ("selinux", FieldType::Word),
    ("adb", FieldType::Flag),
    ("version", FieldType::Text),
    ("apk_signer", FieldType::Hex),
];

const STOPPED: &[Field] = &[
    ("time", FieldType::Moment),
    ("polls", FieldType::Number),
    ("matches", FieldType::Number),
    ("possible", FieldType::Number),
    ("dropped", FieldType::Number),
];

const OPENED: &[Field] = &[
    ("time", FieldType::Moment),
    ("after", FieldType::Moment),
    ("by", FieldType::Moment),
    ("connection", FieldType::Number),
    ("protocol", FieldType::Word),
    ("local", FieldType::Endpoint),
    ("remote", FieldType::Endpoint),
    ("state", FieldType::Word),
    ("direction", FieldType::Word),
    ("uid", FieldType::Number),
    ("owner", FieldType::Index),
    ("inode", FieldType::Number),
    ("program", FieldType::Text),
    ("names", FieldType::Text),
    ("ours", FieldType::Word),
];

const CHANGED: &[Field] = &[
    ("time", FieldType::Moment),
    ("after", FieldType::Moment),
    ("by", FieldType::Moment),
    ("connection", FieldType::Number),
    ("protocol", FieldType::Word),
    ("local", FieldType::Endpoint),
    ("remote", FieldType::Endpoint),
    ("state", FieldType::Word),
    ("was", FieldType::Word),
    ("direction", FieldType::Word),
    ("uid", FieldType::Number),
    ("owner", FieldType::Index),
    ("inode", FieldType::Number),
    ("program", FieldType::Text),
    ("names", FieldType::Text),
    ("ours", FieldType::Word),
];

const ALERT: &[Field] = &[
    ("time", FieldType::Moment),
    ("level", FieldType::Word),
    ("reason", FieldType::Word),
    ("connection", FieldType::Number),
    ("protocol", FieldType::Word),
    ("local", FieldType::Endpoint),
    ("remote", FieldType::Endpoint),
    ("state", FieldType::Word),
    ("direction", FieldType::Word),
    ("uid", FieldType::Number),
    ("owner", FieldType::Index),
    ("program", FieldType::Text),
    ("names", FieldType::Text),
    ("ours", FieldType::Word),
    ("list", FieldType::Text),
    ("category", FieldType::Word),
    ("entry", FieldType::Text),
    ("line", FieldType::Number),
    ("list_date", FieldType::Time),
    ("list_sha256", FieldType::Hex),
    ("hit", FieldType::Word),
    ("weakened", FieldType::Words),
    ("first_seen", FieldType::Time),
    ("last_seen", FieldType::Time),
    ("count", FieldType::Number),
    ("bytes", FieldType::Number),
    ("candidates", FieldType::Numbers),
];

const COVERAGE: &[Field] = &[
    ("time", FieldType::Moment),
    ("table", FieldType::Word),
    ("source", FieldType::Word),
    ("status", FieldType::Word),
    ("rows", FieldType::Number),
    ("bad_rows", FieldType::Number),
    ("detail", FieldType::Text),
];

const CLOCK: &[Field] = &[
    ("time", FieldType::Moment),
    ("before", FieldType::Moment),
    ("jump_ms", FieldType::Signed),
];

const HEARTBEAT: &[Field] = &[
    ("time", FieldType::Moment),
    ("awake_ms", FieldType::Number),
    ("suspended_ms", FieldType::Number),
    ("polls", FieldType::Number),
    ("watched_ms", FieldType::Number),
    ("denied_ms", FieldType::Number),
    ("connections", FieldType::Number),
];

const GAP: &[Field] = &[
    ("time", FieldType::Moment),
    ("from", FieldType::Moment),
    ("reason", FieldType::Word),
    ("cause", FieldType::Word),
    ("detail", FieldType::Text),
];

const DROP: &[Field] = &[("time", FieldType::Moment), ("events", FieldType::Number)];

const LIST: &[Field] = &[
    ("time", FieldType::Moment),
    ("name", FieldType::Text),
    ("category", FieldType::Word),
    ("date", FieldType::Time),
    ("sha256", FieldType::Hex),
    ("rules", FieldType::Number),
    ("bad_lines", FieldType::Number),
];

const PACKAGES: &[Field] = &[
    ("time", FieldType::Moment),
    ("status", FieldType::Word),
    ("source", FieldType::Word),
    ("packages", FieldType::Number),
    ("uids", FieldType::Number),
    ("sha256", FieldType::Hex),
];

const MARK: &[Field] = &[
    ("time", FieldType::Moment),
    ("preset", FieldType::Word),
    ("text", FieldType::Text),
];

const PRACTICE: &[Field] = &[
    ("time", FieldType::Moment),
    ("outcome", FieldType::Word),
    ("connection", FieldType::Number),
    ("remote", FieldType::Endpoint),
    ("detail", FieldType::Text),
];

const CONFIG: &[Field] = &[
    ("time", FieldType::Moment),
    ("name", FieldType::Text),
    ("value", FieldType::Text),
];

const EPOCH: &[Field] = &[
    ("time", FieldType::Moment),
    ("epoch", FieldType::Number),
    ("vkey", FieldType::Vkey),
    ("reason", FieldType::Word),
];

const WITNESS: &[Field] = &[
    ("time", FieldType::Moment),
    ("name", FieldType::Text),
    ("vkey", FieldType::Vkey),
    ("size", FieldType::Number),
    ("root", FieldType::Hash),
    ("cosignature", FieldType::Cosignature),
    ("nonce", FieldType::Text),
];

const PREDECESSOR: &[Field] = &[
    ("time", FieldType::Moment),
    ("origin", FieldType::Origin),
    ("size", FieldType::Number),
    ("root", FieldType::Hash),
    ("signature", FieldType::Text),
    ("known_by", FieldType::Word),
    ("reason", FieldType::Word),
];

const PRUNE: &[Field] = &[
    ("time", FieldType::Moment),
    ("below", FieldType::Index),
    ("rows", FieldType::Number),
    ("reason", FieldType::Word),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_has_the_same_tables() {
        let page = include_str!("../../../../docs/LOG-FORMAT.md");
        for kind in Kind::ALL {
            let fields: Vec<String> = kind
                .fields()
                .iter()
                .map(|(name, of)| format!("`{name}` {}", of.as_str()))
                .collect();
            let row = match kind {
                Kind::Changed => {
                    "| `changed` | as `opened`, with `was` word after `state` |".into()
                }
                Kind::Closed => "| `closed` | as `opened` |".into(),
                Kind::Packages => format!("| `packages` | {}, then `owner.1`", fields.join(", ")),
                _ => format!("| `{kind}` | {} |", fields.join(", ")),
            };
            assert!(page.contains(&row), "{row}");
        }
        let mut changed = Kind::Opened.fields().to_vec();
        let state = Kind::Opened.position("state").unwrap();
        changed.insert(state + 1, ("was", FieldType::Word));
        assert_eq!(Kind::Changed.fields(), changed);
    }

    #[test]
    fn words_and_numbers_lead_back() {
        for (position, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(Kind::from_word(kind.as_str()), Some(kind));
            assert_eq!(Kind::from_number(kind.number()), Some(kind));
            assert_eq!(usize::from(kind.number()), position + 1);
        }
        assert_eq!(Kind::from_word("Opened"), None);
        assert_eq!(Kind::from_number(0), None);
        assert_eq!(Kind::from_number(22), None);
    }

    #[test]
    fn only_packages_have_owners_and_not_without_end() {
        assert_eq!(Kind::Mark.field_name(3), None);
        assert!(Kind::Mark.may_have(3) && !Kind::Mark.may_have(4) && !Kind::Mark.may_have(2));
        assert_eq!(Kind::Packages.field_name(6).as_deref(), Some("owner.1"));
        assert_eq!(Kind::Packages.position("owner.1"), Some(6));
        let last = 6 + Kind::MAX_OWNERS;
        assert!(Kind::Packages.may_have(6) && Kind::Packages.may_have(last));
        assert!(!Kind::Packages.may_have(last + 1));
        assert_eq!(Kind::Packages.position("owner.4097"), None);
        for bad in ["owner.0", "owner.01", "owner.", "owner.-1", "owner"] {
            assert_eq!(Kind::Packages.position(bad), None, "{bad}");
        }
    }
}
