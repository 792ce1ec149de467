package org.portlog.screens

import android.content.Intent
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.BeforeReset
import org.portlog.core.LogRequest
import org.portlog.core.ResetCheck
import org.portlog.core.SharePreset
import org.portlog.screens.log.pastedText
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.group
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.points
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.text
import org.portlog.screens.parts.toggleChip

/**
 * What has to be off the phone before it is reset, in this order: the log, its checkpoint with two
 * others, and the passwords that the phone will ask for; and what to do afterwards.
 */
class BeforeResetActivity : DetailScreen<BeforeReset>() {
    override val heading: Int = R.string.reset_title
    override val gone: Int = R.string.reset_title

    override fun load(agent: Agent): BeforeReset = agent.log(LogRequest.ResetChecks)

    override fun LinearLayout.fill(shown: BeforeReset) {
        add(text(context, getString(R.string.reset_why)), top = 16)
        shown.checks.forEachIndexed { i, check -> check(i, check, shown) }
        add(
            text(
                context,
                getString(if (shown.ready) R.string.reset_ready else R.string.reset_not_ready),
                face = Look.STRONG,
            ),
            top = 16,
        )
        group(getString(R.string.reset_after)) {
            points(resources.getStringArray(R.array.reset_after_steps).toList())
            add(
                Flow(context).apply {
                    addView(quietButton(context, getString(R.string.reset_paste), ::paste))
                    addView(quietButton(context, getString(R.string.reset_open), ::pick))
                },
                top = 12,
            )
        }
    }

    private fun LinearLayout.check(at: Int, check: ResetCheck, all: BeforeReset) {
        add(
            card(context) {
                add(
                    heading(
                        context,
                        getString(R.string.reset_check, at + 1, all.checks.size, check.title),
                    ).apply {
                        val glyph = if (check.done) Glyph.DONE else Glyph.OPEN
                        val color = if (check.done) look.good else look.possible
                        lead(glyph.beside(context, color), roomDp = 12)
                    },
                )
                add(text(context, check.text), top = 8)
                deed(at, check)
            },
            top = 12,
        )
    }

    private fun LinearLayout.deed(at: Int, check: ResetCheck) {
        if (at == EXPORT) {
            way(R.string.log_export, ExportActivity.with(context, SharePreset.EVERYTHING))
        }
        if (at == WITNESSES) {
            way(R.string.log_witness, Intent(context, CheckpointActivity::class.java))
            said(R.string.reset_witness_said, check) { LogRequest.HeldByTwo(it) }
        }
        if (at == PASSWORDS) {
            said(R.string.reset_passwords_said, check) { LogRequest.PasswordsKnown(it) }
        }
    }

    private fun LinearLayout.way(label: Int, to: Intent) = add(
        quietButton(context, getString(label)) { startActivity(to) },
        width = LinearLayout.LayoutParams.WRAP_CONTENT,
        top = 12,
    )

    private fun LinearLayout.said(
        label: Int,
        check: ResetCheck,
        request: (Boolean) -> LogRequest<BeforeReset>,
    ) = add(
        toggleChip(context, getString(label), check.done) { said ->
            ask(work = { it.log(request(said)) }) { again() }
        },
        width = LinearLayout.LayoutParams.WRAP_CONTENT,
        top = 12,
    )

    private fun paste() {
        val text = pastedText() ?: return showProblem(getString(R.string.answer_nothing))
        startActivity(Doors.openText(this, text))
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

    private companion object {
        const val EXPORT = 0
        const val WITNESSES = 1
        const val PASSWORDS = 2
    }
}
