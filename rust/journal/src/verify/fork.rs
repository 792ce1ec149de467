//! Whether a fork file proves what it says: that two signed states of one log cannot both be true.

use std::io::BufRead;

use super::against::check_signer;
use super::chain::Chain;
use super::report::Seen;
use super::witnesses::Witnesses;
use super::{Options, check_proof, check_step, out_of_place};
use crate::bundle::{EpochStep, FORK_FIRST_LINE, ForkParser, ForkPart};
use crate::digest::Hash;
use crate::error::Error;
use crate::key::PublicKey;
use crate::note::{Checkpoint, Note};
use crate::origin::Origin;
use crate::rejection::{Fault, Rejection};
use crate::tree;

/// What is certain of a fork file that checks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ForkReport {
    /// The state with fewer entries, or the first of two of the same size.
    pub smaller: Note,
    /// The other one.
    pub larger: Note,
    /// The keys of the smaller one's log, and of the larger one's.
    pub chains: [Chain; 2],
    /// The size up to which both sides are known to be the same, from the boundaries of their epochs;
    /// 0 where nothing shows how far.
    pub same_until: u64,
    /// Whether the reader named this log's key.
    pub pinned: bool,
    /// Known witnesses that signed either side or a boundary before it, in order of name.
    pub seen: Vec<Seen>,
    /// Signatures in other names that nobody here can check. They claim nothing.
    pub unchecked_signatures: u64,
    /// The digest of the file.
    pub sha256: Hash,
}

impl ForkReport {
    /// The log.
    pub const fn origin(&self) -> &Origin {
        &self.smaller.checkpoint().origin
    }

    /// The lines that every output begins with, in this order and wording.
    pub fn first_lines(&self) -> Vec<String> {
        let (smaller, larger) = (self.smaller.checkpoint(), self.larger.checkpoint());
        let signer = if self.pinned {
            "known to you"
        } else {
            "unknown"
        };
        vec![
            format!(
                "Two signed states of one log cannot both be true: that of {} entries and that of {} \
                 entries. Signer: {signer}.",
                smaller.size, larger.size
            ),
            "Whoever signed them had a key of this log. This does not prove who that was, or which of \
             the two is the true one."
                .to_owned(),
        ]
    }
}

/// Whether the file that begins with `bytes` says of itself that it is a fork file.
pub fn is_fork(bytes: &[u8]) -> bool {
    bytes
        .strip_prefix(FORK_FIRST_LINE.as_bytes())
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'\n')))
}

/// Checks a whole fork file, as docs/LOG-FORMAT.md section 6.2 has it.
///
/// It is read once. Only when this has returned a report may anything of the file be shown.
pub fn fork(reader: impl BufRead, options: &Options) -> Result<ForkReport, Error> {
    let mut parser = ForkParser::new(reader)?;
    let mut check = Check::new(options);
    let mut file = None;
    while let Some(part) = parser.next_part()? {
        let found = match part {
            ForkPart::Side(note) => check.side(note),
            ForkPart::FirstEpoch(key) => check.first_epoch(key),
            ForkPart::Epoch(step) => check.epoch(*step),
            ForkPart::Prefix(root, proof) => check.prefix(root, proof),
            ForkPart::End(digest) => {
                file = Some(digest);
                Ok(())
            }
        };
        found.map_err(|rejection| rejection.at(parser.line()))?;
    }
    let file = file.ok_or_else(|| Fault::Truncated.because("no end"))?;
    Ok(check.report(file)?)
}

/// A verification on its way.
struct Check<'a> {
    options: &'a Options,
    witnesses: Witnesses<'a>,
    /// A side whose epochs are being read.
    open: Option<(Note, Option<Chain>)>,
    /// The boundary whose consistency with the next one is still to be checked.
    pending: Option<(Checkpoint, Vec<Hash>)>,
    sides: Vec<(Note, Chain)>,
    prefix: Option<(Hash, Vec<Hash>)>,
}

impl<'a> Check<'a> {
    const fn new(options: &'a Options) -> Self {
        Self {
            options,
            witnesses: Witnesses::new(options),
            open: None,
            pending: None,
            sides: Vec::new(),
            prefix: None,
        }
    }

    fn side(&mut self, note: Note) -> Result<(), Rejection> {
        self.close()?;
        if let Some((first, _)) = self.sides.first() {
            let (first, second) = (first.checkpoint(), note.checkpoint());
            if first.origin != second.origin {
                return Err(Fault::Origin.because("the two sides are of different logs"));
            }
            if first.size > second.size {
                return Err(Fault::EarlierOrder.because("the smaller state comes first"));
            }
        }
        self.open = Some((note, None));
        Ok(())
    }

    fn first_epoch(&mut self, key: PublicKey) -> Result<(), Rejection> {
        let (note, chain) = self.open.as_mut().ok_or_else(out_of_place)?;
        *chain = Some(Chain::new(&note.checkpoint().origin, key)?);
        Ok(())
    }

    fn epoch(&mut self, step: EpochStep) -> Result<(), Rejection> {
        let boundary = step.boundary.checkpoint().clone();
        if let Some((before, proof)) = self.pending.take() {
            // Before the chain says so: boundaries that do not ascend have no proof either.
            if boundary.size <= before.size {
                return Err(Fault::EpochOrder.because("boundaries do not ascend"));
            }
            let (old, new) = (&before, &boundary);
            check_proof(
                tree::check_consistency(old.size, &old.root, new.size, &new.root, &proof),
                Fault::Consistency,
                old.size,
            )?;
        }
        let chain = self.open.as_mut().and_then(|(_, chain)| chain.as_mut());
        let chain = chain.ok_or_else(out_of_place)?;
        let step = check_step(chain, step)?;
        self.witnesses.read(&step.boundary)?;
        self.pending = Some((boundary, step.consistency));
        Ok(())
    }

    fn prefix(&mut self, root: Hash, proof: Vec<Hash>) -> Result<(), Rejection> {
        self.close()?;
        self.prefix = Some((root, proof));
        Ok(())
    }

    /// Ends a side: its epochs are known, and so who may have signed it.
    fn close(&mut self) -> Result<(), Rejection> {
        let Some((note, chain)) = self.open.take() else {
            return Ok(());
        };
        if let Some((boundary, proof)) = self.pending.take()
            && !proof.is_empty()
        {
            return Err(Fault::ProofLength.because(format!(
                "behind the last boundary, that of size {}, comes nothing",
                boundary.size
            )));
        }
        let chain = chain.ok_or_else(out_of_place)?;
        check_signer(&chain, &note)?;
        self.witnesses.read(&note)?;
        self.sides.push((note, chain));
        Ok(())
    }

    fn report(mut self, sha256: Hash) -> Result<ForkReport, Rejection> {
        self.close()?;
        let sides = <[(Note, Chain); 2]>::try_from(self.sides).map_err(|_| out_of_place())?;
        let [(smaller, one), (larger, other)] = sides;
        check_fork(
            smaller.checkpoint(),
            larger.checkpoint(),
            self.prefix.as_ref(),
        )?;
        let pinned = match &self.options.pinned {
            Some(pinned) if *pinned != smaller.checkpoint().origin => {
                return Err(Fault::Origin.because("it is another log than the one that you know"));
            }
            pinned => pinned.is_some(),
        };
        let same_until = one.same_until(&other);
        let (seen, unchecked_signatures) = self.witnesses.into_parts();
        Ok(ForkReport {
            smaller,
            larger,
            chains: [one, other],
            same_until,
            pinned,
            seen,
            unchecked_signatures,
            sha256,
        })
    }
}

/// Whether two states cannot both be true.
fn check_fork(
    smaller: &Checkpoint,
    larger: &Checkpoint,
    prefix: Option<&(Hash, Vec<Hash>)>,
) -> Result<(), Rejection> {
    let there = match (smaller.size == larger.size, prefix) {
        (true, None) => larger.root,
        (false, Some((root, proof))) => {
            let (old, new) = (smaller.size, larger.size);
            check_proof(
                tree::check_consistency(old, root, new, &larger.root, proof),
                Fault::Consistency,
                old,
            )?;
            *root
        }
        (true, Some(_)) => {
            return Err(Fault::Syntax.because("states of the same size have no prefix"));
        }
        (false, None) => {
            return Err(Fault::Syntax.because("states of different sizes need a prefix"));
        }
    };
    if there == smaller.root {
        return Err(Fault::NoFork.because("the two states can both be true"));
    }
    Ok(())
}
