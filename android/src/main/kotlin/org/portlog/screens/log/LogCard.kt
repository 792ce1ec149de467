package org.portlog.screens.log

import android.content.Intent
import android.os.Bundle
import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.Keeping
import org.portlog.core.LogRequest
import org.portlog.core.LogStatus
import org.portlog.core.PortlogException
import org.portlog.screens.CheckpointActivity
import org.portlog.screens.EntriesActivity
import org.portlog.screens.ExportActivity
import org.portlog.screens.MainActivity
import org.portlog.screens.MarkActivity
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.column
import org.portlog.screens.parts.fact
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.opening
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.showIf
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text

/** How the signed log stands, or why that cannot be told; the history is shown in either case. */
internal sealed class LogState {
    data class Known(val status: LogStatus) : LogState()

    data class Unknown(val why: String) : LogState()

    companion object {
        /** As [agent] tells it; not for the main thread. */
        fun of(agent: Agent): LogState = try {
            Known(agent.log(LogRequest.Status))
        } catch (problem: PortlogException) {
            Unknown(problem.message.orEmpty())
        }
    }
}

/** How the signed log stands, and what can be done with it: the head of the log's page. */
internal class LogCard(private val screen: MainActivity, saved: Bundle?) {
    private val look = screen.look
    private val words = column(screen)
    private val more = column(screen)
    private val actions = Flow(screen).apply {
        way(R.string.log_mark, MarkActivity::class.java)
        way(R.string.log_export, ExportActivity::class.java)
        way(R.string.log_witness, CheckpointActivity::class.java)
    }
    private var open = saved?.getBoolean(OPEN) ?: false
    private var shown: LogState? = null

    /** The card; nothing until it is known how the log stands. */
    val view: View = column(screen) {
        add(
            card(screen) {
                add(heading(screen, screen.getString(R.string.log_signed)))
                add(words)
                add(actions, top = 12)
                add(more)
            },
            top = 12,
        )
        showIf(false)
    }

    /** Shows how it stands. */
    fun show(state: LogState) {
        view.showIf(true)
        if (state == shown) return
        shown = state
        val status = (state as? LogState.Known)?.status
        val begun = status != null && status.size > 0
        actions.showIf(begun)
        words.refill {
            if (state is LogState.Known) fill(state.status)
            if (state is LogState.Unknown) add(said(state.why, Keeping.FAILING), top = 8)
        }
        more.refill { if (status != null && begun) more(status) }
    }

    fun save(state: Bundle) = state.putBoolean(OPEN, open)

    private fun LinearLayout.fill(status: LogStatus) {
        add(said(status.keepingText, status.keeping), top = 8)
        for (sentence in listOf(status.sizeText, status.witnessedText)) {
            if (sentence.isNotEmpty()) add(text(context, sentence, Look.SMALL), top = 6)
        }
    }

    private fun LinearLayout.more(status: LogStatus) {
        opening(screen.getString(R.string.log_more), open, { open = it }) {
            for (sentence in listOf(
                status.recordedText,
                status.exportedText,
                status.prunedText,
                status.predecessorText,
            )) {
                if (sentence.isNotEmpty()) add(softText(context, sentence), top = 8)
            }
            add(
                quietButton(screen, screen.getString(R.string.entries_open)) {
                    screen.startActivity(Intent(screen, EntriesActivity::class.java))
                },
                width = LinearLayout.LayoutParams.WRAP_CONTENT,
                top = 12,
            )
            fact(screen.getString(R.string.log_origin), status.origin, mono = true)
            fact(screen.getString(R.string.log_key), status.key, mono = true)
            add(softText(context, screen.getString(R.string.log_key_means)), top = 6)
        }
    }

    private fun said(words: String, keeping: Keeping) = text(screen, words, Look.SMALL).apply {
        val (glyph, color) = when (keeping) {
            Keeping.WRITING -> Glyph.DONE to look.good
            Keeping.FAILING -> Glyph.REFUSED to look.match
            Keeping.OFF -> Glyph.OPEN to look.soft
        }
        lead(glyph.beside(context, color, 20))
    }

    private fun Flow.way(label: Int, to: Class<*>) = addView(
        quietButton(screen, screen.getString(label)) {
            screen.startActivity(Intent(screen, to))
        },
    )

    private companion object {
        const val OPEN = "log card"
    }
}
