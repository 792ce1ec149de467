package org.portlog.screens

import android.content.Intent
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.text.format.DateUtils
import android.view.View
import android.widget.LinearLayout
import android.widget.TextView
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.Outcome
import org.portlog.core.SharePreset
import org.portlog.guide.TestRun
import org.portlog.guide.TestStep
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.address
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.column
import org.portlog.screens.parts.group
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.mainButton
import org.portlog.screens.parts.points
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.service.Core
import org.portlog.service.WatchService

/** Leads through the test of 2014: what to do, a mark at each step, and a while of quiet after it. */
class TestActivity : Screen() {
    private lateinit var run: TestRun
    private lateinit var place: LinearLayout
    private lateinit var scroll: KeptScroll
    private val main = Handler(Looper.getMainLooper())
    private val tick = Runnable { ticked() }
    private var clock: TextView? = null
    private var asking = false

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        run = TestRun(this)
        place = column(this) { setPadding(0, 0, 0, look.dp(24)) }
        val (outer, scroller) = scrollingColumn(this, place)
        scroll = KeptScroll(scroller, savedInstanceState)
        show(getString(R.string.test_title), outer)
    }

    override fun onStart() {
        super.onStart()
        present()
        scroll.restore()
    }

    override fun onStop() {
        main.removeCallbacks(tick)
        super.onStop()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        scroll.save(outState)
    }

    private fun present() {
        main.removeCallbacks(tick)
        clock = null
        val step = run.step
        place.refill {
            when {
                run.isOver -> over()
                step == null -> welcome()
                else -> step(step)
            }
        }
        if (clock != null) ticked()
    }

    private fun LinearLayout.welcome() {
        add(heading(context, getString(R.string.test_welcome), LARGE), top = 16)
        for (words in resources.getStringArray(R.array.test_about)) {
            add(text(context, words), top = 12)
        }
        add(
            mainButton(context, getString(R.string.test_begin)) {
                run.begin()
                present()
            },
            top = 24,
        )
    }

    private fun LinearLayout.step(step: TestStep) {
        val steps = TestStep.entries.size
        add(softText(context, getString(R.string.test_step_of, step.ordinal + 1, steps)), top = 16)
        add(heading(context, getString(step.title), LARGE), top = 4)
        add(text(context, getString(step.todo)), top = 12)
        if (!Core.of(context).watching) stopped()
        if (run.waits) waiting() else toDo()
        add(
            quietButton(context, getString(R.string.test_stop)) { make { run.stop(it) } },
            top = 32,
        )
    }

    private fun LinearLayout.stopped() {
        add(
            card(context) {
                add(
                    text(context, getString(R.string.test_watch)).apply {
                        lead(Glyph.REFUSED.beside(context, look.match), roomDp = 12)
                    },
                )
                add(
                    quietButton(context, getString(R.string.watch_start)) {
                        WatchService.start(context)
                        main.postDelayed(::present, SOON_MILLIS)
                    },
                    top = 12,
                )
            },
            top = 16,
        )
    }

    private fun LinearLayout.toDo() {
        add(mainButton(context, getString(R.string.test_done)) { make { run.mark(it) } }, top = 24)
        add(quietButton(context, getString(R.string.test_skip)) { make { run.goOn(it) } }, top = 8)
    }

    private fun LinearLayout.waiting() {
        val left = text(context, "", face = Look.STRONG)
        clock = left
        add(
            column(context) {
                background = look.inset()
                setPadding(look.dp(16), look.dp(12), look.dp(16), look.dp(12))
                add(left)
            },
            top = 16,
        )
        val over = run.remaining() == 0L
        val label = getString(if (over) R.string.test_go_on else R.string.test_wait_less)
        val onward = { make { run.goOn(it) } }
        add(
            if (over) mainButton(context, label, onward) else quietButton(context, label, onward),
            top = 16,
        )
    }

    private fun ticked() {
        val view = clock ?: return
        val left = run.remaining()
        val showedTime = view.tag == true
        view.tag = left > 0
        if (left == 0L) {
            if (showedTime) return present()
            view.text = getString(R.string.test_waited)
            return
        }
        val time = DateUtils.formatElapsedTime((left + SECOND_MILLIS - 1) / SECOND_MILLIS)
        view.text = getString(R.string.test_wait, time)
        main.postDelayed(tick, SECOND_MILLIS)
    }

    private fun make(step: (Agent) -> Outcome) {
        if (asking) return
        asking = true
        ask(work = step, failed = { asking = false }) { outcome ->
            asking = false
            if (!outcome.done) showProblem(outcome.text)
            present()
        }
    }

    private fun LinearLayout.over() {
        add(heading(context, getString(R.string.test_end), LARGE), top = 16)
        points(resources.getStringArray(R.array.test_end_steps).toList())
        add(address(context, getString(R.string.test_command)), top = 12)
        add(
            Flow(context).apply {
                way(R.string.log_export, exportOfTest())
                way(R.string.log_witness, Intent(context, CheckpointActivity::class.java))
            },
            top = 16,
        )
        add(
            quietButton(context, getString(R.string.test_again)) {
                run.forget()
                present()
            },
            top = 32,
        )
    }

    private fun exportOfTest(): Intent =
        ExportActivity.with(this, SharePreset.FIRMWARE, run.began)

    private fun Flow.way(label: Int, to: Intent) =
        addView(quietButton(context, getString(label)) { startActivity(to) })

    private companion object {
        const val LARGE = 24f
        const val SECOND_MILLIS = 1_000L
        const val SOON_MILLIS = 500L
    }
}
