package org.portlog.screens

import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths
import java.util.Locale

/** A tree like /proc whose socket tables a test writes, with addresses for documentation. */
class Tree(val folder: File) {
    /** A row of a table, with remote and local end as `ADDRESS:PORT` (IPv4). */
    data class Socket(
        val table: String,
        val uid: Int,
        val local: String,
        val remote: String,
        val state: String,
    )

    private val sockets = LinkedHashMap<Int, Socket>()
    private var inode = 4_000
    private var port = 40_000

    init {
        write()
    }

    /** A TCP connection; one that opens while somebody looks is an outgoing one. */
    fun tcp(uid: Int, remote: String, state: String = ESTABLISHED): Int =
        open(Socket("tcp", uid, "192.0.2.10:${port++}", remote, state))

    /** A UDP socket towards [remote]. */
    fun udp(uid: Int, remote: String): Int =
        open(Socket("udp", uid, "192.0.2.10:${port++}", remote, ESTABLISHED))

    /** A listener. */
    fun listener(uid: Int, local: String): Int =
        open(Socket("tcp", uid, local, "0.0.0.0:0", LISTEN))

    /** Takes a socket out of its table. */
    fun close(socket: Int) {
        sockets.remove(socket)
        write()
    }

    /**
     * From now on the table cannot be read, not even by root: it leads to a file of the kernel's
     * that nobody may read.
     */
    fun deny(table: String) {
        val file = table(table)
        Files.deleteIfExists(file)
        Files.createSymbolicLink(file, Paths.get("/proc/sys/net/ipv4/route/flush"))
    }

    private fun open(socket: Socket): Int {
        inode += 1
        sockets[inode] = socket
        write()
        return inode
    }

    private fun write() {
        for (name in TABLES) {
            val rows = sockets.entries.filter { it.value.table == name }
                .mapIndexed { i, (inode, socket) -> row(i, inode, socket) }
            // Put there whole: a look in between sees the old one or the new one.
            val written = File(folder, "$name.new")
            written.writeText(HEADER + rows.joinToString(""))
            table(name).parent.toFile().mkdirs()
            if (!Files.isSymbolicLink(table(name))) {
                Files.move(
                    written.toPath(),
                    table(name),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING,
                    java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                )
            }
        }
    }

    private fun table(name: String): Path = File(folder, "net/$name").toPath()

    private fun row(number: Int, inode: Int, socket: Socket): String = with(socket) {
        val ends = "${hex(local)} ${hex(remote)} $state"
        val queues = "00000000:00000000 00:00000000 00000000"
        "%4d: %s %s %5d        0 %d 1 0000000000000000 20 4 30 10 -1\n"
            .format(Locale.ROOT, number, ends, queues, uid, inode)
    }

    // As the kernel of a little-endian machine prints it.
    private fun hex(end: String): String {
        val (address, port) = end.split(':')
        val bytes = address.split('.').map { it.toInt() }.reversed()
        return bytes.joinToString("") { "%02X".format(Locale.ROOT, it) } +
            ":%04X".format(Locale.ROOT, port.toInt())
    }

    companion object {
        const val ESTABLISHED = "01"
        const val SYN_SENT = "02"
        const val LISTEN = "0A"
        private val TABLES = listOf("tcp", "tcp6", "udp", "udp6")
        private const val HEADER =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt" +
                "   uid  timeout inode\n"
    }
}
