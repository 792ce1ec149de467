package org.portlog.screens

import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.AbsListView
import android.widget.BaseAdapter
import android.widget.LinearLayout
import android.widget.ListView
import android.widget.TextView
import org.portlog.R
import org.portlog.core.LogKind
import org.portlog.core.LogPage
import org.portlog.core.LogQuery
import org.portlog.core.LogRequest
import org.portlog.core.LogRow
import org.portlog.screens.log.Shaded
import org.portlog.screens.parts.ChipChoice
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Readable
import org.portlog.screens.parts.Search
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.moment
import org.portlog.screens.parts.number
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text

/** The entries of the signed log as they are signed, newest first: what an export can show. */
class EntriesActivity : Screen() {
    private lateinit var search: Search
    private lateinit var list: ListView
    private lateinit var summary: TextView
    private val rows = Rows()
    private var shown = Shown.ALL
    private var asked = 0
    private var fetching = false
    private var next: Long? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        savedInstanceState?.getString(SHOWN)?.let { shown = Shown.valueOf(it) }
        summary = softText(this)
        list = ListView(this).apply {
            divider = null
            selector = look.pressableRow()
            addHeaderView(column(context) { head() }, null, false)
            addFooterView(column(context) { minimumHeight = look.dp(24) }, null, false)
            adapter = rows
            setOnScrollListener(Further())
        }
        show(getString(R.string.entries_title), Readable(this, list, roomDp = 16))
        search = Search(this, header, getString(R.string.log_search)) { fromStart() }
        header.action(Glyph.SEARCH, getString(R.string.search_open)) { search.open() }
        val text = savedInstanceState?.getString(TEXT).orEmpty()
        if (text.isNotEmpty()) search.open(text, withKeyboard = false) else fromStart()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(SHOWN, shown.name)
        outState.putString(TEXT, search.text)
    }

    @Deprecated("The platform's newer way needs Android 13.")
    override fun onBackPressed() {
        if (search.isOpen) search.close() else @Suppress("DEPRECATION") super.onBackPressed()
    }

    private fun LinearLayout.head() {
        add(text(context, getString(R.string.entries_about)), top = 12)
        val choices = Shown.entries.map { it to getString(it.label) }
        val chips = ChipChoice(context, getString(R.string.entries_which), choices, shown) {
            shown = it
            fromStart()
        }
        add(chips.view, top = 12)
        add(summary, top = 8)
    }

    private fun fromStart() {
        asked += 1
        fetching = false
        next = null
        rows.clear()
        fetch(null)
    }

    private fun fetch(before: Long?) {
        fetching = true
        val turn = asked
        val query = LogQuery(shown.kinds, search.text, before, PAGE)
        ask(
            work = { it.log(LogRequest.Page(query)) },
            failed = { if (turn == asked) fetching = false },
        ) { page -> if (turn == asked) take(page) }
    }

    private fun take(page: LogPage) {
        fetching = false
        next = page.next
        rows.append(page.rows)
        val size = page.size.coerceAtMost(Int.MAX_VALUE.toLong()).toInt()
        summary.text =
            resources.getQuantityString(R.plurals.entries_size, size, number(page.size))
        // A search looks at so many entries at a time, and may find none among them.
        if (rows.count < PAGE / 2) page.next?.let { fetch(it) }
    }

    /** Fetches what is older when the end comes near. */
    private inner class Further : AbsListView.OnScrollListener {
        override fun onScrollStateChanged(view: AbsListView, state: Int) = Unit

        override fun onScroll(view: AbsListView, first: Int, visible: Int, all: Int) {
            val older = next ?: return
            if (!fetching && first + visible >= all - AHEAD) fetch(older)
        }
    }

    private inner class Rows : BaseAdapter() {
        private val all = ArrayList<LogRow>()

        fun clear() {
            all.clear()
            notifyDataSetChanged()
        }

        fun append(older: List<LogRow>) {
            all += older
            notifyDataSetChanged()
        }

        override fun getCount(): Int = all.size

        override fun getItem(position: Int): LogRow = all[position]

        override fun getItemId(position: Int): Long = all[position].index

        override fun hasStableIds(): Boolean = true

        override fun getView(position: Int, old: View?, parent: ViewGroup): View {
            val view = old?.tag as? EntryRow ?: EntryRow(this@EntriesActivity)
            view.show(all[position])
            return view.view
        }
    }

    private enum class Shown(val label: Int, val kinds: List<LogKind>) {
        ALL(R.string.filter_any, emptyList()),
        ALERTS(R.string.kinds_alerts, listOf(LogKind.ALERT)),
        MARKS(
            R.string.entries_marks,
            listOf(LogKind.MARK, LogKind.WITNESS, LogKind.PREDECESSOR, LogKind.PRACTICE),
        ),
        CONNECTIONS(
            R.string.kinds_connections,
            listOf(LogKind.OPENED, LogKind.CHANGED, LogKind.CLOSED),
        ),
        GAPS(
            R.string.kinds_gaps,
            listOf(LogKind.STARTED, LogKind.STOPPED, LogKind.GAP, LogKind.DROP, LogKind.CLOCK),
        ),
    }

    private companion object {
        const val SHOWN = "shown"
        const val TEXT = "text"
        const val PAGE = 100
        const val AHEAD = 10
    }
}

/** One entry: its number, when, of what kind, and what it says. */
private class EntryRow(private val screen: Screen) {
    private val head = softText(screen)
    private val words = text(screen)
    private val body = column(screen) {
        setPadding(screen.look.dp(12), screen.look.dp(10), screen.look.dp(12), screen.look.dp(10))
        add(head)
        add(words, top = 2)
    }

    /** The row as a view; its tag is this row. */
    val view: LinearLayout = column(screen) {
        setPadding(0, screen.look.dp(3), 0, screen.look.dp(3))
        add(body, top = 4)
        tag = this@EntryRow
    }

    fun show(row: LogRow) {
        val at = row.at?.let { moment(screen, it) } ?: screen.getString(R.string.date_not_known)
        head.text = screen.getString(R.string.entries_head, number(row.index), at, row.kindText)
        words.text = row.text
        val gap = row.kind == LogKind.GAP || row.kind == LogKind.DROP || row.kind == LogKind.STOPPED
        body.background = if (gap) Shaded(screen) else screen.look.card()
        body.contentDescription =
            screen.getString(R.string.history_described, head.text, row.text)
    }
}
