package org.portlog.emulated

import com.github.unidbg.Emulator
import com.github.unidbg.arm.context.RegisterContext
import com.github.unidbg.linux.thread.AndroidWaiter
import com.github.unidbg.thread.RunnableTask
import com.github.unidbg.thread.ThreadContextSwitchException
import com.sun.jna.Pointer
import java.io.File
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport
import unicorn.Arm64Const
import unicorn.ArmConst

/**
 * What the library asks of the kernel: each call is written down by its name, and those that the
 * emulator lacks or has only in part are answered here: what Rust's threads and clocks rest on, and
 * changes of folders.
 *
 * A call that nobody answers gives ENOSYS, as a kernel that does not have it would, and is written
 * down as such; the emulator by itself would go on with whatever is in the register.
 */
class SystemCalls(private val numbers: Map<Int, String>) {
    /** What is `/` for the process. */
    lateinit var root: File

    /** Where sockets lead, for a process that has connections to this machine. */
    internal var network: Network? = null

    /** Every call made since [forget], with how often it was made. */
    val made = sortedMapOf<String, Int>()

    /** From which library's code the C library's function for each of them was called, by file name. */
    val callers = sortedMapOf<String, MutableSet<String>>()

    /** Those of them that got ENOSYS. */
    val unanswered = sortedSetOf<String>()

    private val beginning = System.nanoTime()

    /** A TUN device, for a process that has one. */
    internal var tun: Tun? = null

    /** Forgets the calls so far: the loader of the emulator makes some that are not ours. */
    fun forget() {
        made.clear()
        callers.clear()
        unanswered.clear()
    }

    /** Answers the call, or leaves it to the emulator. */
    fun handle(emulator: Emulator<*>, number: Int): Boolean {
        if (goesToTun(emulator, name(number))) return true
        val name = name(number)
        count(emulator, name)
        network?.let { network ->
            reach(emulator, network, name)?.let { answer ->
                answer(emulator, answer)
                return true
            }
        }
        val answer = when (name) {
            "clock_gettime" -> clockGettime(emulator)
            "clock_nanosleep" -> clockNanosleep(emulator)
            "futex" -> futex(emulator) ?: return false
            "socket" -> socket(emulator) ?: return false
            "connect" -> connect(emulator) ?: return false
            "poll" -> patience(emulator) { it.getIntArg(2) * NANOS / MILLIS }
            "ppoll" -> patience(emulator) { nanos(emulator, it.getPointerArg(2)) }
            "getuid", "getuid32", "geteuid", "geteuid32" -> AN_APP
            "open" -> folderAsSuch(emulator, 0) ?: return false
            "openat" -> folderAsSuch(emulator, 1) ?: return false
            "mkdir" -> files(emulator).makeFolder(0)
            "mkdirat" -> files(emulator).at(0).makeFolder(1)
            "rename" -> files(emulator).rename(0, 1)
            "renameat" -> files(emulator).at(0).at(2).rename(1, 3)
            "unlink" -> files(emulator).remove(0)
            "unlinkat" -> files(emulator).at(0).remove(1)
            "statfs" -> files(emulator).kindOfSystem(0, 1)
            "statfs64" -> files(emulator).kindOfSystem(0, 2)
            // What is written is in a real file at once, and no machine loses power here.
            "fsync", "fdatasync" -> 0
            "pread64" -> OpenFile(emulator, root).readAt()
            "pwrite64" -> OpenFile(emulator, root).writeAt()
            "ftruncate", "ftruncate64" -> OpenFile(emulator, root).resize()
            // There is no other process that could hold it.
            "flock" -> 0
            else -> return false
        }
        answer(emulator, answer)
        return true
    }

    /** Answers a call that the emulator does not know. */
    fun refuse(emulator: Emulator<*>, number: Int): Boolean {
        unanswered += name(number)
        answer(emulator, -ENOSYS)
        return true
    }

    private fun count(emulator: Emulator<*>, name: String) {
        made.merge(name, 1, Int::plus)
        val back = emulator.getContext<RegisterContext>().lrPointer
        val caller = back?.let { emulator.memory.findModuleByAddress(it.peer) }?.name ?: "unknown"
        callers.getOrPut(name) { sortedSetOf() } += caller
    }

    private fun name(number: Int) = numbers[number] ?: "number $number"

    /** Whether the call was about a TUN device, or a pipe beside it, and is answered. */
    private fun goesToTun(emulator: Emulator<*>, name: String): Boolean {
        val tun = tun ?: return false
        val answer = tun.call(name, emulator.getContext()) ?: polled(emulator, tun, name)
        if (answer == null) return false
        count(emulator, name)
        answer(emulator, answer)
        return true
    }

    /** A `poll` that waits for a TUN device, or a pipe beside it; `null` for another. */
    private fun polled(emulator: Emulator<*>, tun: Tun, name: String): Int? {
        val context = emulator.getContext<RegisterContext>()
        val span = when (name) {
            "poll" -> context.getIntArg(2).takeIf { it >= 0 }?.let { it * NANOS / MILLIS }
            "ppoll" -> context.getPointerArg(2)?.let { nanos(emulator, it) }
            else -> return null
        }
        val wanted = context.getPointerArg(0) ?: return null
        val count = context.getIntArg(1)
        if (!tun.isPolled(wanted, count)) return null
        count(emulator, name)
        wait(emulator, Ready(span?.let { now() + it }) { tun.ready(wanted, count) })
    }

    private fun now() = System.nanoTime() - beginning

    private fun clockGettime(emulator: Emulator<*>): Int {
        val context = emulator.getContext<RegisterContext>()
        val realtime = context.getIntArg(0) in setOf(CLOCK_REALTIME, CLOCK_REALTIME_COARSE)
        val time = context.getPointerArg(1)
        val nanos = if (realtime) {
            TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis())
        } else {
            now()
        }
        val word = emulator.pointerSize.toLong()
        setWord(emulator, time, 0, nanos / NANOS)
        setWord(emulator, time, word, nanos % NANOS)
        return 0
    }

    private fun clockNanosleep(emulator: Emulator<*>): Int {
        val context = emulator.getContext<RegisterContext>()
        val absolute = context.getIntArg(1) and TIMER_ABSTIME != 0
        val span = nanos(emulator, context.getPointerArg(2))
        check(context.getIntArg(0) in CLOCKS_SINCE_BOOT) { "a sleep by another clock" }
        wait(emulator, Sleep(if (absolute) span else now() + span))
    }

    /** The operations of Rust's locks; `null` for another, which the emulator may know. */
    private fun futex(emulator: Emulator<*>): Int? {
        val context = emulator.getContext<RegisterContext>()
        val word = context.getPointerArg(0)
        val operation = context.getIntArg(1)
        val value = context.getIntArg(2)
        return when (operation and FUTEX_COMMAND) {
            FUTEX_WAIT, FUTEX_WAIT_BITSET -> {
                if (word.getInt(0) != value) return -EAGAIN
                val timeout = context.getPointerArg(3)?.let { nanos(emulator, it) }
                check(timeout == null || operation and FUTEX_CLOCK_REALTIME == 0) {
                    "a wait by the wall clock"
                }
                // Only the one with a bit set takes a point in time; the other takes a span.
                val relative = operation and FUTEX_COMMAND == FUTEX_WAIT
                val deadline = timeout?.let { if (relative) now() + it else it }
                wait(emulator, Wait(word, value, deadline))
            }
            FUTEX_WAKE, FUTEX_WAKE_BITSET -> {
                val waiting = emulator.threadDispatcher.taskList
                    .mapNotNull { it.waiter as? Wait }
                    .filter { it.isAt(word) }
                    .take(value)
                waiting.forEach { it.wake() }
                waiting.size
            }
            else -> null
        }
    }

    /** Lets other threads run until `waiter` says that this one may go on. */
    private fun wait(emulator: Emulator<*>, waiter: Waiter): Nothing {
        val task: RunnableTask = emulator.threadDispatcher.runningTask
        task.setWaiter(emulator, waiter)
        throw ThreadContextSwitchException()
    }

    private fun nanos(emulator: Emulator<*>, time: Pointer): Long {
        val word = emulator.pointerSize.toLong()
        return word(emulator, time, 0) * NANOS + word(emulator, time, word)
    }

    /** The emulator opens a folder only where that is said, and a kernel also where it is not. */
    private fun folderAsSuch(emulator: Emulator<*>, path: Int): Int? {
        val context = emulator.getContext<RegisterContext>()
        val name = context.getPointerArg(path).getString(0)
        if (File(root, name).isDirectory) {
            val flags = path + 1
            val first = if (emulator.is64Bit) Arm64Const.UC_ARM64_REG_X0 else ArmConst.UC_ARM_REG_R0
            val asked = context.getIntArg(flags) or O_DIRECTORY
            emulator.backend.reg_write(first + flags, asked.toLong())
        }
        return null
    }

    /** This phone has TCP over IPv4 alone: the emulator cannot bind sockets of other kinds. */
    private fun socket(emulator: Emulator<*>): Int? {
        val context = emulator.getContext<RegisterContext>()
        val stream = context.getIntArg(1) and SOCK_TYPE == SOCK_STREAM
        return when (context.getIntArg(0)) {
            AF_INET6 -> -EAFNOSUPPORT
            AF_INET -> if (stream) null else -EACCES
            else -> null
        }
    }

    /** What a socket that does not wait is answered; the emulator knows only sockets that wait. */
    private fun connect(emulator: Emulator<*>): Int? {
        val address = emulator.getContext<RegisterContext>().getPointerArg(1)
        return if (address.getShort(0).toInt() == AF_UNIX) null else -EINPROGRESS
    }

    /** What is waited for never comes here, but the time to wait for it ends. */
    private fun patience(emulator: Emulator<*>, span: (RegisterContext) -> Long): Nothing =
        wait(emulator, Sleep(now() + span(emulator.getContext())))

    /** What concerns a connection to this machine; `null` for everything else. */
    private fun reach(emulator: Emulator<*>, network: Network, name: String): Int? {
        val context = emulator.getContext<RegisterContext>()
        val first = context.getIntArg(0)
        when (name) {
            "socket" -> return if (first == AF_INET) network.socket() else null
            "poll" -> return await(emulator, network, context.getIntArg(2) * NANOS / MILLIS)
            "ppoll" -> {
                val limit = context.getPointerArg(2)?.let { nanos(emulator, it) }
                return await(emulator, network, limit ?: Long.MAX_VALUE / 2)
            }
        }
        if (!network.has(first)) return null
        return when (name) {
            "connect" -> network.connect(first, context.getPointerArg(1))
            "fcntl", "fcntl64" ->
                if (context.getIntArg(1) == F_DUPFD_CLOEXEC) network.duplicate(first) else 0
            "recvfrom" ->
                network.receive(first, context.getPointerArg(1), context.getIntArg(2))
            "sendto" -> network.send(first, context.getPointerArg(1), context.getIntArg(2))
            "shutdown" -> network.shutDown(first)
            "close" -> network.close(first)
            "ioctl", "setsockopt" -> 0
            // Whose ends they are matters only where the tables are this machine's own.
            "bind", "getsockname", "getpeername" -> -ENOSYS
            else -> error("$name of a connection")
        }
    }

    /** A `poll` of which one descriptor at least is a connection's; `null` for another. */
    private fun await(emulator: Emulator<*>, network: Network, span: Long): Int? {
        val context = emulator.getContext<RegisterContext>()
        val wanted = context.getPointerArg(0) ?: return null
        val count = context.getIntArg(1)
        val there = (0 until count).any { network.has(wanted.getInt(it * POLLFD)) }
        return if (there) wait(emulator, Poll(network, wanted, count, now() + span)) else null
    }

    private inner class Poll(
        private val network: Network,
        private val wanted: Pointer,
        private val count: Int,
        deadline: Long,
    ) : Waiter(deadline) {
        override fun canDispatch(): Boolean {
            woken = ready() > 0
            return super.canDispatch()
        }

        private fun ready(): Int = (0 until count).count { at ->
            val events = wanted.getShort(at * POLLFD + 4).toInt()
            val now = network.ready(wanted.getInt(at * POLLFD), events)
            wanted.setShort(at * POLLFD + 6, now.toShort())
            now != 0
        }

        override fun onContinueRun(emulator: Emulator<*>) = answer(emulator, ready())
    }

    private fun files(emulator: Emulator<*>) = FileCall(emulator.getContext(), root)

    /** Why a thread stands still. */
    private abstract inner class Waiter(private val deadline: Long?) : AndroidWaiter() {
        protected var woken = false

        override fun canDispatch(): Boolean {
            val ready = woken || (deadline != null && now() >= deadline)
            // All threads of the emulated process share this one: no reason to heat the room.
            if (!ready) LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200))
            return ready
        }
    }

    private inner class Sleep(deadline: Long) : Waiter(deadline) {
        override fun onContinueRun(emulator: Emulator<*>) = answer(emulator, 0)
    }

    private inner class Ready(deadline: Long?, private val ready: () -> Int) : Waiter(deadline) {
        override fun canDispatch(): Boolean {
            woken = ready() > 0
            return super.canDispatch()
        }

        override fun onContinueRun(emulator: Emulator<*>) = answer(emulator, ready())
    }

    private inner class Wait(
        private val word: Pointer,
        private val value: Int,
        deadline: Long?,
    ) : Waiter(deadline) {
        fun isAt(other: Pointer) = word == other && !woken

        fun wake() {
            woken = true
        }

        /** Also when the word changed: a thread's end clears its id, and the emulator wakes nobody. */
        override fun canDispatch(): Boolean {
            woken = woken || word.getInt(0) != value
            return super.canDispatch()
        }

        override fun onContinueRun(emulator: Emulator<*>) =
            answer(emulator, if (woken) 0 else -ETIMEDOUT)
    }

    private companion object {
        /** The UID of an ordinary app. */
        const val AN_APP = 10_123

        const val NANOS = 1_000_000_000L
        const val MILLIS = 1_000

        const val EAGAIN = 11
        const val ENOSYS = 38
        const val EAFNOSUPPORT = 97
        const val ETIMEDOUT = 110

        const val EACCES = 13
        const val EINPROGRESS = 115

        /** The number that the emulator knows, whatever the processor's is. */
        const val O_DIRECTORY = 0x10000

        /** `struct pollfd`: the descriptor, what is wanted, what there is. */
        const val POLLFD = 8L

        const val F_DUPFD_CLOEXEC = 1030

        const val AF_UNIX = 1
        const val AF_INET = 2
        const val AF_INET6 = 10
        const val SOCK_STREAM = 1
        const val SOCK_TYPE = 15

        const val CLOCK_REALTIME = 0
        const val CLOCK_REALTIME_COARSE = 5

        /** CLOCK_MONOTONIC and CLOCK_BOOTTIME: nothing suspends this machine. */
        val CLOCKS_SINCE_BOOT = setOf(1, 7)
        const val TIMER_ABSTIME = 1

        const val FUTEX_WAIT = 0
        const val FUTEX_WAKE = 1
        const val FUTEX_WAIT_BITSET = 9
        const val FUTEX_WAKE_BITSET = 10
        const val FUTEX_CLOCK_REALTIME = 256
        const val FUTEX_COMMAND = 127

        fun answer(emulator: Emulator<*>, value: Int) {
            val register =
                if (emulator.is64Bit) Arm64Const.UC_ARM64_REG_X0 else ArmConst.UC_ARM_REG_R0
            emulator.backend.reg_write(register, value.toLong())
        }

        fun word(emulator: Emulator<*>, pointer: Pointer, offset: Long): Long =
            if (emulator.is64Bit) pointer.getLong(offset) else pointer.getInt(offset).toLong()

        fun setWord(emulator: Emulator<*>, pointer: Pointer, offset: Long, value: Long) =
            if (emulator.is64Bit) {
                pointer.setLong(offset, value)
            } else {
                pointer.setInt(offset, value.toInt())
            }
    }
}
