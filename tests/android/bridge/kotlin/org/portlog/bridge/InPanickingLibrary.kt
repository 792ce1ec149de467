package org.portlog.bridge

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertThrows
import org.junit.Rule
import org.junit.Test
import org.portlog.core.BoardQuery
import org.portlog.core.Native
import org.portlog.core.Panicking
import org.portlog.core.RecordWriter

/** Run by [PanicTest] in a machine of its own, not by name: see there. */
class InPanickingLibrary {
    @get:Rule
    val sessions = Sessions()

    @Test
    fun aPanicKeepsItsWordsAndCostsNothingElse() {
        sessions.open(sessions.config("other"))
        val handle = Native.open(RecordWriter.of { config(sessions.config()) })
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

    @Test
    fun panicsInSeveralThreadsAtOnceEachHaveTheirOwn() {
        sessions.open(sessions.config("other"))
        val handle = Native.open(RecordWriter.of { config(sessions.config()) })
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
}
