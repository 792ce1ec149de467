package org.portlog.screens.alerts

import android.view.View
import android.widget.PopupMenu
import org.portlog.R
import org.portlog.core.AlertView
import org.portlog.core.MuteRule
import org.portlog.screens.Screen
import org.portlog.screens.parts.inSentence

/** Mutes what an alert speaks of, or takes that back; the user says what of it. */
internal class Muting(private val screen: Screen, private val onDone: () -> Unit) {
    /** Takes every mute of this alert back, or asks at [anchor] what shall be muted. */
    fun toggle(alert: AlertView, anchor: View) {
        if (alert.muted) unmute(alert) else ask(alert, anchor)
    }

    private fun ask(alert: AlertView, anchor: View) {
        val rules = rules(alert)
        val menu = PopupMenu(screen, anchor)
        rules.forEachIndexed { i, rule -> menu.menu.add(0, i, i, words(rule, alert)) }
        menu.setOnMenuItemClickListener { item ->
            val rule = rules[item.itemId]
            screen.ask(work = { it.mute(rule, true) }) { onDone() }
            true
        }
        menu.show()
    }

    private fun unmute(alert: AlertView) {
        val mine = rules(alert)
        screen.ask(
            work = { agent ->
                agent.stats().mutes.map { it.rule }.filter { it in mine }
                    .forEach { agent.mute(it, false) }
            },
        ) { onDone() }
    }

    private fun rules(alert: AlertView): List<MuteRule> = buildList {
        if (alert.entry.isNotEmpty()) add(MuteRule.Entry(alert.entry))
        if (alert.remote.isNotEmpty()) {
            add(MuteRule.Remote(addressOf(alert.remote)))
        }
        add(MuteRule.Owner(alert.owner.key))
    }

    private fun words(rule: MuteRule, alert: AlertView): String = when (rule) {
        is MuteRule.Entry -> screen.getString(R.string.mute_entry, inSentence(screen, rule.text))
        is MuteRule.Remote ->
            screen.getString(R.string.mute_remote, inSentence(screen, rule.address))
        is MuteRule.Owner -> screen.getString(R.string.mute_owner, alert.owner.name)
    }
}

/** The address of `ADDRESS:PORT`; an IPv6 address without its brackets. */
internal fun addressOf(remote: String): String =
    remote.substringBeforeLast(':').removePrefix("[").removeSuffix("]")
