package org.portlog.screens.guide

import android.os.Handler
import android.os.Looper
import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.LinkState
import org.portlog.core.PracticeLinkLine
import org.portlog.core.PracticeReport
import org.portlog.guide.PracticeRun
import org.portlog.screens.Screen
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.column
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.mainButton
import org.portlog.screens.parts.moment
import org.portlog.screens.parts.points
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.screens.watch.isBlind
import org.portlog.service.ScreenIntents

/** The practice alert: its button, each link as it passes or fails, and what the user noticed. */
internal class PracticePanel(private val screen: Screen, private val onPassed: () -> Unit = {}) {
    private val run = PracticeRun(screen)
    private val main = Handler(Looper.getMainLooper())
    private val tick = Runnable { look() }
    private var visible = false
    private var shown: PracticeReport? = null
    private var beginning = false

    /** Heard nothing: what on this phone may be why is shown until the next run. */
    private var unheard = false

    val view: LinearLayout = column(screen)

    /** Looks how it stands, each second from now on. */
    fun start() {
        visible = true
        look()
    }

    fun stop() {
        visible = false
        main.removeCallbacks(tick)
    }

    private fun look() {
        main.removeCallbacks(tick)
        if (!visible) return
        run.look(failed = ::failed, answer = ::show)
        main.postDelayed(tick, PERIOD_MILLIS)
    }

    private fun begin() {
        unheard = false
        beginning = true
        shown?.let(::build)
        run.begin(failed = ::failed) { report ->
            beginning = false
            show(report)
        }
    }

    private fun confirm(noticed: Boolean) {
        unheard = !noticed
        run.confirm(noticed, failed = ::failed) { report ->
            show(report)
            if (noticed) onPassed()
        }
    }

    private fun failed(problem: String) {
        beginning = false
        screen.showProblem(problem)
    }

    private fun show(report: PracticeReport) {
        if (report == shown) return
        shown = report
        build(report)
    }

    private fun build(report: PracticeReport) = view.refill {
        val begun = report.running || report.links.any { it.state != LinkState.WAITING }
        if (begun) report.links.forEach { link(it) }
        if (asksUser(report)) questions()
        if (report.links.firstOrNull()?.state == LinkState.FAILED && isBlind) helper()
        if (unheard) reasons()
        if (!report.running) {
            val label = when {
                beginning -> R.string.practice_beginning
                begun -> R.string.practice_again
                else -> R.string.practice_begin
            }
            val button = mainButton(context, screen.getString(label), ::begin)
            button.isEnabled = !beginning
            add(button, top = 16)
        }
        report.lastPassed?.let {
            val passed = screen.getString(R.string.practice_passed, moment(context, it))
            add(softText(context, passed), top = 8)
        }
    }

    private fun LinearLayout.link(link: PracticeLinkLine) {
        val (glyph, color, word) = when (link.state) {
            LinkState.WAITING -> Triple(Glyph.OPEN, screen.look.soft, R.string.link_waiting)
            LinkState.PASSED -> Triple(Glyph.DONE, screen.look.good, R.string.link_passed)
            LinkState.FAILED -> Triple(Glyph.REFUSED, screen.look.match, R.string.link_failed)
        }
        add(
            text(context, link.text).apply {
                lead(glyph.beside(context, color, 22), roomDp = 12)
                contentDescription =
                    screen.getString(R.string.link_described, screen.getString(word), link.text)
            },
            top = 12,
        )
    }

    /** All links hold but the last, which only the user knows. */
    private fun asksUser(report: PracticeReport): Boolean = report.running &&
        report.links.isNotEmpty() &&
        report.links.last().state == LinkState.WAITING &&
        report.links.dropLast(1).all { it.state == LinkState.PASSED }

    private fun LinearLayout.questions() {
        add(text(context, screen.getString(R.string.practice_question)), top = 16)
        add(
            mainButton(context, screen.getString(R.string.practice_seen_and_heard)) {
                confirm(true)
            },
            top = 8,
        )
        add(
            quietButton(context, screen.getString(R.string.practice_seen_only)) { confirm(false) },
            top = 8,
        )
        add(
            quietButton(context, screen.getString(R.string.practice_not_seen)) { confirm(false) },
            top = 8,
        )
    }

    private fun LinearLayout.helper() = add(
        quietButton(context, screen.getString(R.string.watch_blind_do)) {
            screen.startActivity(ScreenIntents.helper(screen))
        },
        top = 12,
    )

    private fun LinearLayout.reasons() {
        val problems = run.problems()
        if (problems.isEmpty()) {
            add(text(context, screen.getString(R.string.practice_no_reason)), top = 16)
        } else {
            add(text(context, screen.getString(R.string.practice_reasons)), top = 16)
            points(problems.map { screen.getString(it.text) })
        }
    }

    private companion object {
        const val PERIOD_MILLIS = 1_000L
    }
}
