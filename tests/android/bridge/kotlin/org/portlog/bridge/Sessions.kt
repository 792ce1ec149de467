package org.portlog.bridge

import java.io.File
import java.nio.file.Files
import org.junit.Assert.fail
import org.junit.rules.ExternalResource
import org.portlog.core.Agent
import org.portlog.core.Config
import org.portlog.core.Settings
import org.portlog.core.Told

/** Sessions on this machine's own sockets, each closed and its folder removed after the test. */
class Sessions : ExternalResource() {
    private val agents = ArrayList<Agent>()

    /** Where this test may leave files. */
    val folder: File = Files.createTempDirectory("portlog-bridge").toFile()

    /** What a session here is opened with; each [name] is a folder of its own. */
    fun config(name: String = "state", procRoot: String = "/proc"): Config = Config(
        stateFolder = File(folder, name).path,
        procRoot = procRoot,
        sdk = 0,
        settings = settings(),
    )

    /** The quickest looks that there are. */
    fun settings(): Settings = Settings(
        language = "en",
        utcOffsetSeconds = 0,
        scopeAll = false,
        intervalMillis = 250,
        idleIntervalMillis = 250,
    )

    fun open(config: Config = config()): Agent = Agent.open(config).also { agents.add(it) }

    /** Loads the library, for tests that call natives by themselves. */
    override fun before() {
        checkNotNull(Agent)
    }

    override fun after() {
        agents.forEach { it.close() }
        folder.deleteRecursively()
    }
}

/** Fetches until [wanted] is told, for as long as a slow machine may need. */
internal fun Agent.await(what: String, wanted: (Told) -> Boolean): Told {
    val seen = ArrayList<String>()
    val deadline = System.nanoTime() + 30_000_000_000
    while (System.nanoTime() < deadline) {
        val told = nextEvents(1_000) ?: throw AssertionError("closed while waiting for $what")
        told.firstOrNull(wanted)?.let { return it }
        told.mapTo(seen) { "${it.kind}: ${it.text}" }
    }
    throw AssertionError("no $what among:\n${seen.joinToString("\n")}")
}

/** Looks again and again until [holds], for as long as a slow machine may need. */
internal fun eventually(what: String, holds: () -> Boolean) {
    val deadline = System.nanoTime() + 30_000_000_000
    while (!holds()) {
        if (System.nanoTime() > deadline) fail("never: $what")
        Thread.sleep(20)
    }
}
