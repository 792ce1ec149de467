//! Frames between the helper and the app.

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
