//! The report.

use super::span;
use crate::report::{Line, Phrase};

#[expect(
    clippy::too_many_lines,
    reason = "one list, which says nothing more when cut into pieces"
)]
pub(crate) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Title => "连接日志报告",
        Phrase::Contents => "目录",
        Phrase::Verdict => "检查结果",
        Phrase::InEnglish => "结论的固定英文原文：",
        Phrase::DoesNotProve => {
            "这不能证明手机报告的是事实，也不能证明传了什么、由谁负责，或没有人刻意引发。"
        }
        Phrase::EvidenceLevel => "证据等级",
        Phrase::LevelSelf => "L0：自身一致；由谁签名，不得而知",
        Phrase::LevelPinned => "L1：由阅读者先前已知的日志签名",
        Phrase::LevelWitnessed => "L3：由阅读者认识的见证者见过",
        Phrase::PeriodShown => "所示时段",
        Phrase::ByThePhonesClock => "时间均以手机的时钟为准，并带有与 UTC 的时差，与文件中一致。",
        Phrase::File => "文件",
        Phrase::FileDigest => "文件的 SHA-256",
        Phrase::Origin => "日志的身份标识（origin）",
        Phrase::Mode => "文件里有什么",
        Phrase::ModeSparse => "选出的条目，每条都附有属于该日志的证明",
        Phrase::ModeFull => "全部条目；未公开的条目则列出其指纹",
        Phrase::Case => "案件（由操作者填写）",
        Phrase::Operator => "操作者（自行填写）",
        Phrase::Device => "手机（据其自身所述）",
        Phrase::DeviceNote => {
            "这些数值是手机对自身的说明。手机上权限足够的软件可以让它给出别的说明。"
        }
        Phrase::DeviceNotShown => "没有显示关于手机的条目。",
        Phrase::DeviceFacts => "手机对自身的说明",
        Phrase::DeviceChanges => "后来有哪些不同",
        Phrase::Model => "型号",
        Phrase::Fingerprint => "系统构建指纹",
        Phrase::Tags => "构建标签",
        Phrase::SecurityPatch => "安全补丁",
        Phrase::Kernel => "内核",
        Phrase::Baseband => "基带",
        Phrase::VerifiedBoot => "启动时验证",
        Phrase::Bootloader => "引导加载程序",
        Phrase::Selinux => "SELinux",
        Phrase::Adb => "adb 调试",
        Phrase::PortlogVersion => "Portlog 版本",
        Phrase::ApkSigner => "Portlog 应用的签名者（SHA-256）",
        Phrase::Before => "之前",
        Phrase::After => "此后",
        Phrase::Yes => "是",
        Phrase::No => "否",
        Phrase::Watches => "监测何时启动、如何查看",
        Phrase::Obtained => "记录的来源",
        Phrase::ObtainedLive => "实时：来自当时在那里运行的内核",
        Phrase::ObtainedHelper => "实时：由通过 adb 启动的进程获取",
        Phrase::ObtainedAdb => "实时：从另一台机器通过 adb 获取",
        Phrase::ObtainedImport => "非实时观察：导入",
        Phrase::ObtainedReplay => "非实时观察：读自表的副本",
        Phrase::ObtainedSimulated => "非实时观察：模拟",
        Phrase::ObtainedUnknown => "来源未显示：按非实时观察处理",
        Phrase::Interval => "两次查看的间隔",
        Phrase::Scope => "谁的连接会触发提醒",
        Phrase::ScopeFirmware => "随手机附带的软件",
        Phrase::ScopeAll => "所有归属者",
        Phrase::Seen => "看到了什么，出自谁",
        Phrase::Alerts => "提醒",
        Phrase::NoAlerts => "此文件中没有显示提醒。这并不表示没有发生过。",
        Phrase::Noted => "仅作记录：主张最弱的内容",
        Phrase::Practice => "练习提醒",
        Phrase::PracticeNote => {
            "这些是使用者要求练习提醒时由 Portlog 自己产生的，与手机的行为无关。"
        }
        Phrase::Level => "把握程度",
        Phrase::Owner => "套接字归属者",
        Phrase::Packages => "软件包",
        Phrase::Uid => "UID",
        Phrase::Firmware => "是否随手机附带",
        Phrase::Role => "它为别人做什么",
        Phrase::Program => "程序",
        Phrase::WhatWasSeen => "看到的情况",
        Phrase::Peer => "对端",
        Phrase::PeerNames => "该地址对应过的名称",
        Phrase::Reason => "为何记录",
        Phrase::ReasonFirstSeen => "此前未见它与该目的地往来",
        Phrase::ReasonListener => "此前未见它在该处等候连接",
        Phrase::ReasonBytes => "未看到连接，却有字节收发",
        Phrase::ReasonEntry => "名单中有条目提到它",
        Phrase::Bytes => "字节数",
        Phrase::ListEntry => "名单条目",
        Phrase::ListName => "名单",
        Phrase::ListLine => "行",
        Phrase::Category => "类别",
        Phrase::ListDated => "名单日期",
        Phrase::Undated => "无日期",
        Phrase::ListDigest => "名单的 SHA-256",
        Phrase::HowHit => "条目如何对应",
        Phrase::WhyNoMore => "为何不能说得更多",
        Phrase::OpenedAfter => "此前最后一次查看",
        Phrase::OpenedBy => "首次看到它的查看",
        Phrase::AtFirstLook => "无：第一次查看时已存在",
        Phrase::BetweenNotShown => "说明此事的条目不在此文件中",
        Phrase::FirstSeen => "首次看到",
        Phrase::LastSeen => "最近看到",
        Phrase::Connections => "连接次数",
        Phrase::LastSeenAtAlert => "记录警报时最近看到",
        Phrase::ConnectionsAtAlert => "记录警报时的连接次数",
        Phrase::Candidates => "其间有字节收发的",
        Phrase::EntriesInFile => "日志条目号",
        Phrase::Withheld => "未公开",
        Phrase::NotSaid => "无记录",
        Phrase::NotKnown => "未知：时间太短，看不出是谁",
        Phrase::OwnerNotShown => "它是谁，此文件中没有说明",
        Phrase::Explains => "还有什么可以解释",
        Phrase::ExplainsMore => "有字段未公开：可能还有其他解释。",
        Phrase::Destinations => "各归属者的目的地",
        Phrase::DestinationsNote => {
            "地址只说明由谁应答，不说明原本要找哪个主机。状态是某次查看时套接字表所显示的。"
        }
        Phrase::NoConnections => "没有显示连接：分享者只选了提醒，或者没有连接。",
        Phrase::NoPeer => "没有对端",
        Phrase::Protocol => "协议",
        Phrase::State => "达到的最高状态",
        Phrase::Direction => "由谁发起",
        Phrase::Timeline => "时间线",
        Phrase::TimelineNote => "每一条都是从左到右的整个时段；填充得越高，占该段时间的比例越大。",
        Phrase::NoPeriod => "没有显示时间，因此没有时间线。",
        Phrase::Watched => "已查看",
        Phrase::Asleep => "休眠",
        Phrase::Denied => "被拒",
        Phrase::Stopped => "未运行",
        Phrase::NotAccounted => "无说明",
        Phrase::WatchedMeans => "醒着，表可读，按时查看",
        Phrase::AsleepMeans => "手机休眠，没有程序运行",
        Phrase::DeniedMeans => "系统拒绝读取所有表",
        Phrase::StoppedMeans => "监测没有运行；发生了什么不得而知",
        Phrase::NotAccountedMeans => "没有条目说明；应视为没有查看",
        Phrase::Marks => "标记",
        Phrase::TimelineTable => "同样的内容，以数字表示",
        Phrase::From => "起始",
        Phrase::Happenings => "标记、中断，以及日志本身的变化",
        Phrase::Time => "时间",
        Phrase::What => "内容",
        Phrase::Until => "自",
        Phrase::MarkSimIn => "标记：插入 SIM 卡",
        Phrase::MarkContactSaved => "标记：保存联系人",
        Phrase::MarkMessageSent => "标记：发出短信",
        Phrase::MarkServiceOff => "标记：关闭服务",
        Phrase::MarkUpdate => "标记：安装更新",
        Phrase::MarkSignIn => "标记：登录账号",
        Phrase::MarkWords => "标记（操作者原话）",
        Phrase::Coverage => "能查看到什么",
        Phrase::CoverageNote => "读不到的并不是空的：其中有什么不得而知。",
        Phrase::CoverageNotShown => "没有条目显示哪些表可读。",
        Phrase::HoursTable => "至少查看了多长时间",
        Phrase::Means => "含义",
        Phrase::Duration => "时长",
        Phrase::TablesTable => "各表与名单，以最近一次显示为准",
        Phrase::Status => "状态",
        Phrase::ListsTable => "当时使用的名单",
        Phrase::NoLists => "没有显示名单。没有名单就不会有匹配。",
        Phrase::Rules => "条目数",
        Phrase::BadLines => "无法使用的行",
        Phrase::OtherExplanations => "其他解释",
        Phrase::OtherExplanationsNote => {
            "以下都是平常的原因。适用其中任何一条的提醒，都不能证明别的事情。"
        }
        Phrase::Explanation => "解释",
        Phrase::AppliesTo => "适用于",
        Phrase::Limits => "这份报告不能说明什么",
        Phrase::LimitTruth => {
            "不能说明手机说的是事实。控制手机的人可以让它写下没有发生的事，或略去发生过的事。"
        }
        Phrase::LimitContent => "不能说明传了什么。Portlog 看到的是有过连接，看不到连接里的内容。",
        Phrase::LimitWho => "不能说明由谁负责。“固件”是这部手机上的软件；由此得不出是谁所为。",
        Phrase::LimitProvoked => "不能说明没有人刻意引发。可能有人操作手机，好让这些情况出现。",
        Phrase::LimitHost => {
            "不能说明某个地址就是名单所指的主机。一个地址可能为许多主机服务，也可能已经换给别人。"
        }
        Phrase::LimitChosen => {
            "不能说明文件之外的情况。显示什么由分享者选择；略去的内容也许支持另一种解释。"
        }
        Phrase::LimitTail => {
            "不能说明日志到此为止。日志的末尾可以被截去，只有早先离开手机的副本能看出来。"
        }
        Phrase::LimitTime => "不能在手机自身时钟之外说明是什么时候。",
        Phrase::LimitSilence => {
            "不能说明没有显示的地方就什么都没发生。没有查看的时间不等于平静的时间。"
        }
        Phrase::LimitOverridden => {
            "不能以手机自身的说法说明套接字归谁：部分监测中，软件包列表由人手动提供。"
        }
        Phrase::Check => "如何自行核对",
        Phrase::CheckNote => "证据是那份文件，而不是这个页面：页面谁都能写。请索取文件并核对。",
        Phrase::CheckDigest => "若下面的命令输出与上面相同的摘要，则该文件就是生成本页所用的文件：",
        Phrase::CheckVerify => "在任何一台电脑上离线使用 Portlog：",
        Phrase::CheckKey => "如果您从别的途径得到了日志的身份标识，请用它核对文件：",
        Phrase::CheckByHand => {
            "不必信任 Portlog：docs/LOG-FORMAT.md 完整描述了该文件。用 openssl 核对一个签名，其中 \"body\" 是检查点的三行，\"sig\" 是签名，\"key.der\" 是密钥："
        }
        Phrase::Questions => "可以向软件开发者提出的问题",
        Phrase::QuestionsNote => {
            "这些只是问题，不是断言。答案也许平常无奇；请要求书面答复，并与文件一起保存。"
        }
        Phrase::QuestionsNone => {
            "没有显示可能随手机附带的软件的匹配或可能匹配，因此这份文件没有引出问题。"
        }
        Phrase::AskWhich => "是哪项服务或功能打开了这个连接？使用者可以用什么名称找到它？",
        Phrase::AskData => "通过它传输哪些数据，以什么形式，由谁接收？",
        Phrase::AskWhy => "它有什么用途？在哪里告知过使用者？",
        Phrase::AskOff => "怎样关闭它？关闭之后哪些功能会失效？",
        Phrase::AskSince => "它从软件的哪个版本开始存在？后来的版本里还有吗？",
        Phrase::MadeBy => "由 Portlog 根据通过核对的文件生成。本页不加载也不运行任何东西。",
    }
}

pub(crate) fn line(line: &Line<'_>) -> String {
    match *line {
        Line::Unchanged { known, seen } => {
            format!("自签名以来未被改动。签名者：{}。", signer(known, seen))
        }
        Line::Shown { shown, of } => {
            format!("共 {of} 条，显示其中 {shown} 条，由分享者选择。")
        }
        Line::NotLive(0) => {
            "非实时观察：就所显示的内容而言，此处显示的某次会话没有查看运行中的内核。".to_owned()
        }
        Line::NotLive(count) => format!(
            "非实时观察：就所显示的内容而言，有 {count} 项观察不是在所述时间于运行中的内核上做出的。"
        ),
        Line::WitnessSaw { name, size, of, on } => {
            format!("{name} 于 {on} 见过 {of} 条中的前 {size} 条，其余一概未见。")
        }
        Line::UncheckedSignatures(count) => {
            format!("有 {count} 个签名出自阅读者不认识的见证者；它们在这里不说明任何事。")
        }
        Line::RowsLeftOut(count) => format!("另有 {count} 行不在本页；文件中有。"),
        Line::CharactersLeftOut(count) => format!("（另有 {count} 个字符；文件中有）"),
        Line::PackagesLeftOut(count) => format!("以及另外 {count} 个软件包"),
        Line::OwnLeftOut(count) => {
            format!("Portlog 自检或练习用的 {count} 个连接，此处略去。")
        }
        Line::AlertNumber(number) => format!("提醒 {number}"),
        Line::SharedPackages(count) => {
            format!("共用该 UID 的 {count} 个软件包之一；系统不说明是哪一个")
        }
        Line::Period { from, to } => format!("从 {from} 到 {to}"),
        Line::ClockJump(millis) => format!("时钟跳变 {millis} 毫秒"),
        Line::Dropped(count) => format!("{count} 个事件在写入日志之前丢失"),
        Line::Pruned(below) => {
            format!("条目 {below} 以前的行已在手机上删除；其指纹仍保留")
        }
        Line::Predecessor(origin) => format!("本日志接续 {origin}"),
        Line::WitnessAnswered { name, size } => {
            format!("{name} 为前 {size} 条作了见证")
        }
        Line::Span(length) => span(length),
        Line::ShortConnections(interval) => format!(
            "不能说明没有发生别的事。短于两次查看间隔（{}）的连接可能缺失。",
            span(interval)
        ),
        Line::FieldsWithheld(count) => {
            format!("不能说明 {count} 个未公开的字段里有什么。")
        }
        Line::AskAbout { owner, peer } => format!("关于 {owner} 与 {peer}："),
        Line::TimesDenied(count) => format!("显示的条目中有 {count} 条表明它读不到"),
    }
}

fn signer(known: bool, seen: Option<(u64, &str)>) -> String {
    let mut words = Vec::new();
    if known {
        words.push("您已知晓".to_owned());
    }
    if let Some((count, on)) = seen {
        words.push(format!("{count} 位见证者于 {on} 见过"));
    }
    if words.is_empty() {
        words.push("未知".to_owned());
    }
    words.join("，")
}
