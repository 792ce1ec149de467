//! How the page looks and behaves in a real browser.

use serde_json::Value;

use crate::browser::{Browser, Screen};
use crate::hostile::lures;
use crate::logs::{Desk, TestLog, full, two_days, usual};

/// Text whose contrast with what is behind it is less than WCAG 2.2 level AA asks for (4.5, for large
/// text 3), and drawn parts with less than 3, by the styles that the browser computed.
const LOW_CONTRAST: &str = r"(() => {
  const parse = text => (text.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ratio = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
      if (color[3] > 0) return null;
    }
    return null;
  };
  const low = [], seen = {texts: 0, drawn: 0};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.getClientRects().length) continue;
    seen.texts += 1;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ground = behind(element);
    const found = ground ? ratio(parse(style.color), ground) : 0;
    if (style.opacity !== '1' || found < (large ? 3 : 4.5)) low.push([text.slice(0, 40), found]);
  }
  for (const drawn of document.querySelectorAll('rect, line')) {
    seen.drawn += 1;
    const style = getComputedStyle(drawn);
    const color = drawn.tagName === 'rect' ? style.fill : style.stroke;
    const found = ratio(parse(color), behind(drawn.closest('svg')));
    if (found < 3) low.push([drawn.closest('svg').getAttribute('aria-label'), found]);
  }
  return {low, seen};
})()";

/// What reaches beyond the page's width.
const OVERFLOW: &str = r"(() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll('*')].filter(it => {
    const box = it.getBoundingClientRect();
    const clipped = it.closest('thead, caption');
    const heard = clipped && getComputedStyle(clipped).clipPath !== 'none';
    return !heard && box.width > 1 && (box.right > width + 1 || box.left < -1);
  });
  return {
    page: document.documentElement.scrollWidth - width,
    wide: wide.map(it => it.tagName + ' ' + it.textContent.slice(0, 40)),
  };
})()";

const LANGUAGES: [&str; 4] = ["en", "zh-Hans", "zh-Hant", "hi"];

fn page_of(log: &TestLog, language: &str) -> Desk {
    let desk = Desk::new();
    desk.page(&full(log, &usual), &["--language", language]);
    desk
}

#[test]
fn nothing_is_too_wide_from_a_small_phone_to_a_desktop() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    for log in [two_days(), lures()] {
        for language in LANGUAGES {
            let desk = page_of(&log, language);
            for width in [320, 360, 740, 1280] {
                browser.open(&desk.path("report.html"), Screen::new(width, "light"));
                let found = browser.eval(OVERFLOW);
                assert_eq!(found["page"], 0, "{language} {width}: {found}");
                assert_eq!(found["wide"], serde_json::json!([]), "{language} {width}");
            }
        }
    }
}

#[test]
fn everything_can_be_read_in_light_and_dark() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let desk = page_of(&two_days(), "en");
    let mut grounds = Vec::new();
    for scheme in ["light", "dark"] {
        for width in [360, 1280] {
            browser.open(&desk.path("report.html"), Screen::new(width, scheme));
            let found = browser.eval(LOW_CONTRAST);
            assert_eq!(found["low"], serde_json::json!([]), "{scheme} {width}");
            assert!(found["seen"]["texts"].as_u64().unwrap() > 300, "{found}");
            assert!(found["seen"]["drawn"].as_u64().unwrap() > 20, "{found}");
        }
        grounds.push(browser.eval("getComputedStyle(document.body).backgroundColor"));
    }
    assert_ne!(grounds[0], grounds[1]);
}

#[test]
fn the_check_of_contrast_finds_what_is_too_faint() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let desk = Desk::new();
    desk.put(
        "faint.html",
        b"<body style='background:#fff'><p style='color:#777'>faint<p style='color:#000'>clear",
    );
    browser.open(&desk.path("faint.html"), Screen::new(800, "light"));
    let found = browser.eval(LOW_CONTRAST);
    assert_eq!(found["low"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found["low"][0][0], "faint");
}

#[test]
fn the_page_asks_for_nothing_runs_nothing_and_complains_of_nothing() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    for log in [two_days(), lures()] {
        let desk = page_of(&log, "en");
        browser.open(&desk.path("report.html"), Screen::new(1280, "light"));
        assert_eq!(browser.complaints(), Vec::<String>::new());
        assert_eq!(browser.eval("document.scripts.length"), 0);
        assert_eq!(browser.eval("document.images.length"), 0);
        assert_eq!(
            browser.eval("document.title"),
            "Connection log report: shared.portlog.txt"
        );
        assert_eq!(
            browser.eval("performance.getEntriesByType('resource').length"),
            0
        );
    }
}

#[test]
fn the_check_for_complaints_finds_what_a_page_tries() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let desk = Desk::new();
    desk.put(
        "tries.html",
        b"<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">\
          <script>document.title='run'</script><img src=other.png>",
    );
    browser.open(&desk.path("tries.html"), Screen::new(800, "light"));
    assert!(
        browser.complaints().len() >= 2,
        "{:?}",
        browser.complaints()
    );
    assert_ne!(browser.eval("document.title"), "run");
}

#[test]
fn it_prints_on_a4_and_letter_on_a_sensible_number_of_pages() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    for language in LANGUAGES {
        let desk = page_of(&two_days(), language);
        browser.open(&desk.path("report.html"), Screen::new(1280, "dark"));
        for (paper, width, height) in [("a4", 8.27, 11.69), ("letter", 8.5, 11.0)] {
            let pdf = browser.print(&format!("print-{language}-{paper}"), width, height);
            assert!(pdf.starts_with(b"%PDF-"));
            let pages = pages(&pdf);
            assert!((4..=14).contains(&pages), "{language} {paper}: {pages}");
        }
    }
    // On paper the colours are those of light, whatever the screen has.
    let paper = Screen {
        media: "print",
        ..Screen::new(700, "dark")
    };
    browser.look(paper);
    assert_eq!(
        browser.eval("getComputedStyle(document.body).backgroundColor"),
        "rgb(255, 255, 255)"
    );
    assert_eq!(browser.eval(LOW_CONTRAST)["low"], serde_json::json!([]));
    assert_eq!(browser.eval(OVERFLOW)["page"], 0);
}

#[test]
fn tables_stay_tables_for_those_who_hear_the_page() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let desk = page_of(&two_days(), "en");
    for width in [360, 1280] {
        browser.open(&desk.path("report.html"), Screen::new(width, "light"));
        let tree = browser.tree();
        let count = |role: &str| tree.iter().filter(|(it, _)| it == role).count();
        let tables = browser.eval("document.querySelectorAll('table').length");
        assert_eq!(Value::from(count("table")), tables, "{width}");
        assert!(count("rowheader") > 40, "{width}: {}", count("rowheader"));
        assert!(
            count("columnheader") > 40,
            "{width}: {}",
            count("columnheader")
        );
        let drawings: Vec<&str> = tree
            .iter()
            .filter(|(role, _)| role == "image")
            .map(|(_, name)| name.as_str())
            .collect();
        assert_eq!(drawings.len(), 7);
        assert!(
            drawings.iter().all(|name| name.contains(": ")),
            "{drawings:?}"
        );
        for landmark in ["banner", "main", "navigation", "contentinfo"] {
            assert_eq!(count(landmark), 1, "{landmark}");
        }
    }
}

#[test]
fn it_is_drawn() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    for language in LANGUAGES {
        let desk = page_of(&two_days(), language);
        for (name, screen) in [
            ("desktop", Screen::new(1120, "light")),
            ("dark", Screen::new(1120, "dark")),
            ("narrow", Screen::new(360, "light")),
        ] {
            browser.open(&desk.path("report.html"), screen);
            let png = browser.picture(&format!("{language}-{name}"));
            assert!(
                png.starts_with(b"\x89PNG") && png.len() > 50_000,
                "{}",
                png.len()
            );
        }
        // The strips have an extent, and each bar lies within its own.
        let strips = browser.eval(
            "[...document.querySelectorAll('svg')].map(it => it.getBoundingClientRect()) \
             .every(box => box.width > 200 && box.height > 15)",
        );
        assert_eq!(strips, true);
    }
    let desk = page_of(&lures(), "en");
    browser.open(&desk.path("report.html"), Screen::new(1120, "light"));
    browser.picture("hostile");
}

/// The pages of a PDF, by its page objects.
fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    let all = text.matches("/Type /Page").count();
    all - text.matches("/Type /Pages").count()
}
