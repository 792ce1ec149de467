package org.portlog.screens

import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.CheckpointView
import org.portlog.core.LogRequest
import org.portlog.core.Outcome
import org.portlog.core.QrCode
import org.portlog.core.SharePreset
import org.portlog.screens.log.copyText
import org.portlog.screens.log.pastedText
import org.portlog.screens.log.shareText
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.QrView
import org.portlog.screens.parts.add
import org.portlog.screens.parts.address
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.column
import org.portlog.screens.parts.group
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.number
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.service.WatchSettings

/**
 * The log's signed state as a code that fills the screen, brightly, and as text below it; and the
 * way back for what a witness answers to it.
 *
 * While somebody reads the code it stays the same one, over a rotation and the process's death: an
 * answer is about the state that was shown.
 */
class CheckpointActivity : Screen() {
    private lateinit var place: LinearLayout
    private lateinit var answer: LinearLayout
    private lateinit var scroll: KeptScroll
    private var shown: CheckpointView? = null
    private var answered: String? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        shown = savedInstanceState?.let(::kept)
        answered = savedInstanceState?.getString(ANSWERED)
        place = column(this)
        answer = column(this)
        val content = column(this) {
            setPadding(0, 0, 0, look.dp(24))
            add(place)
            add(answer)
        }
        val (outer, scroller) = scrollingColumn(this, content)
        scroll = KeptScroll(scroller, savedInstanceState)
        show(getString(R.string.witness_title), outer)
        WatchSettings(this).witnessReminded = System.currentTimeMillis()
        brighten()
        present()
        if (shown == null) load()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        scroll.save(outState)
        outState.putString(ANSWERED, answered)
        val checkpoint = shown ?: return
        outState.putString(TEXT, checkpoint.text)
        outState.putString(EXPLANATION, checkpoint.explanation)
        outState.putLong(SIZE, checkpoint.size)
        checkpoint.code?.let { code ->
            outState.putInt(SIDE, code.side)
            outState.putBooleanArray(MODULES, code.modules.toBooleanArray())
        }
    }

    private fun kept(state: Bundle): CheckpointView? {
        val text = state.getString(TEXT) ?: return null
        val modules = state.getBooleanArray(MODULES)
        return CheckpointView(
            text,
            modules?.let { QrCode(state.getInt(SIDE), it.toList()) },
            state.getLong(SIZE),
            state.getString(EXPLANATION).orEmpty(),
        )
    }

    private fun load() = ask(work = { it.log(LogRequest.Checkpoint) }) { checkpoint ->
        shown = checkpoint
        present()
    }

    private fun brighten() {
        window.attributes = window.attributes.apply {
            screenBrightness = WindowManager.LayoutParams.BRIGHTNESS_OVERRIDE_FULL
        }
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
    }

    private fun present() {
        val checkpoint = shown
        place.refill { if (checkpoint != null) fill(checkpoint) }
        answer.refill {
            if (checkpoint != null && checkpoint.text.isNotEmpty()) answers()
            if (checkpoint != null) others()
        }
        scroll.restore()
    }

    private fun LinearLayout.fill(checkpoint: CheckpointView) {
        if (checkpoint.text.isEmpty()) {
            add(text(context, checkpoint.explanation), top = 24)
            return
        }
        val code = checkpoint.code
        if (code == null) {
            add(text(context, getString(R.string.witness_too_large)), top = 16)
        } else {
            add(QrView(context, code, getString(R.string.witness_qr)), top = 12)
        }
        val size = checkpoint.size.coerceAtMost(Int.MAX_VALUE.toLong()).toInt()
        val covers = resources.getQuantityString(
            R.plurals.witness_covers,
            size,
            number(checkpoint.size),
        )
        add(softText(context, covers), top = 8)
        add(text(context, checkpoint.explanation), top = 8)
        add(text(context, getString(R.string.witness_how)), top = 8)
        group(getString(R.string.witness_text)) {
            add(address(context, checkpoint.text).apply { setTextIsSelectable(true) }, top = 8)
            add(ways(checkpoint), top = 12)
        }
    }

    private fun ways(checkpoint: CheckpointView) = Flow(this).apply {
        addView(
            quietButton(context, getString(R.string.witness_copy)) {
                copyText(R.string.witness_title, checkpoint.text)
            },
        )
        addView(
            quietButton(context, getString(R.string.witness_share)) {
                shareText(R.string.witness_share, checkpoint.text)
            },
        )
        addView(quietButton(context, getString(R.string.witness_newer)) { load() })
    }

    private fun LinearLayout.answers() = group(getString(R.string.answer_title)) {
        add(text(context, getString(R.string.answer_why)), top = 8)
        add(
            quietButton(context, getString(R.string.witness_export)) {
                startActivity(ExportActivity.with(context, SharePreset.ALERTS, null))
            },
            top = 12,
        )
        answered?.let { words ->
            add(
                text(context, words).apply {
                    lead(Glyph.DONE.beside(context, look.good, 20))
                    accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
                },
                top = 12,
            )
        }
        add(quietButton(context, getString(R.string.answer_paste), ::paste), top = 8)
    }

    private fun LinearLayout.others() = group(getString(R.string.open_pick)) {
        add(text(context, getString(R.string.open_pick_means)), top = 8)
        add(quietButton(context, getString(R.string.open_do), ::pick), top = 12)
    }

    private fun pick() = FilePicker.open(this)

    @Deprecated("The platform's newer way is not in it.")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        @Suppress("DEPRECATION")
        super.onActivityResult(requestCode, resultCode, data)
        FilePicker.chosen(requestCode, resultCode, data)?.let {
            startActivity(Doors.openLog(this, it))
        }
    }

    private fun paste() {
        val text = pastedText() ?: return showProblem(getString(R.string.answer_nothing))
        ask(work = { it.log(LogRequest.Answer(text)) }, answer = ::told)
    }

    private fun told(outcome: Outcome) {
        if (!outcome.done) return showProblem(outcome.text)
        answered = outcome.text
        present()
    }

    private companion object {
        const val TEXT = "text"
        const val EXPLANATION = "explanation"
        const val SIZE = "size"
        const val SIDE = "side"
        const val MODULES = "modules"
        const val ANSWERED = "answered"
    }
}
