package org.portlog.screens.log

import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.ListView
import java.util.Calendar
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.HistoryPage
import org.portlog.core.HistoryQuery
import org.portlog.core.Stats
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.portlog.screens.Doors
import org.portlog.screens.KeptPlace
import org.portlog.screens.Live
import org.portlog.screens.MainActivity
import org.portlog.screens.Page
import org.portlog.screens.SteadyList
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Readable
import org.portlog.screens.parts.Search
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.day
import org.portlog.screens.parts.number
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.showIf
import org.portlog.screens.parts.softText
import org.portlog.service.ScreenIntents

/** What was seen and when nobody looked, newest first, as far back as it is kept. */
internal class LogPage(screen: MainActivity, saved: Bundle?) : Page(screen) {
    private val kinds = KindFilter(screen, saved) { fromStart() }
    private val search = Search(screen, screen.header, screen.getString(R.string.log_search)) {
        fromStart()
    }
    private val card = LogCard(screen, saved)
    private val summary = softText(screen)
    private val newer = quietButton(screen, screen.getString(R.string.log_newer), ::toNewest)
    private val rows = Rows()
    private val list = ListView(screen).apply {
        divider = null
        itemsCanFocus = true
        selector = screen.look.pressableRow()
        addHeaderView(
            column(screen) {
                add(card.view)
                add(kinds.view)
                add(summary, top = 8)
                add(newer, top = 8)
            },
            null,
            false,
        )
        addFooterView(column(screen) { minimumHeight = screen.look.dp(24) }, null, false)
        adapter = rows
        setOnItemClickListener { _, _, position, _ ->
            (getItemAtPosition(position) as? Told)?.let(::open)
        }
    }
    private val steady = SteadyList(list).apply {
        onScrolled = { first, visible, all -> if (first + visible >= all - AHEAD) older() }
    }
    private val live: Live<Pair<HistoryPage, LogState>> = Live(
        screen,
        question = {
            val query = query(before = 0, limit = maxOf(PAGE, wantedRows))
            val wanted = { agent: Agent, _: Stats ->
                agent.history(query) to LogState.of(agent)
            }
            wanted
        },
        shown = ::newest,
    )
    private var place = saved?.let { KeptPlace.from(it) }
    private var wantedRows = saved?.getInt(ROWS) ?: 0
    private var fetching = false
    private var asked = 0

    override val view: View = Readable(screen, list, roomDp = 16)

    init {
        newer.showIf(false)
        if (saved?.getBoolean(SEARCHING) == true) {
            search.open(saved.getString(TEXT).orEmpty(), withKeyboard = false)
            search.setAside()
        }
        wantedRows = saved?.getInt(ROWS) ?: 0
        place = saved?.let { KeptPlace.from(it) }
    }

    override fun arrive() {
        screen.actions(R.string.tab_log) {
            screen.header.action(Glyph.SEARCH, screen.getString(R.string.search_open)) {
                search.open()
            }
            screen.header.action(Glyph.FILTER, screen.getString(R.string.filter_open)) {
                kinds.open = !kinds.open
                if (kinds.open) list.setSelection(0)
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
        kinds.save(state)
        card.save(state)
        state.putBoolean(SEARCHING, search.isOpen)
        state.putString(TEXT, search.text)
        state.putInt(ROWS, minOf(rows.count, MOST_RESTORED))
        (place ?: KeptPlace.of(list)).save(state)
    }

    override fun back(): Boolean {
        if (!search.isOpen) return false
        search.close()
        return true
    }

    private fun query(before: Long, limit: Int) = HistoryQuery(
        kinds = kinds.chosen,
        text = search.text,
        before = before,
        limit = limit,
    )

    /** Begins anew, for another filter or search. */
    private fun fromStart() {
        asked += 1
        wantedRows = 0
        rows.clear()
        live.again()
    }

    private fun toNewest() {
        list.setSelection(0)
        fromStart()
    }

    /** Takes what is new, where that does not move what is being read. */
    private fun newest(told: Pair<HistoryPage, LogState>) {
        val (page, state) = told
        card.show(state)
        summary.text = summarised(page)
        val known = rows.first?.sequence
        val oldestNew = page.records.lastOrNull()?.sequence
        // Where more came than a page holds, rows in between are missing: then the user decides.
        val joins = known == null || oldestNew == null || oldestNew <= known + 1
        if (joins || list.firstVisiblePosition <= list.headerViewsCount) {
            steady.change { rows.start(page.records, joins) }
            newer.showIf(false)
        } else {
            newer.showIf(true)
        }
        place?.restore(list)
        place = null
        wantedRows = 0
    }

    private fun older() {
        val last = rows.last?.sequence ?: return
        if (fetching || rows.complete) return
        fetching = true
        val turn = asked
        screen.ask(
            work = { it.history(query(before = last, limit = PAGE)) },
            failed = { fetching = false },
        ) { page ->
            fetching = false
            if (turn == asked) rows.append(page.records, after = last)
        }
    }

    private fun summarised(page: HistoryPage): String {
        val since = page.since
        return when {
            since == null -> screen.getString(R.string.log_empty)
            page.matching == page.kept -> screen.resources.getQuantityString(
                R.plurals.log_kept,
                page.kept.toInt(),
                number(page.kept),
                day(screen, since),
            )
            page.matching == 0L -> screen.getString(R.string.log_none_match, number(page.kept))
            else -> screen.getString(
                R.string.log_of,
                number(page.matching),
                number(page.kept),
                day(screen, since),
            )
        }
    }

    private fun open(told: Told) {
        val alert = told.alert
        val connection = told.connection
        val owner = told.ownerKey
        when {
            alert != null -> screen.startActivity(Doors.alert(screen, alert.key))
            connection != null && connection.closedAt == null ->
                screen.startActivity(ScreenIntents.connection(screen, connection.id))
            owner != null -> screen.startActivity(ScreenIntents.owner(screen, owner))
        }
    }

    private inner class Rows : BaseAdapter() {
        private val records = ArrayList<Told>()
        var complete = false
            private set
        val first: Told? get() = records.firstOrNull()
        val last: Told? get() = records.lastOrNull()

        fun clear() {
            records.clear()
            complete = false
            notifyDataSetChanged()
        }

        /** Replaces the newest rows; what was fetched behind them is kept where they [join] it. */
        fun start(newest: List<Told>, join: Boolean) {
            val oldest = newest.lastOrNull()?.sequence
            val behind = records.filter { join && oldest != null && it.sequence < oldest }
            if (newest + behind == records) return
            if (!join) complete = false
            records.clear()
            records += newest
            records += behind
            notifyDataSetChanged()
        }

        fun append(older: List<Told>, after: Long) {
            if (last?.sequence != after) return
            complete = older.isEmpty()
            records += older
            if (older.isNotEmpty()) notifyDataSetChanged()
        }

        override fun getCount(): Int = records.size

        override fun getItem(position: Int): Told = records[position]

        override fun getItemId(position: Int): Long = records[position].sequence

        override fun hasStableIds(): Boolean = true

        override fun getView(position: Int, old: View?, parent: ViewGroup): View {
            val row = old?.tag as? HistoryRow ?: HistoryRow(screen)
            val newDay = position == 0 || !sameDay(records[position - 1].at, records[position].at)
            row.show(records[position], newDay)
            return row.view
        }
    }

    private companion object {
        const val PAGE = 100
        const val AHEAD = 10
        const val MOST_RESTORED = 500
        const val SEARCHING = "searching"
        const val TEXT = "text"
        const val ROWS = "rows"
    }
}

private fun sameDay(one: Long, other: Long): Boolean {
    val first = Calendar.getInstance().apply { timeInMillis = one }
    val second = Calendar.getInstance().apply { timeInMillis = other }
    return first.get(Calendar.YEAR) == second.get(Calendar.YEAR) &&
        first.get(Calendar.DAY_OF_YEAR) == second.get(Calendar.DAY_OF_YEAR)
}
