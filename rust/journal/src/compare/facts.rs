//! How things stood: the phone, the tier, the lists.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::bundle::ShownEntry;
use crate::entry::Kind;
use crate::number;

/// The most values of a fact that are kept.
const MAX_VALUES: usize = 16;
/// The most lists that are kept.
const MAX_LISTS: usize = 1000;

/// A value as a file tells it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Told {
    /// It says so.
    Value(Box<str>),
    /// It has nothing to say.
    Nothing,
    /// It withholds it.
    Withheld,
}

impl Told {
    /// The field called `name`.
    pub(super) fn of(entry: &ShownEntry, name: &str) -> Self {
        match field(entry, name) {
            Field::Value(value) => Self::Value(value.into()),
            Field::Nothing => Self::Nothing,
            Field::Withheld => Self::Withheld,
        }
    }
}

/// A field of an entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Field<'a> {
    Value(&'a str),
    Nothing,
    Withheld,
}

/// The field called `name`. [`ShownEntry::value`] does not tell nothing from withheld.
pub(super) fn field<'a>(entry: &'a ShownEntry, name: &str) -> Field<'a> {
    let shown = entry
        .kind()
        .position(name)
        .and_then(|at| entry.fields().nth(at));
    match shown {
        Some((_, Some("-"))) | None => Field::Nothing,
        Some((_, Some(value))) => Field::Value(value),
        Some((_, None)) => Field::Withheld,
    }
}

/// Something about the phone or the watch, in both files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fact {
    /// The kind of entry that says so and its field, such as `device.model`.
    pub name: &'static str,
    /// Every value that the earlier file has in its time, in order; none where it does not say.
    pub before: Vec<Told>,
    /// Likewise the later file.
    pub after: Vec<Told>,
}

impl Fact {
    /// Whether both files say the same.
    pub fn is_same(&self) -> bool {
        self.before == self.after
    }

    /// Whether it cannot be compared, because a file withholds a value or has none.
    pub fn is_uncertain(&self) -> bool {
        let unclear = |told: &[Told]| told.is_empty() || told.contains(&Told::Withheld);
        unclear(&self.before) || unclear(&self.after)
    }
}

/// A list that was watched with.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ListFact {
    /// Its name.
    pub name: Told,
    /// Its category.
    pub category: Told,
    /// The digest of its file.
    pub sha256: Told,
}

/// The facts, in the order in which they are shown: entry's kind, field, and the fact's name.
const FACTS: [(Kind, &str, &str); 21] = [
    (Kind::Device, "model", "device.model"),
    (Kind::Device, "fingerprint", "device.fingerprint"),
    (Kind::Device, "tags", "device.tags"),
    (Kind::Device, "security_patch", "device.security_patch"),
    (Kind::Device, "kernel", "device.kernel"),
    (Kind::Device, "baseband", "device.baseband"),
    (Kind::Device, "verified_boot", "device.verified_boot"),
    (Kind::Device, "bootloader", "device.bootloader"),
    (Kind::Device, "selinux", "device.selinux"),
    (Kind::Device, "adb", "device.adb"),
    (Kind::Device, "apk_signer", "device.apk_signer"),
    (Kind::Started, "provenance", "started.provenance"),
    (Kind::Started, "platform", "started.platform"),
    (Kind::Started, "source", "started.source"),
    (Kind::Started, "interval_ms", INTERVAL),
    (Kind::Started, "scope", SCOPE),
    (
        Kind::Started,
        "packages_overridden",
        "started.packages_overridden",
    ),
    (Kind::Started, "version", "started.version"),
    (Kind::Started, "case", "started.case"),
    (Kind::Started, "operator", "started.operator"),
    (Kind::Config, RECORDED_CONFIG, RECORDED),
];

const INTERVAL: &str = "started.interval_ms";
const SCOPE: &str = "started.scope";
pub(super) const RECORDED: &str = "config.recorded";
/// The name of the config entry that says whose connections are kept.
const RECORDED_CONFIG: &str = "recorded";

/// The facts of one side.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// As things stand.
    current: BTreeMap<&'static str, Told>,
    current_lists: BTreeSet<ListFact>,
    noted: BTreeMap<&'static str, Vec<Told>>,
    lists: BTreeSet<ListFact>,
    /// Whether the time has begun that counts.
    counts: bool,
}

impl Facts {
    /// From here on it counts: how things stand now is how they stood at its beginning.
    pub(super) fn begin(&mut self) {
        if std::mem::replace(&mut self.counts, true) {
            return;
        }
        for (name, told) in &self.current {
            self.noted.insert(name, vec![told.clone()]);
        }
        self.lists.clone_from(&self.current_lists);
    }

    pub(super) fn entry(&mut self, entry: &ShownEntry) {
        match entry.kind() {
            Kind::Started => {
                self.current_lists.clear();
                self.fixed(entry);
            }
            Kind::Device => self.fixed(entry),
            Kind::List => self.list(entry),
            Kind::Config => self.config(entry),
            _ => {}
        }
    }

    fn fixed(&mut self, entry: &ShownEntry) {
        for (kind, field, name) in FACTS {
            if kind == entry.kind() {
                self.note(name, Told::of(entry, field));
            }
        }
    }

    fn config(&mut self, entry: &ShownEntry) {
        let value = Told::of(entry, "value");
        match (entry.value("name"), &value) {
            (Some("interval"), Told::Value(text)) => {
                let millis = text.strip_suffix(" ms").unwrap_or(text);
                self.note(INTERVAL, Told::Value(millis.into()));
            }
            (Some("interval"), _) => self.note(INTERVAL, value),
            (Some("scope"), _) => self.note(SCOPE, value),
            (Some(RECORDED_CONFIG), _) => self.note(RECORDED, value),
            _ => {}
        }
    }

    fn list(&mut self, entry: &ShownEntry) {
        let list = ListFact {
            name: Told::of(entry, "name"),
            category: Told::of(entry, "category"),
            sha256: Told::of(entry, "sha256"),
        };
        if self.counts && self.lists.len() < MAX_LISTS {
            self.lists.insert(list.clone());
        }
        if self.current_lists.len() < MAX_LISTS {
            self.current_lists.insert(list);
        }
    }

    fn note(&mut self, name: &'static str, told: Told) {
        if self.counts {
            let noted = self.noted.entry(name).or_default();
            if !noted.contains(&told) && noted.len() < MAX_VALUES {
                noted.push(told.clone());
            }
        }
        self.current.insert(name, told);
    }

    /// What was noted of the fact called `name`.
    pub(super) fn noted(&self, name: &str) -> &[Told] {
        self.noted.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) const fn lists(&self) -> &BTreeSet<ListFact> {
        &self.lists
    }

    /// The shortest and the longest time between two looks; `None` where one is not told.
    pub(super) fn intervals(&self) -> Option<(Duration, Duration)> {
        let mut millis = Vec::new();
        for told in self.noted(INTERVAL) {
            let Told::Value(text) = told else { return None };
            millis.push(number::parse(text)?);
        }
        let (least, most) = (millis.iter().min()?, millis.iter().max()?);
        Some((Duration::from_millis(*least), Duration::from_millis(*most)))
    }

    /// Both sides' facts, those of which neither says anything left out.
    pub(super) fn beside(&self, after: &Self) -> Vec<Fact> {
        FACTS
            .iter()
            .map(|(_, _, name)| Fact {
                name,
                before: self.noted(name).to_vec(),
                after: after.noted(name).to_vec(),
            })
            .filter(|fact| !(fact.before.is_empty() && fact.after.is_empty()))
            .collect()
    }
}
