//! Hindi.
//!
//! A deed is worded so that the verb agrees with a noun of the sentence's own (`कोशिश की`, `कनेक्शन
//! था`), never with the owner, whose grammatical gender nobody knows; the owner stands in a form that
//! is the same with and without a postposition. Numbers are in Latin digits, as Android shows them.

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

/// Puts `sentence` into Hindi, times in `zone`.
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
        Sentence::Connection(connection) => connection::did(connection).alone(),
        Sentence::Observed(observed) => connection::observed(observed, zone),
        Sentence::Gap(reason) => coverage::gap(reason),
        Sentence::Happened(kind, platform) => happened::happened(kind, platform, zone),
        Sentence::NoticeTitle(notice) => notice::title(notice),
        Sentence::NoticeBody(notice) => notice::body(notice, zone),
        Sentence::Practice(link, state) => practice::link(link, state).to_owned(),
        Sentence::Remark(remark) => remark::remark(remark, zone),
        Sentence::Word(word) => word::word(word).to_owned(),
        Sentence::NotObservedLive => {
            "लाइव नहीं देखा गया: ये पंक्तियाँ उस कर्नेल की नहीं हैं जो अभी यहाँ चल रहा है".to_owned()
        }
        Sentence::NoFirmwareHere => {
            "इस सिस्टम पर \"फ़र्मवेयर\" का कोई अर्थ नहीं है: हर स्वामी दायरे में है".to_owned()
        }
    }
}

const fn explanation(explanation: Explanation) -> &'static str {
    match explanation {
        Explanation::AnsweredInBetween => {
            "हो सकता है कि होस्ट की जगह बीच में किसी और ने (Wi-Fi के साइन-इन पेज या मोबाइल ऑपरेटर ने) जवाब \
             दिया हो।"
        }
        Explanation::SharedAddress => {
            "एक ही पते पर कई होस्ट हो सकते हैं, और सूची में आने के बाद वह पता किसी और को भी मिल चुका हो \
             सकता है।"
        }
        Explanation::ListMayBeWrong => "सूची गलत या पुरानी हो सकती है।",
        Explanation::FetchesForOthers => {
            "यह स्वामी दूसरे ऐप के लिए सामग्री लाता है: हो सकता है कि उनमें से किसी ने यह माँगा हो।"
        }
        Explanation::GoesWhereItsUserGoes => {
            "यह स्वामी वहाँ जाता है जहाँ इसका उपयोगकर्ता जाता है: हो सकता है कि कोई पेज या लिंक वहाँ ले गया \
             हो।"
        }
        Explanation::SharedUid => "कई पैकेज यह UID साझा करते हैं: सिस्टम नहीं बताता कि उनमें से कौन-सा था।",
        Explanation::DatagramMaySendNothing => {
            "UDP सॉकेट खोलने भर से कुछ नहीं भेजा जाता: प्रोग्राम यह जानने के लिए भी ऐसा सॉकेट खोलते हैं कि \
             कई पतों में से कौन-सा बेहतर है।"
        }
        Explanation::PeerBegan => {
            "हो सकता है कि शुरुआत दूसरे पक्ष ने की हो: तब स्वामी ने कनेक्शन केवल स्वीकार किया।"
        }
        Explanation::OwnerNotTold => {
            "सिस्टम ने नहीं बताया कि सॉकेट किसका था: वह किसी भी ऐप का या सिस्टम का हो सकता है।"
        }
        Explanation::SystemActsForApps => "सिस्टम के हिस्से उन ऐप के लिए भी काम करते हैं जो उनसे कहते हैं।",
        Explanation::AskedAhead => {
            "नाम पूछना कनेक्शन नहीं है: प्रोग्राम पहले से भी नाम पूछ लेते हैं, या यह देखने के लिए कि नेटवर्क चल रहा है या नहीं।"
        }
    }
}

const fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::KeepWatching => "निगरानी चालू रखें और देखें कि यह फिर से होता है या नहीं, और कब।",
        Advice::ReadTheEntry => "देखें कि सूची इस प्रविष्टि के बारे में क्या कहती है, और सूची को यह कहाँ से मिला।",
        Advice::CapturePackets => {
            "किसी पैकेट टूल से ट्रैफ़िक रिकॉर्ड करवाएँ: Portlog देखता है कि कनेक्शन था, यह नहीं कि उसमें \
             क्या गया।"
        }
        Advice::SwitchServiceOff => "संबंधित सेवा या ऐप को बंद करें, और देखें कि यह जारी रहता है या नहीं।",
        Advice::AskWithTheLog => {
            "सॉफ़्टवेयर बनाने वाले से पूछें कि यह किसलिए है, और इस निगरानी का लॉग दिखाएँ।"
        }
        Advice::DoNotResetYet => {
            "फ़ोन को अभी रीसेट या अपडेट न करें: इससे वह मिट जाता है जिसे अब भी देखा जा सकता है। लॉग की एक \
             प्रति रखें।"
        }
        Advice::KeepACopy => {
            "जो मिला, उसकी एक प्रति इस फ़ोन से बाहर रखें: लॉग, या तारीख और समय के साथ स्क्रीनशॉट।"
        }
        Advice::AskForHelp => {
            "ऐसे जानकार से पूछें जिसका इसमें कोई हित न हो: डिजिटल अधिकार या उपभोक्ता संगठन, आपके देश की \
             कंप्यूटर आपात प्रतिक्रिया टीम (CERT), या कोई शोधकर्ता। जो मिला, उसे जैसा है वैसा ही दिखाएँ; \
             अपने आप में वह यह नहीं दिखाता कि क्या भेजा गया, या क्यों।"
        }
    }
}

/// `3 दिन 4 घंटे`, `45 सेकंड`.
fn span(span: Duration) -> String {
    spelled(span, |number, unit| match unit {
        Unit::Day => " दिन",
        Unit::Hour if number < 2 => " घंटा",
        Unit::Hour => " घंटे",
        Unit::Minute => " मिनट",
        Unit::Second => " सेकंड",
        Unit::Millisecond => " मिलीसेकंड",
    })
}

/// `1 पंक्ति`, `2 पंक्तियाँ`; in Hindi none counts as one.
fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count < 2 { one } else { many })
}
