//! What a verified file says, gathered in one pass into bounded memory.

use std::collections::BTreeMap;

use portlog_journal::Report;
use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::Kind;
use portlog_model::{GapReason, Platform};

use super::destination::Destinations;
use super::finding::{Findings, Sorted};
use super::owner::Owners;
use super::stamp::Stamp;
use super::timeline::Timeline;
use super::told::{Row, Told};
use super::word;

/// The most watches, changes of the phone, lists, marks and other happenings that are kept.
const MAX_WATCHES: usize = 60;
const MAX_CHANGES: usize = 60;
const MAX_LISTS: usize = 60;
const MAX_MARKS: usize = 100;
const MAX_HAPPENINGS: usize = 100;
/// The most tables: the kernel has ten, and then there are packages and names.
const MAX_TABLES: usize = 24;

/// Rows, and how many more there are.
#[derive(Debug)]
pub(crate) struct Bounded<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) left_out: u64,
    most: usize,
}

impl<T> Bounded<T> {
    const fn new(most: usize) -> Self {
        Self {
            rows: Vec::new(),
            left_out: 0,
            most,
        }
    }

    fn push(&mut self, row: T) {
        if self.rows.len() < self.most {
            self.rows.push(row);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }
}

/// A watch: a `started` entry.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) time: Told,
    pub(crate) provenance: Told,
    pub(crate) platform: Told,
    pub(crate) source: Told,
    pub(crate) interval: Told,
    pub(crate) scope: Told,
    pub(crate) version: Told,
}

/// A value of the phone that became another.
#[derive(Debug)]
pub(crate) struct DeviceChange {
    pub(crate) time: Told,
    pub(crate) field: &'static str,
    pub(crate) before: Told,
    pub(crate) after: Told,
}

/// A table or list, as last shown.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: Told,
    pub(crate) source: Told,
    pub(crate) status: Told,
    /// The entry as the model has it, where its words are known.
    pub(crate) coverage: Option<portlog_model::Coverage>,
    /// Entries in which it could not be read.
    pub(crate) denied: u64,
}

/// A list that was in force.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) name: Told,
    pub(crate) category: Told,
    pub(crate) date: Told,
    pub(crate) sha256: Told,
    pub(crate) rules: Told,
    pub(crate) bad_lines: Told,
}

/// Something that happened to the phone, the watch or the log.
#[derive(Debug)]
pub(crate) struct Happening {
    pub(crate) index: u64,
    pub(crate) time: Told,
    pub(crate) since: Option<Told>,
    pub(crate) what: What,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum What {
    /// A preset mark, by its word, or the operator's words.
    Preset(Told),
    Words(Told),
    /// Nobody looked, and why; in words of the log where they are not known.
    Gap(Result<GapReason, Told>),
    ClockJump(i64),
    Dropped(u64),
    Pruned(u64),
    Predecessor(Told),
    Witness(Told, u64),
}

/// Everything that the page is made from.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The platform of the latest watch that tells.
    pub(crate) platform: Platform,
    pub(crate) case: Told,
    pub(crate) operator: Told,
    /// The longest time between two looks.
    pub(crate) interval: Option<u64>,
    pub(crate) watches: Bounded<Watch>,
    /// What the first device entry says, in order of its fields.
    pub(crate) device: Vec<(&'static str, Told)>,
    pub(crate) changes: Bounded<DeviceChange>,
    pub(crate) owners: Owners,
    pub(crate) findings: Sorted,
    pub(crate) destinations: Destinations,
    pub(crate) timeline: Option<Timeline>,
    pub(crate) marks: Bounded<Happening>,
    pub(crate) happenings: Bounded<Happening>,
    pub(crate) tables: BTreeMap<Told, Table>,
    pub(crate) lists: Bounded<List>,
}

/// Facts on their way.
#[derive(Debug)]
pub(crate) struct Gather {
    facts: Facts,
    findings: Findings,
    /// What the phone said last.
    device: BTreeMap<&'static str, Told>,
    /// The period that entries have, in milliseconds since 1970.
    period: Option<(i64, i64)>,
}

impl Gather {
    /// For a file of which `report` is certain.
    pub(crate) fn new(report: &Report) -> Self {
        let period = report
            .period
            .map(|(from, to)| (from.as_millis(), to.as_millis()));
        Self {
            facts: Facts {
                platform: Platform::Android,
                case: Told::Nothing,
                operator: Told::Nothing,
                interval: None,
                watches: Bounded::new(MAX_WATCHES),
                device: Vec::new(),
                changes: Bounded::new(MAX_CHANGES),
                owners: Owners::default(),
                findings: Sorted::default(),
                destinations: Destinations::default(),
                timeline: None,
                marks: Bounded::new(MAX_MARKS),
                happenings: Bounded::new(MAX_HAPPENINGS),
                tables: BTreeMap::new(),
                lists: Bounded::new(MAX_LISTS),
            },
            findings: Findings::default(),
            device: BTreeMap::new(),
            period,
        }
    }

    /// Reads the next shown entry.
    pub(crate) fn read(&mut self, entry: &ShownEntry) {
        let row = Row::new(entry);
        self.begin_timeline(&row);
        match row.kind {
            Kind::Started => self.started(&row),
            Kind::Device => self.device(&row),
            Kind::Packages => self.facts.owners.read(&row),
            Kind::Opened | Kind::Changed | Kind::Closed => {
                self.facts.destinations.read(&row, &self.facts.owners);
            }
            Kind::Alert => self.alert(&row),
            Kind::Coverage => self.coverage(&row),
            Kind::List => self.list(&row),
            Kind::Heartbeat => {
                if let Some(timeline) = &mut self.facts.timeline {
                    timeline.heartbeat(&row);
                }
            }
            Kind::Gap => self.gap(&row),
            Kind::Mark => self.mark(&row),
            Kind::Clock => {
                let jump = row.value("jump_ms").and_then(|jump| jump.parse().ok());
                self.happening(&row, None, What::ClockJump(jump.unwrap_or(0)));
            }
            Kind::Drop => {
                let events = row.number("events").unwrap_or(0);
                self.happening(&row, None, What::Dropped(events));
            }
            Kind::Prune => {
                let below = row.number("below").unwrap_or(0);
                self.happening(&row, None, What::Pruned(below));
            }
            Kind::Predecessor => {
                self.happening(&row, None, What::Predecessor(row.told("origin")));
            }
            Kind::Witness => {
                let size = row.number("size").unwrap_or(0);
                self.happening(&row, None, What::Witness(row.told("name"), size));
            }
            Kind::Stopped | Kind::Practice | Kind::Config | Kind::Epoch => {}
        }
    }

    /// All of it.
    pub(crate) fn finish(self) -> Facts {
        Facts {
            findings: self.findings.sorted(),
            ..self.facts
        }
    }

    /// The clock of the first time that is shown is that of the whole timeline.
    fn begin_timeline(&mut self, row: &Row<'_>) {
        if self.facts.timeline.is_some() {
            return;
        }
        let first = row.value("time").and_then(Stamp::read);
        if let (Some((from, to)), Some(stamp)) = (self.period, first) {
            self.facts.timeline = Some(Timeline::new(stamp.with_millis(from), to));
        }
    }

    fn started(&mut self, row: &Row<'_>) {
        let facts = &mut self.facts;
        if let Some(platform) = row.value("platform").and_then(word::platform) {
            facts.platform = platform;
        }
        facts.interval = facts.interval.max(row.number("interval_ms"));
        for (known, name) in [(&mut facts.case, "case"), (&mut facts.operator, "operator")] {
            if *known == Told::Nothing {
                *known = row.told(name);
            }
        }
        facts.watches.push(Watch {
            time: row.told("time"),
            provenance: row.told("provenance"),
            platform: row.told("platform"),
            source: row.told("source"),
            interval: row.told("interval_ms"),
            scope: row.told("scope"),
            version: row.told("version"),
        });
    }

    fn device(&mut self, row: &Row<'_>) {
        let is_first = self.facts.device.is_empty();
        for (name, _) in Kind::Device.fields().iter().skip(1) {
            let told = row.told(name);
            if is_first {
                self.facts.device.push((name, told.clone()));
            }
            let before = self.device.insert(name, told.clone());
            if let Some(before) = before.filter(|before| *before != told) {
                self.facts.changes.push(DeviceChange {
                    time: row.told("time"),
                    field: name,
                    before,
                    after: told,
                });
            }
        }
    }

    fn alert(&mut self, row: &Row<'_>) {
        let opened = self.facts.destinations.opened(row);
        let Facts {
            owners,
            platform,
            timeline,
            ..
        } = &mut self.facts;
        self.findings.read(row, owners, *platform, opened);
        let at = row.value("time").and_then(Stamp::read);
        let claims = matches!(row.value("level"), Some("match" | "possible"));
        let practice = row.value("ours") == Some("practice");
        if let (Some(timeline), Some(at), true, false) = (timeline, at, claims, practice) {
            timeline.alert(at.millis);
        }
    }

    fn coverage(&mut self, row: &Row<'_>) {
        let name = row.told("table");
        let tables = &mut self.facts.tables;
        let denied = tables.get(&name).map_or(0, |table| table.denied);
        if tables.len() >= MAX_TABLES && !tables.contains_key(&name) {
            return;
        }
        let words = [
            row.value("table").unwrap_or("-"),
            row.value("source").unwrap_or("-"),
            row.value("status").unwrap_or("-"),
        ];
        let counts = ["rows", "bad_rows"].map(|name| row.number(name).unwrap_or(0));
        let coverage = if row.is_withheld("detail") || row.is_withheld("rows") {
            None
        } else {
            word::coverage(words, counts, row.value("detail"))
        };
        let is_denied = row.value("status") == Some("denied");
        tables.insert(
            name.clone(),
            Table {
                name,
                source: row.told("source"),
                status: row.told("status"),
                coverage,
                denied: denied.saturating_add(u64::from(is_denied)),
            },
        );
    }

    fn list(&mut self, row: &Row<'_>) {
        let list = List {
            name: row.told("name"),
            category: row.told("category"),
            date: row.told("date"),
            sha256: row.told("sha256"),
            rules: row.told("rules"),
            bad_lines: row.told("bad_lines"),
        };
        let same = |other: &List| {
            (&other.name, &other.category, &other.sha256)
                == (&list.name, &list.category, &list.sha256)
        };
        if !self.facts.lists.rows.iter().any(same) {
            self.facts.lists.push(list);
        }
    }

    fn gap(&mut self, row: &Row<'_>) {
        if let Some(timeline) = &mut self.facts.timeline {
            timeline.gap(row);
        }
        let reason = row
            .value("reason")
            .and_then(|reason| word::gap(reason, row.value("cause"), row.value("detail")));
        let what = What::Gap(reason.ok_or_else(|| row.told("reason")));
        self.happening(row, Some(row.told("from")), what);
    }

    fn mark(&mut self, row: &Row<'_>) {
        let at = row.value("time").and_then(Stamp::read);
        if let (Some(timeline), Some(at)) = (&mut self.facts.timeline, at) {
            timeline.mark(at.millis);
        }
        let what = match row.told("preset") {
            Told::Nothing => What::Words(row.told("text")),
            preset => What::Preset(preset),
        };
        let mark = Happening {
            index: row.index,
            time: row.told("time"),
            since: None,
            what,
        };
        self.facts.marks.push(mark);
    }

    fn happening(&mut self, row: &Row<'_>, since: Option<Told>, what: What) {
        self.facts.happenings.push(Happening {
            index: row.index,
            time: row.told("time"),
            since,
            what,
        });
    }
}
