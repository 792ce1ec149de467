package org.portlog.emulated

import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeNotNull
import org.junit.Test

/** Which system calls Android 8 allows an app. */
class AllowedCallsTest {
    @Test
    fun aListIsReadAsAndroidMakesItsFilterOfIt() {
        val library = """
            # A comment, then calls of the C library.
            int      _leave|leave_all:leave_group(int)  all
            ssize_t  look(int, void*, size_t)   arm64,x86_64
            int*     look_far:_llook(int, int (*fn)(void*), loff_t)   arm,x86
            int      grow(const char*)   all  # taken back below
        """.trimIndent()
        val besides = "int\trest:int rest()\tall\nint dup_of(int a, ... /* b */ )\tarm,x86,mips"
        val without = "\n\nint     grow(const char*) all\n"
        val allowed = { processor: String ->
            PublishedFilter(processor, library, besides, without).allowed
        }
        assertEquals(setOf("leave_group", "look", "rest"), allowed("arm64"))
        assertEquals(setOf("leave_group", "_llook", "rest", "dup_of"), allowed("arm"))
    }

    @Test
    fun whatAnOldCLibraryMakesIsTheOnlyThingThatIsLetThrough() {
        for (android in Android.entries) {
            assertEquals(emptySet<String>(), android.outgrown.keys.intersect(android.allowed))
            assertTrue("$android", android.allowed.containsAll(android.outgrown.values))
        }
    }

    /** With a checkout of bionic at hand (README.md): every name of ours is there, or is not, as we say. */
    @Test
    fun theTablesSayOfEveryCallWhatThePublishedListsSay() {
        val bionic = System.getProperty("portlog.bionic")
        assumeNotNull(bionic)
        val libc = File(bionic, "libc")
        val tables = listOf(
            Triple("arm64", NUMBERS_64, NOT_ALLOWED_64),
            Triple("arm", NUMBERS_32, NOT_ALLOWED_32),
        )
        for ((processor, numbers, notAllowed) in tables) {
            val published = PublishedFilter.of(processor, libc).allowed
            assertTrue("$processor: ${published.size} calls", published.size > 200)
            assertEquals(processor, notAllowed, numbers.values.toSet() - published)
        }
        println("the published lists of $libc agree with the tables")
    }
}
