//! The signed log: a list of entries that only grows, and the file that a stranger verifies.
//!
//! docs/LOG-FORMAT.md is the specification; this crate keeps to it, and a verifier written from it in
//! another language keeps this crate to it. The parts, from the inside out:
//!
//! - [`entry`]: what happened, as text that is made once; signed bytes are stored bytes.
//!   [`record`] makes entries of events.
//! - [`tree`]: RFC 6962 over the leaves. Not a hash chain: a chain needs the whole log to prove one
//!   entry, and cannot share a part of it.
//! - [`Note`], [`Checkpoint`], [`PublicKey`]: signed states, in the formats of C2SP.
//! - [`store`]: where rows, nodes and checkpoints are kept, in one transaction. [`Log`] appends to it
//!   and signs; [`Vault`] has the keys.
//! - [`bundle`]: the text file. [`verify()`]: whether it is what was signed; one way through, no check
//!   that can be left out. [`mod@compare`]: two of them side by side.
//!
//! Clock and randomness are passed in.

#![forbid(unsafe_code)]

pub mod bundle;
mod calendar;
pub mod compare;
mod digest;
pub mod entry;
mod error;
mod key;
mod leaf;
mod log;
mod note;
mod number;
mod origin;
pub mod record;
mod rejection;
mod retention;
pub mod store;
pub mod tree;
mod vault;
pub mod verify;
mod witness;

pub use calendar::UtcOffset;
pub use digest::Hash;
pub use error::Error;
pub use key::{KeyId, KeyType, PublicKey, Seed, SigningKey};
pub use leaf::Salt;
pub use log::{EpochReason, Log, MAX_EPOCH, Random, SystemRandom};
pub use note::{Checkpoint, MAX_SIGNATURES, Note, SignatureLine, cosignature};
pub use origin::Origin;
pub use rejection::{Fault, Rejection};
pub use retention::{Due, Retention};
pub use vault::{DataKey, FolderVault, SealedVault, Vault};
pub use verify::{Report, verify};
pub use witness::{Answer, Witnessed, answered, predecessor_entry, witness, witness_entry};
