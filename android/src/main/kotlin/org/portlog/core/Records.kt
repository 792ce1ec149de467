package org.portlog.core

/*
 * What crosses the bridge: flat, immutable values in the words that people read.
 *
 * Each class is one record of the compact form (documented in rust/jni/src/compact.rs): the same
 * fields in the same order as its namesake in rust/agent/src/session/views.rs. Nothing is decided
 * here. Times are milliseconds since 1970 (UTC).
 */

/** How sure a claim is. */
enum class Level { NOTED, POSSIBLE, MATCH }

/** What a list is for. */
enum class Category { OWN, THREAT, TRACKER, VENDOR_SERVICE, REPORTED }

/** A transport protocol. */
enum class Protocol { TCP, UDP, UDP_LITE, RAW, ICMP }

/** The kernel's state of a socket. */
enum class SocketState {
    ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK,
    LISTEN, CLOSING, NEW_SYN_RECV, BOUND_INACTIVE,
}

/** Who began a connection. */
enum class Direction { OUT, IN, UNKNOWN }

/** What sort of owner a UID is. */
enum class OwnerKind {
    KERNEL, SYSTEM, SHELL, APP, SHARED, ISOLATED, SANDBOX, REMOVED, USER, SERVICE, UNKNOWN,
}

/** Whether an owner comes with the phone. */
enum class Firmware { YES, NO, MIXED, PRELOADED, UNKNOWN }

/** What could be looked at. */
enum class CoverageStatus { READABLE, DENIED, ABSENT, UNTRUSTED }

/** Where a session stands. */
enum class SessionState { STOPPED, STARTING, WATCHING, DENIED, FAILED }

/** What the watch screen shows. */
data class Board(
    val generation: Long,
    val state: SessionState,
    val stateText: String,
    val watchedText: String,
    val notLiveText: String,
    val coverage: List<CoverageLine>,
    val connections: List<ConnectionLine>,
    val matching: Long,
    val total: Long,
)

/** One piece of coverage, in a sentence. */
data class CoverageLine(val item: String, val status: CoverageStatus, val text: String)

/** One connection or listener in a list. */
data class ConnectionLine(
    val id: Long,
    val protocol: Protocol,
    val local: String,
    val remote: String,
    val state: SocketState,
    val direction: Direction,
    val listener: Boolean,
    val practice: Boolean,
    val owner: OwnerLine,
    val level: Level?,
    val names: List<String>,
    val firstSeen: Long,
    val closedAt: Long?,
    val text: String,
)

/** An owner in a list. [key] names it across runs. */
data class OwnerLine(
    val key: String,
    val uid: Int?,
    val user: Int?,
    val name: String,
    val kind: OwnerKind,
    val firmware: Firmware,
    val kindText: String,
    val packages: List<String>,
)

/** Whose connections are shown. */
enum class OwnerChoice { ALL, FIRMWARE, APPS }

/** Whether listeners are shown. */
enum class ListenerChoice { SHOWN, HIDDEN, ONLY }

/** The order of a board. */
enum class Sort { FIRMWARE_FIRST, NEWEST, OWNER, REMOTE }

/** Which connections a board shall show; a [limit] of 0 is none. */
data class BoardQuery(
    val text: String = "",
    val owners: OwnerChoice = OwnerChoice.ALL,
    val alertsOnly: Boolean = false,
    val protocol: Protocol? = null,
    val listeners: ListenerChoice = ListenerChoice.SHOWN,
    val ownerKey: String? = null,
    val sort: Sort = Sort.FIRMWARE_FIRST,
    val limit: Int = 0,
)

/** One claim that was raised or noted; [key] names it across runs. */
data class AlertView(
    val key: String,
    val level: Level,
    val sounds: Boolean,
    val practice: Boolean,
    val muted: Boolean,
    val title: String,
    val text: String,
    val body: String,
    val publicText: String,
    val owner: OwnerLine,
    val remote: String,
    val list: String,
    val entry: String,
    val category: Category?,
    val weakened: List<String>,
    val explanations: List<String>,
    val advice: List<String>,
    val candidates: List<String>,
    val firstSeen: Long,
    val lastSeen: Long,
    val count: Long,
    val bundled: Int,
    val connection: Long?,
)

/** What sort of thing happened. */
enum class ToldKind {
    STARTED, OPENED, CHANGED, CLOSED, ALERT, NOTED, NOTED_SUMMARY, COVERAGE, LIST, PACKAGES, CLOCK,
    HEARTBEAT, CONFIG, DROP, GAP, PRACTICE, SYSTEM, STOPPED,
}

/** Something that happened; [sequence] is 0 for what the history does not keep. */
data class Told(
    val sequence: Long,
    val at: Long,
    val kind: ToldKind,
    val text: String,
    val ownerKey: String?,
    val connection: ConnectionLine?,
    val alert: AlertView?,
)

/** Which part of the history is asked for: newest first, older than [before] (0: the newest). */
data class HistoryQuery(
    val kinds: List<ToldKind> = emptyList(),
    val text: String = "",
    val ownerKey: String? = null,
    val before: Long = 0,
    val limit: Int = 100,
)

/** A page of the history, newest first. */
data class HistoryPage(
    val records: List<Told>,
    val matching: Long,
    val kept: Long,
    val since: Long?,
)

/** Everything about one owner. [firstSeen] and [lastSeen] are of its connections' openings. */
data class OwnerDetails(
    val owner: OwnerLine,
    val sentences: List<String>,
    val packages: List<PackageLine>,
    val destinations: List<Destination>,
    val connections: List<ConnectionLine>,
    val firstSeen: Long?,
    val lastSeen: Long?,
    val bytes: ByteCounts?,
    val timeline: List<TimelineHour>,
    val timelineText: String,
    val muted: Boolean,
)

/** Bytes since they are counted. */
data class ByteCounts(val received: Long, val sent: Long)

/** A package of an owner, with what the package list tells; empty where it does not. */
data class PackageLine(
    val name: String,
    val label: String,
    val version: String,
    val place: String,
    val signer: String,
    val installer: String,
    val firstInstall: Long?,
)

/** Where an owner was seen to connect. */
data class Destination(
    val remote: String,
    val protocol: Protocol,
    val firstSeen: Long,
    val lastSeen: Long,
    val count: Long,
    val level: Level?,
)

/** One hour of a timeline. */
data class TimelineHour(
    val start: Long,
    val opened: Int,
    val alerts: Int,
    val watchedPercent: Int,
)

/** Everything about one connection. */
data class ConnectionDetails(
    val line: ConnectionLine,
    val sentences: List<String>,
    val matches: List<MatchLine>,
    val history: List<Told>,
)

/** What one entry of a list says of a connection. */
data class MatchLine(
    val level: Level,
    val list: String,
    val category: Category,
    val entry: String,
    val line: Long,
    val listDate: Long?,
    val listSha256: String,
    val weakened: List<String>,
)

/** A list on the shelf. */
data class ListLine(
    val id: Int,
    val name: String,
    val category: Category,
    val enabled: Boolean,
    val rules: Long,
    val badLines: Long,
    val bad: List<BadLineView>,
    val date: Long?,
    val imported: Long,
    val sha256: String,
    val ageText: String,
    val problem: String,
)

/** A line of a list that could not be used. */
data class BadLineView(val line: Long, val reason: String)

/** A change of the shelf of lists. */
sealed class ListChange {
    /** None: only look. */
    object Look : ListChange()

    /** Copies a file onto the shelf and enables it. */
    data class Import(val name: String, val category: Category?, val path: String) : ListChange()

    /** Puts another file in the place of a list. */
    data class Replace(val id: Int, val path: String) : ListChange()

    /** Puts a list in force, or out of it. */
    data class Enable(val id: Int, val enabled: Boolean) : ListChange()

    /** Gives a list another category. */
    data class Categorise(val id: Int, val category: Category) : ListChange()

    /** Removes a list and its copy. */
    data class Remove(val id: Int) : ListChange()
}

/** How a session is going; the four spans are milliseconds since the history begins. */
data class Stats(
    val generation: Long,
    val state: SessionState,
    val stateText: String,
    val since: Long?,
    val lastLook: Long?,
    val polls: Long,
    val watched: Long,
    val asleep: Long,
    val denied: Long,
    val stopped: Long,
    val connections: Long,
    val alerts: Long,
    val dropped: Long,
    val ongoingTitle: String,
    val ongoingText: String,
    val mutes: List<MuteLine>,
    val version: String,
)

/** Something that is muted, in words. */
data class MuteLine(val rule: MuteRule, val text: String)

/** What shall be muted. */
sealed class MuteRule {
    /** An owner, by its key. */
    data class Owner(val key: String) : MuteRule()

    /** An entry, by its text, in whichever list. */
    data class Entry(val text: String) : MuteRule()

    /** A remote address, without port. */
    data class Remote(val address: String) : MuteRule()
}

/** How a link of a practice alert stands. */
enum class LinkState { WAITING, PASSED, FAILED }

/** The links: row, owner, list, alert, notification, seen and heard. */
data class PracticeReport(
    val running: Boolean,
    val links: List<PracticeLinkLine>,
    val lastPassed: Long?,
)

/** One link, in words. */
data class PracticeLinkLine(val state: LinkState, val text: String)

/** A step of a practice alert. */
sealed class PracticeStep {
    /** None: only look. */
    object Look : PracticeStep()

    /** Opens a connection of our own on the loopback interface. */
    object Begin : PracticeStep()

    /** The notification was shown, or could not be. */
    data class Notified(val shown: Boolean) : PracticeStep()

    /** The user saw and heard it, or did not. */
    data class Confirmed(val noticed: Boolean) : PracticeStep()
}

/** Something that only the phone's framework tells, for the history. */
data class Note(val at: Long, val kind: NoteKind, val detail: String)

/** What sort of note. */
sealed class NoteKind {
    /** Why this process died: `ApplicationExitInfo.REASON_*`. */
    data class Death(val reason: Int) : NoteKind()

    /** The phone booted and the watch was not started then. */
    object StartMissed : NoteKind()

    /** The watch was started by the system or the user; the detail says which. */
    object StartedBy : NoteKind()
}

/** What a session is opened with, once; a [log] of `null` keeps no signed log. */
data class Config(
    val stateFolder: String,
    val procRoot: String,
    val sdk: Int,
    val settings: Settings,
    val log: LogConfig? = null,
)

/** What can be set while a session is open. */
data class Settings(
    val language: String,
    val utcOffsetSeconds: Int,
    val scopeAll: Boolean,
    val intervalMillis: Long,
    val idleIntervalMillis: Long,
)

/** The package list as the phone's framework tells it. */
data class PackageFeed(val permission: ListPermission, val packages: List<PackageFacts>)

/** Whether the app may see the list of packages. */
enum class ListPermission { NOT_NEEDED, GRANTED, DENIED }

/** One package under one UID; `null` and empty are "not told". */
data class PackageFacts(
    val name: String,
    val uid: Int,
    val system: Boolean,
    val updatedSystem: Boolean,
    val sourcePath: String?,
    val factoryPath: String?,
    val version: String?,
    val label: String?,
    val signers: List<String>,
    val installerKnown: Boolean,
    val installer: String?,
    val launcherEntry: Boolean?,
    val firstInstall: Long?,
)

/** Bytes of one UID since a beginning that stays the same while readings are compared. */
data class UidBytes(val uid: Int, val received: Long, val sent: Long)
