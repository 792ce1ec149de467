//! A text as a square of dark and light modules, for a screen or a terminal.

use qrcodegen::{QrCode, QrCodeEcc};

use crate::Error;

/// A QR code, without the quiet zone of four light modules that belongs around it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Qr {
    /// Modules on each side, 21 to 177.
    pub side: u8,
    /// Row by row from the top left; `true` is dark.
    pub modules: Vec<bool>,
}

impl Qr {
    /// Whether the module in this column and row is dark; light beyond the edge.
    pub fn is_dark(&self, column: u8, row: u8) -> bool {
        let at = usize::from(row) * usize::from(self.side) + usize::from(column);
        column < self.side && self.modules.get(at).copied().unwrap_or(false)
    }
}

/// The QR code of `text`, which one code can hold up to about 2,300 bytes of.
///
/// Medium error correction: a checkpoint is read off a screen, and what is read is verified.
pub fn qr(text: &str) -> Result<Qr, Error> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|_| Error::QrTooLong { bytes: text.len() })?;
    let side = code.size();
    let modules = (0..side)
        .flat_map(|row| (0..side).map(move |column| (column, row)))
        .map(|(column, row)| code.get_module(column, row))
        .collect();
    Ok(Qr {
        side: u8::try_from(side).unwrap_or(u8::MAX),
        modules,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finder_patterns_where_a_camera_looks_for_them() {
        let code = qr("portlog/log/00\n4096\n").unwrap();
        let side = code.side;
        assert_eq!(code.modules.len(), usize::from(side) * usize::from(side));
        for (column, row) in [(0, 0), (side - 7, 0), (0, side - 7)] {
            for at in 0..7 {
                assert!(code.is_dark(column + at, row), "top of {column},{row}");
                assert!(code.is_dark(column, row + at), "left of {column},{row}");
            }
            assert!(code.is_dark(column + 3, row + 3) && !code.is_dark(column + 1, row + 1));
        }
        assert!(!code.is_dark(side, 0));
    }

    #[test]
    fn what_no_code_can_hold_is_refused() {
        let error = qr(&"x".repeat(3_000)).unwrap_err();
        assert!(error.to_string().contains("3000"), "{error}");
    }
}
