package org.portlog.bridge

import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.portlog.core.Agent
import org.portlog.core.Config
import org.portlog.core.DataKey
import org.portlog.core.DeviceFeed
import org.portlog.core.FoundFile
import org.portlog.core.Keeping
import org.portlog.core.LogConfig
import org.portlog.core.LogKind
import org.portlog.core.LogQuery
import org.portlog.core.LogRequest
import org.portlog.core.Mark
import org.portlog.core.PortlogException
import org.portlog.core.ShareChoice
import org.portlog.core.SharePreset
import org.portlog.core.ToldKind

/** The signed log by way of the bridge: written by a real watch, shared, checked, witnessed. */
class LogTest {
    @get:Rule
    val sessions = Sessions()

    @Test
    fun aLogIsWrittenExportedCheckedAndGoneOnWith() {
        val config = logged("state", 1)
        val agent = watching(config)
        val marked = agent.log(LogRequest.Write(Mark.Words("例 – a call came in")))
        assertTrue(marked.text, marked.done)
        val status = agent.log(LogRequest.Status)
        assertEquals(Keeping.WRITING, status.keeping)
        assertTrue(status.key.startsWith(status.origin))
        val page = agent.log(LogRequest.Page(LogQuery(kinds = listOf(LogKind.MARK))))
        assertEquals(listOf("例 – a call came in"), page.rows.map { it.text })
        assertEquals(marked.index, page.rows.single().index)

        val choice = ShareChoice(preset = SharePreset.EVERYTHING)
        val preview = agent.log(LogRequest.Preview(choice))
        assertEquals("", preview.problem)
        assertTrue(preview.kinds.any { it.kind == LogKind.MARK })
        val file = File(sessions.folder, "out.portlog.txt")
        val exported = agent.log(LogRequest.Export(choice, file.path))
        assertTrue(exported.text, exported.done)
        assertEquals(file.length(), exported.bytes)
        val verdict = agent.log(LogRequest.Verify(file.path))
        assertTrue("${verdict.lines}", verdict.unchanged)
        assertEquals(FoundFile.BUNDLE to "L1", verdict.found to verdict.level)

        val code = checkNotNull(agent.log(LogRequest.Checkpoint).code)
        assertEquals(code.side * code.side, code.modules.size)
        assertTrue(agent.stop())
        agent.close()
        val again = sessions.open(config)
        assertEquals(status.origin, again.log(LogRequest.Status).origin)
    }

    @Test
    fun anotherPhoneWitnessesTheLog() {
        val phone = watching(logged("phone", 1))
        val friend = watching(logged("friend", 2))
        val file = File(sessions.folder, "out.portlog.txt").path
        assertTrue(phone.log(LogRequest.Export(ShareChoice(), file)).done)
        val own = phone.log(LogRequest.Witness(file, "Anna"))
        assertFalse("nobody witnesses their own log", own.signed)
        val answer = friend.log(LogRequest.Witness(file, "Anna"))
        assertTrue("${answer.lines}", answer.signed)
        assertNotNull(answer.code)
        val taken = phone.log(LogRequest.Answer(answer.answer))
        assertTrue(taken.text, taken.done)
        assertEquals("Anna", phone.log(LogRequest.Status).witnessed?.name)
        assertFalse(phone.log(LogRequest.Answer("no answer")).done)
    }

    @Test
    fun withAnotherKeyALogBeginsThatNamesTheOneBefore() {
        val first = watching(logged("state", 1))
        val before = first.log(LogRequest.Status).origin
        first.close()
        val second = watching(logged("state", 2))
        val after = second.log(LogRequest.Status)
        assertTrue(after.origin.isNotEmpty() && after.origin != before)
        assertTrue(after.predecessorText, after.predecessorText.contains(before))
    }

    @Test
    fun erasingBeginsAnewAndSwitchingOffKeepsWhatIsThere() {
        val agent = watching(logged("state", 1))
        val before = agent.log(LogRequest.Status)
        val erased = agent.log(LogRequest.Erase(DataKey(ByteArray(DataKey.SIZE) { 2 })))
        assertTrue(erased.origin != before.origin)
        assertEquals("", erased.predecessorText)
        val off = agent.log(LogRequest.Keep(false))
        assertEquals(Keeping.OFF, off.keeping)
        assertFalse(agent.log(LogRequest.Write(Mark.SimIn)).done)
        assertEquals(Keeping.WRITING, agent.log(LogRequest.Keep(true)).keeping)
        assertFalse(agent.log(LogRequest.ResetChecks).ready)
        val kept = agent.log(LogRequest.Status).origin
        agent.close()
        val again = sessions.open(logged("state", 2))
        assertEquals("the new key opens what it sealed", kept, again.log(LogRequest.Status).origin)
    }

    @Test
    fun whatThePhoneBecameIsAnEntry() {
        val agent = watching(logged("state", 1))
        val debugged = DeviceFeed(model = "Example One", adb = true)
        agent.log(LogRequest.Device(debugged))
        agent.log(LogRequest.Device(debugged))
        agent.log(LogRequest.Device(debugged.copy(adb = false)))
        val query = LogQuery(kinds = listOf(LogKind.DEVICE))
        assertEquals(3, agent.log(LogRequest.Page(query)).rows.size)
    }

    @Test
    fun withoutALogItsRequestsFailAndNothingElse() {
        val agent = sessions.open()
        assertThrows(PortlogException::class.java) { agent.log(LogRequest.Status) }
        assertNotNull(agent.stats())
    }

    private fun logged(name: String, key: Byte): Config {
        val dataKey = DataKey(ByteArray(DataKey.SIZE) { key })
        val log = LogConfig(dataKey, DeviceFeed(model = "Example One"))
        return sessions.config(name).copy(log = log)
    }

    private fun watching(config: Config): Agent {
        val agent = sessions.open(config)
        agent.start()
        agent.await("the first look") { it.kind == ToldKind.STARTED }
        return agent
    }
}
