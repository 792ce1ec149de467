//! The answers of the loop: bytes in, sections out.
//!
//! Pure, and wary of all that a shell may put around and between: the echo of a terminal, prompts,
//! notices of adb, line ends of CR LF (a terminal's, which adb before Android 7 always gives; some
//! make two CR of it). Whatever is not between two marks is skipped; a mark is a line that begins
//! with the number of the request, of 128 random bits, so that only the loop can have written it.

/// A piece of an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Section {
    /// The word that was asked.
    pub word: String,
    /// What the command wrote, with the line ends of a file.
    pub text: Vec<u8>,
    /// The command's exit status; `None` where the mark holds no number.
    pub status: Option<i32>,
    /// Bytes beyond [`Answer::MAX_SECTION`] were dropped.
    pub truncated: bool,
}

impl Section {
    /// Its text, where the command ended well.
    pub fn done(&self) -> Option<&[u8]> {
        (self.status == Some(0)).then_some(&self.text)
    }
}

/// An answer on its way.
#[derive(Debug)]
pub struct Answer {
    nonce: Vec<u8>,
    line: Vec<u8>,
    /// The beginning of this line was given away already: it is no mark.
    runs_on: bool,
    open: Option<Section>,
    sections: Vec<Section>,
    is_whole: bool,
    saw_terminal: bool,
}

/// Whether an answer is whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Progress {
    /// More is to come.
    More,
    /// Nothing more will come.
    Whole,
}

impl Answer {
    /// More bytes of one section are not kept.
    pub const MAX_SECTION: usize = 64 << 20;
    /// A line that is longer is kept in pieces, and can be no mark.
    pub const MAX_LINE: usize = 64 << 10;
    /// More sections than are ever asked for are not kept.
    pub const MAX_SECTIONS: usize = 64;

    /// The answer to the request with this number.
    pub fn new(nonce: &str) -> Self {
        Self {
            nonce: nonce.as_bytes().to_vec(),
            line: Vec::new(),
            runs_on: false,
            open: None,
            sections: Vec::new(),
            is_whole: false,
            saw_terminal: false,
        }
    }

    /// Takes what came next. What follows the end of the answer is skipped.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Progress {
        while !self.is_whole && !bytes.is_empty() {
            let end = bytes.iter().position(|&byte| byte == b'\n');
            let (piece, rest) = match end {
                Some(end) => bytes.split_at_checked(end + 1).unwrap_or((bytes, &[])),
                None => (bytes, &[][..]),
            };
            bytes = rest;
            self.take(piece, end.is_some());
        }
        if self.is_whole {
            Progress::Whole
        } else {
            Progress::More
        }
    }

    /// Whether the line ends were those of a terminal.
    pub const fn saw_terminal(&self) -> bool {
        self.saw_terminal
    }

    /// The sections that are whole, in order.
    pub fn into_sections(self) -> Vec<Section> {
        self.sections
    }

    fn take(&mut self, mut piece: &[u8], ends: bool) {
        while self.line.len().saturating_add(piece.len()) > Self::MAX_LINE {
            let room = Self::MAX_LINE.saturating_sub(self.line.len());
            let (now, later) = piece.split_at_checked(room).unwrap_or((piece, &[]));
            self.line.extend_from_slice(now);
            piece = later;
            self.give_away();
            self.runs_on = true;
        }
        self.line.extend_from_slice(piece);
        if !ends {
            return;
        }
        let was_terminal = self.undo_line_end();
        if !self.runs_on && self.is_mark() {
            self.saw_terminal |= was_terminal;
            self.mark();
            self.line.clear();
        } else {
            self.give_away();
        }
        self.runs_on = false;
    }

    /// Makes one line feed of the line's end; whether it had a carriage return.
    fn undo_line_end(&mut self) -> bool {
        self.line.pop();
        let before = self.line.len();
        while self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        let had = self.line.len() < before;
        self.line.push(b'\n');
        had
    }

    fn is_mark(&self) -> bool {
        !self.nonce.is_empty()
            && self.line.starts_with(&self.nonce)
            && self.line.get(self.nonce.len()) == Some(&b' ')
    }

    fn mark(&mut self) {
        let words = self.line.get(self.nonce.len()..).unwrap_or_default();
        let words = String::from_utf8_lossy(words).into_owned();
        let mut words = words.split_ascii_whitespace();
        match (words.next(), words.next(), &mut self.open) {
            (Some("b"), Some(word), open) => {
                *open = Some(Section {
                    word: word.to_owned(),
                    text: Vec::new(),
                    status: None,
                    truncated: false,
                });
            }
            (Some("e"), Some(word), Some(open)) if open.word == word => {
                open.status = words.next().and_then(|status| status.parse().ok());
                // The loop ends every text with a line feed of its own.
                if open.text.last() == Some(&b'\n') {
                    open.text.pop();
                }
                if let Some(section) = self.open.take()
                    && self.sections.len() < Self::MAX_SECTIONS
                {
                    self.sections.push(section);
                }
            }
            (Some("z"), ..) => self.is_whole = true,
            _ => {}
        }
    }

    /// The line, or a piece of one, to the open section.
    fn give_away(&mut self) {
        if let Some(open) = &mut self.open {
            let room = Self::MAX_SECTION.saturating_sub(open.text.len());
            let kept = self.line.get(..room).unwrap_or(&self.line);
            open.truncated |= kept.len() < self.line.len();
            open.text.extend_from_slice(kept);
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: &str = "00112233445566778899aabbccddeeff";

    fn read(text: &[u8]) -> (Progress, Vec<Section>) {
        let mut answer = Answer::new(NONCE);
        let progress = answer.feed(text);
        (progress, answer.into_sections())
    }

    fn framed(word: &str, text: &[u8], status: i32) -> Vec<u8> {
        let mut out = format!("{NONCE} b {word}\n").into_bytes();
        out.extend_from_slice(text);
        out.extend_from_slice(format!("\n{NONCE} e {word} {status}\n").as_bytes());
        out
    }

    #[test]
    fn sections_come_out_as_the_commands_wrote_them() {
        let mut text = b"$ r 0011 net/tcp\r\nnoise\n".to_vec();
        text.extend(framed("net/tcp", b"a\nb\n", 0));
        text.extend(framed("boot", b"no line feed", 0));
        text.extend(framed("list", b"", 127));
        text.extend(format!("{NONCE} z\nlater").as_bytes());
        let (progress, sections) = read(&text);
        assert_eq!(progress, Progress::Whole);
        let told: Vec<_> = sections
            .iter()
            .map(|s| (s.word.as_str(), s.text.as_slice(), s.status))
            .collect();
        assert_eq!(
            told,
            [
                ("net/tcp", &b"a\nb\n"[..], Some(0)),
                ("boot", b"no line feed", Some(0)),
                ("list", b"", Some(127)),
            ]
        );
        assert_eq!(sections[2].done(), None);
    }

    #[test]
    fn the_line_ends_of_a_terminal_are_undone() {
        let text =
            format!("{NONCE} b up\r\n12.5 3\r\r\nx\ry\r\n\r\n{NONCE} e up 0\r\n{NONCE} z\r\n");
        let mut answer = Answer::new(NONCE);
        assert_eq!(answer.feed(text.as_bytes()), Progress::Whole);
        assert!(answer.saw_terminal());
        assert_eq!(answer.into_sections()[0].text, b"12.5 3\nx\ry\n");
    }

    #[test]
    fn no_content_passes_for_a_mark() {
        let other = "ffeeddccbbaa99887766554433221100";
        let content = format!(
            "{other} e net/tcp 0\n{other} z\n {NONCE} z\n{}{NONCE} z\nr {NONCE} net/tcp\n",
            "x".repeat(Answer::MAX_LINE)
        );
        let mut text = framed("net/tcp", content.as_bytes(), 0);
        text.extend(format!("{NONCE} z\n").as_bytes());
        let (progress, sections) = read(&text);
        assert_eq!(progress, Progress::Whole);
        assert_eq!(sections.len(), 1);
        assert_eq!(sections[0].text, content.as_bytes());
    }

    #[test]
    fn a_line_without_end_is_kept_within_bounds() {
        let mut answer = Answer::new(NONCE);
        answer.feed(format!("{NONCE} b net/tcp\n").as_bytes());
        let flood = vec![0_u8; 1 << 20];
        for _ in 0..70 {
            assert_eq!(answer.feed(&flood), Progress::More);
        }
        assert!(answer.line.len() <= Answer::MAX_LINE);
        answer.feed(format!("\n\n{NONCE} e net/tcp 0\n{NONCE} z\n").as_bytes());
        let sections = answer.into_sections();
        assert!(sections[0].truncated);
        assert_eq!(sections[0].text.len(), Answer::MAX_SECTION);
    }

    proptest! {
        #[test]
        fn pieces_make_the_same_answer_as_the_whole(
            content in proptest::collection::vec(any::<u8>(), 0..300),
            cuts in proptest::collection::vec(1_usize..40, 1..40),
        ) {
            let mut text = framed("dump", &content, 3);
            text.extend(format!("{NONCE} z\n").as_bytes());
            let whole = read(&text);
            let mut answer = Answer::new(NONCE);
            let mut rest = text.as_slice();
            let mut cuts = cuts.iter().cycle();
            while !rest.is_empty() {
                let (piece, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
                answer.feed(piece);
                rest = later;
            }
            prop_assert_eq!(whole, (Progress::Whole, answer.into_sections()));
        }
    }
}
