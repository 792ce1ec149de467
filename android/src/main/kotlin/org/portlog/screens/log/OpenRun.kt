package org.portlog.screens.log

import android.content.Context
import android.os.Handler
import android.os.Looper
import java.io.File
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.FoundFile
import org.portlog.core.LogRequest
import org.portlog.core.Outcome
import org.portlog.core.Verdict
import org.portlog.core.Witnessing
import org.portlog.lists.IncomingFile
import org.portlog.service.Core

/** What somebody gave, being copied and checked; it goes on while its screen is turned. */
internal class OpenRun(context: Context) {
    private val context = context.applicationContext
    private val core = Core.of(context)
    private val main = Handler(Looper.getMainLooper())

    /** Where it stands. */
    sealed class State {
        object Working : State()

        /** It is nothing that can be checked. */
        data class Refused(val why: String) : State()

        /** A log's file, checked; [own] is whether it is of this phone's log. */
        data class Checked(val file: File, val verdict: Verdict, val own: Boolean) : State()

        /** A witness's answer to this phone's log. */
        data class Answer(val text: String) : State()

        /** The checkpoint of another log. */
        data class Checkpoint(val text: String) : State()

        /** This phone was asked to be the witness. */
        data class Witnessed(val witnessing: Witnessing) : State()

        /** Something was done, or not, with this phone's own log. */
        data class Done(val outcome: Outcome) : State()
    }

    var state: State = State.Working
        private set(value) {
            field = value
            onState(value)
        }

    /** Is told each new state, on the main thread. */
    var onState: (State) -> Unit = {}

    /** Copies [incoming] and looks what it is. */
    fun begin(incoming: IncomingFile) {
        state = State.Working
        Thread({ copied(incoming.copy(MOST_BYTES)) }, "portlog-open").start()
    }

    /** Keeps a witness's answer in this phone's log. */
    fun answer(text: String) = outcome { it.log(LogRequest.Answer(text)) }

    /** Lets this phone's log name the one before it, whose checkpoint is [text]. */
    fun predecessor(text: String) = outcome { it.log(LogRequest.Predecessor(text)) }

    /** The same by a file of that log, which was checked. */
    fun predecessor(file: File) = outcome { it.log(LogRequest.Predecessor(checkpointIn(file))) }

    /** Makes this phone, called [name], a witness of [file]. */
    fun witness(file: File, name: String) {
        state = State.Working
        core.askLong(
            work = { it.log(LogRequest.Witness(file.path, name)) },
            failed = { state = State.Refused(it) },
            answer = { state = State.Witnessed(it) },
        )
    }

    private fun outcome(work: (Agent) -> Outcome) {
        state = State.Working
        core.askLong(work, { state = State.Refused(it) }) { state = State.Done(it) }
    }

    private fun copied(copied: IncomingFile.Copied) {
        val why = when (copied) {
            is IncomingFile.Copied.Ready -> return look(copied.file)
            IncomingFile.Copied.TooLarge ->
                context.getString(R.string.open_too_large, MOST_BYTES shr 20)
            IncomingFile.Copied.Empty -> context.getString(R.string.open_nothing)
            is IncomingFile.Copied.Unreadable ->
                context.getString(R.string.open_unreadable, copied.why)
        }
        main.post { state = State.Refused(why) }
    }

    private fun look(file: File) {
        core.askLong(
            work = { agent -> state(file, agent.log(LogRequest.Verify(file.path)), agent) },
            failed = { state = State.Refused(it) },
            answer = { state = it },
        )
    }

    private fun state(file: File, verdict: Verdict, agent: Agent): State = when (verdict.found) {
        FoundFile.BUNDLE -> {
            val own = agent.log(LogRequest.Status).origin
            State.Checked(file, verdict, own.isNotEmpty() && verdict.origin == own)
        }
        FoundFile.ANSWER -> State.Answer(textOf(file))
        FoundFile.CHECKPOINT -> State.Checkpoint(textOf(file))
        FoundFile.OWN_CHECKPOINT -> State.Refused(context.getString(R.string.open_own_checkpoint))
        FoundFile.NOTHING -> State.Refused(context.getString(R.string.open_nothing))
    }

    // Its lines up to the second empty one: docs/LOG-FORMAT.md, section 6.
    private fun checkpointIn(file: File): String = file.useLines { lines ->
        var empty = 0
        lines.dropWhile { it != "checkpoint" }.drop(1)
            .takeWhile { line -> if (line.isEmpty()) empty++ < 1 else true }
            .joinToString("\n", postfix = "\n")
    }

    // A checkpoint with the most signatures that it may have is shorter by far.
    private fun textOf(file: File): String = file.inputStream().use { from ->
        val bytes = ByteArray(MOST_NOTE_BYTES)
        var read = 0
        while (read < bytes.size) {
            val more = from.read(bytes, read, bytes.size - read)
            if (more < 0) break
            read += more
        }
        String(bytes, 0, read, Charsets.UTF_8)
    }

    private companion object {
        /** The largest file in mode sparse, times four; a computer checks larger ones. */
        const val MOST_BYTES = 256L shl 20

        const val MOST_NOTE_BYTES = 64 shl 10
    }
}
