package org.portlog.bridge

import java.io.Closeable
import java.io.File
import java.io.FileDescriptor
import java.io.FileInputStream
import java.io.FileOutputStream
import java.io.InputStream
import java.io.OutputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import kotlin.concurrent.thread
import org.portlog.core.Agent
import org.portlog.core.HelperEnds
import org.portlog.core.ReachRequest

/**
 * What stands between the helper and the app on a phone: the app's provider and the program
 * `content`, which copies between what that opens and its own standard streams. Here `content` is a
 * script that hands its streams to this process, and this process copies; session, socket pair,
 * helper and frames are the real ones.
 */
internal class StandInProvider(private val uid: Int) : Closeable {
    private val server = ServerSocket(0, 8, InetAddress.getLoopbackAddress())
    private var ends: HelperEnds? = null

    /** Whose channels are opened; `null` is an app that does not answer. */
    @Volatile
    var agent: Agent? = null

    /** Whether what is written to a channel gets lost at once, as where descriptors do not pass. */
    @Volatile
    var losesPairs = false

    /** What was opened, in order. */
    val opened: MutableList<String> = java.util.Collections.synchronizedList(ArrayList())

    init {
        thread(isDaemon = true) {
            while (!server.isClosed) {
                val caller = try {
                    server.accept()
                } catch (_: java.io.IOException) {
                    break
                }
                thread(isDaemon = true) { caller.use { answer(it) } }
            }
        }
    }

    /** The script in the place of `content`. */
    fun content(file: File) = script(
        file,
        "#!/bin/bash",
        "exec 3<>/dev/tcp/127.0.0.1/${server.localPort} || exit 1",
        // read|write --uri URI --user N
        "echo \"\$1 \$3 \$5\" >&3",
        "if [ \"\$1\" = write ]; then exec cat >&3; else exec cat <&3; fi",
    )

    override fun close() = server.close()

    private fun answer(caller: Socket) {
        val from = caller.getInputStream()
        val to = caller.getOutputStream()
        val line = generateSequence { from.read().takeIf { it > 0 && it != '\n'.code }?.toChar() }
            .joinToString("")
        opened += line
        val agent = agent ?: return
        try {
            when {
                line == "read content://org.portlog.helper/channel 0" -> {
                    ends = agent.reach(ReachRequest.Open(uid))
                    to.write("$NAME\n".toByteArray())
                }
                line == "write content://org.portlog.helper/channel/$NAME 0" -> {
                    val up = FileOutputStream(descriptor(checkNotNull(ends).up))
                    up.use { if (!losesPairs) copy(from, it) }
                }
                line == "read content://org.portlog.helper/channel/$NAME 0" -> {
                    val down = FileInputStream(descriptor(checkNotNull(ends).down))
                    down.use { if (!losesPairs) copy(it, to) }
                }
                line == "read content://org.portlog.helper/loopback 0" -> {
                    val door = agent.reach(ReachRequest.Listen(uid))
                    to.write("${door.port} ${door.secret}\n".toByteArray())
                }
            }
        } catch (_: java.io.IOException) {
            // One of the ends has gone, as it may at any time.
        } catch (_: IllegalStateException) {
            // The session was closed.
        }
    }

    private fun copy(from: InputStream, to: OutputStream) {
        val piece = ByteArray(8_192)
        while (true) {
            val read = from.read(piece)
            if (read < 0) break
            to.write(piece, 0, read)
            to.flush()
        }
    }

    /** An open descriptor by its number, as Android's `ParcelFileDescriptor.adoptFd` makes one. */
    private fun descriptor(number: Int): FileDescriptor = FileDescriptor().also {
        FileDescriptor::class.java.getDeclaredField("fd").apply { isAccessible = true }
            .setInt(it, number)
    }

    companion object {
        private const val NAME = "00112233445566778899aabbccddeeff"

        fun script(file: File, vararg lines: String) {
            file.writeText(lines.joinToString("\n", postfix = "\n"))
            check(file.setExecutable(true))
        }
    }
}
