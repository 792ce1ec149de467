package org.portlog.core

import java.nio.ByteBuffer
import java.nio.charset.StandardCharsets

/**
 * Reads records in the compact form of rust/jni/src/compact.rs.
 *
 * Bytes that are no record are an [IllegalArgumentException] with their place: no length is trusted
 * before it was compared with what is left.
 */
internal class RecordReader(private val bytes: ByteArray) {
    // Read by absolute position alone: what moves a position returns another class on each Android.
    private val buffer = ByteBuffer.wrap(bytes)
    private var at = 0

    /** The one value that the record holds. */
    inline fun <T> only(read: RecordReader.() -> T): T {
        version()
        val value = read()
        end()
        return value
    }

    /** A list of what [read] reads. */
    inline fun <T> list(read: RecordReader.() -> T): List<T> {
        val count = count()
        if (count == 0) return emptyList()
        val items = ArrayList<T>(count)
        repeat(count) { items.add(read()) }
        return items
    }

    fun board() = Board(
        generation = long(),
        state = sessionState(),
        stateText = text(),
        watchedText = text(),
        notLiveText = text(),
        coverage = list { coverageLine() },
        connections = list { connectionLine() },
        matching = long(),
        total = long(),
    )

    fun told() = Told(
        sequence = long(),
        at = long(),
        kind = toldKind(),
        text = text(),
        ownerKey = optional { text() },
        connection = optional { connectionLine() },
        alert = optional { alertView() },
    )

    fun alertView() = AlertView(
        key = text(),
        level = level(),
        sounds = bool(),
        practice = bool(),
        muted = bool(),
        title = text(),
        text = text(),
        body = text(),
        publicText = text(),
        owner = ownerLine(),
        remote = text(),
        list = text(),
        entry = text(),
        category = optional { category() },
        weakened = texts(),
        explanations = texts(),
        advice = texts(),
        candidates = texts(),
        firstSeen = long(),
        lastSeen = long(),
        count = long(),
        bundled = int(),
        connection = optional { long() },
    )

    fun historyPage() = HistoryPage(
        records = list { told() },
        matching = long(),
        kept = long(),
        since = optional { long() },
    )

    fun ownerDetails() = OwnerDetails(
        owner = ownerLine(),
        sentences = texts(),
        packages = list { packageLine() },
        destinations = list { destination() },
        connections = list { connectionLine() },
        firstSeen = optional { long() },
        lastSeen = optional { long() },
        bytes = optional { ByteCounts(received = long(), sent = long()) },
        timeline = list { timelineHour() },
        timelineText = text(),
        muted = bool(),
    )

    fun connectionDetails() = ConnectionDetails(
        line = connectionLine(),
        sentences = texts(),
        matches = list { matchLine() },
        history = list { told() },
    )

    fun listLine() = ListLine(
        id = int(),
        name = text(),
        category = category(),
        enabled = bool(),
        rules = long(),
        badLines = long(),
        bad = list { BadLineView(line = long(), reason = text()) },
        date = optional { long() },
        imported = long(),
        sha256 = text(),
        ageText = text(),
        problem = text(),
    )

    fun practiceReport() = PracticeReport(
        running = bool(),
        links = list { PracticeLinkLine(state = linkState(), text = text()) },
        lastPassed = optional { long() },
    )

    fun stats() = Stats(
        generation = long(),
        state = sessionState(),
        stateText = text(),
        since = optional { long() },
        lastLook = optional { long() },
        polls = long(),
        watched = long(),
        asleep = long(),
        denied = long(),
        stopped = long(),
        connections = long(),
        alerts = long(),
        dropped = long(),
        ongoingTitle = text(),
        ongoingText = text(),
        mutes = list { MuteLine(rule = muteRule(), text = text()) },
        version = text(),
    )

    fun level(): Level = choice(Level.entries)

    fun category(): Category = choice(Category.entries)

    fun protocol(): Protocol = choice(Protocol.entries)

    fun socketState(): SocketState = choice(SocketState.entries)

    fun direction(): Direction = choice(Direction.entries)

    fun ownerKind(): OwnerKind = choice(OwnerKind.entries)

    fun firmware(): Firmware = choice(Firmware.entries)

    fun coverageStatus(): CoverageStatus = choice(CoverageStatus.entries)

    fun sessionState(): SessionState = choice(SessionState.entries)

    fun toldKind(): ToldKind = choice(ToldKind.entries)

    fun linkState(): LinkState = choice(LinkState.entries)

    private fun coverageLine() =
        CoverageLine(item = text(), status = coverageStatus(), text = text())

    private fun connectionLine() = ConnectionLine(
        id = long(),
        protocol = protocol(),
        local = text(),
        remote = text(),
        state = socketState(),
        direction = direction(),
        listener = bool(),
        practice = bool(),
        owner = ownerLine(),
        level = optional { level() },
        names = texts(),
        firstSeen = long(),
        closedAt = optional { long() },
        text = text(),
    )

    private fun ownerLine() = OwnerLine(
        key = text(),
        uid = optional { int() },
        user = optional { int() },
        name = text(),
        kind = ownerKind(),
        firmware = firmware(),
        kindText = text(),
        packages = texts(),
    )

    private fun packageLine() = PackageLine(
        name = text(),
        label = text(),
        version = text(),
        place = text(),
        signer = text(),
        installer = text(),
        firstInstall = optional { long() },
    )

    private fun destination() = Destination(
        remote = text(),
        protocol = protocol(),
        firstSeen = long(),
        lastSeen = long(),
        count = long(),
        level = optional { level() },
    )

    private fun timelineHour() = TimelineHour(
        start = long(),
        opened = int(),
        alerts = int(),
        watchedPercent = byte(),
    )

    private fun matchLine() = MatchLine(
        level = level(),
        list = text(),
        category = category(),
        entry = text(),
        line = long(),
        listDate = optional { long() },
        listSha256 = text(),
        weakened = texts(),
    )

    private fun muteRule(): MuteRule = when (val found = byte()) {
        0 -> MuteRule.Owner(text())
        1 -> MuteRule.Entry(text())
        2 -> MuteRule.Remote(text())
        else -> throw fault("$found is none of the 3 of MuteRule")
    }

    fun texts(): List<String> = list { text() }

    inline fun <T> optional(read: RecordReader.() -> T): T? = if (bool()) read() else null

    fun <T> choice(all: List<T>): T {
        val found = byte()
        if (found >= all.size) throw fault("$found is none of ${all.size}")
        return all[found]
    }

    fun bool(): Boolean = when (val found = byte()) {
        0 -> false
        1 -> true
        else -> throw fault("$found is neither 0 nor 1")
    }

    fun byte(): Int = buffer.get(take(1)).toInt() and 0xff

    fun int(): Int = buffer.getInt(take(Int.SIZE_BYTES))

    fun long(): Long = buffer.getLong(take(Long.SIZE_BYTES))

    fun text(): String {
        val length = int()
        return String(bytes, take(length), length, StandardCharsets.UTF_8)
    }

    fun octets(): Octets {
        val length = int()
        val begin = take(length)
        return Octets(bytes.copyOfRange(begin, begin + length))
    }

    fun version() {
        val found = byte()
        if (found != VERSION) throw fault("it is of version $found, and $VERSION is known here")
    }

    fun end() {
        val more = bytes.size - at
        if (more > 0) throw fault("$more more than the record")
    }

    /** A count of items, each of which takes a byte or more. */
    fun count(): Int {
        val count = int()
        val left = bytes.size - at
        if (count < 0 || count > left) throw fault("a list of $count in $left bytes")
        return count
    }

    /** Where the next [count] bytes begin. */
    private fun take(count: Int): Int {
        val begin = at
        val left = bytes.size - begin
        if (count < 0 || count > left) throw fault("it ends at $left of the $count bytes due")
        at = begin + count
        return begin
    }

    fun fault(what: String) = IllegalArgumentException("not a record: byte $at: $what")

    private companion object {
        const val VERSION = 1
    }
}
