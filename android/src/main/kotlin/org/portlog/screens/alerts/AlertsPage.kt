package org.portlog.screens.alerts

import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.ListView
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.AlertView
import org.portlog.core.BoardQuery
import org.portlog.core.Stats
import org.portlog.screens.Doors
import org.portlog.screens.KeptPlace
import org.portlog.screens.Live
import org.portlog.screens.MainActivity
import org.portlog.screens.Page
import org.portlog.screens.SteadyList
import org.portlog.screens.Tab
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Readable
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.column
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.showIf
import org.portlog.screens.parts.text
import org.portlog.screens.parts.toggleChip

/** One card for each claim; where there is none, what was looked at. */
internal class AlertsPage(screen: MainActivity, saved: Bundle?) : Page(screen) {
    private val muting = Muting(screen) { live.again() }
    private val withNoted = toggleChip(
        screen,
        screen.getString(R.string.alerts_with_noted),
        saved?.getBoolean(NOTED) ?: false,
    ) { live.again() }
    private val emptyWords = text(screen)
    private val empty = card(screen) {
        add(
            heading(screen, screen.getString(R.string.alerts_none)).apply {
                lead(Glyph.WATCH.beside(screen, screen.look.soft), roomDp = 12)
            },
        )
        add(emptyWords, top = 8)
        add(
            quietButton(screen, screen.getString(R.string.alerts_to_watch)) {
                screen.choose(Tab.WATCH)
            },
            top = 12,
        )
        showIf(false)
    }
    private val cards = Cards()
    private val list = ListView(screen).apply {
        divider = null
        itemsCanFocus = true
        addHeaderView(
            column(screen) {
                add(withNoted, top = 12, width = ViewGroup.LayoutParams.WRAP_CONTENT)
                add(empty, top = 12)
                setPadding(0, 0, 0, screen.look.dp(6))
            },
            null,
            false,
        )
        addFooterView(column(screen) { minimumHeight = screen.look.dp(16) }, null, false)
        adapter = cards
    }
    private val steady = SteadyList(list)
    private val live: Live<Pair<List<AlertView>, String>> = Live(
        screen,
        question = {
            val noted = withNoted.isChecked
            val wanted = { agent: Agent, _: Stats ->
                Pair(agent.alerts(noted), agent.snapshot(BoardQuery(limit = 1)).watchedText)
            }
            wanted
        },
        shown = { (alerts, watched) -> show(alerts, watched) },
    )
    private var place = saved?.let { KeptPlace.from(it) }

    override val view: View = Readable(screen, list, roomDp = 16)

    override fun arrive() {
        screen.actions(R.string.tab_alerts) {}
        live.start()
    }

    override fun leave() = live.stop()

    override fun save(state: Bundle) {
        state.putBoolean(NOTED, withNoted.isChecked)
        (place ?: KeptPlace.of(list)).save(state)
    }

    private fun show(alerts: List<AlertView>, watched: String) {
        empty.showIf(alerts.isEmpty())
        emptyWords.text = watched
        steady.change { cards.show(alerts) }
        place?.restore(list)
        place = null
    }

    private inner class Cards : BaseAdapter() {
        private var alerts: List<AlertView> = emptyList()

        fun show(alerts: List<AlertView>) {
            if (alerts == this.alerts) return
            this.alerts = alerts
            notifyDataSetChanged()
        }

        override fun getCount(): Int = alerts.size

        override fun getItem(position: Int): AlertView = alerts[position]

        override fun getItemId(position: Int): Long = alerts[position].key.hashCode().toLong()

        override fun hasStableIds(): Boolean = true

        override fun getView(position: Int, old: View?, parent: ViewGroup): View {
            val card = old?.tag as? AlertCard ?: AlertCard(screen, ::open, muting::toggle)
            card.show(alerts[position])
            return card.view
        }
    }

    private fun open(alert: AlertView) = screen.startActivity(Doors.alert(screen, alert.key))

    private companion object {
        const val NOTED = "noted"
    }
}
