package org.portlog.screens.lists

import android.content.Context
import android.os.Handler
import android.os.Looper
import org.portlog.core.Category
import org.portlog.core.ListLine
import org.portlog.lists.IncomingList
import org.portlog.service.Core

/** An import on its way; it goes on while its screen is turned. */
internal class ImportRun(context: Context) {
    private val context = context.applicationContext
    private val core = Core.of(context)

    /** Where it stands. */
    sealed class State {
        object Asking : State()

        object Copying : State()

        data class Failed(val why: String) : State()

        data class Done(val list: ListLine) : State()
    }

    var state: State = State.Asking
        private set(value) {
            field = value
            onState(value)
        }

    /** Is told each new state, on the main thread. */
    var onState: (State) -> Unit = {}

    private val main = Handler(Looper.getMainLooper())

    /** Copies [list] and puts it onto the shelf, or in the place of the list [replacing]. */
    fun begin(list: IncomingList, category: Category?, replacing: Int?) {
        state = State.Copying
        Thread({ copied(list, list.copy(), category, replacing) }, "portlog-import").start()
    }

    private fun copied(
        list: IncomingList,
        copied: IncomingList.Copied,
        category: Category?,
        replacing: Int?,
    ) {
        when (copied) {
            is IncomingList.Copied.Refused -> main.post { state = State.Failed(copied.text) }
            is IncomingList.Copied.Ready -> core.askLong(
                work = { agent ->
                    if (replacing == null) {
                        // Numbers are never given twice: the new list has the highest.
                        list.import(agent, copied, category).maxByOrNull { it.id }
                    } else {
                        list.replace(agent, copied, replacing).find { it.id == replacing }
                    }
                },
                failed = { state = State.Failed(it) },
                answer = { line -> if (line != null) state = State.Done(line) },
            )
        }
    }
}
