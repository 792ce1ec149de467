package org.portlog.service

import android.annotation.TargetApi
import android.content.Context
import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import java.io.File
import java.io.IOException
import java.security.Key
import java.security.KeyStore
import java.security.SecureRandom
import java.security.UnrecoverableKeyException
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.spec.GCMParameterSpec
import org.portlog.core.DataKey

/** Where the log's secrets rest on this phone. */
internal sealed class LogKey {
    /** Sealed by [key]. */
    class Sealing(val key: DataKey) : LogKey()

    /** In this app's own files: the phone has no key store for it, or none that works. */
    object OwnFiles : LogKey()

    /** The key store does not answer now; whatever it holds must not be replaced. */
    object NotNow : LogKey()

    companion object {
        /** As this phone keeps them. */
        fun of(context: Context): LogKey = where(context) { get() }

        /** Destroys the key that there is, with whatever it seals, and begins anew. */
        fun renewed(context: Context): LogKey = where(context) {
            erase()
            get()
        }

        private fun where(context: Context, wrapped: WrappedKey.() -> LogKey): LogKey =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.M) {
                WrappedKey(Protected.of(context).filesDir).wrapped()
            } else {
                OwnFiles
            }
    }
}

/**
 * Random bytes, kept in [folder] as the phone's key store wrapped them (AES-GCM).
 *
 * What was decided once is kept to: with another key the log's secrets could not be opened, and the
 * log would end. A wrapped key that the store says to have lost is lost for good; then another one is
 * made, and the core begins a new log that names the one before.
 */
@TargetApi(Build.VERSION_CODES.M)
private class WrappedKey(folder: File) {
    private val wrapped = File(folder, "log-key")
    private val written = File(folder, "log-key.new")
    private val without = File(folder, "log-key-without-store")

    fun get(): LogKey = try {
        when {
            without.exists() -> LogKey.OwnFiles
            wrapped.isFile -> LogKey.Sealing(opened() ?: made())
            else -> first()
        }
    } catch (_: Exception) {
        // Key stores of phones answer with whatever goes wrong in them.
        LogKey.NotNow
    }

    fun erase() {
        wrapped.delete()
        written.delete()
        without.delete()
        try {
            KeyStore.getInstance(STORE).apply { load(null) }.deleteEntry(ALIAS)
        } catch (_: Exception) {
            // Where the store works again, the next key takes this one's place; what it opens is gone.
        }
    }

    private fun first(): LogKey = try {
        LogKey.Sealing(made())
    } catch (_: Exception) {
        without.writeText("")
        LogKey.OwnFiles
    }

    /** The key; `null` where the store has lost what opens it. */
    private fun opened(): DataKey? = try {
        val bytes = wrapped.readBytes()
        val key = KeyStore.getInstance(STORE).apply { load(null) }.getKey(ALIAS, null)
        if (key == null || bytes.size <= NONCE_BYTES) {
            null
        } else {
            val cipher = Cipher.getInstance(CIPHER)
            cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, bytes, 0, NONCE_BYTES))
            DataKey(cipher.doFinal(bytes, NONCE_BYTES, bytes.size - NONCE_BYTES))
        }
    } catch (_: AEADBadTagException) {
        null
    } catch (_: UnrecoverableKeyException) {
        null
    } catch (_: KeyPermanentlyInvalidatedException) {
        null
    }

    private fun made(): DataKey {
        val bytes = ByteArray(DataKey.SIZE).also { SecureRandom().nextBytes(it) }
        val cipher = Cipher.getInstance(CIPHER)
        cipher.init(Cipher.ENCRYPT_MODE, freshKey())
        written.writeBytes(cipher.iv + cipher.doFinal(bytes))
        if (!written.renameTo(wrapped)) throw IOException(wrapped.path)
        return DataKey(bytes)
    }

    private fun freshKey(): Key {
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec = KeyGenParameterSpec.Builder(ALIAS, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            // No unlocking: the watch starts before the phone is first unlocked.
            .setUserAuthenticationRequired(false)
            .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE)
            .apply { init(spec) }
            .generateKey()
    }

    private companion object {
        const val STORE = "AndroidKeyStore"
        const val ALIAS = "portlog-log"
        const val CIPHER = "AES/GCM/NoPadding"
        const val TAG_BITS = 128
        const val NONCE_BYTES = 12
    }
}
