package org.portlog.screens

import android.os.Handler
import android.os.Looper
import org.portlog.core.Agent
import org.portlog.core.Stats
import org.portlog.core.Told
import org.portlog.service.Core

/**
 * Keeps what a screen shows up to date while it is visible: each second the core is asked for its
 * generation, and for the whole only where that changed (or the user asks otherwise).
 *
 * One question is under way at a time. [question] is made on the main thread, from what the user
 * set; what it answers is given to [shown] there.
 */
internal class Live<T>(
    private val screen: Screen,
    private val question: () -> (Agent, Stats) -> T,
    private val shown: (T) -> Unit,
) {
    private val main = Handler(Looper.getMainLooper())
    private val core = Core.of(screen)
    private val tick = Runnable { tick() }
    private val watched = Core.Listener { events: List<Told> -> if (events.isEmpty()) again() }
    private var running = false
    private var underWay = false
    private var generation: Long? = null
    private var unchanged = 0

    /** Looks at once, and then each second. */
    fun start() {
        if (running) return
        running = true
        core.listen(watched)
        again()
    }

    /** Looks no more. */
    fun stop() {
        running = false
        core.unlisten(watched)
        main.removeCallbacks(tick)
    }

    /** Asks for the whole, changed or not. */
    fun again() {
        generation = null
        if (running && !underWay) tick()
    }

    private fun tick() {
        main.removeCallbacks(tick)
        if (!running || underWay) return
        underWay = true
        val known = generation.takeIf { unchanged < TEXTS_GROW_OLD }
        generation = known ?: NONE
        val whole = question()
        screen.ask(
            work = { agent ->
                val stats = agent.stats()
                val changed = stats.generation != known
                if (changed) Answer(stats.generation, whole(agent, stats)) else null
            },
            failed = { over(null) },
            answer = { over(it) },
        )
    }

    private fun over(answer: Answer<T>?) {
        underWay = false
        val outdated = generation == null
        if (answer == null) {
            unchanged += 1
        } else {
            unchanged = 0
            if (!outdated) generation = answer.generation
            if (running && !outdated) shown(answer.whole)
        }
        if (running) {
            if (outdated) tick() else main.postDelayed(tick, PERIOD_MILLIS)
        }
    }

    private class Answer<T>(val generation: Long, val whole: T)

    private companion object {
        const val PERIOD_MILLIS = 1_000L
        const val NONE = -1L

        /** Spans such as "for 3 hours" are told anew after so many looks without a change. */
        const val TEXTS_GROW_OLD = 30
    }
}
