package org.portlog.bridge

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.portlog.core.BoardQuery
import org.portlog.core.Category
import org.portlog.core.CoverageStatus
import org.portlog.core.Direction
import org.portlog.core.Firmware
import org.portlog.core.FoundFile
import org.portlog.core.HelperPhase
import org.portlog.core.HistoryQuery
import org.portlog.core.Keeping
import org.portlog.core.Level
import org.portlog.core.LinkState
import org.portlog.core.ListPermission
import org.portlog.core.ListenerChoice
import org.portlog.core.LogKind
import org.portlog.core.OwnerChoice
import org.portlog.core.OwnerKind
import org.portlog.core.PrivateDns
import org.portlog.core.Protocol
import org.portlog.core.RecordReader
import org.portlog.core.RecordWriter
import org.portlog.core.SessionState
import org.portlog.core.SharePreset
import org.portlog.core.SocketState
import org.portlog.core.Sort
import org.portlog.core.TapDone
import org.portlog.core.TapStanding
import org.portlog.core.ToldKind
import org.portlog.core.foundFile
import org.portlog.core.helperEnd
import org.portlog.core.helperOrders
import org.portlog.core.helperPhase
import org.portlog.core.keeping
import org.portlog.core.logAnswer
import org.portlog.core.logConfig
import org.portlog.core.logKind
import org.portlog.core.logRequest
import org.portlog.core.privateDns
import org.portlog.core.reachAnswer
import org.portlog.core.reachRequest
import org.portlog.core.tapAnswer
import org.portlog.core.tapRequest
import org.portlog.core.tapStanding

/** Both directions against the vectors that the Rust side is held to as well. */
class CompactFormTest {
    private val answers: Map<String, Pair<Any, RecordReader.() -> Any>> = mapOf(
        "levels" to of(Level.entries) { list { level() } },
        "categories" to of(Category.entries) { list { category() } },
        "protocols" to of(Protocol.entries) { list { protocol() } },
        "socket-states" to of(SocketState.entries) { list { socketState() } },
        "directions" to of(Direction.entries) { list { direction() } },
        "owner-kinds" to of(OwnerKind.entries) { list { ownerKind() } },
        "firmware" to of(Firmware.entries) { list { firmware() } },
        "coverage-statuses" to of(CoverageStatus.entries) { list { coverageStatus() } },
        "session-states" to of(SessionState.entries) { list { sessionState() } },
        "told-kinds" to of(ToldKind.entries) { list { toldKind() } },
        "link-states" to of(LinkState.entries) { list { linkState() } },
        "board" to of(Samples.board) { board() },
        "board-empty" to of(Samples.boardEmpty) { board() },
        "told" to of(Samples.told2) { list { told() } },
        "alerts" to of(Samples.alerts) { list { alertView() } },
        "history" to of(Samples.history) { historyPage() },
        "history-empty" to of(Samples.historyEmpty) { historyPage() },
        "lists" to of(Samples.lists) { list { listLine() } },
        "practice" to of(Samples.practice) { practiceReport() },
        "stats" to of(Samples.stats) { stats() },
        "owner" to of(Samples.ownerDetails) { ownerDetails() },
        "owner-bare" to of(Samples.ownerDetailsBare) { ownerDetails() },
        "connection" to of(Samples.connectionDetails) { connectionDetails() },
        "log-kinds" to of(LogKind.entries) { list { logKind() } },
        "keepings" to of(Keeping.entries) { list { keeping() } },
        "found-files" to of(FoundFile.entries) { list { foundFile() } },
        "log-status" to of(LogSamples.status) { logAnswer() },
        "log-status-none" to of(LogSamples.statusNone) { logAnswer() },
        "log-page" to of(LogSamples.page) { logAnswer() },
        "outcome" to of(LogSamples.outcome) { logAnswer() },
        "share-preview" to of(LogSamples.preview) { logAnswer() },
        "exported" to of(LogSamples.exported) { logAnswer() },
        "checkpoint" to of(LogSamples.checkpoint) { logAnswer() },
        "witnessing" to of(LogSamples.witnessing) { logAnswer() },
        "verdict" to of(LogSamples.verdict) { logAnswer() },
        "before-reset" to of(LogSamples.beforeReset) { logAnswer() },
        "tap-standings" to of(TapStanding.entries) { list { tapStanding() } },
        "private-dns" to of(PrivateDns.entries) { list { privateDns() } },
        "tap-view" to of(TapSamples.view) { tapAnswer() },
        "tap-view-off" to of(TapSamples.viewOff) { tapAnswer() },
        "tap-questions" to of(TapSamples.questions) { tapAnswer() },
        "tap-questions-ended" to of(TapSamples.questionsEnded) { tapAnswer() },
        "tap-done" to of(TapDone) { tapAnswer() },
        "helper-phases" to of(HelperPhase.entries) { list { helperPhase() } },
        "reach-answers" to of(ReachSamples.answers) { list { reachAnswer() } },
        "helper-ends" to of(ReachSamples.ends) { list { helperEnd() } },
    )

    private val questions: Map<String, RecordWriter.() -> Unit> = mapOf(
        "owner-choices" to { list(OwnerChoice.entries) { choice(it) } },
        "listener-choices" to { list(ListenerChoice.entries) { choice(it) } },
        "sorts" to { list(Sort.entries) { choice(it) } },
        "list-permissions" to { list(ListPermission.entries) { choice(it) } },
        "board-query-default" to { boardQuery(BoardQuery()) },
        "board-query" to { boardQuery(Samples.boardQuery) },
        "history-query-default" to { historyQuery(HistoryQuery()) },
        "history-query" to { historyQuery(Samples.historyQuery) },
        "package-feed" to { packageFeed(Samples.packageFeed) },
        "counters" to { list(Samples.counters) { uidBytes(it) } },
        "list-changes" to { list(Samples.listChanges) { listChange(it) } },
        "mute-rules" to { list(Samples.muteRules) { muteRule(it) } },
        "practice-steps" to { list(Samples.practiceSteps) { practiceStep(it) } },
        "notes" to { list(Samples.notes) { note(it) } },
        "config" to { config(Samples.config) },
        "share-presets" to { list(SharePreset.entries) { choice(it) } },
        "log-requests" to { list(LogSamples.requests) { logRequest(it) } },
        "log-config-bare" to { logConfig(LogSamples.configBare) },
        "tap-requests" to { list(TapSamples.requests) { tapRequest(it) } },
        "reach-requests" to { list(ReachSamples.requests) { reachRequest(it) } },
        "helper-orders" to { list(ReachSamples.orders) { helperOrders(it) } },
    )

    @Test
    fun answersAreReadAsRustWroteThem() {
        val vectors = vectors("answers.txt")
        assertEquals(vectors.keys, answers.keys)
        for ((name, answer) in answers) {
            val (expected, read) = answer
            assertEquals(name, expected, RecordReader(vectors.getValue(name)).only { read() })
        }
    }

    @Test
    fun questionsAreWrittenAsRustReadsThem() {
        val vectors = vectors("questions.txt")
        assertEquals(vectors.keys, questions.keys)
        for ((name, write) in questions) {
            assertArrayEquals(name, vectors.getValue(name), RecordWriter.of { write() })
        }
    }

    @Test
    fun anAnswerIsWholeOrRefused() {
        for ((name, record) in vectors("answers.txt")) {
            val read = answers.getValue(name).second
            for (length in 0 until record.size) {
                assertThrows("$name cut at $length", IllegalArgumentException::class.java) {
                    RecordReader(record.copyOf(length)).only { read() }
                }
            }
            assertThrows(name, IllegalArgumentException::class.java) {
                RecordReader(record.copyOf(record.size + 1)).only { read() }
            }
        }
    }

    @Test
    fun noChangedByteLeadsToAnythingButAValueOrARefusal() {
        for ((name, record) in vectors("answers.txt")) {
            val read = answers.getValue(name).second
            for (place in record.indices) {
                for (value in intArrayOf(0, 1, 2, 0x7f, 0x80, 0xff)) {
                    val changed = record.copyOf()
                    changed[place] = value.toByte()
                    try {
                        RecordReader(changed).only { read() }
                    } catch (refused: IllegalArgumentException) {
                        assertTrue(refused.message.orEmpty().startsWith("not a record: byte "))
                    }
                }
            }
        }
    }

    @Test
    fun halfOfASurrogatePairIsWrittenAsAQuestionMark() {
        val written = RecordWriter.of { boardQuery(BoardQuery(text = "a\ud83d")) }
        val wanted = RecordWriter.of { boardQuery(BoardQuery(text = "a?")) }
        assertArrayEquals(wanted, written)
    }

    private fun of(
        expected: Any,
        read: RecordReader.() -> Any,
    ): Pair<Any, RecordReader.() -> Any> = expected to read
}
