//! 应用中的签名日志。

use crate::log::{EntryKind, LogSentence, Withheld};
use crate::time::Zone;

#[expect(
    clippy::too_many_lines,
    reason = "one list, which says nothing more when cut into pieces"
)]
pub(crate) fn say(sentence: &LogSentence<'_>, zone: Zone) -> String {
    let fixed = match *sentence {
        LogSentence::Kind(kind) => entry_kind(kind),
        LogSentence::NotWritten { since, why } => {
            return format!("自 {} 起，签名日志未能写入：{why}", zone.time(since));
        }
        LogSentence::Written {
            waiting: waiting @ 1..,
        } => {
            return format!(
                "监测运行期间，签名日志会持续写入。另有 {waiting} 条正等待签名并写入。"
            );
        }
        LogSentence::NotOpened(why) => return format!("签名日志无法打开：{why}"),
        LogSentence::Size { entries, bytes } => {
            return format!("{entries} 条，在本机占用 {bytes}。");
        }
        LogSentence::Witnessed {
            name,
            at,
            size,
            since,
        } => {
            let when = at.map_or(String::new(), |at| format!("于 {} ", zone.time(at)));
            return format!(
                "最近一次见证：{name} {when}见证了前 {size} 条。此后新增 {since} 条，不在见证范围内。"
            );
        }
        LogSentence::LastExported(at) => return format!("最近一次导出：{}。", zone.time(at)),
        LogSentence::Withheld(what) => return withheld(what),
        LogSentence::Answered { name, size } => {
            return format!("{name} 已见证前 {size} 条。日志中已记下此事。");
        }
        LogSentence::Signed { size } => {
            return format!(
                "本机已签名表示见过此日志，并记住了前 {size} 条。这并不表示日志所述属实。"
            );
        }
        LogSentence::ResetExportDone { at, since } => {
            return format!(
                "据您确认，已于 {} 保存到手机之外；此后新增 {since} 条。",
                zone.time(at)
            );
        }
        LogSentence::ResetExportStale { at, since, matched } => {
            return format!(
                "据您确认，已于 {} 保存到手机之外；此后新增 {since} 条{}。请重新导出并保存。",
                zone.time(at),
                among_them(matched)
            );
        }
        LogSentence::ResetHeldTodo { witnesses } => {
            return format!(
                "日志中有 {witnesses} 位不同见证者的答复。请让两个人或两台机器看到检查点：单独一份可能遗失或受到质疑。"
            );
        }
        LogSentence::ResetHeldDone { witnesses, since } => {
            return format!("日志中有 {witnesses} 位不同见证者的答复；此后新增 {since} 条。");
        }
        LogSentence::ResetHeldSaid { since } => {
            return format!("据您确认，有两方保存着它的文字或照片；此后新增 {since} 条。");
        }
        LogSentence::ResetHeldStale { since, matched } => {
            return format!(
                "自两方持有检查点以来，新增 {since} 条{}。请让他们再看一次检查点。",
                among_them(matched)
            );
        }
        LogSentence::Written { waiting: 0 } => "监测运行期间，签名日志会持续写入。",
        LogSentence::Off => "不写入签名日志。已有内容保持不变。",
        LogSentence::None => "还没有签名日志。它随监测一同开始。",
        LogSentence::Recorded { everyone: true } => "保留：所有连接，包括其他应用和其他用户的。",
        LogSentence::Recorded { everyone: false } => {
            "保留：手机自带软件和未知归属者的连接，以及所有提醒。"
        }
        LogSentence::NeverWitnessed => "还没有任何人在本机之外见过此日志。",
        LogSentence::NeverExported => "此日志还没有导出过。",
        LogSentence::CheckpointIsFor => {
            "保存它的人日后可以证明日志曾被截短或改写。它只说明日志有多长，不透露其中的内容。"
        }
        LogSentence::ShowsEverything => {
            "这会显示日志中的每个地址和主机名，以及手机何时在使用、休眠或关机。"
        }
        LogSentence::ShowsLocal => "手机自身的地址可能表明它当时在哪个网络中。",
        LogSentence::ShowsMarks => "会显示您所写标记的文字。",
        LogSentence::EmptyMark => "标记需要文字。",
        LogSentence::Marked => "标记已写入签名日志。",
        LogSentence::NoAnswer => "这不是见证者的答复。请对方再给一次。",
        LogSentence::AnswerForAnother => "这份答复属于另一份日志。",
        LogSentence::AnswerNotSigned => "这份答复并非由其所称的见证者签名。请对方再给一次。",
        LogSentence::NoCheckpoint => "这不是签名日志的检查点。",
        LogSentence::OwnCheckpoint => "这是本机日志的检查点。",
        LogSentence::OthersCheckpoint => "这是另一份日志的检查点。",
        LogSentence::IsAnswer => "这是见证者的答复。",
        LogSentence::Nothing => "这不是签名日志、检查点，也不是见证者的答复。",
        LogSentence::PredecessorNamed => "日志现已写明它之前的那份日志。",
        LogSentence::DoesNotCheck => {
            "文件与当初签名的内容不符，或只收到了一部分。请勿相信其中的任何内容。"
        }
        LogSentence::RefusedRolledBack => {
            "未签名：本机见过此日志更晚的状态。它的末尾被截去，或者文件较旧。"
        }
        LogSentence::RefusedFork => {
            "未签名：本机见过此日志的另一段历史。两者都有签名，但不可能同时属实。"
        }
        LogSentence::RefusedNotShown => {
            "未签名：文件没有表明它延续了本机此前所见的内容。请对方重新导出。"
        }
        LogSentence::MemoryUnreadable => {
            "本机曾为此日志签名，但所记住的内容无法读取。因此无法判断日志此后是否被改写，也不会签名。"
        }
        LogSentence::RefusedOwn => "未签名：这是本机自己的日志。见证者必须是别人。",
        LogSentence::WitnessNeedsName => "未签名：见证者需要一个名称。",
        LogSentence::ResetExport => "日志已保存到手机之外",
        LogSentence::ResetExportTodo => {
            "导出日志，把文件保存到电脑上或交给您信任的人，然后在此确认。"
        }
        LogSentence::ResetHeld => "有两方持有检查点",
        LogSentence::ResetPasswords => "您知道自己的密码",
        LogSentence::ResetPasswordsTodo => {
            "重置之后，手机可能会要求输入此前设置的账号和锁屏密码。请先在别的设备上试一试。任何应用都无法检查这一点。"
        }
        LogSentence::ResetPasswordsSaid => "据您确认，已经试过。",
    };
    fixed.to_owned()
}

const fn entry_kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Started => "监测开始",
        EntryKind::Device => "手机对自身的说明",
        EntryKind::Stopped => "监测结束",
        EntryKind::Opened => "出现连接",
        EntryKind::Changed => "连接变化",
        EntryKind::Closed => "连接消失",
        EntryKind::Alert => "提醒",
        EntryKind::Coverage => "可读取的内容",
        EntryKind::Clock => "时钟跳变",
        EntryKind::Heartbeat => "运行信号",
        EntryKind::Gap => "无人查看",
        EntryKind::Drop => "事件丢失",
        EntryKind::List => "名单生效",
        EntryKind::Packages => "手机上的软件包",
        EntryKind::Mark => "标记",
        EntryKind::Practice => "练习提醒",
        EntryKind::Config => "设置",
        EntryKind::Epoch => "下一个密钥",
        EntryKind::Witness => "见证者",
        EntryKind::Predecessor => "之前的日志",
        EntryKind::Prune => "已删除旧条目",
    }
}

fn withheld(what: Withheld<'_>) -> String {
    let fixed = match what {
        Withheld::Local => "手机自身的地址未公开。",
        Withheld::Remote => "远端地址未公开。",
        Withheld::Names => "主机名未公开。",
        Withheld::Owner => "连接属于谁，全部或部分未公开。",
        Withheld::Program => "程序未公开。",
        Withheld::Words => "标记的文字未公开。",
        Withheld::Entry => "名单条目未公开。",
        Withheld::Field(name) => return format!("字段\"{name}\"未公开。"),
    };
    fixed.to_owned()
}

const fn among_them(matched: bool) -> &'static str {
    if matched { "，其中有匹配" } else { "" }
}
