package org.portlog.screens

import android.content.ClipData
import android.content.ClipboardManager
import android.content.Context
import android.os.Build
import android.os.Bundle
import android.widget.LinearLayout
import android.widget.Toast
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.ConnectionDetails
import org.portlog.core.ConnectionLine
import org.portlog.core.MatchLine
import org.portlog.core.MuteRule
import org.portlog.screens.alerts.addressOf
import org.portlog.screens.log.historyRow
import org.portlog.screens.parts.add
import org.portlog.screens.parts.address
import org.portlog.screens.parts.card
import org.portlog.screens.parts.categoryMeaning
import org.portlog.screens.parts.categoryWord
import org.portlog.screens.parts.day
import org.portlog.screens.parts.fact
import org.portlog.screens.parts.group
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.levelMark
import org.portlog.screens.parts.line
import org.portlog.screens.parts.moment
import org.portlog.screens.parts.number
import org.portlog.screens.parts.opening
import org.portlog.screens.parts.points
import org.portlog.screens.parts.protocolWord
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.stateWord
import org.portlog.screens.parts.text
import org.portlog.screens.watch.packagesText
import org.portlog.service.ScreenIntents

/** A connection, and whether its address is muted. */
data class ConnectionShown(val details: ConnectionDetails, val muted: Boolean)

/** Everything about one connection. */
class ConnectionActivity : DetailScreen<ConnectionShown>() {
    override val heading: Int = R.string.connection_title
    override val gone: Int = R.string.connection_gone

    private val id: Long by lazy { intent.getLongExtra(ScreenIntents.EXTRA_CONNECTION, -1) }
    private var sumsOpen = false

    override fun onCreate(savedInstanceState: Bundle?) {
        sumsOpen = savedInstanceState?.getBoolean(SUMS) ?: false
        super.onCreate(savedInstanceState)
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putBoolean(SUMS, sumsOpen)
    }

    override fun load(agent: Agent): ConnectionShown? = agent.connection(id)?.let { details ->
        val rule = MuteRule.Remote(addressOf(details.line.remote))
        ConnectionShown(details, agent.stats().mutes.any { it.rule == rule })
    }

    override fun LinearLayout.fill(shown: ConnectionShown) {
        val line = shown.details.line
        head(line)
        group(getString(R.string.connection_what)) { points(shown.details.sentences) }
        shown.details.matches.forEach { match(it) }
        facts(line)
        deeds(line, shown.muted)
        history(shown.details)
    }

    private fun LinearLayout.head(line: ConnectionLine) {
        add(
            card(context) {
                line.level?.let { add(levelMark(context, it, HEAD_LEVEL)) }
                add(heading(context, line.owner.name, HEAD_NAME), top = 4)
                val packages = packagesText(context, line.owner)
                if (packages.isNotEmpty()) add(softText(context, packages), top = 2)
                val end = if (line.listener) line.local else line.remote
                add(address(context, end, HEAD_ADDRESS), top = 8)
                line.names.forEach { add(text(context, it), top = 2) }
                add(
                    softText(
                        context,
                        getString(
                            R.string.row_facts,
                            protocolWord(line.protocol),
                            stateWord(context, line),
                            line.owner.kindText,
                        ),
                    ),
                    top = 4,
                )
            },
            top = 12,
        )
    }

    private fun LinearLayout.match(match: MatchLine) {
        group(getString(R.string.connection_match, match.list)) {
            add(levelMark(context, match.level), top = 6)
            fact(getString(R.string.fact_entry), match.entry, mono = true)
            fact(getString(R.string.fact_line), number(match.line))
            fact(
                getString(R.string.fact_category),
                getString(
                    R.string.category_with_meaning,
                    categoryWord(context, match.category),
                    categoryMeaning(context, match.category),
                ),
            )
            val date = match.listDate
            fact(
                getString(R.string.fact_list_date),
                if (date == null) getString(R.string.date_not_known) else day(context, date),
            )
            if (match.weakened.isNotEmpty()) {
                add(softText(context, getString(R.string.alert_weaker)), top = 10)
                points(match.weakened)
            }
            opening(getString(R.string.fact_sha256), sumsOpen, { sumsOpen = it }) {
                add(address(context, match.listSha256))
            }
        }
    }

    private fun LinearLayout.facts(line: ConnectionLine) {
        group(getString(R.string.connection_facts)) {
            fact(getString(R.string.fact_remote), line.remote, mono = true)
            fact(getString(R.string.fact_local), line.local, mono = true)
            fact(getString(R.string.fact_protocol), protocolWord(line.protocol))
            fact(getString(R.string.fact_state), stateWord(context, line))
            line.owner.uid?.let { fact(getString(R.string.fact_uid), it.toString(), mono = true) }
            fact(getString(R.string.fact_first_seen), moment(context, line.firstSeen))
            line.closedAt?.let { fact(getString(R.string.fact_closed), moment(context, it)) }
        }
    }

    private fun LinearLayout.deeds(line: ConnectionLine, muted: Boolean) {
        add(
            quietButton(context, getString(R.string.connection_owner)) {
                startActivity(ScreenIntents.owner(context, line.owner.key))
            },
            top = 16,
        )
        if (line.listener) return
        add(
            quietButton(context, getString(R.string.copy_address)) { copy(addressOf(line.remote)) },
            top = 8,
        )
        add(
            quietButton(
                context,
                getString(if (muted) R.string.unmute_remote else R.string.mute_this_remote),
            ) { mute(MuteRule.Remote(addressOf(line.remote)), !muted) },
            top = 8,
        )
    }

    private fun LinearLayout.history(details: ConnectionDetails) {
        group(getString(R.string.connection_history)) {
            if (details.history.isEmpty()) {
                add(softText(context, getString(R.string.history_nothing)), top = 8)
            }
            for (told in details.history) {
                add(historyRow(this@ConnectionActivity, told), top = 8)
                line(top = 8)
            }
        }
    }

    private fun mute(rule: MuteRule, muted: Boolean) {
        ask(work = { it.mute(rule, muted) }) { again() }
    }

    private fun copy(address: String) {
        val clipboard = getSystemService(Context.CLIPBOARD_SERVICE) as ClipboardManager
        clipboard.setPrimaryClip(ClipData.newPlainText(getString(R.string.copied_label), address))
        // From Android 13 the system itself says that something was copied.
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) {
            Toast.makeText(this, R.string.copied, Toast.LENGTH_SHORT).show()
        }
    }

    private companion object {
        const val SUMS = "sums"
        const val HEAD_LEVEL = 16f
        const val HEAD_NAME = 20f
        const val HEAD_ADDRESS = 18f
    }
}
