package org.portlog.core

import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.nio.charset.StandardCharsets

/** Writes records in the compact form of rust/jni/src/compact.rs. */
internal class RecordWriter {
    private val bytes = ByteArrayOutputStream(128)

    // Numbers as the form has them: big-endian.
    private val out = DataOutputStream(bytes)

    init {
        byte(VERSION)
    }

    /** What was written. */
    fun record(): ByteArray = bytes.toByteArray()

    fun boardQuery(query: BoardQuery) {
        text(query.text)
        choice(query.owners)
        bool(query.alertsOnly)
        optional(query.protocol) { choice(it) }
        choice(query.listeners)
        optional(query.ownerKey) { text(it) }
        choice(query.sort)
        int(query.limit)
    }

    fun historyQuery(query: HistoryQuery) {
        list(query.kinds) { choice(it) }
        text(query.text)
        optional(query.ownerKey) { text(it) }
        long(query.before)
        int(query.limit)
    }

    fun packageFeed(feed: PackageFeed) {
        choice(feed.permission)
        list(feed.packages) { packageFacts(it) }
    }

    fun uidBytes(counted: UidBytes) {
        int(counted.uid)
        long(counted.received)
        long(counted.sent)
    }

    fun listChange(change: ListChange) = when (change) {
        ListChange.Look -> byte(0)

        is ListChange.Import -> {
            byte(1)
            text(change.name)
            optional(change.category) { choice(it) }
            text(change.path)
        }

        is ListChange.Replace -> {
            byte(2)
            int(change.id)
            text(change.path)
        }

        is ListChange.Enable -> {
            byte(3)
            int(change.id)
            bool(change.enabled)
        }

        is ListChange.Categorise -> {
            byte(4)
            int(change.id)
            choice(change.category)
        }

        is ListChange.Remove -> {
            byte(5)
            int(change.id)
        }
    }

    fun muteRule(rule: MuteRule) = when (rule) {
        is MuteRule.Owner -> {
            byte(0)
            text(rule.key)
        }

        is MuteRule.Entry -> {
            byte(1)
            text(rule.text)
        }

        is MuteRule.Remote -> {
            byte(2)
            text(rule.address)
        }
    }

    fun practiceStep(step: PracticeStep) = when (step) {
        PracticeStep.Look -> byte(0)

        PracticeStep.Begin -> byte(1)

        is PracticeStep.Notified -> {
            byte(2)
            bool(step.shown)
        }

        is PracticeStep.Confirmed -> {
            byte(3)
            bool(step.noticed)
        }
    }

    fun note(note: Note) {
        long(note.at)
        when (val kind = note.kind) {
            is NoteKind.Death -> {
                byte(0)
                int(kind.reason)
            }

            NoteKind.StartMissed -> byte(1)

            NoteKind.StartedBy -> byte(2)
        }
        text(note.detail)
    }

    fun config(config: Config) {
        text(config.stateFolder)
        text(config.procRoot)
        int(config.sdk)
        settings(config.settings)
        optional(config.log) { logConfig(it) }
    }

    fun settings(settings: Settings) {
        text(settings.language)
        int(settings.utcOffsetSeconds)
        bool(settings.scopeAll)
        long(settings.intervalMillis)
        long(settings.idleIntervalMillis)
    }

    /** A list of what [write] writes. */
    inline fun <T> list(items: List<T>, write: RecordWriter.(T) -> Unit) {
        int(items.size)
        for (item in items) write(item)
    }

    private fun packageFacts(facts: PackageFacts) {
        text(facts.name)
        int(facts.uid)
        bool(facts.system)
        bool(facts.updatedSystem)
        optional(facts.sourcePath) { text(it) }
        optional(facts.factoryPath) { text(it) }
        optional(facts.version) { text(it) }
        optional(facts.label) { text(it) }
        list(facts.signers) { text(it) }
        bool(facts.installerKnown)
        optional(facts.installer) { text(it) }
        optional(facts.launcherEntry) { bool(it) }
        optional(facts.firstInstall) { long(it) }
    }

    inline fun <T : Any> optional(value: T?, write: RecordWriter.(T) -> Unit) {
        bool(value != null)
        if (value != null) write(value)
    }

    fun choice(value: Enum<*>) = byte(value.ordinal)

    fun bool(value: Boolean) = out.writeBoolean(value)

    fun byte(value: Int) = out.writeByte(value)

    fun int(value: Int) = out.writeInt(value)

    fun long(value: Long) = out.writeLong(value)

    /** Half of a surrogate pair, which a name chosen by an app may hold, is written as `?`. */
    fun text(value: String) {
        val encoded = value.toByteArray(StandardCharsets.UTF_8)
        int(encoded.size)
        out.write(encoded)
    }

    /** As a list of bytes is written. */
    fun octets(value: Octets) {
        int(value.bytes.size)
        out.write(value.bytes)
    }

    companion object {
        private const val VERSION = 1

        /** The record that [write] writes. */
        inline fun of(write: RecordWriter.() -> Unit): ByteArray {
            val writer = RecordWriter()
            writer.write()
            return writer.record()
        }
    }
}
