package org.portlog.emulated

import com.github.unidbg.AndroidEmulator
import com.github.unidbg.Emulator
import com.github.unidbg.arm.backend.BackendFactory
import com.github.unidbg.arm.backend.Unicorn2Factory
import com.github.unidbg.file.FileSystem
import com.github.unidbg.file.linux.AndroidFileIO
import com.github.unidbg.file.linux.LinuxFileSystem
import com.github.unidbg.linux.ARM32SyscallHandler
import com.github.unidbg.linux.ARM64SyscallHandler
import com.github.unidbg.linux.android.AndroidARM64Emulator
import com.github.unidbg.linux.android.AndroidARMEmulator
import com.github.unidbg.linux.android.AndroidResolver
import com.github.unidbg.linux.android.LogCatHandler
import com.github.unidbg.memory.SvcMemory
import com.github.unidbg.unix.UnixSyscallHandler
import java.io.Closeable
import java.io.File

/** An Android that the library is run on. */
enum class Android(val abi: String, val api: Int, val is64Bit: Boolean) {
    /** Android 6.0, 64-bit ARM. */
    MARSHMALLOW_64("arm64-v8a", 23, true),

    /** Android 6.0, 32-bit ARM. */
    MARSHMALLOW_32("armeabi-v7a", 23, false),

    /** Android 4.4, 32-bit ARM. */
    KITKAT("armeabi-v7a", 19, false),
    ;

    /** The calls that the published filter has a name for on this processor, and allows. */
    val allowed: Set<String>
        get() = if (is64Bit) {
            NUMBERS_64.values.toSet() - NOT_ALLOWED_64
        } else {
            NUMBERS_32.values.toSet() - NOT_ALLOWED_32
        }

    /**
     * Calls that this C library makes by itself where that of Android 8 makes another: the filter, which
     * came with Android 8, has the other. By the old one's name.
     */
    val outgrown: Map<String, String>
        get() = if (this == KITKAT) mapOf("sigprocmask" to "rt_sigprocmask") else emptyMap()
}

/**
 * An emulated ARM process with the C library of [android], whose `/` is the folder [root].
 *
 * The processor is emulated and the C library is the real one; kernel and virtual machine are the
 * emulator's.
 */
class Phone(android: Android, root: File) : Closeable {
    private val emulator: AndroidEmulator
    private val files: Files

    /** What the process asks of the kernel. */
    val calls: SystemCalls

    /** Its virtual machine. */
    val machine: Machine

    init {
        EmulatorLog.warnings.clear()
        // Interpreted by Unicorn; true: an emulator that cannot be had is an error.
        val processor = listOf<BackendFactory>(Unicorn2Factory(false))
        emulator = if (android.is64Bit) {
            Process64(root, processor)
        } else {
            Process32(root, processor)
        }
        files = emulator.fileSystem as Files
        val handler = emulator.syscallHandler
        calls = (handler as Kernel).calls
        calls.root = root
        handler.setEnableThreadDispatcher(true)
        // So that a thread that computes lets others run.
        emulator.backend.registerEmuCountHook(SLICE)
        emulator.memory.setLibraryResolver(AndroidResolver(android.api))
        machine = Machine(emulator, calls)
    }

    /** What was written to logcat, as `LEVEL/TAG: TEXT`. */
    val log: List<String> get() = files.log

    override fun close() = emulator.close()

    private companion object {
        /** Instructions after which another thread may run. */
        const val SLICE = 100_000L
    }
}

private interface Kernel {
    val calls: SystemCalls
}

private class Process64(root: File, processor: Collection<BackendFactory>) :
    AndroidARM64Emulator("org.portlog", root, processor) {
    override fun createSyscallHandler(memory: SvcMemory): UnixSyscallHandler<AndroidFileIO> =
        Kernel64(memory)

    override fun createFileSystem(root: File): FileSystem<AndroidFileIO> = Files(this, root)
}

private class Process32(root: File, processor: Collection<BackendFactory>) :
    AndroidARMEmulator("org.portlog", root, processor) {
    override fun createSyscallHandler(memory: SvcMemory): UnixSyscallHandler<AndroidFileIO> =
        Kernel32(memory)

    override fun createFileSystem(root: File): FileSystem<AndroidFileIO> = Files(this, root)
}

private class Kernel64(memory: SvcMemory) : ARM64SyscallHandler(memory), Kernel {
    override val calls = SystemCalls(NUMBERS_64)

    override fun handleSyscall(emulator: Emulator<*>, number: Int) = calls.handle(emulator, number)

    override fun handleUnknownSyscall(emulator: Emulator<*>, number: Int) =
        calls.refuse(emulator, number)
}

private class Kernel32(memory: SvcMemory) : ARM32SyscallHandler(memory), Kernel {
    override val calls = SystemCalls(NUMBERS_32)

    override fun handleSyscall(emulator: Emulator<*>, number: Int) = calls.handle(emulator, number)

    override fun handleUnknownSyscall(emulator: Emulator<*>, number: Int) =
        calls.refuse(emulator, number)
}

private class Files(emulator: Emulator<AndroidFileIO>, root: File) :
    LinuxFileSystem(emulator, root) {
    val log = mutableListOf<String>()

    override fun getLogCatHandler() = LogCatHandler { _, level, tag, text ->
        log += "$level/$tag: $text"
    }
}
