//! What could not be looked at, and when nobody looked.

use std::fmt::Write as _;

use portlog_model::{
    Coverage, CoverageCounts, CoverageDetail, CoverageItem, CoverageStatus, DeathReason, GapReason,
    Platform, Protocol, Table, Unreachable,
};

use crate::data::clean;

pub(super) fn detail(detail: CoverageDetail) -> String {
    match detail {
        CoverageDetail::Errno(number) => format!("核心拒絕了：{}", errno(number)),
        CoverageDetail::FellBackToProcfs(number) => {
            format!(
                "sock_diag 無法給出這個表格{}，改為讀取 procfs",
                because(number)
            )
        }
        CoverageDetail::NotCheckable => "無法自我檢查：沒有可在其中尋找的自己的通訊端".to_owned(),
        CoverageDetail::OwnSocketMissing => {
            "其中沒有我們自己的通訊端，因此其他通訊端也可能缺漏".to_owned()
        }
        CoverageDetail::OnlyOwnRows => {
            "其中只有我們自己的通訊端，而其他程式有位元組收發：其餘的我們看不到".to_owned()
        }
        CoverageDetail::Truncated(bytes) => {
            format!("在 {bytes} 位元組處截斷，其餘未讀取")
        }
        CoverageDetail::FirstBadLine(line) => format!("第一個無法讀取的資料列是第 {line} 行"),
        CoverageDetail::NotTracked(rows) => {
            format!("有 {rows} 列沒有繼續追查：開啟中的連線多於保留的數量")
        }
        CoverageDetail::WithoutPeer(sockets) => {
            format!("有 {sockets} 個資料包通訊端沒有對端：它們與誰往來，任何表格都沒有")
        }
        CoverageDetail::EventsLost(times) => {
            format!("核心有 {times} 次捨棄了事件：短暫的連線可能缺漏")
        }
        CoverageDetail::NoDestroyEvents(number) => format!(
            "核心不會通知已關閉的通訊端{}：短於查看間隔的連線可能缺漏",
            because(number)
        ),
        CoverageDetail::BadEntries(entries) => format!("有 {entries} 個項目無法讀取"),
        CoverageDetail::ImplausiblyShort(entries) => {
            format!("只有 {entries} 個項目：太短，不能因為沒有列出就下結論")
        }
        CoverageDetail::NotGiven => "沒有提供清單".to_owned(),
        CoverageDetail::TapOff => "DNS 旁聽已關閉：看不到查詢了哪些名稱".to_owned(),
        CoverageDetail::TapWithoutResolver => "DNS 旁聽正在執行，但沒有解析器回應".to_owned(),
        CoverageDetail::OtherVpn => "另一個 VPN 正在使用：DNS 旁聽無法執行".to_owned(),
        CoverageDetail::ClearText => "旁聽以明文轉送查詢：網路可以讀到".to_owned(),
        CoverageDetail::StrictPrivateDns => {
            "私人 DNS 設為某個供應商：經由它查詢的名稱會繞過旁聽".to_owned()
        }
        CoverageDetail::AskersUnknown => "此系統不說明是誰查詢了名稱".to_owned(),
        CoverageDetail::KnownResolvers(sockets) => format!(
            "有 {sockets} 個通訊端通往已知的解析器（DoH、HTTPDNS）：在那裡查詢的名稱會繞過旁聽"
        ),
        CoverageDetail::ForeignResolvers(sockets) => format!(
            "有 {sockets} 個通訊端通往他處的 DNS 連接埠（53、853）：在那裡查詢的名稱會繞過旁聽"
        ),
        CoverageDetail::FakeAddresses(sockets) => {
            format!("有 {sockets} 個通訊端通往另一個 VPN 虛構的位址：實際到達誰，無法說明")
        }
        CoverageDetail::Pinned { names, days } => {
            format!("{names} 個預先解析的回覆，最舊的已有 {days} 天")
        }
        CoverageDetail::PinnedExpired(names) => {
            format!("有 {names} 個預先解析的回覆超過 14 天，不再使用")
        }
        CoverageDetail::NamesLost(names) => format!("有 {names} 個名稱因沒有空間而被遺忘"),
    }
}

/// `TCP 連線（IPv4）：可讀取，12 列`.
pub(super) fn of(coverage: &Coverage, platform: Platform) -> String {
    let is_table = matches!(coverage.item, CoverageItem::Table(_));
    let what = match coverage.item {
        CoverageItem::Table(table) => self::table(table),
        CoverageItem::Packages => match platform {
            Platform::Android => "應用程式清單".to_owned(),
            Platform::Linux => "帳號清單".to_owned(),
        },
        CoverageItem::Names => "主機名稱".to_owned(),
    };
    let status = match (coverage.status, platform) {
        (CoverageStatus::Readable, _) => "可讀取",
        (CoverageStatus::Denied, Platform::Android) if is_table => {
            "不允許讀取：系統拒絕（從 Android 10 起，系統對所有應用程式都拒絕）"
        }
        (CoverageStatus::Denied, _) => "不允許讀取：系統拒絕",
        (CoverageStatus::Absent, _) if is_table => "這個核心沒有這個表格",
        (CoverageStatus::Absent, _) => "沒有",
        (CoverageStatus::Untrusted, _) => "已讀取，但不可靠",
    };
    let mut text = format!("{what}：{status}");
    if matches!(
        coverage.status,
        CoverageStatus::Readable | CoverageStatus::Untrusted
    ) {
        let unit = if is_table { "列" } else { "個項目" };
        let _ = write!(text, "，{} {unit}", coverage.rows);
    }
    if coverage.bad_rows > 0 {
        let _ = write!(text, "，另有 {} 筆無法讀取", coverage.bad_rows);
    }
    for detail in &coverage.details {
        let _ = write!(text, "；{}", self::detail(*detail));
    }
    text
}

/// `TCP 連線（IPv4）`.
pub(super) fn table(table: Table) -> String {
    let what = match table.protocol() {
        Protocol::Tcp => "TCP 連線",
        Protocol::Udp => "UDP 通訊端",
        Protocol::UdpLite => "UDP-Lite 通訊端",
        Protocol::Raw => "原始通訊端",
        Protocol::Icmp => "ping 通訊端",
    };
    format!("{what}（{}）", if table.is_v6() { "IPv6" } else { "IPv4" })
}

/// How many tables can be looked at.
pub(super) fn summary(counts: CoverageCounts) -> String {
    let present = counts.present();
    let mut parts = vec![if present == 0 {
        "找不到任何通訊端表格".to_owned()
    } else if counts.readable == present {
        if present == 1 {
            "唯一的通訊端表格可讀取".to_owned()
        } else {
            format!("全部 {present} 個通訊端表格都可讀取")
        }
    } else {
        format!("{present} 個通訊端表格中，{} 個可讀取", counts.readable)
    }];
    if counts.denied > 0 {
        parts.push(format!("{} 個不允許讀取", counts.denied));
    }
    if counts.untrusted > 0 {
        parts.push(format!("{} 個已讀取但不可靠", counts.untrusted));
    }
    if counts.absent > 0 {
        parts.push(format!("{} 個是這個核心沒有的", counts.absent));
    }
    let mut text = parts.join("；");
    text.push('。');
    if counts.unseen() > 0 {
        text.push_str("看不到的表格裡有什麼，無從得知。");
    }
    text
}

pub(super) fn gap(reason: &GapReason) -> String {
    match reason {
        GapReason::Fault(fault) => format!("觀測發生故障，已重新啟動：{}", clean(fault)),
        GapReason::Suspended => "裝置處於睡眠狀態".to_owned(),
        GapReason::Late => "一次查看的延遲超過了間隔所允許的範圍".to_owned(),
        GapReason::Unreadable(CoverageItem::Table(table)) => {
            format!("{} 表格無法讀取的時間超過了連線的保留時間", table.as_str())
        }
        GapReason::Unreadable(CoverageItem::Packages) => "套件清單無法讀取".to_owned(),
        GapReason::Unreadable(CoverageItem::Names) => "無法得知名稱".to_owned(),
        GapReason::NotRunning => "觀測沒有執行".to_owned(),
        GapReason::Died(reason) => death(*reason).to_owned(),
        GapReason::Unreachable(reason) => unreachable(*reason).to_owned(),
    }
}

const fn unreachable(reason: Unreachable) -> &'static str {
    match reason {
        Unreachable::Disconnected => "與手機的連線已中斷",
        Unreachable::Unauthorized => "手機不允許這台電腦進行偵錯",
        Unreachable::Silent => "手機已連線，但沒有及時回應",
        Unreachable::HelperEnded => "輔助程式已結束",
    }
}

/// Why the system says that the app ended.
const fn death(reason: DeathReason) -> &'static str {
    match reason {
        DeathReason::UserRequested => {
            "Portlog 應要求而結束：被強制停止，或從最近使用的應用程式中移除；可能是手動操作，也可能是系統的其他部分所為"
        }
        DeathReason::UserStopped => "執行 Portlog 的那個 Android 使用者被停止了",
        DeathReason::LowMemory => "系統為了釋出記憶體而結束了 Portlog",
        DeathReason::Crash => "Portlog 發生故障而結束（當機）",
        DeathReason::NativeCrash => "Portlog 的原生程式碼發生故障而結束（當機）",
        DeathReason::Anr => "Portlog 沒有及時回應，系統將它結束",
        DeathReason::Signaled => "Portlog 被一個訊號結束；訊號來自誰，系統沒有說明",
        DeathReason::ExitSelf => "Portlog 自行結束",
        DeathReason::InitializationFailure => "Portlog 未能啟動",
        DeathReason::PermissionChange => "Portlog 的一項權限有變動，系統因此將它結束",
        DeathReason::ExcessiveUse => "系統結束了 Portlog，並表示它用了過多的手機資源",
        DeathReason::DependencyDied => "Portlog 所依賴的處理程序結束了，系統因此將它結束",
        DeathReason::Freezer => "系統曾將 Portlog 凍結，隨後將它結束",
        DeathReason::PackageDisabled => "應用程式或其中一部分被停用，系統因此結束了 Portlog",
        DeathReason::PackageUpdated => "Portlog 更新了",
        DeathReason::Reboot => "手機關機或重新啟動了",
        DeathReason::Other => "系統結束了 Portlog，沒有說明原因",
        DeathReason::Unknown => "Portlog 結束了，系統沒有說明為什麼",
    }
}

fn because(number: Option<i32>) -> String {
    number.map_or_else(String::new, |number| format!("（{}）", errno(number)))
}

/// The errors that the kernel gives here, by Linux's numbers; others by number.
fn errno(number: i32) -> String {
    let text = match number {
        1 => "不允許的操作",
        2 => "不存在",
        5 => "輸入/輸出錯誤",
        12 => "記憶體不足",
        13 => "權限不足",
        20 => "不是資料夾",
        21 => "是資料夾而不是檔案",
        22 => "引數無效",
        38 => "尚未實作",
        93 => "不支援該協定",
        94 => "不支援該通訊端類型",
        95 => "不支援",
        97 => "不支援該位址家族",
        105 => "沒有緩衝區空間",
        _ => return format!("錯誤 {number}"),
    };
    format!("{text}，錯誤 {number}")
}
