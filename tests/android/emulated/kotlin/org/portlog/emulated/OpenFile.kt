package org.portlog.emulated

import com.github.unidbg.Emulator
import com.github.unidbg.arm.context.RegisterContext
import com.github.unidbg.file.FileIO
import com.github.unidbg.unix.UnixSyscallHandler
import java.io.File
import java.io.RandomAccessFile
import unicorn.ArmConst

/**
 * A system call about an open file, the first argument: what a database rests on. [root] is what is
 * `/` for the process.
 */
internal class OpenFile(private val emulator: Emulator<*>, private val root: File) {
    private val context = emulator.getContext<RegisterContext>()
    private val file: FileIO? =
        (emulator.syscallHandler as UnixSyscallHandler<*>).getFileIO(context.getIntArg(0))

    /** Reads at an offset, which the file's own place does not follow. */
    fun readAt(): Int = at { read(emulator.backend, context.getPointerArg(1), it) }

    /** Writes at an offset, likewise. */
    fun writeAt(): Int = at { write(context.getPointerArg(1).getByteArray(0, it)) }

    /** Makes it as long as the argument says; the emulator by itself makes files shorter alone. */
    fun resize(): Int {
        val path = file?.path ?: return -EBADF
        // 32-bit ARM has numbers of 64 bits in pairs of registers that begin with an even one.
        val length = if (emulator.is64Bit) {
            context.getLongArg(1)
        } else {
            context.getIntArg(2).toLong()
        }
        RandomAccessFile(File(root, path), "rw").use { it.setLength(length) }
        return 0
    }

    private fun at(act: FileIO.(Int) -> Int): Int {
        val open = file ?: return -EBADF
        val count = context.getIntArg(2)
        val offset = if (emulator.is64Bit) {
            context.getLongArg(3)
        } else {
            emulator.backend.reg_read(ArmConst.UC_ARM_REG_R4).toLong()
        }
        val before = open.lseek(0, FileIO.SEEK_CUR)
        open.lseek(offset.toInt(), FileIO.SEEK_SET)
        val done = open.act(count)
        open.lseek(before, FileIO.SEEK_SET)
        return done
    }

    private companion object {
        const val EBADF = 9
    }
}
