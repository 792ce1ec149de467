package org.portlog.emulated

import com.github.unidbg.AndroidEmulator
import com.github.unidbg.Emulator
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
import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.io.File

/** An exception that a native threw, as Java would see it. */
class Thrown(val className: String, override val message: String?) :
    RuntimeException("$className: $message")

/**
 * The emulated process's Java virtual machine: loads the library and calls its natives.
 *
 * Four functions of JNI are put in their place here: the emulator has no exceptions to speak of, and
 * its way to give text writes where it must not.
 */
class Machine(private val emulator: AndroidEmulator, private val calls: SystemCalls) {
    private val vm: VM = emulator.createDalvikVM()
    private var thrown: DvmObject<*>? = null

    init {
        vm.setJni(Answers())
        replace(GET_STRING_UTF_CHARS) { context ->
            // One byte: the emulator writes four, over whatever lies behind.
            context.getPointerArg(2)?.setByte(0, 1)
            vm.getObject<Text>(context.getIntArg(1)).copied(emulator)
        }
        replace(IS_ASSIGNABLE_FROM) { context ->
            val sub = Class.forName(className(context.getIntArg(1)))
            val sup = Class.forName(className(context.getIntArg(2)))
            if (sup.isAssignableFrom(sub)) 1 else 0
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
        calls.forget()
        module.callJNI_OnLoad(emulator)
        passOn()
    }

    /** Calls a static native of [type], `name(arguments)result` in JNI's letters. */
    fun call(type: String, native: String, vararg arguments: Any?): Any? {
        val objects = arguments.map {
            when (it) {
                is ByteArray -> JavaBytes(vm, it)
                is String -> Text(vm, it)
                else -> it
            }
        }.toTypedArray()
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

    /** Throws what the native threw, or what went wrong in the emulator itself. */
    private fun passOn() {
        calls.faults.firstOrNull()?.let { throw AssertionError("the emulator failed", it) }
        val exception = thrown ?: return
        thrown = null
        throw Thrown(exception.objectType.className.replace('/', '.'), exception.value?.toString())
    }

    private fun raise(exception: DvmObject<*>): Long {
        thrown = exception
        vm.throwException(exception)
        return 0
    }

    private fun className(reference: Int): String =
        vm.getObject<DvmClass>(reference).className.replace('/', '.')

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
        const val GET_STRING_UTF_CHARS = 169

        /** `DataOutputStream.writeUTF` puts two bytes of length before the text. */
        const val LENGTH_OF_LENGTH = 2
    }
}
