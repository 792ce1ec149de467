package org.portlog.screens

import android.os.Bundle
import android.view.View
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.ProgressBar
import java.io.File
import org.portlog.R
import org.portlog.core.LogRow
import org.portlog.core.Outcome
import org.portlog.core.QrCode
import org.portlog.core.Verdict
import org.portlog.core.Witnessing
import org.portlog.lists.IncomingFile
import org.portlog.screens.log.OpenRun
import org.portlog.screens.log.copyText
import org.portlog.screens.log.shareText
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.QrView
import org.portlog.screens.parts.add
import org.portlog.screens.parts.address
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.column
import org.portlog.screens.parts.fact
import org.portlog.screens.parts.group
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.mainButton
import org.portlog.screens.parts.moment
import org.portlog.screens.parts.number
import org.portlog.screens.parts.points
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.screens.parts.textInput
import org.portlog.service.WatchSettings

/**
 * What somebody gave: their log, checked before anything else is said of it; their checkpoint; a
 * witness's answer to this phone's log; or this phone's own log from before a reset.
 */
class OpenLogActivity : Screen() {
    private lateinit var place: LinearLayout
    private lateinit var scroll: KeptScroll
    private lateinit var run: OpenRun
    private lateinit var name: EditText

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        place = column(this) { setPadding(0, 0, 0, look.dp(24)) }
        val (outer, scroller) = scrollingColumn(this, place)
        scroll = KeptScroll(scroller, savedInstanceState)
        show(getString(R.string.open_target), outer)
        name = textInput(this, getString(R.string.open_your_name_hint), MOST_NAME) {}
        name.setText(savedInstanceState?.getString(NAME) ?: WatchSettings(this).witnessName)
        @Suppress("DEPRECATION")
        val kept = lastNonConfigurationInstance as? OpenRun
        run = kept ?: OpenRun(this)
        run.onState = ::present
        val incoming = IncomingFile.from(this, intent)
        when {
            kept != null -> present(run.state)
            incoming == null ->
                present(OpenRun.State.Refused(getString(R.string.open_nothing)))
            else -> run.begin(incoming)
        }
        scroll.restore()
    }

    // A check goes on while the screen is turned.
    @Deprecated("The platform's newer way is not in it.")
    override fun onRetainNonConfigurationInstance(): Any = run

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        scroll.save(outState)
        outState.putString(NAME, name.text.toString())
    }

    override fun onDestroy() {
        run.onState = {}
        super.onDestroy()
    }

    private fun present(state: OpenRun.State) = place.refill {
        when (state) {
            OpenRun.State.Working -> working()
            is OpenRun.State.Refused -> verdictLine(false, state.why)
            is OpenRun.State.Checked -> checked(state)
            is OpenRun.State.Answer -> answer(state.text)
            is OpenRun.State.Checkpoint -> checkpoint(state.text)
            is OpenRun.State.Witnessed -> witnessed(state.witnessing)
            is OpenRun.State.Done -> done(state.outcome)
        }
    }

    private fun LinearLayout.working() {
        val words = getString(R.string.open_checking)
        add(ProgressBar(context).apply { contentDescription = words }, top = 24)
        add(softText(context, words), top = 8)
    }

    private fun LinearLayout.checked(state: OpenRun.State.Checked) {
        verdict(state.verdict)
        if (!state.verdict.unchanged) return
        if (state.own) {
            add(text(context, getString(R.string.open_own)), top = 16)
            return
        }
        witness(state.file)
        predecessor { run.predecessor(state.file) }
    }

    private fun LinearLayout.witness(file: File) = group(getString(R.string.open_witness)) {
        add(text(context, getString(R.string.open_witness_means)), top = 8)
        add(softText(context, getString(R.string.open_your_name)), top = 12)
        (name.parent as? LinearLayout)?.removeView(name)
        add(name, top = 4)
        add(
            mainButton(context, getString(R.string.open_witness)) {
                val called = name.text.toString().trim()
                WatchSettings(context).witnessName = called
                run.witness(file, called)
            },
            top = 12,
        )
    }

    private fun LinearLayout.verdict(verdict: Verdict) {
        add(
            card(context) {
                head(
                    verdict.unchanged,
                    if (verdict.unchanged) R.string.open_checks else R.string.open_rejected,
                )
                for (line in verdict.lines) add(text(context, line), top = 8)
                if (!verdict.unchanged) {
                    add(text(context, getString(R.string.open_rejected_means)), top = 8)
                }
            },
            top = 12,
        )
        if (!verdict.unchanged) return
        group(getString(R.string.open_facts)) {
            points(verdict.details)
            fact(
                getString(R.string.open_entries),
                getString(R.string.open_shown, number(verdict.shown), number(verdict.size)),
            )
            fact(getString(R.string.log_origin), verdict.origin, mono = true)
        }
        if (verdict.rows.isNotEmpty()) {
            group(getString(R.string.open_rows)) { verdict.rows.forEach { add(row(it), top = 10) } }
        }
    }

    private fun row(row: LogRow): View = column(this) {
        val at = row.at
        val head = if (at == null) {
            row.kindText
        } else {
            getString(R.string.history_head, moment(context, at), row.kindText)
        }
        add(softText(context, head))
        add(text(context, row.text, Look.SMALL), top = 2)
    }

    private fun LinearLayout.head(good: Boolean, words: Int) {
        val glyph = if (good) Glyph.DONE else Glyph.REFUSED
        val color = if (good) look.good else look.match
        add(
            heading(context, getString(words)).apply {
                lead(glyph.beside(context, color), roomDp = 12)
                accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE
            },
        )
    }

    private fun LinearLayout.verdictLine(good: Boolean, words: String) {
        val glyph = if (good) Glyph.DONE else Glyph.REFUSED
        val color = if (good) look.good else look.match
        add(
            card(context) {
                add(
                    text(context, words).apply {
                        lead(glyph.beside(context, color), roomDp = 12)
                        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE
                    },
                )
            },
            top = 12,
        )
    }

    private fun LinearLayout.answer(answer: String) {
        add(text(context, getString(R.string.open_is_answer)), top = 16)
        add(
            mainButton(context, getString(R.string.open_keep_answer)) { run.answer(answer) },
            top = 16,
        )
        add(address(context, answer, Look.CAPTION), top = 16)
    }

    private fun LinearLayout.checkpoint(note: String) {
        add(text(context, getString(R.string.open_is_checkpoint)), top = 16)
        predecessor { run.predecessor(note) }
        add(address(context, note, Look.CAPTION), top = 16)
    }

    private fun LinearLayout.predecessor(name: () -> Unit) =
        group(getString(R.string.open_predecessor)) {
            add(text(context, getString(R.string.open_predecessor_means)), top = 8)
            add(
                quietButton(context, getString(R.string.open_predecessor_do), name),
                top = 12,
            )
        }

    private fun LinearLayout.witnessed(witnessing: Witnessing) {
        add(
            card(context) {
                head(
                    witnessing.signed,
                    if (witnessing.signed) R.string.open_signed else R.string.open_not_signed,
                )
                for (line in witnessing.lines) add(text(context, line), top = 8)
            },
            top = 12,
        )
        if (!witnessing.signed) return
        group(getString(R.string.open_answer)) {
            add(text(context, getString(R.string.open_answer_means)), top = 8)
            code(witnessing.code)
            add(address(context, witnessing.answer, Look.CAPTION), top = 12)
            add(
                Flow(context).apply {
                    addView(
                        quietButton(context, getString(R.string.witness_copy)) {
                            copyText(R.string.open_answer, witnessing.answer)
                        },
                    )
                    addView(
                        quietButton(context, getString(R.string.witness_share)) {
                            shareText(R.string.witness_share, witnessing.answer)
                        },
                    )
                },
                top = 12,
            )
        }
    }

    private fun LinearLayout.code(code: QrCode?) {
        if (code != null) {
            add(QrView(context, code, getString(R.string.open_answer_qr)), top = 12)
        }
    }

    private fun LinearLayout.done(outcome: Outcome) = verdictLine(outcome.done, outcome.text)

    private companion object {
        const val NAME = "name"
        const val MOST_NAME = 40
    }
}
