//! Which connection a row is.
//!
//! Protocol and tuple, split by inode or cookie only where both sides have one. Rows are given to
//! connections in this order, so that no order of rows matters:
//!
//! 1. A row that is as the last look had it is the connection that it was.
//! 2. A row with an inode is the connection of its tuple with that inode; else one of its tuple whose
//!    inode is not known (it was not accepted yet); else a new one.
//! 3. A row without an inode is, among the connections of its tuple, the one with its cookie; else
//!    the one that another such row of this look was already given to (the kernel's pages overlap);
//!    else one that no row of this look is, rather one whose last row had no inode either; else one
//!    that a row with an inode is (read twice, the second time after it was closed); else a new one.
//!
//! Two things are known beyond numbers. TCP does not go back: a tuple that was in `TIME_WAIT` and is
//! `ESTABLISHED` is another connection, unless inode or cookie say that it is not. And the kernel
//! replaces a closed socket by a small one (`struct inet_timewait_sock`, in `TIME_WAIT` or
//! `FIN_WAIT2`) with a cookie of its own, which must not split.

use portlog_model::{Cookie, Inode, Protocol, SocketRow, SocketState};

use super::store::Entry;

/// How far a TCP connection has come: the rows of one connection never go back.
pub(super) const fn progress(state: SocketState) -> u8 {
    match state {
        SocketState::Listen | SocketState::BoundInactive | SocketState::SynSent => 0,
        SocketState::SynRecv | SocketState::NewSynRecv => 1,
        SocketState::Established => 2,
        SocketState::FinWait1 | SocketState::CloseWait => 3,
        SocketState::FinWait2 | SocketState::Closing | SocketState::LastAck => 4,
        SocketState::TimeWait => 5,
        SocketState::Close => 6,
    }
}

/// Whether the row may be the small socket that the kernel keeps in place of a closed one.
pub(super) const fn may_be_remnant(row: &SocketRow) -> bool {
    row.inode.is_none()
        && matches!(row.table.protocol(), Protocol::Tcp)
        && matches!(row.state, SocketState::FinWait2 | SocketState::TimeWait)
}

/// Whether `row` comes after what the connection was.
pub(super) const fn may_follow(entry: &Entry, row: &SocketRow) -> bool {
    !matches!(row.table.protocol(), Protocol::Tcp)
        || progress(entry.connection.state) <= progress(row.state)
}

/// Whether `row` has a cookie of the connection.
pub(super) fn same_cookie(entry: &Entry, row: &SocketRow) -> bool {
    row.cookie.is_some()
        && (row.cookie == entry.connection.cookie || row.cookie == entry.remnant_cookie)
}

/// Whether the cookies do not say that `row` is another connection.
pub(super) fn cookies_allow(entry: &Entry, row: &SocketRow) -> bool {
    if row.cookie.is_none() || entry.connection.cookie.is_none() || same_cookie(entry, row) {
        return true;
    }
    may_be_remnant(row) && entry.remnant_cookie.is_none()
}

/// How well a row without an inode fits a connection of its tuple; `None`: it is not this one.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Fit {
    /// A row with an inode is this connection; this one was read a second time.
    ReadTwice,
    /// No row of this look is this connection.
    Left,
    /// Neither is one, and its last row had no inode either.
    LeftWithoutInode,
    /// Another row without an inode is this connection.
    Overlap,
    /// It has the row's cookie.
    Cookie,
}

/// What the poll has made of a connection so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claims {
    /// A row with an inode is this connection.
    pub(super) with_inode: bool,
    /// A row without an inode is.
    pub(super) without_inode: bool,
    /// The last look showed it without an inode.
    pub(super) was_without_inode: bool,
}

/// How well `row`, which has no inode, fits.
pub(super) fn fit(entry: &Entry, row: &SocketRow, claims: Claims) -> Option<Fit> {
    if same_cookie(entry, row) {
        return Some(Fit::Cookie);
    }
    if !cookies_allow(entry, row) {
        return None;
    }
    if claims.without_inode && row.cookie.is_none() {
        return Some(Fit::Overlap);
    }
    if claims.with_inode {
        return Some(Fit::ReadTwice);
    }
    if !may_follow(entry, row) {
        return None;
    }
    Some(if claims.was_without_inode {
        Fit::LeftWithoutInode
    } else {
        Fit::Left
    })
}

/// Of two rows of one connection in one look, whether `row` is the one to keep: the later state.
pub(super) fn outweighs(row: &SocketRow, kept: &SocketRow) -> bool {
    let weight = |row: &SocketRow| -> (u8, Option<Inode>, Option<Cookie>, SocketState) {
        (progress(row.state), row.inode, row.cookie, row.state)
    };
    weight(row) > weight(kept)
}
