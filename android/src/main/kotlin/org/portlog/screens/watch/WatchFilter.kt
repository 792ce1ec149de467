package org.portlog.screens.watch

import android.os.Bundle
import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.BoardQuery
import org.portlog.core.ListenerChoice
import org.portlog.core.OwnerChoice
import org.portlog.core.Protocol
import org.portlog.core.Sort
import org.portlog.screens.Screen
import org.portlog.screens.parts.ChipChoice
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.column
import org.portlog.screens.parts.inSentence
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.protocolWord
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.showIf
import org.portlog.screens.parts.toggleChip

/** The one owner whose connections are wanted, with the name that the owner had then. */
internal data class OnlyOwner(val key: String, val name: String) {
    companion object {
        /** Of what an intent or a state kept; `null` where it kept none. */
        fun of(key: String?, name: String?): OnlyOwner? =
            if (key.isNullOrEmpty()) null else OnlyOwner(key, name.orEmpty())
    }
}

/** Which connections the user wants to see and in which order; [onChanged] is told each change. */
internal class WatchFilter(
    private val screen: Screen,
    saved: Bundle?,
    private val onChanged: () -> Unit,
) {
    private val owners = choice(
        R.string.filter_owners,
        listOf(
            OwnerChoice.ALL to R.string.filter_owners_all,
            OwnerChoice.FIRMWARE to R.string.filter_owners_firmware,
            OwnerChoice.APPS to R.string.filter_owners_apps,
        ),
        kept(saved, OWNERS, OwnerChoice.ALL),
    )
    private val listeners = choice(
        R.string.filter_listeners,
        listOf(
            ListenerChoice.SHOWN to R.string.filter_listeners_shown,
            ListenerChoice.HIDDEN to R.string.filter_listeners_hidden,
            ListenerChoice.ONLY to R.string.filter_listeners_only,
        ),
        kept(saved, LISTENERS, ListenerChoice.SHOWN),
    )
    private val protocol = ChipChoice<Protocol?>(
        screen,
        screen.getString(R.string.filter_protocol),
        listOf<Pair<Protocol?, String>>(null to screen.getString(R.string.filter_any)) +
            Protocol.entries.map { it to protocolWord(it) },
        saved?.getString(PROTOCOL)?.let { Protocol.valueOf(it) },
    ) { onChanged() }
    private val sort = choice(
        R.string.sort,
        listOf(
            Sort.FIRMWARE_FIRST to R.string.sort_firmware,
            Sort.NEWEST to R.string.sort_newest,
            Sort.OWNER to R.string.sort_owner,
            Sort.REMOTE to R.string.sort_remote,
        ),
        kept(saved, SORT, Sort.FIRMWARE_FIRST),
    )
    private val alerts = toggleChip(
        screen,
        screen.getString(R.string.filter_alerts),
        saved?.getBoolean(ALERTS) ?: false,
    ) { onChanged() }

    private val onlyPlace = column(screen)

    /** The one owner whose connections are shown, if not everybody's. */
    var only: OnlyOwner? = OnlyOwner.of(saved?.getString(OWNER_KEY), saved?.getString(OWNER_NAME))
        set(value) {
            field = value
            showOnly()
        }

    /** Whether the choices are shown. */
    var open: Boolean = saved?.getBoolean(OPEN) ?: false
        set(value) {
            field = value
            choices.showIf(value)
        }

    private val choices: View = card(screen) {
        add(owners.view)
        add(alerts, top = 12, width = LinearLayout.LayoutParams.WRAP_CONTENT)
        add(listeners.view, top = 12)
        add(protocol.view, top = 12)
        add(sort.view, top = 12)
        showIf(open)
    }

    /** The choices as a view, and the one owner also while they are closed. */
    val view: LinearLayout = column(screen) {
        add(choices, top = 12)
        add(onlyPlace)
    }

    init {
        showOnly()
    }

    /** Whether anything is left out. */
    val restricts: Boolean
        get() = only != null || owners.chosen != OwnerChoice.ALL || alerts.isChecked ||
            listeners.chosen != ListenerChoice.SHOWN || protocol.chosen != null

    /** What the core is asked for, with [text] searched for. */
    fun query(text: String): BoardQuery = BoardQuery(
        text = text,
        owners = owners.chosen,
        alertsOnly = alerts.isChecked,
        protocol = protocol.chosen,
        listeners = listeners.chosen,
        sort = sort.chosen,
        ownerKey = only?.key,
        limit = MOST_ROWS,
    )

    /** Leaves nothing out; the order stays. */
    fun clear() {
        owners.choose(OwnerChoice.ALL, tell = false)
        listeners.choose(ListenerChoice.SHOWN, tell = false)
        protocol.choose(null, tell = false)
        alerts.isChecked = false
        only = null
        onChanged()
    }

    private fun showOnly() = onlyPlace.refill {
        val owner = only ?: return@refill
        val words = screen.getString(R.string.filter_only, inSentence(screen, owner.name))
        add(
            toggleChip(screen, words, true) {
                only = null
                onChanged()
            }.apply { lead(Glyph.CLOSE.beside(screen, screen.look.ink, 16)) },
            top = 12,
            width = LinearLayout.LayoutParams.WRAP_CONTENT,
        )
    }

    fun save(state: Bundle) {
        state.putString(OWNERS, owners.chosen.name)
        state.putString(LISTENERS, listeners.chosen.name)
        state.putString(PROTOCOL, protocol.chosen?.name)
        state.putString(SORT, sort.chosen.name)
        state.putBoolean(ALERTS, alerts.isChecked)
        state.putBoolean(OPEN, open)
        state.putString(OWNER_KEY, only?.key)
        state.putString(OWNER_NAME, only?.name)
    }

    private fun <T> choice(question: Int, answers: List<Pair<T, Int>>, chosen: T): ChipChoice<T> =
        ChipChoice(
            screen,
            screen.getString(question),
            answers.map { (answer, label) -> answer to screen.getString(label) },
            chosen,
        ) { onChanged() }

    private inline fun <reified T : Enum<T>> kept(saved: Bundle?, key: String, otherwise: T): T =
        saved?.getString(key)?.let { enumValueOf<T>(it) } ?: otherwise

    private companion object {
        const val OWNERS = "owners"
        const val LISTENERS = "listeners"
        const val PROTOCOL = "protocol"
        const val SORT = "sort"
        const val ALERTS = "alerts"
        const val OPEN = "filter"
        const val OWNER_KEY = "owner"
        const val OWNER_NAME = "owner_name"

        /** More rows than anybody reads, few enough for a phone of 2014. */
        const val MOST_ROWS = 400
    }
}
