package org.portlog.screens.log

import android.content.Context
import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.portlog.screens.parts.LevelShape
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.clock
import org.portlog.screens.parts.column
import org.portlog.screens.parts.day
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.levelWord
import org.portlog.screens.parts.moment
import org.portlog.screens.parts.showIf
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text

/** One record of the history: when, what sort, and what happened, in a sentence. */
internal class HistoryRow(private val context: Context) {
    private val look = Look(context)
    private val dayView = heading(context, "", Look.SMALL)
    private val head = softText(context)
    private val words = text(context)
    private val body = column(context) {
        setPadding(look.dp(12), look.dp(10), look.dp(12), look.dp(10))
        add(head)
        add(words, top = 2)
    }

    /** The row as a view; its tag is this row. */
    val view: LinearLayout = column(context) {
        setPadding(0, look.dp(3), 0, look.dp(3))
        add(dayView, top = 12)
        add(body, top = 4)
        tag = this@HistoryRow
    }

    /** Shows [told]; [newDay] puts its day above it. */
    fun show(told: Told, newDay: Boolean) {
        dayView.showIf(newDay)
        if (newDay) dayView.text = day(context, told.at)
        dress(context, told, head, body)
        head.text = context.getString(
            R.string.history_head,
            clock(context, told.at),
            kindOf(context, told),
        )
        words.text = told.text
        body.contentDescription =
            context.getString(R.string.history_described, head.text, told.text)
    }
}

/** A record by itself, with its day; for the screens with details. */
internal fun historyRow(context: Context, told: Told): View = column(context) {
    val head = softText(context)
    add(head)
    add(text(context, told.text), top = 2)
    dress(context, told, head, null)
    head.text = context.getString(
        R.string.history_head,
        moment(context, told.at),
        kindOf(context, told),
    )
}

/** Whether nobody looked, or nothing was kept, for a while: shaded, so that it is seen. */
internal fun isGap(kind: ToldKind): Boolean = when (kind) {
    ToldKind.GAP, ToldKind.DROP, ToldKind.SYSTEM, ToldKind.STOPPED -> true
    else -> false
}

/** A kind's name. */
internal fun kindWord(context: Context, kind: ToldKind): String = context.getString(
    when (kind) {
        ToldKind.STARTED -> R.string.kind_started
        ToldKind.OPENED -> R.string.kind_opened
        ToldKind.CHANGED -> R.string.kind_changed
        ToldKind.CLOSED -> R.string.kind_closed
        ToldKind.ALERT -> R.string.kind_alert
        ToldKind.NOTED -> R.string.kind_noted
        ToldKind.NOTED_SUMMARY -> R.string.kind_noted_summary
        ToldKind.COVERAGE -> R.string.kind_coverage
        ToldKind.LIST -> R.string.kind_list
        ToldKind.PACKAGES -> R.string.kind_packages
        ToldKind.CLOCK -> R.string.kind_clock
        ToldKind.HEARTBEAT -> R.string.kind_heartbeat
        ToldKind.CONFIG -> R.string.kind_config
        ToldKind.DROP -> R.string.kind_drop
        ToldKind.GAP -> R.string.kind_gap
        ToldKind.PRACTICE -> R.string.kind_practice
        ToldKind.SYSTEM -> R.string.kind_system
        ToldKind.STOPPED -> R.string.kind_stopped
    },
)

private fun kindOf(context: Context, told: Told): String {
    val level = told.alert?.level
    return if (told.kind == ToldKind.ALERT && level != null) {
        levelWord(context, level)
    } else {
        kindWord(context, told.kind)
    }
}

private fun dress(context: Context, told: Told, head: android.widget.TextView, body: View?) {
    val look = Look(context)
    val level = told.alert?.level
    val color = if (level == null) look.soft else look.of(level)
    head.setTextColor(color)
    head.lead(level?.let { LevelShape(it, color, look.sign(14)) }, roomDp = 6)
    body?.background = if (isGap(told.kind)) Shaded(context) else look.card()
}
