//! The engine: what changed between two looks, who owns it, what the lists and names say about
//! its peer, and the time go in; events and alerts come out.
//!
//! Sans-I/O: no thread, no clock, no file, no randomness. The caller passes in the time and keeps
//! [`History`] on disk; so a phone that sleeps, a clock that is set back, a kill and a restart can
//! all be tested here, and the same input gives the same output. Changes of one poll are taken in
//! the order of their tuples, whatever order the kernel gave its rows in.
//!
//! # Levels
//!
//! What a hit claims. Everything in the middle column must hold for a *match*; each thing that does
//! not hold adds the [`Weakening`](portlog_model::Weakening) on the right.
//!
//! | about | for a match | else | level then |
//! |---|---|---|---|
//! | list | category own or threat | `Category` | noted |
//! | scope | owner comes with the phone (firmware yes or preloaded), or everyone is in scope | `OutOfScope` (firmware no) | noted, and no event |
//! | | | `FirmwareUncertain` (mixed, unknown) | possible |
//! | owner | known | `OwnerUnknown` | possible |
//! | roles | neither go-between nor user-facing | `Role` | possible |
//! | protocol | TCP | `Datagram` | possible |
//! | state | established, or was | `NotEstablished` | possible |
//! | direction | out | `Inbound`, `DirectionUnknown` | possible |
//! | entry | address or network, or a name that this UID asked for | `PinnedAnswer`, `AskedByAnother`, `AskerUnknown` | possible |
//! | name's age | asked for at most its TTL and five minutes before the connection was first seen | `NotAskedJustBefore` | possible |
//!
//! Everyone is in scope with [`Scope::All`], and on plain Linux always: "firmware" means nothing
//! there. Then `OutOfScope` and `FirmwareUncertain` do not occur; the other rows stay. An owner is
//! unknown where the kernel named none, and where it named a UID of which nothing can be said
//! (kind unknown). Once a TCP connection was seen established, it stays so for its level,
//! whatever state it ends in. A pinned answer older than 14 days is not used at all.
//!
//! A user's own app on a phone, with scope firmware, raises nothing: the socket's events carry the
//! hit (noted, `OutOfScope`), and neither an alert nor a note is made of it.
//!
//! # A name that was asked for
//!
//! An owner in scope that asks for a name of which a list speaks is told by itself ("asked for"): at
//! most possible ([`NameAlone`](portlog_model::Weakening::NameAlone)), noted for categories that are
//! only noted, and never as a connection. The name that was asked for counts, not the aliases that
//! the answer went through: nobody chose those by asking. Who asked has to be known: a question of
//! somebody unknown accuses nobody, and is told only as a name of the address that was its answer
//! ("someone on this phone asked for"). Its claim is about owner, entry and name; a connection that
//! follows is a claim of its own, as it says more.
//!
//! # One alert per owner, entry and remote
//!
//! A claim is about an owner ([`OwnerKey`]), an entry of a list (by the list's name and the entry's
//! text, so that an updated list continues it) and a remote address. The port is no part of it: an
//! entry speaks of a host, and a host that is tried on ten ports is one thing to say. An alert is
//! told when it is first raised, when its level rises, and when a new connection recurs after the
//! cool-down. Everything else only counts. A connection counts once per claim, and is recognised
//! after a restart by its tuple and inode, so that kill and restart raise nothing twice.
//!
//! Sounds: a match sounds; at most [`Settings::sounding_per_day`] in 24 hours do so singly. What
//! comes beyond is told silently and counted, and the next one at least
//! [`Settings::bundle_after`] after the last sound sounds for all of them (`bundled`).
//! A muted owner, entry or remote is counted and not told.
//!
//! # Noted
//!
//! On a phone, a firmware owner's first connection with an address and its first listener on a
//! port are noted, once ever (as far as [`History`] reaches back). What was there when the very
//! first look was made is remembered without a note, or everything would be new. Owners with a
//! role are left out: a browser goes where its user goes, a download service where others send it;
//! to note that would be noise, and a diary of the user's. Loopback is no destination, a
//! peer that contacted us is none either; ports that the kernel hands out count as one listener,
//! and datagram sockets on such a port as none, for they cannot be told from a client's.
//! On plain Linux nothing is firmware, so nothing of this is noted. Hits of lists that are only
//! noted are told once in 24 hours per claim.
//!
//! # Time
//!
//! Cool-downs and the day's limit are measured by a time of the engine's own ([`History`] keeps
//! it): it starts from the clock on the wall or from where it stood, whichever is later, and goes
//! on with the time since boot. A clock that is set back or forward while the watch runs changes
//! nothing. Between two runs there is only the wall: time that it lost lengthens a cool-down by no
//! more than the watch was off, time that it gained may end one early. Dates shown to people
//! (`first_seen`, `last_seen`) are the wall's, and `last_seen` never goes back.

#![forbid(unsafe_code)]

mod clock;
mod firsts;
mod history;
mod judge;
mod key;
mod names;
mod settings;
mod sound;
mod watch;

pub use history::{Claim, History, MuteRule};
pub use key::{ClaimKey, InvalidOwnerKey, OwnerKey, Peer};
pub use names::{KnownName, Names, NoNames};
pub use settings::{Scope, Settings};
pub use watch::Watch;
