//! The report.

use super::{counted, span};
use crate::report::{Line, Phrase};

#[expect(
    clippy::too_many_lines,
    reason = "one list, which says nothing more when cut into pieces"
)]
pub(crate) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Title => "कनेक्शन लॉग रिपोर्ट",
        Phrase::Contents => "विषय-सूची",
        Phrase::Verdict => "जाँच में क्या मिला",
        Phrase::InEnglish => "निष्कर्ष अपने तय अंग्रेज़ी शब्दों में:",
        Phrase::DoesNotProve => {
            "इससे यह साबित नहीं होता कि फ़ोन ने सच बताया, क्या भेजा गया, कौन ज़िम्मेदार है, या \
             कि किसी ने इसे जान-बूझकर नहीं करवाया।"
        }
        Phrase::EvidenceLevel => "साक्ष्य का स्तर",
        Phrase::LevelSelf => "L0: अपने आप में सुसंगत; हस्ताक्षर किसने किए, यह ज्ञात नहीं",
        Phrase::LevelPinned => "L1: हस्ताक्षर उस लॉग के हैं जिसे पाठक पहले से जानता था",
        Phrase::LevelWitnessed => "L3: उन साक्षियों ने देखा जिन्हें पाठक जानता है",
        Phrase::PeriodShown => "दिखाई गई अवधि",
        Phrase::ByThePhonesClock => "समय फ़ोन की घड़ी के हैं, UTC से अंतर सहित, जैसे फ़ाइल में हैं।",
        Phrase::File => "फ़ाइल",
        Phrase::FileDigest => "फ़ाइल का SHA-256",
        Phrase::Origin => "लॉग की पहचान (origin)",
        Phrase::Mode => "फ़ाइल में क्या है",
        Phrase::ModeSparse => "चुनी हुई प्रविष्टियाँ, हर एक के साथ इसका प्रमाण कि वह इसी लॉग की है",
        Phrase::ModeFull => "हर प्रविष्टि, या जो रोककर रखी गई है उसका फ़िंगरप्रिंट",
        Phrase::Case => "मामला, जैसा ऑपरेटर ने लिखा",
        Phrase::Operator => "ऑपरेटर, जैसा लिखा गया",
        Phrase::Device => "फ़ोन, जैसा वह अपने बारे में बताता है",
        Phrase::DeviceNote => {
            "ये मान वही हैं जो फ़ोन अपने बारे में बताता है। उस पर पर्याप्त अधिकार वाला \
             सॉफ़्टवेयर उससे कुछ और भी कहलवा सकता है।"
        }
        Phrase::DeviceNotShown => "फ़ोन के बारे में कोई प्रविष्टि नहीं दिखाई गई।",
        Phrase::DeviceFacts => "फ़ोन अपने बारे में क्या बताता है",
        Phrase::DeviceChanges => "बाद में क्या बदला",
        Phrase::Model => "मॉडल",
        Phrase::Fingerprint => "बिल्ड फ़िंगरप्रिंट",
        Phrase::Tags => "बिल्ड टैग",
        Phrase::SecurityPatch => "सुरक्षा पैच",
        Phrase::Kernel => "कर्नेल",
        Phrase::Baseband => "बेसबैंड",
        Phrase::VerifiedBoot => "सत्यापित बूट",
        Phrase::Bootloader => "बूटलोडर",
        Phrase::Selinux => "SELinux",
        Phrase::Adb => "adb डीबगिंग",
        Phrase::PortlogVersion => "Portlog का संस्करण",
        Phrase::ApkSigner => "Portlog ऐप के हस्ताक्षरकर्ता (SHA-256)",
        Phrase::Before => "पहले",
        Phrase::After => "उसके बाद से",
        Phrase::Yes => "हाँ",
        Phrase::No => "नहीं",
        Phrase::Watches => "निगरानी कब शुरू हुई, और उसने कैसे देखा",
        Phrase::Obtained => "पंक्तियाँ कैसे मिलीं",
        Phrase::ObtainedLive => "लाइव: वहाँ चल रहे कर्नेल से",
        Phrase::ObtainedHelper => "लाइव: adb से शुरू की गई प्रोसेस द्वारा",
        Phrase::ObtainedAdb => "लाइव: दूसरी मशीन से adb द्वारा",
        Phrase::ObtainedImport => "लाइव नहीं देखा गया: आयात किया गया",
        Phrase::ObtainedReplay => "लाइव नहीं देखा गया: तालिकाओं की प्रति से पढ़ा गया",
        Phrase::ObtainedSimulated => "लाइव नहीं देखा गया: कृत्रिम रूप से बनाया गया",
        Phrase::ObtainedUnknown => "कैसे, यह नहीं दिखाया गया: लाइव नहीं देखा गया माना जाता है",
        Phrase::Interval => "दो बार देखने के बीच का समय",
        Phrase::Scope => "किसके कनेक्शन अलर्ट देते हैं",
        Phrase::ScopeFirmware => "जो फ़ोन के साथ आया",
        Phrase::ScopeAll => "हर स्वामी",
        Phrase::Seen => "क्या देखा गया, और किसका",
        Phrase::Alerts => "अलर्ट",
        Phrase::NoAlerts => "इस फ़ाइल में कोई अलर्ट नहीं दिखाया गया। इससे यह नहीं दिखता कि कोई था ही नहीं।",
        Phrase::Noted => "दर्ज: जिनका दावा सबसे कम है",
        Phrase::Practice => "अभ्यास अलर्ट",
        Phrase::PracticeNote => {
            "उपयोगकर्ता के अभ्यास अलर्ट माँगने पर इन्हें Portlog ने ख़ुद बनाया। ये फ़ोन के बारे \
             में कुछ नहीं कहते।"
        }
        Phrase::Level => "कितना पक्का",
        Phrase::Owner => "सॉकेट का स्वामी",
        Phrase::Packages => "पैकेज",
        Phrase::Uid => "UID",
        Phrase::Firmware => "फ़ोन के साथ आया?",
        Phrase::Role => "वह दूसरों के लिए क्या करता है",
        Phrase::Program => "प्रोग्राम",
        Phrase::WhatWasSeen => "क्या देखा गया",
        Phrase::Peer => "दूसरा पक्ष",
        Phrase::PeerNames => "इस पते के लिए देखे गए नाम",
        Phrase::Reason => "क्यों दर्ज किया गया",
        Phrase::ReasonFirstSeen => "इस गंतव्य के साथ पहले नहीं देखा गया",
        Phrase::ReasonListener => "वहाँ कनेक्शन का इंतज़ार करते पहले नहीं देखा गया",
        Phrase::ReasonBytes => "कोई कनेक्शन नहीं दिखा, पर बाइट का आना-जाना हुआ",
        Phrase::ReasonEntry => "सूची की एक प्रविष्टि इसके बारे में है",
        Phrase::Bytes => "बाइट",
        Phrase::ListEntry => "सूची की प्रविष्टि",
        Phrase::ListName => "सूची",
        Phrase::ListLine => "पंक्ति",
        Phrase::Category => "श्रेणी",
        Phrase::ListDated => "सूची की तारीख",
        Phrase::Undated => "बिना तारीख",
        Phrase::ListDigest => "सूची का SHA-256",
        Phrase::HowHit => "प्रविष्टि कैसे मिलती है",
        Phrase::WhyNoMore => "इससे ज़्यादा क्यों नहीं कहा जाता",
        Phrase::OpenedAfter => "पहले की आख़िरी नज़र",
        Phrase::OpenedBy => "जिस नज़र में दिखा",
        Phrase::AtFirstLook => "कोई नहीं: पहली नज़र में ही था",
        Phrase::BetweenNotShown => "यह बताने वाली प्रविष्टि इस फ़ाइल में नहीं है",
        Phrase::FirstSeen => "पहली बार देखा गया",
        Phrase::LastSeen => "आख़िरी बार देखा गया",
        Phrase::Connections => "कनेक्शन",
        Phrase::LastSeenAtAlert => "अलर्ट दर्ज होते समय आख़िरी बार देखा गया",
        Phrase::ConnectionsAtAlert => "अलर्ट दर्ज होते समय कनेक्शन",
        Phrase::Candidates => "इस बीच इनके बाइट का आना-जाना हुआ",
        Phrase::EntriesInFile => "लॉग की प्रविष्टियाँ",
        Phrase::Withheld => "रोककर रखा गया",
        Phrase::NotSaid => "दर्ज नहीं",
        Phrase::NotKnown => "ज्ञात नहीं: इतना कम समय था कि नहीं दिखा कि कौन था",
        Phrase::OwnerNotShown => "वह कौन है, यह इस फ़ाइल में नहीं है",
        Phrase::Explains => "और किस बात से इसकी व्याख्या हो सकती है",
        Phrase::ExplainsMore => "कुछ फ़ील्ड रोककर रखे गए हैं: और भी व्याख्याएँ हो सकती हैं।",
        Phrase::Destinations => "स्वामी के अनुसार गंतव्य",
        Phrase::DestinationsNote => {
            "पता बताता है कि वहाँ किसने जवाब दिया, यह नहीं कि कौन-सा होस्ट अभिप्रेत था। स्थिति \
             वह है जो देखते समय सॉकेट तालिका में थी।"
        }
        Phrase::NoConnections => {
            "कोई कनेक्शन नहीं दिखाया गया: साझा करने वाले ने केवल अलर्ट चुने, या कोई था ही नहीं।"
        }
        Phrase::NoPeer => "कोई दूसरा पक्ष नहीं",
        Phrase::Protocol => "प्रोटोकॉल",
        Phrase::State => "अधिकतम स्थिति",
        Phrase::Direction => "शुरुआत किसने की",
        Phrase::Timeline => "समय-रेखा",
        Phrase::TimelineNote => {
            "हर पट्टी बाएँ से दाएँ पूरी अवधि है; वह जितनी ऊँचाई तक भरी है, उस समय का उतना ही \
             बड़ा हिस्सा है।"
        }
        Phrase::NoPeriod => "कोई समय नहीं दिखाया गया, इसलिए समय-रेखा नहीं है।",
        Phrase::Watched => "देखा गया",
        Phrase::Asleep => "सोया हुआ",
        Phrase::Denied => "अनुमति नहीं मिली",
        Phrase::Stopped => "बंद",
        Phrase::NotAccounted => "हिसाब नहीं",
        Phrase::WatchedMeans => "जागा हुआ, तालिकाएँ पढ़ने योग्य, समय पर देखा गया",
        Phrase::AsleepMeans => "फ़ोन सोया था; कुछ नहीं चला",
        Phrase::DeniedMeans => "सिस्टम ने हर तालिका देने से मना किया",
        Phrase::StoppedMeans => "निगरानी नहीं चल रही थी; क्या हुआ, यह ज्ञात नहीं",
        Phrase::NotAccountedMeans => "कोई दिखाई गई प्रविष्टि नहीं बताती; इसे न देखा हुआ मानें",
        Phrase::Marks => "निशान",
        Phrase::TimelineTable => "वही बात, अंकों में",
        Phrase::From => "से",
        Phrase::Happenings => "निशान, अंतराल, और लॉग के साथ क्या हुआ",
        Phrase::Time => "समय",
        Phrase::What => "क्या",
        Phrase::Until => "कब से",
        Phrase::MarkSimIn => "निशान: SIM कार्ड डाला गया",
        Phrase::MarkContactSaved => "निशान: संपर्क सहेजा गया",
        Phrase::MarkMessageSent => "निशान: संदेश भेजा गया",
        Phrase::MarkServiceOff => "निशान: सेवा बंद की गई",
        Phrase::MarkUpdate => "निशान: अपडेट इंस्टॉल किया गया",
        Phrase::MarkSignIn => "निशान: साइन इन किया गया",
        Phrase::MarkWords => "निशान, ऑपरेटर के शब्दों में",
        Phrase::Coverage => "क्या देखा जा सका",
        Phrase::CoverageNote => "जो पढ़ा नहीं जा सका वह ख़ाली नहीं है: उसमें क्या था, यह ज्ञात नहीं।",
        Phrase::CoverageNotShown => "कोई प्रविष्टि नहीं दिखाती कि कौन-सी तालिकाएँ पढ़ी जा सकीं।",
        Phrase::HoursTable => "कम-से-कम कितने समय देखा गया",
        Phrase::Means => "इसका अर्थ",
        Phrase::Duration => "कितनी देर",
        Phrase::TablesTable => "तालिकाएँ और सूचियाँ, जैसी आख़िरी बार दिखाई गईं",
        Phrase::Status => "स्थिति",
        Phrase::ListsTable => "जो सूचियाँ लागू थीं",
        Phrase::NoLists => "कोई सूची नहीं दिखाई गई। सूची के बिना कोई मिलान नहीं हो सकता।",
        Phrase::Rules => "प्रविष्टियाँ",
        Phrase::BadLines => "अनुपयोगी पंक्तियाँ",
        Phrase::OtherExplanations => "अन्य व्याख्याएँ",
        Phrase::OtherExplanationsNote => {
            "इनमें से हर एक साधारण कारण है। जिस अलर्ट पर इनमें से कोई लागू हो, वह किसी और बात \
             का प्रमाण नहीं है।"
        }
        Phrase::Explanation => "व्याख्या",
        Phrase::AppliesTo => "किन पर लागू",
        Phrase::Limits => "यह क्या नहीं दिखाता",
        Phrase::LimitTruth => {
            "कि फ़ोन ने सच बताया। जिसके हाथ में फ़ोन का नियंत्रण है, वह उससे वह लिखवा सकता है \
             जो हुआ नहीं, या वह छुड़वा सकता है जो हुआ।"
        }
        Phrase::LimitContent => "क्या भेजा गया। Portlog देखता है कि कनेक्शन था, यह नहीं कि उसमें क्या गया।",
        Phrase::LimitWho => {
            "कौन ज़िम्मेदार है। \"फ़र्मवेयर\" वह सॉफ़्टवेयर है जो इस फ़ोन पर है; यह किसने किया, \
             यह इससे नहीं निकलता।"
        }
        Phrase::LimitProvoked => {
            "कि किसी ने इसे जान-बूझकर नहीं करवाया। हो सकता है कि किसी ने फ़ोन को इसी तरह चलाया \
             हो कि यह दिखे।"
        }
        Phrase::LimitHost => {
            "कि कोई पता सूची वाला ही होस्ट है। एक ही पते पर कई होस्ट हो सकते हैं, और वह अब किसी \
             और का हो सकता है।"
        }
        Phrase::LimitChosen => {
            "जो फ़ाइल में नहीं है। क्या दिखाना है, यह साझा करने वाले ने चुना; जो छोड़ा गया वह \
             किसी और व्याख्या के पक्ष में हो सकता है।"
        }
        Phrase::LimitTail => {
            "कि लॉग वहीं समाप्त हुआ। उसका अंत काटा जा सकता है, और यह केवल फ़ोन से बाहर गई प्रति \
             से दिखता है।"
        }
        Phrase::LimitTime => "फ़ोन की अपनी घड़ी से परे, यह कब हुआ।",
        Phrase::LimitSilence => {
            "कि जहाँ कुछ नहीं दिखाया गया वहाँ कुछ नहीं हुआ। जिन घंटों में किसी ने नहीं देखा, वे \
             शांत घंटे नहीं हैं।"
        }
        Phrase::LimitOverridden => {
            "फ़ोन के अनुसार सॉकेट किसका था: इनमें से कुछ निगरानियों में पैकेज सूची हाथ से दी गई \
             थी।"
        }
        Phrase::Check => "इसे ख़ुद कैसे जाँचें",
        Phrase::CheckNote => {
            "साक्ष्य वह फ़ाइल है, यह पन्ना नहीं: पन्ना कोई भी लिख सकता है। फ़ाइल माँगें और उसे \
             जाँचें।"
        }
        Phrase::CheckDigest => "फ़ाइल वही है जिससे यह पन्ना बना, यदि यह ऊपर दिया गया डाइजेस्ट छापे:",
        Phrase::CheckVerify => "किसी भी कंप्यूटर पर, ऑफ़लाइन, Portlog से:",
        Phrase::CheckKey => "यदि लॉग की पहचान आपको किसी और रास्ते से मिली है, तो फ़ाइल को उससे मिलाएँ:",
        Phrase::CheckByHand => {
            "Portlog पर भरोसा किए बिना: docs/LOG-FORMAT.md इस फ़ाइल का पूरा वर्णन करता है। \
             openssl से एक हस्ताक्षर, जहाँ \"body\" में चेकपॉइंट की तीन पंक्तियाँ, \"sig\" में \
             हस्ताक्षर और \"key.der\" में कुंजी हो:"
        }
        Phrase::Questions => "सॉफ़्टवेयर बनाने वाले से पूछने के सवाल",
        Phrase::QuestionsNote => {
            "ये सवाल हैं, कोई दावा नहीं। जवाब साधारण भी हो सकते हैं; उन्हें लिखित में माँगें और \
             फ़ाइल के साथ रखें।"
        }
        Phrase::QuestionsNone => {
            "फ़ोन के साथ आई हो सकने वाली किसी चीज़ का कोई मिलान या संभव मिलान नहीं दिखाया गया, \
             इसलिए यह फ़ाइल कोई सवाल नहीं देती।"
        }
        Phrase::AskWhich => {
            "यह कनेक्शन किस सेवा या सुविधा ने खोला, और उपयोगकर्ता उसे किस नाम से ढूँढ सकता है?"
        }
        Phrase::AskData => "इससे कौन-सा डेटा, किस रूप में जाता है, और उसे कौन पाता है?",
        Phrase::AskWhy => "यह किसलिए है, और उपयोगकर्ता को इसके बारे में कहाँ बताया गया?",
        Phrase::AskOff => "इसे कैसे बंद किया जा सकता है, और तब क्या काम नहीं करेगा?",
        Phrase::AskSince => "यह सॉफ़्टवेयर के किस संस्करण से है, और क्या बाद के संस्करणों में भी है?",
        Phrase::MadeBy => {
            "Portlog ने इसे जाँच में सही पाई गई फ़ाइल से बनाया। यह पन्ना न कुछ लोड करता है, न \
             कुछ चलाता है।"
        }
    }
}

pub(crate) fn line(line: &Line<'_>) -> String {
    match *line {
        Line::Unchanged { known, seen } => format!(
            "हस्ताक्षर होने के बाद से अपरिवर्तित। हस्ताक्षरकर्ता: {}।",
            signer(known, seen)
        ),
        Line::Shown { shown, of } => {
            format!("{of} में से {shown} प्रविष्टियाँ दिखाई गईं, चुनाव साझा करने वाले का।")
        }
        Line::NotLive(0) => {
            "लाइव नहीं देखा गया: जितना दिखाया गया है उसके अनुसार, यहाँ दिखाए गए एक सत्र ने चल रहे \
                             कर्नेल को नहीं देखा।"
                .to_owned()
        }
        Line::NotLive(count) => format!(
            "लाइव नहीं देखा गया: जितना दिखाया गया है उसके अनुसार {count} अवलोकन बताए गए समय पर चल रहे कर्नेल पर \
             नहीं किए गए।"
        ),
        Line::WitnessSaw { name, size, of, on } => {
            format!("{name} ने {on} को {of} में से पहली {size} प्रविष्टियाँ देखीं, और बाकी में से कुछ नहीं।")
        }
        Line::UncheckedSignatures(count) => {
            format!("{count} हस्ताक्षर ऐसे साक्षियों के हैं जिन्हें पाठक नहीं जानता; यहाँ उनका कोई दावा नहीं है।")
        }
        Line::RowsLeftOut(count) => format!(
            "{} इस पन्ने पर नहीं; फ़ाइल में हैं।",
            counted(count, "और पंक्ति", "और पंक्तियाँ")
        ),
        Line::CharactersLeftOut(count) => format!("({count} और वर्ण; फ़ाइल में हैं)"),
        Line::PackagesLeftOut(count) => format!("और {count} अन्य पैकेज"),
        Line::OwnLeftOut(count) => {
            format!("Portlog की अपनी जाँच या अभ्यास के {count} कनेक्शन यहाँ छोड़े गए हैं।")
        }
        Line::AlertNumber(number) => format!("अलर्ट {number}"),
        Line::SharedPackages(count) => {
            format!("UID साझा करने वाले {count} पैकेज में से एक; सिस्टम नहीं बताता कि कौन-सा")
        }
        Line::Period { from, to } => format!("{from} से {to} तक"),
        Line::ClockJump(millis) => format!("घड़ी {millis} मिलीसेकंड खिसकी"),
        Line::Dropped(count) => format!("{count} घटनाएँ लॉग में लिखे जाने से पहले खो गईं"),
        Line::Pruned(below) => {
            format!("प्रविष्टि {below} से पहले की पंक्तियाँ फ़ोन पर मिटाई गईं; उनके फ़िंगरप्रिंट बने हुए हैं")
        }
        Line::Predecessor(origin) => format!("यह लॉग {origin} को आगे बढ़ाता है"),
        Line::WitnessAnswered { name, size } => {
            format!("{name} ने पहली {size} प्रविष्टियों की पुष्टि की")
        }
        Line::Span(length) => span(length),
        Line::ShortConnections(interval) => format!(
            "कि और कुछ नहीं हुआ। जो दो बार देखने के बीच के समय ({}) से छोटा था, वह छूट गया हो सकता है।",
            span(interval)
        ),
        Line::FieldsWithheld(count) => {
            format!("जो {count} फ़ील्ड रोककर रखे गए हैं, उनमें क्या है।")
        }
        Line::AskAbout { owner, peer } => format!("{owner} और {peer} के बारे में:"),
        Line::TimesDenied(count) => {
            format!("{count} दिखाई गई प्रविष्टियों के अनुसार इसे पढ़ा नहीं जा सका")
        }
    }
}

fn signer(known: bool, seen: Option<(u64, &str)>) -> String {
    let mut words = Vec::new();
    if known {
        words.push("आप इसे जानते हैं".to_owned());
    }
    if let Some((count, on)) = seen {
        words.push(format!("{on} को {count} साक्षियों ने देखा"));
    }
    if words.is_empty() {
        words.push("ज्ञात नहीं".to_owned());
    }
    words.join(", ")
}
