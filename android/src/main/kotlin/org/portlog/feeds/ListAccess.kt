package org.portlog.feeds

import android.Manifest
import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.os.Process
import org.portlog.core.ListPermission

/** Whether this phone lets the app see which packages there are. */
object ListAccess {
    /** The permission that MIUI and HyperOS ask the user for, beside Android's own. */
    const val PERMISSION: String = "com.android.permission.GET_INSTALLED_APPS"

    fun of(context: Context): ListPermission = when {
        asksUser(context) ->
            if (granted(context, PERMISSION)) ListPermission.GRANTED else ListPermission.DENIED
        Build.VERSION.SDK_INT < Build.VERSION_CODES.R -> ListPermission.NOT_NEEDED
        granted(context, Manifest.permission.QUERY_ALL_PACKAGES) -> ListPermission.GRANTED
        else -> ListPermission.DENIED
    }

    /** Whether the phone has a permission of its own for that. */
    fun asksUser(context: Context): Boolean = try {
        context.packageManager.getPermissionInfo(PERMISSION, 0)
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.M
    } catch (_: PackageManager.NameNotFoundException) {
        false
    }

    private fun granted(context: Context, permission: String): Boolean =
        context.checkPermission(permission, Process.myPid(), Process.myUid()) ==
            PackageManager.PERMISSION_GRANTED
}
