package org.portlog.helper

import java.io.File
import java.io.FileInputStream
import java.io.IOException
import java.io.InputStream
import java.security.MessageDigest
import java.util.zip.ZipEntry
import java.util.zip.ZipFile

/**
 * libportlog.so for a process that has no app around it: the one that the system unpacked when it
 * installed [apk], else a copy of the APK's own in [scratch].
 *
 * A copy is used only when it reads back as the bytes that are in the APK.
 */
internal class Library(
    private val apk: File,
    private val machine: String,
    private val scratch: File,
) {
    /** Loads it, from the first place where it fits. */
    fun load() {
        val failures = ArrayList<String>()
        for (place in listOf(::installed, ::copied)) {
            try {
                val file = place() ?: continue
                System.load(file.path)
                return
            } catch (unfit: UnsatisfiedLinkError) {
                failures += unfit.message.orEmpty()
            } catch (unread: IOException) {
                failures += unread.message.orEmpty()
            }
        }
        val why = failures.joinToString("; ").ifEmpty { "the APK has none for $machine" }
        throw Refused("libportlog.so cannot be loaded: $why")
    }

    /** Beside the APK, where the system puts it; `null` where it is not. */
    fun installed(): File? = abi()
        ?.let { File(apk.absoluteFile.parentFile, "lib/${it.folder}/$NAME") }
        ?.takeIf { it.isFile }

    /** A copy of what is in the APK; `null` where that has none for this machine. */
    fun copied(): File? {
        val abi = abi() ?: return null
        ZipFile(apk).use { zip ->
            val entry = zip.getEntry("lib/${abi.name}/$NAME") ?: return null
            if (entry.size !in 1..MOST_BYTES) throw IOException("$NAME in the APK has no fit size")
            val digest = zip.getInputStream(entry).use { sha256(it) }
            // By its digest: another version never stands in the place of this one.
            val copy = File(scratch, "portlog-${digest.take(DIGEST_CHARS)}-${abi.name}.so")
            if (copy.isFile && FileInputStream(copy).use { sha256(it) } == digest) return copy
            unpack(zip, entry, copy)
            if (FileInputStream(copy).use { sha256(it) } != digest) {
                copy.delete()
                throw IOException("$copy does not read back as it was written")
            }
            return copy
        }
    }

    private fun unpack(zip: ZipFile, entry: ZipEntry, copy: File) {
        val beside = File.createTempFile("portlog-", ".new", scratch)
        try {
            zip.getInputStream(entry).use { from ->
                beside.outputStream().use { to -> from.copyTo(to) }
            }
            beside.setReadOnly()
            if (!beside.renameTo(copy)) throw IOException("$copy cannot be made")
        } finally {
            beside.delete()
        }
    }

    private fun abi(): Abi? = ABIS.find { machine in it.machines || it.machines.isEmpty() }

    /** An instruction set: its name in an APK, the folder of its libraries, and `os.arch`. */
    private class Abi(val name: String, val folder: String, val machines: Set<String>)

    private companion object {
        const val NAME = "libportlog.so"
        const val MOST_BYTES = 64L shl 20
        const val DIGEST_CHARS = 32

        val ABIS = listOf(
            Abi("arm64-v8a", "arm64", setOf("aarch64", "arm64")),
            Abi("x86_64", "x86_64", setOf("x86_64", "amd64")),
            // What is 32-bit on a phone is this: armv7l, armv8l, arm.
            Abi("armeabi-v7a", "arm", setOf("arm", "armv7l", "armv7-a", "armv8l")),
        )

        fun sha256(stream: InputStream): String {
            val digest = MessageDigest.getInstance("SHA-256")
            val piece = ByteArray(1 shl 16)
            while (true) {
                val read = stream.read(piece)
                if (read < 0) break
                digest.update(piece, 0, read)
            }
            return digest.digest().joinToString("") { "%02x".format(it) }
        }
    }
}
