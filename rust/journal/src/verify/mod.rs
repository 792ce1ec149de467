//! Whether a bundle is what was signed. One way through for everyone, and no check can be left out.

mod against;
mod chain;
mod fork;
mod report;
mod watched;
mod witnesses;

use std::collections::BTreeMap;
use std::io::BufRead;

pub use against::{Comparison, Fork, Held, compare, epochs, state};
pub use chain::Chain;
pub use fork::{ForkReport, fork, is_fork};
pub use report::{EvidenceLevel, Report, Seen};
pub(crate) use watched::stopped_during;
pub use watched::{NOT_LIVE, Observed, Obtained, Watched};

use self::report::Prefix;
use self::watched::Account;
use self::witnesses::Witnesses;
use crate::bundle::{Earlier, EpochStep, Header, MAX_EPOCHS, Mode, Parser, Part, ShownEntry};
use crate::digest::Hash;
use crate::entry::Kind;
use crate::error::Error;
use crate::key::PublicKey;
use crate::note::{Checkpoint, Note};
use crate::origin::Origin;
use crate::rejection::{Fault, Rejection};
use crate::tree::{self, Frontier, Node, Nodes, ProofFault};

/// What the reader knows and wants to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// The reader's clock, in seconds since 1970.
    pub now: u64,
    /// The log that it must be.
    pub pinned: Option<Origin>,
    /// Keys of witnesses that the reader trusts to be whom they say.
    pub witnesses: Vec<PublicKey>,
    /// How many of them must have signed for the log to count as witnessed.
    pub quorum: usize,
    /// Sizes at which the log's state is to be known, to compare it with another copy.
    pub states_at: Vec<u64>,
}

impl Options {
    /// A reader who knows nothing but the time, in seconds since 1970.
    pub const fn at(now: u64) -> Self {
        Self {
            now,
            pinned: None,
            witnesses: Vec::new(),
            quorum: 1,
            states_at: Vec::new(),
        }
    }
}

/// Checks a whole bundle.
///
/// It is read once, in memory that does not grow with its length. Only when this has returned a report
/// may anything of the file be shown as part of a log; [`entries`] reads them then.
pub fn verify(reader: impl BufRead, options: &Options) -> Result<Report, Error> {
    let mut parser = Parser::new(reader)?;
    let mut check = Check::new(parser.header(), options)?;
    let mut file = None;
    while let Some(part) = parser.next_part()? {
        let found = match part {
            Part::Entry(entry, proof) => check.entry(&entry, proof.as_deref()),
            Part::Withheld(index, leaf) => check.withheld(index, leaf),
            Part::Checkpoint(note) => check.checkpoint(note),
            Part::FirstEpoch(key) => check.first_epoch(key),
            Part::Epoch(step) => check.epoch(*step),
            Part::Earlier(earlier) => check.earlier(&earlier),
            Part::End(digest) => {
                file = Some(digest);
                Ok(())
            }
        };
        found.map_err(|rejection| rejection.at(parser.line()))?;
    }
    let file = file.ok_or_else(|| Fault::Truncated.because("no end"))?;
    Ok(check.report(file)?)
}

/// Reads the shown entries of a bundle again that `report` is about, and gives each to `see`.
///
/// What `see` was given counts only when this has returned well: the file must be the same bytes.
pub fn entries(
    reader: impl BufRead,
    report: &Report,
    mut see: impl FnMut(&ShownEntry),
) -> Result<(), Error> {
    let mut parser = Parser::new(reader)?;
    while let Some(part) = parser.next_part()? {
        match part {
            Part::Entry(entry, _) => see(&entry),
            Part::End(digest) if digest != report.sha256 => {
                return Err(Fault::EndHash
                    .because("the file is another than before")
                    .into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// A verification on its way.
struct Check<'a> {
    options: &'a Options,
    header: Header,
    /// The root so far: of the leaves, or the one that all proofs lead to.
    frontier: Frontier,
    root: Option<Hash>,
    next_index: u64,
    last_session: Option<u64>,
    shown: u64,
    /// Epoch entries that are shown: index and leaf.
    epoch_entries: Vec<(u64, Hash)>,
    /// What the entry at index 0 says of epoch and key, where it is shown.
    first_entry: Option<(Option<String>, Option<String>)>,
    account: Account,
    wanted: Wanted,
    checkpoint: Option<Note>,
    chain: Option<Chain>,
    /// The boundary whose consistency with what comes next is still to be checked.
    pending: Option<(Checkpoint, Vec<Hash>)>,
    /// Whether the checkpoint's own signatures have been checked.
    signed: bool,
    last_earlier: u64,
    witnesses: Witnesses<'a>,
    prefixes: BTreeMap<u64, Prefix>,
}

impl<'a> Check<'a> {
    fn new(header: &Header, options: &'a Options) -> Result<Self, Rejection> {
        if header.size == 0 || header.shown > header.size {
            return Err(Fault::ShownCount.because("more entries shown than there are"));
        }
        Ok(Self {
            options,
            header: header.clone(),
            frontier: Frontier::new(),
            root: None,
            next_index: 0,
            last_session: None,
            shown: 0,
            epoch_entries: Vec::new(),
            first_entry: None,
            account: Account::default(),
            wanted: Wanted::new(&options.states_at, header.size),
            checkpoint: None,
            chain: None,
            pending: None,
            signed: false,
            last_earlier: 0,
            witnesses: Witnesses::new(options),
            prefixes: BTreeMap::new(),
        })
    }

    fn entry(&mut self, entry: &ShownEntry, proof: Option<&[Hash]>) -> Result<(), Rejection> {
        self.index(entry.index())?;
        check_session(entry)?;
        if entry.session() < self.last_session {
            return Err(Fault::Session.because("less than that of an entry before"));
        }
        self.last_session = entry.session();
        if let Some(uid) = entry.doubled_owner() {
            return Err(Fault::OwnerTwice.because(format!("UID {uid}")));
        }
        let leaf = entry.leaf(&self.header.origin);
        self.leaf(entry.index(), leaf, proof)?;
        if entry.index() == 0 {
            if entry.kind() != Kind::Epoch {
                return Err(Fault::EpochUnlisted.because("entry 0 has the first key"));
            }
            let text = |name| entry.value(name).map(str::to_owned);
            self.first_entry = Some((text("epoch"), text("vkey")));
        } else if entry.kind() == Kind::Epoch {
            if self.epoch_entries.len() >= usize::try_from(MAX_EPOCHS).unwrap_or(usize::MAX) {
                return Err(Fault::TooMany.because("epoch entries"));
            }
            self.epoch_entries.push((entry.index(), leaf));
        }
        self.shown += 1;
        self.account.read(entry);
        Ok(())
    }

    fn withheld(&mut self, index: u64, leaf: Hash) -> Result<(), Rejection> {
        self.index(index)?;
        self.leaf(index, leaf, None)
    }

    fn index(&mut self, index: u64) -> Result<(), Rejection> {
        let in_order = match self.header.mode {
            Mode::Sparse => index >= self.next_index,
            Mode::Full => index == self.next_index,
        };
        if !in_order || index >= self.header.size {
            return Err(Fault::IndexOrder.because(format!("index {index}")));
        }
        self.next_index = index.saturating_add(1);
        Ok(())
    }

    fn leaf(&mut self, index: u64, leaf: Hash, proof: Option<&[Hash]>) -> Result<(), Rejection> {
        let wanted = &mut self.wanted;
        let Some(proof) = proof else {
            self.frontier
                .push(leaf, |node, hash| wanted.offer(node, hash));
            return Ok(());
        };
        let size = self.header.size;
        let root = tree::root_and_nodes(&leaf, index, size, proof, |node, hash| {
            wanted.offer(node, hash);
        })
        .map_err(|_| Fault::ProofLength.because(format!("entry {index}")))?;
        if *self.root.get_or_insert(root) != root {
            return Err(Fault::ProofRoot.because(format!(
                "the proof of entry {index} leads elsewhere than those before"
            )));
        }
        Ok(())
    }

    fn checkpoint(&mut self, note: Note) -> Result<(), Rejection> {
        let Checkpoint { origin, size, root } = note.checkpoint();
        let header = &self.header;
        if *origin != header.origin {
            return Err(Fault::Origin.because("the checkpoint is another log's"));
        }
        if *size != header.size || self.shown != header.shown {
            return Err(Fault::ShownCount.because(format!("{} of {size} is true", self.shown)));
        }
        match header.mode {
            Mode::Full if self.next_index != *size => {
                return Err(Fault::IndexOrder.because(format!("only {} leaves", self.next_index)));
            }
            Mode::Full if self.frontier.root() != Some(*root) => {
                return Err(Fault::LeavesRoot.because("the leaves give another root"));
            }
            Mode::Sparse if self.root.is_some_and(|found| found != *root) => {
                return Err(Fault::ProofRoot.because("the proofs lead to another root"));
            }
            _ => {}
        }
        self.checkpoint = Some(note);
        Ok(())
    }

    fn first_epoch(&mut self, key: PublicKey) -> Result<(), Rejection> {
        let chain = Chain::new(&self.header.origin, key)?;
        if let Some((epoch, vkey)) = &self.first_entry {
            let epoch_differs = epoch.as_deref().is_some_and(|epoch| epoch != "0");
            let key = chain.first().to_string();
            if epoch_differs || vkey.as_ref().is_some_and(|vkey| *vkey != key) {
                return Err(Fault::EpochUnlisted.because("entry 0 has another first key"));
            }
        }
        self.chain = Some(chain);
        Ok(())
    }

    fn epoch(&mut self, step: EpochStep) -> Result<(), Rejection> {
        let boundary = step.boundary.checkpoint().clone();
        if boundary.size > self.header.size {
            return Err(Fault::EpochAfter.because(format!("epoch {}", step.number)));
        }
        let chain = self.chain.as_mut().ok_or_else(out_of_place)?;
        let step = check_step(chain, step)?;
        self.witnesses.read(&step.boundary)?;
        self.connect(&boundary)?;
        if self.options.states_at.contains(&boundary.size) {
            let prefix = Prefix {
                root: boundary.root,
                consistency: None,
                note: Some(step.boundary),
            };
            self.prefixes.insert(boundary.size, prefix);
        }
        self.pending = Some((boundary, step.consistency));
        Ok(())
    }

    /// Checks that `next` continues the boundary before it.
    fn connect(&mut self, next: &Checkpoint) -> Result<(), Rejection> {
        let Some((before, proof)) = self.pending.take() else {
            return Ok(());
        };
        check_proof(
            tree::check_consistency(before.size, &before.root, next.size, &next.root, &proof),
            Fault::Consistency,
            before.size,
        )
    }

    /// Checks, once all epochs are known, the checkpoint and what epoch entries are shown.
    fn signatures(&mut self) -> Result<(), Rejection> {
        if self.signed {
            return Ok(());
        }
        self.signed = true;
        let note = self.checkpoint.clone().ok_or_else(out_of_place)?;
        self.connect(note.checkpoint())?;
        let chain = self.chain.as_ref().ok_or_else(out_of_place)?;
        note.check(&chain.signers(note.checkpoint().size))?;
        for (index, leaf) in &self.epoch_entries {
            let listed = chain
                .steps()
                .binary_search_by_key(&index.saturating_add(1), |step| step.size)
                .ok()
                .and_then(|at| chain.steps().get(at));
            if listed.is_none_or(|step| step.leaf != *leaf) {
                return Err(Fault::EpochUnlisted.because(format!("entry {index}")));
            }
        }
        self.witnesses.read(&note)
    }

    fn earlier(&mut self, earlier: &Earlier) -> Result<(), Rejection> {
        self.signatures()?;
        let whole = self
            .checkpoint
            .as_ref()
            .ok_or_else(out_of_place)?
            .checkpoint();
        let Checkpoint { origin, size, root } = earlier.note.checkpoint();
        if *origin != self.header.origin {
            return Err(Fault::Origin.because("an earlier checkpoint is another log's"));
        }
        if *size <= self.last_earlier || *size >= whole.size {
            return Err(Fault::EarlierOrder.because(format!("size {size}")));
        }
        self.last_earlier = *size;
        let proof = &earlier.consistency;
        check_proof(
            tree::check_consistency(*size, root, whole.size, &whole.root, proof),
            Fault::Consistency,
            size,
        )?;
        let chain = self.chain.as_ref().ok_or_else(out_of_place)?;
        earlier.note.check(&chain.signers(*size))?;
        let prefix = Prefix {
            root: *root,
            consistency: Some(proof.clone()),
            note: Some(earlier.note.clone()),
        };
        self.prefixes.insert(*size, prefix);
        self.witnesses.read(&earlier.note)
    }

    fn report(mut self, sha256: Hash) -> Result<Report, Rejection> {
        self.signatures()?;
        let (Some(checkpoint), Some(chain)) = (self.checkpoint, self.chain) else {
            return Err(out_of_place());
        };
        let whole = checkpoint.checkpoint();
        for size in &self.options.states_at {
            if let Ok(Some((root, proof))) = tree::prefix(&self.wanted, *size, whole.size)
                && tree::check_consistency(*size, &root, whole.size, &whole.root, &proof).is_ok()
            {
                let prefix = self.prefixes.entry(*size).or_insert(Prefix {
                    root,
                    consistency: None,
                    note: None,
                });
                prefix.consistency.get_or_insert(proof);
            }
        }
        let now = Prefix {
            root: whole.root,
            consistency: None,
            note: Some(checkpoint.clone()),
        };
        self.prefixes.insert(whole.size, now);
        let pinned = match &self.options.pinned {
            Some(pinned) if *pinned != whole.origin => {
                return Err(Fault::Origin.because("it is another log than the one that you know"));
            }
            pinned => pinned.is_some(),
        };
        let account = self.account;
        let (seen, unchecked_signatures) = self.witnesses.into_parts();
        Ok(Report {
            mode: self.header.mode,
            shown: self.shown,
            withheld_fields: account.withheld_fields,
            pinned,
            seen,
            quorum: self.options.quorum,
            unchecked_signatures,
            obtained: account.obtained,
            watched: account.watched,
            period: account.first.zip(account.last),
            now: self.options.now,
            sha256,
            prefixes: self.prefixes,
            checkpoint,
            chain,
        })
    }
}

/// Checks a further epoch, but for where its consistency leads, and adds it to the chain.
fn check_step(chain: &mut Chain, step: EpochStep) -> Result<EpochStep, Rejection> {
    let Checkpoint { size, root, .. } = step.boundary.checkpoint();
    let last = size.saturating_sub(1);
    let entry = &step.entry;
    let says = |name, wanted: String| entry.value(name) == Some(wanted.as_str());
    if entry.kind() != Kind::Epoch
        || entry.index() != last
        || last == 0
        || !says("epoch", step.number.to_string())
        || !says("vkey", step.key.to_string())
    {
        return Err(Fault::EpochEntry.because(format!("epoch {}", step.number)));
    }
    check_session(entry)?;
    let leaf = entry.leaf(chain.origin());
    check_proof(
        tree::check_inclusion(&leaf, last, *size, &step.proof, root),
        Fault::EpochProof,
        step.number,
    )?;
    chain.push(step.key.clone(), &step.boundary, leaf)?;
    Ok(step)
}

/// Whether an entry can have the session that it names.
fn check_session(entry: &ShownEntry) -> Result<(), Rejection> {
    let possible = match (entry.kind(), entry.session()) {
        (Kind::Started, session) => session == Some(entry.index()),
        (_, Some(session)) => session < entry.index(),
        (_, None) => true,
    };
    if possible {
        Ok(())
    } else {
        Err(Fault::Session.because(format!("entry {}", entry.index())))
    }
}

fn check_proof(
    found: Result<(), ProofFault>,
    wrong: Fault,
    of: impl std::fmt::Display,
) -> Result<(), Rejection> {
    found.map_err(|fault| match fault {
        ProofFault::Length => Fault::ProofLength.because(of.to_string()),
        ProofFault::Root => wrong.because(of.to_string()),
    })
}

/// The parser gives parts in their order only; this says so where the compiler cannot know.
fn out_of_place() -> Rejection {
    Fault::Syntax.because("a part that does not belong here")
}

/// Nodes of the tree that are worth keeping: those from which earlier states follow.
#[derive(Debug, Default)]
struct Wanted(BTreeMap<Node, Option<Hash>>);

impl Wanted {
    fn new(sizes: &[u64], whole: u64) -> Self {
        let nodes = sizes
            .iter()
            .filter(|size| **size <= whole)
            .flat_map(|size| {
                let mut nodes = tree::parts(0, *size);
                nodes.extend(tree::consistency_parts(*size, whole));
                nodes
            });
        Self(nodes.map(|node| (node, None)).collect())
    }

    fn offer(&mut self, node: Node, hash: Hash) {
        if let Some(place) = self.0.get_mut(&node) {
            *place = Some(hash);
        }
    }
}

/// A node that no proof made known.
#[derive(Debug)]
struct NotKnown;

impl Nodes for Wanted {
    type Error = NotKnown;

    fn node(&self, node: Node) -> Result<Hash, NotKnown> {
        self.0.get(&node).copied().flatten().ok_or(NotKnown)
    }
}
