package org.portlog.feeds

import android.annotation.TargetApi
import android.content.Context
import android.content.pm.PackageInfo
import android.content.pm.PackageManager
import android.content.pm.Signature
import android.os.Build
import java.security.MessageDigest

/** Who signed this app, so that the user can compare it with what was published. */
internal object Signer {
    /** The app's version. */
    fun version(context: Context): String = info(context, 0)?.versionName.orEmpty()

    /**
     * The SHA-256 of the signer's certificate, written as `apksigner` writes it; `null` where the
     * phone does not tell.
     */
    fun sha256(context: Context): String? = signature(context)?.let { signature ->
        MessageDigest.getInstance("SHA-256").digest(signature.toByteArray())
            .joinToString("") { "%02x".format(it) }
    }

    private fun signature(context: Context): Signature? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            newer(context)
        } else {
            older(context)
        }

    @TargetApi(Build.VERSION_CODES.P)
    private fun newer(context: Context): Signature? =
        info(context, PackageManager.GET_SIGNING_CERTIFICATES)?.signingInfo
            ?.apkContentsSigners?.firstOrNull()

    // What other installed apps claim does not matter here: only this app's own entry is read.
    @Suppress("DEPRECATION")
    private fun older(context: Context): Signature? =
        info(context, PackageManager.GET_SIGNATURES)?.signatures?.firstOrNull()

    @Suppress("DEPRECATION")
    private fun info(context: Context, flags: Int): PackageInfo? = try {
        context.packageManager.getPackageInfo(context.packageName, flags)
    } catch (_: PackageManager.NameNotFoundException) {
        null
    }
}
