package org.portlog.emulated

import com.github.unidbg.arm.context.RegisterContext
import com.sun.jna.Pointer

/**
 * A TUN device of the emulated process and the pipes beside it, under descriptors that the emulator does
 * not give away: its own files wait, and these must not.
 */
internal class Tun {
    private val open = sortedMapOf<Int, End>()
    private var next = FIRST
    private val toProcess = ArrayDeque<ByteArray>()
    private val fromProcess = ArrayDeque<ByteArray>()

    /** The device's descriptor, to be given to the process once. */
    val device: Int = give(End(toProcess, fromProcess, inPackets = true))

    /** Sends a packet to the process, as an app of the phone does. */
    fun send(packet: ByteArray) {
        toProcess += packet
    }

    /** A packet that the process wrote; `null` where none is there. */
    fun receive(): ByteArray? = fromProcess.removeFirstOrNull()

    /** Whether the process has the device open. */
    val isOpen: Boolean get() = device in open

    /** What a call about these gives; `null` for one that is about something else. */
    fun call(name: String, context: RegisterContext): Int? {
        if (name == "pipe2") return pipe(context.getPointerArg(0))
        val descriptor = context.getIntArg(0)
        val end = open[descriptor] ?: return null
        return when (name) {
            "read" -> end.read(context.getPointerArg(1), context.getIntArg(2))
            "write" -> end.write(context.getPointerArg(1).getByteArray(0, context.getIntArg(2)))
            "fcntl", "fcntl64" -> 0
            "close" -> {
                open.remove(descriptor)
                0
            }
            else -> error("$name of a TUN device or a pipe")
        }
    }

    /** Whether one of the descriptors of a `poll` is of these. */
    fun isPolled(wanted: Pointer, count: Int): Boolean =
        (0 until count).any { wanted.getInt(it * POLLFD) in open }

    /** How many of them are ready now, each marked with what for. */
    fun ready(wanted: Pointer, count: Int): Int = (0 until count).count { at ->
        val events = wanted.getShort(at * POLLFD + EVENTS).toInt()
        val end = open[wanted.getInt(at * POLLFD)]
        val now = events and (if (end?.comes?.isNotEmpty() == true) POLLIN or POLLOUT else POLLOUT)
        wanted.setShort(at * POLLFD + RETURNED, now.toShort())
        now != 0
    }

    private fun pipe(into: Pointer): Int {
        val bytes = ArrayDeque<ByteArray>()
        into.setInt(0, give(End(bytes, ArrayDeque(), inPackets = false)))
        into.setInt(4, give(End(ArrayDeque(), bytes, inPackets = false)))
        return 0
    }

    private fun give(end: End): Int = next++.also { open[it] = end }

    private class End(
        val comes: ArrayDeque<ByteArray>,
        private val goes: ArrayDeque<ByteArray>,
        private val inPackets: Boolean,
    ) {
        fun read(into: Pointer, length: Int): Int {
            val first = comes.removeFirstOrNull() ?: return -EAGAIN
            val taken = minOf(first.size, length)
            // What of a packet has no room is lost; of a pipe it is read later.
            if (!inPackets && taken < first.size) {
                comes.addFirst(first.copyOfRange(taken, first.size))
            }
            into.write(0, first, 0, taken)
            return taken
        }

        fun write(bytes: ByteArray): Int {
            goes += bytes
            return bytes.size
        }
    }

    private companion object {
        /** Beyond what the emulator gives. */
        const val FIRST = 7_000
        const val EAGAIN = 11

        // struct pollfd, by include/uapi/asm-generic/poll.h.
        const val POLLFD = 8L
        const val EVENTS = 4L
        const val RETURNED = 6L
        const val POLLIN = 1
        const val POLLOUT = 4
    }
}
