//! What a front end asks of the signed log, and what it is shown of it.
//!
//! One request has one answer of the same name; both cross the bridge as a sum, so that one native
//! serves the whole of the log. Every text that claims something is already in the session's
//! language; what a *reader* of a shared file will see first is also given in its fixed English form.
//! What cannot be done and can be told in words (nothing to export, an answer by the wrong witness)
//! is an [`Outcome`], not an error.

use portlog_journal::DataKey;
pub use portlog_journal::entry::Kind as LogKind;

/// What is asked of the log.
#[derive(Clone, Debug, PartialEq)]
pub enum LogRequest {
    /// How it stands: [`LogAnswer::Status`].
    Status,
    /// A page of its entries: [`LogAnswer::Page`].
    Page(LogQuery),
    /// Writes a mark, durable when it is answered: [`LogAnswer::Outcome`].
    Mark(MarkView),
    /// What a reader would see of a choice: [`LogAnswer::Preview`].
    Preview(ShareChoice),
    /// Writes the bundle of a choice to a new file: [`LogAnswer::Exported`].
    Export {
        /// What is shown.
        choice: ShareChoice,
        /// Where to: an absolute path of this app's own; made 0600, replaced where it is there.
        path: String,
    },
    /// The user says that the latest export is kept off the phone: [`LogAnswer::BeforeReset`].
    Saved,
    /// The signed state, for a witness: [`LogAnswer::Checkpoint`].
    Checkpoint,
    /// Takes a witness's answer, the text of a file or a code: [`LogAnswer::Outcome`].
    Answer(String),
    /// This phone as the witness of somebody else's bundle: [`LogAnswer::Witnessing`].
    Witness {
        /// Where the bundle lies.
        path: String,
        /// What the witness wants to be called; the name of its key is made of it.
        name: String,
    },
    /// Checks a bundle at a path, or says what else the file is: [`LogAnswer::Verdict`].
    Verify(String),
    /// Names the log before a reset, by its last checkpoint as text: [`LogAnswer::Outcome`].
    Predecessor(String),
    /// Whether other apps' connections and other Android users' are recorded too:
    /// [`LogAnswer::Status`].
    Record {
        /// Whether everyone's are.
        everyone: bool,
    },
    /// The three checks before a reset: [`LogAnswer::BeforeReset`].
    BeforeReset,
    /// The user says whether the passwords that a reset asks for are known:
    /// [`LogAnswer::BeforeReset`].
    PasswordsKnown(bool),
    /// Removes the log and its keys for good, and the history beside it, and begins a new log:
    /// [`LogAnswer::Status`].
    Erase {
        /// What seals the secrets from now on; `None` where they lie in files. The front end has
        /// destroyed the key before it, so that nothing opens what may be left of the old log's.
        key: Option<DataKey>,
    },
    /// The user says whether two others keep the text or a picture of the checkpoint:
    /// [`LogAnswer::BeforeReset`].
    HeldByTwo(bool),
    /// Whether a log is written from now on; what there is stays: [`LogAnswer::Status`].
    Keep(bool),
    /// What the phone's framework says of the phone now; where that became another, an entry says so:
    /// [`LogAnswer::Status`].
    Device(DeviceFeed),
}

/// The answer to a [`LogRequest`].
#[derive(Clone, Debug, PartialEq)]
pub enum LogAnswer {
    /// How the log stands.
    Status(LogStatus),
    /// A page of entries.
    Page(LogPage),
    /// Whether it was done, in words.
    Outcome(Outcome),
    /// What a reader would see.
    Preview(SharePreview),
    /// A bundle was written.
    Exported(Exported),
    /// The signed state.
    Checkpoint(CheckpointView),
    /// What this phone says as a witness.
    Witnessing(Witnessing),
    /// What a check found.
    Verdict(Verdict),
    /// The checks before a reset.
    BeforeReset(BeforeReset),
}

/// How the log stands.
#[derive(Clone, Debug, PartialEq)]
pub struct LogStatus {
    /// Whether it is written.
    pub keeping: Keeping,
    /// The same in a sentence; where it is not written, why and since when.
    pub keeping_text: String,
    /// Since when it is not written; `None` where it is.
    pub failing_since: Option<i64>,
    /// The log's name, `portlog/log/…`; empty where there is none.
    pub origin: String,
    /// Its first public key, as a verifier takes it (`--key`); empty where there is none.
    pub key: String,
    /// Entries.
    pub size: u64,
    /// Keys that signed it so far.
    pub epochs: u32,
    /// Bytes on this phone.
    pub bytes: u64,
    /// When the first entry was written; `None` where there is none.
    pub first: Option<i64>,
    /// When the latest was.
    pub last: Option<i64>,
    /// Size and span in a sentence.
    pub size_text: String,
    /// Rows below this entry are gone (their hashes stay); `None` where none are.
    pub pruned_below: Option<u64>,
    /// The same in a sentence; empty where none are.
    pub pruned_text: String,
    /// Whether everyone's connections are recorded.
    pub everyone: bool,
    /// Whose are, in a sentence.
    pub recorded_text: String,
    /// The latest answer of a witness; `None` where there was none.
    pub witnessed: Option<WitnessedLine>,
    /// When the log was last witnessed, in a sentence; also where it never was.
    pub witnessed_text: String,
    /// Whether it is time to show the checkpoint to a witness: never done, a day ago, or a match since.
    pub witness_due: bool,
    /// When a bundle was last written; `None` where none was.
    pub exported: Option<i64>,
    /// The same in a sentence.
    pub exported_text: String,
    /// That this log continues another, in a sentence; empty where it does not.
    pub predecessor_text: String,
}

/// Whether the log is written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Keeping {
    /// It is.
    Writing,
    /// It is not, and should be.
    Failing,
    /// No log is written: the user wants none, or the session was opened so.
    Off,
}

/// A witness's answer that the log holds.
#[derive(Clone, Debug, PartialEq)]
pub struct WitnessedLine {
    /// The name of the witness's key.
    pub name: String,
    /// When the witness signed, by its clock.
    pub at: i64,
    /// Entries that its signature covers.
    pub size: u64,
    /// Entries that came since, which it does not cover.
    pub since: u64,
}

/// Which entries are asked for: newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogQuery {
    /// Only these kinds; empty for all.
    pub kinds: Vec<LogKind>,
    /// Only what contains this text, whatever its case.
    pub text: String,
    /// Only what has a smaller index; `None` for the newest.
    pub before: Option<u64>,
    /// At most so many; at most 500 are given.
    pub limit: u32,
}

/// A page of entries, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct LogPage {
    /// The entries.
    pub rows: Vec<LogRow>,
    /// What to give as `before` for the next page; `None` at the end. A page may be short of rows, or
    /// empty, and the next still have some: a search looks at a bounded number of entries at a time.
    pub next: Option<u64>,
    /// Entries of the log.
    pub size: u64,
}

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow {
    /// Its index.
    pub index: u64,
    /// When it was noticed; `None` where it does not say.
    pub at: Option<i64>,
    /// Of what kind.
    pub kind: LogKind,
    /// The kind in a word or two.
    pub kind_text: String,
    /// What it says, in one line.
    pub text: String,
}

/// What a mark says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MarkView {
    /// The operator's words.
    Words(String),
    /// A SIM card was put in.
    SimIn,
    /// A contact was saved.
    ContactSaved,
    /// A message was sent.
    MessageSent,
    /// A service was switched off.
    ServiceOff,
    /// The phone's software was updated.
    Update,
    /// Somebody signed in to an account.
    SignIn,
}

/// What is shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareChoice {
    /// How much.
    pub preset: SharePreset,
    /// Not before this time.
    pub since: Option<i64>,
    /// Not after this time.
    pub until: Option<i64>,
    /// Fields to withhold, by name: `remote` (with names and list entries, which tell it), `owner`,
    /// `program`, `text` (the words of marks), and any other of the format.
    pub redact: Vec<String>,
    /// Whether this phone's own addresses are disclosed.
    pub with_local: bool,
}

/// How much is shared.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum SharePreset {
    /// Alerts and what is needed to understand them.
    #[default]
    Alerts,
    /// That, and every connection of owners that come with the phone or may.
    Firmware,
    /// Every entry.
    Everything,
}

/// What a reader of a bundle would see.
#[derive(Clone, Debug, PartialEq)]
pub struct SharePreview {
    /// The fixed lines with which every check begins, as a stranger who knows nothing sees them.
    pub first_lines: Vec<String>,
    /// The same in the session's language.
    pub first_lines_text: Vec<String>,
    /// Entries that would be shown.
    pub shown: u64,
    /// Entries of the log.
    pub size: u64,
    /// What sorts of entries, most first.
    pub kinds: Vec<KindCount>,
    /// Owners that would be named, in words, bounded.
    pub owners: Vec<String>,
    /// How many more owners.
    pub more_owners: u64,
    /// Hosts and addresses that would be told, bounded.
    pub hosts: Vec<String>,
    /// How many more of those.
    pub more_hosts: u64,
    /// What is withheld, each in a sentence.
    pub withheld: Vec<String>,
    /// What should be known before this is shared, each in a sentence.
    pub warnings: Vec<String>,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// Why there is nothing to share; empty where there is.
    pub problem: String,
}

/// How many entries of a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct KindCount {
    /// The kind.
    pub kind: LogKind,
    /// In a word or two.
    pub text: String,
    /// How many.
    pub count: u64,
}

/// A bundle that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// Whether it was; nothing is left of it where not.
    pub done: bool,
    /// What was written, or why not, in a sentence.
    pub text: String,
    /// Where it lies.
    pub path: String,
    /// Entries shown.
    pub shown: u64,
    /// Entries of the log.
    pub size: u64,
    /// The file's bytes.
    pub bytes: u64,
    /// The file's SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Whether something was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Whether.
    pub done: bool,
    /// What was done, or why not, in a sentence.
    pub text: String,
    /// The index of the entry that says so; `None` where there is none.
    pub index: Option<u64>,
}

/// The signed state of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckpointView {
    /// As a witness reads it; empty where there is no log.
    pub text: String,
    /// The same as a code; `None` where there is no log.
    pub code: Option<QrCode>,
    /// Entries that it covers.
    pub size: u64,
    /// What it is for, in a sentence.
    pub explanation: String,
}

/// A QR code without its quiet zone, which is four modules wide.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct QrCode {
    /// Modules along a side, at most 177.
    pub side: u32,
    /// Row by row; `true` is dark. `side` times `side` of them.
    pub modules: Vec<bool>,
}

/// What this phone says as a witness of somebody else's log.
#[derive(Clone, Debug, PartialEq)]
pub struct Witnessing {
    /// Whether it signed.
    pub signed: bool,
    /// Whether it did, what it remembers from now on; or why not. In sentences.
    pub lines: Vec<String>,
    /// The answer to bring back to the phone; empty where it did not sign.
    pub answer: String,
    /// The same as a code.
    pub code: Option<QrCode>,
    /// What the check of the bundle found.
    pub verdict: Verdict,
}

/// What the check of a bundle found.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What the file is.
    pub found: FoundFile,
    /// Whether it is a bundle and unchanged since it was signed.
    pub unchanged: bool,
    /// The fixed lines with which every check begins; none where it is not unchanged.
    pub first_lines: Vec<String>,
    /// The same in the session's language; or what is wrong with the file.
    pub lines: Vec<String>,
    /// How much speaks for it: `L0`, `L1`, `L3`; empty where it is not unchanged.
    pub level: String,
    /// The same, and what was watched, in sentences.
    pub details: Vec<String>,
    /// The log's name; empty where it is not unchanged.
    pub origin: String,
    /// Entries shown.
    pub shown: u64,
    /// Entries of the log.
    pub size: u64,
    /// The first shown entries, at most 100.
    pub rows: Vec<LogRow>,
}

/// What a file or text is that somebody gave.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FoundFile {
    /// A bundle, or what claims to be one.
    Bundle,
    /// A checkpoint of this phone's own log.
    OwnCheckpoint,
    /// A checkpoint of another log.
    Checkpoint,
    /// A witness's answer.
    Answer,
    /// Something else.
    Nothing,
}

/// The checks before a reset, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct BeforeReset {
    /// Whether all of them hold.
    pub ready: bool,
    /// An export that is kept off the phone; a checkpoint that two others hold; passwords that are
    /// known.
    pub checks: Vec<ResetCheck>,
}

/// One check before a reset.
#[derive(Clone, Debug, PartialEq)]
pub struct ResetCheck {
    /// Whether it holds.
    pub done: bool,
    /// What it is.
    pub title: String,
    /// How it stands, and what to do where it does not hold.
    pub text: String,
}

/// What the phone's framework says of the phone, for the log's device entry. `None` is "not told".
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeviceFeed {
    /// Maker and model.
    pub model: Option<String>,
    /// `Build.FINGERPRINT`.
    pub fingerprint: Option<String>,
    /// `Build.TAGS`.
    pub tags: Option<String>,
    /// The security patch level.
    pub security_patch: Option<String>,
    /// The baseband's version.
    pub baseband: Option<String>,
    /// `ro.boot.verifiedbootstate`, as self-reported.
    pub verified_boot: Option<String>,
    /// `ro.boot.flash.locked` or its like, as self-reported.
    pub bootloader: Option<String>,
    /// SELinux's mode.
    pub selinux: Option<String>,
    /// Whether debugging over adb is on.
    pub adb: Option<bool>,
    /// The SHA-256 of the certificate that signed this app, in hexadecimal.
    pub apk_signer: Option<String>,
}
