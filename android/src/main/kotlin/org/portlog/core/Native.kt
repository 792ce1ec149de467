package org.portlog.core

/**
 * The natives of libportlog.so, registered when it is loaded. [Agent] is the way to them.
 *
 * Every `ByteArray` is one record (or a list of records) in the compact form of
 * rust/jni/src/compact.rs, read and written by [RecordReader] and [RecordWriter]. A handle is
 * never given twice; one that is not open is an [IllegalStateException]. Which exception stands for
 * what: rust/jni/src/error.rs.
 */
internal object Native {
    /** Opens a session as a [Config] says; its state is read, nothing runs yet. */
    @JvmStatic external fun open(config: ByteArray): Long

    /** Starts the watch. */
    @JvmStatic external fun start(handle: Long)

    /** Ends the watch; `false` when it did not end within a second. */
    @JvmStatic external fun stop(handle: Long): Boolean

    /**
     * A list of [Told] since the last call, waiting at most so long (and no longer than a minute)
     * for the first; `null` once the session is closed, be it before the call.
     */
    @JvmStatic external fun nextEvents(handle: Long, timeoutMillis: Long): ByteArray?

    /** A [Board] for a [BoardQuery]. */
    @JvmStatic external fun snapshot(handle: Long, query: ByteArray): ByteArray

    /** [OwnerDetails] of an owner's key; `null` for one that is not known. */
    @JvmStatic external fun owner(handle: Long, key: String): ByteArray?

    /** [ConnectionDetails] of a connection's number; `null` for one that is not on the board. */
    @JvmStatic external fun connection(handle: Long, id: Long): ByteArray?

    /** A list of [AlertView], latest first: one a claim, with the noted ones where asked for. */
    @JvmStatic external fun alerts(handle: Long, withNoted: Boolean): ByteArray

    /** A [HistoryPage] for a [HistoryQuery]. */
    @JvmStatic external fun history(handle: Long, query: ByteArray): ByteArray

    /** Takes a [PackageFeed]. */
    @JvmStatic external fun setPackages(handle: Long, feed: ByteArray)

    /** Takes a list of [UidBytes]. */
    @JvmStatic external fun setCounters(handle: Long, rows: ByteArray)

    /** Makes a [ListChange]; a list of [ListLine] as it is afterwards. */
    @JvmStatic external fun setLists(handle: Long, change: ByteArray): ByteArray

    /** Takes [Settings]. */
    @JvmStatic external fun setSettings(handle: Long, settings: ByteArray)

    /** Mutes what a [MuteRule] says, or takes that back. */
    @JvmStatic external fun mute(handle: Long, rule: ByteArray, muted: Boolean)

    /** Makes a [PracticeStep]; a [PracticeReport]. */
    @JvmStatic external fun practice(handle: Long, step: ByteArray): ByteArray

    /** Keeps a [Note]. */
    @JvmStatic external fun note(handle: Long, note: ByteArray)

    /** Does what a [LogRequest] asks of the signed log; the [LogAnswer] that it has. */
    @JvmStatic external fun log(handle: Long, request: ByteArray): ByteArray

    /** Does what a [TapRequest] asks of the DNS tap; the [TapAnswer] that it has. */
    @JvmStatic external fun tap(handle: Long, request: ByteArray): ByteArray

    /** Does what a [ReachRequest] asks about the helper; the [ReachAnswer] that it has. */
    @JvmStatic external fun reach(handle: Long, request: ByteArray): ByteArray

    /** Is the helper, as [HelperOrders] say, until it ends; a [HelperEnd]. */
    @JvmStatic external fun helper(orders: ByteArray): ByteArray

    /** [Stats]. */
    @JvmStatic external fun stats(handle: Long): ByteArray

    /** Ends the watch and forgets the handle. */
    @JvmStatic external fun close(handle: Long)
}
