//! Who it was, as far as it is known.

use portlog_model::{Firmware, Owner, OwnerKind, OwnerReason, PackageName, Platform};

use super::connection::Deed;
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

/// `com.example.sync (UID 10012; फ़र्मवेयर: ...) का ... के साथ कनेक्शन था`.
pub(super) fn did(mention: Mention<'_>, deed: &Deed) -> String {
    deed.by(&named(mention))
}

/// Who it is, in a form that may be followed by a postposition. A shared UID is its whole set of
/// packages, never one of them.
pub(super) fn named(mention: Mention<'_>) -> String {
    let owner = mention.owner;
    let (who, mut notes) = who_and_notes(mention);
    if owner.uid.is_some() {
        if let Some(user) = owner.user.filter(|user| user.get() != 0) {
            notes.push(format!("Android उपयोगकर्ता {user}"));
        }
        notes.extend(firmware(owner).map(str::to_owned));
        notes.extend(programs(owner));
    }
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
            Some(Platform::Android) => "इस फ़ोन",
            Some(Platform::Linux) => "इस मशीन",
            None => "इस डिवाइस",
        };
        return (
            format!("{place} पर अज्ञात प्रोग्राम या सिस्टम घटक"),
            vec!["समय इतना कम था कि कौन था, यह नहीं दिखा".to_owned()],
        );
    };
    let several = owner.packages.len() > 1;
    let of_uid = vec![format!("UID {uid}")];
    match owner.kind {
        OwnerKind::App | OwnerKind::Shared | OwnerKind::Removed if several => (
            format!("UID {uid} साझा करने वाले {} पैकेज में से एक", owner.packages.len()),
            vec![packages(&owner.packages)],
        ),
        OwnerKind::App | OwnerKind::Shared => (app(owner), of_uid),
        OwnerKind::Removed => ("पैकेज सूची में अनुपस्थित ऐप".to_owned(), of_uid),
        OwnerKind::System if several => (
            format!("सिस्टम घटक {}", quoted(&owner.name)),
            vec![format!(
                "UID {uid}, {} पैकेज में साझा: {}",
                owner.packages.len(),
                packages(&owner.packages)
            )],
        ),
        OwnerKind::System => (format!("सिस्टम घटक {}", quoted(&owner.name)), of_uid),
        OwnerKind::Sandbox => (format!("SDK सैंडबॉक्स {}", quoted(&owner.name)), of_uid),
        OwnerKind::Isolated => (
            "किसी ऐप की अलग रखी गई प्रोसेस".to_owned(),
            vec![format!("UID {uid}; कौन-सा ऐप, यह नहीं दिखता")],
        ),
        OwnerKind::Shell => ("adb शेल".to_owned(), of_uid),
        OwnerKind::Kernel => ("कर्नेल".to_owned(), of_uid),
        OwnerKind::User => (format!("उपयोगकर्ता {}", quoted(&owner.name)), of_uid),
        OwnerKind::Service => (format!("सेवा {}", quoted(&owner.name)), of_uid),
        OwnerKind::Unknown => (
            format!("UID {uid}"),
            vec!["यह कौन है, यह ज्ञात नहीं".to_owned()],
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
        Firmware::Yes => "फ़र्मवेयर: इस फ़ोन का सिस्टम सॉफ़्टवेयर",
        Firmware::No => "फ़र्मवेयर नहीं",
        Firmware::Mixed => "मिश्रित: इसके केवल कुछ पैकेज फ़र्मवेयर हैं",
        Firmware::Unknown => "फ़र्मवेयर है या नहीं, यह ज्ञात नहीं",
        Firmware::Preloaded => match owner.why {
            OwnerReason::SignedAsFirmware { .. } => "पहले से लोड: /data में, हस्ताक्षर फ़र्मवेयर जैसा",
            OwnerReason::PresentSinceFirstBoot { .. } => {
                "पहले से लोड: पहली बार चालू होने के समय से /data में, इंस्टॉल करने वाले का नाम नहीं"
            }
            _ => "पहले से लोड: /data में, मानो फ़ोन के साथ आया हो",
        },
    })
}

fn packages(packages: &[PackageName]) -> String {
    let shown: Vec<&str> = packages
        .iter()
        .take(MAX_PACKAGES)
        .map(PackageName::as_str)
        .collect();
    let text = shown.join(", ");
    match packages.len().saturating_sub(MAX_PACKAGES) {
        0 => text,
        more => format!("{text} और {more} अन्य"),
    }
}

fn programs(owner: &Owner) -> Option<String> {
    if let Some(program) = &owner.program {
        return Some(format!(
            "प्रोग्राम {}, प्रोसेस {}",
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
        shown.push(format!("{more} अन्य"));
    }
    Some(format!("इन प्रोसेस में से एक: {}", shown.join(", ")))
}
