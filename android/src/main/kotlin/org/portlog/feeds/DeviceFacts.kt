package org.portlog.feeds

import android.annotation.TargetApi
import android.content.Context
import android.os.Build
import android.provider.Settings
import java.io.File
import java.io.IOException
import org.portlog.core.DeviceFeed

/** What the phone says of itself, for the log: none of it is checked, and `null` is "not told". */
internal object DeviceFacts {
    private const val MOST_CHARS = 256

    fun of(context: Context): DeviceFeed = DeviceFeed(
        model = told("${Build.MANUFACTURER} ${Build.MODEL}"),
        fingerprint = told(Build.FINGERPRINT),
        tags = told(Build.TAGS),
        securityPatch =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.M) securityPatch() else null,
        baseband = told(Build.getRadioVersion()),
        verifiedBoot = property("ro.boot.verifiedbootstate"),
        bootloader = property("ro.boot.flash.locked"),
        selinux = selinux(),
        adb = Settings.Global.getInt(context.contentResolver, Settings.Global.ADB_ENABLED, 0) != 0,
        apkSigner = Signer.sha256(context),
    )

    @TargetApi(Build.VERSION_CODES.M)
    private fun securityPatch(): String? = told(Build.VERSION.SECURITY_PATCH)

    private fun selinux(): String? = when (firstLine(File("/sys/fs/selinux/enforce"))) {
        "1" -> "enforcing"
        "0" -> "permissive"
        else -> null
    }

    /** A property of the system, by the phone's own tool for it: no app's API has these. */
    private fun property(name: String): String? = try {
        val tool = ProcessBuilder("getprop", name).redirectErrorStream(true).start()
        tool.outputStream.close()
        val line = tool.inputStream.bufferedReader().use { it.readLine() }
        if (tool.waitFor() == 0) told(line) else null
    } catch (_: IOException) {
        null
    } catch (_: InterruptedException) {
        Thread.currentThread().interrupt()
        null
    }

    private fun firstLine(file: File): String? = try {
        file.bufferedReader().use { it.readLine() }
    } catch (_: IOException) {
        null
    }

    private fun told(text: String?): String? =
        text?.trim()?.take(MOST_CHARS)?.takeIf { it.isNotEmpty() && it != Build.UNKNOWN }
}
