package org.portlog.emulated

import org.portlog.core.AlertView
import org.portlog.core.Board
import org.portlog.core.BoardQuery
import org.portlog.core.Config
import org.portlog.core.ConnectionDetails
import org.portlog.core.HistoryPage
import org.portlog.core.HistoryQuery
import org.portlog.core.ListChange
import org.portlog.core.ListLine
import org.portlog.core.LogAnswer
import org.portlog.core.LogRequest
import org.portlog.core.MuteRule
import org.portlog.core.Note
import org.portlog.core.OwnerDetails
import org.portlog.core.PackageFeed
import org.portlog.core.PracticeReport
import org.portlog.core.PracticeStep
import org.portlog.core.ReachAnswer
import org.portlog.core.ReachRequest
import org.portlog.core.RecordReader
import org.portlog.core.RecordWriter
import org.portlog.core.Settings
import org.portlog.core.Stats
import org.portlog.core.TapAnswer
import org.portlog.core.TapRequest
import org.portlog.core.Told
import org.portlog.core.UidBytes
import org.portlog.core.logAnswer
import org.portlog.core.logRequest
import org.portlog.core.reachAnswer
import org.portlog.core.reachRequest
import org.portlog.core.tapAnswer
import org.portlog.core.tapRequest

/**
 * What `org.portlog.core.Agent` is on a phone: the natives, with the app's own readers and writers of
 * records, but called by way of the emulator.
 */
class EmulatedAgent private constructor(private val machine: Machine, val handle: Long) {
    fun start() = call("start(J)V", handle)

    fun stop() = machine.call(NATIVES, "stop(J)Z", handle) as Boolean

    fun nextEvents(timeoutMillis: Long): List<Told>? =
        record("nextEvents(JJ)[B", handle, timeoutMillis)?.only { list { told() } }

    fun snapshot(query: BoardQuery): Board =
        given("snapshot(J[B)[B", handle, RecordWriter.of { boardQuery(query) }).only { board() }

    fun owner(key: String): OwnerDetails? =
        record("owner(JLjava/lang/String;)[B", handle, key)?.only { ownerDetails() }

    fun connection(id: Long): ConnectionDetails? =
        record("connection(JJ)[B", handle, id)?.only { connectionDetails() }

    fun alerts(withNoted: Boolean): List<AlertView> =
        given("alerts(JZ)[B", handle, withNoted).only { list { alertView() } }

    fun history(query: HistoryQuery): HistoryPage =
        given("history(J[B)[B", handle, RecordWriter.of { historyQuery(query) })
            .only { historyPage() }

    fun setPackages(feed: PackageFeed) =
        call("setPackages(J[B)V", handle, RecordWriter.of { packageFeed(feed) })

    fun setCounters(rows: List<UidBytes>) =
        call("setCounters(J[B)V", handle, RecordWriter.of { list(rows) { uidBytes(it) } })

    fun setLists(change: ListChange): List<ListLine> =
        given("setLists(J[B)[B", handle, RecordWriter.of { listChange(change) })
            .only { list { listLine() } }

    fun setSettings(settings: Settings) =
        call("setSettings(J[B)V", handle, RecordWriter.of { settings(settings) })

    fun mute(rule: MuteRule, muted: Boolean) =
        call("mute(J[BZ)V", handle, RecordWriter.of { muteRule(rule) }, muted)

    fun practice(step: PracticeStep): PracticeReport =
        given("practice(J[B)[B", handle, RecordWriter.of { practiceStep(step) })
            .only { practiceReport() }

    fun <A : TapAnswer> tap(request: TapRequest<A>): A = request.take(
        given("tap(J[B)[B", handle, RecordWriter.of { tapRequest(request) })
            .only { tapAnswer() },
    )

    fun note(note: Note) = call("note(J[B)V", handle, RecordWriter.of { note(note) })

    fun <A : LogAnswer> log(request: LogRequest<A>): A =
        request.take(
            given("log(J[B)[B", handle, RecordWriter.of { logRequest(request) })
                .only { logAnswer() },
        )

    fun <A : ReachAnswer> reach(request: ReachRequest<A>): A = request.take(
        given("reach(J[B)[B", handle, RecordWriter.of { reachRequest(request) })
            .only { reachAnswer() },
    )

    fun stats(): Stats = given("stats(J)[B", handle).only { stats() }

    fun close() = call("close(J)V", handle)

    private fun call(native: String, vararg arguments: Any) {
        machine.call(NATIVES, native, *arguments)
    }

    private fun record(native: String, vararg arguments: Any): RecordReader? =
        (machine.call(NATIVES, native, *arguments) as ByteArray?)?.let { RecordReader(it) }

    private fun given(native: String, vararg arguments: Any): RecordReader =
        checkNotNull(record(native, *arguments)) { "$native gave null" }

    companion object {
        /** The class whose natives they are. */
        const val NATIVES = "org/portlog/core/Native"

        fun open(machine: Machine, config: Config): EmulatedAgent {
            val record = RecordWriter.of { config(config) }
            return at(machine, machine.call(NATIVES, "open([B)J", record) as Long)
        }

        /** An agent of whatever [handle] stands for. */
        fun at(machine: Machine, handle: Long) = EmulatedAgent(machine, handle)
    }
}
