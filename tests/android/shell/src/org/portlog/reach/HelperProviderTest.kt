package org.portlog.reach

import android.content.ContentValues
import android.content.pm.PackageManager
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.os.Process
import java.io.FileDescriptor
import java.io.FileInputStream
import java.io.FileNotFoundException
import java.net.InetAddress
import java.net.Socket
import java.time.Duration
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.HelperPhase
import org.portlog.core.ReachRequest
import org.portlog.screens.Stage
import org.portlog.screens.StagedApplication
import org.portlog.screens.until
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowBinder
import org.robolectric.shadows.ShadowSystemClock
import org.robolectric.util.ReflectionHelpers

/** The one exported provider: who gets a channel, who does not, and what becomes of that. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35], application = StagedApplication::class)
class HelperProviderTest {
    @get:Rule
    val stage = Stage()

    private val authority get() = "${stage.app.packageName}.helper"
    private val provider by lazy {
        Robolectric.setupContentProvider(HelperProvider::class.java, authority)
    }

    @After
    fun asOneself() = ShadowBinder.reset()

    private fun uri(path: String): Uri = Uri.parse("content://$authority/$path")

    private fun line(path: String): String = provider.openFile(uri(path), "r").use {
        String(ParcelFileDescriptor.AutoCloseInputStream(it).readBytes()).removeSuffix("\n")
    }

    private fun state() = stage.agent.reach(ReachRequest.State)

    @Test
    fun `it is exported without a permission, under a name of its own`() {
        @Suppress("DEPRECATION")
        val declared = stage.app.packageManager
            .getPackageInfo(stage.app.packageName, PackageManager.GET_PROVIDERS)
            .providers.orEmpty().single { it.name == HelperProvider::class.java.name }
        assertTrue(declared.exported)
        assertNull(declared.readPermission)
        assertNull(declared.writePermission)
        assertEquals(authority, declared.authority)
    }

    @Test
    fun `adb's shell and root get both ends of a channel, once`() {
        for (uid in listOf(2_000, 0)) {
            ShadowBinder.setCallingUid(uid)
            val name = line("channel")
            assertTrue(name, Regex("[0-9a-f]{32}").matches(name))
            val up = provider.openFile(uri("channel/$name"), "w")
            val down = provider.openFile(uri("channel/$name"), "r")
            // The session speaks first, over a real socket.
            val descriptor: FileDescriptor = ReflectionHelpers.getField(down, "mFd")
            assertTrue("a greeting", FileInputStream(descriptor).read() >= 0)
            assertNotEquals(HelperPhase.CONNECTED, state().phase)
            for (mode in listOf("w", "r")) {
                assertThrows("$mode twice", FileNotFoundException::class.java) {
                    provider.openFile(uri("channel/$name"), mode)
                }
            }
            val other = line("channel")
            assertNotEquals(name, other)
            assertNotEquals(up, down)
        }
        assertEquals(0L, state().refused)
    }

    @Test
    fun `a channel that nobody fetches is gone after half a minute`() {
        ShadowBinder.setCallingUid(2_000)
        val name = line("channel")
        ShadowSystemClock.advanceBy(Duration.ofMillis(HelperProvider.PATIENCE_MILLIS + 1))
        assertThrows(FileNotFoundException::class.java) {
            provider.openFile(uri("channel/$name"), "w")
        }
    }

    @Test
    fun `everybody else is refused, whatever is asked for, and counted`() {
        // An app, the system, radio, a shell and a root of other users, an isolated process,
        // oneself.
        val others =
            listOf(10_123, 1_000, 1_001, 1_002_000, 1_000_000, 2_001, 99_001, Process.myUid())
        for (uid in others) {
            ShadowBinder.setCallingUid(uid)
            for (path in listOf("channel", "loopback", "channel/${"0".repeat(32)}", "", "x/y/z")) {
                for (mode in listOf("r", "w", "rw")) {
                    assertThrows("$uid: $path $mode", SecurityException::class.java) {
                        provider.openFile(uri(path), mode)
                    }
                }
            }
        }
        val times = others.size * 15L
        until("all are counted") { state().refused == times }
        assertEquals(HelperPhase.NEVER, state().phase)
        ShadowBinder.setCallingUid(10_123)
        assertThrows(UnsupportedOperationException::class.java) {
            provider.query(uri("channel"), null, null, null, null)
        }
        assertThrows(UnsupportedOperationException::class.java) {
            provider.insert(uri("channel"), ContentValues())
        }
        assertThrows(UnsupportedOperationException::class.java) {
            provider.update(uri("channel"), null, null, null)
        }
        assertThrows(UnsupportedOperationException::class.java) {
            provider.delete(uri("channel"), null, null)
        }
        assertNull(provider.getType(uri("channel")))
        until("these too") { state().refused == times + 4 }
    }

    @Test
    fun `a flood of refusals is one question to the core`() {
        ShadowBinder.setCallingUid(10_123)
        repeat(20_000) {
            assertThrows(SecurityException::class.java) { provider.openFile(uri("channel"), "r") }
        }
        until("all are counted") { state().refused == 20_000L }
    }

    @Test
    fun `the shell gets nothing but channels`() {
        ShadowBinder.setCallingUid(2_000)
        val paths = listOf("", "x", "channel/", "channel/../channel", "channel/a/b", "loopback/x")
        for (path in paths) {
            assertThrows(path, FileNotFoundException::class.java) {
                provider.openFile(uri(path), "w")
            }
        }
        for (mode in listOf("w", "rw", "wa", "rwt", "")) {
            assertThrows(mode, FileNotFoundException::class.java) {
                provider.openFile(uri("channel"), mode)
            }
        }
        assertThrows(FileNotFoundException::class.java) {
            provider.openFile(uri("channel/${"0".repeat(32)}"), "w")
        }
    }

    @Test
    fun `channels come no faster than twelve a minute`() {
        ShadowBinder.setCallingUid(2_000)
        repeat(6) {
            line("channel")
            line("loopback")
        }
        for (path in listOf("channel", "loopback")) {
            val thrown = assertThrows(FileNotFoundException::class.java) { line(path) }
            assertEquals("too often; wait a minute", thrown.message)
        }
        ShadowSystemClock.advanceBy(Duration.ofMinutes(1))
        line("channel")
    }

    @Test
    fun `the loopback door has a secret of 256 bits, another each time`() {
        ShadowBinder.setCallingUid(2_000)
        val (port, secret) = line("loopback").split(' ')
        assertTrue(secret, Regex("[0-9a-f]{64}").matches(secret))
        // Somebody answers there: it is the session's.
        Socket(InetAddress.getLoopbackAddress(), port.toInt()).close()
        assertNotEquals(secret, line("loopback").split(' ')[1])
    }
}
