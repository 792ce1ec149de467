package org.portlog.reach

/** What a command line is typed into on a computer. */
enum class ComputerShell {
    /** The shells of Linux and macOS. */
    SH,

    /** Windows PowerShell, and PowerShell elsewhere. */
    POWERSHELL,

    /** The command prompt of Windows. */
    CMD,
}

/**
 * The one command that starts the helper, as each shell has to be given it.
 *
 * What runs on the phone has no quotation mark, backslash, percent sign, caret or exclamation mark
 * in it: so one pair of quotes around the whole is all that any of the three needs.
 */
object AdbCommand {
    /**
     * For the phone's `sh`: asks where the APK of [app] is for the phone's [user], takes `package:`
     * off, and starts.
     */
    fun onPhone(app: String, user: Int): String =
        "p=\$(pm path --user $user $app) && " +
            "CLASSPATH=\${p#package:} app_process / org.portlog.helper.HelperMain start $app $user"

    /** [onPhone], to be typed into [shell]. */
    fun onComputer(shell: ComputerShell, app: String, user: Int): String =
        "adb shell ${quoted(shell, onPhone(app, user))}"

    /** [text] as one word that the shell hands on as it is. */
    fun quoted(shell: ComputerShell, text: String): String {
        require(text.none { it in NEVER }) { "this cannot be quoted alike everywhere" }
        return when (shell) {
            // Between single quotes neither of them looks at anything.
            ComputerShell.SH, ComputerShell.POWERSHELL -> "'$text'"
            // It leaves what is between double quotes alone, but for percent signs.
            ComputerShell.CMD -> "\"$text\""
        }
    }

    private const val NEVER = "'\"\\%^!\r\n"
}
