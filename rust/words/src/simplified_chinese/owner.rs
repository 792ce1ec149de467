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

/// `com.example.sync（UID 10012；固件：……）曾与 …… 有过连接`.
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
        return format!("{who}；时间太短，看不出是谁");
    }
    if let Some(user) = owner.user.filter(|user| user.get() != 0) {
        notes.push(format!("Android 用户 {user}"));
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
            Some(Platform::Android) => "这部手机",
            Some(Platform::Linux) => "这台机器",
            None => "这台设备",
        };
        return (format!("{place}上的某个程序或系统部分"), Vec::new());
    };
    let several = owner.packages.len() > 1;
    let of_uid = vec![format!("UID {uid}")];
    match owner.kind {
        OwnerKind::App | OwnerKind::Shared | OwnerKind::Removed if several => (
            format!("共用 UID {uid} 的 {} 个软件包之一", owner.packages.len()),
            vec![packages(&owner.packages)],
        ),
        OwnerKind::App | OwnerKind::Shared => (app(owner), of_uid),
        OwnerKind::Removed => ("一个不在软件包列表中的应用".to_owned(), of_uid),
        OwnerKind::System if several => (
            format!("系统组件 {}", quoted(&owner.name)),
            vec![format!(
                "UID {uid}，由 {} 个软件包共用：{}",
                owner.packages.len(),
                packages(&owner.packages)
            )],
        ),
        OwnerKind::System => (format!("系统组件 {}", quoted(&owner.name)), of_uid),
        OwnerKind::Sandbox => (format!("SDK 沙盒 {}", quoted(&owner.name)), of_uid),
        OwnerKind::Isolated => (
            "某个应用的隔离进程".to_owned(),
            vec![format!("UID {uid}；是哪个应用，没有显示")],
        ),
        OwnerKind::Shell => ("adb shell".to_owned(), of_uid),
        OwnerKind::Kernel => ("内核".to_owned(), of_uid),
        OwnerKind::User => (format!("用户 {}", quoted(&owner.name)), of_uid),
        OwnerKind::Service => (format!("服务 {}", quoted(&owner.name)), of_uid),
        OwnerKind::Unknown => (format!("UID {uid}"), vec!["它是谁，不得而知".to_owned()]),
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
        Firmware::Yes => "固件：这部手机的系统软件",
        Firmware::No => "不是固件",
        Firmware::Mixed => "混合：它的软件包只有一部分是固件",
        Firmware::Unknown => "是否为固件，不得而知",
        Firmware::Preloaded => match owner.why {
            OwnerReason::SignedAsFirmware { .. } => "预装：位于 /data，签名与固件相同",
            OwnerReason::PresentSinceFirstBoot { .. } => {
                "预装：自首次开机起就位于 /data，没有注明安装来源"
            }
            _ => "预装：位于 /data，如同随手机附带",
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
        more => format!("{text}，另有 {more} 个"),
    }
}

fn programs(owner: &Owner) -> Option<String> {
    if let Some(program) = &owner.program {
        return Some(format!(
            "程序 {}，进程 {}",
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
        shown.push(format!("另外 {more} 个"));
    }
    Some(format!("以下进程之一：{}", shown.join("、")))
}
