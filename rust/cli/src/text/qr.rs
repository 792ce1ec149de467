//! A QR code in a terminal: two modules a character, by half blocks.

use portlog_agent::testimony::Qr;

/// Light modules around a code, as ISO/IEC 18004 wants them.
const QUIET: i16 = 4;

/// Appends the code. Ink is the light part: on a dark terminal that is how a camera expects it; most
/// read the other way as well.
pub(crate) fn write(out: &mut String, code: &Qr) {
    let end = i16::from(code.side) + QUIET;
    let is_light = |column: i16, row: i16| {
        let at = |number: i16| u8::try_from(number).ok();
        match (at(column), at(row)) {
            (Some(column), Some(row)) => !code.is_dark(column, row),
            _ => true,
        }
    };
    let mut row = -QUIET;
    while row < end {
        for column in -QUIET..end {
            // Below the last row there is nothing, neither light nor dark.
            let below = row + 1 < end && is_light(column, row + 1);
            out.push(match (is_light(column, row), below) {
                (true, true) => '\u{2588}',
                (true, false) => '\u{2580}',
                (false, true) => '\u{2584}',
                (false, false) => ' ',
            });
        }
        out.push('\n');
        row += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_is_where_it_was() {
        let code = portlog_agent::testimony::qr("portlog/log/00\n4096\n").unwrap();
        let mut out = String::new();
        write(&mut out, &code);
        let lines: Vec<Vec<char>> = out.lines().map(|line| line.chars().collect()).collect();
        let side = usize::from(code.side);
        assert_eq!(lines.len(), (side + 8).div_ceil(2));
        assert!(lines.iter().all(|line| line.len() == side + 8));
        let rows = lines.iter().flat_map(|line| [(line, 0), (line, 1)]);
        for (row, (line, half)) in rows.take(side + 8).enumerate() {
            for (column, c) in line.iter().enumerate() {
                let light = match half {
                    0 => matches!(c, '\u{2588}' | '\u{2580}'),
                    _ => matches!(c, '\u{2588}' | '\u{2584}'),
                };
                let inside = |at: usize| at.checked_sub(4).and_then(|at| u8::try_from(at).ok());
                let dark = match (inside(column), inside(row)) {
                    (Some(column), Some(row)) => code.is_dark(column, row),
                    _ => false,
                };
                assert_eq!(light, !dark, "{column},{row}");
            }
        }
    }
}
