package org.portlog.feeds

import android.annotation.TargetApi
import android.content.Context
import android.content.Intent
import android.content.pm.ApplicationInfo
import android.content.pm.LauncherApps
import android.content.pm.PackageInfo
import android.content.pm.PackageManager
import android.content.pm.Signature
import android.os.Build
import android.os.Process
import android.os.UserManager
import java.security.MessageDigest
import org.portlog.core.PackageFacts
import org.portlog.core.PackageFeed

/**
 * The packages of this Android user, as far as the phone lets the app see them, and of the user's other
 * profiles (a work profile, some makers' dual apps) those that only a profile has.
 *
 * Of a profile Android tells what has an entry in the launcher, from Android 5 on. What else is in it,
 * and the packages of other users (a second space), cannot be asked for by an app; their UIDs
 * stay without packages, unless this user has them too: a package's app id is the same for every
 * user. Where the copy lies that came with the phone is not told of an updated
 * package, only that it is one. Answers of the system are limited to a megabyte, so that the list
 * is asked for without details and these for each package; they are kept until it is updated.
 */
class Packages(private val context: Context) {
    private val manager = context.packageManager
    private var known: Map<String, Known> = emptyMap()

    private class Known(val updated: Long, val language: String, val facts: PackageFacts)

    /** Reads the list; `null` where the system could not answer. */
    fun read(): PackageFeed? {
        val installed = try {
            manager.getInstalledPackages(0)
        } catch (_: RuntimeException) {
            // The system's package service is overloaded or was just started anew.
            return null
        }
        val launched = launched()
        val language = context.resources.configuration.toString()
        val before = known
        val now = LinkedHashMap<String, Known>(installed.size * 2)
        for (info in installed) {
            val application = info.applicationInfo ?: continue
            val kept = before[info.packageName]
                ?.takeIf { it.updated == info.lastUpdateTime && it.language == language }
            val facts = kept?.facts ?: facts(info, application)
            now[info.packageName] = Known(
                info.lastUpdateTime,
                language,
                facts.copy(uid = application.uid, launcherEntry = launched?.contains(facts.name)),
            )
        }
        known = now
        val own = now.values.map { it.facts }
        return PackageFeed(ListAccess.of(context), own + ofProfiles(now.keys))
    }

    private fun ofProfiles(own: Set<String>): List<PackageFacts> =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP) {
            launchedInProfiles(own)
        } else {
            emptyList()
        }

    /** What this user's other profiles have in the launcher, without the packages of this one's [own]. */
    @TargetApi(Build.VERSION_CODES.LOLLIPOP)
    private fun launchedInProfiles(own: Set<String>): List<PackageFacts> = try {
        val users = context.getSystemService(Context.USER_SERVICE) as UserManager
        val launcher = context.getSystemService(Context.LAUNCHER_APPS_SERVICE) as LauncherApps
        val self = Process.myUserHandle()
        users.userProfiles.filter { it != self }
            .flatMap { launcher.getActivityList(null, it) }
            .map { it.applicationInfo }
            .filter { it.packageName !in own }
            .distinctBy { it.uid to it.packageName }
            .map { ofProfile(it) }
    } catch (_: RuntimeException) {
        // A profile that is locked or switched off, or a maker's own kind of one.
        emptyList()
    }

    private fun ofProfile(application: ApplicationInfo) = PackageFacts(
        name = application.packageName,
        uid = application.uid,
        system = application.flags and ApplicationInfo.FLAG_SYSTEM != 0,
        updatedSystem = application.flags and ApplicationInfo.FLAG_UPDATED_SYSTEM_APP != 0,
        sourcePath = application.sourceDir,
        factoryPath = null,
        version = null,
        label = label(application),
        signers = emptyList(),
        installerKnown = false,
        installer = null,
        launcherEntry = true,
        firstInstall = null,
    )

    private fun facts(info: PackageInfo, application: ApplicationInfo): PackageFacts {
        val installer = installer(info.packageName)
        return PackageFacts(
            name = info.packageName,
            uid = application.uid,
            system = application.flags and ApplicationInfo.FLAG_SYSTEM != 0,
            updatedSystem = application.flags and ApplicationInfo.FLAG_UPDATED_SYSTEM_APP != 0,
            sourcePath = application.sourceDir,
            factoryPath = null,
            version = info.versionName,
            label = label(application),
            signers = signers(info.packageName),
            installerKnown = installer != null,
            installer = installer?.name,
            launcherEntry = null,
            firstInstall = info.firstInstallTime.takeIf { it > 0 },
        )
    }

    private fun label(application: ApplicationInfo): String? = try {
        manager.getApplicationLabel(application).toString().take(LABEL_CHARS)
    } catch (_: RuntimeException) {
        // The package's own resources are read for this; broken ones shall cost only the label.
        null
    }

    /** Packages with an entry in the launcher; `null` where the system could not answer. */
    private fun launched(): Set<String>? = try {
        val entry = Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_LAUNCHER)
        manager.queryIntentActivities(entry, BEFORE_UNLOCK)
            .mapNotNullTo(HashSet()) { it.activityInfo?.packageName }
    } catch (_: RuntimeException) {
        null
    }

    private fun signers(name: String): List<String> = try {
        val certificates = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            signingInfo(name)
        } else {
            @Suppress("DEPRECATION")
            manager.getPackageInfo(name, PackageManager.GET_SIGNATURES).signatures
        }
        certificates.orEmpty().map { sha256(it.toByteArray()) }
    } catch (_: PackageManager.NameNotFoundException) {
        emptyList()
    } catch (_: RuntimeException) {
        emptyList()
    }

    @TargetApi(Build.VERSION_CODES.P)
    private fun signingInfo(name: String): Array<Signature>? =
        manager.getPackageInfo(name, PackageManager.GET_SIGNING_CERTIFICATES)
            .signingInfo?.apkContentsSigners

    /** What installed a package, which may be nobody; `null` where the system does not tell. */
    private fun installer(name: String): Installer? = try {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            installSource(name)
        } else {
            @Suppress("DEPRECATION")
            Installer(manager.getInstallerPackageName(name))
        }
    } catch (_: PackageManager.NameNotFoundException) {
        null
    } catch (_: RuntimeException) {
        null
    }

    @TargetApi(Build.VERSION_CODES.R)
    private fun installSource(name: String): Installer =
        Installer(manager.getInstallSourceInfo(name).installingPackageName)

    private class Installer(val name: String?)

    private companion object {
        const val LABEL_CHARS = 200

        /** Before the first unlock the system would leave out most launcher entries. */
        val BEFORE_UNLOCK: Int = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) {
            PackageManager.MATCH_DIRECT_BOOT_AWARE or PackageManager.MATCH_DIRECT_BOOT_UNAWARE
        } else {
            0
        }

        fun sha256(bytes: ByteArray): String = MessageDigest.getInstance("SHA-256").digest(bytes)
            .joinToString("") { "%02x".format(it) }
    }
}
