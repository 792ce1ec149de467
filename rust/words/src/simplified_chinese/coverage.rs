//! What could not be looked at, and when nobody looked.

use std::fmt::Write as _;

use portlog_model::{
    Coverage, CoverageCounts, CoverageDetail, CoverageItem, CoverageStatus, DeathReason, GapReason,
    Platform, Protocol, Table, Unreachable,
};

use crate::data::clean;

pub(super) fn detail(detail: CoverageDetail) -> String {
    match detail {
        CoverageDetail::Errno(number) => format!("内核拒绝了：{}", errno(number)),
        CoverageDetail::FellBackToProcfs(number) => {
            format!("sock_diag 无法给出此表{}，改为读取 procfs", because(number))
        }
        CoverageDetail::NotCheckable => "无法自查：没有可以在其中查找的自己的套接字".to_owned(),
        CoverageDetail::OwnSocketMissing => {
            "其中没有我们自己的套接字，因此其他套接字也可能缺失".to_owned()
        }
        CoverageDetail::OnlyOwnRows => {
            "其中只有我们自己的套接字，而其他程序有字节收发：其余的我们看不到".to_owned()
        }
        CoverageDetail::Truncated(bytes) => {
            format!("在 {bytes} 字节处截断，其余没有读取")
        }
        CoverageDetail::FirstBadLine(line) => format!("无法读取的第一行是第 {line} 行"),
        CoverageDetail::NotTracked(rows) => {
            format!("有 {rows} 行没有跟进：打开的连接多于保留的数量")
        }
        CoverageDetail::WithoutPeer(sockets) => {
            format!("有 {sockets} 个数据报套接字没有对端：它们与谁往来，任何表中都没有")
        }
        CoverageDetail::EventsLost(times) => {
            format!("内核有 {times} 次丢弃了事件：短暂的连接可能缺失")
        }
        CoverageDetail::NoDestroyEvents(number) => format!(
            "内核不通报已关闭的套接字{}：短于查看间隔的连接可能缺失",
            because(number)
        ),
        CoverageDetail::BadEntries(entries) => format!("有 {entries} 个条目无法读取"),
        CoverageDetail::ImplausiblyShort(entries) => {
            format!("只有 {entries} 个条目：太短，不能因为没有列出就下结论")
        }
        CoverageDetail::NotGiven => "没有提供列表".to_owned(),
        CoverageDetail::TapOff => "DNS 旁听已关闭：看不到查询了哪些名称".to_owned(),
        CoverageDetail::TapWithoutResolver => "DNS 旁听正在运行，但没有解析器应答".to_owned(),
        CoverageDetail::OtherVpn => "另一个 VPN 正在使用：DNS 旁听无法运行".to_owned(),
        CoverageDetail::ClearText => "旁听以明文转发查询：网络可以读到".to_owned(),
        CoverageDetail::StrictPrivateDns => {
            "私人 DNS 设为某个提供商：经由它查询的名称会绕过旁听".to_owned()
        }
        CoverageDetail::AskersUnknown => "此系统不说明是谁查询了名称".to_owned(),
        CoverageDetail::KnownResolvers(sockets) => format!(
            "有 {sockets} 个套接字通向已知的解析器（DoH、HTTPDNS）：在那里查询的名称会绕过旁听"
        ),
        CoverageDetail::ForeignResolvers(sockets) => format!(
            "有 {sockets} 个套接字通向他处的 DNS 端口（53、853）：在那里查询的名称会绕过旁听"
        ),
        CoverageDetail::FakeAddresses(sockets) => {
            format!("有 {sockets} 个套接字通向另一个 VPN 虚构的地址：实际到达谁，无法说明")
        }
        CoverageDetail::Pinned { names, days } => {
            format!("{names} 个预先解析的应答，最旧的已有 {days} 天")
        }
        CoverageDetail::PinnedExpired(names) => {
            format!("有 {names} 个预先解析的应答超过 14 天，不再使用")
        }
        CoverageDetail::NamesLost(names) => format!("有 {names} 个名称因没有空间而被遗忘"),
    }
}

/// `TCP 连接（IPv4）：可读，12 行`.
pub(super) fn of(coverage: &Coverage, platform: Platform) -> String {
    let is_table = matches!(coverage.item, CoverageItem::Table(_));
    let what = match coverage.item {
        CoverageItem::Table(table) => self::table(table),
        CoverageItem::Packages => match platform {
            Platform::Android => "应用列表".to_owned(),
            Platform::Linux => "账户列表".to_owned(),
        },
        CoverageItem::Names => "主机名称".to_owned(),
    };
    let status = match (coverage.status, platform) {
        (CoverageStatus::Readable, _) => "可读",
        (CoverageStatus::Denied, Platform::Android) if is_table => {
            "不允许读取：系统拒绝（从 Android 10 起，系统对所有应用都拒绝）"
        }
        (CoverageStatus::Denied, _) => "不允许读取：系统拒绝",
        (CoverageStatus::Absent, _) if is_table => "这个内核没有此表",
        (CoverageStatus::Absent, _) => "没有",
        (CoverageStatus::Untrusted, _) => "已读取，但不可依赖",
    };
    let mut text = format!("{what}：{status}");
    if matches!(
        coverage.status,
        CoverageStatus::Readable | CoverageStatus::Untrusted
    ) {
        let unit = if is_table { "行" } else { "个条目" };
        let _ = write!(text, "，{} {unit}", coverage.rows);
    }
    if coverage.bad_rows > 0 {
        let _ = write!(text, "，另有 {} 项无法读取", coverage.bad_rows);
    }
    for detail in &coverage.details {
        let _ = write!(text, "；{}", self::detail(*detail));
    }
    text
}

/// `TCP 连接（IPv4）`.
pub(super) fn table(table: Table) -> String {
    let what = match table.protocol() {
        Protocol::Tcp => "TCP 连接",
        Protocol::Udp => "UDP 套接字",
        Protocol::UdpLite => "UDP-Lite 套接字",
        Protocol::Raw => "原始套接字",
        Protocol::Icmp => "ping 套接字",
    };
    format!("{what}（{}）", if table.is_v6() { "IPv6" } else { "IPv4" })
}

/// How many tables can be looked at.
pub(super) fn summary(counts: CoverageCounts) -> String {
    let present = counts.present();
    let mut parts = vec![if present == 0 {
        "没有找到任何套接字表".to_owned()
    } else if counts.readable == present {
        if present == 1 {
            "唯一的套接字表可读".to_owned()
        } else {
            format!("全部 {present} 个套接字表都可读")
        }
    } else {
        format!("{present} 个套接字表中，{} 个可读", counts.readable)
    }];
    if counts.denied > 0 {
        parts.push(format!("{} 个不允许读取", counts.denied));
    }
    if counts.untrusted > 0 {
        parts.push(format!("{} 个已读取但不可依赖", counts.untrusted));
    }
    if counts.absent > 0 {
        parts.push(format!("{} 个是这个内核没有的", counts.absent));
    }
    let mut text = parts.join("；");
    text.push('。');
    if counts.unseen() > 0 {
        text.push_str("看不到的表里有什么，不得而知。");
    }
    text
}

pub(super) fn gap(reason: &GapReason) -> String {
    match reason {
        GapReason::Fault(fault) => format!("监测出现故障，已重新启动：{}", clean(fault)),
        GapReason::Suspended => "设备处于睡眠状态".to_owned(),
        GapReason::Late => "一次查看的延迟超过了间隔所允许的范围".to_owned(),
        GapReason::Unreadable(CoverageItem::Table(table)) => {
            format!("{} 表无法读取的时间超过了连接的保留时间", table.as_str())
        }
        GapReason::Unreadable(CoverageItem::Packages) => "软件包列表无法读取".to_owned(),
        GapReason::Unreadable(CoverageItem::Names) => "无法得知名称".to_owned(),
        GapReason::NotRunning => "监测没有运行".to_owned(),
        GapReason::Died(reason) => death(*reason).to_owned(),
        GapReason::Unreachable(reason) => unreachable(*reason).to_owned(),
    }
}

const fn unreachable(reason: Unreachable) -> &'static str {
    match reason {
        Unreachable::Disconnected => "与手机的连接已断开",
        Unreachable::Unauthorized => "手机不允许这台电脑进行调试",
        Unreachable::Silent => "手机已连接，但没有及时应答",
        Unreachable::HelperEnded => "辅助进程已结束",
    }
}

/// Why the system says that the app ended.
const fn death(reason: DeathReason) -> &'static str {
    match reason {
        DeathReason::UserRequested => {
            "Portlog 应请求而结束：被强行停止，或从最近任务中移除；可能是手动操作，也可能是系统的其他部分所为"
        }
        DeathReason::UserStopped => "运行 Portlog 的那个 Android 用户被停止了",
        DeathReason::LowMemory => "系统为释放内存而结束了 Portlog",
        DeathReason::Crash => "Portlog 出现故障而结束（崩溃）",
        DeathReason::NativeCrash => "Portlog 的原生代码出现故障而结束（崩溃）",
        DeathReason::Anr => "Portlog 没有及时响应，系统将其结束",
        DeathReason::Signaled => "Portlog 被一个信号结束；信号来自谁，系统没有说明",
        DeathReason::ExitSelf => "Portlog 自行结束",
        DeathReason::InitializationFailure => "Portlog 没有能够启动",
        DeathReason::PermissionChange => "Portlog 的一项权限发生了变化，系统因此将其结束",
        DeathReason::ExcessiveUse => "系统结束了 Portlog，称其占用了过多的手机资源",
        DeathReason::DependencyDied => "Portlog 所依赖的进程结束了，系统因此将其结束",
        DeathReason::Freezer => "系统曾将 Portlog 冻结，随后将其结束",
        DeathReason::PackageDisabled => "应用或其一部分被停用，系统因此结束了 Portlog",
        DeathReason::PackageUpdated => "Portlog 更新了",
        DeathReason::Reboot => "手机关机或重新启动了",
        DeathReason::Other => "系统结束了 Portlog，没有说明原因",
        DeathReason::Unknown => "Portlog 结束了，系统没有说明为什么",
    }
}

fn because(number: Option<i32>) -> String {
    number.map_or_else(String::new, |number| format!("（{}）", errno(number)))
}

/// The errors that the kernel gives here, by Linux's numbers; others by number.
fn errno(number: i32) -> String {
    let text = match number {
        1 => "不允许的操作",
        2 => "不存在",
        5 => "输入/输出错误",
        12 => "内存不足",
        13 => "权限不足",
        20 => "不是文件夹",
        21 => "是文件夹而不是文件",
        22 => "参数无效",
        38 => "没有实现",
        93 => "不支持该协议",
        94 => "不支持该套接字类型",
        95 => "不支持",
        97 => "不支持该地址族",
        105 => "没有缓冲区空间",
        _ => return format!("错误 {number}"),
    };
    format!("{text}，错误 {number}")
}
