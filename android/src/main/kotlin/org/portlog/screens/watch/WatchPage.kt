package org.portlog.screens.watch

import android.os.Bundle
import android.view.View
import android.widget.ListView
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.Board
import org.portlog.core.ConnectionLine
import org.portlog.core.ListChange
import org.portlog.core.ListLine
import org.portlog.core.Stats
import org.portlog.guide.StepId
import org.portlog.screens.KeptPlace
import org.portlog.screens.Live
import org.portlog.screens.MainActivity
import org.portlog.screens.Page
import org.portlog.screens.SteadyList
import org.portlog.screens.Tab
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Readable
import org.portlog.screens.parts.Search
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.line
import org.portlog.screens.parts.number
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.showIf
import org.portlog.screens.parts.softText
import org.portlog.service.Core
import org.portlog.service.ScreenIntents
import org.portlog.service.StartedBy
import org.portlog.service.WatchService

/** The state of the watch and every connection of the moment, firmware first. */
internal class WatchPage(screen: MainActivity, saved: Bundle?) : Page(screen) {
    private val head = WatchTop(
        screen,
        WatchDeeds(
            start = { WatchService.start(screen, StartedBy.USER) },
            stop = { WatchService.stop(screen) },
            again = {
                WatchService.stop(screen)
                WatchService.start(screen, StartedBy.USER)
            },
            addList = { screen.choose(Tab.LISTS) },
            helper = { screen.startActivity(ScreenIntents.helper(screen)) },
            autostart = {
                screen.startActivity(ScreenIntents.guide(screen, StepId.AUTOSTART.name))
            },
        ),
    )
    private val filter: WatchFilter = WatchFilter(screen, saved) { live.again() }
    private val search = Search(screen, screen.header, screen.getString(R.string.watch_search)) {
        live.again()
    }
    private val counted = softText(screen)
    private val clear = quietButton(screen, screen.getString(R.string.filter_clear), ::showAll)
    private val rows = ConnectionRows(screen)
    private val list = ListView(screen).apply {
        divider = null
        selector = screen.look.pressableRow()
        itemsCanFocus = true
        isVerticalScrollBarEnabled = true
        addHeaderView(
            column(screen) {
                add(head.view)
                add(filter.view)
                add(counted, top = 8)
                add(clear, top = 8)
                add(column(screen) { line() }, top = 8)
            },
            null,
            false,
        )
        addFooterView(column(screen) { minimumHeight = screen.look.dp(24) }, null, false)
        adapter = rows
        setOnItemClickListener { _, _, position, _ ->
            (getItemAtPosition(position) as? ConnectionLine)?.let {
                screen.startActivity(ScreenIntents.connection(screen, it.id))
            }
        }
    }
    private val steady = SteadyList(list)
    private val live: Live<Pair<Board, List<ListLine>>> = Live(
        screen,
        question = {
            val query = filter.query(search.text)
            val wanted = { agent: Agent, _: Stats ->
                Pair(agent.snapshot(query), agent.setLists(ListChange.Look))
            }
            wanted
        },
        shown = { (board, lists) -> show(board, lists) },
    )
    private var place = saved?.let { KeptPlace.from(it) }

    override val view: View = Readable(screen, list, roomDp = 16)

    init {
        if (saved != null) {
            head.expand(saved.getBoolean(EXPANDED))
            if (saved.getBoolean(SEARCHING)) {
                search.open(saved.getString(TEXT).orEmpty(), withKeyboard = false)
                search.setAside()
            }
        }
    }

    /** Shows the connections of [owner] alone, whatever else was left out before. */
    fun only(owner: OnlyOwner) {
        search.close()
        filter.clear()
        filter.only = owner
        place = null
        list.setSelection(0)
        live.again()
    }

    override fun arrive() {
        screen.actions(R.string.app_name) {
            screen.header.action(Glyph.SEARCH, screen.getString(R.string.search_open)) {
                search.open()
            }
            screen.header.action(Glyph.FILTER, screen.getString(R.string.filter_open)) {
                filter.open = !filter.open
                if (filter.open) list.setSelection(0)
            }
        }
        search.bringBack()
        live.start()
    }

    override fun leave() {
        live.stop()
        search.setAside()
    }

    override fun save(state: Bundle) {
        filter.save(state)
        state.putBoolean(EXPANDED, head.expanded)
        state.putBoolean(SEARCHING, search.isOpen)
        state.putString(TEXT, search.text)
        (place ?: KeptPlace.of(list)).save(state)
    }

    override fun back(): Boolean {
        if (!search.isOpen) return false
        search.close()
        return true
    }

    private fun show(board: Board, lists: List<ListLine>) {
        head.show(board, lists, Core.of(screen).watching)
        val restricted = filter.restricts || search.text.isNotEmpty()
        counted.text = summary(board, restricted)
        clear.showIf(restricted && board.connections.isEmpty() && board.total > 0)
        steady.change { rows.show(board.connections) }
        place?.restore(list)
        place = null
    }

    private fun summary(board: Board, restricted: Boolean): String = when {
        board.total == 0L -> board.watchedText
        restricted && board.matching == 0L -> screen.getString(R.string.watch_none_match)
        board.connections.size < board.matching -> screen.resources.getQuantityString(
            R.plurals.watch_first_of,
            board.connections.size,
            number(board.connections.size.toLong()),
            number(board.matching),
        )
        restricted -> screen.getString(
            R.string.watch_of,
            number(board.matching),
            number(board.total),
        )
        else -> screen.resources.getQuantityString(
            R.plurals.watch_count,
            board.total.toInt(),
            number(board.total),
        )
    }

    private fun showAll() {
        search.close()
        filter.clear()
    }

    private companion object {
        const val EXPANDED = "expanded"
        const val SEARCHING = "searching"
        const val TEXT = "text"
    }
}
