package org.portlog.bridge

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertThrows
import org.junit.runner.Description
import org.junit.runners.model.Statement
import org.portlog.core.BoardQuery
import org.portlog.core.Native
import org.portlog.core.Panicking
import org.portlog.core.RecordReader
import org.portlog.core.RecordWriter

/** What [PanicTest] runs in a machine of its own; an error ends it with a status that is not 0. */
internal object InPanickingLibrary {
    private val sessions = Sessions()

    @JvmStatic
    fun main(arguments: Array<String>) {
        val checks = object : Statement() {
            override fun evaluate() {
                aPanicKeepsItsWordsAndCostsNothingElse()
                panicsInSeveralThreadsAtOnceEachHaveTheirOwn()
                aPanicEndsNoWatch()
            }
        }
        sessions.apply(checks, Description.EMPTY).evaluate()
        println(PASSED)
    }

    private fun aPanicKeepsItsWordsAndCostsNothingElse() {
        val handle = opened()
        for (round in 1..100) {
            val thrown = assertThrows(AssertionError::class.java) {
                Panicking.panicWith(handle, "round $round – é 例 😀")
            }
            assertEquals("panic: session $handle: round $round – é 例 😀", thrown.message)
            assertNotNull(Native.snapshot(handle, RecordWriter.of { boardQuery(BoardQuery()) }))
        }
        Native.close(handle)
        val closed = assertThrows(IllegalStateException::class.java) {
            Panicking.panicWith(handle, "closed")
        }
        assertEquals("the session $handle is closed", closed.message)
    }

    private fun panicsInSeveralThreadsAtOnceEachHaveTheirOwn() {
        val handle = opened()
        val said = Array(4) { "" }
        val threads = said.indices.map { index ->
            Thread {
                for (round in 1..50) {
                    try {
                        Panicking.panicWith(handle, "$index")
                    } catch (thrown: AssertionError) {
                        said[index] = thrown.message.orEmpty()
                    }
                }
            }.apply { start() }
        }
        threads.forEach { it.join() }
        assertEquals(said.indices.map { "panic: session $handle: $it" }, said.toList())
        Native.close(handle)
    }

    private fun aPanicEndsNoWatch() {
        val handle = opened()
        Native.start(handle)
        assertThrows(AssertionError::class.java) { Panicking.panicWith(handle, "while it looks") }
        repeat(2) {
            val polls = polls(handle)
            eventually("it looks on") { polls(handle) > polls }
        }
        Native.close(handle)
    }

    private fun polls(handle: Long): Long =
        RecordReader(Native.stats(handle)).only { stats() }.polls

    private fun opened(): Long = Native.open(RecordWriter.of { config(sessions.config()) })

    /** The last line of a run that went well. */
    const val PASSED = "every check of the panicking library passed"
}
