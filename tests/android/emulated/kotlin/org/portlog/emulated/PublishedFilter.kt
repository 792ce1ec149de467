package org.portlog.emulated

import java.io.File

/**
 * What Android's filter for apps allows on one processor, by the three lists of which AOSP's
 * `genseccomp.py` makes it: the C library's own calls, those that are allowed besides, and those of
 * the C library that are not.
 *
 * A line of such a list is `TYPE FUNCTION[|ALIASES][:CALL[:NUMBER]](PARAMETERS) PROCESSORS`.
 */
internal class PublishedFilter(
    private val processor: String,
    ofTheLibrary: String,
    besides: String,
    notOfIt: String,
) {
    /** The names of the calls. */
    val allowed: Set<String> =
        ofThisProcessor(ofTheLibrary) - ofThisProcessor(notOfIt) + ofThisProcessor(besides)

    private fun ofThisProcessor(list: String): Set<String> = list.lineSequence()
        .map { it.substringBefore('#').trim() }
        .filter { it.isNotEmpty() }
        .filter { line ->
            val processors = line.substringAfterLast(')').split(',', ' ', '\t')
            "all" in processors || processor in processors
        }
        .mapTo(LinkedHashSet()) { call(it.substringBefore('(').trim()) }

    /** The call that a function makes, whose name it has where no other is said. */
    private fun call(function: String): String {
        val parts = function.split(':')
        val name = if (parts.size > 1) parts[1] else parts[0].substringBefore('|')
        return name.trim().split(' ', '\t').last().trimStart('*')
    }

    companion object {
        /** By the lists in [libc], the folder of that name in a checkout of AOSP's bionic. */
        fun of(processor: String, libc: File): PublishedFilter {
            val (all, besides, without) =
                listOf("SYSCALLS.TXT", "SECCOMP_WHITELIST.TXT", "SECCOMP_BLACKLIST.TXT")
                    .map { File(libc, it).readText() }
            return PublishedFilter(processor, all, besides, without)
        }
    }
}
