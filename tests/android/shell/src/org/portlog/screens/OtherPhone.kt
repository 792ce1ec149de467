package org.portlog.screens

import java.io.Closeable
import java.io.File
import java.nio.file.Files
import org.portlog.core.Agent
import org.portlog.core.Config
import org.portlog.core.DeviceFeed
import org.portlog.core.LogConfig
import org.portlog.core.LogRequest
import org.portlog.core.SessionState
import org.portlog.core.Settings
import org.portlog.core.ShareChoice
import org.portlog.core.SharePreset

/** Somebody else's phone: a core of its own, with a log and a witness's key of its own. */
class OtherPhone : Closeable {
    private val folder = Files.createTempDirectory("portlog-other").toFile()
    private val tree = Tree(Files.createTempDirectory("portlog-other-tree").toFile())

    val agent: Agent = Agent.open(
        Config(
            File(folder, "state").path,
            tree.folder.path,
            28,
            Settings("en", 0, false, 100, 100),
            LogConfig(
                null,
                DeviceFeed(null, null, null, null, null, null, null, null, null, null),
            ),
        ),
    )

    /** Lets it look once, so that it has a log. */
    fun watch() {
        agent.start()
        until("the other phone has looked") { agent.stats().state == SessionState.WATCHING }
        until("the other phone has a log") { agent.log(LogRequest.Status).size > 2 }
    }

    /** Its log as a file that it shares. */
    fun export(preset: SharePreset): File {
        val file = File(folder, "theirs.portlog.txt")
        val choice = ShareChoice(preset, null, null, emptyList(), false)
        val exported = agent.log(LogRequest.Export(choice, file.path))
        check(exported.done) { exported.text }
        return file
    }

    /** Its answer to the shared log in [file], as the witness [name]. */
    fun answer(file: File, name: String): String {
        val witnessing = agent.log(LogRequest.Witness(file.path, name))
        check(witnessing.signed) { witnessing.lines.joinToString() }
        return witnessing.answer
    }

    override fun close() {
        agent.close()
        folder.deleteRecursively()
        tree.folder.deleteRecursively()
    }
}
