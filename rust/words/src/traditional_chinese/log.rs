//! 應用程式中的簽章日誌。

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
            return format!("自 {} 起，簽章日誌未能寫入：{why}", zone.time(since));
        }
        LogSentence::Written {
            waiting: waiting @ 1..,
        } => {
            return format!(
                "監測執行期間，簽章日誌會持續寫入。另有 {waiting} 筆正等待簽章並寫入。"
            );
        }
        LogSentence::NotOpened(why) => return format!("簽章日誌無法開啟：{why}"),
        LogSentence::Size { entries, bytes } => {
            return format!("{entries} 筆，在本機佔用 {bytes}。");
        }
        LogSentence::Witnessed {
            name,
            at,
            size,
            since,
        } => {
            let when = at.map_or(String::new(), |at| format!("於 {} ", zone.time(at)));
            return format!(
                "最近一次見證：{name} {when}見證了前 {size} 筆。此後新增 {since} 筆，不在見證範圍內。"
            );
        }
        LogSentence::LastExported(at) => return format!("最近一次匯出：{}。", zone.time(at)),
        LogSentence::Withheld(what) => return withheld(what),
        LogSentence::Answered { name, size } => {
            return format!("{name} 已見證前 {size} 筆。日誌中已記下此事。");
        }
        LogSentence::Signed { size } => {
            return format!(
                "本機已簽章表示看過此日誌，並記住了前 {size} 筆。這並不表示日誌所述屬實。"
            );
        }
        LogSentence::ResetExportDone { at, since } => {
            return format!(
                "據您確認，已於 {} 儲存到手機之外；此後新增 {since} 筆。",
                zone.time(at)
            );
        }
        LogSentence::ResetExportStale { at, since, matched } => {
            return format!(
                "據您確認，已於 {} 儲存到手機之外；此後新增 {since} 筆{}。請重新匯出並儲存。",
                zone.time(at),
                among_them(matched)
            );
        }
        LogSentence::ResetHeldTodo { witnesses } => {
            return format!(
                "日誌中有 {witnesses} 位不同見證者的答覆。請讓兩個人或兩台機器看到檢查點：單獨一份可能遺失或受到質疑。"
            );
        }
        LogSentence::ResetHeldDone { witnesses, since } => {
            return format!("日誌中有 {witnesses} 位不同見證者的答覆；此後新增 {since} 筆。");
        }
        LogSentence::ResetHeldSaid { since } => {
            return format!("據您確認，有兩方保存著它的文字或照片；此後新增 {since} 筆。");
        }
        LogSentence::ResetHeldStale { since, matched } => {
            return format!(
                "自兩方持有檢查點以來，新增 {since} 筆{}。請讓他們再看一次檢查點。",
                among_them(matched)
            );
        }
        LogSentence::Written { waiting: 0 } => "監測執行期間，簽章日誌會持續寫入。",
        LogSentence::Off => "不寫入簽章日誌。已有內容維持不變。",
        LogSentence::None => "還沒有簽章日誌。它隨監測一同開始。",
        LogSentence::Recorded { everyone: true } => {
            "保留：所有連線，包括其他應用程式和其他使用者的。"
        }
        LogSentence::Recorded { everyone: false } => {
            "保留：手機內建軟體和未知擁有者的連線，以及所有警示。"
        }
        LogSentence::NeverWitnessed => "還沒有任何人在本機之外看過此日誌。",
        LogSentence::NeverExported => "此日誌還沒有匯出過。",
        LogSentence::CheckpointIsFor => {
            "保存它的人日後可以證明日誌曾被截短或改寫。它只說明日誌有多長，不透露其中的內容。"
        }
        LogSentence::ShowsEverything => {
            "這會顯示日誌中的每個位址和主機名稱，以及手機何時在使用、休眠或關機。"
        }
        LogSentence::ShowsLocal => "手機自身的位址可能表明它當時在哪個網路中。",
        LogSentence::ShowsMarks => "會顯示您所寫標記的文字。",
        LogSentence::EmptyMark => "標記需要文字。",
        LogSentence::Marked => "標記已寫入簽章日誌。",
        LogSentence::NoAnswer => "這不是見證者的答覆。請對方再給一次。",
        LogSentence::AnswerForAnother => "這份答覆屬於另一份日誌。",
        LogSentence::AnswerNotSigned => "這份答覆並非由其所稱的見證者簽章。請對方再給一次。",
        LogSentence::NoCheckpoint => "這不是簽章日誌的檢查點。",
        LogSentence::OwnCheckpoint => "這是本機日誌的檢查點。",
        LogSentence::OthersCheckpoint => "這是另一份日誌的檢查點。",
        LogSentence::IsAnswer => "這是見證者的答覆。",
        LogSentence::Nothing => "這不是簽章日誌、檢查點，也不是見證者的答覆。",
        LogSentence::PredecessorNamed => "日誌現已寫明它之前的那份日誌。",
        LogSentence::DoesNotCheck => {
            "檔案與當初簽章的內容不符，或只收到了一部分。請勿相信其中的任何內容。"
        }
        LogSentence::RefusedRolledBack => {
            "未簽章：本機看過此日誌更晚的狀態。它的末尾被截去，或者檔案較舊。"
        }
        LogSentence::RefusedFork => {
            "未簽章：本機看過此日誌的另一段歷史。兩者都有簽章，但不可能同時屬實。"
        }
        LogSentence::RefusedNotShown => {
            "未簽章：檔案沒有表明它延續了本機此前所見的內容。請對方重新匯出。"
        }
        LogSentence::MemoryUnreadable => {
            "本機曾為此日誌簽章，但所記住的內容無法讀取。因此無法判斷日誌此後是否遭改寫，也不會簽章。"
        }
        LogSentence::RefusedOwn => "未簽章：這是本機自己的日誌。見證者必須是別人。",
        LogSentence::WitnessNeedsName => "未簽章：見證者需要一個名稱。",
        LogSentence::ResetExport => "日誌已儲存到手機之外",
        LogSentence::ResetExportTodo => {
            "匯出日誌，把檔案儲存到電腦上或交給您信任的人，然後在此確認。"
        }
        LogSentence::ResetHeld => "有兩方持有檢查點",
        LogSentence::ResetPasswords => "您知道自己的密碼",
        LogSentence::ResetPasswordsTodo => {
            "重設之後，手機可能會要求輸入此前設定的帳號和螢幕鎖定密碼。請先在別的裝置上試一試。任何應用程式都無法檢查這一點。"
        }
        LogSentence::ResetPasswordsSaid => "據您確認，已經試過。",
    };
    fixed.to_owned()
}

const fn entry_kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Started => "監測開始",
        EntryKind::Device => "手機對自身的說明",
        EntryKind::Stopped => "監測結束",
        EntryKind::Opened => "出現連線",
        EntryKind::Changed => "連線變化",
        EntryKind::Closed => "連線消失",
        EntryKind::Alert => "警示",
        EntryKind::Coverage => "可讀取的內容",
        EntryKind::Clock => "時鐘跳動",
        EntryKind::Heartbeat => "執行訊號",
        EntryKind::Gap => "無人查看",
        EntryKind::Drop => "事件遺失",
        EntryKind::List => "清單生效",
        EntryKind::Packages => "手機上的套件",
        EntryKind::Mark => "標記",
        EntryKind::Practice => "練習警示",
        EntryKind::Config => "設定",
        EntryKind::Epoch => "下一個金鑰",
        EntryKind::Witness => "見證者",
        EntryKind::Predecessor => "之前的日誌",
        EntryKind::Prune => "已刪除舊項目",
    }
}

fn withheld(what: Withheld<'_>) -> String {
    let fixed = match what {
        Withheld::Local => "手機自身的位址未公開。",
        Withheld::Remote => "遠端位址未公開。",
        Withheld::Names => "主機名稱未公開。",
        Withheld::Owner => "連線屬於誰，全部或部分未公開。",
        Withheld::Program => "程式未公開。",
        Withheld::Words => "標記的文字未公開。",
        Withheld::Entry => "清單項目未公開。",
        Withheld::Field(name) => return format!("欄位\"{name}\"未公開。"),
    };
    fixed.to_owned()
}

const fn among_them(matched: bool) -> &'static str {
    if matched { "，其中有相符" } else { "" }
}
