package org.portlog.screens.alerts

import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.AlertView
import org.portlog.screens.Screen
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.LevelShape
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.Sides
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.levelWord
import org.portlog.screens.parts.moment
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text

/** One claim in a few lines, with the way to what else could explain it and what to do. */
internal class AlertCard(
    private val screen: Screen,
    private val onOpen: (AlertView) -> Unit,
    private val onMute: (AlertView, View) -> Unit,
) {
    private val look = screen.look
    private val level = text(screen, size = Look.SMALL, face = Look.STRONG)
    private val time = softText(screen)
    private val owner = text(screen, size = Look.HEADING, face = Look.STRONG)
    private val claim = text(screen)
    private val open = quietButton(screen, screen.getString(R.string.alert_open)) {
        shown?.let(onOpen)
    }
    private val mute: Button = quietButton(screen, "") { shown?.let { onMute(it, muteAnchor()) } }
    private var shown: AlertView? = null

    /** The card as a view; its tag is this card. */
    val view: View = column(screen) {
        setPadding(0, look.dp(6), 0, look.dp(6))
        add(
            column(screen) {
                background = look.pressableCard()
                val room = look.dp(16)
                setPadding(room, room, room, room)
                isClickable = true
                isFocusable = true
                setOnClickListener { shown?.let(onOpen) }
                add(Sides(screen, level, time))
                add(owner, top = 6)
                add(claim, top = 4)
                add(buttons(), top = 12)
            },
        )
        tag = this@AlertCard
    }

    /** Shows [alert] in it. */
    fun show(alert: AlertView) {
        if (alert == shown) return
        shown = alert
        val color = look.of(alert.level)
        level.setTextColor(color)
        level.lead(LevelShape(alert.level, color, look.sign(16)), roomDp = 8)
        level.text = levelLine(screen, alert)
        time.text = moment(screen, alert.lastSeen)
        owner.text = alert.owner.name
        claim.text = alert.text
        mute.setText(if (alert.muted) R.string.unmute else R.string.mute)
        mute.contentDescription = screen.getString(
            if (alert.muted) R.string.unmute_described else R.string.mute_described,
            alert.title,
        )
        open.contentDescription = screen.getString(R.string.alert_open_described, alert.title)
        (view as LinearLayout).getChildAt(0).contentDescription = listOf(
            level.text,
            time.text,
            alert.text,
        ).joinToString(screen.getString(R.string.sentence_separator))
    }

    private fun buttons(): View = Flow(screen).apply {
        addView(open)
        addView(mute)
    }

    private fun muteAnchor(): View = mute
}

/** The level's word, with what kept it quiet. */
internal fun levelLine(screen: Screen, alert: AlertView): String {
    val word = levelWord(screen, alert.level)
    return when {
        alert.practice -> screen.getString(R.string.level_in_practice, word)
        alert.muted -> screen.getString(R.string.level_muted, word)
        else -> word
    }
}
