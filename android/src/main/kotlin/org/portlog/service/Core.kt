package org.portlog.service

import android.content.Context
import android.os.Build
import android.os.Handler
import android.os.Looper
import java.io.File
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.locks.ReentrantLock
import org.portlog.PortlogApplication
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.Config
import org.portlog.core.LogConfig
import org.portlog.core.LogRequest
import org.portlog.core.PortlogException
import org.portlog.core.Told
import org.portlog.feeds.DeviceFacts

/**
 * The one session of this process, and the way to it from the main thread.
 *
 * The session is opened by whoever first asks, off the main thread. Questions are answered in the
 * order they were asked; answers and events arrive on the main thread.
 */
class Core internal constructor(
    private val context: Context,
    private val procRoot: String,
) {
    private val main = Handler(Looper.getMainLooper())
    private val asking = Executors.newSingleThreadExecutor { Thread(it, "portlog-ask") }
    private val working = Executors.newSingleThreadExecutor { Thread(it, "portlog-work") }
    private val listeners = CopyOnWriteArrayList<Listener>()
    private val opening = Any()
    private var agent: Agent? = null

    /** Whether the session was ended for good. */
    @Volatile
    internal var closed = false
        private set

    /** Held by the one thread that fetches events. */
    internal val pumping = ReentrantLock()

    /** Whether the service of the watch is up. */
    @Volatile
    var watching: Boolean = false
        internal set(value) {
            if (field != value) {
                field = value
                publish(emptyList())
            }
        }

    /** Is told what happened, on the main thread; an empty list says that the watch came or went. */
    fun interface Listener {
        fun told(events: List<Told>)
    }

    /** Tells [listener] what happens from now on, until [unlisten]. */
    fun listen(listener: Listener) {
        listeners.addIfAbsent(listener)
    }

    /** Takes [listen] back. */
    fun unlisten(listener: Listener) {
        listeners.remove(listener)
    }

    /**
     * Runs [work] off the main thread and gives its result to [answer], or what went wrong, in
     * words, to [failed]; both on the main thread. Neither is called after [Asked.forget].
     */
    fun <T> ask(
        work: (Agent) -> T,
        failed: (String) -> Unit = {},
        answer: (T) -> Unit = {},
    ): Asked = ask(asking, work, failed, answer)

    /** As [ask], for what may take seconds and shall not keep other questions waiting. */
    fun <T> askLong(
        work: (Agent) -> T,
        failed: (String) -> Unit = {},
        answer: (T) -> Unit = {},
    ): Asked = ask(working, work, failed, answer)

    private fun <T> ask(
        executor: Executor,
        work: (Agent) -> T,
        failed: (String) -> Unit,
        answer: (T) -> Unit,
    ): Asked {
        val asked = Asked()
        val task = Runnable {
            if (!asked.forgotten) {
                attempt(
                    { work(agent()) },
                    { problem -> main.post { if (!asked.forgotten) failed(problem) } },
                    { result -> main.post { if (!asked.forgotten) answer(result) } },
                )
            }
        }
        try {
            executor.execute(task)
        } catch (_: RejectedExecutionException) {
            asked.forget()
        }
        return asked
    }

    /** The session, opened where it is not; not for the main thread. */
    @Throws(PortlogException::class)
    internal fun agent(): Agent = synchronized(opening) {
        check(!closed) { "the session is closed" }
        agent ?: Agent.open(
            Config(
                stateFolder = stateFolder(context).path,
                procRoot = procRoot,
                sdk = Build.VERSION.SDK_INT,
                settings = CoreSettings.of(context),
                log = logConfig(),
            ),
        ).also { agent = it }
    }

    private fun logConfig(): LogConfig? = when (val key = LogKey.of(context)) {
        is LogKey.Sealing -> LogConfig(key.key, DeviceFacts.of(context))
        LogKey.OwnFiles -> LogConfig(null, DeviceFacts.of(context))
        LogKey.NotNow -> null
    }

    /** Gives the core the settings as they are now: after a change of them, of language or zone. */
    fun settingsChanged() {
        ask({ it.setSettings(CoreSettings.of(context)) })
    }

    /** Gives the log what the phone says of itself as it is now; an entry where it became another. */
    internal fun deviceChanged() {
        ask({ it.log(LogRequest.Device(DeviceFacts.of(context))) })
    }

    internal fun publish(events: List<Told>) {
        main.post { listeners.forEach { it.told(events) } }
    }

    /** Runs [work]; what a person can be told about a failure goes to [failed]. */
    internal fun <T> attempt(work: () -> T, failed: (String) -> Unit, done: (T) -> Unit) {
        val result = try {
            work()
        } catch (problem: Exception) {
            return failed(words(problem))
        } catch (problem: LinkageError) {
            return failed(words(problem))
        } catch (problem: AssertionError) {
            return failed(words(problem))
        }
        done(result)
    }

    private fun words(problem: Throwable): String = when (problem) {
        is PortlogException -> problem.message.orEmpty()
        is LinkageError -> context.getString(R.string.core_not_loaded, Abis.ofPhone())
        else -> context.getString(R.string.core_fault, problem.toString())
    }

    internal fun close() {
        asking.shutdown()
        working.shutdown()
        synchronized(opening) {
            closed = true
            agent?.close()
            agent = null
        }
    }

    /** A question under way. */
    class Asked internal constructor() {
        @Volatile
        internal var forgotten = false
            private set

        /** Nobody waits for the answer any more. */
        fun forget() {
            forgotten = true
        }
    }

    companion object {
        /** The core of this process. */
        fun of(context: Context): Core = PortlogApplication.of(context).core

        private fun stateFolder(context: Context): File =
            File(Protected.of(context).filesDir, "state")
    }
}
