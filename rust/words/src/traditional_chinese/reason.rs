//! Why an owner is said to be what it is, and what makes a claim weaker.

use portlog_model::{Category, Firmware, OwnerReason, Role, Weakening};

use crate::data::quoted;

pub(super) fn owner_reason(reason: &OwnerReason) -> String {
    match reason {
        OwnerReason::NoOwnerInRow => "核心沒有指出擁有者：通訊端正在關閉，或消失得太快".to_owned(),
        OwnerReason::PlatformId { name } => {
            format!("Android 將這個 id 保留給 {}", quoted(name))
        }
        OwnerReason::PlatformRange { range } => {
            format!("這個 id 位於 Android 保留的範圍內（{range}）")
        }
        OwnerReason::AdbShell => "adb shell：透過 adb 下達的指令".to_owned(),
        OwnerReason::OnFirmwarePartition {
            package,
            path: Some(path),
        } => format!("{package} 位於韌體分割區（{}）", quoted(path)),
        OwnerReason::OnFirmwarePartition {
            package,
            path: None,
        } => format!("{package} 被標示為系統的一部分"),
        OwnerReason::UpdatedFirmware { package } => {
            format!("{package} 是手機內建套件的更新")
        }
        OwnerReason::InstalledInData { package } => format!("{package} 安裝在 /data"),
        OwnerReason::InDataByPathAlone { package } => {
            format!("{package} 位於 /data，僅憑路徑判斷；預載應用程式的更新看起來也一樣")
        }
        OwnerReason::SignedAsFirmware { package } => {
            format!("{package} 位於 /data，並以某個韌體套件的憑證簽署")
        }
        OwnerReason::PresentSinceFirstBoot { package } => {
            format!("{package} 自首次開機起就位於 /data，未註明安裝來源")
        }
        OwnerReason::MixedPackages { firmware, of } => {
            format!("這個 UID 的 {of} 個套件中，已知有 {firmware} 個是韌體")
        }
        OwnerReason::MarkedAsSystem { package } => {
            format!("{package} 被標示為系統的一部分，所在資料夾不是已知的韌體資料夾")
        }
        OwnerReason::InstalledElsewhere { package, path } => {
            format!("{package} 安裝在後來加入的儲存空間（{}）", quoted(path))
        }
        OwnerReason::UnknownPlace { package, path } => format!(
            "{package} 位於 {}，既不是 /data，也不是已知的韌體分割區",
            quoted(path)
        ),
        OwnerReason::NoPathKnown { package } => {
            format!("清單沒有說明 {package} 位於何處")
        }
        OwnerReason::IsolatedProcess => "隔離處理程序有自己的 id，任何清單都不會列出".to_owned(),
        OwnerReason::SandboxOf { app } => format!("UID 為 {app} 的應用程式的 SDK 沙箱"),
        OwnerReason::NotInPackageList => {
            "這是應用程式的 id，但套件清單裡沒有；應用程式可能已被移除".to_owned()
        }
        OwnerReason::PackageListUnreadable => "這是應用程式的 id，但套件清單無法讀取".to_owned(),
        OwnerReason::PackageListShort { packages } => format!(
            "這是應用程式的 id，但套件清單太短（{packages} 個套件），不能因為沒有列出就下結論"
        ),
        OwnerReason::PackageListDamaged { bad } => {
            format!("這是應用程式的 id；它可能就在套件清單中無法讀取的 {bad} 行裡")
        }
        OwnerReason::PackageListWithoutUids { packages } => {
            format!("這是應用程式的 id，但套件清單列出了 {packages} 個套件，沒有附上 UID")
        }
        OwnerReason::UserNotListed { user } => {
            format!("這是 Android 使用者 {user} 的應用程式 id，套件清單對這位使用者沒有任何說明")
        }
        OwnerReason::NoPackageList => "這是應用程式的 id，而沒有提供套件清單".to_owned(),
        OwnerReason::UnassignedRange => {
            "這個 id 位於 Android 不會分配給處理程序的範圍內".to_owned()
        }
        OwnerReason::OverflowId => {
            "核心用來代替另一個使用者命名空間之 id 的替代值：屬於誰，無法說明".to_owned()
        }
        OwnerReason::Account { name } => format!("帳號清單把這個 UID 稱為 {}", quoted(name)),
        OwnerReason::NoAccount => "帳號清單裡沒有這個 UID".to_owned(),
        OwnerReason::AccountsNotGiven => "沒有提供帳號清單".to_owned(),
        OwnerReason::AccountsUnreadable => "帳號清單無法讀取".to_owned(),
    }
}

pub(super) const fn weakening(weakening: Weakening) -> &'static str {
    match weakening {
        Weakening::Category(Category::Own) => "該項目來自您自己的清單",
        Weakening::Category(Category::Threat) => "該項目來自威脅清單",
        Weakening::Category(Category::Tracker) => "該項目來自追蹤器清單，這類項目僅作記錄",
        Weakening::Category(Category::VendorService) => {
            "該項目來自廠商與平台服務的清單，這類項目僅作記錄"
        }
        Weakening::Category(Category::Reported) => {
            "該項目是過去的記載，可能已經易主，這類項目僅作記錄"
        }
        Weakening::OwnerUnknown => "通訊端屬於誰，無從得知",
        Weakening::FirmwareUncertain(Firmware::Mixed) => "這個 UID 的套件只有一部分是韌體",
        Weakening::FirmwareUncertain(
            Firmware::No | Firmware::Preloaded | Firmware::Unknown | Firmware::Yes,
        ) => "擁有者是否為韌體，並不確定",
        Weakening::Role(Role::GoBetween) => "擁有者會代其他程式取得內容",
        Weakening::Role(Role::UserFacing) => "擁有者會隨使用者前往各處",
        Weakening::Datagram => "資料包通訊端不等於連線",
        Weakening::NotEstablished => "沒有看到連線建立",
        Weakening::Inbound => "由對方開始",
        Weakening::DirectionUnknown => "由哪一方開始，無從得知",
        Weakening::PinnedAnswer => "名稱與該位址的對應，是較早時在別處看到的",
        Weakening::AskedByAnother => "該名稱是由另一個 UID 查詢的",
        Weakening::AskerUnknown => "該名稱由誰查詢，無從得知",
        Weakening::NotAskedJustBefore => "連線前不久沒有查詢過該名稱",
        Weakening::NameAlone => "只查詢了名稱，不知道是否有連線",
        Weakening::OutOfScope => "擁有者不是韌體，而觀察範圍僅限韌體",
        Weakening::ContentNetwork => "該位址屬於內容傳遞網路或雲端服務，同一位址為許多網站服務",
        Weakening::PackageNameAlone => "只有套件名稱相同，而任何套件都可以使用這個名稱",
    }
}
