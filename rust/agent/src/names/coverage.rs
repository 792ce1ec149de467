//! What there is to say of names: whether they are learnt, from what, and what goes past.

use portlog_model::{
    Coverage, CoverageDetail, CoverageItem, CoverageStatus, Event, EventKind, Moment, SourceKind,
};

use super::book::{Standing, TapState};
use super::{Bypass, NameBook};

/// What was told of names last.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamesMemory {
    told: Option<Shape>,
}

/// What is news when it becomes another: what there is to say, and a count only when it doubles.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Shape {
    state: TapState,
    flags: [bool; 3],
    counts: [u32; 6],
}

impl NamesMemory {
    /// Appends a coverage event where something else must be said now. Allocates nothing else.
    pub(crate) fn tell_changes(
        &mut self,
        book: &NameBook,
        bypass: Bypass,
        at: Moment,
        events: &mut Vec<Event>,
    ) {
        let standing = book.standing(at.wall);
        let shape = Shape::of(&standing, bypass);
        if self.told.replace(shape) != Some(shape) {
            events.push(Event {
                at,
                kind: EventKind::Coverage(of(&standing, bypass)),
            });
        }
    }
}

impl Shape {
    fn of(standing: &Standing, bypass: Bypass) -> Self {
        let tap = &standing.tap;
        let size = |count: u32| u32::BITS - count.leading_zeros();
        Self {
            state: tap.state,
            flags: [tap.clear_text, tap.strict_private_dns, tap.tells_askers],
            counts: [
                size(bypass.known),
                size(bypass.foreign),
                size(bypass.fake),
                size(standing.pinned),
                size(standing.pinned_expired),
                u64::BITS - standing.lost.leading_zeros(),
            ],
        }
    }
}

/// What there is to say of the names in `book`.
pub(crate) fn of_book(book: &NameBook, bypass: Bypass, at: Moment) -> Coverage {
    of(&book.standing(at.wall), bypass)
}

fn of(standing: &Standing, bypass: Bypass) -> Coverage {
    let Standing {
        tap,
        addresses,
        pinned,
        pinned_expired,
        oldest_days,
        lost,
    } = standing;
    let taps = matches!(tap.state, TapState::On | TapState::WithoutResolver);
    let is = |applies: bool, detail| applies.then_some(detail);
    let details = [
        is(tap.state == TapState::Off, CoverageDetail::TapOff),
        is(
            tap.state == TapState::WithoutResolver,
            CoverageDetail::TapWithoutResolver,
        ),
        is(tap.state == TapState::OtherVpn, CoverageDetail::OtherVpn),
        is(taps && tap.clear_text, CoverageDetail::ClearText),
        is(
            taps && tap.strict_private_dns,
            CoverageDetail::StrictPrivateDns,
        ),
        is(taps && !tap.tells_askers, CoverageDetail::AskersUnknown),
        is(
            taps && bypass.known > 0,
            CoverageDetail::KnownResolvers(bypass.known),
        ),
        is(
            taps && bypass.foreign > 0,
            CoverageDetail::ForeignResolvers(bypass.foreign),
        ),
        is(bypass.fake > 0, CoverageDetail::FakeAddresses(bypass.fake)),
        is(
            *pinned > 0,
            CoverageDetail::Pinned {
                names: *pinned,
                days: *oldest_days,
            },
        ),
        is(
            *pinned_expired > 0,
            CoverageDetail::PinnedExpired(*pinned_expired),
        ),
        is(*lost > 0, CoverageDetail::NamesLost(*lost)),
    ];
    Coverage {
        item: CoverageItem::Names,
        source: SourceKind::Tap,
        status: if taps || *pinned > 0 {
            CoverageStatus::Readable
        } else {
            CoverageStatus::Absent
        },
        rows: *addresses,
        bad_rows: 0,
        details: details.into_iter().flatten().collect(),
    }
}
