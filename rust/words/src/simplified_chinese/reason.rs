//! Why an owner is said to be what it is, and what makes a claim weaker.

use portlog_model::{Category, Firmware, OwnerReason, Role, Weakening};

use crate::data::quoted;

pub(super) fn owner_reason(reason: &OwnerReason) -> String {
    match reason {
        OwnerReason::NoOwnerInRow => "内核没有给出归属者：套接字正在关闭，或消失得太快".to_owned(),
        OwnerReason::PlatformId { name } => {
            format!("Android 把这个 id 保留给 {}", quoted(name))
        }
        OwnerReason::PlatformRange { range } => {
            format!("这个 id 位于 Android 保留的区间内（{range}）")
        }
        OwnerReason::AdbShell => "adb shell：通过 adb 下达的命令".to_owned(),
        OwnerReason::OnFirmwarePartition {
            package,
            path: Some(path),
        } => format!("{package} 位于固件分区（{}）", quoted(path)),
        OwnerReason::OnFirmwarePartition {
            package,
            path: None,
        } => format!("{package} 被标记为系统的一部分"),
        OwnerReason::UpdatedFirmware { package } => {
            format!("{package} 是手机自带软件包的更新")
        }
        OwnerReason::InstalledInData { package } => format!("{package} 安装在 /data"),
        OwnerReason::InDataByPathAlone { package } => {
            format!("{package} 位于 /data，仅凭路径判断；预装应用的更新看起来也是这样")
        }
        OwnerReason::SignedAsFirmware { package } => {
            format!("{package} 位于 /data，并且用某个固件软件包的证书签名")
        }
        OwnerReason::PresentSinceFirstBoot { package } => {
            format!("{package} 自首次开机起就位于 /data，没有注明安装来源")
        }
        OwnerReason::MixedPackages { firmware, of } => {
            format!("这个 UID 的 {of} 个软件包中，已知有 {firmware} 个是固件")
        }
        OwnerReason::MarkedAsSystem { package } => {
            format!("{package} 被标记为系统的一部分，所在文件夹不是已知的固件文件夹")
        }
        OwnerReason::InstalledElsewhere { package, path } => {
            format!("{package} 安装在后来添加的存储上（{}）", quoted(path))
        }
        OwnerReason::UnknownPlace { package, path } => format!(
            "{package} 位于 {}，既不是 /data，也不是已知的固件分区",
            quoted(path)
        ),
        OwnerReason::NoPathKnown { package } => {
            format!("列表没有说明 {package} 位于哪里")
        }
        OwnerReason::IsolatedProcess => "隔离进程有自己的 id，任何列表都不会列出它".to_owned(),
        OwnerReason::SandboxOf { app } => format!("UID 为 {app} 的应用的 SDK 沙盒"),
        OwnerReason::NotInPackageList => {
            "这是应用的 id，但软件包列表中没有它；应用可能已被卸载".to_owned()
        }
        OwnerReason::PackageListUnreadable => "这是应用的 id，但软件包列表无法读取".to_owned(),
        OwnerReason::PackageListShort { packages } => format!(
            "这是应用的 id，但软件包列表太短（{packages} 个软件包），不能因为没有列出就下结论"
        ),
        OwnerReason::PackageListDamaged { bad } => {
            format!("这是应用的 id；它可能就在软件包列表中无法读取的 {bad} 行里")
        }
        OwnerReason::PackageListWithoutUids { packages } => {
            format!("这是应用的 id，但软件包列表列出了 {packages} 个软件包，没有给出它们的 UID")
        }
        OwnerReason::UserNotListed { user } => {
            format!("这是 Android 用户 {user} 的应用 id，软件包列表对该用户没有任何说明")
        }
        OwnerReason::NoPackageList => "这是应用的 id，而没有提供软件包列表".to_owned(),
        OwnerReason::UnassignedRange => "这个 id 位于 Android 不分配给进程的区间内".to_owned(),
        OwnerReason::OverflowId => {
            "内核用来代替另一个用户命名空间的 id 的占位值：属于谁，无法说明".to_owned()
        }
        OwnerReason::Account { name } => format!("账户列表把这个 UID 称为 {}", quoted(name)),
        OwnerReason::NoAccount => "账户列表中没有这个 UID".to_owned(),
        OwnerReason::AccountsNotGiven => "没有提供账户列表".to_owned(),
        OwnerReason::AccountsUnreadable => "账户列表无法读取".to_owned(),
    }
}

pub(super) const fn weakening(weakening: Weakening) -> &'static str {
    match weakening {
        Weakening::Category(Category::Own) => "该条目来自您自己的名单",
        Weakening::Category(Category::Threat) => "该条目来自威胁名单",
        Weakening::Category(Category::Tracker) => "该条目来自跟踪器名单，这类条目只作记录",
        Weakening::Category(Category::VendorService) => {
            "该条目来自厂商和平台服务的名单，这类条目只作记录"
        }
        Weakening::Category(Category::Reported) => {
            "该条目是过去记载的，可能已经易手，这类条目只作记录"
        }
        Weakening::OwnerUnknown => "套接字属于谁，不得而知",
        Weakening::FirmwareUncertain(Firmware::Mixed) => "这个 UID 的软件包只有一部分是固件",
        Weakening::FirmwareUncertain(
            Firmware::No | Firmware::Preloaded | Firmware::Unknown | Firmware::Yes,
        ) => "归属者是否为固件，并不确定",
        Weakening::Role(Role::GoBetween) => "归属者会替其他程序获取内容",
        Weakening::Role(Role::UserFacing) => "归属者会随使用者去往各处",
        Weakening::Datagram => "数据报套接字不等于连接",
        Weakening::NotEstablished => "没有看到连接建立",
        Weakening::Inbound => "由对方发起",
        Weakening::DirectionUnknown => "由哪一方发起，不得而知",
        Weakening::PinnedAnswer => "名称与该地址的对应关系是较早时在别处见到的",
        Weakening::AskedByAnother => "该名称是由另一个 UID 查询的",
        Weakening::AskerUnknown => "该名称是谁查询的，不得而知",
        Weakening::NotAskedJustBefore => "在连接前不久没有查询过该名称",
        Weakening::NameAlone => "只查询了名称，不知道是否有连接",
        Weakening::OutOfScope => "归属者不是固件，而观察范围只限于固件",
        Weakening::ContentNetwork => "该地址属于内容分发网络或云服务，同一地址为许多网站服务",
        Weakening::PackageNameAlone => "只有软件包名称相同，而任何软件包都可以使用这个名称",
    }
}
