package org.portlog.screens.lists

import android.app.AlertDialog
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.ListChange
import org.portlog.core.ListLine
import org.portlog.screens.Doors
import org.portlog.screens.FilePicker
import org.portlog.screens.KeptScroll
import org.portlog.screens.Live
import org.portlog.screens.MainActivity
import org.portlog.screens.Page
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.column
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.mainButton
import org.portlog.screens.parts.points
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.text

/** The lists on the shelf, and the way to put another there. */
internal class ListsPage(screen: MainActivity, saved: Bundle?) : Page(screen) {
    private val parts = OpenParts(saved?.getStringArrayList(OPEN)?.toMutableSet() ?: mutableSetOf())
    private val place = column(screen) { setPadding(0, 0, 0, screen.look.dp(24)) }
    private val scrolling = scrollingColumn(screen, place)
    private val scroll = KeptScroll(scrolling.second, saved)
    private var replacing: Int? = saved?.getInt(REPLACING, -1)?.takeIf { it >= 0 }
    private var shown: List<ListLine>? = null
    private val live: Live<List<ListLine>> = Live(
        screen,
        question = { { agent, _ -> agent.setLists(ListChange.Look) } },
        shown = ::show,
    )

    override val view: View = scrolling.first

    override fun arrive() {
        screen.actions(R.string.tab_lists) {
            screen.header.action(Glyph.ADD, screen.getString(R.string.lists_add)) { pick(null) }
        }
        live.start()
    }

    override fun leave() = live.stop()

    override fun save(state: Bundle) {
        state.putStringArrayList(OPEN, ArrayList(parts.open))
        state.putInt(REPLACING, replacing ?: -1)
        scroll.save(state)
    }

    /** The system's picker brings a file. */
    fun picked(uri: Uri) {
        screen.startActivity(Doors.import(screen, uri, replacing))
        replacing = null
    }

    private fun show(lists: List<ListLine>) {
        if (lists == shown) return
        shown = lists
        place.refill {
            if (lists.isEmpty()) empty()
            lists.forEach { add(listCard(screen, it, parts, deeds(it)), top = 12) }
            formats()
            add(
                mainButton(screen, screen.getString(R.string.lists_add)) { pick(null) },
                top = 16,
            )
        }
        scroll.restore()
    }

    private fun LinearLayout.empty() {
        add(
            card(screen) {
                add(
                    heading(screen, screen.getString(R.string.lists_none)).apply {
                        lead(Glyph.LISTS.beside(screen, screen.look.soft), roomDp = 12)
                    },
                )
                add(text(screen, screen.getString(R.string.lists_none_means)), top = 8)
            },
            top = 12,
        )
    }

    private fun LinearLayout.formats() {
        add(
            card(screen) {
                add(heading(screen, screen.getString(R.string.lists_formats)))
                points(screen.resources.getStringArray(R.array.lists_formats).toList())
            },
            top = 12,
        )
    }

    private fun deeds(list: ListLine) = ListDeeds(
        enable = { change(ListChange.Enable(list.id, it)) },
        categorise = { if (it != list.category) change(ListChange.Categorise(list.id, it)) },
        replace = { pick(list.id) },
        remove = { confirmRemoval(list) },
    )

    private fun change(change: ListChange) {
        screen.ask(
            work = { it.setLists(change) },
            // The switch goes back to what is in force.
            failed = {
                shown = null
                live.again()
            },
            answer = ::show,
        )
    }

    private fun confirmRemoval(list: ListLine) {
        screen.show(
            AlertDialog.Builder(screen)
                .setTitle(screen.getString(R.string.list_remove_title, list.name))
                .setMessage(R.string.list_remove_means)
                .setPositiveButton(R.string.list_remove) { _, _ ->
                    change(ListChange.Remove(list.id))
                }
                .setNegativeButton(android.R.string.cancel, null)
                .create(),
        )
    }

    private fun pick(replace: Int?) {
        replacing = replace
        FilePicker.open(screen)
    }

    private companion object {
        const val OPEN = "open"
        const val REPLACING = "replacing"
    }
}
