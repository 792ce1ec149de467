//! Who it was, as far as it is known.

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

/// `com.example.sync（UID 10012；韌體：……）曾與 …… 有過連線`.
pub(super) fn did(mention: Mention<'_>, did: &str) -> String {
    match mention.owner.uid {
        Some(_) => format!("{}{did}", named(mention)),
        None => format!("{}；它{did}", named(mention)),
    }
}

/// Who it is. A shared UID is its whole set of packages, never one of them.
pub(super) fn named(mention: Mention<'_>) -> String {
    let owner = mention.owner;
    let (who, mut notes) = who_and_notes(mention);
    if owner.uid.is_none() {
        return format!("{who}；時間太短，看不出是誰");
    }
    if let Some(user) = owner.user.filter(|user| user.get() != 0) {
        notes.push(format!("Android 使用者 {user}"));
    }
    notes.extend(firmware(owner).map(str::to_owned));
    notes.extend(programs(owner));
    format!("{who}（{}）", notes.join("；"))
}

/// Who it is, without what is known about it: for a title.
pub(super) fn who(mention: Mention<'_>) -> String {
    who_and_notes(mention).0
}

fn who_and_notes(mention: Mention<'_>) -> (String, Vec<String>) {
    let owner = mention.owner;
    let Some(uid) = owner.uid else {
        let place = match mention.platform {
            Some(Platform::Android) => "這支手機",
            Some(Platform::Linux) => "這台機器",
            None => "這部裝置",
        };
        return (format!("{place}上的某個程式或系統部分"), Vec::new());
    };
    let several = owner.packages.len() > 1;
    let of_uid = vec![format!("UID {uid}")];
    match owner.kind {
        OwnerKind::App | OwnerKind::Shared | OwnerKind::Removed if several => (
            format!("共用 UID {uid} 的 {} 個套件之一", owner.packages.len()),
            vec![packages(&owner.packages)],
        ),
        OwnerKind::App | OwnerKind::Shared => (app(owner), of_uid),
        OwnerKind::Removed => ("不在套件清單中的應用程式".to_owned(), of_uid),
        OwnerKind::System if several => (
            format!("系統元件 {}", quoted(&owner.name)),
            vec![format!(
                "UID {uid}，由 {} 個套件共用：{}",
                owner.packages.len(),
                packages(&owner.packages)
            )],
        ),
        OwnerKind::System => (format!("系統元件 {}", quoted(&owner.name)), of_uid),
        OwnerKind::Sandbox => (format!("SDK 沙箱 {}", quoted(&owner.name)), of_uid),
        OwnerKind::Isolated => (
            "某個應用程式的隔離處理程序".to_owned(),
            vec![format!("UID {uid}；是哪個應用程式，沒有顯示")],
        ),
        OwnerKind::Shell => ("adb shell".to_owned(), of_uid),
        OwnerKind::Kernel => ("核心".to_owned(), of_uid),
        OwnerKind::User => (format!("使用者 {}", quoted(&owner.name)), of_uid),
        OwnerKind::Service => (format!("服務 {}", quoted(&owner.name)), of_uid),
        OwnerKind::Unknown => (format!("UID {uid}"), vec!["它是誰，無從得知".to_owned()]),
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
        Firmware::Yes => "韌體：這支手機的系統軟體",
        Firmware::No => "不是韌體",
        Firmware::Mixed => "混合：它的套件只有一部分是韌體",
        Firmware::Unknown => "是否為韌體，無從得知",
        Firmware::Preloaded => match owner.why {
            OwnerReason::SignedAsFirmware { .. } => "預載：位於 /data，簽署方式與韌體相同",
            OwnerReason::PresentSinceFirstBoot { .. } => {
                "預載：自首次開機起就位於 /data，未註明安裝來源"
            }
            _ => "預載：位於 /data，如同隨手機附帶",
        },
    })
}

fn packages(packages: &[PackageName]) -> String {
    let shown: Vec<&str> = packages
        .iter()
        .take(MAX_PACKAGES)
        .map(PackageName::as_str)
        .collect();
    let text = shown.join("、");
    match packages.len().saturating_sub(MAX_PACKAGES) {
        0 => text,
        more => format!("{text}，還有 {more} 個"),
    }
}

fn programs(owner: &Owner) -> Option<String> {
    if let Some(program) = &owner.program {
        return Some(format!(
            "程式 {}，處理程序 {}",
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
        shown.push(format!("另外 {more} 個"));
    }
    Some(format!("下列處理程序之一：{}", shown.join("、")))
}
