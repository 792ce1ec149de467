//! Simplified Chinese, as it is written on the mainland.
//!
//! Values and Latin words are set off by spaces. `监听` and `监视` are avoided for sockets and for the
//! watch: outside of engineering they mean wiretapping.

mod alert;
mod connection;
mod coverage;
mod happened;
pub(crate) mod log;
mod notice;
mod owner;
mod practice;
mod reason;
mod remark;
pub(crate) mod report;
mod watched;
mod word;

use std::time::Duration;

use portlog_model::{Advice, Explanation, Sentence};

use crate::time::{Unit, Zone, spelled};

/// Puts `sentence` into Simplified Chinese, times in `zone`.
pub(crate) fn say(sentence: &Sentence<'_>, zone: Zone) -> String {
    match *sentence {
        Sentence::Alert(alert) => alert::alert(alert, zone),
        Sentence::Deed(alert) => alert::deed(alert, zone),
        Sentence::Noted(alert, reason) => alert::noted(alert, reason, zone),
        Sentence::Explanation(explanation) => self::explanation(explanation).to_owned(),
        Sentence::Advice(advice) => self::advice(advice).to_owned(),
        Sentence::OwnerReason(reason) => reason::owner_reason(reason),
        Sentence::Weakening(weakening) => reason::weakening(weakening).to_owned(),
        Sentence::Coverage(detail) => coverage::detail(detail),
        Sentence::CoverageOf(coverage, platform) => coverage::of(coverage, platform),
        Sentence::CoverageSummary(counts) => coverage::summary(counts),
        Sentence::Watched(watched) => watched::watched(watched),
        Sentence::State(state) => watched::state(state).to_owned(),
        Sentence::Connection(connection) => connection::did(connection),
        Sentence::Observed(observed) => connection::observed(observed, zone),
        Sentence::Gap(reason) => coverage::gap(reason),
        Sentence::Happened(kind, platform) => happened::happened(kind, platform, zone),
        Sentence::NoticeTitle(notice) => notice::title(notice),
        Sentence::NoticeBody(notice) => notice::body(notice, zone),
        Sentence::Practice(link, state) => practice::link(link, state).to_owned(),
        Sentence::Remark(remark) => remark::remark(remark, zone),
        Sentence::Word(word) => word::word(word).to_owned(),
        Sentence::NotObservedLive => "非实时观察：这些记录不是来自此刻在这里运行的内核".to_owned(),
        Sentence::NoFirmwareHere => {
            "“固件”在这个系统上没有意义：所有归属者都在观察范围内".to_owned()
        }
    }
}

const fn explanation(explanation: Explanation) -> &'static str {
    match explanation {
        Explanation::AnsweredInBetween => {
            "应答的也可能不是该主机，而是中间环节（Wi-Fi 登录页面、运营商）。"
        }
        Explanation::SharedAddress => {
            "一个地址可能为许多主机服务，也可能在列入名单之后已经换给了别人。"
        }
        Explanation::ListMayBeWrong => "名单可能有误，或已经过时。",
        Explanation::FetchesForOthers => {
            "该归属者会替其他应用获取内容：可能是其中某个应用提出的请求。"
        }
        Explanation::GoesWhereItsUserGoes => {
            "该归属者会随使用者去往各处：可能是某个网页或链接把它引到了那里。"
        }
        Explanation::SharedUid => "多个软件包共用这个 UID：系统不说明是其中哪一个。",
        Explanation::DatagramMaySendNothing => {
            "打开 UDP 套接字本身并不发送任何内容：程序也会用这种办法来判断几个地址中哪个更合适。"
        }
        Explanation::PeerBegan => "也可能是对方先发起的：那样的话，该归属者只是接受了连接。",
        Explanation::OwnerNotTold => {
            "系统没有说明这个套接字属于谁：可能是任何一个应用，也可能是系统本身。"
        }
        Explanation::SystemActsForApps => "系统的某些部分也会应其他应用的请求代为操作。",
        Explanation::AskedAhead => {
            "查询名称不等于连接：程序也会提前查询名称，或为了检查网络是否可用而查询。"
        }
    }
}

const fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::KeepWatching => "让监测继续运行，看看是否再次发生、何时发生。",
        Advice::ReadTheEntry => "查一查名单对这个条目是怎么说的，以及名单的依据从何而来。",
        Advice::CapturePackets => {
            "请人用抓包工具记录流量：Portlog 看到的是有过连接，看不到连接里传了什么。"
        }
        Advice::SwitchServiceOff => "关闭相关的服务或应用，看看情况是否继续。",
        Advice::AskWithTheLog => "向该软件的开发者询问它的用途，并出示这次监测的日志。",
        Advice::DoNotResetYet => {
            "先不要恢复出厂设置，也不要更新手机：那会抹去还能查看的东西。请保留一份日志。"
        }
        Advice::KeepACopy => "把发现的内容在这部手机之外另存一份：日志，或带有日期和时间的截图。",
        Advice::AskForHelp => {
            "请教懂行而且没有利害关系的人：消费者组织或数字权益组织、所在国家或地区的计算机应急响应机构\
             （CERT）、研究人员。请原样出示这项发现；它本身并不能说明传了什么、为什么传。"
        }
    }
}

/// `3 天 4 小时`, `45 秒`.
fn span(span: Duration) -> String {
    spelled(span, |_, unit| match unit {
        Unit::Day => " 天",
        Unit::Hour => " 小时",
        Unit::Minute => " 分钟",
        Unit::Second => " 秒",
        Unit::Millisecond => " 毫秒",
    })
}
