package org.portlog.service

import android.content.Context
import java.io.File
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.LogRequest
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/**
 * The key that seals the log's secrets. No phone's key store runs here: a provider of the same name,
 * which keeps its keys in memory, stands for it, and for how one can fail.
 */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 34])
class LogKeyTest {
    @get:Rule
    val watch = Watching()

    private val context: Context = RuntimeEnvironment.getApplication()

    @After
    fun without() {
        Security.removeProvider(STORE)
        kept.clear()
        broken = false
    }

    private fun withStore() {
        Security.addProvider(MemoryStore())
    }

    private fun key(): ByteArray = (LogKey.of(context) as LogKey.Sealing).key.bytes

    @Test
    fun `it is the same one each time, and lies wrapped on the phone`() {
        withStore()
        val key = key()
        assertTrue(key.any { it != 0.toByte() })
        assertArrayEquals(key, key())
        val file = File(Protected.of(context).filesDir, "log-key")
        assertFalse(String(key, Charsets.ISO_8859_1) in file.readText(Charsets.ISO_8859_1))
    }

    @Test
    fun `without a key store the secrets lie in files, and stay there`() {
        assertTrue(LogKey.of(context) is LogKey.OwnFiles)
        withStore()
        assertTrue("once decided, kept to", LogKey.of(context) is LogKey.OwnFiles)
    }

    @Test
    fun `a store that has lost its key makes a new one necessary`() {
        withStore()
        val lost = key()
        kept.clear()
        val next = key()
        assertFalse(lost.contentEquals(next))
        assertArrayEquals(next, key())
    }

    @Test
    fun `a wrapped key that was damaged is lost`() {
        withStore()
        val lost = key()
        val file = File(Protected.of(context).filesDir, "log-key")
        file.writeBytes(file.readBytes().also { it[20] = (it[20] + 1).toByte() })
        assertFalse(lost.contentEquals(key()))
    }

    @Test
    fun `a store that does not answer now changes nothing`() {
        withStore()
        val key = key()
        broken = true
        assertTrue(LogKey.of(context) is LogKey.NotNow)
        broken = false
        assertArrayEquals(key, key())
    }

    @Test
    fun `erasing destroys the key, and what it wrapped is of no use any more`() {
        withStore()
        val before = key()
        val file = File(Protected.of(context).filesDir, "log-key")
        val wrapped = file.readBytes()
        val next = (LogKey.renewed(context) as LogKey.Sealing).key.bytes
        assertFalse(before.contentEquals(next))
        assertArrayEquals(next, key())
        assertFalse(wrapped.contentEquals(file.readBytes()))
        file.writeBytes(wrapped)
        assertFalse("recovered from flash", before.contentEquals(key()))
    }

    @Test
    fun `erasing where the store does not answer leaves no key behind`() {
        withStore()
        key()
        broken = true
        assertTrue(LogKey.renewed(context) is LogKey.OwnFiles)
        assertFalse(File(Protected.of(context).filesDir, "log-key").exists())
        broken = false
        assertTrue("once decided, kept to", LogKey.of(context) is LogKey.OwnFiles)
        assertTrue("until all is erased again", LogKey.renewed(context) is LogKey.Sealing)
    }

    @Test
    fun `erasing everything begins a log under another key, which goes on after a restart`() {
        withStore()
        watch.start()
        watch.eventually("there is a log") { watch.ask { it.log(LogRequest.Status) }.size > 2 }
        val (key, log) = key() to watch.ask { it.log(LogRequest.Status) }.origin
        val erased = watch.ask { Erasing.everything(context, it) }
        assertNotEquals(log, erased.origin)
        assertEquals("", erased.predecessorText)
        assertFalse(key.contentEquals(key()))
        watch.eventually("the watch goes on into the new one") {
            watch.ask { it.log(LogRequest.Status) }.size > 2
        }
        watch.end()
        watch.eventually("the watch has ended") { watch.core.pumping.tryLock() }
        watch.core.pumping.unlock()
        watch.core.close()
        val restarted = Core(context, "/proc")
        assertEquals(erased.origin, restarted.agent().log(LogRequest.Status).origin)
        restarted.close()
    }

    /** As the phone's, by name; it takes what the phone's takes, and keeps keys in memory. */
    private class MemoryStore : Provider(STORE, 1.0, "keys in memory") {
        init {
            put("KeyStore.$STORE", Store::class.java.name)
            put("KeyGenerator.AES", Generator::class.java.name)
        }
    }

    class Generator : KeyGeneratorSpi() {
        private var alias = ""

        override fun engineInit(random: SecureRandom?) = throw UnsupportedOperationException()

        override fun engineInit(size: Int, random: SecureRandom?) =
            throw UnsupportedOperationException()

        override fun engineInit(spec: AlgorithmParameterSpec, random: SecureRandom?) {
            alias = (spec as android.security.keystore.KeyGenParameterSpec).keystoreAlias
        }

        override fun engineGenerateKey(): SecretKey {
            if (broken) throw java.security.ProviderException("busy")
            val bytes = ByteArray(32).also { SecureRandom().nextBytes(it) }
            return SecretKeySpec(bytes, "AES").also { kept[alias] = it }
        }
    }

    class Store : KeyStoreSpi() {
        override fun engineGetKey(alias: String, password: CharArray?): Key? =
            if (broken) throw java.security.ProviderException("busy") else kept[alias]

        override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit

        override fun engineContainsAlias(alias: String) = alias in kept

        override fun engineSize() = kept.size

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(kept.keys)

        override fun engineIsKeyEntry(alias: String) = alias in kept

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineDeleteEntry(alias: String) {
            if (broken) throw java.security.ProviderException("busy")
            kept.remove(alias)
        }

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificateAlias(cert: Certificate): String? = null

        override fun engineGetCreationDate(alias: String): Date? = null

        override fun engineSetKeyEntry(
            alias: String,
            key: Key,
            password: CharArray?,
            chain: Array<out Certificate>?,
        ) = throw UnsupportedOperationException()

        override fun engineSetKeyEntry(
            alias: String,
            key: ByteArray,
            chain: Array<out Certificate>?,
        ) = throw UnsupportedOperationException()

        override fun engineSetCertificateEntry(alias: String, cert: Certificate) =
            throw UnsupportedOperationException()

        override fun engineStore(stream: OutputStream?, password: CharArray?) =
            throw UnsupportedOperationException()
    }

    private companion object {
        const val STORE = "AndroidKeyStore"
        val kept = HashMap<String, Key>()
        var broken = false
    }
}
