package org.portlog.core

import java.io.Closeable

/**
 * An open session of the Rust core. Safe for use from several threads; [close] ends it for all.
 *
 * Errors are [PortlogException] (something outside, such as a full disk),
 * [IllegalArgumentException] (a record that is none), [IllegalStateException] (closed) and
 * [AssertionError] (a fault of ours).
 */
class Agent private constructor(private val handle: Long) : Closeable {
    /** Starts the watch; does nothing when it runs. */
    fun start() = Native.start(handle)

    /** Ends the watch, within a second; `false` when it did not end in time. */
    fun stop(): Boolean = Native.stop(handle)

    /**
     * What happened since the last call; waits for the first, a minute at most. `null` once the
     * session is closed.
     */
    fun nextEvents(timeoutMillis: Long): List<Told>? =
        Native.nextEvents(handle, timeoutMillis)?.let { RecordReader(it).only { list { told() } } }

    /** What the watch screen shows. */
    fun snapshot(query: BoardQuery): Board =
        RecordReader(Native.snapshot(handle, RecordWriter.of { boardQuery(query) }))
            .only { board() }

    /** Everything about an owner; `null` for one that is not known. */
    fun owner(key: String): OwnerDetails? =
        Native.owner(handle, key)?.let { RecordReader(it).only { ownerDetails() } }

    /** Everything about a connection; `null` for one that is no longer on the board. */
    fun connection(id: Long): ConnectionDetails? =
        Native.connection(handle, id)?.let { RecordReader(it).only { connectionDetails() } }

    /** One view for each claim, latest first. */
    fun alerts(withNoted: Boolean): List<AlertView> =
        RecordReader(Native.alerts(handle, withNoted)).only { list { alertView() } }

    /** A page of the history. */
    fun history(query: HistoryQuery): HistoryPage =
        RecordReader(Native.history(handle, RecordWriter.of { historyQuery(query) }))
            .only { historyPage() }

    /** Puts a package list in force. */
    fun setPackages(feed: PackageFeed) =
        Native.setPackages(handle, RecordWriter.of { packageFeed(feed) })

    /**
     * Takes a reading of byte counters; an empty one where nothing can be told, or where the next
     * cannot be compared with those before.
     */
    fun setCounters(rows: List<UidBytes>) =
        Native.setCounters(handle, RecordWriter.of { list(rows) { uidBytes(it) } })

    /** Changes the shelf of lists; how it stands afterwards. */
    fun setLists(change: ListChange): List<ListLine> =
        RecordReader(Native.setLists(handle, RecordWriter.of { listChange(change) }))
            .only { list { listLine() } }

    /** Takes other settings. */
    fun setSettings(settings: Settings) =
        Native.setSettings(handle, RecordWriter.of { settings(settings) })

    /** Mutes, or takes that back. */
    fun mute(rule: MuteRule, muted: Boolean) =
        Native.mute(handle, RecordWriter.of { muteRule(rule) }, muted)

    /** Makes a step of a practice alert. */
    fun practice(step: PracticeStep): PracticeReport =
        RecordReader(Native.practice(handle, RecordWriter.of { practiceStep(step) }))
            .only { practiceReport() }

    /** Keeps a note in the history. */
    fun note(note: Note) = Native.note(handle, RecordWriter.of { note(note) })

    /** Asks something of the signed log; pages, exports and checks of a large one take seconds. */
    fun <A : LogAnswer> log(request: LogRequest<A>): A = request.take(
        RecordReader(Native.log(handle, RecordWriter.of { logRequest(request) }))
            .only { logAnswer() },
    )

    /** Asks something of the DNS tap; [TapRequest.Next] waits. */
    fun <A : TapAnswer> tap(request: TapRequest<A>): A = request.take(
        RecordReader(Native.tap(handle, RecordWriter.of { tapRequest(request) }))
            .only { tapAnswer() },
    )

    /** Asks something about the helper. */
    fun <A : ReachAnswer> reach(request: ReachRequest<A>): A = request.take(
        RecordReader(Native.reach(handle, RecordWriter.of { reachRequest(request) }))
            .only { reachAnswer() },
    )

    /** How it is going. */
    fun stats(): Stats = RecordReader(Native.stats(handle)).only { stats() }

    /** Ends the watch. May be called twice. */
    override fun close() = Native.close(handle)

    companion object {
        init {
            System.loadLibrary("portlog")
        }

        /** Opens a session; its state is read, nothing runs yet. */
        fun open(config: Config): Agent = Agent(Native.open(RecordWriter.of { config(config) }))
    }
}

/** Something outside kept the core from doing what was asked; the message says what to do. */
class PortlogException(message: String) : Exception(message)
