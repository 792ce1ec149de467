package org.portlog.screens.watch

import android.graphics.drawable.Drawable
import android.os.Build
import android.util.TypedValue
import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.Board
import org.portlog.core.CoverageLine
import org.portlog.core.CoverageStatus
import org.portlog.core.ListLine
import org.portlog.core.SessionState
import org.portlog.screens.Screen
import org.portlog.screens.parts.Expandable
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.Sides
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.column
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.leading
import org.portlog.screens.parts.mainButton
import org.portlog.screens.parts.on
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.showIf
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.screens.tap.TapSwitch
import org.portlog.service.MissedStart
import org.portlog.tap.Tap

/** Android 10 took the socket tables away from apps. */
internal val isBlind: Boolean get() = Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q

/** What the top of the watch page lets the user do. */
internal class WatchDeeds(
    val start: () -> Unit,
    val stop: () -> Unit,
    val again: () -> Unit,
    val addList: () -> Unit,
    val helper: () -> Unit,
    val autostart: () -> Unit,
)

/** The state with its one button, what can be seen, and what is missing. */
internal class WatchTop(private val screen: Screen, private val deeds: WatchDeeds) {
    private val look = screen.look
    private val state = column(screen)
    private val notices = column(screen)
    private val coverage = text(screen, size = Look.SMALL)
    private val coverageLines = column(screen)
    private val tap = TapSwitch(screen, brief = true)
    private val missed = column(screen)
    private var stateShown: Any? = null
    private var noticesShown: Any? = null
    private var coverageShown: List<CoverageLine>? = null

    /** Whether the coverage is shown line by line. */
    var expanded: Boolean = false
        private set

    val view: LinearLayout = column(screen) {
        add(state, top = 12)
        add(missed)
        add(notices)
        add(coverageHead(), top = 4)
        add(coverageLines)
        add(tap.view, top = 4)
    }

    /** Shows [board]; [watching] tells whether the service is up. */
    fun show(board: Board, lists: List<ListLine>, watching: Boolean) {
        showState(board, watching)
        showMissed()
        showNotices(board, lists)
        showCoverage(board.coverage)
        showTap()
    }

    /** The tap is one of the parts: off, it stands among them; on, it is never out of sight. */
    private fun showTap() {
        tap.load()
        tap.view.showIf(expanded || Tap.isOn)
    }

    private fun showMissed() {
        val happened = MissedStart.happened(screen)
        if (happened == missed.childCount > 0) return
        missed.refill { if (happened) missedStart() }
    }

    private fun LinearLayout.missedStart() {
        val words = screen.getString(R.string.watch_missed_start)
        leading(words, deeds.autostart) {
            add(
                text(screen, words, Look.SMALL).apply {
                    lead(Glyph.DOUBT.beside(screen, look.possible))
                },
            )
        }
    }

    /** Opens or closes the lines of the coverage. */
    fun expand(open: Boolean) {
        expanded = open
        coverageLines.showIf(open)
        showTap()
        val sign = if (open) Glyph.UP else Glyph.DOWN
        coverage.setCompoundDrawablesRelativeWithIntrinsicBounds(
            coverageSign(),
            null,
            sign.on(screen, look.soft, 20),
            null,
        )
    }

    private fun showState(board: Board, watching: Boolean) {
        val shown = Triple(board.state, board.stateText, watching)
        if (shown == stateShown) return
        stateShown = shown
        state.refill {
            addView(
                card(screen) {
                    val (word, glyph, color) = sign(board.state)
                    val title = heading(screen, screen.getString(word), Look.TITLE).apply {
                        setTextColor(color)
                        lead(glyph.beside(screen, color, 24))
                        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
                    }
                    val words = text(screen, board.stateText)
                    val button = button(board.state, watching)
                    if (looksWell(board.state)) {
                        words.setTextSize(TypedValue.COMPLEX_UNIT_SP, Look.SMALL)
                        add(Sides(screen, title, button))
                        add(words, top = 4)
                    } else {
                        add(title)
                        add(words, top = 8)
                        add(button, top = 10)
                    }
                },
            )
        }
    }

    /** Nothing has to be done: the button need not stand out. */
    private fun looksWell(state: SessionState): Boolean =
        state == SessionState.WATCHING || state == SessionState.STARTING

    private fun sign(state: SessionState): Triple<Int, Glyph, Int> = when (state) {
        SessionState.STOPPED -> Triple(R.string.watch_stopped, Glyph.OPEN, look.ink)
        SessionState.STARTING -> Triple(R.string.watch_starting, Glyph.OPEN, look.ink)
        SessionState.WATCHING -> Triple(R.string.watch_watching, Glyph.WATCH, look.accent)
        SessionState.DENIED -> Triple(R.string.watch_denied, Glyph.REFUSED, look.possible)
        SessionState.FAILED -> Triple(R.string.watch_failed, Glyph.REFUSED, look.match)
    }

    /** What helps most; where that is not to stop, the menu stops. */
    private fun button(state: SessionState, watching: Boolean): View = when {
        state == SessionState.FAILED -> main(R.string.watch_again, deeds.again)
        state == SessionState.DENIED && isBlind -> main(R.string.watch_blind_do, deeds.helper)
        state == SessionState.DENIED -> main(R.string.watch_again, deeds.again)
        state == SessionState.STOPPED && !watching -> main(R.string.watch_start, deeds.start)
        else -> stop()
    }

    private fun main(label: Int, onClick: () -> Unit): View =
        mainButton(screen, screen.getString(label), onClick)

    // Short, so that it stands beside the state on a narrow screen too.
    private fun stop(): View =
        quietButton(screen, screen.getString(R.string.watch_stop_short), deeds.stop).apply {
            contentDescription = screen.getString(R.string.watch_stop)
        }

    private fun showNotices(board: Board, lists: List<ListLine>) {
        val unlisted = lists.none { it.enabled && it.problem.isEmpty() }
        // Where the state is "denied" its own sentence says this.
        val blind = isBlind && board.state != SessionState.DENIED && !seesSockets(board)
        val shown = Triple(board.notLiveText, unlisted, blind)
        if (shown == noticesShown) return
        noticesShown = shown
        notices.refill {
            if (board.notLiveText.isNotEmpty()) {
                add(
                    text(screen, board.notLiveText, Look.SMALL).apply {
                        lead(Glyph.DOUBT.beside(screen, look.soft))
                    },
                    top = 10,
                )
            }
            if (blind) {
                notice(screen.getString(R.string.watch_blind), Glyph.REFUSED) {
                    quietButton(screen, screen.getString(R.string.watch_blind_do), deeds.helper)
                }
            }
            if (unlisted) {
                notice(screen.getString(R.string.watch_no_list), Glyph.LISTS) {
                    quietButton(screen, screen.getString(R.string.lists_add), deeds.addList)
                }
            }
        }
    }

    private fun LinearLayout.notice(words: String, glyph: Glyph, button: () -> View) {
        add(
            card(screen) {
                val text = text(screen, words)
                text.lead(glyph.beside(screen, look.soft, 24), roomDp = 12)
                add(text)
                add(button(), top = 12)
            },
            top = 12,
        )
    }

    private fun coverageHead(): View = coverage.apply {
        minHeight = look.dp(Look.TOUCH)
        gravity = android.view.Gravity.CENTER_VERTICAL
        background = look.pressableRow()
        compoundDrawablePadding = look.dp(8)
        setPadding(0, look.dp(6), 0, look.dp(6))
        isFocusable = true
        setAccessibilityDelegate(Expandable { expanded })
        setOnClickListener { expand(!expanded) }
    }

    private fun showCoverage(lines: List<CoverageLine>) {
        if (lines == coverageShown) return
        coverageShown = lines
        // What the kernel does not have hides nothing.
        val there = lines.filter { it.status != CoverageStatus.ABSENT }
        val readable = there.count { it.status == CoverageStatus.READABLE }
        coverage.text = when {
            there.isEmpty() -> screen.getString(R.string.coverage_none)
            readable == there.size -> screen.getString(R.string.coverage_all)
            else -> screen.getString(R.string.coverage_some, readable, there.size)
        }
        coverageLines.refill {
            for (line in lines) {
                add(
                    softText(screen, line.text).apply {
                        lead(statusGlyph(line.status).beside(screen, statusColor(line.status), 18))
                        gravity = android.view.Gravity.TOP
                        contentDescription = screen.getString(
                            R.string.coverage_described,
                            statusWord(line.status),
                            line.text,
                        )
                    },
                    top = 6,
                )
            }
        }
        expand(expanded)
    }

    /** The worst that is among the parts. */
    private fun coverageSign(): Drawable {
        val statuses = coverageShown.orEmpty().map { it.status }
        val worst = listOf(CoverageStatus.UNTRUSTED, CoverageStatus.DENIED, CoverageStatus.READABLE)
            .find { it in statuses }
            ?: CoverageStatus.ABSENT
        return statusGlyph(worst).beside(screen, statusColor(worst), 20)
    }

    private fun statusGlyph(status: CoverageStatus): Glyph = when (status) {
        CoverageStatus.READABLE -> Glyph.DONE
        CoverageStatus.DENIED -> Glyph.REFUSED
        CoverageStatus.ABSENT -> Glyph.OPEN
        CoverageStatus.UNTRUSTED -> Glyph.DOUBT
    }

    private fun statusColor(status: CoverageStatus): Int = when (status) {
        CoverageStatus.READABLE -> look.good
        CoverageStatus.DENIED, CoverageStatus.UNTRUSTED -> look.possible
        CoverageStatus.ABSENT -> look.soft
    }

    private fun statusWord(status: CoverageStatus): String = screen.getString(
        when (status) {
            CoverageStatus.READABLE -> R.string.coverage_readable
            CoverageStatus.DENIED -> R.string.coverage_denied
            CoverageStatus.ABSENT -> R.string.coverage_absent
            CoverageStatus.UNTRUSTED -> R.string.coverage_untrusted
        },
    )

    private fun seesSockets(board: Board): Boolean = board.coverage.any {
        it.status == CoverageStatus.READABLE && it.item in SOCKET_TABLES
    }

    private companion object {
        val SOCKET_TABLES = setOf("tcp", "tcp6", "udp", "udp6")
    }
}
