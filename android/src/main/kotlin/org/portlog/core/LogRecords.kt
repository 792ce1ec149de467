package org.portlog.core

/*
 * What is asked of the signed log and what it answers: the mirror of
 * rust/agent/src/session/log/views.rs, as Records.kt is of views.rs. Nothing is decided here. Times
 * are milliseconds since 1970 (UTC).
 */

/** The kinds of entries, in the order of docs/LOG-FORMAT.md. */
enum class LogKind {
    STARTED, DEVICE, STOPPED, OPENED, CHANGED, CLOSED, ALERT, COVERAGE, CLOCK, HEARTBEAT, GAP, DROP,
    LIST, PACKAGES, MARK, PRACTICE, CONFIG, EPOCH, WITNESS, PREDECESSOR, PRUNE,
}

/**
 * What is asked of the log, and which answer it has: `agent.log(LogRequest.Status)` is a
 * [LogStatus].
 */
sealed class LogRequest<A : LogAnswer>(private val answer: Class<A>) {
    internal fun take(given: LogAnswer): A = answer.cast(given)

    /** How it stands. */
    object Status : LogRequest<LogStatus>(LogStatus::class.java)

    /** A page of its entries. */
    data class Page(val query: LogQuery) : LogRequest<LogPage>(LogPage::class.java)

    /** Writes a mark, durable when it is answered. */
    data class Write(val mark: Mark) : LogRequest<Outcome>(Outcome::class.java)

    /** What a reader would see of a choice. */
    data class Preview(val choice: ShareChoice) :
        LogRequest<SharePreview>(SharePreview::class.java)

    /** Writes the bundle of a choice to a file of this app's own; made 0600. */
    data class Export(val choice: ShareChoice, val path: String) :
        LogRequest<Exported>(Exported::class.java)

    /** The user says that the latest export is kept off the phone. */
    object Saved : LogRequest<BeforeReset>(BeforeReset::class.java)

    /** The signed state, for a witness. */
    object Checkpoint : LogRequest<CheckpointView>(CheckpointView::class.java)

    /** Takes a witness's answer, the text of a file or a code. */
    data class Answer(val text: String) : LogRequest<Outcome>(Outcome::class.java)

    /** This phone, called [name], as the witness of somebody else's bundle at [path]. */
    data class Witness(val path: String, val name: String) : LogRequest<Witnessing>(Witnessing::class.java)

    /** Checks a bundle at [path], or says what else the file is. */
    data class Verify(val path: String) : LogRequest<Verdict>(Verdict::class.java)

    /** Names the log before a reset, by its last checkpoint as text. */
    data class Predecessor(val text: String) : LogRequest<Outcome>(Outcome::class.java)

    /** Whether other apps' connections and other Android users' are recorded too. */
    data class Record(val everyone: Boolean) : LogRequest<LogStatus>(LogStatus::class.java)

    /** The three checks before a reset. */
    object ResetChecks : LogRequest<BeforeReset>(BeforeReset::class.java)

    /** The user says whether the passwords that a reset asks for are known. */
    data class PasswordsKnown(val known: Boolean) :
        LogRequest<BeforeReset>(BeforeReset::class.java)

    /**
     * Removes the log and its keys for good, and the history beside it, and begins a new log that
     * [key] seals; `null` where its secrets lie in files.
     */
    data class Erase(val key: DataKey?) : LogRequest<LogStatus>(LogStatus::class.java)

    /** The user says whether two others keep the text or a picture of the checkpoint. */
    data class HeldByTwo(val held: Boolean) : LogRequest<BeforeReset>(BeforeReset::class.java)

    /** Whether a log is written from now on; what there is stays. */
    data class Keep(val on: Boolean) : LogRequest<LogStatus>(LogStatus::class.java)

    /** What the phone says of itself now; where that became another, an entry says so. */
    data class Device(val feed: DeviceFeed) : LogRequest<LogStatus>(LogStatus::class.java)
}

/** The answer to a [LogRequest]. */
sealed class LogAnswer

/** Whether the log is written: yes, no and it should be, or none is kept. */
enum class Keeping { WRITING, FAILING, OFF }

/** How the log stands; a text is empty where it has nothing to say. */
data class LogStatus(
    val keeping: Keeping,
    val keepingText: String,
    val failingSince: Long?,
    val origin: String,
    val key: String,
    val size: Long,
    val epochs: Int,
    val bytes: Long,
    val first: Long?,
    val last: Long?,
    val sizeText: String,
    val prunedBelow: Long?,
    val prunedText: String,
    val everyone: Boolean,
    val recordedText: String,
    val witnessed: WitnessedLine?,
    val witnessedText: String,
    val witnessDue: Boolean,
    val exported: Long?,
    val exportedText: String,
    val predecessorText: String,
) : LogAnswer()

/** A witness's answer: it covers [size] entries; [since] came later and are not covered. */
data class WitnessedLine(val name: String, val at: Long, val size: Long, val since: Long)

/** Which entries are asked for, newest first: of [kinds] (none: all) and before an index. */
data class LogQuery(
    val kinds: List<LogKind> = emptyList(),
    val text: String = "",
    val before: Long? = null,
    val limit: Int = 100,
)

/**
 * A page of entries, newest first. [next] is what to give as `before` for more, `null` at the end;
 * a search may give an empty page and still have a next one.
 */
data class LogPage(val rows: List<LogRow>, val next: Long?, val size: Long) : LogAnswer()

/** One entry. */
data class LogRow(
    val index: Long,
    val at: Long?,
    val kind: LogKind,
    val kindText: String,
    val text: String,
)

/** What a mark says. */
sealed class Mark {
    /** The operator's words. */
    data class Words(val text: String) : Mark()

    /** A SIM card was put in. */
    object SimIn : Mark()

    /** A contact was saved. */
    object ContactSaved : Mark()

    /** A message was sent. */
    object MessageSent : Mark()

    /** A service was switched off. */
    object ServiceOff : Mark()

    /** The phone's software was updated. */
    object Update : Mark()

    /** Somebody signed in to an account. */
    object SignIn : Mark()
}

/** How much is shared. */
enum class SharePreset { ALERTS, FIRMWARE, EVERYTHING }

/**
 * What is shared. [redact] has names of fields to withhold: `remote`, `owner`, `program`, `text`
 * (the words of marks), or any other of docs/LOG-FORMAT.md.
 */
data class ShareChoice(
    val preset: SharePreset = SharePreset.ALERTS,
    val since: Long? = null,
    val until: Long? = null,
    val redact: List<String> = emptyList(),
    val withLocal: Boolean = false,
)

/** What a reader of a bundle would see; [problem] says why there is nothing to share. */
data class SharePreview(
    val firstLines: List<String>,
    val firstLinesText: List<String>,
    val shown: Long,
    val size: Long,
    val kinds: List<KindCount>,
    val owners: List<String>,
    val moreOwners: Long,
    val hosts: List<String>,
    val moreHosts: Long,
    val withheld: List<String>,
    val warnings: List<String>,
    val bytes: Long,
    val problem: String,
) : LogAnswer()

/** How many entries of a kind. */
data class KindCount(val kind: LogKind, val text: String, val count: Long)

/** Whether a bundle was written, and which; [text] says it, or why not. */
data class Exported(
    val done: Boolean,
    val text: String,
    val path: String,
    val shown: Long,
    val size: Long,
    val bytes: Long,
    val sha256: String,
) : LogAnswer()

/** Whether something was done; [index] is the entry that says so. */
data class Outcome(val done: Boolean, val text: String, val index: Long?) : LogAnswer()

/** The signed state as a witness reads it; [text] is empty where there is no log. */
data class CheckpointView(
    val text: String,
    val code: QrCode?,
    val size: Long,
    val explanation: String,
) : LogAnswer()

/** A QR code without its quiet zone of four modules: row by row, `true` is dark. */
data class QrCode(val side: Int, val modules: List<Boolean>)

/** What this phone says as a witness; [answer] is empty where it did not sign. */
data class Witnessing(
    val signed: Boolean,
    val lines: List<String>,
    val answer: String,
    val code: QrCode?,
    val verdict: Verdict,
) : LogAnswer()

/** What a file is that somebody gave; a bundle, or what claims to be one. */
enum class FoundFile { BUNDLE, OWN_CHECKPOINT, CHECKPOINT, ANSWER, NOTHING }

/**
 * What the check of a bundle found: [firstLines] are fixed, [lines] say the same in words, or what
 * is wrong; [rows] are the first shown entries.
 */
data class Verdict(
    val found: FoundFile,
    val unchanged: Boolean,
    val firstLines: List<String>,
    val lines: List<String>,
    val level: String,
    val details: List<String>,
    val origin: String,
    val shown: Long,
    val size: Long,
    val rows: List<LogRow>,
) : LogAnswer()

/** The checks before a reset, in order: export, checkpoint with two others, passwords. */
data class BeforeReset(val ready: Boolean, val checks: List<ResetCheck>) : LogAnswer()

/** One check before a reset. */
data class ResetCheck(val done: Boolean, val title: String, val text: String)

/** What [Config] says of the log: the key that seals its secrets, and what the phone is. */
data class LogConfig(val dataKey: DataKey?, val device: DeviceFeed)

/** 32 random bytes, which no text shows. */
class DataKey(internal val bytes: ByteArray) {
    init {
        require(bytes.size == SIZE) { "a data key has $SIZE bytes" }
    }

    override fun toString(): String = "DataKey(..)"

    companion object {
        /** Bytes of a key. */
        const val SIZE: Int = 32
    }
}

/** What the phone's framework says of the phone; `null` is "not told". */
data class DeviceFeed(
    val model: String? = null,
    val fingerprint: String? = null,
    val tags: String? = null,
    val securityPatch: String? = null,
    val baseband: String? = null,
    val verifiedBoot: String? = null,
    val bootloader: String? = null,
    val selinux: String? = null,
    val adb: Boolean? = null,
    val apkSigner: String? = null,
)
