//! Lists of hosts and addresses: what a file says, and what of it speaks of an address or a name.
//!
//! Lists in the field come as hosts files, as plain columns of domains, in Adblock syntax and as
//! networks, and often as several of these in one file. So the format is recognised line by line,
//! nothing has to be declared, and a line that cannot be used costs only itself: it is counted and,
//! up to [`List::MAX_REPORTED_LINES`], reported with its number and the reason. Every line of a file
//! ends in exactly one of the counts of [`Summary`].
//!
//! An answer must stand up to someone who contradicts it. It therefore names the list, the entry
//! as written, its line, the list's date and the digest of the very bytes that were read; and no
//! rule is read more widely than its format says: hosts entries are exact, rules with conditions
//! that a socket table cannot show are left out, and a corrected guess is offered in the reason
//! rather than used.
//!
//! | line | rule |
//! |---|---|
//! | `0.0.0.0 a.test b.test` (sink address: unspecified or loopback) | the names, exactly |
//! | `a.test`, `.a.test`, `*.a.test` | the name and all below it |
//! | <code>&#124;&#124;a.test^</code>, <code>&#124;&#124;*.a.test^</code> | the name and all below it |
//! | <code>@@&#124;&#124;a.test^</code> | exception: the name and all below it hit nothing in this list |
//! | `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`, <code>&#124;&#124;192.0.2.1^</code> | the address |
//! | `192.0.2.0/24`, `2001:db8::/32` | the network |
//! | `# …`, `! …`, `; …`, `[Adblock Plus 2.0]` | none |
//!
//! A file that is JSON is a STIX 2.1 bundle: each indicator that is one comparison of a domain name, an
//! address or a URL's host is a rule; one of an app's id, of a digest of its certificate or of a file is a
//! rule about packages.
//!
//! `*.a.test` includes `a.test` itself, because the lists that are published in this form (as
//! "wildcard" or "asterisk" edition of a domain list) mean it so and carry no second entry for it.
//! A single label covers a whole top-level domain and must be meant: `*.zip` or
//! <code>&#124;&#124;zip^</code>, never a bare `zip`. v4-mapped IPv6 entries are the IPv4 entries
//! they stand for, as the sockets are.
//!
//! Parsing and lookups are pure: bytes and dates are passed in, no path, no clock. [`List`] hides
//! how its rules are stored: in memory, or in a compiled file that is mapped ([`CompiledList`]).

// Not forbidden, since mapping a file needs it: compiled/map.rs, and nothing else.
#![deny(unsafe_code)]

mod addresses;
#[cfg(feature = "archives")]
mod archive;
mod builder;
mod bundled;
mod compiled;
mod content;
mod date;
mod diff;
mod entry;
mod error;
mod explain;
mod host;
mod line;
mod list;
mod names;
mod network;
mod package;
mod rules;
mod set;
mod stix;
mod summary;

#[cfg(feature = "archives")]
pub use archive::{ArchiveError, MAX_RATIO, Member, unpack};
pub use bundled::{Bundled, BundledEntry};
pub use compiled::{CompiledError, CompiledList, MappedFile};
pub use content::{ContentError, ContentNetworks, ContentSource};
pub use diff::{DiffCounts, DiffSide, Difference, RuleKinds, diff};
pub use error::{Error, HostError, LineError, QueryError, Shown, Unsupported};
pub use explain::{Explanation, ListAnswer, Query};
pub use list::{BadLine, List, ParsedList, UnsupportedLine};
pub use network::Network;
pub use package::{Digest, PackageFacts, PackageKey};
pub use set::ListSet;
pub use summary::{DateSource, Format, Summary};
