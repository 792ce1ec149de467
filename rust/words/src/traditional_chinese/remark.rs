//! What screens say besides.

use std::time::Duration;

use portlog_model::{LinkState, PackagePlace, Remark};

use super::{practice, span};
use crate::data::{clean, quoted};
use crate::time::Zone;

pub(super) fn remark(remark: Remark<'_>, zone: Zone) -> String {
    match remark {
        Remark::ListAge { age, dated, old } => list_age(age, dated, old),
        Remark::MutedOwner(name) => format!("與 {} 有關的一切", clean(name)),
        Remark::MutedEntry(entry) => format!("項目 {}，無論在哪一份清單中", quoted(entry)),
        Remark::MutedRemote(address) => format!("位址 {address}"),
        Remark::PackagePlace(place) => package_place(place),
        Remark::InstalledBy(Some(package)) => format!("由 {} 安裝", clean(package)),
        Remark::InstalledBy(None) => "沒有安裝來源的記錄".to_owned(),
        Remark::Timeline {
            opened,
            alerts,
            hours,
            watched,
        } => format!(
            "最近 24 小時：新出現 {opened} 個連線，分布在 {hours} 個小時裡；{alerts} 則警示；觀測了 {}。",
            span(watched)
        ),
        Remark::OpenedBetween { after, by } => match after {
            Some(after) => format!("它在 {} 與 {} 之間開啟。", zone.time(after), zone.time(by)),
            None => format!("第一次查看時（{}）它已經存在。", zone.time(by)),
        },
        Remark::EndedBetween { after, by } => match after {
            Some(after) => format!("它在 {} 與 {} 之間結束。", zone.time(after), zone.time(by)),
            None => format!("它在 {} 之前結束。", zone.time(by)),
        },
        Remark::InThatHour(count) => format!("那一小時裡有 {count} 個這樣的連線。"),
        Remark::HistoryNewer => {
            "歷史：由較新版本的 Portlog 寫入，維持原狀。現在發生的事在這次執行之後不會保留。請重新安裝較新版本的 Portlog。"
                .to_owned()
        }
        Remark::HistorySetAside => {
            "歷史：檔案已損毀。損毀的檔案放到一旁，沒有刪除；新的歷史從現在開始。".to_owned()
        }
        Remark::HistoryUnwritten(error) => format!(
            "歷史：無法寫入（{}）。現在發生的事在這次執行之後不會保留。請查看是否還有可用空間。",
            clean(error)
        ),
        Remark::HistoryBadLines(lines) => {
            format!("歷史：有 {lines} 行無法讀取；其餘都在。")
        }
        Remark::StateSetAside => {
            "計數、靜音和首次看到的記錄已損毀。損毀的檔案放到一旁，沒有刪除；這些記錄重新開始。".to_owned()
        }
        Remark::ShelfSetAside => {
            "清單的索引已損壞。損壞的檔案已移到一旁，沒有刪除；清單都還在，換了新名稱，並且處於關閉狀態。請查看並啟用需要的清單。"
                .to_owned()
        }
        Remark::AppsWithheld => {
            "Portlog 沒有查看所有應用程式的權限：有些擁有者無法說出名稱。請允許它取得已安裝應用程式的清單。".to_owned()
        }
        Remark::StartMissed => {
            "手機啟動了，而 Portlog 沒有隨之啟動。請在系統設定中允許它自行啟動（自動啟動）。".to_owned()
        }
        Remark::StartedBy("") => "觀測已啟動。".to_owned(),
        Remark::StartedBy(by) => format!("觀測已啟動：{}。", clean(by)),
        Remark::Ended(why) => format!("觀測自行結束了（{}）。請重新啟動。", clean(why)),
        Remark::LookedFor { looks, within } => {
            format!("在 {}內查看了 {looks} 次。", span(within))
        }
        Remark::PracticeUnopened(error) => {
            format!("練習連線無法開啟（{}）。", clean(error))
        }
        Remark::PracticePassed => "練習警示：每個環節都通過了。".to_owned(),
        Remark::PracticeFailed(link) => format!(
            "練習警示：沒有成功。{}",
            practice::link(link, LinkState::Failed)
        ),
    }
}

fn list_age(age: Duration, dated: bool, old: bool) -> String {
    const DAY: u64 = 86_400;
    let days = age.as_secs() / DAY;
    let mut text = match (days, dated) {
        (0, true) => "日期是今天".to_owned(),
        (0, false) => "今天匯入；清單本身沒有日期".to_owned(),
        (days, true) => format!("日期是 {days} 天前"),
        (days, false) => format!("{days} 天前匯入；清單本身沒有日期"),
    };
    text.push('。');
    if old {
        text.push_str("主機會易主：請找一份較新的清單。");
    }
    text
}

fn package_place(place: PackagePlace<'_>) -> String {
    match place {
        PackagePlace::Firmware { path } => format!("隨手機附帶{}", lies("，位於 ", path)),
        PackagePlace::Updated { path, factory } => format!(
            "隨手機附帶{}；後來安裝了更新{}",
            lies("，位於 ", factory),
            lies("，位於 ", path)
        ),
        PackagePlace::Installed { path } => format!("後來安裝{}", lies("，位於 ", path)),
    }
}

fn lies(before: &str, path: Option<&str>) -> String {
    path.map_or_else(String::new, |path| format!("{before}{}", clean(path)))
}
