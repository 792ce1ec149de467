package org.portlog.emulated

import com.github.unidbg.arm.context.RegisterContext
import java.io.File
import java.nio.file.Files
import java.nio.file.StandardCopyOption

/** A system call about files by their names; [root] is what is `/` for the process. */
internal class FileCall(private val context: RegisterContext, private val root: File) {
    /** Checks that the argument says "from the working folder": nobody here has a folder open. */
    fun at(index: Int): FileCall {
        check(context.getIntArg(index) == AT_FDCWD) { "a path from an open folder" }
        return this
    }

    fun makeFolder(path: Int): Int {
        val folder = file(path)
        return when {
            folder.exists() -> -EEXIST
            folder.mkdir() -> 0
            else -> -ENOENT
        }
    }

    fun rename(from: Int, to: Int): Int {
        if (!file(from).exists() || !file(to).parentFile.isDirectory) return -ENOENT
        Files.move(file(from).toPath(), file(to).toPath(), StandardCopyOption.REPLACE_EXISTING)
        return 0
    }

    /** Says that `/proc` is the kernel's, and another file system some other. */
    fun kindOfSystem(path: Int, into: Int): Int {
        val name = context.getPointerArg(path).getString(0)
        val buffer = context.getPointerArg(into)
        buffer.write(0, ByteArray(STATFS_BYTES), 0, STATFS_BYTES)
        buffer.setInt(0, if (name == "/proc") PROC_SUPER_MAGIC else EXT4_SUPER_MAGIC)
        return 0
    }

    fun remove(path: Int): Int = if (file(path).delete()) 0 else -ENOENT

    private fun file(index: Int) = File(root, context.getPointerArg(index).getString(0))

    private companion object {
        const val AT_FDCWD = -100
        const val EEXIST = 17
        const val ENOENT = 2

        /** As much of `struct statfs` as all processors have; the kind is its first word. */
        const val STATFS_BYTES = 84

        // include/uapi/linux/magic.h.
        const val PROC_SUPER_MAGIC = 0x9fa0
        const val EXT4_SUPER_MAGIC = 0xef53
    }
}
