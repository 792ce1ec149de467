//! The order of fields and variants of what is asked and told of the signed log.

use std::hint;

use portlog_agent::session::{
    BeforeReset, CheckpointView, DataKey, DeviceFeed, Exported, FoundFile, Keeping, KindCount,
    LogAnswer, LogKind, LogPage, LogQuery, LogRequest, LogRow, LogStatus, MarkView, Outcome,
    QrCode, ResetCheck, ShareChoice, SharePreset, SharePreview, Verdict, WitnessedLine, Witnessing,
};

use super::shapes::no_variant;
use super::{Compact, Fault, Malformed, Reader, Writer};
use crate::asked::AskedLog;

choice! {
    LogKind {
        Started, Device, Stopped, Opened, Changed, Closed, Alert, Coverage, Clock, Heartbeat, Gap,
        Drop, List, Packages, Mark, Practice, Config, Epoch, Witness, Predecessor, Prune,
    }
    Keeping { Writing, Failing, Off }
    SharePreset { Alerts, Firmware, Everything }
    FoundFile { Bundle, OwnCheckpoint, Checkpoint, Answer, Nothing }
}

record! {
    LogStatus {
        keeping, keeping_text, failing_since, origin, key, size, epochs, bytes, first, last,
        size_text, pruned_below, pruned_text, everyone, recorded_text, witnessed, witnessed_text,
        witness_due, exported, exported_text, predecessor_text,
    }
    WitnessedLine { name, at, size, since }
    LogQuery { kinds, text, before, limit }
    LogPage { rows, next, size }
    LogRow { index, at, kind, kind_text, text }
    ShareChoice { preset, since, until, redact, with_local }
    SharePreview {
        first_lines, first_lines_text, shown, size, kinds, owners, more_owners, hosts, more_hosts,
        withheld, warnings, bytes, problem,
    }
    KindCount { kind, text, count }
    Exported { done, text, path, shown, size, bytes, sha256 }
    Outcome { done, text, index }
    CheckpointView { text, code, size, explanation }
    QrCode { side, modules }
    Witnessing { signed, lines, answer, code, verdict }
    Verdict { found, unchanged, first_lines, lines, level, details, origin, shown, size, rows }
    BeforeReset { ready, checks }
    ResetCheck { done, title, text }
    AskedLog { data_key, device }
    DeviceFeed {
        model, fingerprint, tags, security_patch, baseband, verified_boot, bootloader, selinux, adb,
        apk_signer,
    }
}

sum! {
    LogRequest "LogRequest" {
        0 Status,
        1 Page(query),
        2 Mark(mark),
        3 Preview(choice),
        4 Export { choice, path },
        5 Saved,
        6 Checkpoint,
        7 Answer(text),
        8 Witness { path, name },
        9 Verify(path),
        10 Predecessor(text),
        11 Record { everyone },
        12 BeforeReset,
        13 PasswordsKnown(known),
        14 Erase { key },
        15 HeldByTwo(held),
        16 Keep(on),
        17 Device(feed),
    }
    MarkView "Mark" {
        0 Words(text),
        1 SimIn,
        2 ContactSaved,
        3 MessageSent,
        4 ServiceOff,
        5 Update,
        6 SignIn,
    }
    LogAnswer "LogAnswer" {
        0 Status(status),
        1 Page(page),
        2 Outcome(outcome),
        3 Preview(preview),
        4 Exported(exported),
        5 Checkpoint(checkpoint),
        6 Witnessing(witnessing),
        7 Verdict(verdict),
        8 BeforeReset(checks),
    }
}

/// As a list of bytes; read without a copy that would have to be overwritten.
impl Compact for DataKey {
    fn write(&self, out: &mut Writer) {
        let bytes = self.as_bytes();
        u32::try_from(bytes.len()).unwrap_or(u32::MAX).write(out);
        out.put(bytes);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let at = from.at();
        let length = u32::read(from)?;
        if usize::try_from(length) != Ok(Self::SIZE) {
            return Err(Malformed::new(at, Fault::Key(length)));
        }
        let mut key = [0; Self::SIZE];
        key.copy_from_slice(from.take(Self::SIZE)?);
        let read = Self::new(key);
        key.fill(0);
        hint::black_box(&key);
        Ok(read)
    }
}
