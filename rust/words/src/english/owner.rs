//! Who it was, as far as it is known.

use std::fmt::Write as _;

use portlog_model::{Firmware, Owner, OwnerKind, OwnerReason, PackageName, Platform};

use crate::data::{clean, quoted};

/// Packages of one UID that a sentence names.
const MAX_PACKAGES: usize = 8;
/// Processes that a sentence names.
const MAX_PROGRAMS: usize = 4;

/// An owner to be named, and where.
#[derive(Clone, Copy)]
pub(super) struct Mention<'a> {
    pub(super) owner: &'a Owner,
    /// What a UID means there, where that is known.
    pub(super) platform: Option<Platform>,
}

/// `com.example.sync (UID 10012; firmware: ...) had a connection with ...`.
pub(super) fn did(mention: Mention<'_>, did: &str) -> String {
    match mention.owner.uid {
        Some(_) => format!("{} {did}", named(mention)),
        None => format!("{}; it {did}", named(mention)),
    }
}

/// Who it is. A shared UID is its whole set of packages, never one of them.
pub(super) fn named(mention: Mention<'_>) -> String {
    let owner = mention.owner;
    let (who, mut notes) = who_and_notes(mention);
    if owner.uid.is_none() {
        return format!("{who}; too short to see who");
    }
    if let Some(user) = owner.user.filter(|user| user.get() != 0) {
        notes.push(format!("Android user {user}"));
    }
    notes.extend(firmware(owner).map(str::to_owned));
    notes.extend(programs(owner));
    format!("{who} ({})", notes.join("; "))
}

/// Who it is, without what is known about it: for a title.
pub(super) fn who(mention: Mention<'_>) -> String {
    who_and_notes(mention).0
}

fn who_and_notes(mention: Mention<'_>) -> (String, Vec<String>) {
    let owner = mention.owner;
    let Some(uid) = owner.uid else {
        let place = match mention.platform {
            Some(Platform::Android) => "this phone",
            Some(Platform::Linux) => "this machine",
            None => "this device",
        };
        return (format!("something on {place}"), Vec::new());
    };
    let several = owner.packages.len() > 1;
    match owner.kind {
        OwnerKind::App | OwnerKind::Shared | OwnerKind::Removed if several => (
            format!(
                "one of {} packages that share UID {uid}",
                owner.packages.len()
            ),
            vec![packages(&owner.packages)],
        ),
        OwnerKind::App | OwnerKind::Shared => (app(owner), vec![format!("UID {uid}")]),
        OwnerKind::Removed => (
            "an app that is not in the package list".to_owned(),
            vec![format!("UID {uid}")],
        ),
        OwnerKind::System if several => (
            format!("system component {}", quoted(&owner.name)),
            vec![format!(
                "UID {uid}, shared by {} packages: {}",
                owner.packages.len(),
                packages(&owner.packages)
            )],
        ),
        OwnerKind::System => (
            format!("system component {}", quoted(&owner.name)),
            vec![format!("UID {uid}")],
        ),
        OwnerKind::Sandbox => (
            format!("the SDK sandbox {}", quoted(&owner.name)),
            vec![format!("UID {uid}")],
        ),
        OwnerKind::Isolated => (
            "an isolated process of some app".to_owned(),
            vec![format!("UID {uid}; which app is not shown")],
        ),
        OwnerKind::Shell => ("the adb shell".to_owned(), vec![format!("UID {uid}")]),
        OwnerKind::Kernel => ("the kernel".to_owned(), vec![format!("UID {uid}")]),
        OwnerKind::User => (
            format!("user {}", quoted(&owner.name)),
            vec![format!("UID {uid}")],
        ),
        OwnerKind::Service => (
            format!("service {}", quoted(&owner.name)),
            vec![format!("UID {uid}")],
        ),
        OwnerKind::Unknown => (
            format!("UID {uid}"),
            vec!["who that is, is not known".to_owned()],
        ),
    }
}

/// The app's package, and its label where that is something else.
fn app(owner: &Owner) -> String {
    match owner.packages.first() {
        Some(package) if package.as_str() == &*owner.name => package.to_string(),
        Some(package) => format!("{} {package}", quoted(&owner.name)),
        None => quoted(&owner.name),
    }
}

/// Whether it comes with the phone; nothing where the question has no sense.
fn firmware(owner: &Owner) -> Option<&'static str> {
    let asked = match owner.kind {
        OwnerKind::App
        | OwnerKind::Kernel
        | OwnerKind::Sandbox
        | OwnerKind::Shared
        | OwnerKind::System => owner.user.is_some(),
        OwnerKind::Isolated
        | OwnerKind::Removed
        | OwnerKind::Service
        | OwnerKind::Shell
        | OwnerKind::Unknown
        | OwnerKind::User => false,
    };
    asked.then_some(match owner.firmware {
        Firmware::Yes => "firmware: system software of this phone",
        Firmware::No => "not firmware",
        Firmware::Mixed => "mixed: only some of its packages are firmware",
        Firmware::Unknown => "whether it is firmware is not known",
        Firmware::Preloaded => match owner.why {
            OwnerReason::SignedAsFirmware { .. } => "preloaded: in /data, signed as firmware is",
            OwnerReason::PresentSinceFirstBoot { .. } => {
                "preloaded: in /data since the first boot, no installer named"
            }
            _ => "preloaded: in /data, as if it came with the phone",
        },
    })
}

fn packages(packages: &[PackageName]) -> String {
    let mut text = String::new();
    for (index, package) in packages.iter().take(MAX_PACKAGES).enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}{package}");
    }
    let more = packages.len().saturating_sub(MAX_PACKAGES);
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

fn programs(owner: &Owner) -> Option<String> {
    if let Some(program) = &owner.program {
        return Some(format!(
            "program {}, process {}",
            quoted(&program.name),
            program.pid
        ));
    }
    if owner.candidates.is_empty() {
        return None;
    }
    let mut shown: Vec<String> = owner
        .candidates
        .iter()
        .take(MAX_PROGRAMS)
        .map(|program| format!("{} {}", clean(&program.name), program.pid))
        .collect();
    let more = owner.candidates.len().saturating_sub(MAX_PROGRAMS);
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    Some(format!("one of the processes {}", shown.join(", ")))
}
