package org.portlog.screens

import android.os.Bundle
import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.MuteLine
import org.portlog.screens.guide.PracticePanel
import org.portlog.screens.log.LogSettings
import org.portlog.screens.parts.ChipChoice
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.group
import org.portlog.screens.parts.nothing
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.switchRow
import org.portlog.screens.parts.text
import org.portlog.screens.tap.TapSwitch
import org.portlog.service.Core
import org.portlog.service.Pace
import org.portlog.service.WatchSettings

/** What can be set: whose connections alert, how often is looked, what is muted, day or night. */
class SettingsActivity : Screen() {
    private lateinit var kept: WatchSettings
    private lateinit var mutes: LinearLayout
    private lateinit var practice: PracticePanel
    private lateinit var log: LogSettings
    private lateinit var tap: TapSwitch
    private lateinit var scroll: KeptScroll
    private lateinit var live: Live<List<MuteLine>>
    private var mutesShown: List<MuteLine>? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        kept = WatchSettings(this)
        mutes = column(this)
        practice = PracticePanel(this)
        log = LogSettings(this)
        tap = TapSwitch(this, brief = false)
        val content = column(this) {
            setPadding(0, 0, 0, look.dp(24))
            scope()
            pace()
            start()
            group(getString(R.string.settings_names)) { add(tap.view, top = 4) }
            group(getString(R.string.settings_log)) { add(log.view) }
            group(getString(R.string.settings_mutes)) { add(mutes) }
            group(getString(R.string.settings_practice)) {
                add(softText(context, getString(R.string.settings_practice_about)), top = 4)
                add(practice.view)
            }
            looks()
        }
        val (outer, scroller) = scrollingColumn(this, content)
        scroll = KeptScroll(scroller, savedInstanceState)
        show(getString(R.string.menu_settings), outer)
        live = Live(this, question = { { _, stats -> stats.mutes } }, shown = ::showMutes)
    }

    override fun onStart() {
        super.onStart()
        live.start()
        log.load()
        tap.load()
        practice.start()
    }

    override fun onStop() {
        live.stop()
        practice.stop()
        super.onStop()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        scroll.save(outState)
    }

    private fun LinearLayout.scope() = group(getString(R.string.settings_scope)) {
        val choice = choice(
            R.string.settings_scope_question,
            listOf(
                false to getString(R.string.settings_scope_firmware),
                true to getString(R.string.settings_scope_all),
            ),
            kept.scopeAll,
        ) {
            kept.scopeAll = it
            changed()
        }
        add(choice, top = 8)
        add(softText(context, getString(R.string.settings_scope_about)), top = 8)
    }

    private fun LinearLayout.pace() = group(getString(R.string.settings_pace)) {
        add(
            choice(R.string.settings_pace_on, paces(Pace.SCREEN_ON), kept.paceScreenOn) {
                kept.paceScreenOn = it
                changed()
            },
            top = 8,
        )
        add(
            choice(R.string.settings_pace_off, paces(Pace.SCREEN_OFF), kept.paceScreenOff) {
                kept.paceScreenOff = it
                changed()
            },
            top = 12,
        )
        add(softText(context, getString(R.string.settings_pace_about)), top = 8)
    }

    private fun LinearLayout.start() = group(getString(R.string.settings_start)) {
        add(
            switchRow(
                context,
                getString(R.string.settings_autostart),
                getString(R.string.settings_autostart_about),
                kept.autostart,
            ) { kept.autostart = it },
            top = 4,
        )
    }

    private fun LinearLayout.looks() = group(getString(R.string.settings_looks)) {
        add(
            choice(
                R.string.settings_appearance,
                listOf(
                    Appearance.PHONE to getString(R.string.appearance_phone),
                    Appearance.DAY to getString(R.string.appearance_day),
                    Appearance.NIGHT to getString(R.string.appearance_night),
                ),
                Appearance.of(context),
            ) {
                it.keep(context)
                recreate()
            },
            top = 8,
        )
        add(softText(context, getString(R.string.settings_language)), top = 12)
    }

    private fun paces(paces: List<Pace>): List<Pair<Pace, String>> = paces.map { pace ->
        val seconds = (pace.activeMillis / MILLIS).toInt()
        pace to resources.getQuantityString(R.plurals.seconds, seconds, seconds)
    }

    private fun <T> choice(
        question: Int,
        answers: List<Pair<T, CharSequence>>,
        chosen: T,
        onChosen: (T) -> Unit,
    ): View = ChipChoice(this, getString(question), answers, chosen, onChosen).view

    private fun changed() = Core.of(this).settingsChanged()

    private fun showMutes(lines: List<MuteLine>) {
        if (lines == mutesShown) return
        mutesShown = lines
        mutes.refill {
            if (lines.isEmpty()) nothing(context, R.string.settings_no_mutes)
            for (mute in lines) {
                add(text(context, mute.text), top = 12)
                add(
                    quietButton(context, getString(R.string.unmute)) {
                        ask(work = { it.mute(mute.rule, false) }) { live.again() }
                    }.apply {
                        contentDescription = getString(R.string.unmute_described, mute.text)
                    },
                    width = LinearLayout.LayoutParams.WRAP_CONTENT,
                    top = 6,
                )
            }
        }
        scroll.restore()
    }

    private companion object {
        const val MILLIS = 1_000L
    }
}
