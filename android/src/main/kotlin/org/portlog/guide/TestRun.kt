package org.portlog.guide

import android.content.Context
import android.content.SharedPreferences
import android.os.SystemClock
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.LogRequest
import org.portlog.core.Mark
import org.portlog.core.Outcome
import org.portlog.service.Boot
import org.portlog.service.Protected

/**
 * The steps of the laboratory of 2014 (docs/BACKGROUND.md), with a quiet hour before them. What is
 * marked is said by [mark], or by the step's own name; afterwards the phone is left alone.
 */
enum class TestStep(
    internal val title: Int,
    internal val todo: Int,
    internal val waitMinutes: Int,
    private val preset: Mark? = null,
) {
    QUIET(R.string.test_quiet, R.string.test_quiet_do, 60),
    SIM(R.string.mark_sim_in, R.string.test_sim_do, 10, Mark.SimIn),
    LOCATION(R.string.test_location, R.string.test_location_do, 10),
    CONTACT(R.string.mark_contact_saved, R.string.test_contact_do, 10, Mark.ContactSaved),
    MESSAGE(R.string.mark_message_sent, R.string.test_message_do, 10, Mark.MessageSent),
    CALL(R.string.test_call, R.string.test_call_do, 10),
    SIGN_IN(R.string.mark_sign_in, R.string.test_sign_in_do, 10, Mark.SignIn),
    SERVICE_OFF(R.string.mark_service_off, R.string.test_service_do, 15, Mark.ServiceOff),
    ;

    internal fun mark(context: Context): Mark = preset ?: Mark.Words(context.getString(title))
}

/**
 * A test under way: at which step it is and since when the phone is left alone. It is kept where
 * neither a rotation nor the process's death nor a restart of the phone ends it, and only in small
 * changes that follow what was written into the log.
 */
class TestRun(private val context: Context) {
    private val kept: SharedPreferences =
        Protected.of(context).getSharedPreferences("test", Context.MODE_PRIVATE)

    /** When it began, in milliseconds since 1970; 0 while there is none. */
    val began: Long get() = kept.getLong("began", 0)

    /** The step; `null` before the first and after the last. */
    val step: TestStep?
        get() = if (began == 0L) null else TestStep.entries.getOrNull(at)

    /** Whether it came to its end. */
    val isOver: Boolean get() = began > 0 && at >= TestStep.entries.size

    /** Whether the step's mark is set, and the phone left alone. */
    val waits: Boolean get() = kept.getLong("since", 0) > 0

    /** How much longer to leave it alone, in milliseconds; 0 when that is over. */
    fun remaining(): Long {
        val step = step ?: return 0
        if (!waits) return 0
        val meant = step.waitMinutes * MINUTE_MILLIS
        return (meant - waited()).coerceIn(0, meant)
    }

    /** Begins one. */
    fun begin() = kept.edit().clear().putLong("began", System.currentTimeMillis()).apply()

    /** Sets the step's mark and begins to wait; not for the main thread. */
    fun mark(agent: Agent): Outcome {
        val step = step ?: return NOTHING
        val outcome = agent.log(LogRequest.Write(step.mark(context)))
        if (outcome.done) {
            kept.edit()
                .putLong("since", System.currentTimeMillis())
                .putLong("since_boot", SystemClock.elapsedRealtime())
                .putString("boot", Boot.current(context))
                .apply()
        }
        return outcome
    }

    /** Goes on to the next step; after the quiet hour with a mark of its end. */
    fun goOn(agent: Agent): Outcome {
        val ends = step == TestStep.QUIET && waits
        val over = Mark.Words(context.getString(R.string.test_quiet_over))
        val outcome = if (ends) agent.log(LogRequest.Write(over)) else NOTHING
        if (!ends || outcome.done) next()
        return outcome
    }

    /** Ends it before its end; the log says so. */
    fun stop(agent: Agent): Outcome {
        val words = Mark.Words(context.getString(R.string.test_stopped))
        val outcome = agent.log(LogRequest.Write(words))
        if (outcome.done) forget()
        return outcome
    }

    /** Forgets it; the marks stay in the log. */
    fun forget() = kept.edit().clear().apply()

    private val at: Int get() = kept.getInt("step", 0)

    private fun next() = kept.edit().putInt("step", at + 1).putLong("since", 0).apply()

    // In the boot it began in by the clock that nobody can set, and across boots by the other.
    private fun waited(): Long {
        val sameBoot = kept.getString("boot", null) == Boot.current(context)
        val sinceBoot = SystemClock.elapsedRealtime() - kept.getLong("since_boot", 0)
        val byClock = System.currentTimeMillis() - kept.getLong("since", 0)
        return if (sameBoot && sinceBoot >= 0) sinceBoot else maxOf(byClock, 0)
    }

    private companion object {
        const val MINUTE_MILLIS = 60_000L
        val NOTHING = Outcome(true, "", null)
    }
}
