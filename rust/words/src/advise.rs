//! What else could explain an alert, and what can be done now: the same in every language.

use portlog_model::{
    Advice, Alert, Connection, Direction, Explanation, Firmware, HitKind, Level, Owner, OwnerKind,
    Platform, Protocol, Role, Weakening,
};

/// The ordinary causes that could explain `alert`, in a fixed order.
pub fn explanations(alert: &Alert) -> Vec<Explanation> {
    let owner = &*alert.owner;
    let connection = alert.observed.as_ref().map(|observed| &observed.connection);
    let with_peer = connection.filter(|connection| !connection.is_listener());
    let is = |applies: bool, explanation| applies.then_some(explanation);
    let has = |role: Role| owner.roles.iter().any(|held| held == role);
    let is_tcp = |connection: &Connection| connection.protocol() == Protocol::Tcp;
    [
        is(owner.uid.is_none(), Explanation::OwnerNotTold),
        is(has(Role::GoBetween), Explanation::FetchesForOthers),
        is(has(Role::UserFacing), Explanation::GoesWhereItsUserGoes),
        is(owner.packages.len() > 1, Explanation::SharedUid),
        is(
            is_platform(owner) && !has(Role::GoBetween),
            Explanation::SystemActsForApps,
        ),
        is(
            with_peer.is_some_and(|connection| !is_tcp(connection)),
            Explanation::DatagramMaySendNothing,
        ),
        is(
            with_peer.is_some_and(|connection| connection.direction != Direction::Out),
            Explanation::PeerBegan,
        ),
        is(
            with_peer.is_some_and(|connection| {
                is_tcp(connection)
                    && connection.direction != Direction::In
                    && connection.state.was_established()
            }),
            Explanation::AnsweredInBetween,
        ),
        is(
            alert
                .matched
                .as_ref()
                .is_some_and(|matched| match matched.hit.kind {
                    HitKind::Address | HitKind::Network | HitKind::Pinned => true,
                    HitKind::Asked | HitKind::File | HitKind::Package | HitKind::Signer => false,
                    HitKind::Domain => {
                        has_shared_address(alert)
                            || matched.weakened.iter().any(|weakening| {
                                matches!(
                                    weakening,
                                    Weakening::AskedByAnother
                                        | Weakening::AskerUnknown
                                        | Weakening::NotAskedJustBefore
                                )
                            })
                    }
                }),
            Explanation::SharedAddress,
        ),
        is(alert.asked.is_some(), Explanation::AskedAhead),
        is(alert.matched.is_some(), Explanation::ListMayBeWrong),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What can be done now about `alert`, in a sensible order.
pub fn advice(alert: &Alert) -> Vec<Advice> {
    let told = alert.level > Level::Noted;
    let on_phone = alert.platform == Platform::Android;
    let comes_with_the_phone = match alert.owner.firmware {
        Firmware::Mixed | Firmware::Preloaded | Firmware::Yes => true,
        Firmware::No | Firmware::Unknown => false,
    };
    let is = |applies: bool, advice| applies.then_some(advice);
    [
        is(told && on_phone, Advice::DoNotResetYet),
        is(alert.matched.is_some(), Advice::ReadTheEntry),
        is(true, Advice::KeepWatching),
        is(told && alert.owner.uid.is_some(), Advice::SwitchServiceOff),
        is(told, Advice::CapturePackets),
        is(
            told && on_phone && comes_with_the_phone,
            Advice::AskWithTheLog,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What can be done now about `alert` by whoever holds the phone, in a sensible order: as
/// [`advice`], with what to keep and whom to ask.
pub fn advice_on_phone(alert: &Alert) -> Vec<Advice> {
    let mut steps = advice(alert);
    if alert.level > Level::Noted {
        let after_reset = steps
            .iter()
            .position(|step| *step == Advice::DoNotResetYet)
            .map_or(0, |at| at.saturating_add(1));
        steps.insert(after_reset, Advice::KeepACopy);
        steps.push(Advice::AskForHelp);
    }
    steps
}

/// Whether many names were seen to have the peer's address.
fn has_shared_address(alert: &Alert) -> bool {
    let observed = alert.observed.as_ref();
    observed.is_some_and(|observed| observed.shared_address)
}

/// Whether `owner` is a part of the system that others ask to act for them.
const fn is_platform(owner: &Owner) -> bool {
    match owner.kind {
        OwnerKind::Kernel | OwnerKind::Service | OwnerKind::System => true,
        OwnerKind::App
        | OwnerKind::Isolated
        | OwnerKind::Removed
        | OwnerKind::Sandbox
        | OwnerKind::Shared
        | OwnerKind::Shell
        | OwnerKind::Unknown
        | OwnerKind::User => false,
    }
}
