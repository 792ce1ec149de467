//! What screens say besides.

use std::time::Duration;

use portlog_model::{LinkState, PackagePlace, Remark};

use super::{counted, practice, span};
use crate::data::{clean, quoted};
use crate::time::Zone;

pub(super) fn remark(remark: Remark<'_>, zone: Zone) -> String {
    match remark {
        Remark::ListAge { age, dated, old } => list_age(age, dated, old),
        Remark::MutedOwner(name) => format!("{} के बारे में सब कुछ", clean(name)),
        Remark::MutedEntry(entry) => format!("प्रविष्टि {}, चाहे किसी भी सूची में हो", quoted(entry)),
        Remark::MutedRemote(address) => format!("पता {address}"),
        Remark::PackagePlace(place) => package_place(place),
        Remark::InstalledBy(Some(package)) => format!("{} ने इंस्टॉल किया", clean(package)),
        Remark::InstalledBy(None) => "इंस्टॉल करने वाले का कोई रिकॉर्ड नहीं".to_owned(),
        Remark::Timeline {
            opened,
            alerts,
            hours,
            watched,
        } => format!(
            "पिछले 24 घंटे: {} में {}; {}; निगरानी {}।",
            counted(u64::from(hours), "घंटे", "घंटों"),
            counted(opened, "नया कनेक्शन", "नए कनेक्शन"),
            counted(alerts, "अलर्ट", "अलर्ट"),
            span(watched)
        ),
        Remark::OpenedBetween { after, by } => match after {
            Some(after) => format!("यह {} और {} के बीच खुला।", zone.time(after), zone.time(by)),
            None => format!("पहली बार देखने पर ({}) यह पहले से मौजूद था।", zone.time(by)),
        },
        Remark::EndedBetween { after, by } => match after {
            Some(after) => format!("यह {} और {} के बीच समाप्त हुआ।", zone.time(after), zone.time(by)),
            None => format!("यह {} तक समाप्त हो चुका था।", zone.time(by)),
        },
        Remark::InThatHour(count) => format!(
            "उस घंटे में {}।",
            counted(count, "ऐसा कनेक्शन", "ऐसे कनेक्शन")
        ),
        Remark::HistoryNewer => {
            "इतिहास: इसे Portlog के नए वर्शन ने लिखा था, और यह जैसा है वैसा ही छोड़ा गया है। अभी जो होता है, \
             वह इस बार के बाद नहीं रखा जाएगा। Portlog का नया वर्शन फिर से इंस्टॉल करें।"
                .to_owned()
        }
        Remark::HistorySetAside => {
            "इतिहास: फ़ाइल खराब थी। खराब फ़ाइल अलग रख दी गई है, हटाई नहीं गई, और नया इतिहास अब शुरू होता है।"
                .to_owned()
        }
        Remark::HistoryUnwritten(error) => format!(
            "इतिहास: लिखा नहीं जा सकता ({})। अभी जो होता है, वह इस बार के बाद नहीं रखा जाएगा। देखें कि खाली \
             जगह है या नहीं।",
            clean(error)
        ),
        Remark::HistoryBadLines(lines) => format!(
            "इतिहास: {}; बाकी मौजूद हैं।",
            counted(lines, "पंक्ति पढ़ी नहीं जा सकी", "पंक्तियाँ पढ़ी नहीं जा सकीं")
        ),
        Remark::StateSetAside => {
            "गिनतियाँ, म्यूट और पहली बार देखे जाने के रिकॉर्ड खराब थे। खराब फ़ाइल अलग रख दी गई है, हटाई नहीं \
             गई, और ये नए सिरे से शुरू होते हैं।"
                .to_owned()
        }
        Remark::ShelfSetAside => {
            "आपकी सूचियों का सूचकांक खराब था। उसे अलग रख दिया गया है, हटाया नहीं गया; सूचियाँ नए नामों से मौजूद हैं और बंद हैं। उन्हें देखें, और जो चाहिए उन्हें चालू करें।"
                .to_owned()
        }
        Remark::AppsWithheld => {
            "Portlog को सभी ऐप देखने की अनुमति नहीं है: कुछ स्वामियों के नाम नहीं बताए जा सकते। उसे इंस्टॉल \
             किए गए ऐप की सूची पाने दें।"
                .to_owned()
        }
        Remark::StartMissed => {
            "फ़ोन चालू हुआ, और Portlog उसके साथ शुरू नहीं हुआ। सिस्टम की सेटिंग में उसे अपने आप शुरू होने \
             (ऑटोस्टार्ट) की अनुमति दें।"
                .to_owned()
        }
        Remark::StartedBy("") => "निगरानी शुरू की गई।".to_owned(),
        Remark::StartedBy(by) => format!("निगरानी शुरू की गई: {}।", clean(by)),
        Remark::Ended(why) => format!(
            "निगरानी अपने आप समाप्त हुई ({})। इसे फिर से शुरू करें।",
            clean(why)
        ),
        Remark::LookedFor { looks, within } => {
            format!("{} में {looks} बार देखा।", span(within))
        }
        Remark::PracticeUnopened(error) => {
            format!("अभ्यास का कनेक्शन खोला नहीं जा सका ({})।", clean(error))
        }
        Remark::PracticePassed => "अभ्यास अलर्ट: हर कड़ी ठीक रही।".to_owned(),
        Remark::PracticeFailed(link) => format!(
            "अभ्यास अलर्ट: पूरा नहीं हुआ। {}",
            practice::link(link, LinkState::Failed)
        ),
    }
}

fn list_age(age: Duration, dated: bool, old: bool) -> String {
    const DAY: u64 = 86_400;
    let days = age.as_secs() / DAY;
    let mut text = match (days, dated) {
        (0, true) => "आज की तारीख".to_owned(),
        (0, false) => "आज आयात की गई; सूची की अपनी कोई तारीख नहीं".to_owned(),
        (days, true) => format!("{days} दिन पहले की तारीख"),
        (days, false) => format!("{days} दिन पहले आयात की गई; सूची की अपनी कोई तारीख नहीं"),
    };
    text.push('।');
    if old {
        text.push_str(" होस्ट किसी और के हाथ में जा सकते हैं: नई सूची देखें।");
    }
    text
}

fn package_place(place: PackagePlace<'_>) -> String {
    match place {
        PackagePlace::Firmware { path } => {
            format!("फ़ोन के साथ आया{}", lies(", जगह ", path))
        }
        PackagePlace::Updated { path, factory } => format!(
            "फ़ोन के साथ आया{}; बाद में अपडेट इंस्टॉल हुआ{}",
            lies(", जगह ", factory),
            lies(", जगह ", path)
        ),
        PackagePlace::Installed { path } => {
            format!("बाद में इंस्टॉल हुआ{}", lies(", जगह ", path))
        }
    }
}

fn lies(before: &str, path: Option<&str>) -> String {
    path.map_or_else(String::new, |path| format!("{before}{}", clean(path)))
}
