package org.portlog.screens.log

import android.os.Bundle
import android.view.View
import org.portlog.R
import org.portlog.core.ToldKind
import org.portlog.screens.MainActivity
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.showIf
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.toggleChip

/** Which kinds of records are shown: some groups that people ask for, each on or off. */
internal class KindFilter(screen: MainActivity, saved: Bundle?, onChanged: () -> Unit) {
    private val chips = GROUPS.mapIndexed { i, (label, kinds) ->
        val on = saved?.getBoolean(KEY + i, false) ?: false
        kinds to toggleChip(screen, screen.getString(label), on) {
            onChanged()
        }
    }

    /** Whether the choices are shown. */
    var open: Boolean = saved?.getBoolean(OPEN) ?: false
        set(value) {
            field = value
            view.showIf(value)
        }

    val view: View = column(screen) {
        add(softText(screen, screen.getString(R.string.log_kinds)), top = 12)
        add(
            Flow(screen).apply { chips.forEach { addView(it.second) } },
            top = 4,
        )
        showIf(open)
    }

    /** The kinds asked for; empty for all. */
    val chosen: List<ToldKind> get() = chips.filter { it.second.isChecked }.flatMap { it.first }

    fun save(state: Bundle) {
        state.putBoolean(OPEN, open)
        chips.forEachIndexed { i, (_, chip) -> state.putBoolean(KEY + i, chip.isChecked) }
    }

    private companion object {
        const val OPEN = "kinds"
        const val KEY = "kind "
        val GROUPS: List<Pair<Int, List<ToldKind>>> = listOf(
            R.string.kinds_alerts to listOf(ToldKind.ALERT),
            R.string.kinds_noted to listOf(ToldKind.NOTED, ToldKind.NOTED_SUMMARY),
            R.string.kinds_connections to
                listOf(ToldKind.OPENED, ToldKind.CHANGED, ToldKind.CLOSED),
            R.string.kinds_gaps to listOf(
                ToldKind.GAP, ToldKind.DROP, ToldKind.SYSTEM, ToldKind.STOPPED, ToldKind.STARTED,
            ),
            R.string.kinds_sight to listOf(
                ToldKind.COVERAGE, ToldKind.LIST, ToldKind.PACKAGES, ToldKind.CLOCK,
                ToldKind.CONFIG, ToldKind.HEARTBEAT,
            ),
            R.string.kinds_practice to listOf(ToldKind.PRACTICE),
        )
    }
}
