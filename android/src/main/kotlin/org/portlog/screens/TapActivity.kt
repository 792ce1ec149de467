package org.portlog.screens

import android.content.ActivityNotFoundException
import android.content.Intent
import android.os.Build
import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.BoardQuery
import org.portlog.core.CoverageLine
import org.portlog.core.PrivateDns
import org.portlog.core.TapEnd
import org.portlog.core.TapRequest
import org.portlog.core.TapStanding
import org.portlog.core.TapView
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.fact
import org.portlog.screens.parts.group
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.mainButton
import org.portlog.screens.parts.moment
import org.portlog.screens.parts.number
import org.portlog.screens.parts.points
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.tap.Tap
import org.portlog.tap.TapSettings

/** What is shown of the tap: as the core tells it, and as Android does. */
data class TapShown(
    val view: TapView,
    val coverage: CoverageLine?,
    val isOn: Boolean,
    val otherVpn: Boolean,
    val alwaysOn: Boolean,
    val lockdown: Boolean,
    val ended: TapEnd?,
)

/**
 * The DNS tap: what it does, sees and does not see, before anything is asked of the user; then its
 * switch, and how it goes.
 */
class TapActivity : DetailScreen<TapShown>() {
    override val heading: Int = R.string.tap_title
    override val gone: Int = R.string.tap_title

    override fun load(agent: Agent): TapShown {
        val isOn = Tap.isOn
        return TapShown(
            view = agent.tap(TapRequest.Look),
            coverage = agent.snapshot(BoardQuery()).coverage.find { it.item == NAMES },
            isOn = isOn,
            otherVpn = !isOn && Tap.otherVpn(this),
            alwaysOn = Tap.isAlwaysOn,
            lockdown = Tap.isLockdown,
            ended = TapSettings(this).ended,
        )
    }

    override fun LinearLayout.fill(shown: TapShown) {
        state(shown)
        group(getString(R.string.tap_does)) {
            points(resources.getStringArray(R.array.tap_does_points).toList())
        }
        group(getString(R.string.tap_sees)) { points(seen()) }
        group(getString(R.string.tap_misses)) {
            shown.coverage?.let { add(text(context, it.text), top = 8) }
            points(resources.getStringArray(R.array.tap_misses_points).toList())
        }
        add(softText(context, getString(R.string.tap_untested)), top = 16)
    }

    private fun LinearLayout.state(shown: TapShown) = add(
        card(context) {
            val (word, glyph, color) = sign(shown)
            add(
                heading(context, getString(word), Look.TITLE).apply {
                    setTextColor(color)
                    lead(glyph.beside(context, color, 24))
                    accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
                },
            )
            for (words in said(shown)) add(text(context, words), top = 8)
            counts(shown.view)
            if (shown.isOn) {
                add(quietButton(context, getString(R.string.tap_stop), ::turnOff), top = 12)
            } else if (Tap.isSupported) {
                add(mainButton(context, getString(R.string.tap_start), ::turnOn), top = 12)
            }
        },
        top = 12,
    )

    private fun sign(shown: TapShown): Triple<Int, Glyph, Int> = when {
        !shown.isOn -> Triple(R.string.tap_off, Glyph.OPEN, look.ink)
        shown.view.standing == TapStanding.FAILING || shown.lockdown ->
            Triple(R.string.tap_failing, Glyph.DOUBT, look.possible)
        else -> Triple(R.string.tap_on, Glyph.DONE, look.good)
    }

    private fun said(shown: TapShown): List<String> = listOfNotNull(
        R.string.tap_unsupported.takeIf { !Tap.isSupported },
        R.string.tap_other.takeIf { shown.otherVpn },
        R.string.tap_revoked.takeIf { !shown.isOn && shown.ended == TapEnd.REVOKED },
        R.string.tap_lockdown.takeIf { shown.lockdown },
        R.string.tap_always_on.takeIf { shown.alwaysOn },
        R.string.tap_silent.takeIf { shown.isOn && shown.view.standing == TapStanding.FAILING },
        R.string.tap_clear.takeIf { shown.isOn && shown.view.clearText },
        R.string.tap_strict.takeIf { shown.isOn && shown.view.privateDns == PrivateDns.STRICT },
    ).map { getString(it) } + listOfNotNull(
        shown.view.trouble.takeIf { it.isNotEmpty() }?.let { getString(R.string.tap_broke, it) },
    )

    private fun LinearLayout.counts(view: TapView) {
        val since = view.since ?: return
        fact(getString(R.string.tap_since), moment(context, since))
        fact(getString(R.string.tap_questions), number(view.questions))
        fact(getString(R.string.tap_answered), number(view.answered))
        if (view.failed > 0) fact(getString(R.string.tap_given_up), number(view.failed))
    }

    private fun seen(): List<String> {
        val asker =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) R.string.tap_asker
            else R.string.tap_no_asker
        val way =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) R.string.tap_by_android
            else R.string.tap_by_itself
        return listOf(
            getString(R.string.tap_sees_names),
            getString(asker),
            getString(way),
            getString(R.string.tap_in_memory),
        )
    }

    private fun turnOn() {
        val consent = try {
            Tap.consent(this)
        } catch (_: RuntimeException) {
            // A phone whose maker left VPNs out.
            return showProblem(getString(R.string.tap_no_vpn))
        }
        if (consent == null) return begin()
        try {
            @Suppress("DEPRECATION")
            startActivityForResult(consent, CONSENT)
        } catch (_: ActivityNotFoundException) {
            showProblem(getString(R.string.tap_no_vpn))
        }
    }

    private fun turnOff() {
        Tap.stop(this)
        again()
    }

    private fun begin() {
        if (!Tap.start(this)) showProblem(getString(R.string.tap_not_now))
        again()
    }

    @Deprecated("The platform's newer way is not in it.")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        @Suppress("DEPRECATION")
        super.onActivityResult(requestCode, resultCode, data)
        if (requestCode != CONSENT) return
        if (resultCode == RESULT_OK) begin() else showProblem(getString(R.string.tap_denied))
    }

    private companion object {
        const val CONSENT = 1

        /** What the core calls the part of the coverage that is about names. */
        const val NAMES = "names"
    }
}
