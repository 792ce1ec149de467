package org.portlog.emulated

import com.sun.jna.Pointer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel

/**
 * TCP connections of the emulated process to this machine, under descriptors that the emulator does
 * not give away: its own sockets wait, and ours must not.
 */
internal class Network {
    private val open = sortedMapOf<Int, Connection>()
    private var next = FIRST

    /** Whether it has [descriptor]. */
    fun has(descriptor: Int): Boolean = descriptor in open

    /** A new socket. */
    fun socket(): Int = give(Connection())

    /** Connects to the address of a `sockaddr_in`, at once. */
    fun connect(descriptor: Int, address: Pointer): Int {
        val bytes = address.getByteArray(0, SOCKADDR_IN)
        val port = (bytes[2].toInt() and 0xff shl 8) or (bytes[3].toInt() and 0xff)
        val host = InetAddress.getByAddress(bytes.copyOfRange(4, 8))
        check(host.isLoopbackAddress) { "a connection to $host" }
        open.getValue(descriptor).channel = SocketChannel.open(InetSocketAddress(host, port))
            .apply { configureBlocking(false) }
        return 0
    }

    /** The same connection under another number. */
    fun duplicate(descriptor: Int): Int = give(open.getValue(descriptor))

    /** What came, up to [length] bytes. */
    fun receive(descriptor: Int, into: Pointer, length: Int): Int {
        val connection = open.getValue(descriptor)
        connection.fill()
        val there = minOf(connection.came.size, length)
        if (there == 0) return if (connection.ended) 0 else -EAGAIN
        val bytes = ByteArray(there) { connection.came.removeFirst() }
        into.write(0, bytes, 0, there)
        return there
    }

    /** Sends what there is room for. */
    fun send(descriptor: Int, from: Pointer, length: Int): Int {
        val bytes = ByteBuffer.wrap(from.getByteArray(0, length))
        return try {
            val sent = open.getValue(descriptor).channel?.write(bytes) ?: return -ENOTCONN
            if (sent == 0) -EAGAIN else sent
        } catch (_: java.io.IOException) {
            -EPIPE
        }
    }

    /** Which of the wanted events of `poll` hold now. */
    fun ready(descriptor: Int, wanted: Int): Int {
        val connection = open[descriptor] ?: return 0
        connection.fill()
        val readable = connection.came.isNotEmpty() || connection.ended
        return wanted and (if (readable) POLLIN or POLLOUT else POLLOUT)
    }

    /** Gives a descriptor up; the last one of a connection ends it. */
    fun close(descriptor: Int): Int {
        val connection = open.remove(descriptor)
        if (connection != null && connection !in open.values) connection.channel?.close()
        return 0
    }

    /** Says that nothing more is sent, and ends everything. */
    fun shutDown(descriptor: Int): Int {
        open.getValue(descriptor).channel?.close()
        return 0
    }

    private fun give(connection: Connection): Int = next++.also { open[it] = connection }

    private class Connection {
        var channel: SocketChannel? = null
        val came = ArrayDeque<Byte>()
        var ended = false
        private val piece = ByteBuffer.allocate(1 shl 16)

        fun fill() {
            val from = channel ?: return
            piece.clear()
            val read = try {
                from.read(piece)
            } catch (_: java.io.IOException) {
                -1
            }
            if (read < 0) ended = true
            for (at in 0 until maxOf(read, 0)) came.addLast(piece.get(at))
        }
    }

    companion object {
        /** Above all that the emulator gives. */
        private const val FIRST = 5_000
        private const val SOCKADDR_IN = 16
        private const val EAGAIN = 11
        private const val EPIPE = 32
        private const val ENOTCONN = 107
        const val POLLIN = 1
        const val POLLOUT = 4
    }
}
