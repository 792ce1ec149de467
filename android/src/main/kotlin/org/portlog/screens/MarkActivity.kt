package org.portlog.screens

import android.os.Bundle
import android.view.View
import android.widget.EditText
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.LogRequest
import org.portlog.core.Mark
import org.portlog.core.Outcome
import org.portlog.screens.log.markWords
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.clock
import org.portlog.screens.parts.column
import org.portlog.screens.parts.group
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.screens.parts.textInput

/** Writes into the log what the user did with the phone. A mark is there for good. */
class MarkActivity : Screen() {
    private lateinit var set: LinearLayout
    private lateinit var own: EditText
    private lateinit var ownButton: View
    private lateinit var scroll: KeptScroll
    private val marks = ArrayList<String>()
    private var writing = false

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        savedInstanceState?.getStringArrayList(MARKS)?.let { marks += it }
        set = column(this) { accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE }
        own = textInput(this, getString(R.string.mark_own_hint), MOST) { ready() }
        ownButton = quietButton(this, getString(R.string.mark_own_set)) {
            write(Mark.Words(own.text.toString().trim())) { own.text.clear() }
        }
        val content = column(this) {
            setPadding(0, 0, 0, look.dp(24))
            add(text(context, getString(R.string.mark_why)), top = 16)
            add(softText(context, getString(R.string.mark_stays)), top = 8)
            add(set, top = 4)
            group(getString(R.string.mark_presets)) { add(presets(), top = 12) }
            group(getString(R.string.mark_own)) {
                add(own, top = 12)
                add(ownButton, width = LinearLayout.LayoutParams.WRAP_CONTENT, top = 12)
            }
        }
        val (outer, scroller) = scrollingColumn(this, content)
        scroll = KeptScroll(scroller, savedInstanceState)
        show(getString(R.string.log_mark), outer)
        own.setText(savedInstanceState?.getString(OWN).orEmpty())
        ready()
        marks.forEach { set.said(it) }
        scroll.restore()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putStringArrayList(MARKS, marks)
        outState.putString(OWN, own.text.toString())
        scroll.save(outState)
    }

    private fun ready() {
        ownButton.isEnabled = own.text.isNotBlank()
        ownButton.alpha = if (ownButton.isEnabled) 1f else FADED
    }

    private fun presets(): View = Flow(this).apply {
        for (mark in PRESETS) {
            addView(quietButton(context, markWords(context, mark)) { write(mark) {} })
        }
    }

    private fun write(mark: Mark, then: () -> Unit) {
        if (writing) return
        writing = true
        ask(work = { it.log(LogRequest.Write(mark)) }, failed = { writing = false }) { outcome ->
            writing = false
            if (outcome.done) then()
            said(mark, outcome)
        }
    }

    private fun said(mark: Mark, outcome: Outcome) {
        if (!outcome.done) return showProblem(outcome.text)
        val words = getString(
            R.string.mark_set,
            clock(this, System.currentTimeMillis()),
            markWords(this, mark),
        )
        marks += words
        set.said(words)
    }

    private fun LinearLayout.said(words: String) {
        add(
            text(context, words, Look.SMALL).apply {
                lead(Glyph.DONE.beside(context, look.good, 20))
            },
            top = 8,
        )
    }

    private companion object {
        const val MARKS = "marks"
        const val OWN = "own"
        const val MOST = 200
        const val FADED = 0.5f
        val PRESETS = listOf(
            Mark.SimIn,
            Mark.ContactSaved,
            Mark.MessageSent,
            Mark.Update,
            Mark.ServiceOff,
            Mark.SignIn,
        )
    }
}
