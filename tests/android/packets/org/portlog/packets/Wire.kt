package org.portlog.packets

import java.io.Closeable
import java.io.File
import java.net.DatagramPacket
import java.net.DatagramSocket
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.nio.channels.DatagramChannel
import java.nio.file.Files

/**
 * What stands for a TUN device where there is none: two UDP sockets of this machine that are connected
 * with each other. Like a device, each read gives one packet and each write takes one. One end is
 * given away by its number, as Android gives a device; the other is the apps' side.
 */
class Wire : Closeable {
    private val loopback = InetAddress.getByName("127.0.0.1")
    private val given = DatagramChannel.open(StandardProtocolFamily.INET)
        .bind(InetSocketAddress(loopback, 0)) as DatagramChannel
    private val apps = DatagramSocket(InetSocketAddress(loopback, 0))

    /** The descriptor that is given away; whoever gets it closes it. */
    val number: Int

    init {
        apps.connect(given.localAddress)
        given.connect(apps.localSocketAddress)
        apps.soTimeout = PATIENCE_MILLIS
        number = numberOf(given)
        // Nobody here closes it any more, not even the garbage collector.
        gone += given
    }

    /** Sends a packet, as an app does. */
    fun send(packet: ByteArray) = apps.send(DatagramPacket(packet, packet.size))

    /** The next packet for an app. */
    fun receive(): ByteArray {
        val packet = DatagramPacket(ByteArray(65_536), 65_536)
        apps.receive(packet)
        return packet.data.copyOf(packet.length)
    }

    /** Whether the end that was given away is open still. */
    fun isHeld(): Boolean = inodes().any { it.second == inode }

    private val inode = inodes().first { it.first == number }.second

    override fun close() = apps.close()

    private companion object {
        const val PATIENCE_MILLIS = 20_000
        val gone = mutableListOf<DatagramChannel>()

        /** A descriptor's number and what it is, as the kernel writes it. */
        fun inodes(): List<Pair<Int, String>> =
            File("/proc/self/fd").list().orEmpty().mapNotNull { name ->
                try {
                    val link = Files.readSymbolicLink(File("/proc/self/fd", name).toPath())
                    name.toInt() to link.toString()
                } catch (_: java.io.IOException) {
                    null
                }
            }

        fun numberOf(channel: DatagramChannel): Int {
            val port = (channel.localAddress as InetSocketAddress).port
            val end = ":%04X".format(port)
            val row = File("/proc/self/net/udp").readLines().map { it.trim().split(Regex(" +")) }
                .single { it[1].endsWith(end) }
            val link = "socket:[${row[9]}]"
            return inodes().single { it.second == link }.first
        }
    }
}
