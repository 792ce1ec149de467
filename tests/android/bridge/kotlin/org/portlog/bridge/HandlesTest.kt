package org.portlog.bridge

import java.io.File
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.portlog.core.Agent
import org.portlog.core.BoardQuery
import org.portlog.core.HelperOrders
import org.portlog.core.HelperWay
import org.portlog.core.HistoryQuery
import org.portlog.core.LogRequest
import org.portlog.core.Native
import org.portlog.core.PortlogException
import org.portlog.core.ReachRequest
import org.portlog.core.RecordWriter
import org.portlog.core.TapRequest
import org.portlog.core.helperOrders
import org.portlog.core.logRequest
import org.portlog.core.reachRequest
import org.portlog.core.tapRequest

/** What natives do with handles, arguments and bytes that are none. */
class HandlesTest {
    @get:Rule
    val sessions = Sessions()

    private val natives: List<Method> = Native::class.java.declaredMethods
        .filter { Modifier.isNative(it.modifiers) }
        .sortedBy { it.name }

    /** Those that take a handle first. */
    private val withHandle = natives.filter { it.name != "open" && it.name != "helper" }

    @Test
    fun everyNativeIsRegistered() {
        sessions.open()
        assertEquals(22, natives.size)
        for (native in natives) {
            val thrown = thrownBy(native, arguments(native, handle = 0))
            assertTrue("$native: $thrown", thrown !is LinkageError)
        }
    }

    @Test
    fun aForgedHandleIsAnIllegalState() {
        val handle = opened()
        for (native in withHandle) {
            for (forged in longArrayOf(0, -1, 1L shl 62, Long.MIN_VALUE, handle + 1)) {
                val thrown = thrownBy(native, arguments(native, forged))
                assertTrue("$native: $thrown", thrown is IllegalStateException)
                assertEquals("no session has the handle $forged", thrown?.message)
            }
        }
        Native.close(handle)
    }

    @Test
    fun aClosedHandleIsAnIllegalStateAndClosingAgainIsNothing() {
        val handle = opened()
        Native.close(handle)
        Native.close(handle)
        for (native in withHandle - natives.named("close") - natives.named("nextEvents")) {
            val thrown = thrownBy(native, arguments(native, handle))
            assertTrue("$native: $thrown", thrown is IllegalStateException)
            assertEquals("the session $handle is closed", thrown?.message)
        }
        assertNull(Native.nextEvents(handle, 60_000))
    }

    @Test
    fun aHandleIsNeverGivenAgain() {
        val given = List(20) { opened().also { Native.close(it) } }
        assertEquals(given.size, given.toSet().size)
        assertNotEquals(given.last(), opened().also { Native.close(it) })
    }

    @Test
    fun nullIsANullPointerException() {
        val handle = opened()
        for (native in natives) {
            val arguments = arguments(native, handle)
            for (place in arguments.indices) {
                if (native.parameterTypes[place].isPrimitive) continue
                val withNull = arguments.copyOf()
                withNull[place] = null
                val thrown = thrownBy(native, withNull)
                assertTrue("$native: $thrown", thrown is NullPointerException)
                assertTrue(thrown?.message.orEmpty().endsWith(" is null"))
            }
        }
        Native.close(handle)
    }

    @Test
    fun whatIsNoRecordIsAnIllegalArgument() {
        val handle = opened()
        val good = RecordWriter.of { boardQuery(Samples.boardQuery) }
        val bad = mapOf(
            "nothing" to ByteArray(0),
            "another version" to good.copyOf().also { it[0] = 2 },
            "cut" to good.copyOf(good.size - 1),
            "too long" to good.copyOf(good.size + 1),
            "a length beyond the end" to good.copyOf().also { it[1] = 0x7f },
            "a choice that is none" to good.copyOf().also { it[14] = 9 },
            "half a letter" to good.copyOf().also { it[5] = 0xff.toByte() },
            "endless" to ByteArray((16 shl 20) + 1) { 1 },
        )
        for ((what, record) in bad) {
            val thrown = assertThrows(what, IllegalArgumentException::class.java) {
                Native.snapshot(handle, record)
            }
            assertTrue("$what: $thrown", thrown.message.orEmpty().startsWith("not a record: "))
        }
        Native.snapshot(handle, good)
        for (native in natives) {
            for (record in listOf(ByteArray(0), ByteArray(64) { 0xff.toByte() })) {
                val arguments = arguments(native, handle)
                val place = arguments.indexOfFirst { it is ByteArray }
                if (place < 0) continue
                arguments[place] = record
                val thrown = thrownBy(native, arguments)
                assertTrue("$native: $thrown", thrown is IllegalArgumentException)
            }
        }
        Native.close(handle)
    }

    @Test
    fun aRefusalNamesTheField() {
        val thrown = assertThrows(IllegalArgumentException::class.java) {
            Agent.open(sessions.config().copy(procRoot = "proc"))
        }
        assertEquals("proc_root: \"proc\" is not an absolute path", thrown.message)
        val cut = assertThrows(IllegalArgumentException::class.java) {
            Native.open(RecordWriter.of { config(sessions.config()) }.copyOf(9))
        }
        val said = cut.message.orEmpty()
        assertTrue(said, said.startsWith("not a record: state_folder, byte 5: it ends "))
    }

    @Test
    fun whatTheSystemRefusesHasItsCauseInTheMessage() {
        val file = File(sessions.folder, "a-file").apply { writeText("in the way") }
        val config = sessions.config().copy(stateFolder = File(file, "state").path)
        val thrown = assertThrows(PortlogException::class.java) { Agent.open(config) }
        val said = thrown.message.orEmpty()
        assertTrue(said, said.contains(file.path) && said.contains("(os error 20)"))
    }

    private fun opened(): Long = Native.open(RecordWriter.of { config(sessions.config()) })

    /** Arguments that are right but for the handle. */
    private fun arguments(native: Method, handle: Long): Array<Any?> {
        val arguments = arrayOfNulls<Any>(native.parameterTypes.size)
        for ((place, type) in native.parameterTypes.withIndex()) {
            arguments[place] = when (type) {
                Long::class.javaPrimitiveType -> if (place == 0) handle else 0L
                Boolean::class.javaPrimitiveType -> false
                String::class.java -> "key"
                ByteArray::class.java -> record(native.name)
                else -> throw AssertionError("$native takes a $type")
            }
        }
        return arguments
    }

    private fun record(native: String): ByteArray = RecordWriter.of {
        when (native) {
            "open" -> config(sessions.config("by-reflection"))
            "snapshot" -> boardQuery(BoardQuery())
            "history" -> historyQuery(HistoryQuery())
            "setPackages" -> packageFeed(Samples.packageFeed)
            "setCounters" -> list(Samples.counters) { uidBytes(it) }
            "setLists" -> listChange(Samples.listChanges.first())
            "setSettings" -> settings(sessions.settings())
            "mute" -> muteRule(Samples.muteRules.first())
            "practice" -> practiceStep(Samples.practiceSteps.first())
            "note" -> note(Samples.notes.last())
            "log" -> logRequest(LogRequest.Status)
            "tap" -> tapRequest(TapRequest.Look)
            "reach" -> reachRequest(ReachRequest.State)
            "helper" -> helperOrders(nobodyListens())
            else -> throw AssertionError("$native takes no record")
        }
    }

    /** Orders for a helper that finds no app, and ends. */
    private fun nobodyListens() = HelperOrders(
        way = HelperWay.Loopback(port = 1, secret = "07".repeat(32)),
        app = "",
        apk = "",
        procRoot = File(sessions.folder, "proc").path,
        programs = "",
        lock = File(sessions.folder, "helper.lock").path,
    )

    private fun thrownBy(native: Method, arguments: Array<Any?>): Throwable? = try {
        val answer = native.invoke(null, *arguments)
        if (native.name == "open") Native.close(answer as Long)
        null
    } catch (thrown: InvocationTargetException) {
        thrown.targetException
    }

    private fun List<Method>.named(name: String): Method = first { it.name == name }
}
