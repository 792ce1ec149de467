//! Traditional Chinese, as it is written in Taiwan: its own terms, not converted characters.
//!
//! Values and Latin words are set off by spaces. `監聽` and `監視` are avoided for sockets and for the
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

/// Puts `sentence` into Traditional Chinese, times in `zone`.
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
        Sentence::NotObservedLive => {
            "非即時觀察：這些資料列不是來自此刻在這裡執行的核心".to_owned()
        }
        Sentence::NoFirmwareHere => {
            "「韌體」在這個系統上沒有意義：所有擁有者都在觀察範圍內".to_owned()
        }
    }
}

const fn explanation(explanation: Explanation) -> &'static str {
    match explanation {
        Explanation::AnsweredInBetween => {
            "回應的也可能不是該主機，而是途中的某個環節（Wi-Fi 登入頁面、電信業者）。"
        }
        Explanation::SharedAddress => {
            "一個位址可能由許多主機共用，也可能在列入清單之後就換了使用者。"
        }
        Explanation::ListMayBeWrong => "清單可能有誤，或已經過時。",
        Explanation::FetchesForOthers => {
            "這個擁有者會代其他應用程式取得內容：可能是其中某個應用程式提出的要求。"
        }
        Explanation::GoesWhereItsUserGoes => {
            "這個擁有者會隨使用者前往各處：可能是某個網頁或連結把它帶到那裡。"
        }
        Explanation::SharedUid => "多個套件共用這個 UID：系統不會說明是其中哪一個。",
        Explanation::DatagramMaySendNothing => {
            "開啟 UDP 通訊端本身並不會送出任何內容：程式也會用這個方法判斷幾個位址中哪一個比較合適。"
        }
        Explanation::PeerBegan => "也可能是對方先開始的：若是如此，這個擁有者只是接受了連線。",
        Explanation::OwnerNotTold => {
            "系統沒有說明這個通訊端屬於誰：可能是任何一個應用程式，也可能是系統本身。"
        }
        Explanation::SystemActsForApps => "系統的某些部分也會應其他應用程式的要求代為處理。",
        Explanation::AskedAhead => {
            "查詢名稱不等於連線：程式也會預先查詢名稱，或為了檢查網路是否可用而查詢。"
        }
    }
}

const fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::KeepWatching => "讓觀測繼續執行，看看是否再次發生、何時發生。",
        Advice::ReadTheEntry => "查查清單對這個項目的說明，以及清單的依據從何而來。",
        Advice::CapturePackets => {
            "請人用封包擷取工具記錄流量：Portlog 看到的是有過連線，看不到連線裡傳了什麼。"
        }
        Advice::SwitchServiceOff => "關閉相關的服務或應用程式，看看情況是否繼續。",
        Advice::AskWithTheLog => "向該軟體的開發者詢問它的用途，並出示這次觀測的日誌。",
        Advice::DoNotResetYet => {
            "請先不要重設手機，也不要更新：那會抹去還能查看的東西。請保留一份日誌。"
        }
        Advice::KeepACopy => {
            "把發現的內容另存一份在這支手機以外的地方：日誌，或是附有日期和時間的螢幕截圖。"
        }
        Advice::AskForHelp => {
            "請教懂這類問題、又沒有利害關係的人：消費者團體或數位人權團體、所在國家或地區的電腦緊急應變組織（CERT）、研究人員。請照原樣出示這項發現；它本身並不能說明傳了什麼、為什麼傳。"
        }
    }
}

/// `3 天 4 小時`, `45 秒`.
fn span(span: Duration) -> String {
    spelled(span, |_, unit| match unit {
        Unit::Day => " 天",
        Unit::Hour => " 小時",
        Unit::Minute => " 分鐘",
        Unit::Second => " 秒",
        Unit::Millisecond => " 毫秒",
    })
}
