package org.portlog.screens

import android.annotation.TargetApi
import android.os.Build
import android.os.Bundle
import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.guide.Guide
import org.portlog.guide.Step
import org.portlog.guide.StepAction
import org.portlog.guide.StepState
import org.portlog.screens.guide.PracticePanel
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.column
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.line
import org.portlog.screens.parts.mainButton
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.row
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.screens.parts.toggleChip
import org.portlog.service.ScreenIntents
import org.portlog.service.WatchSettings

/** The guide, step by step: what this phone needs so that the watch goes on and is heard. */
class GuideActivity : Screen() {
    private lateinit var guide: Guide
    private lateinit var place: LinearLayout
    private lateinit var buttons: LinearLayout
    private lateinit var scroll: KeptScroll
    private lateinit var practice: PracticePanel
    private var at = WELCOME

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        guide = Guide(this)
        at = savedInstanceState?.getInt(AT) ?: asked()
        place = column(this) { setPadding(0, look.dp(8), 0, look.dp(24)) }
        buttons = row(this) {
            setPadding(look.dp(16), look.dp(8), look.dp(16), look.dp(8))
        }
        val foot = column(this) {
            setBackgroundColor(look.surface)
            line()
            add(buttons)
        }
        val (outer, scroller) = scrollingColumn(this, place)
        scroll = KeptScroll(scroller, savedInstanceState)
        show(getString(R.string.menu_guide), outer, below = foot)
        practice = PracticePanel(this)
        WatchSettings(this).guideSeen = true
    }

    // The user comes back from a page of the system: what they did there shows at once.
    override fun onResume() {
        super.onResume()
        present()
    }

    override fun onStop() {
        practice.stop()
        super.onStop()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putInt(AT, at)
        scroll.save(outState)
    }

    @Deprecated("The platform's newer way needs Android 13.")
    override fun onBackPressed() {
        if (at > WELCOME) go(at - 1) else @Suppress("DEPRECATION") super.onBackPressed()
    }

    @TargetApi(Build.VERSION_CODES.M)
    override fun onRequestPermissionsResult(
        requestCode: Int,
        permissions: Array<out String>,
        grantResults: IntArray,
    ) {
        super.onRequestPermissionsResult(requestCode, permissions, grantResults)
        permissions.forEach { guide.asked(it) }
        present()
    }

    /** Where the guide was asked to open. */
    private fun asked(): Int {
        val name = intent.getStringExtra(ScreenIntents.EXTRA_STEP) ?: return WELCOME
        // There is none on this phone: -1, which is the beginning.
        return guide.steps().indexOfFirst { it.id.name == name }
    }

    private fun go(to: Int) {
        at = to
        (place.parent as View).scrollTo(0, 0)
        present()
    }

    private fun present() {
        val steps = guide.steps()
        at = at.coerceIn(WELCOME, steps.size - 1)
        practice.stop()
        place.refill {
            if (at == WELCOME) welcome(steps.size) else step(steps[at], steps.size)
        }
        buttons.refill { ways(steps) }
        scroll.restore()
    }

    private fun LinearLayout.welcome(steps: Int) {
        add(heading(context, getString(R.string.guide_welcome), LARGE), top = 16)
        add(text(context, getString(R.string.guide_what)), top = 12)
        add(text(context, getString(R.string.guide_not)), top = 12)
        add(
            softText(context, resources.getQuantityString(R.plurals.guide_steps, steps, steps)),
            top = 16,
        )
    }

    private fun LinearLayout.step(step: Step, steps: Int) {
        add(softText(context, getString(R.string.guide_step_of, at + 1, steps)), top = 16)
        add(heading(context, step.title, LARGE), top = 4)
        add(state(step), top = 8)
        add(text(context, step.why), top = 16)
        add(
            column(context) {
                background = look.inset()
                setPadding(look.dp(16), look.dp(12), look.dp(16), look.dp(12))
                add(text(context, step.without))
            },
            top = 16,
        )
        when (val action = step.action) {
            is StepAction.Ask -> deed(step, R.string.guide_allow) { ask(action.permission) }
            is StepAction.Open -> deed(step, R.string.guide_open) { open(action) }
            StepAction.Practise -> {
                (practice.view.parent as? LinearLayout)?.removeView(practice.view)
                add(practice.view, top = 8)
                practice.start()
            }
        }
        if (step.state == StepState.UNKNOWN || step.state == StepState.SAID_DONE) {
            add(
                toggleChip(
                    context,
                    getString(R.string.guide_say_done),
                    step.state == StepState.SAID_DONE,
                ) { done ->
                    guide.sayDone(step.id, done)
                    present()
                },
                width = LinearLayout.LayoutParams.WRAP_CONTENT,
                top = 12,
            )
        }
    }

    private fun LinearLayout.deed(step: Step, label: Int, onClick: () -> Unit) {
        val button =
            if (isDone(step)) quietButton(context, getString(label), onClick)
            else mainButton(context, getString(label), onClick)
        add(button, top = 16)
    }

    private fun isDone(step: Step): Boolean =
        step.state == StepState.DONE || step.state == StepState.SAID_DONE

    private fun state(step: Step): View {
        val (glyph, color, word) = when (step.state) {
            StepState.DONE -> Triple(Glyph.DONE, look.good, R.string.step_done)
            StepState.TO_DO -> Triple(Glyph.OPEN, look.possible, R.string.step_to_do)
            StepState.UNKNOWN -> Triple(Glyph.DOUBT, look.soft, R.string.step_unknown)
            StepState.SAID_DONE -> Triple(Glyph.DONE, look.soft, R.string.step_said_done)
        }
        return text(this, getString(word), Look.SMALL, color, Look.STRONG).apply {
            lead(glyph.beside(context, color, 20))
        }
    }

    private fun LinearLayout.ways(steps: List<Step>) {
        val last = at == steps.size - 1
        val next = when {
            last -> R.string.guide_finish
            at == WELCOME -> R.string.guide_begin
            else -> R.string.guide_next
        }
        if (at > WELCOME) {
            add(quietButton(context, getString(R.string.guide_back)) { go(at - 1) }, weight = 1f)
        } else {
            add(quietButton(context, getString(R.string.guide_later)) { finish() }, weight = 1f)
        }
        val onward = { if (last) finish() else go(at + 1) }
        // What is to be done on the page itself stands out more than the way past it.
        val passes = at > WELCOME && !isDone(steps[at])
        val button =
            if (passes) quietButton(context, getString(next), onward)
            else mainButton(context, getString(next), onward)
        add(button, weight = 1f, start = 12)
    }

    private fun ask(permission: String) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.M) request(permission)
    }

    @TargetApi(Build.VERSION_CODES.M)
    private fun request(permission: String) = requestPermissions(arrayOf(permission), 0)

    private fun open(action: StepAction.Open) {
        if (!guide.open(this, action)) showProblem(getString(R.string.guide_no_page))
    }

    private companion object {
        const val AT = "at"
        const val WELCOME = -1
        const val LARGE = 24f
    }
}
