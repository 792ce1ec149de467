package org.portlog.emulated

import com.github.unidbg.AndroidEmulator
import com.github.unidbg.Emulator
import com.github.unidbg.Module
import com.github.unidbg.Svc
import com.github.unidbg.arm.Arm64Svc
import com.github.unidbg.arm.ArmSvc
import com.github.unidbg.arm.context.RegisterContext
import com.github.unidbg.linux.android.dvm.AbstractJni
import com.github.unidbg.linux.android.dvm.BaseVM
import com.github.unidbg.linux.android.dvm.DvmClass
import com.github.unidbg.linux.android.dvm.DvmObject
import com.github.unidbg.linux.android.dvm.StringObject
import com.github.unidbg.linux.android.dvm.VM
import com.github.unidbg.linux.android.dvm.VaList
import com.github.unidbg.linux.android.dvm.array.ByteArray as JavaBytes
import com.github.unidbg.pointer.UnidbgPointer
import com.sun.jna.Pointer
import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.io.File

/** An exception that a native threw, as Java would see it. */
class Thrown(val className: String, override val message: String?) :
    RuntimeException("$className: $message")

/**
 * The emulated process's Java virtual machine: loads the library and calls its natives.
 *
 * Some functions of JNI are put in their place here: the emulator has no exceptions to speak of, does
 * not know which class is above which, and its way to give text writes where it must not.
 */
class Machine(private val emulator: AndroidEmulator, private val calls: SystemCalls) {
    private val vm: VM = emulator.createDalvikVM()
    private var thrown: DvmObject<*>? = null
    private lateinit var library: Module

    init {
        vm.setJni(Answers())
        replace(GET_STRING_UTF_CHARS) { context ->
            // One byte: the emulator writes four, over whatever lies behind.
            context.getPointerArg(2)?.setByte(0, 1)
            vm.getObject<Text>(context.getIntArg(1)).copied(emulator)
        }
        replace(IS_ASSIGNABLE_FROM) { context ->
            val type: DvmClass = vm.getObject(context.getIntArg(1))
            fits(type, vm.getObject(context.getIntArg(2)))
        }
        replace(IS_INSTANCE_OF) { context ->
            val instance: DvmObject<*> = vm.getObject(context.getIntArg(1))
            fits(instance.objectType, vm.getObject(context.getIntArg(2)))
        }
        replace(THROW) { context ->
            raise(vm.getObject(context.getIntArg(1)))
        }
        replace(THROW_NEW) { context ->
            val type: DvmClass = vm.getObject(context.getIntArg(1))
            raise(type.newObject(context.getPointerArg(2)?.getString(0)))
        }
    }

    /** Loads the library and lets it register its natives. */
    fun load(library: File) {
        val module = vm.loadLibrary(library, true)
        this.library = module.module
        if (emulator.is32Bit) {
            module.module.regions.filter { it.perms and EXECUTABLE != 0 }.forEach {
                withoutYield(UnidbgPointer.pointer(emulator, it.begin), it.end - it.begin)
            }
        }
        calls.forget()
        module.callJNI_OnLoad(emulator)
        passOn()
    }

    /** Calls a static native of [type], `name(arguments)result` in JNI's letters. */
    fun call(type: String, native: String, vararg arguments: Any?): Any? {
        val objects = arguments.map { asJava(it) }.toTypedArray()
        val target = vm.resolveClass(type)
        val answer: Any? = when (native.substringAfter(')')) {
            "V" -> target.callStaticJniMethod(emulator, native, *objects)
            "Z" -> target.callStaticJniMethodBoolean(emulator, native, *objects)
            "J" -> target.callStaticJniMethodLong(emulator, native, *objects)
            else -> target.callStaticJniMethodObject<DvmObject<*>>(emulator, native, *objects)
                ?.value
        }
        passOn()
        return answer
    }

    /**
     * Calls a static native that is exported as [symbol] and answers nothing. The emulator looks only
     * for the short form of such names, without the arguments.
     */
    fun callExported(type: String, symbol: String, vararg arguments: Any) {
        val function = checkNotNull(library.findSymbolByName(symbol, false)) { "no $symbol" }
        val references = arguments.map { asJava(it) }.map {
            if (it is DvmObject<*>) vm.addLocalObject(it) else it
        }
        val target = vm.addLocalObject(vm.resolveClass(type))
        function.call(emulator, vm.jniEnv, target, *references.toTypedArray())
        vm.throwException(null)
        passOn()
    }

    private fun asJava(value: Any?): Any? = when (value) {
        is ByteArray -> JavaBytes(vm, value)
        is String -> Text(vm, value)
        else -> value
    }

    /**
     * Puts the hint `nop` in the place of the hint `yield`, on which the emulated 32-bit processor
     * stops. Threads that spin for a lock give it; to a real processor both mean "go on".
     */
    private fun withoutYield(code: Pointer, size: Long) {
        var before = 0
        for (at in 0 until size step 2) {
            val now = code.getShort(at).toInt() and 0xffff
            // Not where it is the second half of a longer instruction.
            if (now == YIELD && before < FIRST_OF_TWO) code.setShort(at, NOP.toShort())
            before = now
        }
    }

    /** Throws what the native threw, or what went wrong in the emulator itself. */
    private fun passOn() {
        EmulatorLog.warnings.firstOrNull()?.let { throw it }
        val exception = thrown ?: return
        thrown = null
        throw Thrown(exception.objectType.className.replace('/', '.'), exception.value?.toString())
    }

    private fun raise(exception: DvmObject<*>): Long {
        thrown = exception
        vm.throwException(exception)
        return 0
    }

    /** Whether one class is the other or below it: the emulator knows nothing of that. */
    private fun fits(type: DvmClass, above: DvmClass): Long {
        val known = { it: DvmClass -> Class.forName(it.className.replace('/', '.')) }
        return if (known(above).isAssignableFrom(known(type))) 1 else 0
    }

    /** Puts a function of ours in the place of one of JNI's. */
    private fun replace(index: Int, function: (RegisterContext) -> Long) {
        val svc: Svc = if (emulator.is64Bit) {
            object : Arm64Svc() {
                override fun handle(emulator: Emulator<*>) = function(emulator.getContext())
            }
        } else {
            object : ArmSvc() {
                override fun handle(emulator: Emulator<*>) = function(emulator.getContext())
            }
        }
        val table = vm.jniEnv.getPointer(0)
        table.setPointer(
            index.toLong() * emulator.pointerSize,
            emulator.svcMemory.registerSvc(svc),
        )
    }

    /** What the library asks of Java, beyond its own natives: to make an exception. */
    private inner class Answers : AbstractJni() {
        override fun callStaticObjectMethodV(
            vm: BaseVM,
            type: DvmClass,
            signature: String,
            arguments: VaList,
        ): DvmObject<*>? = when (signature) {
            "java/lang/Thread->currentThread()Ljava/lang/Thread;" ->
                vm.resolveClass("java/lang/Thread").newObject(null)
            "java/lang/Class->forName(Ljava/lang/String;ZLjava/lang/ClassLoader;)Ljava/lang/Class;" -> {
                val name = arguments.getObjectArg<StringObject>(0).value
                vm.resolveClass(Class.forName(name).name.replace('.', '/'))
            }
            else -> super.callStaticObjectMethodV(vm, type, signature, arguments)
        }

        override fun callObjectMethodV(
            vm: BaseVM,
            target: DvmObject<*>,
            signature: String,
            arguments: VaList,
        ): DvmObject<*>? = when (signature) {
            "java/lang/Thread->getContextClassLoader()Ljava/lang/ClassLoader;" -> null
            else -> super.callObjectMethodV(vm, target, signature, arguments)
        }

        override fun newObjectV(
            vm: BaseVM,
            type: DvmClass,
            signature: String,
            arguments: VaList,
        ): DvmObject<*> = when (signature) {
            "java/lang/AssertionError-><init>(Ljava/lang/Object;)V" ->
                type.newObject(arguments.getObjectArg<DvmObject<*>>(0).value)
            else -> super.newObjectV(vm, type, signature, arguments)
        }
    }

    /** A string that is given to a native. */
    private class Text(vm: VM, text: String) : StringObject(vm, text) {
        /** Where a copy of it lies: in modified UTF-8, as JNI has text, with a zero behind it. */
        fun copied(emulator: Emulator<*>): Long {
            val out = ByteArrayOutputStream()
            DataOutputStream(out).writeUTF(value)
            val withLength = out.toByteArray()
            val bytes = withLength.copyOfRange(LENGTH_OF_LENGTH, withLength.size) + 0
            val memory = allocateMemoryBlock(emulator, bytes.size)
            memory.write(0, bytes, 0, bytes.size)
            return memory.peer
        }
    }

    private companion object {
        // Places in the table of JNI's functions, by the Java Native Interface Specification,
        // chapter 4.
        const val IS_ASSIGNABLE_FROM = 11
        const val THROW = 13
        const val THROW_NEW = 14
        const val IS_INSTANCE_OF = 32
        const val GET_STRING_UTF_CHARS = 169

        // Thumb, by the ARM Architecture Reference Manual.
        const val YIELD = 0xbf10
        const val NOP = 0xbf00

        /** From here on, half a word is the first half of an instruction. */
        const val FIRST_OF_TWO = 0xe800

        const val EXECUTABLE = 4

        /** `DataOutputStream.writeUTF` puts two bytes of length before the text. */
        const val LENGTH_OF_LENGTH = 2
    }
}
