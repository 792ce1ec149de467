//! ऐप में हस्ताक्षरित लॉग।

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
            return format!(
                "{} से हस्ताक्षरित लॉग लिखा नहीं जा सका: {why}",
                zone.time(since)
            );
        }
        LogSentence::Written {
            waiting: waiting @ 1..,
        } => {
            return format!(
                "निगरानी चलने के दौरान हस्ताक्षरित लॉग लिखा जाता है। {waiting} प्रविष्टियाँ हस्ताक्षर और लिखे जाने की \
                 प्रतीक्षा में हैं।"
            );
        }
        LogSentence::NotOpened(why) => {
            return format!("हस्ताक्षरित लॉग खोला नहीं जा सका: {why}");
        }
        LogSentence::Size { entries, bytes } => {
            return format!("{entries} प्रविष्टियाँ, इस फ़ोन पर {bytes}।");
        }
        LogSentence::Witnessed {
            name,
            at,
            size,
            since,
        } => {
            let when = at.map_or(String::new(), |at| format!("{} को ", zone.time(at)));
            return format!(
                "पिछली बार {name} ने {when}पहली {size} प्रविष्टियाँ देखीं। उसके बाद {since} और आईं, जो इसमें नहीं आतीं।"
            );
        }
        LogSentence::LastExported(at) => return format!("पिछला निर्यात: {}।", zone.time(at)),
        LogSentence::Withheld(what) => return withheld(what),
        LogSentence::Answered { name, size } => {
            return format!("{name} ने पहली {size} प्रविष्टियों की साक्षी दी। लॉग में अब यह दर्ज है।");
        }
        LogSentence::Signed { size } => {
            return format!(
                "इस फ़ोन ने हस्ताक्षर किया कि उसने यह लॉग देखा, और पहली {size} प्रविष्टियाँ याद रखता है। इससे यह नहीं पता \
                 चलता कि लॉग की बातें सच हैं।"
            );
        }
        LogSentence::ResetExportDone { at, since } => {
            return format!(
                "आपके अनुसार {} को फ़ोन से बाहर सहेजा गया; उसके बाद {since} प्रविष्टियाँ आईं।",
                zone.time(at)
            );
        }
        LogSentence::ResetExportStale { at, since, matched } => {
            return format!(
                "आपके अनुसार {} को फ़ोन से बाहर सहेजा गया; उसके बाद {since} प्रविष्टियाँ आईं{}। फिर से निर्यात करके सहेजें।",
                zone.time(at),
                among_them(matched)
            );
        }
        LogSentence::ResetHeldTodo { witnesses } => {
            return format!(
                "लॉग में {witnesses} अलग साक्षियों के उत्तर हैं। चेकपॉइंट दो लोगों या मशीनों को दिखाएँ: अकेली प्रति खो सकती \
                 है या उस पर शक हो सकता है।"
            );
        }
        LogSentence::ResetHeldDone { witnesses, since } => {
            return format!(
                "लॉग में {witnesses} अलग साक्षियों के उत्तर हैं; उसके बाद {since} प्रविष्टियाँ आईं।"
            );
        }
        LogSentence::ResetHeldSaid { since } => {
            return format!(
                "आपके अनुसार दो और के पास उसका पाठ या चित्र है; उसके बाद {since} प्रविष्टियाँ आईं।"
            );
        }
        LogSentence::ResetHeldStale { since, matched } => {
            return format!(
                "जब से चेकपॉइंट दो और के पास है, {since} प्रविष्टियाँ आईं{}। उन्हें चेकपॉइंट फिर दिखाएँ।",
                among_them(matched)
            );
        }
        LogSentence::Written { waiting: 0 } => "निगरानी चलने के दौरान हस्ताक्षरित लॉग लिखा जाता है।",
        LogSentence::Off => "कोई हस्ताक्षरित लॉग नहीं लिखा जाता। जो है वह बना रहता है।",
        LogSentence::None => "अभी कोई हस्ताक्षरित लॉग नहीं है। वह निगरानी के साथ शुरू होता है।",
        LogSentence::Recorded { everyone: true } => {
            "रखे जाते हैं: सबके कनेक्शन, दूसरे ऐप और दूसरे उपयोगकर्ताओं के भी।"
        }
        LogSentence::Recorded { everyone: false } => {
            "रखे जाते हैं: फ़ोन के साथ आए सॉफ़्टवेयर और अज्ञात स्वामियों के कनेक्शन, और हर चेतावनी।"
        }
        LogSentence::NeverWitnessed => "इस फ़ोन के बाहर अभी तक किसी ने यह लॉग नहीं देखा।",
        LogSentence::NeverExported => "यह लॉग अभी तक निर्यात नहीं हुआ।",
        LogSentence::CheckpointIsFor => {
            "जो इसे रखता है वह बाद में दिखा सकता है कि लॉग काटा या फिर से लिखा गया। यह बताता है कि लॉग कितना लंबा है, उसमें \
             क्या है यह नहीं।"
        }
        LogSentence::ShowsEverything => {
            "इससे लॉग का हर पता और होस्ट नाम दिखता है, और यह भी कि फ़ोन कब इस्तेमाल में, सोया हुआ या बंद था।"
        }
        LogSentence::ShowsLocal => "फ़ोन के अपने पतों से पता चल सकता है कि वह किस नेटवर्क में था।",
        LogSentence::ShowsMarks => "आपके चिह्नों के शब्द दिखते हैं।",
        LogSentence::EmptyMark => "चिह्न में शब्द होने चाहिए।",
        LogSentence::Marked => "चिह्न हस्ताक्षरित लॉग में है।",
        LogSentence::NoAnswer => "यह किसी साक्षी का उत्तर नहीं है। उसे फिर से माँगें।",
        LogSentence::AnswerForAnother => "यह उत्तर किसी और लॉग के लिए है।",
        LogSentence::AnswerNotSigned => {
            "इस उत्तर पर उस साक्षी का हस्ताक्षर नहीं है जिसका नाम इसमें है। उसे फिर से माँगें।"
        }
        LogSentence::NoCheckpoint => "यह किसी हस्ताक्षरित लॉग का चेकपॉइंट नहीं है।",
        LogSentence::OwnCheckpoint => "यह इसी फ़ोन के लॉग का चेकपॉइंट है।",
        LogSentence::OthersCheckpoint => "यह किसी और लॉग का चेकपॉइंट है।",
        LogSentence::IsAnswer => "यह किसी साक्षी का उत्तर है।",
        LogSentence::Nothing => "यह न हस्ताक्षरित लॉग है, न चेकपॉइंट, न किसी साक्षी का उत्तर।",
        LogSentence::PredecessorNamed => "लॉग में अब उससे पहले वाले लॉग का नाम है।",
        LogSentence::DoesNotCheck => {
            "फ़ाइल वह नहीं है जिस पर हस्ताक्षर हुआ था, या उसका एक हिस्सा ही पहुँचा। इसकी किसी बात पर भरोसा न करें।"
        }
        LogSentence::RefusedRolledBack => {
            "हस्ताक्षर नहीं किया: इस फ़ोन ने इस लॉग की बाद की स्थिति देखी है। इसका अंत काटा गया है, या फ़ाइल पुरानी है।"
        }
        LogSentence::RefusedFork => {
            "हस्ताक्षर नहीं किया: इस फ़ोन ने इस लॉग का दूसरा इतिहास देखा है। दोनों पर हस्ताक्षर हैं, और दोनों सच नहीं हो सकते।"
        }
        LogSentence::RefusedNotShown => {
            "हस्ताक्षर नहीं किया: फ़ाइल नहीं दिखाती कि वह उसे आगे बढ़ाती है जो इस फ़ोन ने पहले देखा। नया निर्यात माँगें।"
        }
        LogSentence::MemoryUnreadable => {
            "इस फ़ोन ने इस लॉग पर पहले हस्ताक्षर किए थे, और उसका जो याद रखा था वह पढ़ा नहीं जा सकता। इसलिए यह नहीं बता \
             सकता कि लॉग बाद में बदला गया या नहीं, और हस्ताक्षर नहीं करता।"
        }
        LogSentence::RefusedOwn => {
            "हस्ताक्षर नहीं किया: यह इसी फ़ोन का लॉग है। साक्षी कोई और होना चाहिए।"
        }
        LogSentence::WitnessNeedsName => "हस्ताक्षर नहीं किया: साक्षी का नाम चाहिए।",
        LogSentence::ResetExport => "लॉग फ़ोन से बाहर सहेजा गया है",
        LogSentence::ResetExportTodo => {
            "लॉग निर्यात करें, फ़ाइल किसी कंप्यूटर पर या किसी भरोसेमंद व्यक्ति के पास सहेजें, और यहाँ बताएँ कि वह वहाँ है।"
        }
        LogSentence::ResetHeld => "चेकपॉइंट दो और के पास है",
        LogSentence::ResetPasswords => "आपको अपने पासवर्ड मालूम हैं",
        LogSentence::ResetPasswordsTodo => {
            "रीसेट के बाद फ़ोन पहले का खाता और स्क्रीन लॉक माँग सकता है। पहले उन्हें किसी और मशीन पर आज़माएँ। कोई ऐप इसकी \
             जाँच नहीं कर सकता।"
        }
        LogSentence::ResetPasswordsSaid => "आपके अनुसार आपने उन्हें आज़माया है।",
    };
    fixed.to_owned()
}

const fn entry_kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Started => "निगरानी शुरू",
        EntryKind::Device => "फ़ोन, जैसा वह ख़ुद बताता है",
        EntryKind::Stopped => "निगरानी समाप्त",
        EntryKind::Opened => "कनेक्शन दिखा",
        EntryKind::Changed => "कनेक्शन बदला",
        EntryKind::Closed => "कनेक्शन समाप्त",
        EntryKind::Alert => "चेतावनी",
        EntryKind::Coverage => "क्या पढ़ा जा सका",
        EntryKind::Clock => "घड़ी बदली",
        EntryKind::Heartbeat => "चालू होने का संकेत",
        EntryKind::Gap => "किसी ने नहीं देखा",
        EntryKind::Drop => "घटनाएँ खोईं",
        EntryKind::List => "सूची लागू",
        EntryKind::Packages => "फ़ोन के पैकेज",
        EntryKind::Mark => "चिह्न",
        EntryKind::Practice => "अभ्यास चेतावनी",
        EntryKind::Config => "सेटिंग",
        EntryKind::Epoch => "अगली कुंजी",
        EntryKind::Witness => "साक्षी",
        EntryKind::Predecessor => "पहले का लॉग",
        EntryKind::Prune => "पुरानी प्रविष्टियाँ मिटाईं",
    }
}

fn withheld(what: Withheld<'_>) -> String {
    let fixed = match what {
        Withheld::Local => "फ़ोन के अपने पते रोककर रखे गए हैं।",
        Withheld::Remote => "दूसरी ओर के पते रोककर रखे गए हैं।",
        Withheld::Names => "होस्ट नाम रोककर रखे गए हैं।",
        Withheld::Owner => "कनेक्शन किसके थे, यह पूरा या कुछ रोककर रखा गया है।",
        Withheld::Program => "प्रोग्राम रोककर रखे गए हैं।",
        Withheld::Words => "चिह्नों के शब्द रोककर रखे गए हैं।",
        Withheld::Entry => "सूचियों की प्रविष्टियाँ रोककर रखी गई हैं।",
        Withheld::Field(name) => return format!("फ़ील्ड \"{name}\" रोककर रखा गया है।"),
    };
    fixed.to_owned()
}

const fn among_them(matched: bool) -> &'static str {
    if matched {
        ", जिनमें मिलान भी है"
    } else {
        ""
    }
}
