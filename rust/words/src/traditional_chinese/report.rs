//! The report.

use super::span;
use crate::report::{Line, Phrase};

#[expect(
    clippy::too_many_lines,
    reason = "one list, which says nothing more when cut into pieces"
)]
pub(crate) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Title => "連線日誌報告",
        Phrase::Contents => "目錄",
        Phrase::Verdict => "檢查結果",
        Phrase::InEnglish => "結論的固定英文原文：",
        Phrase::DoesNotProve => {
            "這不能證明手機回報的是事實，也不能證明傳了什麼、由誰負責，或沒有人刻意引發。"
        }
        Phrase::EvidenceLevel => "證據等級",
        Phrase::LevelSelf => "L0：自身一致；由誰簽章，無從得知",
        Phrase::LevelPinned => "L1：由讀者先前已知的日誌簽章",
        Phrase::LevelWitnessed => "L3：由讀者認識的見證者見過",
        Phrase::PeriodShown => "顯示的期間",
        Phrase::ByThePhonesClock => "時間皆以手機的時鐘為準，並附上與 UTC 的時差，與檔案中一致。",
        Phrase::File => "檔案",
        Phrase::FileDigest => "檔案的 SHA-256",
        Phrase::Origin => "日誌的識別（origin）",
        Phrase::Mode => "檔案裡有什麼",
        Phrase::ModeSparse => "選出的項目，每一項都附有屬於該日誌的證明",
        Phrase::ModeFull => "全部項目；未公開的項目則列出其指紋",
        Phrase::Case => "案件（由操作者填寫）",
        Phrase::Operator => "操作者（自行填寫）",
        Phrase::Device => "手機（據其自身所述）",
        Phrase::DeviceNote => {
            "這些數值是手機對自身的說明。手機上權限足夠的軟體可以讓它給出別的說明。"
        }
        Phrase::DeviceNotShown => "沒有顯示關於手機的項目。",
        Phrase::DeviceFacts => "手機對自身的說明",
        Phrase::DeviceChanges => "後來有哪些不同",
        Phrase::Model => "型號",
        Phrase::Fingerprint => "系統組建指紋",
        Phrase::Tags => "組建標籤",
        Phrase::SecurityPatch => "安全性修補",
        Phrase::Kernel => "核心",
        Phrase::Baseband => "基頻",
        Phrase::VerifiedBoot => "啟動驗證",
        Phrase::Bootloader => "開機載入程式",
        Phrase::Selinux => "SELinux",
        Phrase::Adb => "adb 偵錯",
        Phrase::PortlogVersion => "Portlog 版本",
        Phrase::ApkSigner => "Portlog 應用程式的簽署者（SHA-256）",
        Phrase::Before => "先前",
        Phrase::After => "此後",
        Phrase::Yes => "是",
        Phrase::No => "否",
        Phrase::Watches => "觀測何時啟動、如何查看",
        Phrase::Obtained => "資料列的來源",
        Phrase::ObtainedLive => "即時：來自當時在那裡執行的核心",
        Phrase::ObtainedHelper => "即時：由透過 adb 啟動的處理程序取得",
        Phrase::ObtainedAdb => "即時：從另一台機器透過 adb 取得",
        Phrase::ObtainedImport => "非即時觀察：匯入",
        Phrase::ObtainedReplay => "非即時觀察：讀自表格的副本",
        Phrase::ObtainedSimulated => "非即時觀察：模擬",
        Phrase::ObtainedUnknown => "來源未顯示：視為非即時觀察",
        Phrase::Interval => "兩次查看的間隔",
        Phrase::Scope => "誰的連線會觸發警示",
        Phrase::ScopeFirmware => "隨手機附帶的軟體",
        Phrase::ScopeAll => "所有擁有者",
        Phrase::Seen => "看到了什麼，出自誰",
        Phrase::Alerts => "警示",
        Phrase::NoAlerts => "此檔案中沒有顯示警示。這並不表示沒有發生過。",
        Phrase::Noted => "僅作記錄：主張最弱的內容",
        Phrase::Practice => "練習警示",
        Phrase::PracticeNote => {
            "這些是使用者要求練習警示時由 Portlog 自己產生的，與手機的行為無關。"
        }
        Phrase::Level => "把握程度",
        Phrase::Owner => "通訊端擁有者",
        Phrase::Packages => "套件",
        Phrase::Uid => "UID",
        Phrase::Firmware => "是否隨手機附帶",
        Phrase::Role => "它為別人做什麼",
        Phrase::Program => "程式",
        Phrase::WhatWasSeen => "看到的情形",
        Phrase::Peer => "對端",
        Phrase::PeerNames => "該位址對應過的名稱",
        Phrase::Reason => "為何記錄",
        Phrase::ReasonFirstSeen => "先前未見它與該目的地往來",
        Phrase::ReasonListener => "先前未見它在該處等候連線",
        Phrase::ReasonBytes => "未看到連線，卻有位元組收發",
        Phrase::ReasonEntry => "清單中有項目提到它",
        Phrase::Bytes => "位元組數",
        Phrase::ListEntry => "清單項目",
        Phrase::ListName => "清單",
        Phrase::ListLine => "行",
        Phrase::Category => "類別",
        Phrase::ListDated => "清單日期",
        Phrase::Undated => "無日期",
        Phrase::ListDigest => "清單的 SHA-256",
        Phrase::HowHit => "項目如何對應",
        Phrase::WhyNoMore => "為何不能說得更多",
        Phrase::OpenedAfter => "先前最後一次查看",
        Phrase::OpenedBy => "首次看到它的查看",
        Phrase::AtFirstLook => "無：第一次查看時已存在",
        Phrase::BetweenNotShown => "說明此事的項目不在此檔案中",
        Phrase::FirstSeen => "首次看到",
        Phrase::LastSeen => "最近看到",
        Phrase::Connections => "連線次數",
        Phrase::LastSeenAtAlert => "記錄警示時最近看到",
        Phrase::ConnectionsAtAlert => "記錄警示時的連線次數",
        Phrase::Candidates => "其間有位元組收發的",
        Phrase::EntriesInFile => "日誌項目編號",
        Phrase::Withheld => "未公開",
        Phrase::NotSaid => "無記錄",
        Phrase::NotKnown => "未知：時間太短，看不出是誰",
        Phrase::OwnerNotShown => "它是誰，此檔案中沒有說明",
        Phrase::Explains => "還有什麼可以解釋",
        Phrase::ExplainsMore => "有欄位未公開：可能還有其他解釋。",
        Phrase::Destinations => "各擁有者的目的地",
        Phrase::DestinationsNote => {
            "位址只說明由誰回應，不說明原本要找哪個主機。狀態是某次查看時通訊端表格所顯示的。"
        }
        Phrase::NoConnections => "沒有顯示連線：分享者只選了警示，或者沒有連線。",
        Phrase::NoPeer => "沒有對端",
        Phrase::Protocol => "通訊協定",
        Phrase::State => "達到的最高狀態",
        Phrase::Direction => "由誰開始",
        Phrase::Timeline => "時間軸",
        Phrase::TimelineNote => "每一條都是從左到右的整個期間；填得越高，占該段時間的比例越大。",
        Phrase::NoPeriod => "沒有顯示時間，因此沒有時間軸。",
        Phrase::Watched => "已查看",
        Phrase::Asleep => "休眠",
        Phrase::Denied => "被拒",
        Phrase::Stopped => "未執行",
        Phrase::NotAccounted => "無說明",
        Phrase::WatchedMeans => "醒著，表格可讀，按時查看",
        Phrase::AsleepMeans => "手機休眠，沒有程式執行",
        Phrase::DeniedMeans => "系統拒絕讀取所有表格",
        Phrase::StoppedMeans => "觀測沒有執行；發生了什麼無從得知",
        Phrase::NotAccountedMeans => "沒有項目說明；應視為沒有查看",
        Phrase::Marks => "標記",
        Phrase::TimelineTable => "同樣的內容，以數字表示",
        Phrase::From => "起始",
        Phrase::Happenings => "標記、中斷，以及日誌本身的變化",
        Phrase::Time => "時間",
        Phrase::What => "內容",
        Phrase::Until => "自",
        Phrase::MarkSimIn => "標記：插入 SIM 卡",
        Phrase::MarkContactSaved => "標記：儲存聯絡人",
        Phrase::MarkMessageSent => "標記：送出簡訊",
        Phrase::MarkServiceOff => "標記：關閉服務",
        Phrase::MarkUpdate => "標記：安裝更新",
        Phrase::MarkSignIn => "標記：登入帳號",
        Phrase::MarkWords => "標記（操作者原話）",
        Phrase::Coverage => "能查看到什麼",
        Phrase::CoverageNote => "讀不到的並不是空的：其中有什麼無從得知。",
        Phrase::CoverageNotShown => "沒有項目顯示哪些表格可讀。",
        Phrase::HoursTable => "至少查看了多長時間",
        Phrase::Means => "含義",
        Phrase::Duration => "時長",
        Phrase::TablesTable => "各表格與清單，以最近一次顯示為準",
        Phrase::Status => "狀態",
        Phrase::ListsTable => "當時使用的清單",
        Phrase::NoLists => "沒有顯示清單。沒有清單就不會有相符的項目。",
        Phrase::Rules => "項目數",
        Phrase::BadLines => "無法使用的行",
        Phrase::OtherExplanations => "其他解釋",
        Phrase::OtherExplanationsNote => {
            "以下都是平常的原因。適用其中任何一項的警示，都不能證明別的事情。"
        }
        Phrase::Explanation => "解釋",
        Phrase::AppliesTo => "適用於",
        Phrase::Limits => "這份報告不能說明什麼",
        Phrase::LimitTruth => {
            "不能說明手機說的是事實。控制手機的人可以讓它寫下沒有發生的事，或略去發生過的事。"
        }
        Phrase::LimitContent => "不能說明傳了什麼。Portlog 看到的是有過連線，看不到連線裡的內容。",
        Phrase::LimitWho => "不能說明由誰負責。「韌體」是這支手機上的軟體；由此得不出是誰所為。",
        Phrase::LimitProvoked => "不能說明沒有人刻意引發。可能有人操作手機，好讓這些情形出現。",
        Phrase::LimitHost => {
            "不能說明某個位址就是清單所指的主機。一個位址可能由許多主機共用，也可能已經換了使用者。"
        }
        Phrase::LimitChosen => {
            "不能說明檔案以外的情形。顯示什麼由分享者選擇；略去的內容也許支持另一種解釋。"
        }
        Phrase::LimitTail => {
            "不能說明日誌到此為止。日誌的末尾可以被截去，只有先前離開手機的副本看得出來。"
        }
        Phrase::LimitTime => "不能在手機自身時鐘之外說明是什麼時候。",
        Phrase::LimitSilence => {
            "不能說明沒有顯示的地方就什麼都沒發生。沒有查看的時間不等於平靜的時間。"
        }
        Phrase::LimitOverridden => {
            "不能以手機自身的說法說明通訊端屬於誰：部分觀測中，套件清單由人手動提供。"
        }
        Phrase::Check => "如何自行核對",
        Phrase::CheckNote => "證據是那份檔案，而不是這個頁面：頁面誰都能寫。請索取檔案並核對。",
        Phrase::CheckDigest => "若下面的指令輸出與上面相同的摘要，則該檔案就是產生本頁所用的檔案：",
        Phrase::CheckVerify => "在任何一台電腦上離線使用 Portlog：",
        Phrase::CheckKey => "如果您從別的途徑得到了日誌的識別，請用它核對檔案：",
        Phrase::CheckByHand => {
            "不必信任 Portlog：docs/LOG-FORMAT.md 完整描述了該檔案。用 openssl 核對一個簽章，其中 \"body\" 是檢查點的三行，\"sig\" 是簽章，\"key.der\" 是金鑰："
        }
        Phrase::Questions => "可以向軟體開發者提出的問題",
        Phrase::QuestionsNote => {
            "這些只是問題，不是斷言。答案也許平常無奇；請要求書面答覆，並與檔案一起保存。"
        }
        Phrase::QuestionsNone => {
            "沒有顯示可能隨手機附帶的軟體的相符或可能相符，因此這份檔案沒有引出問題。"
        }
        Phrase::AskWhich => "是哪項服務或功能開啟了這個連線？使用者可以用什麼名稱找到它？",
        Phrase::AskData => "透過它傳輸哪些資料，以什麼形式，由誰接收？",
        Phrase::AskWhy => "它有什麼用途？在哪裡告知過使用者？",
        Phrase::AskOff => "怎樣關閉它？關閉之後哪些功能會失效？",
        Phrase::AskSince => "它從軟體的哪個版本開始存在？後來的版本裡還有嗎？",
        Phrase::MadeBy => "由 Portlog 根據通過核對的檔案產生。本頁不載入也不執行任何東西。",
    }
}

pub(crate) fn line(line: &Line<'_>) -> String {
    match *line {
        Line::Unchanged { known, seen } => {
            format!("自簽署以來未經更動。簽署者：{}。", signer(known, seen))
        }
        Line::Shown { shown, of } => {
            format!("共 {of} 項，顯示其中 {shown} 項，由分享者選擇。")
        }
        Line::NotLive(0) => {
            "非即時觀察：就所顯示的內容而言，此處顯示的某次工作階段沒有查看執行中的核心。"
                .to_owned()
        }
        Line::NotLive(count) => format!(
            "非即時觀察：就所顯示的內容而言，有 {count} 項觀察不是在所述時間於執行中的核心上取得的。"
        ),
        Line::WitnessSaw { name, size, of, on } => {
            format!("{name} 於 {on} 見過 {of} 項中的前 {size} 項，其餘一概未見。")
        }
        Line::UncheckedSignatures(count) => {
            format!("有 {count} 個簽章出自讀者不認識的見證者；它們在這裡不說明任何事。")
        }
        Line::RowsLeftOut(count) => format!("另有 {count} 列不在本頁；檔案中有。"),
        Line::CharactersLeftOut(count) => format!("（另有 {count} 個字元；檔案中有）"),
        Line::PackagesLeftOut(count) => format!("以及另外 {count} 個套件"),
        Line::OwnLeftOut(count) => {
            format!("Portlog 自我檢查或練習用的 {count} 個連線，此處略去。")
        }
        Line::AlertNumber(number) => format!("警示 {number}"),
        Line::SharedPackages(count) => {
            format!("共用該 UID 的 {count} 個套件之一；系統不說明是哪一個")
        }
        Line::Period { from, to } => format!("從 {from} 到 {to}"),
        Line::ClockJump(millis) => format!("時鐘跳動 {millis} 毫秒"),
        Line::Dropped(count) => format!("{count} 個事件在寫入日誌之前遺失"),
        Line::Pruned(below) => {
            format!("項目 {below} 以前的資料列已在手機上刪除；其指紋仍保留")
        }
        Line::Predecessor(origin) => format!("本日誌接續 {origin}"),
        Line::WitnessAnswered { name, size } => {
            format!("{name} 為前 {size} 項作了見證")
        }
        Line::Span(length) => span(length),
        Line::ShortConnections(interval) => format!(
            "不能說明沒有發生別的事。短於兩次查看間隔（{}）的連線可能缺漏。",
            span(interval)
        ),
        Line::FieldsWithheld(count) => {
            format!("不能說明 {count} 個未公開的欄位裡有什麼。")
        }
        Line::AskAbout { owner, peer } => format!("關於 {owner} 與 {peer}："),
        Line::TimesDenied(count) => format!("顯示的項目中有 {count} 項表明它讀不到"),
    }
}

fn signer(known: bool, seen: Option<(u64, &str)>) -> String {
    let mut words = Vec::new();
    if known {
        words.push("您已知曉".to_owned());
    }
    if let Some((count, on)) = seen {
        words.push(format!("{count} 位見證者於 {on} 見過"));
    }
    if words.is_empty() {
        words.push("未知".to_owned());
    }
    words.join("，")
}
