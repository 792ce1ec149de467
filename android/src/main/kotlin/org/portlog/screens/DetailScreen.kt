package org.portlog.screens

import android.os.Bundle
import android.view.View
import android.widget.LinearLayout
import org.portlog.core.Agent
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.softText

/** A screen that shows one thing in full and up to date; [T] is what the core tells of it. */
abstract class DetailScreen<T : Any> : Screen() {
    private lateinit var place: LinearLayout
    private lateinit var scroll: KeptScroll
    private lateinit var live: Live<T?>
    private var shownLast: Any? = NOTHING_YET

    /** What stands in the header. */
    internal abstract val heading: Int

    /** What is said where the core knows nothing of it any more. */
    internal abstract val gone: Int

    /** Asks the core; off the main thread. */
    internal abstract fun load(agent: Agent): T?

    /** Puts [shown] into the column. */
    internal abstract fun LinearLayout.fill(shown: T)

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        place = column(this) { setPadding(0, 0, 0, look.dp(24)) }
        val (outer, scroller) = scrollingColumn(this, place)
        scroll = KeptScroll(scroller, savedInstanceState)
        show(getString(heading), outer)
        live = Live(this, question = { { agent, _ -> load(agent) } }, shown = ::present)
    }

    override fun onStart() {
        super.onStart()
        live.start()
    }

    override fun onStop() {
        live.stop()
        super.onStop()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        scroll.save(outState)
    }

    /** Asks the core again, after a change. */
    internal fun again() = live.again()

    /** Builds the column anew with what was shown last, after a change of how it is shown. */
    internal fun rebuild() {
        val last = shownLast
        shownLast = NOTHING_YET
        @Suppress("UNCHECKED_CAST")
        if (last !== NOTHING_YET) present(last as T?)
    }

    private fun present(shown: T?) {
        if (shown == shownLast) return
        shownLast = shown
        // What has the focus keeps it: a screen reader is not thrown back to the top.
        val focused = place.findFocus()?.contentDescription
        place.refill {
            if (shown == null) add(softText(context, getString(gone)), top = 24) else fill(shown)
        }
        if (focused != null) refocus(place, focused)
        scroll.restore()
    }

    private fun refocus(root: View, description: CharSequence) {
        val found = ArrayList<View>()
        root.findViewsWithText(found, description, View.FIND_VIEWS_WITH_CONTENT_DESCRIPTION)
        found.firstOrNull { it.isFocusable }?.requestFocus()
    }

    private companion object {
        val NOTHING_YET = Any()
    }
}
