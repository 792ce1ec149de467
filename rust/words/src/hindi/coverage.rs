//! What could not be looked at, and when nobody looked.

use std::fmt::Write as _;

use portlog_model::{
    Coverage, CoverageCounts, CoverageDetail, CoverageItem, CoverageStatus, DeathReason, GapReason,
    Platform, Protocol, Table, Unreachable,
};

use super::counted;
use crate::data::clean;

pub(super) fn detail(detail: CoverageDetail) -> String {
    match detail {
        CoverageDetail::Errno(number) => format!("कर्नेल ने मना किया: {}", errno(number)),
        CoverageDetail::FellBackToProcfs(number) => format!(
            "sock_diag यह तालिका नहीं दे सका{}; इसके बदले procfs पढ़ा गया",
            because(number)
        ),
        CoverageDetail::NotCheckable => {
            "जाँच संभव नहीं: इसमें खोजने के लिए हमारा अपना कोई सॉकेट नहीं था".to_owned()
        }
        CoverageDetail::OwnSocketMissing => {
            "हमारा अपना सॉकेट इसमें नहीं है, इसलिए दूसरे सॉकेट भी छूट सकते हैं".to_owned()
        }
        CoverageDetail::OnlyOwnRows => {
            "इसमें केवल हमारे अपने सॉकेट दिखते हैं, जबकि दूसरों के बाइट का आना-जाना हुआ: बाकी हमें नहीं दिखते"
                .to_owned()
        }
        CoverageDetail::Truncated(bytes) => format!(
            "{} के बाद कटा हुआ; बाकी नहीं पढ़ा गया",
            counted(bytes, "बाइट", "बाइट")
        ),
        CoverageDetail::FirstBadLine(line) => {
            format!("पढ़ी न जा सकी पहली पंक्ति: पंक्ति {line}")
        }
        CoverageDetail::NotTracked(rows) => format!(
            "{}: जितने कनेक्शन रखे जाते हैं, उनसे अधिक खुले हैं",
            counted(
                u64::from(rows),
                "पंक्ति पर नज़र नहीं रखी जा रही",
                "पंक्तियों पर नज़र नहीं रखी जा रही"
            )
        ),
        CoverageDetail::WithoutPeer(sockets) => format!(
            "बिना दूसरे पक्ष के {}: वे किससे बात करते हैं, यह किसी तालिका में नहीं है",
            counted(u64::from(sockets), "डेटाग्राम सॉकेट", "डेटाग्राम सॉकेट")
        ),
        CoverageDetail::EventsLost(times) => {
            format!("कर्नेल ने {times} बार घटनाएँ छोड़ दीं: छोटे कनेक्शन छूट सकते हैं")
        }
        CoverageDetail::NoDestroyEvents(number) => format!(
            "कर्नेल बंद हुए सॉकेट के बारे में नहीं बताता{}: अंतराल से छोटे कनेक्शन छूट सकते हैं",
            because(number)
        ),
        CoverageDetail::BadEntries(entries) => counted(
            u64::from(entries),
            "प्रविष्टि पढ़ी नहीं जा सकी",
            "प्रविष्टियाँ पढ़ी नहीं जा सकीं",
        ),
        CoverageDetail::ImplausiblyShort(entries) => format!(
            "केवल {}: इतनी छोटी सूची में किसी के न होने से कोई निष्कर्ष नहीं निकलता",
            counted(u64::from(entries), "प्रविष्टि", "प्रविष्टियाँ")
        ),
        CoverageDetail::NotGiven => "कोई सूची नहीं दी गई".to_owned(),
        CoverageDetail::TapOff => "DNS टैप बंद है: कौन-से नाम पूछे जाते हैं, यह नहीं दिखता".to_owned(),
        CoverageDetail::TapWithoutResolver => {
            "DNS टैप चल रहा है, पर कोई रिज़ॉल्वर जवाब नहीं देता".to_owned()
        }
        CoverageDetail::OtherVpn => "दूसरा VPN चालू है: DNS टैप नहीं चल सकता".to_owned(),
        CoverageDetail::ClearText => {
            "टैप सवालों को बिना एन्क्रिप्शन आगे भेजता है: नेटवर्क उन्हें पढ़ सकता है".to_owned()
        }
        CoverageDetail::StrictPrivateDns => {
            "निजी DNS किसी प्रदाता पर तय है: उससे पूछे गए नाम टैप से होकर नहीं जाते".to_owned()
        }
        CoverageDetail::AskersUnknown => "यह सिस्टम नहीं बताता कि नाम किसने पूछा".to_owned(),
        CoverageDetail::KnownResolvers(sockets) => format!(
            "{} ज्ञात रिज़ॉल्वर (DoH, HTTPDNS) की ओर: वहाँ पूछे गए नाम टैप से होकर नहीं जाते",
            counted(u64::from(sockets), "सॉकेट", "सॉकेट")
        ),
        CoverageDetail::ForeignResolvers(sockets) => format!(
            "{} दूसरों के DNS पोर्ट (53, 853) की ओर: वहाँ पूछे गए नाम टैप से होकर नहीं जाते",
            counted(u64::from(sockets), "सॉकेट", "सॉकेट")
        ),
        CoverageDetail::FakeAddresses(sockets) => format!(
            "{} ऐसे पतों की ओर जो दूसरा VPN गढ़ता है: वे किस तक पहुँचते हैं, यह नहीं कहा जा सकता",
            counted(u64::from(sockets), "सॉकेट", "सॉकेट")
        ),
        CoverageDetail::Pinned { names, days } => {
            format!("पहले से खोजे गए {names} जवाब, सबसे पुराना {days} दिन पुराना")
        }
        CoverageDetail::PinnedExpired(names) => {
            format!("पहले से खोजे गए {names} जवाब 14 दिन से पुराने हैं और काम में नहीं लिए जाते")
        }
        CoverageDetail::NamesLost(names) => {
            format!("{names} नामों के लिए जगह नहीं थी और वे भुला दिए गए")
        }
    }
}

/// `TCP कनेक्शन (IPv4): पढ़ने योग्य, 12 पंक्तियाँ`.
pub(super) fn of(coverage: &Coverage, platform: Platform) -> String {
    let is_table = matches!(coverage.item, CoverageItem::Table(_));
    let what = match coverage.item {
        CoverageItem::Table(table) => self::table(table),
        CoverageItem::Packages => match platform {
            Platform::Android => "ऐप की सूची".to_owned(),
            Platform::Linux => "खातों की सूची".to_owned(),
        },
        CoverageItem::Names => "होस्ट के नाम".to_owned(),
    };
    let status = match (coverage.status, platform) {
        (CoverageStatus::Readable, _) => "पढ़ने योग्य",
        (CoverageStatus::Denied, Platform::Android) if is_table => {
            "पढ़ने की अनुमति नहीं: सिस्टम मना करता है (Android 10 से वह हर ऐप को मना करता है)"
        }
        (CoverageStatus::Denied, _) => "पढ़ने की अनुमति नहीं: सिस्टम मना करता है",
        (CoverageStatus::Absent, _) if is_table => "इस कर्नेल में नहीं है",
        (CoverageStatus::Absent, _) => "नहीं है",
        (CoverageStatus::Untrusted, _) => "पढ़ा गया, पर भरोसे लायक नहीं",
    };
    let mut text = format!("{what}: {status}");
    if matches!(
        coverage.status,
        CoverageStatus::Readable | CoverageStatus::Untrusted
    ) {
        let rows = if is_table {
            counted(coverage.rows, "पंक्ति", "पंक्तियाँ")
        } else {
            counted(coverage.rows, "प्रविष्टि", "प्रविष्टियाँ")
        };
        let _ = write!(text, ", {rows}");
    }
    if coverage.bad_rows > 0 {
        let _ = write!(text, ", {} जो पढ़ी नहीं जा सकीं", coverage.bad_rows);
    }
    for detail in &coverage.details {
        let _ = write!(text, "; {}", self::detail(*detail));
    }
    text
}

/// `TCP कनेक्शन (IPv4)`.
pub(super) fn table(table: Table) -> String {
    let what = match table.protocol() {
        Protocol::Tcp => "TCP कनेक्शन",
        Protocol::Udp => "UDP सॉकेट",
        Protocol::UdpLite => "UDP-Lite सॉकेट",
        Protocol::Raw => "रॉ सॉकेट",
        Protocol::Icmp => "पिंग सॉकेट",
    };
    format!("{what} ({})", if table.is_v6() { "IPv6" } else { "IPv4" })
}

/// How many tables can be looked at.
pub(super) fn summary(counts: CoverageCounts) -> String {
    let present = counts.present();
    let mut parts = vec![if present == 0 {
        "कोई सॉकेट तालिका नहीं मिली".to_owned()
    } else if counts.readable == present {
        if present == 1 {
            "एकमात्र सॉकेट तालिका पढ़ी जा सकती है".to_owned()
        } else {
            format!("सभी {present} सॉकेट तालिकाएँ पढ़ी जा सकती हैं")
        }
    } else {
        format!(
            "{} में से {} पढ़ी जा सकती {}",
            counted(u64::from(present), "सॉकेट तालिका", "सॉकेट तालिकाओं"),
            counts.readable,
            be(counts.readable)
        )
    }];
    if counts.denied > 0 {
        parts.push(format!("{} को पढ़ने की अनुमति नहीं", counts.denied));
    }
    if counts.untrusted > 0 {
        parts.push(format!("{} पढ़ी गई, पर भरोसे लायक नहीं", counts.untrusted));
    }
    if counts.absent > 0 {
        parts.push(format!(
            "{} इस कर्नेल में नहीं {}",
            counts.absent,
            be(counts.absent)
        ));
    }
    let mut text = parts.join("; ");
    text.push('।');
    if counts.unseen() > 0 {
        text.push_str(" जो तालिकाएँ नहीं दिखतीं, उनमें क्या है, यह ज्ञात नहीं।");
    }
    text
}

/// `है` or `हैं`.
const fn be(count: u32) -> &'static str {
    if count < 2 { "है" } else { "हैं" }
}

pub(super) fn gap(reason: &GapReason) -> String {
    match reason {
        GapReason::Fault(fault) => {
            format!("निगरानी में खराबी आई और वह फिर से शुरू की गई: {}", clean(fault))
        }
        GapReason::Suspended => "डिवाइस सो रहा था".to_owned(),
        GapReason::Late => "एक बार देखने में अंतराल की सीमा से अधिक देर हुई".to_owned(),
        GapReason::Unreadable(CoverageItem::Table(table)) => format!(
            "तालिका {} उस समय से अधिक देर तक पढ़ी नहीं जा सकी जितनी देर कनेक्शन रखे जाते हैं",
            table.as_str()
        ),
        GapReason::Unreadable(CoverageItem::Packages) => "पैकेज सूची पढ़ी नहीं जा सकी".to_owned(),
        GapReason::Unreadable(CoverageItem::Names) => "नाम पता नहीं चल सके".to_owned(),
        GapReason::NotRunning => "निगरानी नहीं चल रही थी".to_owned(),
        GapReason::Died(reason) => death(*reason).to_owned(),
        GapReason::Unreachable(reason) => unreachable(*reason).to_owned(),
    }
}

const fn unreachable(reason: Unreachable) -> &'static str {
    match reason {
        Unreachable::Disconnected => "फ़ोन से कनेक्शन टूट गया था",
        Unreachable::Unauthorized => "फ़ोन इस कंप्यूटर को डीबग करने की अनुमति नहीं देता",
        Unreachable::Silent => "फ़ोन जुड़ा है, पर उसने समय पर जवाब नहीं दिया",
        Unreachable::HelperEnded => "सहायक प्रक्रिया समाप्त हो गई थी",
    }
}

/// Why the system says that the app ended.
const fn death(reason: DeathReason) -> &'static str {
    match reason {
        DeathReason::UserRequested => {
            "अनुरोध पर Portlog समाप्त किया गया: ज़बरदस्ती रोकें दबाकर, या हाल के ऐप से हटाकर; हाथ से, या \
             सिस्टम के किसी दूसरे हिस्से से"
        }
        DeathReason::UserStopped => "जिस Android उपयोगकर्ता के लिए Portlog चल रहा था, उसे बंद किया गया",
        DeathReason::LowMemory => "सिस्टम ने मेमोरी खाली करने के लिए Portlog को समाप्त किया",
        DeathReason::Crash => "Portlog में खराबी आई और वह समाप्त हो गया (क्रैश)",
        DeathReason::NativeCrash => "Portlog के नेटिव कोड में खराबी आई और वह समाप्त हो गया (क्रैश)",
        DeathReason::Anr => "Portlog ने समय पर जवाब नहीं दिया, इसलिए सिस्टम ने उसे समाप्त किया",
        DeathReason::Signaled => "एक सिग्नल ने Portlog को समाप्त किया; वह किसका था, यह नहीं बताया गया",
        DeathReason::ExitSelf => "Portlog अपने आप समाप्त हुआ",
        DeathReason::InitializationFailure => "Portlog शुरू नहीं हो सका",
        DeathReason::PermissionChange => "Portlog की एक अनुमति बदली, इसलिए सिस्टम ने उसे समाप्त किया",
        DeathReason::ExcessiveUse => {
            "सिस्टम ने Portlog को समाप्त किया और कहा कि उसने फ़ोन के संसाधनों का बहुत अधिक उपयोग किया"
        }
        DeathReason::DependencyDied => {
            "Portlog जिस प्रोसेस पर निर्भर था, वह समाप्त हुई, इसलिए सिस्टम ने Portlog को भी समाप्त किया"
        }
        DeathReason::Freezer => "सिस्टम ने Portlog को फ़्रीज़ किया था, और फिर समाप्त किया",
        DeathReason::PackageDisabled => {
            "ऐप या उसका कोई हिस्सा बंद किया गया, इसलिए सिस्टम ने Portlog को समाप्त किया"
        }
        DeathReason::PackageUpdated => "Portlog अपडेट हुआ",
        DeathReason::Reboot => "फ़ोन बंद या फिर से चालू किया गया",
        DeathReason::Other => "सिस्टम ने Portlog को ऐसे कारण से समाप्त किया जो वह नहीं बताता",
        DeathReason::Unknown => "Portlog समाप्त हुआ, और सिस्टम नहीं बताता कि क्यों",
    }
}

fn because(number: Option<i32>) -> String {
    number.map_or_else(String::new, |number| format!(" ({})", errno(number)))
}

/// The errors that the kernel gives here, by Linux's numbers; others by number.
fn errno(number: i32) -> String {
    let text = match number {
        1 => "इस काम की अनुमति नहीं",
        2 => "ऐसा कुछ नहीं है",
        5 => "इनपुट/आउटपुट त्रुटि",
        12 => "मेमोरी कम है",
        13 => "अनुमति नहीं मिली",
        20 => "फ़ोल्डर नहीं है",
        21 => "फ़ोल्डर है, फ़ाइल नहीं",
        22 => "अमान्य मान",
        38 => "उपलब्ध नहीं",
        93 => "प्रोटोकॉल समर्थित नहीं",
        94 => "सॉकेट का प्रकार समर्थित नहीं",
        95 => "समर्थित नहीं",
        97 => "पते का प्रकार समर्थित नहीं",
        105 => "बफ़र में जगह नहीं",
        _ => return format!("त्रुटि {number}"),
    };
    format!("{text}, त्रुटि {number}")
}
