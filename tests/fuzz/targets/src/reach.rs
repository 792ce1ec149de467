//! Frames between the helper and the app, and what a phone's shell answers over adb.

use portlog_reach::adb::{Answer, PhoneFacts, Progress, parse_clock, parse_devices};
use portlog_reach::channel::{Assembler, Brought, FromHelper, Look, MAX_FRAME, ToHelper};

/// A stream of frames behind their lengths, as over a socketpair. What is a frame has one form, is within
/// its bound, and what frames come to is within theirs; whatever breaks the order ends it.
pub fn helper_frame(data: &[u8]) {
    let mut rest = data;
    let mut assembler = Assembler::default();
    let mut open = true;
    while let Some((prefix, behind)) = rest.split_first_chunk::<4>() {
        let len = usize::try_from(u32::from_le_bytes(*prefix)).unwrap_or(usize::MAX);
        let Some((frame, behind)) = behind.split_at_checked(len) else {
            break;
        };
        rest = behind;
        if let Ok(decoded) = ToHelper::decode(frame) {
            let mut again = Vec::new();
            decoded.encode(&mut again);
            assert_eq!(again, frame);
            assert!(FromHelper::decode(frame).is_err());
        }
        let decoded = FromHelper::decode(frame);
        if let Ok(decoded) = &decoded {
            let mut again = Vec::new();
            decoded.encode(&mut again);
            assert_eq!(again, frame);
            assert!(again.len() <= MAX_FRAME);
        }
        if !open {
            continue;
        }
        match assembler.take(frame) {
            Ok(Some(Brought::Look(look))) => {
                assert!(look.rows.len() <= Look::MAX_ROWS);
                assert!(look.destroyed.len() <= Look::MAX_DESTROYED);
            }
            Ok(_) => assert!(decoded.is_ok()),
            Err(_) => open = false,
        }
    }
}

/// What a shell may write to a request whose number is `NONCE`, in pieces as the first byte says. However
/// it is cut, the same comes out; what is kept is within bounds, and only a mark ends it.
pub fn adb_answer(data: &[u8]) {
    const NONCE: &str = "00112233445566778899aabbccddeeff";
    let (first, text) = data
        .split_first()
        .map_or((1, data), |(byte, text)| (*byte, text));
    let mut whole = Answer::new(NONCE);
    let progress = whole.feed(text);
    let mut pieces = Answer::new(NONCE);
    for piece in text.chunks(usize::from(first).max(1)) {
        pieces.feed(piece);
    }
    let sections = whole.into_sections();
    assert_eq!(sections, pieces.into_sections());
    assert!(sections.len() <= Answer::MAX_SECTIONS);
    for section in &sections {
        assert!(section.text.len() <= Answer::MAX_SECTION);
        assert!(section.text.len() <= text.len());
    }
    let marked = text
        .windows(NONCE.len())
        .any(|part| part == NONCE.as_bytes());
    assert!(marked || (sections.is_empty() && progress == Progress::More));
    PhoneFacts::read(&sections);
    let text = String::from_utf8_lossy(text);
    parse_clock(&text);
    assert!(parse_devices(&text).len() <= 256);
}
