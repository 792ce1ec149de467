package org.portlog.reach

import java.io.File
import java.nio.file.Files
import java.util.concurrent.TimeUnit
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

/**
 * The command as text, as each shell of a computer takes it apart and as the phone's shell does
 * then: `sh` really does, the others by a model of their rules.
 */
class AdbCommandTest {
    private val folder = Files.createTempDirectory("portlog-adb").toFile()

    @After
    fun tidyUp() {
        folder.deleteRecursively()
    }

    private val expected = listOf("adb", "shell", AdbCommand.onPhone("org.portlog", 0))

    @Test
    fun `sh runs it, and the phone starts the class from the APK`() {
        // adb joins its words by spaces and gives them to the phone's shell, as here.
        script("adb", "[ \"\$1\" = shell ] || exit 9; shift; exec sh -c \"\$*\"")
        script("pm", "echo \"pm \$*\" >> $folder/asked; echo 'package:$APK'")
        script(
            "app_process",
            "echo \"\$CLASSPATH\" > $folder/path; echo \"\$#\" \"\$@\" > $folder/words; echo ok",
        )
        for (shell in listOf("sh", "bash", "dash").filter { isThere(it) }) {
            val command = AdbCommand.onComputer(ComputerShell.SH, "org.portlog", 10)
            assertEquals("ok\n", run(shell, command))
            assertEquals("$APK\n", read("path"))
            assertEquals(
                "5 / org.portlog.helper.HelperMain start org.portlog 10\n",
                read("words"),
            )
            assertTrue(read("asked").lines().first() == "pm path --user 10 org.portlog")
        }
    }

    @Test
    fun `where the app is not installed nothing is started`() {
        script("adb", "[ \"\$1\" = shell ] || exit 9; shift; exec sh -c \"\$*\"")
        script("pm", "exit 1")
        script("app_process", "echo started")
        assertEquals("", run("sh", AdbCommand.onComputer(ComputerShell.SH, "org.portlog", 0)))
    }

    @Test
    fun `every shell makes the same three words of it`() {
        for (shell in ComputerShell.entries) {
            val line = AdbCommand.onComputer(shell, "org.portlog", 0)
            val words = when (shell) {
                ComputerShell.SH -> likeSh(line)
                ComputerShell.POWERSHELL -> likePowerShell(line)
                ComputerShell.CMD -> likeCmd(line)
            }
            assertEquals("$shell", expected, words)
        }
    }

    @Test
    fun `the models tell a quoting that is wrong`() {
        val script = AdbCommand.onPhone("org.portlog", 0)
        assertTrue(likeCmd("adb shell '$script'") != expected)
        assertTrue(likePowerShell("adb shell \"$script\"") != expected)
        assertTrue(likeSh("adb shell \"$script\"") != expected)
    }

    @Test
    fun `what not all of them leave alone is never in it`() {
        for (user in listOf(0, 10, 21_473)) {
            val script = AdbCommand.onPhone("org.portlog.debug", user)
            assertTrue(script, script.none { it in "'\"\\%^!\n" })
        }
        for (bad in listOf("it's", "a\"b", "50%", "a\\b", "a^b", "a!b", "a\nb")) {
            for (shell in ComputerShell.entries) {
                assertThrows(IllegalArgumentException::class.java) {
                    AdbCommand.quoted(shell, bad)
                }
            }
        }
    }

    @Test
    fun `su is found on the path, and started with one word`() {
        assertEquals(false, Superuser.isThere("$folder:/nonexistent"))
        val su = script("su", "[ \"\$1\" = -c ] && [ \$# = 2 ] && echo \"\$2\"")
        assertEquals(true, Superuser.isThere("/nonexistent:$folder"))
        val result = Superuser.start("org.portlog", 0, su.path)
        assertEquals(Superuser.Result(true, AdbCommand.onPhone("org.portlog", 0)), result)
        script("su", "echo 'denied by the user'; exit 13")
        assertEquals(
            Superuser.Result(false, "denied by the user"),
            Superuser.start("org.portlog", 0, su.path),
        )
        assertEquals(false, Superuser.start("org.portlog", 0, "$folder/none").done)
    }

    /** Between single quotes nothing is anything; between double ones `$` is. */
    private fun likeSh(line: String): List<String> {
        val words = ArrayList<StringBuilder>()
        var quote: Char? = null
        var inWord = false
        for (c in line) {
            when {
                quote == null && c == ' ' -> inWord = false
                quote == null && c in "'\"" -> {
                    quote = c
                    if (!inWord) words += StringBuilder()
                    inWord = true
                }
                c == quote -> quote = null
                c == '$' && quote != '\'' -> return listOf("it is expanded")
                else -> {
                    if (!inWord) words += StringBuilder()
                    inWord = true
                    words.last().append(c)
                }
            }
        }
        return words.map { it.toString() }
    }

    /**
     * about_Quoting_Rules: as `sh` for single quotes. To a program, Windows PowerShell 5.1 puts a
     * word with spaces between double quotes, as it is; the program then takes it apart as below.
     */
    private fun likePowerShell(line: String): List<String> {
        val words = likeSh(line)
        val raw = words.joinToString(" ") { if (' ' in it) "\"$it\"" else it }
        return likeProgram(raw)
    }

    /** `cmd` itself: percent signs, and outside of double quotes carets and what joins commands. */
    private fun likeCmd(line: String): List<String> {
        var quoted = false
        for (c in line) {
            if (c == '"') quoted = !quoted
            if (c == '%' || (!quoted && c in "&|<>^()")) return listOf("cmd takes $c for itself")
        }
        return likeProgram(line)
    }

    /** How a C program of Windows gets its words: by spaces outside of double quotes. */
    private fun likeProgram(line: String): List<String> {
        check('\\' !in line) { "backslashes have rules of their own" }
        val words = ArrayList<StringBuilder>()
        var quoted = false
        var inWord = false
        for (c in line) {
            if (c == '"') {
                quoted = !quoted
                if (!inWord) words += StringBuilder()
                inWord = true
            } else if (c == ' ' && !quoted) {
                inWord = false
            } else {
                if (!inWord) words += StringBuilder()
                inWord = true
                words.last().append(c)
            }
        }
        return words.map { it.toString() }
    }

    private fun script(name: String, body: String): File = File(folder, name).also {
        it.writeText("#!/bin/sh\n$body\n")
        check(it.setExecutable(true))
    }

    private fun isThere(shell: String) = File("/bin", shell).exists()

    private fun read(name: String) = File(folder, name).readText()

    private fun run(shell: String, command: String): String {
        val builder = ProcessBuilder("/bin/$shell", "-c", command)
        builder.environment()["PATH"] = "$folder:${System.getenv("PATH")}"
        val process = builder.start()
        process.outputStream.close()
        val said = process.inputStream.bufferedReader().readText()
        check(process.waitFor(20, TimeUnit.SECONDS))
        return said
    }

    private companion object {
        const val APK = "/data/app/~~a_-==/org.portlog-b-Z==/base.apk"
    }
}
