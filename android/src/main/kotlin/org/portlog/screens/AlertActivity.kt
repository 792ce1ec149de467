package org.portlog.screens

import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.AlertView
import org.portlog.core.Level
import org.portlog.screens.alerts.Muting
import org.portlog.screens.alerts.levelLine
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.LevelShape
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.card
import org.portlog.screens.parts.categoryMeaning
import org.portlog.screens.parts.categoryWord
import org.portlog.screens.parts.fact
import org.portlog.screens.parts.group
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.moment
import org.portlog.screens.parts.number
import org.portlog.screens.parts.points
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.text
import org.portlog.service.ScreenIntents

/** One claim in full: what it rests on, what else could explain it, and what to do now. */
class AlertActivity : DetailScreen<AlertView>() {
    override val heading: Int = R.string.alert_title
    override val gone: Int = R.string.alert_gone

    private val key: String by lazy { intent.getStringExtra(ScreenIntents.EXTRA_ALERT).orEmpty() }
    private val muting = Muting(this) { again() }

    override fun load(agent: Agent): AlertView? =
        agent.alerts(withNoted = true).find { it.key == key }

    override fun LinearLayout.fill(shown: AlertView) {
        claim(shown)
        if (shown.advice.isNotEmpty()) {
            group(getString(R.string.alert_now)) { points(shown.advice) }
        }
        if (shown.explanations.isNotEmpty()) {
            group(getString(R.string.alert_else)) { points(shown.explanations) }
        }
        if (shown.weakened.isNotEmpty()) {
            group(getString(R.string.alert_weaker)) { points(shown.weakened) }
        }
        if (shown.candidates.isNotEmpty()) {
            group(getString(R.string.alert_candidates)) { points(shown.candidates) }
        }
        group(getString(R.string.alert_rests_on)) { evidence(shown) }
        if (shown.level == Level.MATCH && !shown.practice) {
            group(getString(R.string.log_signed)) { witness() }
        }
    }

    private fun LinearLayout.witness() {
        add(text(context, getString(R.string.alert_witness_why)), top = 8)
        add(
            quietButton(context, getString(R.string.log_witness)) {
                startActivity(ScreenIntents.checkpoint(context))
            },
            width = LinearLayout.LayoutParams.WRAP_CONTENT,
            top = 12,
        )
    }

    private fun LinearLayout.claim(alert: AlertView) {
        add(
            card(context) {
                val color = look.of(alert.level)
                val words = levelLine(this@AlertActivity, alert)
                val level = text(context, words, Look.BODY, color, Look.STRONG)
                level.lead(LevelShape(alert.level, color, look.sign(20)))
                add(level)
                add(heading(context, alert.owner.name, Look.TITLE), top = 8)
                add(text(context, alert.text), top = 8)
                add(actions(alert), top = 12)
            },
            top = 12,
        )
    }

    private fun actions(alert: AlertView): View = Flow(this).apply {
        alert.connection?.let { connection ->
            addView(
                quietButton(context, getString(R.string.alert_connection)) {
                    startActivity(ScreenIntents.connection(context, connection))
                },
            )
        }
        addView(
            quietButton(context, getString(R.string.alert_owner)) {
                startActivity(ScreenIntents.owner(context, alert.owner.key))
            },
        )
        lateinit var mute: View
        mute = quietButton(
            context,
            getString(if (alert.muted) R.string.unmute else R.string.mute),
        ) { muting.toggle(alert, mute) }
        addView(mute)
    }

    private fun LinearLayout.evidence(alert: AlertView) {
        fact(getString(R.string.fact_remote), alert.remote, mono = true)
        fact(getString(R.string.fact_list), alert.list)
        fact(getString(R.string.fact_entry), alert.entry, mono = true)
        alert.category?.let {
            fact(
                getString(R.string.fact_category),
                getString(
                    R.string.category_with_meaning,
                    categoryWord(context, it),
                    categoryMeaning(context, it),
                ),
            )
        }
        fact(getString(R.string.fact_owner_kind), alert.owner.kindText)
        alert.owner.uid?.let { fact(getString(R.string.fact_uid), it.toString(), mono = true) }
        fact(getString(R.string.fact_first_seen), moment(context, alert.firstSeen))
        fact(getString(R.string.fact_last_seen), moment(context, alert.lastSeen))
        fact(getString(R.string.fact_count), number(alert.count))
        if (alert.bundled > 0) {
            fact(
                getString(R.string.fact_bundled),
                resources.getQuantityString(R.plurals.bundled, alert.bundled, alert.bundled),
            )
        }
    }
}
