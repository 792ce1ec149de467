//! What screens say besides.

use std::time::Duration;

use portlog_model::{LinkState, PackagePlace, Remark};

use super::{practice, span};
use crate::data::{clean, quoted};
use crate::time::Zone;

pub(super) fn remark(remark: Remark<'_>, zone: Zone) -> String {
    match remark {
        Remark::ListAge { age, dated, old } => list_age(age, dated, old),
        Remark::MutedOwner(name) => format!("与 {} 有关的一切", clean(name)),
        Remark::MutedEntry(entry) => format!("条目 {}，无论在哪份名单中", quoted(entry)),
        Remark::MutedRemote(address) => format!("地址 {address}"),
        Remark::PackagePlace(place) => package_place(place),
        Remark::InstalledBy(Some(package)) => format!("由 {} 安装", clean(package)),
        Remark::InstalledBy(None) => "没有安装来源的记录".to_owned(),
        Remark::Timeline {
            opened,
            alerts,
            hours,
            watched,
        } => format!(
            "最近 24 小时：新出现 {opened} 个连接，分布在 {hours} 个小时里；{alerts} 条警报；监测了 {}。",
            span(watched)
        ),
        Remark::OpenedBetween { after, by } => match after {
            Some(after) => format!("它在 {} 与 {} 之间打开。", zone.time(after), zone.time(by)),
            None => format!("第一次查看时（{}）它已经存在。", zone.time(by)),
        },
        Remark::EndedBetween { after, by } => match after {
            Some(after) => format!("它在 {} 与 {} 之间结束。", zone.time(after), zone.time(by)),
            None => format!("它在 {} 之前结束。", zone.time(by)),
        },
        Remark::InThatHour(count) => format!("那一小时里有 {count} 个这样的连接。"),
        Remark::HistoryNewer => {
            "历史：由较新版本的 Portlog 写成，保持原样。现在发生的事情在本次运行之后不会保留。请重新安装较新版本的 \
             Portlog。"
                .to_owned()
        }
        Remark::HistorySetAside => {
            "历史：文件已损坏。损坏的文件放到了一边，没有删除；新的历史从现在开始。".to_owned()
        }
        Remark::HistoryUnwritten(error) => format!(
            "历史：无法写入（{}）。现在发生的事情在本次运行之后不会保留。请查看是否还有可用空间。",
            clean(error)
        ),
        Remark::HistoryBadLines(lines) => {
            format!("历史：有 {lines} 行无法读取；其余的都在。")
        }
        Remark::StateSetAside => {
            "计数、静音和首次见到的记录已损坏。损坏的文件放到了一边，没有删除；这些记录重新开始。".to_owned()
        }
        Remark::ShelfSetAside => {
            "名单的目录已损坏。损坏的文件已移到一边，没有删除；名单都还在，换了新名称，并且处于关闭状态。请查看并启用需要的名单。"
                .to_owned()
        }
        Remark::AppsWithheld => {
            "Portlog 没有查看所有应用的权限：有些归属者无法说出名称。请允许它获取已安装应用的列表。".to_owned()
        }
        Remark::StartMissed => {
            "手机启动了，而 Portlog 没有随之启动。请在系统设置中允许它自行启动（自启动）。".to_owned()
        }
        Remark::StartedBy("") => "监测已启动。".to_owned(),
        Remark::StartedBy(by) => format!("监测已启动：{}。", clean(by)),
        Remark::Ended(why) => format!("监测自行结束了（{}）。请重新启动它。", clean(why)),
        Remark::LookedFor { looks, within } => {
            format!("在 {}内查看了 {looks} 次。", span(within))
        }
        Remark::PracticeUnopened(error) => {
            format!("练习连接无法打开（{}）。", clean(error))
        }
        Remark::PracticePassed => "练习警报：每一环都通过了。".to_owned(),
        Remark::PracticeFailed(link) => format!(
            "练习警报：没有成功。{}",
            practice::link(link, LinkState::Failed)
        ),
    }
}

fn list_age(age: Duration, dated: bool, old: bool) -> String {
    const DAY: u64 = 86_400;
    let days = age.as_secs() / DAY;
    let mut text = match (days, dated) {
        (0, true) => "日期是今天".to_owned(),
        (0, false) => "今天导入；名单本身没有日期".to_owned(),
        (days, true) => format!("日期是 {days} 天前"),
        (days, false) => format!("{days} 天前导入；名单本身没有日期"),
    };
    text.push('。');
    if old {
        text.push_str("主机会易手：请找一份较新的名单。");
    }
    text
}

fn package_place(place: PackagePlace<'_>) -> String {
    match place {
        PackagePlace::Firmware { path } => format!("随手机附带{}", lies("，位于 ", path)),
        PackagePlace::Updated { path, factory } => format!(
            "随手机附带{}；后来安装了更新{}",
            lies("，位于 ", factory),
            lies("，位于 ", path)
        ),
        PackagePlace::Installed { path } => format!("后来安装{}", lies("，位于 ", path)),
    }
}

fn lies(before: &str, path: Option<&str>) -> String {
    path.map_or_else(String::new, |path| format!("{before}{}", clean(path)))
}
