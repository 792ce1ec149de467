package org.portlog.screens

import android.content.ActivityNotFoundException
import android.content.Intent
import android.os.Bundle
import android.provider.Settings
import android.widget.LinearLayout
import java.text.DateFormat
import java.util.Date
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.HelperPhase
import org.portlog.core.ReachRequest
import org.portlog.core.ReachState
import org.portlog.guide.Miui
import org.portlog.reach.AdbCommand
import org.portlog.reach.ComputerShell
import org.portlog.reach.Debugging
import org.portlog.reach.Superuser
import org.portlog.screens.log.copyText
import org.portlog.screens.log.shareText
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
import org.portlog.screens.parts.number
import org.portlog.screens.parts.points
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.screens.parts.toggleChip
import org.portlog.service.Core

/** What [HelperActivity] shows: how the helper stands, and what the phone says of debugging. */
data class HelperView(val state: ReachState, val debugging: Boolean, val root: Boolean)

/**
 * Seeing all connections on Android 10 and later: how the helper stands, the three steps that start
 * it, what they mean for safety, and how to end it.
 */
class HelperActivity : DetailScreen<HelperView>() {
    override val heading: Int = R.string.helper_title
    override val gone: Int = R.string.helper_title
    private var shell = ComputerShell.SH
    private var starting = false

    override fun onCreate(savedInstanceState: Bundle?) {
        shell = ComputerShell.entries[savedInstanceState?.getInt(SHELL) ?: 0]
        super.onCreate(savedInstanceState)
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putInt(SHELL, shell.ordinal)
    }

    override fun load(agent: Agent): HelperView = HelperView(
        agent.reach(ReachRequest.State),
        Debugging.isOn(this),
        Superuser.isThere(),
    )

    override fun LinearLayout.fill(shown: HelperView) {
        state(shown)
        add(text(context, getString(R.string.helper_why)), top = 16)
        onPhone(shown)
        onComputer()
        command()
        if (shown.root) root()
        group(getString(R.string.helper_how_long)) { points(sentences(R.array.helper_lasts)) }
        group(getString(R.string.helper_safety)) { points(sentences(R.array.helper_risks)) }
        end(shown)
        add(
            quietButton(context, getString(R.string.desktop_title)) {
                startActivity(AboutActivity.withDesktop(context))
            },
            top = 16,
        )
    }

    private fun LinearLayout.state(shown: HelperView) = add(
        card(context) {
            val (words, glyph, color) = when (shown.state.phase) {
                HelperPhase.CONNECTED ->
                    Triple(connected(shown.state), Glyph.WATCH, look.accent)
                HelperPhase.LOST ->
                    Triple(getString(R.string.helper_lost), Glyph.REFUSED, look.possible)
                HelperPhase.NEVER, HelperPhase.STOPPED ->
                    Triple(getString(R.string.helper_never), Glyph.OPEN, look.ink)
            }
            add(
                heading(context, words).apply {
                    setTextColor(color)
                    lead(glyph.beside(context, color, 24), roomDp = 12)
                },
            )
            val problem = shown.state.problem
            if (problem.isNotEmpty()) add(softText(context, problem), top = 8)
            if (shown.state.refused > 0) {
                val refused = getString(R.string.helper_refused, number(shown.state.refused))
                add(text(context, refused), top = 8)
            }
            if (shown.state.phase == HelperPhase.CONNECTED) {
                add(quietButton(context, getString(R.string.helper_stop), ::stopIt), top = 12)
            }
        },
        top = 12,
    )

    private fun connected(state: ReachState): String {
        val since = state.since?.let { time(it) }.orEmpty()
        val byRoot = state.uid == 0
        val words = if (byRoot) R.string.helper_connected_root else R.string.helper_connected
        return getString(words, since)
    }

    private fun time(at: Long): String =
        DateFormat.getDateTimeInstance(DateFormat.SHORT, DateFormat.SHORT).format(Date(at))

    private fun LinearLayout.onPhone(shown: HelperView) = step(1, R.string.helper_step_phone) {
        debugging(shown.debugging)
        points(sentences(R.array.helper_phone_steps))
        if (Miui(context).found) points(sentences(R.array.helper_phone_miui))
        add(
            quietButton(context, getString(R.string.helper_open_options), ::openOptions),
            width = LinearLayout.LayoutParams.WRAP_CONTENT,
            top = 12,
        )
    }

    private fun LinearLayout.debugging(on: Boolean) {
        val words = if (on) R.string.helper_debugging_on else R.string.helper_debugging_off
        add(
            text(context, getString(words), Look.SMALL, look.soft, Look.STRONG).apply {
                lead((if (on) Glyph.DONE else Glyph.OPEN).beside(context, look.soft, 20))
            },
            top = 8,
        )
    }

    private fun LinearLayout.onComputer() = step(2, R.string.helper_step_computer) {
        points(sentences(R.array.helper_computer_steps))
    }

    private fun LinearLayout.command() = step(3, R.string.helper_step_command) {
        add(text(context, getString(R.string.helper_command_which)), top = 8)
        add(
            Flow(context).apply {
                for (one in ComputerShell.entries) {
                    addView(
                        toggleChip(context, getString(name(one)), one == shell) {
                            shell = one
                            rebuild()
                        },
                    )
                }
            },
            top = 8,
        )
        val command = AdbCommand.onComputer(shell, packageName, Debugging.user())
        add(
            column(context) {
                background = look.inset()
                setPadding(look.dp(16), look.dp(12), look.dp(16), look.dp(12))
                add(address(context, command).apply { setTextIsSelectable(true) })
            },
            top = 12,
        )
        add(
            Flow(context).apply {
                addView(
                    quietButton(context, getString(R.string.helper_copy)) {
                        copyText(R.string.helper_title, command)
                    },
                )
                addView(
                    quietButton(context, getString(R.string.helper_share)) {
                        shareText(R.string.helper_share, command)
                    },
                )
            },
            top = 12,
        )
        add(softText(context, getString(R.string.helper_command_says)), top = 8)
    }

    private fun name(shell: ComputerShell): Int = when (shell) {
        ComputerShell.SH -> R.string.helper_shell_sh
        ComputerShell.POWERSHELL -> R.string.helper_shell_powershell
        ComputerShell.CMD -> R.string.helper_shell_cmd
    }

    private fun LinearLayout.root() = group(getString(R.string.helper_root)) {
        add(text(context, getString(R.string.helper_root_why)), top = 8)
        val label = if (starting) R.string.helper_root_starting else R.string.helper_root_start
        add(
            quietButton(context, getString(label), ::startAsRoot).apply { isEnabled = !starting },
            width = LinearLayout.LayoutParams.WRAP_CONTENT,
            top = 12,
        )
    }

    private fun LinearLayout.end(shown: HelperView) = group(getString(R.string.helper_end)) {
        points(sentences(R.array.helper_end_steps))
        debugging(shown.debugging)
        add(
            quietButton(context, getString(R.string.helper_open_options), ::openOptions),
            width = LinearLayout.LayoutParams.WRAP_CONTENT,
            top = 12,
        )
    }

    private fun LinearLayout.step(at: Int, title: Int, fill: LinearLayout.() -> Unit) =
        group(getString(R.string.helper_step_of, at, STEPS, getString(title)), fill)

    private fun stopIt() = ask(work = { it.reach(ReachRequest.Stop) }) { again() }

    private fun startAsRoot() {
        starting = true
        rebuild()
        // The user may take a minute over what `su` asks: no other question waits for that.
        val app = packageName
        Core.of(this).askLong(
            work = { Superuser.start(app, Debugging.user()) },
            failed = { rootEnded(it) },
        ) { result ->
            val refused = getString(R.string.helper_root_refused, result.said)
            rootEnded(if (result.done) "" else refused)
        }
    }

    private fun rootEnded(problem: String) {
        if (isFinishing || isDestroyed) return
        starting = false
        rebuild()
        again()
        if (problem.isNotEmpty()) showProblem(problem)
    }

    private fun openOptions() {
        try {
            startActivity(Intent(Settings.ACTION_APPLICATION_DEVELOPMENT_SETTINGS))
        } catch (_: ActivityNotFoundException) {
            showProblem(getString(R.string.guide_no_page))
        }
    }

    private fun sentences(id: Int): List<String> = resources.getStringArray(id).toList()

    private companion object {
        const val SHELL = "shell"
        const val STEPS = 3
    }
}
