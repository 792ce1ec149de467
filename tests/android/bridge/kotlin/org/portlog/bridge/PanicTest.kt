package org.portlog.bridge

import java.io.File
import java.util.concurrent.TimeUnit
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test

/**
 * What a panic does, seen in a machine of its own that has the library's panicking build
 * (rust/jni/examples) in the place of the library: what ships cannot be made to panic.
 */
class PanicTest {
    @get:Rule
    val sessions = Sessions()

    @Test
    fun aPanicIsAnErrorAndTheLibraryGoesOn() {
        val library = File(sessions.folder, "libportlog.so")
        panickingLibrary().copyTo(library)
        val output = File(sessions.folder, "output")
        val process = ProcessBuilder(
            File(System.getProperty("java.home"), "bin/java").path,
            "-Xcheck:jni",
            "-Xmx256m",
            "-Djava.library.path=${library.parent}",
            "-cp",
            System.getProperty("java.class.path"),
            InPanickingLibrary::class.java.name,
        ).directory(checkout).redirectErrorStream(true).redirectOutput(output).start()
        assertTrue("it hangs", process.waitFor(120, TimeUnit.SECONDS))
        val said = output.readText()
        assertEquals(said, 0, process.exitValue())
        assertTrue(said, said.trimEnd().endsWith(InPanickingLibrary.PASSED))
        assertFalse(said, said.contains("WARNING in native method") || said.contains("FATAL"))
    }

    @Test
    fun whatShipsHasNoNativeThatPanics() {
        val shipped = onLibraryPath("libportlog.so")
        val marker = "org_portlog_core_Panicking"
        assertFalse(shipped.readBytes().toString(Charsets.ISO_8859_1).contains(marker))
        val panicking = panickingLibrary().readBytes().toString(Charsets.ISO_8859_1)
        assertTrue("the marker is found where it is", panicking.contains(marker))
    }

    private fun panickingLibrary(): File = onLibraryPath("libportlog_panicking.so")

    private fun onLibraryPath(name: String): File =
        System.getProperty("java.library.path").split(File.pathSeparator)
            .map { File(it, name) }
            .firstOrNull { it.isFile }
            ?: throw AssertionError("$name is not on java.library.path")
}
