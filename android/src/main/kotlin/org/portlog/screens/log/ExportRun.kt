package org.portlog.screens.log

import android.content.Context
import java.io.File
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import org.portlog.core.Exported
import org.portlog.core.LogRequest
import org.portlog.core.ShareChoice
import org.portlog.core.SharePreview
import org.portlog.service.Core
import org.portlog.service.Exports

/** An export on its way; it goes on while its screen is turned. */
internal class ExportRun(context: Context) {
    private val context = context.applicationContext
    private val core = Core.of(context)

    /** Where it stands. */
    sealed class State {
        object Choosing : State()

        object Working : State()

        data class Previewed(val choice: ShareChoice, val preview: SharePreview) : State()

        data class Written(val exported: Exported) : State()

        data class Failed(val why: String) : State()
    }

    var state: State = State.Choosing
        private set(value) {
            field = value
            onState(value)
        }

    /** Is told each new state, on the main thread. */
    var onState: (State) -> Unit = {}

    /** Looks what a reader would see of [choice]. */
    fun preview(choice: ShareChoice) {
        state = State.Working
        core.askLong(
            work = { it.log(LogRequest.Preview(choice)) },
            failed = { state = State.Failed(it) },
            answer = { state = State.Previewed(choice, it) },
        )
    }

    /** Writes the file. */
    fun write(choice: ShareChoice) {
        state = State.Working
        val stamp = SimpleDateFormat("yyyyMMdd-HHmmss", Locale.ROOT).format(Date())
        core.askLong(
            work = { agent ->
                val file = Exports.newFile(context, choice.preset, stamp)
                agent.log(LogRequest.Export(choice, file.path))
            },
            failed = { state = State.Failed(it) },
            answer = { state = if (it.done) State.Written(it) else State.Failed(it.text) },
        )
    }

    /** Back to the choice. */
    fun choose() {
        state = State.Choosing
    }

    /** Goes on with a file that was written before the process was ended. */
    fun resume(exported: Exported) {
        if (File(exported.path).isFile) state = State.Written(exported)
    }
}
